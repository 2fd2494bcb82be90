"""What the workers of this process, or beside it, have read so far, for whoever shows progress: plain counters."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from typing import Any, Final

_BYTES, _LINES = range(2)


class Meter:
    """Bytes as stored and lines, added up by any number of threads, or of processes that share the counts."""

    def __init__(self) -> None:
        self.count_here()

    def count_here(self) -> None:
        """Begin anew, for threads of this process."""
        self.count_in([0, 0], threading.Lock())

    def count_in(self, counts: Any, lock: AbstractContextManager[Any]) -> None:
        """Add to two numbers that stand elsewhere from now on."""
        self._counts = counts
        self._lock = lock

    def add(self, *, stored_bytes: int = 0, lines: int = 0) -> None:
        """Count more bytes or lines."""
        with self._lock:
            self._counts[_BYTES] += stored_bytes
            self._counts[_LINES] += lines

    @property
    def stored_bytes(self) -> int:
        """All so far."""
        return int(self._counts[_BYTES])

    @property
    def lines(self) -> int:
        """All so far."""
        return int(self._counts[_LINES])


meter: Final = Meter()
