"""Counts hits for the partial tables that need no visits, and counts the lines of an input.

A `HitCounter` counts the hits that are parsed together, for the tables that are declared. `LineCounts` count the lines
of one piece of an input, and how many of them are hits, rejects and so on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Columns, Flags, Ints, Words
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.kernels.group_sums import GroupMinMax, GroupSums
from footfall.transforms.tables.declaring import HitCounts, HitKey, HitNames, PartialTable
from footfall.transforms.tables.partial_tables import Part, part_of, parts_by_day
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.vocabulary import CLOCK_SKEW_MS, DUPLICATE, HUMAN, REJECT_REASONS

NEVER_MS: Final = 2**62
"""The earliest time of a piece without hits."""

_SPREAD_BUCKETS: Final = 256
_HIT_COUNTS: Final = [(partial, partial.hits) for partial in PARTIAL_TABLES.values() if partial.hits is not None]


class LineCounts:
    """Counts the lines and hits of one piece of input number `input_index`; the piece begins at byte `begin`.

    `started_ms` is when the run began.
    """

    def __init__(self, input_index: int, begin: int, started_ms: int = NEVER_MS) -> None:
        self.input = input_index
        self.begin = begin
        self._address_hits = np.zeros(_SPREAD_BUCKETS, dtype=np.int64)
        self._client_hits = np.zeros(_SPREAD_BUCKETS, dtype=np.int64)
        self.first_ms = NEVER_MS
        self.last_ms = -1
        self.later = 0
        self._started_ms = started_ms
        self.lines = 0
        self.hits = 0
        self.outside = 0
        self.duplicates = 0
        self._reject_lines = np.zeros(len(REJECT_REASONS), dtype=np.int64)
        self._reject_first = np.zeros(len(REJECT_REASONS), dtype=np.int64)

    def count_lines(self, rejects: Bytes) -> None:
        """Count the lines of a block by their codes: 0 for a hit, an index of REJECT_REASONS, or DUPLICATE."""
        counts = np.bincount(rejects, minlength=DUPLICATE + 1)
        for reason in np.flatnonzero(counts[1 : len(REJECT_REASONS)]) + 1:
            if self._reject_lines[reason] == 0:
                self._reject_first[reason] = self.lines + int(np.argmax(rejects == reason)) + 1
            self._reject_lines[reason] += counts[reason]
        self.lines += len(rejects)
        self.duplicates += int(counts[DUPLICATE])

    def note_times(self, times_ms: Ints) -> None:
        """Update the times of the earliest and the latest hit, inside the window or not.

        Hits dated after the run began are ignored for the latest time: a clock was wrong, and the logs end earlier.
        """
        if len(times_ms):
            self.first_ms = min(self.first_ms, int(times_ms.min()))
            last_ms = int(times_ms.max())
            if last_ms > self._started_ms:
                last_ms = int(times_ms[times_ms <= self._started_ms].max(initial=-1))
                self.later += int((times_ms > self._started_ms + CLOCK_SKEW_MS).sum())
            self.last_ms = max(self.last_ms, last_ms)

    def count_hits(self, hits: Hits, in_window: Flags, rows: slice) -> None:
        """Count the hits of the piece, which are `rows` of `hits`; `in_window` marks the hits of published days."""
        self.note_times(hits.time_ms[rows])
        published = in_window[rows]
        count = int(published.sum())
        self.hits += count
        self.outside += len(published) - count
        human = published & (hits.traffic_class[rows] == HUMAN)
        for counts, digests in ((self._address_hits, hits.address[rows]), (self._client_hits, hits.client[rows])):
            counts += np.bincount(digests[human].astype(np.uint8), minlength=_SPREAD_BUCKETS)

    def line_counts(self) -> dict[str, int]:
        """Return the row of the table `line_counts`."""
        return {
            "input": self.input,
            "begin": self.begin,
            "lines": self.lines,
            "hits": self.hits,
            "outside_window": self.outside,
            "rejected": int(self._reject_lines.sum()),
            "duplicates": self.duplicates,
            "later": self.later,
            "first_ms": self.first_ms,
            "last_ms": self.last_ms,
        }

    def rejects(self) -> Columns:
        """Return the rows of the table `rejects`."""
        reasons = np.flatnonzero(self._reject_lines)
        return {
            "input": np.full(len(reasons), self.input),
            "begin": np.full(len(reasons), self.begin),
            "reason": reasons,
            "lines": self._reject_lines[reasons],
            "first_line": self._reject_first[reasons],
        }

    def spread(self) -> Columns:
        """Return the rows of the table `address_spread`, without empty buckets."""
        buckets = np.flatnonzero(self._address_hits + self._client_hits)
        return {
            "input": np.full(len(buckets), self.input),
            "bucket": buckets,
            "address_hits": self._address_hits[buckets],
            "client_hits": self._client_hits[buckets],
        }


class HitCounter:
    """Counts the hits of pieces that are parsed together.

    `day_shares` is the number of shares that the days are divided into.
    """

    def __init__(self, day_shares: int = 1) -> None:
        self._tables = HitTables(day_shares)
        self._has_site = np.zeros(0, dtype=np.bool_)

    def count_hits(self, hits: Hits) -> None:
        """Count hits of the published days."""
        self._tables.count(hits, around=False)
        self._note_sites(hits)

    def count_around(self, hits: Hits) -> None:
        """Count hits of the published days and of the times around them that the run reads."""
        self._tables.count(hits, around=True)
        self._note_sites(hits)

    def _note_sites(self, hits: Hits) -> None:
        present = np.bincount(hits.site, minlength=len(self._has_site)) > 0
        present[: len(self._has_site)] |= self._has_site
        self._has_site = present

    @property
    def site_codes(self) -> Ints:
        """The codes of the sites in the counts."""
        return np.flatnonzero(self._has_site)

    def tables(self, describe: Descriptions) -> Iterator[Part]:
        """Yield the counts as partial tables; `describe` maps the codes of hits to values."""
        yield from self._tables.parts(describe)


def tables_of_line_counts(pieces: Sequence[LineCounts]) -> Iterator[Part]:
    """Yield the counts of some pieces as partial tables."""
    counted = [one.line_counts() for one in pieces]
    yield part_of("line_counts", 0, **{name: np.array([one[name] for one in counted]) for name in counted[0]})
    for table, rows in (
        ("address_spread", [one.spread() for one in pieces]),
        ("rejects", [one.rejects() for one in pieces]),
    ):
        columns = {name: np.concatenate([one[name] for one in rows]) for name in rows[0]}
        if len(columns["input"]):
            yield part_of(table, 0, **columns)


class HitTables:
    """The declared tables of hits; `day_shares` is the number of shares that the days are divided into."""

    def __init__(self, day_shares: int) -> None:
        self._day_shares = day_shares
        self._counts = [_DeclaredCounts(partial, counts) for partial, counts in _HIT_COUNTS]

    def count(self, hits: Hits, *, around: bool) -> None:
        """Count hits in the tables of published days or, `around`, in those that also count hits around them."""
        codes: dict[int, Words] = {}
        for counts in self._counts:
            if counts.declared.around == around:
                counts.add(hits, codes)

    def parts(self, names: HitNames, sign: int = 1) -> Iterator[Part]:
        """Yield the counts as partial tables; with a `sign` of -1 they are subtracted when merged."""
        for counts in self._counts:
            yield from counts.parts(names, self._day_shares, sign)


class _DeclaredCounts:
    """The counts of one declared table; its keys are packed into 64 bits, the first one in the upper bits."""

    def __init__(self, partial: PartialTable, declared: HitCounts) -> None:
        self._partial = partial
        self.declared = declared
        self._summed = [name for name, one in declared.counted.items() if one.merge == "sum"]
        self._sums = GroupSums(len(self._summed))
        self._spans = {name: GroupMinMax() for name, one in declared.counted.items() if one.merge != "sum"}

    def add(self, hits: Hits, codes: dict[int, Words]) -> None:
        """Count hits; `codes` caches the codes of keys that several tables share."""
        rows = None if self.declared.where is None else np.flatnonzero(self.declared.where(hits))
        if rows is not None and len(rows) == 0:
            return
        packed = self._pack(hits, codes)
        groups = self._sums.add(
            packed if rows is None else packed[rows], *(self._values(name, hits, rows) for name in self._summed)
        )
        for name, spans in self._spans.items():
            values = self._values(name, hits, rows)
            assert values is not None, f"{self._partial.name}.{name}: the smallest or largest of nothing"
            spans.add(groups, values)

    def _values(self, name: str, hits: Hits, rows: Ints | None) -> Ints | None:
        values = self.declared.counted[name].values
        if values is None:
            return None
        return values(hits) if rows is None else values(hits)[rows]

    def _pack(self, hits: Hits, codes: dict[int, Words]) -> Words:
        packed: Words | None = None
        for key in self.declared.by:
            own = codes.get(id(key))
            if own is None:
                own = codes[id(key)] = np.asarray(key.codes(hits)).astype(np.uint64)
            if packed is None:
                packed = own
            else:
                packed = packed << np.uint64(key.bits)
                packed |= own
        assert packed is not None
        return packed

    def _unpack(self) -> Iterator[tuple[HitKey, Words]]:
        packed = self._sums.keys
        for key in reversed(self.declared.by):
            yield key, packed & np.uint64((1 << key.bits) - 1)
            packed = packed >> np.uint64(key.bits)

    def parts(self, names: HitNames, day_shares: int, sign: int) -> Iterator[Part]:
        columns: dict[str, Any] = {}
        for key, codes in self._unpack():
            columns.update(key.values(codes, names))
        columns.update({name: sign * self._sums.measure(row) for row, name in enumerate(self._summed)})
        for name, spans in self._spans.items():
            columns[name] = spans.minima if self.declared.counted[name].merge == "min" else spans.maxima
        yield from parts_by_day(self._partial.name, day_shares, _days(columns, len(self._sums.keys)), **columns)


def _days(columns: dict[str, Any], rows: int) -> NDArray[Any]:
    """Return the day of each row, 0 for rows without one."""
    if "local_hour" in columns:
        return np.asarray(columns["local_hour"]) // np.uint64(24)
    if "day" in columns:
        return np.asarray(columns["day"])
    return np.zeros(rows, dtype=np.uint64)
