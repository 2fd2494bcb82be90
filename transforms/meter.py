"""What this process has read so far, for whoever shows progress: plain counters, shared by a process's workers."""

from __future__ import annotations

import threading


class Meter:
    """Bytes as stored and lines, added up by any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.stored_bytes = 0
        self.lines = 0

    def add(self, *, stored_bytes: int = 0, lines: int = 0) -> None:
        """Count more bytes or lines."""
        with self._lock:
            self.stored_bytes += stored_bytes
            self.lines += lines

    def reset(self) -> None:
        """Begin a new run."""
        with self._lock:
            self.stored_bytes = self.lines = 0


meter = Meter()
