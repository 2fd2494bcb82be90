"""Process-wide settings: memory allocation by the C library, and threads that are not needed."""

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
    # Threads reuse each other's freed memory: with an arena per thread, free memory is a fifth of the peak and grows.
    (_M_ARENA_MAX, 2),
    # The columns of a block are a megabyte each: returned to the system, they would be zeroed again for each block.
    (_M_MMAP_THRESHOLD, 32 * 2**20),
    (_M_TRIM_THRESHOLD, 256 * 2**20),
)


def _forbid_core_dumps() -> None:
    """Let no crash write the memory of the run to disk: it has lines of the logs, addresses and the key."""
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no `resource`
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tune_process() -> None:
    """Apply the settings. Call it first, before imports allocate memory. Child processes inherit the environment."""
    _forbid_core_dumps()
    # OpenBLAS would start threads for NumPy's matrix products, which are not used, and these spin during imports.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    with contextlib.suppress(OSError, AttributeError, TypeError):  # only glibc has mallopt
        library = ctypes.CDLL(None)
        for setting, value in _SETTINGS:
            library.mallopt(setting, value)
