"""Floods: so many hits of one client on a day that no browser sends them. They are counted, but gathered for nothing.

All hits of a client are in one bucket, and a bucket is in memory while it is judged and its visits are built. So what
a client sends must not decide how large a bucket is: one with a flood is read file by file, and without it. A client
that stays below a flood can do so on any number of days: a bucket with many rows is processed by windows of days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain, pairwise
from typing import Final, NamedTuple

import numpy as np

from footfall.transforms.arrays import Bytes, Columns, Digests, Flags, Ints
from footfall.transforms.behaviour.judge_clients import FLOOD, REASONS
from footfall.transforms.behaviour.reclassify import MACHINE_DIGESTS
from footfall.transforms.exchange.exchange_rows import Bucket
from footfall.transforms.hits.hit_facts import CLASS_BITS, GROUP_AT, is_published, with_class
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import (
    ADOPTING,
    FLOODED,
    MACHINE,
    ROW_COLUMNS,
    SHORT,
    TO_ADOPT,
    TRACE,
    rows_of,
)
from footfall.transforms.vocabulary import AUTOMATED, FLOOD_HITS

FLOOD_REASON: Final = REASONS.index(FLOOD)
OF_PEOPLE: Final = (TO_ADOPT, TO_ADOPT + SHORT, ADOPTING)
"""Hits that declare a browser."""
_COUNTED: Final = (*OF_PEOPLE, TRACE)
"""What a client is judged by."""
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)
_DAY_AT: Final = np.uint64(GROUP_AT + CLASS_BITS)
"""Of facts, the bits from here on are the day."""


class Window(NamedTuple):
    """Neighbouring days, numbered since 1970-01-01; the first and the last window of a bucket have no end."""

    first_day: int
    last_day: int

    def has(self, days: Ints) -> Flags:
        """Return which days are in it."""
        return (days >= self.first_day) & (days <= self.last_day)


ALL_DAYS: Final = Window(-(1 << 31), (1 << 31) - 1)


class Floods:
    """Clients and days of a bucket: the digests of the clients, and the numbers of the days.

    `windows` are those in which its other rows are processed.
    """

    def __init__(self, client: Digests, day: Ints, days: LocalDays, windows: Sequence[Window] = (ALL_DAYS,)) -> None:
        self.client, self.day = client, day
        self.windows = windows
        self._days = days
        self._keys = mix_keys(client, day)

    def __len__(self) -> int:
        return len(self.client)

    @property
    def verdicts(self) -> tuple[Digests, Ints, Bytes]:
        """Client, day and reason, as of `judge_clients`."""
        return self.client, self.day, np.full(len(self), FLOOD_REASON, dtype=np.uint8)

    def have(self, rows: Columns) -> Flags:
        """Return which hits belong to a flood; `rows` have client and time_ms."""
        return np.isin(mix_keys(rows["client"], self._local_days(rows)), self._keys)

    def read(
        self,
        bucket: Bucket,
        kinds: Collection[str] | None = None,
        window: Window = ALL_DAYS,
        edge_ms: int = 0,
    ) -> dict[str, Columns]:
        """Return the rows of the bucket by kind, of some kinds or all, without those of floods.

        Of rows with a time, only those of a window are read, and those less than `edge_ms` before and after it.
        """
        if not len(self) and window == ALL_DAYS:
            return bucket.read(kinds)
        parts: dict[str, list[Columns]] = {}
        for kind, rows in self.parts(bucket, kinds, window, edge_ms):
            parts.setdefault(kind, []).append(rows)
        return {kind: _join(own) for kind, own in parts.items()}

    def parts(
        self, bucket: Bucket, kinds: Collection[str] | None, window: Window = ALL_DAYS, edge_ms: int = 0
    ) -> Iterator[tuple[str, Columns]]:
        """Yield kind and columns of the same rows file by file."""
        for kind, rows in bucket.parts(kinds):
            if "time_ms" in rows and (len(self) or window != ALL_DAYS):
                chosen = np.flatnonzero(~self.have(rows) & self._are_near(rows["time_ms"], window, edge_ms))
                rows = {name: column[chosen] for name, column in rows.items()}
            yield kind, rows

    def hits_of_people(self, bucket: Bucket) -> Iterator[tuple[Columns, Ints]]:
        """Yield the hits of floods that declare a browser, file by file, with their days."""
        for _, rows in bucket.parts(OF_PEOPLE if len(self) else ()):
            chosen = np.flatnonzero(self.have(rows))
            own = {name: column[chosen] for name, column in rows.items()}
            yield own, self._local_days(own)

    def _are_near(self, time_ms: Ints, window: Window, edge_ms: int) -> Flags:
        """Return which times are in a window or less than some milliseconds before or after it."""
        last, first = (self._days.local_hours(np.maximum(time_ms + shift, 0)) // 24 for shift in (edge_ms, -edge_ms))
        return (last >= window.first_day) & (first <= window.last_day)

    def _local_days(self, rows: Columns) -> Ints:
        return self._days.local_hours(rows["time_ms"]) // 24


def find_floods(bucket: Bucket, days: LocalDays) -> Floods:
    """Return the clients of a bucket of clients that have more than FLOOD_HITS hits on a day."""
    clients, hits = KeyTable(), GroupSums(1)
    if bucket.count_rows(_COUNTED) > FLOOD_HITS:
        for _, rows in bucket.parts(_COUNTED):
            at = (days.local_hours(rows["time_ms"]) // 24).astype(np.uint64)
            hits.add(clients.intern(rows["client"]).astype(np.uint64) << _HALF_BITS | at, None)
    counted: Ints = hits.measure(0).astype(np.int64)
    is_flood = counted > FLOOD_HITS
    day: Ints = (hits.keys & _LOW_HALF).astype(np.int64)
    windows = divide_days(day[~is_flood], counted[~is_flood])
    return Floods(clients.keys[hits.keys[is_flood] >> _HALF_BITS], day[is_flood], days, windows)


def divide_days(days: Ints, rows: Ints) -> list[Window]:
    """Return windows of all days that each hold at most FLOOD_HITS rows, or one day; `rows` are the rows of `days`.

    >>> [window.first_day for window in divide_days(np.array([5, 4, 5, 9]), np.array([FLOOD_HITS, 1, 1, 7]))[1:]]
    [5, 9]
    """
    begins, held = [ALL_DAYS.first_day], 0
    known, codes = np.unique(days, return_inverse=True)
    for day, count in zip(known.tolist(), np.bincount(codes, weights=rows).tolist(), strict=True):
        if held and held + count > FLOOD_HITS:
            begins.append(day)
            held = 0
        held += count
    return [Window(first, after - 1) for first, after in pairwise([*begins, ALL_DAYS.last_day + 1])]


def told_floods(bucket: Bucket, days: LocalDays) -> Floods:
    """Return the clients and days of FLOODED rows, of a bucket of sessions."""
    told = rows_of(bucket.read((FLOODED,)), (FLOODED,))
    _, first = np.unique(mix_keys(told["client"], told["day"]), return_index=True)
    return Floods(told["client"][first], told["day"][first].astype(np.int64), days)


def sessions_of(rows: Columns, days: Ints) -> Columns:
    """Return the client, session and day of hits, each once: FLOODED rows."""
    _, first = np.unique(mix_keys(rows["client"], rows["session"], days), return_index=True)
    return {"client": rows["client"][first], "session": rows["session"][first], "day": days[first].astype(np.int32)}


def read_machines(bucket: Bucket, floods: Floods, window: Window) -> Columns:
    """Return the MACHINE rows of a bucket and those of its floods, on published days of a window.

    Where they may be too many, those that differ in nothing but their bytes are one: it is all the same to who counts
    visitors.
    """
    if not len(floods) and window == ALL_DAYS and bucket.count_rows((MACHINE,)) <= FLOOD_HITS:
        return rows_of(bucket.read((MACHINE,)), (MACHINE,))
    key = tuple(name for name in ROW_COLUMNS[MACHINE] if name != "bytes_sent")
    sums, parts = GroupSums(1), []
    told = (rows for _, rows in bucket.parts((MACHINE,)))
    for rows in chain(told, map(_as_machines, floods.hits_of_people(bucket))):
        is_near = window.has((rows["facts"] >> _DAY_AT).astype(np.int64))
        rows = {name: column[is_near] for name, column in rows.items()}
        before = sums.count
        client = mix_keys(rows["client"], rows["site"])
        codes = sums.add(mix_keys(client, rows["machine"], rows["facts"]), rows["bytes_sent"])
        known, first = np.unique(codes, return_index=True)
        parts.append({name: rows[name][first[known >= before]] for name in key})
    none = rows_of({}, (MACHINE,))
    return {**(_join(parts) if parts else none), "bytes_sent": sums.measure(0)}


def _as_machines(hits: tuple[Columns, Ints]) -> Columns:
    """Return hits of floods on published days as MACHINE rows."""
    rows, _ = hits
    chosen = np.flatnonzero(is_published(rows["facts"]))
    own = {name: rows[name][chosen] for name in ("client", "site", "facts", "bytes_sent")}
    machine = np.full(len(chosen), MACHINE_DIGESTS[FLOOD_REASON])
    return {**own, "facts": with_class(own["facts"], AUTOMATED), "machine": machine}


def _join(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
