"""Counts that need no visits: traffic, latency, machines, errors, minutes, the ledger (step 5).

A `HitCounter` adds up one piece of an input and gives its sums as partial tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Ints
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.group_sums import GroupSpans, GroupSums
from footfall.transforms.tables.partial_tables import PARTIAL_TABLES, Part, part_of, parts_by_day
from footfall.transforms.vocabulary import DUPLICATE, HUMAN, MONITOR, REJECT_REASONS

NEVER_MS: Final = 2**62
"""The earliest time of no hits."""

_SITE_BITS: Final = np.uint64(20)
_CLASS_BITS: Final = np.uint64(3)
_BUCKET_BITS: Final = np.uint64(11)
_MACHINE_BITS: Final = np.uint64(20)
_STATUS_BITS: Final = np.uint64(10)
_SPREAD_BUCKETS: Final = 256


@kernel
def latency_buckets(request_us: Ints) -> Ints:
    """The bucket of each request time: 32 linear steps per octave, so none is wider than 6.25% of its value.

    Bucket numbers are (s << 5 | v >> s) with s = max(0, bit length − 5); see `bucket_edge_us`.
    """
    buckets = np.empty(len(request_us), dtype=np.int64)
    for row in range(len(request_us)):
        value = request_us[row]
        shift = 0
        while (value >> shift) >= 32:
            shift += 1
        buckets[row] = shift << 5 | value >> shift
    return buckets


def bucket_edge_us(bucket: int) -> int:
    """The upper edge of a bucket in microseconds: all its values are below.

    >>> bucket_edge_us(int(latency_buckets(np.array([5000]))[0]))
    5120
    """
    return ((bucket & 31) + 1) << (bucket >> 5)


class HitCounter:
    """Adds up the hits of one piece of input number `input_index`, which begins at byte `begin`.

    `day_shares` is how many parts the days are dealt out to.
    """

    def __init__(self, input_index: int, begin: int, day_shares: int = 1) -> None:
        self._day_shares = day_shares
        self._input = input_index
        self._begin = begin
        self._traffic = GroupSums(7)
        self._latency = GroupSums(1)
        self._machines = GroupSums(2)
        self._errors = GroupSums(1)
        self._minutes = GroupSums(2)
        self._address_hits = np.zeros(_SPREAD_BUCKETS, dtype=np.int64)
        self._client_hits = np.zeros(_SPREAD_BUCKETS, dtype=np.int64)
        self._spans = GroupSpans()
        self._content = 0
        self.first_ms = NEVER_MS
        self.last_ms = -1
        self.lines = 0
        self.hits = 0
        self.outside = 0
        self.duplicates = 0
        self._reject_lines = np.zeros(len(REJECT_REASONS), dtype=np.int64)
        self._reject_first = np.zeros(len(REJECT_REASONS), dtype=np.int64)

    def count_lines(self, rejects: NDArray[np.uint8]) -> None:
        """Book the lines of a block by their codes: 0 for hits, REJECT_REASONS, DUPLICATE."""
        counts = np.bincount(rejects, minlength=DUPLICATE + 1)
        for reason in np.flatnonzero(counts[1 : len(REJECT_REASONS)]) + 1:
            if self._reject_lines[reason] == 0:
                self._reject_first[reason] = self.lines + int(np.argmax(rejects == reason)) + 1
            self._reject_lines[reason] += counts[reason]
        self.lines += len(rejects)
        self.duplicates += int(counts[DUPLICATE])

    def note_content(self, lines_sum: int) -> None:
        """Add the sum of a block's line hashes: it tells equal contents, however they are cut and compressed."""
        self._content = (self._content & 0xFFFFFFFF) + (lines_sum & 0xFFFFFFFF) & 0xFFFFFFFF | (
            (self._content >> 32) + (lines_sum >> 32) & 0x7FFFFFFF
        ) << 32

    def note_times(self, times_ms: Ints) -> None:
        """Keep the earliest and the latest of all hits read, inside the window or not."""
        if len(times_ms):
            self.first_ms = min(self.first_ms, int(times_ms.min()))
            self.last_ms = max(self.last_ms, int(times_ms.max()))

    def count_outside(self, hits: int) -> None:
        """Book hits that lie outside of the window."""
        self.outside += hits

    def count_hits(self, hits: Hits) -> None:
        """Count hits of the window."""
        self.hits += len(hits.time_ms)
        hour = hits.local_hour.astype(np.uint64)
        day = (hits.local_hour // 24).astype(np.uint64)
        site = hits.site.astype(np.uint64)
        kind = hits.traffic_class.astype(np.uint64)
        hundreds = hits.status // 100

        hour_site = hour << _SITE_BITS | site
        hour_site_class = hour_site << _CLASS_BITS | kind
        codes = self._traffic.add(
            hour_site_class,
            None,
            hits.is_page_view.astype(np.int64),
            hits.bytes_sent,
            *((hundreds == hundred).astype(np.int64) for hundred in (2, 3, 4, 5)),
        )
        self._spans.add(codes, hits.time_ms)
        timed = np.flatnonzero(hits.request_us >= 0)
        buckets = latency_buckets(hits.request_us[timed]).astype(np.uint64)
        self._latency.add(hour_site_class[timed] << _BUCKET_BITS | buckets, None)
        day_site = day << _SITE_BITS | site
        machine = np.flatnonzero(hits.traffic_class != HUMAN)
        self._machines.add(
            (day_site[machine] << _CLASS_BITS | kind[machine]) << _MACHINE_BITS
            | hits.machine[machine].astype(np.uint64),
            None,
            hits.bytes_sent[machine],
        )
        human = np.flatnonzero(hits.traffic_class == HUMAN)
        self._address_hits += np.bincount(hits.address_bucket[human], minlength=_SPREAD_BUCKETS)
        self._client_hits += np.bincount(hits.client[human].astype(np.uint8), minlength=_SPREAD_BUCKETS)
        failed = machine[hits.status[machine] >= 400]
        self._errors.add(day_site[failed] << _STATUS_BITS | hits.status[failed].astype(np.uint64), None)

    def count_minutes(self, hits: Hits) -> None:
        """Count people and monitors by the minute, for incidents; hits around the window tell what to expect."""
        visible = np.flatnonzero((hits.traffic_class == HUMAN) | (hits.traffic_class == MONITOR))
        minute = (hits.time_ms[visible] // 60_000).astype(np.uint64)
        is_5xx = (hits.status[visible] // 100 == 5).astype(np.int64)
        self._minutes.add(minute << _SITE_BITS | hits.site[visible].astype(np.uint64), None, is_5xx)

    @property
    def site_codes(self) -> Ints:
        """The sites that the counts name."""
        mask = np.uint64((1 << 20) - 1)
        return np.union1d(self._traffic.keys >> _CLASS_BITS & mask, self._minutes.keys & mask).astype(np.int64)

    def tables(self, sites: NDArray[np.uint64], machines: list[tuple[str, str]]) -> Iterator[Part]:
        """The sums as partial tables; `sites` and `machines` are what the hits' codes mean."""
        site_mask = np.uint64((1 << 20) - 1)
        keys = self._traffic.keys
        hour_site = keys >> _CLASS_BITS
        yield from parts_by_day(
            "traffic",
            self._day_shares,
            (hour_site >> _SITE_BITS) // np.uint64(24),
            local_hour=hour_site >> _SITE_BITS,
            site=sites[hour_site & site_mask],
            traffic_class=keys & np.uint64(7),
            **{name: self._traffic.measure(column) for column, name in enumerate(PARTIAL_TABLES["traffic"].measures)},
        )
        keys = self._latency.keys
        hour_site = keys >> (_CLASS_BITS + _BUCKET_BITS)
        yield from parts_by_day(
            "latency",
            self._day_shares,
            (hour_site >> _SITE_BITS) // np.uint64(24),
            local_hour=hour_site >> _SITE_BITS,
            site=sites[hour_site & site_mask],
            traffic_class=keys >> _BUCKET_BITS & np.uint64(7),
            bucket=keys & np.uint64((1 << 11) - 1),
            hits=self._latency.measure(0),
        )
        keys = self._machines.keys
        day_site = keys >> (_CLASS_BITS + _MACHINE_BITS)
        named = [machines[code] for code in (keys & np.uint64((1 << 20) - 1)).tolist()]
        yield from parts_by_day(
            "machines",
            self._day_shares,
            day_site >> _SITE_BITS,
            day=day_site >> _SITE_BITS,
            site=sites[day_site & site_mask],
            traffic_class=keys >> _MACHINE_BITS & np.uint64(7),
            name=pa.array([name for name, _ in named], pa.string()),
            category=pa.array([category for _, category in named], pa.string()),
            hits=self._machines.measure(0),
            bytes_sent=self._machines.measure(1),
        )
        keys = self._errors.keys
        day_site = keys >> _STATUS_BITS
        yield from parts_by_day(
            "machine_errors",
            self._day_shares,
            day_site >> _SITE_BITS,
            day=day_site >> _SITE_BITS,
            site=sites[day_site & site_mask],
            status=keys & np.uint64((1 << 10) - 1),
            hits=self._errors.measure(0),
        )
        keys = self._minutes.keys
        yield from parts_by_day(
            "minutes",
            self._day_shares,
            np.zeros(len(keys), dtype=np.uint64),
            site=sites[keys & site_mask],
            minute=keys >> _SITE_BITS,
            hits=self._minutes.measure(0),
            hits_5xx=self._minutes.measure(1),
        )
        days = GroupSums(1)
        day_site = (self._traffic.keys >> _CLASS_BITS >> _SITE_BITS) // np.uint64(24) << _SITE_BITS | (
            self._traffic.keys >> _CLASS_BITS & site_mask
        )
        codes = days.add(day_site, self._traffic.measure(0))
        spans = GroupSpans()
        for times in (self._spans.firsts, self._spans.lasts):
            spans.add(codes, times)
        yield from parts_by_day(
            "days",
            self._day_shares,
            np.zeros(len(days.keys), dtype=np.uint64),
            day=days.keys >> _SITE_BITS,
            site=sites[days.keys & site_mask],
            first_ms=spans.firsts,
            last_ms=spans.lasts,
            hits=days.measure(0),
        )
        yield part_of(
            "address_spread",
            0,
            input=np.full(_SPREAD_BUCKETS, self._input),
            bucket=np.arange(_SPREAD_BUCKETS),
            address_hits=self._address_hits,
            client_hits=self._client_hits,
        )
        yield self._line_counts_part()
        if self._reject_lines.any():
            reasons = np.flatnonzero(self._reject_lines)
            yield part_of(
                "rejects",
                0,
                input=np.full(len(reasons), self._input),
                begin=np.full(len(reasons), self._begin),
                reason=reasons,
                lines=self._reject_lines[reasons],
                first_line=self._reject_first[reasons],
            )

    def _line_counts_part(self) -> Part:
        return part_of(
            "line_counts",
            0,
            input=np.array([self._input]),
            begin=np.array([self._begin]),
            lines=np.array([self.lines]),
            hits=np.array([self.hits]),
            outside_window=np.array([self.outside]),
            rejected=np.array([int(self._reject_lines.sum())]),
            duplicates=np.array([self.duplicates]),
            digest_low=np.array([self._content & 0xFFFFFFFF]),
            digest_high=np.array([self._content >> 32]),
            first_ms=np.array([self.first_ms]),
            last_ms=np.array([self.last_ms]),
        )
