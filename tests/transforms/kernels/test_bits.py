"""The lowest bit of a word is found, whatever stands above it."""

from __future__ import annotations

import numpy as np

from footfall.transforms.kernels.bits import lowest_bit


def test_each_bit_has_its_number() -> None:
    for number in range(64):
        for above in (0, 1 << 63, (1 << 64) - (1 << number)):
            assert lowest_bit(np.uint64(1 << number | above)) == number
