"""How kernels are compiled: to machine code that numba keeps, and that needs no interpreter.

Three ways, since numba counts references to every array that a function takes, with two locked steps of the processor
per call, unless it is told that there is nothing to count. That took half of the scanner's time.
"""

from __future__ import annotations

from typing import Any, Final

from numba import njit

kernel: Final[Any] = njit(nogil=True, cache=True, _nrt=True)
"""For a function that makes arrays; what it does for each line stands in inner kernels."""

inner_kernel: Final[Any] = njit(nogil=True, cache=True, _nrt=False)
"""For a function that makes no arrays."""

inlined_kernel: Final[Any] = njit(nogil=True, cache=True, _nrt=False, forceinline=True)
"""For one of a few steps, which is to become part of what calls it."""
