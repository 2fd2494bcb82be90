"""Folds tables, so that no row about people describes fewer than k visits (`docs/definitions.md`, Folding).

For each column that may be folded, it finds the rows with fewer than k visits, folds the column in these rows, and
counts the visits of rows that have become equal. All tables are tables of a DuckDB connection.
"""

from __future__ import annotations

import duckdb

from footfall.transforms.tables.declaring import Table


def fold_table(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> int:
    """Fold the rows of a table and return how many were folded.

    The connection has the table with its columns. If a visit may be in several rows, it also has `<table>_items` with
    day, site, the columns that are folded, and `visit`; `visits` of folded rows is counted from it.
    """
    name, columns, has_items = table.name, table.fold_columns, table.items is not None
    measures = [column.name for column in table.measures if column.name != "visits"]
    # The map has each original key (`…_given`), the key it is published as, and its measures.
    originals = ", ".join(f"{column} AS {column}_given" for column in columns)
    connection.execute(f"CREATE TABLE {name}_map AS SELECT *, {originals} FROM {name}")
    before = _count(connection, f"{name}_map")
    _count_rows(connection, name, columns, has_items=has_items)
    for column in table.fold:
        if _count(connection, f"{name}_counts WHERE visits < {k}") == 0:
            break
        connection.execute(
            f"""UPDATE {name}_map SET {column} = {table.folded_value(column)} FROM {name}_counts c
            WHERE {_same(f"{name}_map", "c", columns)} AND c.visits < {k}"""
        )
        _count_rows(connection, name, columns, has_items=has_items)
    _fill_up(connection, table, k)
    keys = ", ".join(f"m.{column}" for column in ("day", "site", *columns))
    sums = "".join(f", sum(m.{measure})::BIGINT AS {measure}" for measure in measures)
    connection.execute(
        f"""CREATE TABLE {name}_folded AS
        WITH summed AS (
          SELECT {keys}{sums} FROM {name}_map m GROUP BY ALL
        )
        SELECT s.*, c.visits FROM summed s JOIN {name}_counts c ON {_same("s", "c", columns)}"""
    )
    after = _count(connection, f"{name}_folded")
    connection.execute(f"DROP TABLE {name}; ALTER TABLE {name}_folded RENAME TO {name}")
    return before - after


def _count_rows(connection: duckdb.DuckDBPyConnection, name: str, columns: list[str], *, has_items: bool) -> None:
    """Create or replace `name`_counts: the visits of each row as folded so far.

    A row that was not combined with others keeps its visits. A visit to several rows that were combined counts once.
    """
    keys = ", ".join(f"m.{column}" for column in ("day", "site", *columns))
    connection.execute(
        f"""CREATE OR REPLACE TABLE {name}_counts AS
        SELECT {keys}, sum(m.visits)::BIGINT AS visits, count(*) AS parts FROM {name}_map m GROUP BY ALL"""
    )
    if has_items and _count(connection, f"{name}_counts WHERE parts > 1"):
        connection.execute(
            f"""UPDATE {name}_counts SET visits = u.visits FROM (
              SELECT {keys}, count(DISTINCT t.visit) AS visits
              FROM {name}_items t JOIN {name}_map m ON {_given(columns)}
              SEMI JOIN (FROM {name}_counts WHERE parts > 1) c ON {_same("m", "c", columns)}
              GROUP BY ALL) u
            WHERE {name}_counts.parts > 1 AND {_same(f"{name}_counts", "u", columns)}"""
        )


def _fill_up(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Fold the smallest other rows, one at a time, into the row with only folded values until that has k visits.

    `name`_counts must be up to date, and is up to date afterwards.
    """
    name, columns, has_items = table.name, table.fold_columns, table.items is not None
    order = ", ".join(f"o.{column}::VARCHAR" for column in columns)
    while True:
        connection.execute(
            f"""CREATE OR REPLACE TABLE {name}_absorbed AS
            SELECT o.* EXCLUDE (parts) FROM {name}_counts o
            JOIN {name}_counts rest ON rest.day = o.day AND rest.site = o.site
            WHERE rest.visits < {k} AND {_is_rest("rest", table)} AND NOT ({_is_rest("o", table)})
            QUALIFY row_number() OVER (PARTITION BY o.day, o.site ORDER BY o.visits, {order}) = 1"""
        )
        if _count(connection, f"{name}_absorbed") == 0:
            return
        folded = ", ".join(f"{column} = {table.folded_value(column)}" for column in columns)
        connection.execute(
            f"UPDATE {name}_map SET {folded} FROM {name}_absorbed a WHERE {_same(f'{name}_map', 'a', columns)}"
        )
        _count_rows(connection, name, columns, has_items=has_items)


def _same(left: str, right: str, columns: list[str]) -> str:
    return " AND ".join(
        f"{left}.{column} IS NOT DISTINCT FROM {right}.{column}" for column in ("day", "site", *columns)
    )


def _given(columns: list[str]) -> str:
    """Return the SQL condition that rows t and rows m of the map have the same original key."""
    given = "".join(f" AND t.{column} IS NOT DISTINCT FROM m.{column}_given" for column in columns)
    return f"t.day = m.day AND t.site = m.site{given}"


def _is_rest(alias: str, table: Table) -> str:
    return " AND ".join(
        f"{alias}.{column} IS NOT DISTINCT FROM {table.folded_value(column)}" for column in table.fold_columns
    )


def _count(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(row[0]) if row else 0
