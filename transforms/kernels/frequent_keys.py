"""Finds digests that have too many rows on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np

from footfall.transforms.arrays import Columns, Digests, Flags, Ints
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys

_SIEVE_BITS: Final = 16
_SIEVE_AT: Final = np.uint64(64 - _SIEVE_BITS)
_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)

LocalDaysOf = Callable[[Columns], Ints]
"""Returns the local days of rows."""


class Frequent(NamedTuple):
    """Pairs of a digest and a day."""

    digest: Digests
    day: Ints

    def have(self, digests: Digests, days: Ints) -> Flags:
        """Return which pairs of a digest and a day are among them."""
        if not len(self.day):
            return np.zeros(len(digests), dtype=np.bool_)
        return np.isin(mix_keys(digests, days), mix_keys(self.digest, self.day))


NONE_FREQUENT: Final = Frequent(np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64))


def find_frequent(rows: Callable[[], Iterable[Columns]], column: str, days_of: LocalDaysOf, most: int) -> Frequent:
    """Return the digests of a column that more than `most` rows have on one day, and these days.

    `rows` begins with the rows anew each time it is called. Memory does not grow with them: a sieve first adds up
    digests that have some bits in common, and in most buckets that is all.
    """
    sums = np.zeros(1 << _SIEVE_BITS, dtype=np.int64)
    for own in rows():
        sums += np.bincount((own[column] >> _SIEVE_AT).astype(np.int64), minlength=len(sums))
    digests, counts = KeyTable(), GroupSums(1)
    if sums.max() > most:
        for own in rows():
            chosen = np.flatnonzero(sums[(own[column] >> _SIEVE_AT).astype(np.int64)] > most)
            if len(chosen):
                near = {name: values[chosen] for name, values in own.items()}
                code = digests.intern(near[column]).astype(np.uint64)
                counts.add(code << _HALF_BITS | days_of(near).astype(np.uint64), None)
    found = counts.keys[counts.measure(0) > most]
    return Frequent(digests.keys[(found >> _HALF_BITS).astype(np.int64)], (found & _LOW_HALF).astype(np.int64))
