"""The lowest and the highest bit of a word are found, whatever stands above or below it."""

from __future__ import annotations

import numpy as np

from footfall.transforms.arrays import Ints, Words
from footfall.transforms.kernels.byte_kernels import leading_zeros, trailing_zeros
from footfall.transforms.kernels.compiled import kernel


@kernel
def count_zeros(words: Words) -> tuple[Ints, Ints]:
    """The zeros below the lowest and above the highest bit of each word."""
    below, above = np.empty(len(words), dtype=np.int64), np.empty(len(words), dtype=np.int64)
    for row in range(len(words)):
        below[row], above[row] = trailing_zeros(words[row]), leading_zeros(words[row])
    return below, above


def test_zeros_below_the_lowest_bit_are_counted_whatever_stands_above() -> None:
    for rest in (0, 1 << 63, (1 << 64) - 1):
        words = np.array([(1 << bit | rest) >> bit << bit for bit in range(64)], dtype=np.uint64)
        assert count_zeros(words)[0].tolist() == list(range(64))


def test_zeros_above_the_highest_bit_are_counted_whatever_stands_below() -> None:
    for rest in (0, (1 << 64) - 1):
        words = np.array([1 << bit | rest & ((1 << bit) - 1) for bit in range(64)], dtype=np.uint64)
        assert count_zeros(words)[1].tolist() == [63 - bit for bit in range(64)]
    assert count_zeros(np.zeros(1, dtype=np.uint64))[1].tolist() == [64]
