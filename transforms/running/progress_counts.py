"""What the workers of this process have read so far, for whoever shows progress."""

from __future__ import annotations

import threading
from typing import Final


class ProgressCounts:
    """Bytes as stored and lines, added up by any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        self.stored_bytes = 0
        self.lines = 0

    def add(self, *, stored_bytes: int = 0, lines: int = 0) -> None:
        """Count more bytes or lines."""
        with self._lock:
            self.stored_bytes += stored_bytes
            self.lines += lines


progress_counts: Final = ProgressCounts()
"""Of this process."""
