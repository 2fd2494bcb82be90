"""Log-scaled buckets of times: histograms that add up, and whose percentiles are exact to the width of a bucket."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Ints
from footfall.transforms.kernels.byte_kernels import leading_zeros
from footfall.transforms.kernels.compiled import kernel

BUCKET_BITS: Final = 11
NO_LATENCY: Final = 2**BUCKET_BITS - 1
"""The bucket of a time that was not logged; it is larger than that of any time."""


@kernel
def latency_buckets(request_us: Ints) -> Ints:
    """Return the bucket of each request time: 32 linear steps per octave, so none is wider than 6.25% of its value.

    Bucket numbers are (s << 5 | v >> s) with s = max(0, bit length − 5), NO_LATENCY for a negative time; see
    `bucket_edge_us`.
    """
    buckets = np.empty(len(request_us), dtype=np.int64)
    for row in range(len(request_us)):
        value = request_us[row]
        if value < 0:
            buckets[row] = NO_LATENCY
            continue
        shift = max(np.int64(0), 64 - np.int64(leading_zeros(np.uint64(value))) - 5)
        buckets[row] = shift << 5 | value >> shift
    return buckets


def bucket_edge_us(bucket: int) -> int:
    """Return the upper edge of a bucket in microseconds; all its values are below.

    >>> bucket_edge_us(int(latency_buckets(np.array([5000]))[0]))
    5120
    """
    return ((bucket & 31) + 1) << (bucket >> 5)
