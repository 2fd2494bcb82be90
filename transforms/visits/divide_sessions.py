"""Divides a bucket of sessions where it has too many rows for memory, and sessions that have too many themselves.

The rule for crowded sessions stands in docs/definitions.md, Visit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.behaviour.floods import Floods
from footfall.transforms.exchange.exchange_rows import Bucket, Reference, open_buckets, write_buckets
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import mix_keys
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import ROW_SCHEMAS, SHORT, WITH_COOKIE, WITHOUT_COOKIE
from footfall.transforms.vocabulary import FLOOD_HITS

CROWDED_HITS: Final = 100_000
"""The session of more hits on a day is divided: no browser sends as many."""
_HITS: Final = (WITHOUT_COOKIE, WITHOUT_COOKIE + SHORT, WITH_COOKIE, WITH_COOKIE + SHORT)
_SIEVE_BITS: Final = 16
_SIEVE_AT: Final = np.uint64(64 - _SIEVE_BITS)
_OTHER_BITS: Final = np.uint64(24)
"""Buckets are told by the bits from 40 on, so that their parts need others."""


def divide_sessions(bucket: Bucket, floods: Floods, days: LocalDays, folder: str) -> Iterator[dict[str, Columns]]:
    """Yield the hits of a bucket of sessions by kind, without those of floods, all hits of a session together.

    There is one part, but where there are more than FLOOD_HITS hits: these are written to files in `folder` first.
    """
    count = bucket.count_rows(_HITS)
    if count <= FLOOD_HITS:
        kinds = floods.read(bucket, _HITS)
        crowded = _find_crowded(lambda: kinds.values(), days)
        yield {kind: crowded.divide(rows) for kind, rows in kinds.items()}
        return
    crowded = _find_crowded(lambda: (rows for _, rows in floods.parts(bucket, _HITS)), days)
    references: list[Reference] = []
    parts = 2 * -(-count // FLOOD_HITS)
    for kind, rows in floods.parts(bucket, _HITS):
        own = crowded.divide(rows)
        keys = own["session"] << _OTHER_BITS
        references += write_buckets(folder, kind, bucket.key, own, keys, parts, per_share=parts)
    for part in open_buckets((reference for _, reference in references), ROW_SCHEMAS):
        yield part.read()


class _Crowded:
    """Sessions and days that have too many hits; `keys` are mixed of both."""

    def __init__(self, keys: Words, days: LocalDays) -> None:
        self._keys, self._days = keys, days

    def divide(self, rows: Columns) -> Columns:
        """Return hits of which each client has its own session on the crowded days."""
        if not len(self._keys):
            return rows
        day = _days_of(rows, self._days)
        is_crowded = np.isin(mix_keys(rows["session"], day), self._keys)
        return {
            **rows,
            "session": np.where(is_crowded, mix_keys(rows["session"], rows["client"], day), rows["session"]),
        }


def _find_crowded(hits: Callable[[], Iterable[Columns]], days: LocalDays) -> _Crowded:
    """Return the sessions and days with more than CROWDED_HITS hits; `hits` begins with them anew each time."""
    # A sieve first, since most buckets have none: it adds up sessions that have some bits in common.
    sums = np.zeros(1 << _SIEVE_BITS, dtype=np.int64)
    for rows in hits():
        sums += np.bincount((rows["session"] >> _SIEVE_AT).astype(np.int64), minlength=len(sums))
    found = GroupSums(1)
    if sums.max() > CROWDED_HITS:
        for rows in hits():
            own = np.flatnonzero(sums[(rows["session"] >> _SIEVE_AT).astype(np.int64)] > CROWDED_HITS)
            chosen = {name: rows[name][own] for name in ("session", "time_ms")}
            found.add(mix_keys(chosen["session"], _days_of(chosen, days)), None)
    return _Crowded(found.keys[found.measure(0) > CROWDED_HITS], days)


def _days_of(rows: Columns, days: LocalDays) -> Ints:
    return days.local_hours(rows["time_ms"]) // 24
