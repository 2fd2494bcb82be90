"""Progress counts that workers of a cluster leave in the folder they share: a file for each process, written anew.

An engine passes on metrics only when a worker has finished its part of a step, which may take most of the night.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections import Counter
from functools import cache
from typing import Final

from footfall.transforms.exchange.stored_files import join_path, match_files, open_file, write_whole
from footfall.transforms.running.progress_counts import COUNTS, progress_counts

_EVERY_S: Final = 5.0
_ENDING: Final = ".counts"


class WorkerCounts:
    """Writes what this process counts from now on to a file in one folder."""

    def __init__(self, folder: str) -> None:
        self._path = join_path(folder, f"{uuid.uuid4().hex}{_ENDING}")
        # A process may have worked for another run before.
        self._before = {name: getattr(progress_counts, name) for name in COUNTS}
        self._next = 0.0
        self._lock = threading.Lock()

    def write(self) -> None:
        """Write the counts, unless they were written just now."""
        with self._lock:
            if time.monotonic() < self._next:
                return
            self._next = time.monotonic() + _EVERY_S
            counts = {name: getattr(progress_counts, name) - before for name, before in self._before.items()}
            # They are for display, so no step fails for them; if the folder is at fault, the files of rows fail as
            # well.
            with contextlib.suppress(Exception):
                write_whole(self._path, json.dumps(counts).encode())


@cache
def worker_counts(folder: str) -> WorkerCounts:
    """Return the writer of this process for a folder; all steps of the process share it."""
    return WorkerCounts(folder)


def read_worker_counts(folder: str) -> dict[str, int]:
    """Return the sums of what all processes have written. Each filesystem raises its own errors."""
    sums: Counter[str] = Counter()
    for found in match_files(join_path(folder, f"*{_ENDING}")):
        with open_file(found.path) as file:
            sums.update(json.loads(file.read()))
    return dict(sums)
