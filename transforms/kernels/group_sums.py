"""Group-by on packed 64-bit keys: sums, minima and maxima, and distinct values."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Flags, Ints, Words
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.kernels.intern_strings import KeyTable

_HALF_BITS: Final = np.uint64(32)


class GroupSums:
    """Sums of several measures per key.

    >>> sums = GroupSums(1)
    >>> sums.add(np.array([7, 9, 7], dtype=np.uint64), np.array([1, 10, 100]))
    >>> sums.keys.tolist(), sums.measure(0).tolist()
    ([7, 9], [101, 10])
    """

    def __init__(self, measures: int) -> None:
        self._keys = KeyTable()
        self._sums = np.zeros((measures, 0), dtype=np.int64)

    def add(self, keys: Words, *measures: Ints | None) -> Codes:
        """Add one value per key and measure, 1 where a measure is None. Returns the keys' codes."""
        codes = self._keys.intern(keys)
        missing = self._keys.count - self._sums.shape[1]
        if missing:
            grown = np.zeros((len(self._sums), missing), dtype=np.int64)
            self._sums = np.concatenate([self._sums, grown], axis=1)
        for row, values in enumerate(measures):
            if values is None:
                _add_ones(codes, self._sums[row])
            else:
                _add_values(codes, values, self._sums[row])
        return codes

    def codes(self, keys: Words) -> Codes:
        """Return the codes of keys that have been added."""
        return self._keys.intern(keys)

    @property
    def keys(self) -> Words:
        """The distinct keys in the order of their first appearance."""
        return self._keys.keys

    @property
    def count(self) -> int:
        """The number of distinct keys."""
        return self._keys.count

    def measure(self, row: int) -> Ints:
        """The sums of one measure, in the order of `keys`."""
        sums: Ints = self._sums[row]
        return sums


class GroupMinMax:
    """The smallest and the largest value per code of a GroupSums.

    >>> ranges = GroupMinMax()
    >>> ranges.add(np.array([0, 1, 0], dtype=np.int32), np.array([5, 8, 3]))
    >>> ranges.minima.tolist(), ranges.maxima.tolist()
    ([3, 8], [5, 8])
    """

    def __init__(self) -> None:
        self.minima: Ints = np.zeros(0, dtype=np.int64)
        self.maxima: Ints = np.zeros(0, dtype=np.int64)

    def add(self, codes: Codes, values: Ints) -> None:
        """Include one value per code."""
        missing = (int(codes.max()) + 1 if len(codes) else 0) - len(self.minima)
        if missing > 0:
            self.minima = np.concatenate([self.minima, np.full(missing, 2**63 - 1)])
            self.maxima = np.concatenate([self.maxima, np.full(missing, -(2**63))])
        _update_min_max(codes, values, self.minima, self.maxima)


class DistinctValues:
    """Distinct values of groups; both are codes, one of each for a row.

    >>> visitors = DistinctValues(np.array([0, 0, 1], np.int32), np.array([4, 4, 4], np.int32), 2)
    >>> visitors.count().tolist(), visitors.count_among(np.array([True, True, False])).tolist()
    ([1, 1], [1, 0])
    """

    def __init__(self, groups: Codes, values: Codes, group_count: int) -> None:
        pairs = KeyTable()
        self._pair = pairs.intern(groups.astype(np.uint64) << _HALF_BITS | values.astype(np.uint64))
        self._group = (pairs.keys >> _HALF_BITS).astype(np.int64)
        self._group_count = group_count

    def count(self) -> Ints:
        """Return the number of distinct values of each group."""
        return np.bincount(self._group, minlength=self._group_count)

    def count_among(self, wanted: Flags) -> Ints:
        """Return the number of distinct values that each group has among the wanted rows."""
        is_there = np.zeros(len(self._group), dtype=np.bool_)
        _mark(self._pair, wanted, is_there)
        return np.bincount(self._group[is_there], minlength=self._group_count)


@inner_kernel
def _mark(codes: Codes, wanted: Flags, marks: Flags) -> None:
    for row in range(len(codes)):
        marks[codes[row]] |= wanted[row]


@inner_kernel
def _update_min_max(codes: Codes, values: Ints, minima: Ints, maxima: Ints) -> None:
    for row in range(len(codes)):
        minima[codes[row]] = min(minima[codes[row]], values[row])
        maxima[codes[row]] = max(maxima[codes[row]], values[row])


@inner_kernel
def _add_values(codes: Codes, values: Ints, sums: Ints) -> None:
    for row in range(len(codes)):
        sums[codes[row]] += values[row]


@inner_kernel
def _add_ones(codes: Codes, sums: Ints) -> None:
    for row in range(len(codes)):
        sums[codes[row]] += 1
