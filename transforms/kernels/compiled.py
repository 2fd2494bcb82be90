"""Decorators that compile kernels with numba: without the GIL, and cached on disk.

There are three, because numba counts references to each array that a function takes, with two atomic operations per
call, unless `_nrt` is off. Reference counting took half of the scanner's time.
"""

from __future__ import annotations

from typing import Any, Final

from numba import njit

kernel: Final[Any] = njit(nogil=True, cache=True, _nrt=True)
"""For a function that allocates arrays; it leaves the work per line to inner kernels."""

inner_kernel: Final[Any] = njit(nogil=True, cache=True, _nrt=False)
"""For a function that allocates no arrays."""

inlined_kernel: Final[Any] = njit(nogil=True, cache=True, _nrt=False, forceinline=True)
"""For a short function that allocates no arrays and is inlined into its callers."""
