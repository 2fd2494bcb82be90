"""Opens a published file to read from, also while another program has it open."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.publishing.attach_published import attach_published
from footfall.pipelines.publishing.explain_damage import explain_damage
from footfall.transforms.running.failures import kind_of
from footfall.transforms.tables.published import SCHEMA_VERSION


@contextmanager
def open_published(db: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that reads the file's tables under their names. Raises UsageError or RunError.

    What is read is what the last run published, also where another program has the file open for writing.
    """
    if not db.is_file():
        raise UsageError(f"{db}: no such file; name the published file with --db")
    with tempfile.TemporaryDirectory(prefix="footfall-report-") as folder, duckdb.connect(":memory:") as connection:
        try:
            attach_published(connection, db, "published", Path(folder))
        except (duckdb.Error, OSError) as error:
            raise RunError(
                f"{db}: cannot be read ({kind_of(error)}); if it is damaged, restore it or publish it again"
            ) from None
        connection.execute("USE published")
        with explain_damage(db):
            _check_version(connection, db)
            yield connection


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
