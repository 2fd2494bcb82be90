"""Returns to the system what the process has freed: the C library keeps most of it, between what is in use."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import mmap
from pathlib import Path
from typing import Final

MUCH: Final = 256 * 2**20
"""Bytes. To return less takes longer than it is worth: what is returned is zeroed when it is needed again."""
PLENTY: Final = 600 * 2**20
"""Bytes. A process that has more in memory, as on a week of large logs, returns less than that already."""
_OF_PROCESS: Final = Path("/proc/self/statm")


class FreedMemory:
    """What the process has freed."""

    def __init__(self) -> None:
        self._left = 0
        """The bytes of the process's own that were in memory after the last return, or less since."""

    def give_back(self, least: int = 0) -> None:
        """Return it, and what cycles keep.

        With `least`, return only what is freed already, and only if the process has grown by so many bytes since the
        last time.
        """
        with contextlib.suppress(OSError, AttributeError, TypeError):  # only Linux has /proc, only glibc malloc_trim
            own = _own_bytes()
            if own > PLENTY:
                least //= 4  # stays 0
            if not least or own >= self._left + least:
                if not least:
                    # Engines leave cycles behind, which keep steps and all that these hold.
                    gc.collect()
                ctypes.CDLL(None).malloc_trim(0)
                own = _own_bytes()
                # In the middle of what other threads do much is left for a moment: that must not become the measure.
                self._left = min(own, self._left + least // 4) if least and self._left else own
            self._left = min(self._left, own)


def _own_bytes() -> int:
    _, resident, of_files, *_ = _OF_PROCESS.read_text().split()
    return (int(resident) - int(of_files)) * mmap.PAGESIZE


freed_memory: Final = FreedMemory()
"""That of this process."""
