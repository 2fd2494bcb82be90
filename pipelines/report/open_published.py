"""Opens a published file to read from, also while another program has it open."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.publishing.tell_damage import tell_damage
from footfall.transforms.tables.published import SCHEMA_VERSION


@contextmanager
def open_published(db: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that reads the file's tables under their names. Raises UsageError or RunError.

    A file that another program has open for writing is read from a copy: a run renames finished files into place, so
    what is copied is what the last run published.
    """
    if not db.is_file():
        raise UsageError(f"{db}: no such file; name the published file with --db")
    with tempfile.TemporaryDirectory(prefix="footfall-report-") as folder, duckdb.connect(":memory:") as connection:
        try:
            if not _is_duckdb(db):
                raise RunError(f"{db}: is no DuckDB file; name a file that footfall nightly published with --db")
            try:
                _attach(connection, db)
            except duckdb.IOException:
                copy = Path(folder) / "copy.duckdb"
                shutil.copyfile(db, copy)
                _attach(connection, copy)
        except (duckdb.Error, OSError) as error:
            raise RunError(
                f"{db}: cannot be read ({type(error).__name__}); if it is damaged, restore it or publish it again"
            ) from None
        with tell_damage(db):
            _check_version(connection, db)
            yield connection


def _is_duckdb(db: Path) -> bool:
    with db.open("rb") as file:
        return file.read(12)[8:] == b"DUCK"


def _attach(connection: duckdb.DuckDBPyConnection, db: Path) -> None:
    connection.execute(f"ATTACH '{str(db).replace(chr(39), chr(39) * 2)}' AS published (READ_ONLY)")
    connection.execute("USE published")


def _check_version(connection: duckdb.DuckDBPyConnection, db: Path) -> None:
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'published' AND table_name = 'runs'"
    ).fetchall()
    if not columns:
        raise RunError(f"{db}: has no tables of footfall; name a file that footfall nightly published with --db")
    version = 1
    if ("schema_version",) in columns:
        (found,) = connection.execute("SELECT max(schema_version) FROM runs").fetchall()
        version = found[0] or 1
    if version != SCHEMA_VERSION:
        remedy = (
            "the next run of footfall nightly brings it up to date"
            if version < SCHEMA_VERSION
            else "use a newer footfall"
        )
        raise RunError(f"{db}: has version {version} of the tables, expected {SCHEMA_VERSION}; {remedy}")
