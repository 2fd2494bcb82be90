"""Types of the arrays that kernels take and return, by content. This module imports no other module of Footfall."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
"""Bytes of a log, or small codes."""
Offsets = NDArray[np.int32]
"""Begins or ends in a block of bytes; -1 for none."""
Codes = NDArray[np.int32]
"""Small numbers that a table assigns to distinct values; 0 for none."""
Steps = NDArray[np.int8]
"""Grains and levels, of which there are few."""
Ints = NDArray[np.int64]
"""Counts, times, row numbers."""
Words = NDArray[np.uint64]
"""64-bit words: halves of addresses, packed keys."""
Pointers = NDArray[np.uint32]
"""Node numbers and data pointers of an MMDB file, as its search tree stores them; 0 for no data."""
Digests = NDArray[np.uint64]
"""64-bit digests; 0 for none."""
HalfDigests = NDArray[np.uint32]
"""The lower halves of digests, which are enough to distinguish few texts; 0 for none."""
Evidence = NDArray[np.uint16]
"""Words of `pack_evidence`."""
GoalBits = NDArray[np.uint16]
"""Goals as bits: see `describing.goal_rules`."""
Key = NDArray[np.uint64]
"""The two words of a digest's key."""
Flags = NDArray[np.bool_]
"""One boolean per row."""
Floats = NDArray[np.float64]
"""Probabilities, weights and other real numbers."""
Objects = NDArray[np.object_]
"""Python strings."""
Columns = dict[str, NDArray[Any]]
"""Columns of equal length by name."""
