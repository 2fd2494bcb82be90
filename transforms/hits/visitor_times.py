"""Gathers the times at which the clients of a bucket were there, over the windows of days in which it is processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from footfall.transforms.arrays import Columns, Digests, Ints, Words
from footfall.transforms.hits.count_visitors import count_asking_visitors, count_error_visitors
from footfall.transforms.hits.hit_facts import PROTOCOL_BITS
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.latency_buckets import BUCKET_BITS
from footfall.transforms.tables.partial_tables import Part

_MINUTE_MS: Final = 60_000
_HUNDRED_AT: Final = np.uint64(BUCKET_BITS + PROTOCOL_BITS)
_HUNDREDS: Final = 8


class VisitorTimes:
    """What `count_error_visitors` and `count_asking_visitors` need of the human hits of a bucket.

    An outage may go on over midnight, and whoever met it on both days is one visitor. So windows are not counted one by
    one; where there are `several`, only a hit for each client, minute and hundred of the status is kept.
    """

    def __init__(self, several: bool) -> None:
        self._several = several
        self._windows: list[Columns] = []

    def add(self, client: Digests, site: Digests, time_ms: Ints, facts: Words) -> None:
        """Add the human hits of a window."""
        hits: Columns = {"client": client, "site": site, "time_ms": time_ms, "facts": facts}
        if self._several:
            hundred = (facts >> _HUNDRED_AT).astype(np.int64) % _HUNDREDS
            keys = mix_keys(client, time_ms // _MINUTE_MS * _HUNDREDS + hundred)
            first = np.unique(keys, return_index=True)[1]
            hits = {name: column[first] for name, column in hits.items()}
        self._windows.append(hits)

    def tables(self) -> Iterator[Part]:
        """Yield the partial tables."""
        hits = {name: np.concatenate([own[name] for own in self._windows]) for name in self._windows[0]}
        client = KeyTable().intern(hits["client"])
        yield count_error_visitors(client, hits["site"], hits["time_ms"], hits["facts"])
        yield count_asking_visitors(client, hits["site"], hits["time_ms"])
