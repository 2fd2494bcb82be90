"""Publishes a run: writes a new file beside the published one, replacing whole days, and renames it into place.

One process writes, after the pipeline. Readers that have the old file open keep reading it; a reader that opens it
later gets the new one.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from footfall.pipelines.endings import ignore_signals
from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.attach_published import log_of
from footfall.pipelines.publishing.check_bytes import check_bytes
from footfall.pipelines.publishing.check_file import check_file
from footfall.pipelines.publishing.earlier_file import attach_earlier_file
from footfall.pipelines.publishing.explain_damage import explain_damage
from footfall.pipelines.publishing.find_incomplete import IncompleteDay, find_incomplete, find_unread
from footfall.pipelines.publishing.load_tables import RunRecord, count_cut_names, count_unlearned, load_tables
from footfall.pipelines.publishing.merge_days import AskedDays, ChosenDays, choose_days, fill_tables
from footfall.pipelines.settings import NEW_FILE_MODE
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.describing.withhold_texts import Identifiers
from footfall.transforms.running.failures import kind_of
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES
from footfall.transforms.tables.questions import ALL_VIEWS, MACROS

STORAGE_VERSION: Final = "v1.0.0"
"""The storage format, which all versions DuckDB 1.x can read."""
MEMORY_LIMIT: Final = "256MB"
"""DuckDB's by default."""
FRESH: Final = "fresh.duckdb"
"""The name of the new file in the run's folder."""


@dataclass
class Books:
    """What a run read and published: sums over the inputs and over the published days."""

    lines: int = 0
    hits: int = 0
    outside_window: int = 0
    rejected: int = 0
    duplicates: int = 0
    later: list[tuple[str, int]] = field(default_factory=list)
    """(input, hits) of inputs with hits that are dated more than CLOCK_SKEW_MS after the run began."""
    rejects: list[tuple[str, str, int, int]] = field(default_factory=list)
    """(input, reason, lines, first line number)."""
    lines_of: dict[str, int] = field(default_factory=dict)
    """Lines by input."""
    visits: int = 0
    page_views: int = 0
    folded_rows: int = 0
    withheld: int = 0
    """Texts that held an identifier of the run."""
    cut_names: int = 0
    """Names that few hits had, and that became `(other)` since there were too many of them."""
    unlearned: int = 0
    """Agents, pages, sites and links that were ignored in classifying clients, since a day had too many of them."""
    days: ChosenDays = field(default_factory=ChosenDays)
    incomplete: list[IncompleteDay] = field(default_factory=list)
    """Requested days that are incomplete, published or not."""
    is_open_elsewhere: bool = False
    """Whether another program had the earlier file open for writing, or had left changes to it unfinished."""
    nothing: str = ""
    """Why there was nothing to publish, empty if there was."""


@contextlib.contextmanager
def begin_file(db: Path, folder: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a connection with the new file attached as `fresh`, with tables, views and comments but no rows.

    `publish` later replaces `db` with it. `folder` is the run's own, on the same file system as `db`. Raises RunError.
    """
    spill = folder / "duckdb"
    with _write_errors_of(db):
        spill.mkdir(exist_ok=True)
    tables = [
        f"CREATE TABLE {table.name} ({', '.join(f'{column.name} {column.type}' for column in table.columns)})"
        for table in TABLES
    ]
    views = [*(sql for _, _, sql in ALL_VIEWS), *(macro.sql for macro in MACROS)]
    comments = [comment for table in TABLES for comment in _comments(table)]
    comments += [_comment(f"VIEW {name}", text) for name, text, _ in ALL_VIEWS]
    comments += [_comment(f"{macro.kind} {macro.name}", macro.comment) for macro in MACROS]
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spill),
        "memory_limit": memory_limit,
        "threads": 1,
    }
    with duckdb.connect(":memory:", config=config) as connection:
        with _write_errors_of(db):
            _attach_fresh(connection, folder / FRESH)
            connection.execute("BEGIN; USE fresh")
            connection.execute(";".join([*tables, *views, *comments]))
            connection.execute("USE memory; COMMIT")
        yield connection


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _attach_fresh(connection: duckdb.DuckDBPyConnection, fresh: Path) -> None:
    """Attach the new file as `fresh`, without a write-ahead log: after a crash the file is not needed."""
    connection.execute(
        f"ATTACH '{_quoted(fresh)}' AS fresh (STORAGE_VERSION '{STORAGE_VERSION}', RECOVERY_MODE 'NO_WAL_WRITES')"
    )


def publish(
    connection: duckdb.DuckDBPyConnection,
    db: Path,
    folder: Path,
    tables: Mapping[str, pa.Table],
    met: Callable[[], Identifiers],
    inputs: Sequence[str],
    damaged: Sequence[str],
    record: RunRecord,
    asked: AskedDays,
    mode: int | None = None,
) -> Books:
    """Load, fold, merge with the published days, check, and rename. Raises RunError, and then leaves `db` unchanged.

    It is left unchanged too where the requested days have no hits: `nothing` of the result then says so.
    `connection` is from `begin_file` with the same `db` and `folder`; `met` reads the identifiers of the run; for
    the other parameters see `load_tables`.
    """
    with _write_errors_of(db), explain_damage(db):
        is_copy = attach_earlier_file(connection, db, folder)
        folded_rows = load_tables(connection, tables, inputs, damaged, record, asked)
        books = _read_books(connection)
        books.folded_rows = folded_rows
        books.cut_names = count_cut_names(tables)
        books.unlearned = count_unlearned(tables)
        books.withheld = pc.sum(tables["withheld"]["texts"]).as_py() or 0
        if books.hits:
            books.days = choose_days(connection)
        # A run may read days before the requested ones, for the sake of their week or month.
        if books.days == ChosenDays():
            books.nothing = _describe_nothing(books)
            read = connection.execute("SELECT min(first_ms), max(last_ms) FROM p_line_counts").fetchall()
            books.incomplete = find_unread(read[0][0], read[0][1], asked, record.timezone, record.timeout_ms)
            return books
        books.incomplete = find_incomplete(connection)
        fill_tables(connection, asked.oldest_day)
        check_file(connection, record.run_id, tables, TextRules(record.kept_texts))
        connection.execute("DETACH fresh")
        check_bytes(
            connection, folder / FRESH, met, lambda: _empty_file(db, folder), lambda: _write_anew(connection, folder)
        )
        _set_permissions(folder / FRESH, db, mode)
        # DuckDB would replay it onto the new file.
        log_of(db).unlink(missing_ok=True)
        _rename(folder / FRESH, db)
        books.is_open_elsewhere = is_copy
    return books


def _empty_file(db: Path, folder: Path) -> bytes:
    """Return the bytes of the new file as it is without rows."""
    own = folder / "empty"
    own.mkdir()
    with begin_file(db, own) as connection:
        connection.execute("DETACH fresh")
    return (own / FRESH).read_bytes()


def _write_anew(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write the new file again from its rows: without freed blocks, and with numbers and texts as they are."""
    before = folder / "before.duckdb"
    (folder / FRESH).rename(before)
    connection.execute(f"ATTACH '{_quoted(before)}' AS before (READ_ONLY)")
    _attach_fresh(connection, folder / FRESH)
    connection.execute("SET force_compression = 'uncompressed'; COPY FROM DATABASE before TO fresh")
    connection.execute("DETACH fresh; DETACH before; RESET force_compression")
    before.unlink()


@contextlib.contextmanager
def _write_errors_of(db: Path) -> Iterator[None]:
    """Convert write errors to RunError, with the type of the error only: DuckDB's messages quote paths and values."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, OSError) as error:
        is_memory = isinstance(error, duckdb.OutOfMemoryException)
        raise RunError(
            f"{db}: the new file beside it could not be written ({kind_of(error)}); the old file is unchanged. "
            "See that the disk has room and that files can be made in the folder, then run again"
            f"{', with more --memory if it has, such as 3GiB' if is_memory else ''}"
        ) from None


def _read_books(connection: duckdb.DuckDBPyConnection) -> Books:
    """Return the sums of a run. Raises RunError if it has lines, but none of them is a hit."""
    books = Books()
    row = connection.execute(
        "SELECT sum(lines), sum(hits), sum(outside_window), sum(rejected), sum(duplicates) FROM inputs"
    ).fetchone()
    books.lines, books.hits, books.outside_window, books.rejected, books.duplicates = (
        int(value or 0) for value in row or (0,) * 5
    )
    if books.rejected and not books.hits + books.outside_window + books.duplicates:
        raise RunError(
            f"none of {books.lines:,} lines could be parsed as a hit; check --log-format (footfall parse --summary)"
        )
    # The operator sees paths, and days of few visitors too.
    books.later = connection.execute(
        """SELECT n.input, sum(later)::BIGINT FROM p_line_counts c JOIN run_inputs n ON n.number = c.input
        GROUP BY n.input HAVING sum(later) > 0 ORDER BY n.input"""
    ).fetchall()
    books.lines_of = dict(
        connection.execute("SELECT n.input, lines FROM inputs i JOIN run_inputs n ON n.name = i.input").fetchall()
    )
    books.rejects = connection.execute(
        """SELECT n.input, reason, lines, first_line_number FROM rejects r JOIN run_inputs n ON n.name = r.input
        ORDER BY n.input, lines DESC, reason"""
    ).fetchall()
    row = connection.execute("SELECT sum(visits), sum(page_views) FROM p_visits").fetchone()
    books.visits, books.page_views = (int(value or 0) for value in row or (0, 0))
    return books


def _describe_nothing(books: Books) -> str:
    return (
        f"no hits on the requested days: {books.lines:,} lines read, {books.hits + books.outside_window:,} hits of "
        f"other days, {books.rejected:,} rejected; if the night was not quiet, check the dates, the time zone and "
        "--log-format (footfall parse --summary)"
    )


def _comments(table: Table) -> Iterator[str]:
    yield _comment(f"TABLE {table.name}", table.comment)
    for column in table.columns:
        yield _comment(f"COLUMN {table.name}.{column.name}", column.comment)


def _comment(what: str, text: str) -> str:
    return f"COMMENT ON {what} IS '{text.replace(chr(39), chr(39) * 2)}'"


def _set_permissions(fresh: Path, db: Path, mode: int | None) -> None:
    """Give the new file the mode and owner of the old one, or `mode`; NEW_FILE_MODE if there is neither."""
    old = db.stat() if db.exists() else None
    fresh.chmod(mode if mode is not None else NEW_FILE_MODE if old is None else stat.S_IMODE(old.st_mode))
    if old is not None and hasattr(os, "chown"):
        with contextlib.suppress(OSError):  # only root may give a file away
            os.chown(fresh, old.st_uid, old.st_gid)


def _rename(fresh: Path, db: Path) -> None:
    """Replace the old file with the new one, after the new one is synced to disk."""
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    # From here on it is published: a message that the run was interrupted would make the operator run it again.
    ignore_signals()
    os.replace(fresh, db)
    try:
        folder = os.open(db.parent, os.O_RDONLY)
    except OSError:  # Windows cannot open folders
        return
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
