"""Collects the identifiers in a piece of a log as digests under the run's key: see `kernels.digest_identifiers`."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Digests, Ints, Key, Offsets, Words
from footfall.transforms.kernels.digest_identifiers import (
    digest_addresses,
    digest_header_cookies,
    digest_values,
    note_new,
    note_new_addresses,
)

_CACHE: Final = 1 << 16
_COMPACT_ABOVE: Final = 1 << 20


class MetIdentifiers:
    """Addresses, cookies and names of users, each digested once or a few times; `key` is the run's."""

    def __init__(self, key: Key) -> None:
        self._key = key
        self.clear()

    def clear(self) -> None:
        """Forget all, so that a piece's identifiers do not depend on what was read before it."""
        self._addresses, self._sessions, self._others = (np.zeros(_CACHE, dtype=np.uint64) for _ in range(3))
        self._met: list[Digests] = []
        self._size = 0

    def add_addresses(self, high: Words, low: Words, rows: Ints) -> None:
        """Add the addresses of clients in these rows."""
        new = note_new_addresses(high, low, rows, self._addresses)
        self._add(digest_addresses(self._key, high[new], low[new]))

    def add_sessions(self, sessions: Digests, block: Bytes, begins: Offsets, ends: Offsets, rows: Ints) -> None:
        """Add the values of session cookies in these rows; `sessions` are their digests."""
        new = note_new(sessions, rows, self._sessions)
        self._add(digest_values(self._key, block, begins[new], ends[new]))

    def add_values(self, block: Bytes, begins: Offsets, ends: Offsets, rows: Ints) -> None:
        """Add the names of users and hosts."""
        self._add_new(digest_values(self._key, block, begins[rows], ends[rows]))

    def add_header_cookies(self, block: Bytes, begins: Offsets, ends: Offsets, rows: Ints) -> None:
        """Add the values in Cookie headers that look like identifiers."""
        self._add_new(digest_header_cookies(self._key, block, begins[rows], ends[rows]))

    def _add_new(self, digests: Digests) -> None:
        self._add(digests[note_new(digests, np.arange(len(digests)), self._others)])

    def _add(self, digests: Digests) -> None:
        if len(digests):
            self._met.append(digests)
            self._size += len(digests)
            if self._size > _COMPACT_ABOVE:
                self._met = [self.digests()]
                self._size = len(self._met[0]) // 2

    def digests(self) -> Digests:
        """Return the digests of all that was added, sorted, each once."""
        # `np.unique` takes ten times as long.
        every = np.sort(np.concatenate([np.zeros(1, dtype=np.uint64), *self._met]))
        return every[1:][every[1:] != every[:-1]]
