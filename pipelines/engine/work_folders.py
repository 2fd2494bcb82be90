"""A run's lock on the published file, and its temporary folders, which are removed however the run ends."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from footfall.pipelines.errors import RunError, UsageError
from footfall.transforms.exchange.stored_files import is_url, join_path, make_private_folder, remove_folder
from footfall.transforms.running.failures import kind_of


@contextlib.contextmanager
def lock_published_file(db: Path) -> Iterator[None]:
    """Keep other runs from publishing to `db` meanwhile. The operating system releases the lock of a dead process."""
    path = db.with_name(f".{db.name}.lock")
    lock = FileLock(path, timeout=0)
    try:
        # In a folder without write permission, FileLock reports a lock held by another process.
        path.touch()
        lock.acquire()
    except Timeout:
        raise RunError(
            f"{db}: another run is publishing to it; wait until that run has ended, or give another file with --db"
        ) from None
    except OSError as error:
        if path.exists() and not os.access(path, os.W_OK):
            raise UsageError(
                f"{path}: this lock belongs to user {_name_owner(path)}, and this run may not write to it; run as that "
                "user, or remove it if no run of theirs is under way"
            ) from None
        raise UsageError(
            f"{db.parent}: cannot be written to ({kind_of(error)}); give a file in another folder with --db"
        ) from None
    try:
        yield
    finally:
        lock.release()


def _name_owner(path: Path) -> str:
    try:
        return path.owner()
    except (KeyError, NotImplementedError, OSError):  # a number without a name; Windows
        return str(path.stat().st_uid)


@contextlib.contextmanager
def make_work_folder(db: Path) -> Iterator[Path]:
    """Create the run's own folder beside `db` and remove it at the end; first remove that of a run that was killed."""
    work = db.with_name(f".{db.name}.work")
    remove_work_folder(work)
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        remove_work_folder(work)


def remove_work_folder(work: Path) -> None:
    """Rename the folder, then delete it: workers of an interrupted run can no longer write to the old path."""
    renamed = work.with_name(f"{work.name}.gone")
    shutil.rmtree(renamed, ignore_errors=True)
    with contextlib.suppress(FileNotFoundError):
        work.rename(renamed)
    shutil.rmtree(renamed, ignore_errors=True)


@contextlib.contextmanager
def make_exchange_folder(temp: str | None, db: Path, work: Path) -> Iterator[str]:
    """Create the folder for rows passed between stages: in the work folder, or below `temp`, shared by a cluster.

    Below `temp` it is in a folder whose name is derived from the path of `db`, so that the next run deletes what a
    killed run left; its own name is new, so that workers of a killed run that still write do not write to it.
    """
    if temp is None:
        exchange = work / "rows"
        exchange.mkdir(mode=0o700)
        yield str(exchange)
        return
    if not is_url(temp) and not Path(temp).is_dir():
        raise UsageError(f"{temp}: no such folder; create it, or give another one with --temp")
    own = join_path(temp, f"footfall-{hashlib.sha256(str(db).encode()).hexdigest()[:12]}")
    folder = join_path(own, uuid.uuid4().hex[:12])
    try:
        remove_folder(own)
        make_private_folder(own)
        make_private_folder(folder)
    except Exception as error:  # each file system raises its own exceptions
        raise UsageError(f"{temp}: cannot be written to ({kind_of(error)}); check --temp") from None
    try:
        yield folder
    finally:
        remove_folder(own)
