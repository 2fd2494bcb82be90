"""Floods: more hits of one client on a day than a browser sends. They are counted, but not collected."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Columns, Digests, Flags, Ints
from footfall.transforms.behaviour.judge_clients import FLOOD, REASONS
from footfall.transforms.exchange.exchange_rows import Bucket
from footfall.transforms.kernels.frequent_keys import NONE_FREQUENT, Frequent, find_frequent
from footfall.transforms.kernels.intern_strings import mix_keys
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import ADOPTING, FLOODED, SHORT, TO_ADOPT, TRACE, rows_of
from footfall.transforms.vocabulary import FLOOD_HITS

FLOOD_REASON: Final = REASONS.index(FLOOD)
OF_PEOPLE: Final = (TO_ADOPT, TO_ADOPT + SHORT, ADOPTING)
"""Hits that declare a browser."""
JUDGED_BY: Final = (*OF_PEOPLE, TRACE)
"""What a client is judged by."""


class Floods:
    """Clients and days of a bucket: the digests of the clients, and the numbers of the days."""

    def __init__(self, flooding: Frequent, days: LocalDays) -> None:
        self._flooding = flooding
        self._days = days

    def __len__(self) -> int:
        return len(self._flooding.day)

    @property
    def verdicts(self) -> tuple[Digests, Ints, Bytes]:
        """Client, day and reason, as of `judge_clients`."""
        return *self._flooding, np.full(len(self), FLOOD_REASON, dtype=np.uint8)

    def have(self, rows: Columns) -> Flags:
        """Return which hits belong to a flood; `rows` have client and time_ms."""
        return self._flooding.have(rows["client"], self._days.days_of(rows["time_ms"]))

    def without(self, bucket: Bucket, kinds: Collection[str]) -> Iterator[tuple[str, Columns]]:
        """Yield kind and columns of the rows of a bucket file by file, without those of floods."""
        for kind, rows in bucket.parts(kinds):
            yield kind, take(rows, np.flatnonzero(~self.have(rows))) if len(self) else rows

    def hits_of_people(self, bucket: Bucket) -> Iterator[Columns]:
        """Yield the hits of floods that declare a browser, file by file."""
        for _, rows in bucket.parts(OF_PEOPLE if len(self) else ()):
            yield take(rows, np.flatnonzero(self.have(rows)))


def find_floods(bucket: Bucket, days: LocalDays) -> Floods:
    """Return the clients of a bucket of clients that have more than FLOOD_HITS hits on a day."""
    if bucket.count_rows(JUDGED_BY) <= FLOOD_HITS:
        return Floods(NONE_FREQUENT, days)

    def hits() -> Iterator[Columns]:
        return (rows for _, rows in bucket.parts(JUDGED_BY))

    return Floods(find_frequent(hits, "client", lambda rows: days.days_of(rows["time_ms"]), FLOOD_HITS), days)


def read_floods(bucket: Bucket, days: LocalDays) -> Floods:
    """Return the clients and days of FLOODED rows, of a bucket of sessions."""
    flooded = rows_of(bucket.read((FLOODED,)), (FLOODED,))
    _, first = np.unique(mix_keys(flooded["client"], flooded["day"]), return_index=True)
    return Floods(Frequent(flooded["client"][first], flooded["day"][first].astype(np.int64)), days)


def sessions_of(rows: Columns, days: Ints) -> Columns:
    """Return the client, session and day of hits, each once: FLOODED rows."""
    _, first = np.unique(mix_keys(rows["client"], rows["session"], days), return_index=True)
    return {"client": rows["client"][first], "session": rows["session"][first], "day": days[first].astype(np.int32)}


def take(rows: Columns, chosen: Ints) -> Columns:
    """Return the chosen rows."""
    return {name: column[chosen] for name, column in rows.items()}
