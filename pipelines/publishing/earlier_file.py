"""Attaches the file that is already published, whose tables have the current schema version or an earlier one.

The views of the schema `earlier` show its tables with all current columns: a missing column is NULL, a missing table is
empty.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.publishing.attach_published import attach, attach_published, copy_checkpoint, log_of
from footfall.pipelines.publishing.explain_damage import explain_damage
from footfall.pipelines.publishing.find_foreign import refuse_foreign
from footfall.pipelines.publishing.tighten_days import (
    FIRST_TIGHT_HITS,
    FIRST_TIGHT_VERSION,
    tighten_days,
    tighten_hits,
)
from footfall.transforms.running.failures import kind_of
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES

_FIRST_VERSION: Final = 1
"""The schema version of files that do not record one."""


@dataclass
class EarlierFile:
    """What an attached file has."""

    version: int
    """The version of its schema."""
    columns: set[tuple[str, str]]
    """The (table, column) pairs of this version."""
    is_copy: bool
    """Whether a copy of it is read."""


def check_earlier_file(db: Path, k: int, timezone: str) -> None:
    """Check that `db` can be published to, before anything is read. Raises RunError if not, UsageError for a folder.

    All days of a file have one k and one time zone: the difference of two versions of a day with different ones would
    reveal small groups.
    """
    if db.is_dir():
        raise UsageError(f"{db}: is a folder; name a file in it with --db")
    if not db.exists():
        return
    with (
        tempfile.TemporaryDirectory(prefix="footfall-") as folder,
        duckdb.connect(":memory:", config={"threads": 1}) as connection,
        explain_damage(db),
    ):
        attach_earlier_file(connection, db, Path(folder))
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


def attach_earlier_file(connection: duckdb.DuckDBPyConnection, db: Path, folder: Path) -> bool:
    """Create the schema `earlier`; its views are empty if there is no file yet. Return whether a copy is read.

    A copy in `folder` is read where another program has the file open for writing, or left changes unfinished. Raises
    RunError, also where others have added to the file. Days of versions without some or all rules for small groups are
    brought under these rules.
    """
    earlier = EarlierFile(SCHEMA_VERSION, set(), False)
    if db.exists():
        earlier = attach_as(connection, db, "old", folder)
        refuse_foreign(connection, db, "old", earlier.version)
        _refuse_unfinished(db, earlier.version, folder)
    given = "given" if earlier.version < FIRST_TIGHT_HITS else "earlier"
    connection.execute(f"CREATE SCHEMA {given}")
    connection.execute(
        ";".join(f"CREATE VIEW {given}.{table.name} AS {_select(table, earlier.columns)}" for table in TABLES)
    )
    if earlier.version < FIRST_TIGHT_VERSION:
        tighten_days(connection, given, "earlier")
    elif earlier.version < FIRST_TIGHT_HITS:
        tighten_hits(connection, given, "earlier")
    return earlier.is_copy


def _refuse_unfinished(db: Path, version: int, folder: Path) -> None:
    """Raise RunError with the names of what another program adds to the file and has not checkpointed.

    Changes of rows are not looked at: they are none of the runs'.
    """
    copy, log = folder / "unfinished.duckdb", log_of(db)
    with duckdb.connect(":memory:", config={"threads": 1}) as connection, contextlib.suppress(FileNotFoundError):
        shutil.copyfile(log, log_of(copy))
        copy_checkpoint(db, copy)
        # What can't be replayed onto this file belongs to one that is gone, or is damaged.
        with contextlib.suppress(duckdb.Error):
            attach(connection, copy, "unfinished")
            refuse_foreign(connection, db, "unfinished", version)


def attach_as(connection: duckdb.DuckDBPyConnection, db: Path, name: str, folder: Path) -> EarlierFile:
    """Attach the file under a name, by a copy in `folder` if need be. Raises RunError."""
    try:
        is_copy = attach_published(connection, db, name, folder)
    except (duckdb.Error, OSError) as error:
        raise RunError(
            f"{db}: cannot be opened ({kind_of(error)}); if it is damaged, restore it, or move it away"
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
    own = {
        (table.name, column.name)
        for table in TABLES
        for column in table.columns
        if max(table.since, column.since) <= version
    }
    return EarlierFile(version, own, is_copy)


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
