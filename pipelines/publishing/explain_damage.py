"""Distinguishes a damaged published file from other errors of the database."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.attach_published import attach_published


@contextmanager
def explain_damage(db: Path) -> Iterator[None]:
    """Raise RunError in place of an error of the database, if it turns out that not all of `db` can be read.

    The file is read only then: to read all of it each night would take long where it holds years.
    """
    try:
        yield
    except duckdb.Error:
        if not db.is_file() or _can_be_read(db):
            raise
    else:
        return
    raise RunError(
        f"{db}: is damaged, not all of its rows can be read; restore it from a backup, or move it away and publish its "
        "days again"
    )


def _can_be_read(db: Path) -> bool:
    """Return whether every value of every table of the file can be read."""
    try:
        with tempfile.TemporaryDirectory(prefix="footfall-") as folder, duckdb.connect(":memory:") as connection:
            attach_published(connection, db, "looked_at", Path(folder))
            connection.execute("USE looked_at")
            tables = connection.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'looked_at'"
            ).fetchall()
            for schema, table in tables:
                connection.execute(f'SELECT bit_xor(hash(COLUMNS(*))) FROM "{schema}"."{table}"').fetchall()
    except (duckdb.Error, OSError):
        return False
    return True
