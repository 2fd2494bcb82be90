"""Attaches the file that is already published, whose tables have the current schema version or an earlier one.

The views of the schema `earlier` show its tables with all current columns: a missing column is NULL, a missing table is
empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.publishing.find_foreign import refuse_foreign
from footfall.pipelines.publishing.tell_damage import tell_damage
from footfall.pipelines.publishing.tighten_days import FIRST_TIGHT_VERSION, tighten_days
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES

_FIRST_VERSION: Final = 1
"""The schema version of files that do not record one."""


def check_earlier_file(db: Path, k: int, timezone: str) -> None:
    """Check that `db` can be published to, before anything is read. Raises RunError if not, UsageError for a folder.

    All days of a file have one k and one time zone: two versions of a day with different ones would tell small groups
    by their difference.
    """
    if db.is_dir():
        raise UsageError(f"{db}: is a folder; name a file in it with --db")
    if not db.exists():
        return
    with duckdb.connect(":memory:", config={"threads": 1}) as connection, tell_damage(db):
        attach_earlier_file(connection, db)
        runs = connection.execute(
            "SELECT DISTINCT k, timezone FROM earlier.runs SEMI JOIN earlier.days USING (run_id) ORDER BY ALL"
        ).fetchall()
    for own_k, own_zone in runs:
        for option, own, given in (("k", own_k, k), ("timezone", own_zone, timezone)):
            if own != given:
                raise RunError(
                    f"{db}: its days were published with --{option} {own}, expected --{option} {given}; run with "
                    f"--{option} {own}, or name another file with --db"
                )


def attach_earlier_file(connection: duckdb.DuckDBPyConnection, db: Path) -> None:
    """Create the schema `earlier`; its views are empty if there is no file yet. Raises RunError, also
    where others have added to it.

    Days of versions without rules for small groups are brought under these rules.
    """
    version, present = SCHEMA_VERSION, set[tuple[str, str]]()
    if db.exists():
        version, present = attach_as(connection, db, "old")
        refuse_foreign(connection, db, "old", version)
    is_loose = version < FIRST_TIGHT_VERSION
    given = "given" if is_loose else "earlier"
    connection.execute(f"CREATE SCHEMA {given}")
    connection.execute(";".join(f"CREATE VIEW {given}.{table.name} AS {_select(table, present)}" for table in TABLES))
    if is_loose:
        tighten_days(connection, given, "earlier")


def attach_as(connection: duckdb.DuckDBPyConnection, db: Path, name: str) -> tuple[int, set[tuple[str, str]]]:
    """Attach the file under a name; return its schema version, and the (table, column) pairs of this version."""
    log = db.with_name(f"{db.name}.wal")
    if log.exists():
        # DuckDB would replay it onto the new file that replaces this one.
        raise RunError(
            f"{db}: another program's changes to it are unfinished ({log.name} lies beside it); if that program runs, "
            f"close the file there, else open and close it once (duckdb {db.name} -c checkpoint), then run again"
        )
    try:
        with db.open("rb") as file:
            is_duckdb = file.read(12)[8:] == b"DUCK"
        if not is_duckdb:
            raise RunError(f"{db}: is no DuckDB file; name another file with --db, or move this one away")
        connection.execute(f"ATTACH '{str(db).replace(chr(39), chr(39) * 2)}' AS {name} (READ_ONLY)")
    except (duckdb.Error, OSError) as error:
        raise RunError(
            f"{db}: cannot be opened ({type(error).__name__}); if another program has it open for writing, close it "
            "there, or open it read-only (duckdb -readonly), then run again; if it is damaged, restore it, or move "
            "it away"
        ) from None
    present = set(
        connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = ? AND schema_name = 'main'",
            [name],
        ).fetchall()
    )
    version = _read_version(connection, present, name)
    if version > SCHEMA_VERSION:
        raise RunError(
            f"{db}: was published by a newer Footfall (version {version} of the tables, expected at most "
            f"{SCHEMA_VERSION}); run that one, or name another file with --db"
        )
    for table in TABLES:
        for column in table.columns:
            if max(table.since, column.since) <= version and (table.name, column.name) not in present:
                raise RunError(
                    f"{db}: was not published by Footfall (it has no {table.name}.{column.name}); name another file "
                    "with --db, or move this one away"
                )
    # Tables and columns with the names of later versions are ignored: they are not Footfall's.
    return version, {
        (table.name, column.name)
        for table in TABLES
        for column in table.columns
        if max(table.since, column.since) <= version
    }


def _read_version(connection: duckdb.DuckDBPyConnection, present: set[tuple[str, str]], name: str) -> int:
    if ("runs", "schema_version") not in present:
        return _FIRST_VERSION
    row = connection.execute(f"SELECT max(TRY_CAST(schema_version AS INTEGER)) FROM {name}.runs").fetchone()
    return int(row[0]) if row and row[0] is not None else _FIRST_VERSION


def _select(table: Table, present: set[tuple[str, str]]) -> str:
    """Return SQL for the rows of the file's table, with the current columns."""
    columns = [
        f"{column.name}::{column.type} AS {column.name}"
        if (table.name, column.name) in present
        else f"NULL::{column.type} AS {column.name}"
        for column in table.columns
    ]
    has_table = any(name == table.name for name, _ in present)
    return f"SELECT {', '.join(columns)} {f'FROM old.{table.name}' if has_table else 'WHERE false'}"
