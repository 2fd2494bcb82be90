"""Gathers the times of the clients of a bucket over the parts in which the bucket is processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Digests, Ints, Words
from footfall.transforms.exchange.exchange_rows import Reference, open_buckets, remove_references, write_buckets
from footfall.transforms.hits.count_visitors import count_asking_visitors, count_error_visitors
from footfall.transforms.hits.hit_facts import PROTOCOL_BITS
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.latency_buckets import BUCKET_BITS
from footfall.transforms.tables.partial_tables import Part
from footfall.transforms.visits.visit_rows import ROW_SCHEMAS, TIME

_MINUTE_MS: Final = 60_000
_HUNDRED_AT: Final = np.uint64(BUCKET_BITS + PROTOCOL_BITS)
_HUNDREDS: Final = 8
_OTHER_BITS: Final = np.uint64(24)
"""The bits from 40 on are those of the bucket, so its parts are chosen by other bits."""


class VisitorTimes:
    """Times of the human hits of a bucket, for `count_error_visitors` and `count_asking_visitors`.

    An outage may last over midnight, and a visitor who met it on both days is one visitor. So parts by day cannot be
    counted one by one: if there are several, one hit for each client, minute and hundred of the status is written to
    files in `folder`, in as many `parts` by client. `key` is the fingerprint of the key of the digests.
    """

    def __init__(self, folder: str, key: int, parts: int) -> None:
        self._folder, self._key, self._parts = folder, key, parts
        self._whole: list[tuple[Codes, Digests, Ints, Words]] = []
        self._written: list[Reference] = []

    def add(self, code: Codes, clients: Digests, site: Digests, time_ms: Ints, facts: Words) -> None:
        """Add the human hits of a part; `code` indexes `clients`."""
        if self._parts == 1:
            self._whole.append((code, site, time_ms, facts))
            return
        client = clients[code]
        hits: Columns = {"client": client, "site": site, "time_ms": time_ms, "facts": facts}
        hundred = (facts >> _HUNDRED_AT).astype(np.int64) % _HUNDREDS
        first = np.unique(mix_keys(client, time_ms // _MINUTE_MS * _HUNDREDS + hundred), return_index=True)[1]
        keys, parts = client << _OTHER_BITS, self._parts
        self._written += write_buckets(self._folder, TIME, self._key, hits, keys, parts, first, per_share=parts)

    def tables(self) -> Iterator[Part]:
        """Yield the partial tables."""
        for columns in self._whole:
            yield from _count(*columns)
        for part in open_buckets((reference for _, reference in self._written), ROW_SCHEMAS):
            hits = part.read()[TIME]
            yield from _count(KeyTable().intern(hits["client"]), hits["site"], hits["time_ms"], hits["facts"])
        remove_references(self._written)


def _count(client: Codes, site: Digests, time_ms: Ints, facts: Words) -> Iterator[Part]:
    yield count_error_visitors(client, site, time_ms, facts)
    yield count_asking_visitors(client, site, time_ms)
