"""How a process of ours gets memory from the C library and gives it back, and which threads it does not need."""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import Final

# Of glibc's malloc.h.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_SETTINGS: Final = (
    # Threads share what they freed: kept for each apart it comes to a fifth of the peak, and grows.
    (_M_ARENA_MAX, 2),
    # Columns of a block are a megabyte each: given back one by one, the system clears them anew for the next block.
    (_M_MMAP_THRESHOLD, 32 * 2**20),
    (_M_TRIM_THRESHOLD, 256 * 2**20),
)


def tune_process() -> None:
    """Once, before much is imported and allocated; processes started from this one inherit the environment."""
    # NumPy's matrix products, of which we have none, would start threads that wait busily while all is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with contextlib.suppress(OSError, AttributeError, TypeError):  # only glibc has and needs it
        library = ctypes.CDLL(None)
        for setting, value in _SETTINGS:
            library.mallopt(setting, value)
