"""Notices that a log was rotated while it was read: its path then names another file, whose lines would be missing."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs.list_inputs import Input
from footfall.transforms.exchange.stored_files import is_url
from footfall.transforms.running.run_options import STANDARD_INPUT


@dataclass(frozen=True)
class SeenFile:
    """Which file a path named when the run began, and its size in bytes at least."""

    path: str
    device: int
    inode: int
    size: int

    def is_same(self) -> bool:
        """Whether the path names the same file now, and nothing of it was cut off."""
        try:
            now = os.stat(self.path)
        except OSError:
            return False
        return (now.st_dev, now.st_ino) == (self.device, self.inode) and now.st_size >= self.size


def see_files(inputs: Iterable[Input]) -> list[SeenFile]:
    """Return the local files among the inputs as they are now; one that is gone already is never the same."""
    seen = []
    for one in inputs:
        if one.path == STANDARD_INPUT or is_url(one.path):
            continue
        try:
            found = os.stat(one.path)
            seen.append(SeenFile(one.path, found.st_dev, found.st_ino, one.size))
        except OSError:
            seen.append(SeenFile(one.path, -1, -1, 0))
    return seen


def check_same(seen: Iterable[SeenFile]) -> None:
    """Raise RunError for the first file that is another one now: rotated, replaced or cut off."""
    for one in seen:
        if not one.is_same():
            raise RunError(
                f"{one.path}: was rotated or replaced while the run read it, so that lines may be missing; nothing was "
                "published. Run again, at another time than the rotation"
            )
