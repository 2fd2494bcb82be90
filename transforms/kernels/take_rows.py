"""Takes rows of columns faster than NumPy does, for results that are only read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Ints


def take_rows(column: NDArray[Any], rows: Ints | Codes) -> NDArray[Any]:
    """Return `column[rows]`, which may not be written to; each row must be one of the column's.

    Arrow needs a third to two thirds of the time of NumPy's indexing, which checks and converts each row.

    >>> take_rows(np.array([True, False]), np.array([1, 1, 0])).tolist()
    [False, False, True]
    """
    # Arrow has flags as bits.
    values = pa.array(column.view(np.uint8) if column.dtype == np.bool_ else column)
    taken = pc.take(values, pa.array(rows), boundscheck=False)
    return np.asarray(taken.to_numpy().view(column.dtype))
