"""Counts what the workers of this process have read so far, for the display of progress."""

from __future__ import annotations

import threading
from typing import Final


class ProgressCounts:
    """The numbers of stored (possibly compressed) bytes and of lines; any number of threads may add to them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Set the counts to 0."""
        self.stored_bytes = 0
        self.lines = 0

    def add(self, *, stored_bytes: int = 0, lines: int = 0) -> None:
        """Add bytes or lines to the counts."""
        with self._lock:
            self.stored_bytes += stored_bytes
            self.lines += lines


progress_counts: Final = ProgressCounts()
"""The counts of this process."""
