"""Publishing: days are replaced whole in a fresh file beside the old one, which is then renamed into place (step 10).

One writer, after the pipeline. Readers keep the file they have open; whoever opens it next sees the new one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from footfall.pipelines.contract import PERCENTILE_COMMENT, PERCENTILE_MACRO, TABLES, VIEWS, Table
from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.publishing.check_file import check_file
from footfall.pipelines.publishing.load_tables import load_tables
from footfall.pipelines.publishing.run_statements import do_side_by_side
from footfall.transforms.vocabulary import OTHER

STORAGE_VERSION: Final = "v1.0.0"
"""Written so that DuckDB 1.x opens the file too."""
MEMORY_LIMIT: Final = "400MB"
FRESH: Final = "fresh.duckdb"
"""The new file in the run's folder."""


@dataclass(frozen=True)
class RunRecord:
    """What is published about the run itself."""

    run_id: str
    started_at: datetime
    version: str
    k: int
    timezone: str
    geo_source: str
    geo_built_on: date
    user_agent_rules: str
    options: str


@dataclass
class Books:
    """What a run read and published; sums over inputs, and over the published days."""

    lines: int = 0
    hits: int = 0
    outside_window: int = 0
    rejected: int = 0
    duplicates: int = 0
    rejects: list[tuple[str, str, int, int]] = field(default_factory=list)
    """(input, reason, lines, first line number)."""
    lines_of: dict[str, int] = field(default_factory=dict)
    """Lines by input."""
    visits: int = 0
    page_views: int = 0
    folded_rows: int = 0
    published: list[tuple[date, str]] = field(default_factory=list)
    unchanged: list[tuple[date, str]] = field(default_factory=list)
    kept: list[tuple[date, str, int, int]] = field(default_factory=list)
    """Days left as they were: (day, site, hits published, hits of this run)."""


def check_old(db: Path) -> None:
    """See whether `db` can be published to, before anything is read. Raises RunError where it is not ours."""
    if db.is_dir():
        raise UsageError(f"{db}: is a folder; name a file in it with --db")
    if db.exists():
        with duckdb.connect(":memory:", config={"threads": 1}) as connection:
            _attach_old(connection, db)


@contextlib.contextmanager
def begin_file(db: Path, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has the file `fresh`, which `publish` will put in the place of `db`: no rows yet, but all else.

    That needs nothing of a run's results, and so is made while workers get ready. `folder` is the run's own, on the
    file system of `db`. Raises RunError.
    """
    spill = folder / "duckdb"
    with _told_by_kind(db):
        spill.mkdir(exist_ok=True)
    comments = [_comment(f"TABLE {table.name}", table.comment) for table in TABLES]
    comments += [_comment(f"COLUMN {table.name}.{name}", text) for table in TABLES for name, _, text in table.columns]
    comments += [_comment(f"VIEW {name}", text) for name, text, _ in VIEWS]
    comments.append(_comment("MACRO percentile_ms", PERCENTILE_COMMENT))
    tables = [f"CREATE TABLE {table.name} ({_column_list(table)})" for table in TABLES]
    views = [sql for _, _, sql in VIEWS]
    with duckdb.connect(":memory:", config=_config(spill)) as connection:
        with _told_by_kind(db):
            _attach_fresh(connection, folder / FRESH)
            connection.execute("BEGIN; USE fresh")
            connection.execute(";".join([*tables, *views, PERCENTILE_MACRO, *comments]))
            connection.execute("USE memory; COMMIT")
        yield connection


def publish(
    connection: duckdb.DuckDBPyConnection,
    db: Path,
    folder: Path,
    tables: dict[str, pa.Table],
    input_names: Sequence[str],
    damaged: Sequence[str],
    record: RunRecord,
    *,
    replace: bool,
) -> Books:
    """Load, fold, merge with what is published, check, and rename into place. Raises RunError; `db` then stays whole.

    `connection` is that of `begin_file` for the same `db` and `folder`.
    """
    with _told_by_kind(db):
        folded_rows = load_tables(connection, tables, input_names, record.timezone, record.k)
        books = _read_books(connection)
        books.folded_rows = folded_rows
        _add_machine_errors(connection)
        _add_run_rows(connection, record, damaged)
        _attach_old(connection, db)
        _choose_days(connection, books, replace=replace)
        do_side_by_side(connection, [partial(_fill_table, table=table) for table in TABLES])
        check_file(connection, record.run_id, tables)
        connection.execute("DETACH fresh")
        _rename(folder / FRESH, db)
    return books


@contextlib.contextmanager
def _told_by_kind(db: Path) -> Iterator[None]:
    """Tell that the new file could not be written, and why by the kind of error: DuckDB quotes paths and values."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, OSError) as error:
        raise RunError(
            f"{db}: the new file beside it could not be written ({type(error).__name__}); the old file stands. See "
            "that the disk has room and that files can be made in the folder, then run again"
        ) from None


def _attach_fresh(connection: duckdb.DuckDBPyConnection, fresh: Path) -> None:
    """Attach the new file as `fresh`; nobody needs it after a crash, so that nothing is written twice for that."""
    connection.execute(
        f"ATTACH '{_quoted(fresh)}' AS fresh (STORAGE_VERSION '{STORAGE_VERSION}', RECOVERY_MODE 'NO_WAL_WRITES')"
    )


def _config(spill: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {"temp_directory": str(spill), "memory_limit": MEMORY_LIMIT, "threads": 1}


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _read_books(connection: duckdb.DuckDBPyConnection) -> Books:
    books = Books()
    row = connection.execute(
        "SELECT sum(lines), sum(hits), sum(outside_window), sum(rejected), sum(duplicates) FROM run_inputs"
    ).fetchone()
    books.lines, books.hits, books.outside_window, books.rejected, books.duplicates = (
        int(value or 0) for value in row or (0,) * 5
    )
    books.lines_of = dict(connection.execute("SELECT input, lines FROM run_inputs").fetchall())
    books.rejects = connection.execute(
        "SELECT input, reason, lines, first_line_number FROM run_rejects ORDER BY input, lines DESC, reason"
    ).fetchall()
    row = connection.execute("SELECT sum(visits), sum(page_views) FROM visits").fetchone()
    books.visits, books.page_views = (int(value or 0) for value in row or (0, 0))
    return books


def _add_machine_errors(connection: duckdb.DuckDBPyConnection) -> None:
    """Errors of machines, and of people in no visit, under the page `(other)` of their status."""
    connection.execute(
        f"""CREATE TABLE errors_with_machines AS
        SELECT day, site, status, page, sum(hits)::BIGINT AS hits, sum(visits)::BIGINT AS visits FROM (
          SELECT day, site, status, page, hits, visits FROM errors
          UNION ALL SELECT day, site, status, '{OTHER}', hits_without_visit, 0
            FROM all_errors WHERE hits_without_visit > 0
          UNION ALL SELECT DATE '1970-01-01' + t.day, s.text, t.status, '{OTHER}', t.hits, 0
            FROM p_machine_errors t JOIN p_names s ON s.id = t.site
        ) GROUP BY ALL;
        DROP TABLE errors; ALTER TABLE errors_with_machines RENAME TO errors"""
    )


def _add_run_rows(connection: duckdb.DuckDBPyConnection, record: RunRecord, damaged: Sequence[str]) -> None:
    """The tables that have rows per run, and `days`, which names the run."""
    now = datetime.now(UTC).replace(tzinfo=None)
    connection.execute("CREATE TABLE inputs AS SELECT ?::VARCHAR AS run_id, * FROM run_inputs", [record.run_id])
    for name in damaged:
        connection.execute("INSERT INTO inputs VALUES (?, ?, 0, 0, 0, 0, 0, NULL, true)", [record.run_id, name])
    connection.execute("CREATE TABLE rejects AS SELECT ?::VARCHAR AS run_id, * FROM run_rejects", [record.run_id])
    connection.execute(
        "CREATE TABLE days AS SELECT *, ?::VARCHAR AS run_id, ?::TIMESTAMP AS published_at FROM run_days",
        [record.run_id, now],
    )
    connection.execute(
        """CREATE TABLE runs AS SELECT ?::VARCHAR AS run_id, ?::TIMESTAMP AS started_at, ?::TIMESTAMP AS finished_at,
        ?::VARCHAR AS version, ?::INTEGER AS k, ?::VARCHAR AS timezone, ?::VARCHAR AS geo_source,
        ?::DATE AS geo_built_on, ?::VARCHAR AS user_agent_rules, ?::VARCHAR AS options_digest""",
        [
            record.run_id,
            record.started_at.replace(tzinfo=None),
            now,
            record.version,
            record.k,
            record.timezone,
            record.geo_source,
            record.geo_built_on,
            record.user_agent_rules,
            hashlib.sha256(record.options.encode()).hexdigest()[:16],
        ],
    )


def _attach_old(connection: duckdb.DuckDBPyConnection, db: Path) -> None:
    """Attach the published file as `old`, or an empty one in its place. Raises RunError where it is not ours."""
    if not db.exists():
        connection.execute("ATTACH ':memory:' AS old")
        connection.execute(";".join(f"CREATE TABLE old.{table.name} ({_column_list(table)})" for table in TABLES))
        return
    try:
        with db.open("rb") as file:
            is_duckdb = file.read(12)[8:] == b"DUCK"
        if not is_duckdb:
            raise RunError(f"{db}: is no DuckDB file; name another file with --db, or move this one away")
        connection.execute(f"ATTACH '{_quoted(db)}' AS old (READ_ONLY)")
    except (duckdb.Error, OSError) as error:
        raise RunError(
            f"{db}: cannot be opened ({type(error).__name__}); if another program has it open for writing, close it "
            "there, or open it read-only (duckdb -readonly), then run again"
        ) from None
    present = {
        (name, column)
        for name, column in connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'old'"
        ).fetchall()
    }
    for table in TABLES:
        for column in table.column_names:
            if (table.name, column) not in present:
                raise RunError(
                    f"{db}: was not published by Footfall (it has no {table.name}.{column}); name another file with "
                    "--db, or move this one away"
                )


def _choose_days(connection: duckdb.DuckDBPyConnection, books: Books, *, replace: bool) -> None:
    """Make `replaced`: the (day, site) whose rows come from this run. Raises RunError where no day is left."""
    fewer = connection.execute(
        """SELECT n.day, n.site, o.hits, n.hits FROM days n JOIN old.days o ON o.day = n.day AND o.site = n.site
        WHERE n.hits < o.hits ORDER BY ALL"""
    ).fetchall()
    books.kept = [] if replace else fewer
    found = connection.execute("SELECT day, site FROM days ORDER BY ALL").fetchall()
    kept = {(day, site) for day, site, _, _ in books.kept}
    if found and len(kept) == len(found):
        day, site, before, now = books.kept[0]
        raise RunError(
            f"{day} of site {site}: published from {before:,} hits, but these logs hold only {now:,} of that day"
            + (f" (and {len(kept) - 1} more days like it)" if len(kept) > 1 else "")
            + "; give all logs of the day, or --replace to publish the smaller figures"
        )
    if not found:
        raise RunError(
            f"no hits in the days asked for: {books.lines:,} lines read, {books.outside_window:,} hits of other days, "
            f"{books.rejected:,} rejected; check the dates, the time zone and --log-format (footfall parse --summary)"
        )
    changed = _changed_days(connection)
    books.unchanged = [unit for unit in found if unit not in changed and unit not in kept]
    books.published = [unit for unit in found if unit in changed and unit not in kept]
    connection.execute("CREATE TABLE replaced (day DATE, site VARCHAR)")
    for unit in books.published:
        connection.execute("INSERT INTO replaced VALUES (?, ?)", unit)


def _changed_days(connection: duckdb.DuckDBPyConnection) -> set[tuple[Any, ...]]:
    """The (day, site) whose rows differ from the published ones; which run wrote them does not count."""
    known = connection.execute("SELECT count(*) FROM old.days SEMI JOIN days USING (day, site)").fetchone()
    if known == (0,):
        return set(connection.execute("SELECT day, site FROM days").fetchall())
    own = " UNION ALL ".join(_day_digests(table, table.name) for table in TABLES if table.by_day)
    old = " UNION ALL ".join(
        _day_digests(table, f"old.{table.name} SEMI JOIN days USING (day, site)") for table in TABLES if table.by_day
    )
    rows = connection.execute(
        f"""WITH own AS ({own}), old AS ({old})
        SELECT DISTINCT day, site FROM ((FROM own EXCEPT FROM old) UNION ALL (FROM old EXCEPT FROM own))"""
    )
    return set(rows.fetchall())


def _day_digests(table: Table, source: str) -> str:
    """SQL for what tells equal rows of a table: per day and site their number and the sum of their digests."""
    values = ", ".join(f"{name}::{kind}" for name, kind, _ in table.columns if name not in ("run_id", "published_at"))
    return f"""SELECT '{table.name}' AS name, day, site, count(*) AS size, sum(hash({values})) AS digest
    FROM {source} GROUP BY day, site"""


def _column_list(table: Table) -> str:
    return ", ".join(f"{name} {kind}" for name, kind, _ in table.columns)


def _fill_table(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Fill a table of the fresh file, rows sorted by its keys."""
    columns = ", ".join(table.column_names)
    kept, own = (
        ("ANTI JOIN replaced USING (day, site)", "SEMI JOIN replaced USING (day, site)") if table.by_day else ("", "")
    )
    # What the gate finds about this run is added when it has looked.
    fresh_rows = "" if table.name == "promises" else f"UNION ALL SELECT {columns} FROM {table.name} {own}"
    connection.execute(
        f"""INSERT INTO fresh.{table.name}
        SELECT {columns} FROM old.{table.name} {kept} {fresh_rows}
        ORDER BY {", ".join(f"{key} NULLS LAST" for key in table.keys)}"""
    )


def _comment(what: str, text: str) -> str:
    return f"COMMENT ON {what} IS '{text.replace(chr(39), chr(39) * 2)}'"


def _rename(fresh: Path, db: Path) -> None:
    """Put the fresh file in the place of the old one, on disk before it is seen."""
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(fresh, db)
    try:
        folder = os.open(db.parent, os.O_RDONLY)
    except OSError:  # Windows opens no folders
        return
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


__all__ = ["Books", "RunRecord", "begin_file", "check_old", "publish"]
