"""Counts what the workers of this process have read so far, for the display of progress."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Final

COUNTS: Final = ("stored_bytes", "lines", "to_compare", "compared")
"""stored_bytes: possibly compressed, and counted each time that they are read; lines: read as hits; to_compare,
compared: what finding the same lines in several inputs takes, two for each line.
"""


class ProgressCounts:
    """What is done so far; any number of threads may add to it. See COUNTS."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Set the counts to 0."""
        self.stored_bytes = 0
        self.lines = 0
        self.to_compare = 0
        self.compared = 0
        self._taken = dict.fromkeys(COUNTS, 0)

    def add(self, *, stored_bytes: int = 0, lines: int = 0, to_compare: int = 0, compared: int = 0) -> None:
        """Add to the counts."""
        with self._lock:
            self.stored_bytes += stored_bytes
            self.lines += lines
            self.to_compare += to_compare
            self.compared += compared

    def take(self) -> dict[str, int]:
        """Return what was added since the last call."""
        with self._lock:
            now = {name: getattr(self, name) for name in COUNTS}
            new = {name: count - self._taken[name] for name, count in now.items()}
            self._taken = now
        return new

    def raise_to(self, counts: Mapping[str, int]) -> None:
        """Set each count to what the workers of other processes have reported, if that is more."""
        with self._lock:
            for name in COUNTS:
                setattr(self, name, max(getattr(self, name), counts.get(name, 0)))


progress_counts: Final = ProgressCounts()
"""The counts of this process."""
