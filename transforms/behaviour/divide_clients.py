"""Divides a bucket of clients that is too large for memory into parts, which are processed one after the other.

All clients of an address are in one bucket, and one address or client must not decide how much memory a run takes. A
part has some neighbouring days. If a single day is too large, a part has some of its addresses. An address that is a
crowd on a day is divided by clients, since they are no evidence about each other. The rules for floods and crowds are
in docs/definitions.md, People and machines.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np

from footfall.transforms.arrays import Columns, Digests, Flags, Ints
from footfall.transforms.behaviour.arrange_entries import EDGE_MS
from footfall.transforms.behaviour.floods import FLOOD_REASON, JUDGED_BY, Floods, find_floods, take
from footfall.transforms.behaviour.reclassify import MACHINE_DIGESTS
from footfall.transforms.exchange.exchange_rows import (
    Bucket,
    Reference,
    open_buckets,
    remove_references,
    write_buckets,
)
from footfall.transforms.hits.hit_facts import CLASS_BITS, GROUP_AT, is_published, with_class
from footfall.transforms.kernels.frequent_keys import NONE_FREQUENT, Frequent, find_frequent
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import mix_keys
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import CLIENT, MACHINE, ROW_COLUMNS, ROW_SCHEMAS, VERDICT, rows_of
from footfall.transforms.vocabulary import AUTOMATED, CROWD_HITS

MOST_TIMEOUTS: Final = 2
"""How far from a hit the choice of its cookie looks: a timeout to the nearest one, and one on from there."""
_CLIENT_WEIGHT: Final = 4
"""A client that is judged takes as much memory as so many hits."""
_DAY_AT: Final = np.uint64(GROUP_AT + CLASS_BITS)
"""The bits of facts from here on are the day."""
_PART_AT: Final = np.uint64(40)
"""The bits of a key from here on are its bucket; parts are chosen by the bits below."""
_KEY_AT, _KEY_BITS = np.uint64(8), np.uint64(0xFFFFFFFF)


class Window(NamedTuple):
    """Neighbouring days, numbered since 1970-01-01; the first and the last window of a bucket have no end."""

    first_day: int
    last_day: int

    def has(self, days: Ints) -> Flags:
        """Return which days are in it."""
        return (days >= self.first_day) & (days <= self.last_day)


ALL_DAYS: Final = Window(-(1 << 31), (1 << 31) - 1)


class ClientPart(NamedTuple):
    """Clients of a bucket, with their hits on the days of a window, and hits around it that are evidence about them."""

    number: int
    window: Window
    rows: Bucket
    verdicts: Columns
    """VERDICT rows of its days and the day before them."""
    crowds: Frequent
    """Addresses and days, of which some clients may be in other parts."""


class DividedClients:
    """A bucket of clients, divided into as many parts as its rows need; its floods are treated as machines.

    The division follows from the rows alone, so that steps that read a bucket one after the other find the same parts.
    """

    def __init__(self, bucket: Bucket, options: RunOptions, days: LocalDays) -> None:
        self._bucket, self._options, self._days = bucket, options, days
        self.floods: Floods = find_floods(bucket, days)
        self._verdicts = rows_of({}, (VERDICT,))
        self._written: list[Reference] = []
        most = options.rows_at_once
        weight = bucket.count_rows((*JUDGED_BY, MACHINE)) + _CLIENT_WEIGHT * bucket.count_rows((CLIENT,))
        self._edge_ms = max(EDGE_MS, MOST_TIMEOUTS * options.timeout_ms)
        self._windows: Sequence[Window] = (ALL_DAYS,)
        self._parts_of: Ints = np.ones(1, dtype=np.int64)
        self._crowds = NONE_FREQUENT
        self.is_whole = not len(self.floods) and weight <= most
        if not self.is_whole:
            day, weights = self._weigh_days()
            self._windows = divide_days(day, weights, most)
            window = self._window_of(day)
            own = np.bincount(window, weights=weights, minlength=len(self._windows)).astype(np.int64)
            # Twice as many as needed on average, since they are not equal.
            self._parts_of = np.where(own > most, -(-2 * own // most), 1)
            # The one day of each window that has several parts.
            self._day_of = np.zeros(len(self._windows), dtype=np.int64)
            self._day_of[window] = day
            self._crowds = find_frequent(
                lambda: (rows for _, rows in self.floods.without(bucket, JUDGED_BY)),
                "address",
                self._own_days,
                CROWD_HITS,
            )
        self._first_part = np.cumsum(self._parts_of) - self._parts_of

    @property
    def part_count(self) -> int:
        """How many parts there are; some may be empty."""
        return int(self._parts_of.sum())

    def add_verdicts(self, rows: Columns) -> None:
        """Add these VERDICT rows to the parts that have the days they are about."""
        if self.is_whole:
            self._verdicts = rows
        else:
            self._written += self._deal_out(VERDICT, rows)

    def parts(self, kinds: Collection[str]) -> Iterator[ClientPart]:
        """Yield the parts that have rows of some kinds, with these rows."""
        if self.is_whole:
            yield ClientPart(0, ALL_DAYS, self._bucket, self._verdicts, NONE_FREQUENT)
            return
        written, self._written = self._written, []
        for kind, rows in self._rows(kinds):
            written += self._deal_out(kind, rows)
        try:
            for part in open_buckets((reference for _, reference in written), ROW_SCHEMAS):
                window = int(np.searchsorted(self._first_part, part.number, side="right")) - 1
                own = rows_of(part.read((VERDICT,)), (VERDICT,))
                yield ClientPart(part.number, self._windows[window], part, own, self._crowds)
        finally:
            remove_references(written)

    def _rows(self, kinds: Collection[str]) -> Iterator[tuple[str, Columns]]:
        """Yield kind and columns of its rows file by file; those of floods as machines."""
        yield from self.floods.without(self._bucket, [kind for kind in kinds if kind in JUDGED_BY])
        yield from self._bucket.parts([kind for kind in kinds if kind not in JUDGED_BY])
        if MACHINE in kinds:
            for hits in self.floods.hits_of_people(self._bucket):
                yield MACHINE, _as_machines(hits)

    def _deal_out(self, kind: str, rows: Columns) -> Iterator[Reference]:
        """Write rows to files by part."""
        first, last = (self._window_of(days) for days in self._days_near(kind, rows))
        own = {name: rows[name] for name in ROW_COLUMNS[kind]}
        for window in range(int(first.min(initial=0)), int(last.max(initial=-1)) + 1):
            chosen = np.flatnonzero((first <= window) & (window <= last))
            part = self._first_part[window] + self._place(take(own, chosen), window)
            keys = np.zeros(len(own["client"]), dtype=np.uint64)
            keys[chosen] = part.astype(np.uint64) << _PART_AT
            count = self.part_count
            options = self._options
            yield from write_buckets(options.folder, kind, self._bucket.key, own, keys, count, chosen, per_share=count)

    def _place(self, rows: Columns, window: int) -> Ints:
        """Return the number of each row's part in a window."""
        if self._parts_of[window] == 1:
            return np.zeros(len(rows["client"]), dtype=np.int64)
        day = np.full(len(rows["client"]), self._day_of[window])
        key = np.where(self._crowds.have(rows["address"], day), rows["client"], rows["address"])
        return (key >> _KEY_AT & _KEY_BITS).astype(np.int64) % self._parts_of[window]

    def _window_of(self, days: Ints) -> Ints:
        begins = np.array([window.first_day for window in self._windows])
        found: Ints = np.searchsorted(begins, days, side="right") - 1
        return found

    def _days_near(self, kind: str, rows: Columns) -> tuple[Ints, Ints]:
        """Return the first and the last day that each row is evidence for."""
        if kind == MACHINE:
            day = (rows["facts"] >> _DAY_AT).astype(np.int64)
            return day, day
        if kind == CLIENT:
            return rows["day"] - 1, rows["day"] + 1
        if kind == VERDICT:
            return rows["day"], rows["day"] + 1
        before, after = (np.maximum(rows["time_ms"] + shift, 0) for shift in (-self._edge_ms, self._edge_ms))
        return self._days.days_of(before), self._days.days_of(after)

    def _own_days(self, rows: Columns) -> Ints:
        return self._days.days_of(rows["time_ms"])

    def _weigh_days(self) -> tuple[Ints, Ints]:
        """Return the days of the bucket, and the weight of each."""
        sums = GroupSums(1)
        for kind, rows in self._rows((*JUDGED_BY, MACHINE, CLIENT)):
            day = self._days_near(kind, rows)[0] + (kind == CLIENT) if kind not in JUDGED_BY else self._own_days(rows)
            sums.add(day.astype(np.uint64), np.full(len(day), _CLIENT_WEIGHT if kind == CLIENT else 1))
        return sums.keys.astype(np.int64), sums.measure(0)


def divide_days(days: Ints, weights: Ints, most: int) -> list[Window]:
    """Return windows of all days that each weigh `most`, or are one day; `weights` are those of `days`.

    >>> [window.first_day for window in divide_days(np.array([5, 4, 6, 9]), np.array([8, 1, 1, 7]), 8)[1:]]
    [5, 6]
    """
    begins, held = [ALL_DAYS.first_day], 0
    for day, weight in sorted(zip(days.tolist(), weights.tolist(), strict=True)):
        if held and held + weight > most:
            begins.append(day)
            held = 0
        held += weight
    return [Window(first, after - 1) for first, after in pairwise([*begins, ALL_DAYS.last_day + 1])]


def read_machines(part: ClientPart, most: int) -> Columns:
    """Return the MACHINE rows of a part.

    If there are more than `most`, rows that differ only in their bytes are added up, which counts of visitors do not
    notice.
    """
    if part.rows.count_rows((MACHINE,)) <= most:
        return rows_of(part.rows.read((MACHINE,)), (MACHINE,))
    key = tuple(name for name in ROW_COLUMNS[MACHINE] if name != "bytes_sent")
    sums, parts = GroupSums(1), []
    for _, rows in part.rows.parts((MACHINE,)):
        before = sums.count
        client = mix_keys(rows["client"], rows["site"])
        codes = sums.add(mix_keys(client, rows["machine"], rows["facts"]), rows["bytes_sent"])
        known, first = np.unique(codes, return_index=True)
        parts.append({name: rows[name][first[known >= before]] for name in key})
    return {**{name: np.concatenate([own[name] for own in parts]) for name in key}, "bytes_sent": sums.measure(0)}


def _as_machines(hits: Columns) -> Columns:
    """Return hits of floods on published days as MACHINE rows."""
    published = np.flatnonzero(is_published(hits["facts"]))
    own = take({name: hits[name] for name in ROW_COLUMNS[MACHINE] if name in hits}, published)
    machine: Digests = np.full(len(own["client"]), MACHINE_DIGESTS[FLOOD_REASON])
    return {**own, "facts": with_class(own["facts"], AUTOMATED), "machine": machine}
