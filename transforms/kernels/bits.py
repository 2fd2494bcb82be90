"""Sets of small numbers as the bits of a word."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.kernels.compiled import inlined_kernel

_SEQUENCE: Final = np.uint64(0x03F79D71B4CB0A89)
"""A de Bruijn sequence: each six of its bits that stand together are another number."""
_AT: Final = np.uint64(58)
_NUMBERS: Final = np.zeros(64, dtype=np.uint8)
_NUMBERS[[int(_SEQUENCE) << number >> 58 & 63 for number in range(64)]] = np.arange(64)


@inlined_kernel
def lowest_bit(word: np.uint64) -> np.int64:
    """Return the number of the lowest bit that is set, 0 to 63; one of them must be."""
    return np.int64(_NUMBERS[(word & (~word + np.uint64(1))) * _SEQUENCE >> _AT])
