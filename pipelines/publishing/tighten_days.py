"""Brings days that were published before there were rules for small groups under these rules.

Nothing but their rows is left of such days: each visit, or hit of people, counts as one visitor.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import duckdb

from footfall.pipelines.publishing.fold_tables import sum_rows, tell_cells
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES

FIRST_TIGHT_VERSION: Final = 3
"""The schema version whose files obey the rules."""


def tighten_days(connection: duckdb.DuckDBPyConnection, source: str, target: str) -> None:
    """Create the tables of days in the schema `target` from those of an earlier version in the schema `source`.

    Both have all current columns; tables of several old ones are filled from `old`.
    """
    ((k,),) = connection.execute(f"SELECT coalesce(max(k), 1) FROM {source}.runs").fetchall()
    connection.execute(f"CREATE SCHEMA {target}; USE memory.{target}")
    # `visits` first: the other tables need to know which days are small.
    for table in sorted(TABLES, key=lambda table: table.name != "visits"):
        if not table.by_day:
            connection.execute(f"CREATE TABLE {table.name} AS FROM {source}.{table.name}")
        elif table.levels:
            _tighten_table(connection, table, source, int(k))
        else:
            connection.execute(f"CREATE TABLE {table.name} AS {_tightened(table, source, int(k))}")
            if table.name == "visits":
                connection.execute(
                    """CREATE TABLE spans AS SELECT day, site, NULL::DATE AS week, NULL::DATE AS month,
                    visits IS NOT NULL AS joins_day, FALSE AS joins_week, FALSE AS joins_month FROM visits"""
                )
    connection.execute("USE memory.main")


def _tighten_table(connection: duckdb.DuckDBPyConnection, table: Table, source: str, k: int) -> None:
    """Fold the rows of a table again; what describes no visit stays as it is."""
    assert table.cells is not None
    name, parts = table.name, table.cells.parts
    rows = "old.technology" if name in ("browser_versions", "os_versions") else f"{source}.{name}"
    keys = "".join(
        f", {column.name}::{column.type} AS {column.name}"
        for column in table.keys
        if column.name in table.folded_columns
    )
    sums = "".join(f", sum({column.name})::BIGINT AS {column.name}" for column in table.measures)
    sure = "".join(f", {part} >= {k} AS {part}_sure" for part in parts)
    flags = " | ".join(["0", *(f"CASE WHEN i < {part} THEN {bit} ELSE 0 END" for part, bit in parts.items())])
    connection.execute(
        f"""CREATE TABLE {name}_cells AS SELECT row_number() OVER () AS cell, *, visits >= {k} AS sure{sure}
        FROM (SELECT day, site{keys}{sums} FROM {rows} WHERE visits > 0 GROUP BY ALL);
        CREATE TABLE {name}_members AS
        SELECT cell, i AS visit, (cell * {k} + i)::UBIGINT AS client, ({flags})::UTINYINT AS flags
        FROM {name}_cells, range(visits) v(i) WHERE NOT sure"""
    )
    # Visits to several rare values can't be told apart, so that they count for each.
    told = replace(table, cells=replace(table.cells, items=False))
    tell_cells(connection, told, k)
    sum_rows(connection, told, k)
    if table.sql_unfolded:
        columns = ", ".join("'day' AS grain" if column == "grain" else column for column in table.column_names)
        connection.execute(f"INSERT INTO {name} BY NAME SELECT {columns} FROM {rows} WHERE visits = 0")


def _tightened(table: Table, source: str, k: int) -> str:
    """Return the query for a table without levels."""
    rows = f"{source}.{table.name}"
    if table.name == "visits":
        large = f"CASE WHEN visits >= {k} THEN {{0}} END AS {{0}}"
        part = f"CASE WHEN visits >= {k} AND NOT {{0}} BETWEEN 1 AND {k - 1} THEN {{0}} END AS {{0}}"
        parts = ("bounces", "visitors", "fallback_visits", "cut_visits")
        return f"""SELECT day, site, {
            ", ".join((part if column.name in parts else large).format(column.name) for column in table.measures)
        } FROM {rows}"""
    if table.name == "days":
        return f"""SELECT * REPLACE ('day' AS told_in, date_trunc('hour', first_hit) AS first_hit,
          date_trunc('hour', last_hit) AS last_hit) FROM {rows}"""
    return f"FROM {rows}"
