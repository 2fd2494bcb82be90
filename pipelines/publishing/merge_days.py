"""Chooses the days of a run to publish and fills the tables of the new file; a day is always replaced as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Final

import duckdb

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.run_statements import do_side_by_side
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES

_OF_A_RUN: Final = ("run_id", "published_at")
"""Columns that differ between runs even if the figures of a day are the same."""

Day = tuple[date, str]
"""(day, site)."""
KeptDay = tuple[date, str, int, int]
"""(day, site, published hits, hits of this run)."""


@dataclass
class ChosenDays:
    """The days of a run by the decision about them."""

    published: list[Day] = field(default_factory=list)
    unchanged: list[Day] = field(default_factory=list)
    """Already published with the same figures."""
    kept: list[KeptDay] = field(default_factory=list)
    """Not replaced, because this run has fewer hits."""


def choose_days(connection: duckdb.DuckDBPyConnection, *, replace: bool) -> ChosenDays:
    """Choose the days to publish from this run, and create the table `replaced` of their (day, site).

    Unless `replace` is set, a published day is kept if this run has fewer hits of it. Raises RunError if the run has
    days but all of them are kept.
    """
    kept = [] if replace else connection.execute(_FEWER_HITS).fetchall()
    found = connection.execute("SELECT day, site FROM days ORDER BY ALL").fetchall()
    if found and len(kept) == len(found):
        day, site, before, now = kept[0]
        raise RunError(
            f"{day} of site {site}: published from {before:,} hits, but these logs hold only {now:,} of that day"
            + (f" (and {len(kept) - 1} more days like it)" if len(kept) > 1 else "")
            + "; give all logs of the day, or --replace to publish the smaller figures"
        )
    candidates = [day for day in found if day not in {(day, site) for day, site, _, _ in kept}]
    changed = _changed_days(connection)
    chosen = ChosenDays(
        [day for day in candidates if day in changed], [day for day in candidates if day not in changed], kept
    )
    connection.execute("CREATE TABLE replaced (day DATE, site VARCHAR)")
    for day in chosen.published:
        connection.execute("INSERT INTO replaced VALUES (?, ?)", day)
    return chosen


_FEWER_HITS: Final = """SELECT day, site, o.hits, n.hits FROM days n JOIN earlier.days o USING (day, site)
    WHERE n.hits < o.hits ORDER BY ALL"""


def _changed_days(connection: duckdb.DuckDBPyConnection) -> set[tuple[Any, ...]]:
    """Return the (day, site) whose rows differ from the published ones, apart from the columns _OF_A_RUN."""
    known = connection.execute("SELECT count(*) FROM earlier.days SEMI JOIN days USING (day, site)").fetchone()
    if known == (0,):
        return set(connection.execute("SELECT day, site FROM days").fetchall())
    tables = [table for table in TABLES if table.by_day]
    own = " UNION ALL ".join(_day_digests(table, table.name) for table in tables)
    old = " UNION ALL ".join(
        _day_digests(table, f"earlier.{table.name} SEMI JOIN days USING (day, site)") for table in tables
    )
    rows = connection.execute(
        f"""WITH own AS ({own}), old AS ({old})
        SELECT DISTINCT day, site FROM ((FROM own EXCEPT FROM old) UNION ALL (FROM old EXCEPT FROM own))"""
    )
    return set(rows.fetchall())


def _day_digests(table: Table, source: str) -> str:
    """Return SQL for the number of rows and the sum of their hashes per day and site; equal rows give equal results."""
    values = ", ".join(f"{column.name}::{column.type}" for column in table.columns if column.name not in _OF_A_RUN)
    return f"""SELECT '{table.name}' AS name, day, site, count(*) AS size, sum(hash({values})) AS digest
    FROM {source} GROUP BY day, site"""


def fill_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Fill the tables of the new file `fresh`: the days in `replaced` from this run, all others from `earlier`."""
    do_side_by_side(connection, [partial(_fill_table, table=table) for table in TABLES])


def _fill_table(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(table.column_names)
    kept, own = (
        ("ANTI JOIN replaced USING (day, site)", "SEMI JOIN replaced USING (day, site)") if table.by_day else ("", "")
    )
    # `check_file` adds the rows of this run.
    own_rows = "" if table.name == "promises" else f"UNION ALL SELECT {columns} FROM {table.name} {own}"
    connection.execute(
        f"""INSERT INTO fresh.{table.name}
        SELECT {columns} FROM earlier.{table.name} {kept} {own_rows}
        ORDER BY {", ".join(f"{key.name} NULLS LAST" for key in table.keys)}"""
    )
