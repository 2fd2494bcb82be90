"""Floods: so many hits of one client on a day that no browser sends them. They are counted, but gathered for nothing.

All hits of a client are in one bucket, and a bucket is in memory while it is judged and its visits are built. So what
a client sends must not decide how large a bucket is: one with a flood is read file by file, and without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Columns, Digests, Flags, Ints
from footfall.transforms.behaviour.judge_clients import FLOOD, REASONS
from footfall.transforms.behaviour.reclassify import MACHINE_DIGESTS
from footfall.transforms.exchange.exchange_rows import Bucket
from footfall.transforms.hits.hit_facts import is_published, with_class
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


class Floods:
    """Clients and days of a bucket: the digests of the clients, and the numbers of the days."""

    def __init__(self, client: Digests, day: Ints, days: LocalDays) -> None:
        self.client, self.day = client, day
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

    def read(self, bucket: Bucket, kinds: Collection[str] | None = None) -> dict[str, Columns]:
        """Return the rows of the bucket by kind, of some kinds or all, without those of floods."""
        if not len(self):
            return bucket.read(kinds)
        parts: dict[str, list[Columns]] = {}
        for kind, rows in bucket.parts(kinds):
            chosen = np.flatnonzero(~self.have(rows)) if "time_ms" in rows else slice(None)
            parts.setdefault(kind, []).append({name: column[chosen] for name, column in rows.items()})
        return {kind: _join(own) for kind, own in parts.items()}

    def hits_of_people(self, bucket: Bucket) -> Iterator[tuple[Columns, Ints]]:
        """Yield the hits of floods that declare a browser, file by file, with their days."""
        for _, rows in bucket.parts(OF_PEOPLE if len(self) else ()):
            chosen = np.flatnonzero(self.have(rows))
            own = {name: column[chosen] for name, column in rows.items()}
            yield own, self._local_days(own)

    def _local_days(self, rows: Columns) -> Ints:
        return self._days.local_hours(rows["time_ms"]) // 24


def find_floods(bucket: Bucket, days: LocalDays) -> Floods:
    """Return the clients of a bucket of clients that have more than FLOOD_HITS hits on a day."""
    clients, hits = KeyTable(), GroupSums(1)
    if bucket.count_rows(_COUNTED) > FLOOD_HITS:
        for _, rows in bucket.parts(_COUNTED):
            day = (days.local_hours(rows["time_ms"]) // 24).astype(np.uint64)
            hits.add(clients.intern(rows["client"]).astype(np.uint64) << _HALF_BITS | day, None)
    found = hits.keys[hits.measure(0) > FLOOD_HITS]
    return Floods(clients.keys[found >> _HALF_BITS], (found & _LOW_HALF).astype(np.int64), days)


def told_floods(bucket: Bucket, days: LocalDays) -> Floods:
    """Return the clients and days of FLOODED rows, of a bucket of sessions."""
    told = rows_of(bucket.read((FLOODED,)), (FLOODED,))
    _, first = np.unique(mix_keys(told["client"], told["day"]), return_index=True)
    return Floods(told["client"][first], told["day"][first].astype(np.int64), days)


def sessions_of(rows: Columns, days: Ints) -> Columns:
    """Return the client, session and day of hits, each once: FLOODED rows."""
    _, first = np.unique(mix_keys(rows["client"], rows["session"], days), return_index=True)
    return {"client": rows["client"][first], "session": rows["session"][first], "day": days[first].astype(np.int32)}


def read_machines(bucket: Bucket, floods: Floods) -> Columns:
    """Return the MACHINE rows of a bucket and those of its floods, on published days.

    Where they may be too many, those that differ in nothing but their bytes are one: it is all the same to who counts
    visitors.
    """
    if not len(floods) and bucket.count_rows((MACHINE,)) <= FLOOD_HITS:
        return rows_of(bucket.read((MACHINE,)), (MACHINE,))
    key = tuple(name for name in ROW_COLUMNS[MACHINE] if name != "bytes_sent")
    sums, parts = GroupSums(1), []
    told = (rows for _, rows in bucket.parts((MACHINE,)))
    for rows in chain(told, map(_as_machines, floods.hits_of_people(bucket))):
        before = sums.count
        client = mix_keys(rows["client"], rows["site"])
        codes = sums.add(mix_keys(client, rows["machine"], rows["facts"]), rows["bytes_sent"])
        known, first = np.unique(codes, return_index=True)
        parts.append({name: rows[name][first[known >= before]] for name in key})
    return {**_join(parts), "bytes_sent": sums.measure(0)}


def _as_machines(hits: tuple[Columns, Ints]) -> Columns:
    """Return hits of floods on published days as MACHINE rows."""
    rows, _ = hits
    chosen = np.flatnonzero(is_published(rows["facts"]))
    own = {name: rows[name][chosen] for name in ("client", "site", "facts", "bytes_sent")}
    machine = np.full(len(chosen), MACHINE_DIGESTS[FLOOD_REASON])
    return {**own, "facts": with_class(own["facts"], AUTOMATED), "machine": machine}


def _join(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
