"""The arrays that kernels take and return, by what they hold. This module imports nothing of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
"""Raw bytes of a log, or small codes."""
Offsets = NDArray[np.int32]
"""Where something begins or ends in a block of bytes; -1 for nothing."""
Codes = NDArray[np.int32]
"""Small numbers that a table gives to what it has met; 0 for nothing."""
Ints = NDArray[np.int64]
"""Counts, times, numbers of rows."""
Words = NDArray[np.uint64]
"""64 bits: halves of addresses, packed keys."""
Pointers = NDArray[np.uint32]
"""Node numbers and data pointers of an MMDB file, as its search tree stores them; 0 for no data."""
Digests = NDArray[np.uint64]
"""64-bit digests; 0 for nothing."""
Key = NDArray[np.uint64]
"""The two words of a digest's key."""
Flags = NDArray[np.bool_]
"""Yes or no for each row."""
Floats = NDArray[np.float64]
"""Probabilities, weights and other real numbers."""
Objects = NDArray[np.object_]
"""Python's own texts."""
Columns = dict[str, NDArray[Any]]
"""Columns of equal length by name."""
