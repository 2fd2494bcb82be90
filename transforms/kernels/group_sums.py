"""Sums by packed 64-bit keys: the group-by of small integers that all counting kernels share."""

from __future__ import annotations

import numpy as np

from footfall.transforms.arrays import Codes, Ints, Words
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.kernels.intern_strings import KeyTable


class GroupSums:
    """Sums of several measures by one key.

    >>> sums = GroupSums(1)
    >>> sums.add(np.array([7, 9, 7], dtype=np.uint64), np.array([1, 10, 100]))
    >>> sums.keys.tolist(), sums.measure(0).tolist()
    ([7, 9], [101, 10])
    """

    def __init__(self, measures: int) -> None:
        self._keys = KeyTable()
        self._sums = np.zeros((measures, 0), dtype=np.int64)

    def add(self, keys: Words, *measures: Ints | None) -> Codes:
        """Add up one value per key and measure, 1 where a measure is None; returns the keys' codes."""
        codes = self._keys.intern(keys)
        missing = self._keys.count - self._sums.shape[1]
        if missing:
            grown = np.zeros((len(self._sums), missing), dtype=np.int64)
            self._sums = np.concatenate([self._sums, grown], axis=1)
        for row, values in enumerate(measures):
            if values is None:
                _count_up(codes, self._sums[row])
            else:
                _add_up(codes, values, self._sums[row])
        return codes

    @property
    def keys(self) -> Words:
        """The distinct keys in the order of their first appearance."""
        return self._keys.keys

    def measure(self, row: int) -> Ints:
        """The sums of one measure, by key."""
        sums: Ints = self._sums[row]
        return sums


class GroupSpans:
    """The smallest and the largest value by the codes of a GroupSums.

    >>> spans = GroupSpans()
    >>> spans.add(np.array([0, 1, 0], dtype=np.int32), np.array([5, 8, 3]))
    >>> spans.firsts.tolist(), spans.lasts.tolist()
    ([3, 8], [5, 8])
    """

    def __init__(self) -> None:
        self.firsts: Ints = np.zeros(0, dtype=np.int64)
        self.lasts: Ints = np.zeros(0, dtype=np.int64)

    def add(self, codes: Codes, values: Ints) -> None:
        """Widen the spans of codes to values."""
        missing = (int(codes.max()) + 1 if len(codes) else 0) - len(self.firsts)
        if missing > 0:
            self.firsts = np.concatenate([self.firsts, np.full(missing, 2**63 - 1)])
            self.lasts = np.concatenate([self.lasts, np.full(missing, -(2**63))])
        _widen(codes, values, self.firsts, self.lasts)


@inner_kernel
def _widen(codes: Codes, values: Ints, firsts: Ints, lasts: Ints) -> None:
    for row in range(len(codes)):
        firsts[codes[row]] = min(firsts[codes[row]], values[row])
        lasts[codes[row]] = max(lasts[codes[row]], values[row])


@inner_kernel
def _add_up(codes: Codes, values: Ints, sums: Ints) -> None:
    for row in range(len(codes)):
        sums[codes[row]] += values[row]


@inner_kernel
def _count_up(codes: Codes, sums: Ints) -> None:
    for row in range(len(codes)):
        sums[codes[row]] += 1
