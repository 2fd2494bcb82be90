"""Folders for what libraries and diagnostics keep in files for a while: none outlives its process for long."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

_PREFIX: Final = "footfall-scratch-"
_LOCK: Final = "lock"


@contextlib.contextmanager
def make_scratch_folder() -> Iterator[str]:
    """Create a private folder in the system's folder for temporary files, and remove it at the end.

    First remove those that killed processes of this user left: a living one holds the lock in its folder.
    """
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = FileLock(folder / _LOCK)
    try:
        with lock:
            yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for folder in parent.glob(f"{_PREFIX}*"):
        # One without a lock is just being made.
        with contextlib.suppress(OSError, Timeout):
            if not folder.is_symlink() and _is_own(folder) and (folder / _LOCK).is_file():
                with FileLock(folder / _LOCK, timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)


def _is_own(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.stat().st_uid == os.getuid()


@contextlib.contextmanager
def keep_temporary_files_in(folder: Path) -> Iterator[None]:
    """Make this process, and those that it starts, create their temporary files in `folder`, where none outlives the
    run.

    Beam makes a folder for each pipeline.
    """
    before, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    folder.mkdir(mode=0o700)
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        os.environ.pop("TMPDIR")
        if variable is not None:
            os.environ["TMPDIR"] = variable
