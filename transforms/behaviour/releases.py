"""Looks up how old the browsers of a site's people are, from the table `releases`."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Codes, Columns, Ints, Words
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys

_FEW_LOADERS: Final = 5
"""With fewer clients whose browsers' age is known, a site has no typical one."""
_RELEASED_BITS: Final = 24
"""Days of release since 1970 need no more."""


class Releases:
    """The days of release of browsers, by day and site; `table` is of PARTIAL_TABLES."""

    def __init__(self, table: pa.Table) -> None:
        day, site, released, loaders, walkers = (
            table[name].to_numpy() for name in ("day", "site", "released", "loaders", "walkers")
        )
        self._sites = KeyTable()
        keys = self._place(self._sites.intern(mix_keys(day, site)), released.astype(np.int64))
        self._count = self._sites.count
        order = np.argsort(keys)
        self._keys, self._released = keys[order], released.astype(np.int64)[order]
        self._loaders, self._walkers = (np.concatenate([[0], np.cumsum(sums[order])]) for sums in (loaders, walkers))

    def typical(self, day: Ints, site: Words) -> Ints:
        """Return the day on which the browser of a site's typical client was released: a quarter of them
        are newer.

        It is that of the clients that load parts with a browser that updates itself; of fewer than `_FEW_LOADERS` of
        them, the day itself.
        """
        begin, end = self._rows_of(day, site)
        before, total = self._loaders[begin], self._loaders[end] - self._loaders[begin]
        row = np.searchsorted(self._loaders[1:], before + total * 3 // 4, side="right")
        row = np.minimum(row, max(len(self._keys) - 1, 0))
        return np.where(total >= _FEW_LOADERS, np.append(self._released, 0)[row], day)

    def people_as_old(self, day: Ints, site: Words, released: Ints) -> Columns:
        """Return how many people of a site have a browser of `released` or before, and how many there are in all.

        People are here clients that load parts with a browser that updates itself on a desktop, and follow links or
        arrive from a known place.
        """
        begin, end = self._rows_of(day, site)
        place = np.searchsorted(self._keys, self._place(self._code(day, site), released), side="right")
        sums = self._walkers
        return {
            "as_old": sums[np.clip(place, begin, end)] - sums[begin],
            "people": sums[end] - sums[begin],
        }

    def _rows_of(self, day: Ints, site: Words) -> tuple[Ints, Ints]:
        """Return where the rows of each day and site begin and end."""
        code, first = self._code(day, site), np.zeros(len(day), dtype=np.int64)
        begin = np.searchsorted(self._keys, self._place(code, first))
        return begin, np.searchsorted(self._keys, self._place(code + 1, first))

    def _code(self, day: Ints, site: Words) -> Codes:
        """Return the code of each day and site; those without rows have codes after all others."""
        code = self._sites.find(mix_keys(day, site))
        return np.where(code >= 0, code, self._count)

    @staticmethod
    def _place(code: Codes, released: Ints) -> Ints:
        return code.astype(np.int64) << _RELEASED_BITS | released
