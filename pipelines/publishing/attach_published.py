"""Attaches a published file as it was published, also while another program has it open for writing.

DuckDB lets nobody read a file that one process writes to. What that process has committed lies in a write-ahead log
beside the file (`….wal`) until a checkpoint takes it over, and DuckDB replays such a log onto whatever file has the
name, even one that was renamed into its place. So a locked file, or one with a log beside it, is read from a copy
without the log.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import duckdb

from footfall.pipelines.errors import RunError

HEADERS_BYTES: Final = 3 * 4096
"""The size of DuckDB's headers (of the file, and of its last two checkpoints), which a checkpoint writes at last."""
_ATTEMPTS: Final = 5


def log_of(db: Path) -> Path:
    """The path of the write-ahead log of a file."""
    return db.with_name(f"{db.name}.wal")


def attach_published(connection: duckdb.DuckDBPyConnection, db: Path, name: str, folder: Path) -> bool:
    """Attach the last checkpoint of the file, read-only; return whether it is read from a copy in `folder`.

    The copy is needed for as long as the file is attached. Raises RunError if the file is none of DuckDB's, or written
    to faster than it is copied, else what DuckDB and the operating system raise.
    """
    with db.open("rb") as file:
        is_duckdb = file.read(12)[8:] == b"DUCK"
    if not is_duckdb:
        raise RunError(f"{db}: is no DuckDB file; name another file with --db, or move this one away")
    if not log_of(db).exists():
        try:
            attach(connection, db, name)
        except duckdb.IOException:  # how DuckDB reports another program's lock
            pass
        else:
            return False
    attach(connection, copy_checkpoint(db, folder / f"{name}.duckdb"), name)
    return True


def attach(connection: duckdb.DuckDBPyConnection, db: Path, name: str) -> None:
    """Attach a file under a name, read-only."""
    connection.execute(f"ATTACH '{str(db).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")


def copy_checkpoint(db: Path, copy: Path) -> Path:
    """Copy the file as its last checkpoint left it, and return the copy.

    A checkpoint writes what is new to blocks that the one before does not use, and then a header that names them. So
    a copy is whole if the headers are the same before and after.
    """
    for _ in range(_ATTEMPTS):
        headers = _read_headers(db)
        shutil.copyfile(db, copy)
        if headers == _read_headers(db) == _read_headers(copy):
            return copy
    raise RunError(
        f"{db}: another program writes to it all the time, so that it can't be copied; close it there, or open it "
        "read-only (duckdb -readonly), then run again"
    )


def _read_headers(db: Path) -> bytes:
    with db.open("rb") as file:
        return file.read(HEADERS_BYTES)
