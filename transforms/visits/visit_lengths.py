"""The buckets of visits by number of page views and by duration (`docs/definitions.md`, Visit, length)."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Ints

BUCKETS: Final = {
    "page_views": (1, 2, 3, 4, 5, 6, 8, 11, 15, 21),
    "duration_s": (0, 1, 11, 31, 61, 121, 241, 421, 601, 901, 1801),
}
"""The least value of each bucket, by measure: those of Matomo's VisitorInterest, visits of 0 seconds apart."""
LENGTHS: Final = tuple(BUCKETS)
"""The measures; the index is the code in columns."""


def bucket_of(measure: str, values: Ints) -> Bytes:
    """Return the number of the bucket in which each value lies.

    >>> bucket_of("page_views", np.array([1, 7, 300])).tolist()
    [0, 5, 9]
    """
    return (np.searchsorted(BUCKETS[measure], values, side="right") - 1).astype(np.uint8)
