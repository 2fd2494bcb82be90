"""Makes the tables about visits under the rules for small groups (`docs/definitions.md`, Small groups).

Each table is told from its cells: tables `<table>_cells` of a DuckDB connection, with the columns

- `cell`: its number; `day`, `site` and the key columns, which coarser levels change;
- the measures, and `sure` or `<part>_sure`: whether k visitors are behind all of it or this measure for certain;
- `has_members`: whether all of its visits are in `<table>_members`;
- `week`, `month`: the first days of these spans; `joins_day`, `joins_week`, `joins_month`: may it be told there?
- `grain`, `span`, `level`: where it is told (NULL: not yet), by the first day of the span, and the levels it lost.

`<table>_members` has the visits and visitors of the cells for which these are needed: those that are not sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import duckdb

from footfall.pipelines.publishing.cross_margins import Node, Row, choose_withdrawn
from footfall.pipelines.publishing.load_cells import load_cells, load_members
from footfall.pipelines.publishing.run_statements import count_rows
from footfall.transforms.tables.declaring import Table
from footfall.transforms.visits.visit_rows import ASIDE

GRAINS: Final = ("day", "week", "month")
_LEAST_SPANS: Final = {"day": "TRUE", "week": "count(DISTINCT day) >= 2", "month": "count(DISTINCT week) >= 2"}
"""A row of a coarser grain tells cells of several spans: one cell alone would follow from the margin of its span."""


def fold_table(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str], k: int) -> int:
    """Create a table with levels, and return how many of its cells are not told by themselves.

    `paths` are the files of items, or of visits if the table has no items. The connection has `spans`: for each day and
    site, the columns of spans.
    """
    load_cells(connection, table, paths, k)
    tell_cells(connection, table, k)
    _count_combined(connection, table, paths)
    sum_rows(connection, table, k)
    return count_rows(connection, f"{table.name}_cells WHERE grain IS DISTINCT FROM 'day' OR level > 0")


# --- the steps ---


def tell_cells(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Decide where each cell is told: by day, week or month, at a coarser level, with the rest, or not at all."""
    _add_spans(connection, table)
    connection.execute(
        f"CREATE TABLE {table.name}_closed (site VARCHAR, grain VARCHAR, span DATE, margin VARCHAR, value VARCHAR)"
    )
    ((joined,),) = connection.execute(
        f"SELECT [{', '.join(f'bool_or(joins_{grain})' for grain in GRAINS)}] FROM {table.name}_cells"
    ).fetchall()
    for grain in (grain for grain, is_joined in zip(GRAINS, joined or (), strict=False) if is_joined):
        _tell_grain(connection, table, grain, k)
        _protect_margins(connection, table, grain, k)
        if len(table.margins) == 2:
            _protect_crossings(connection, table, grain, k)
        if table.closed_by:
            _close_values(connection, table, grain)
    for level in range(1, len(table.levels) + 1):
        _tell_level(connection, table, level, k)
    _tell_rest(connection, table, k)


def _add_spans(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Add the columns of spans to the cells, none of which is told yet."""
    name = table.name
    connection.execute(
        f"""CREATE TABLE {name}_placed AS
        WITH weeks AS (SELECT site, week, count(*) AS parts FROM spans WHERE joins_week GROUP BY ALL),
          months AS (SELECT site, month, count(DISTINCT week) AS parts FROM spans WHERE joins_month GROUP BY ALL)
        SELECT c.*, s.week, s.month, s.joins_day, s.joins_week, s.joins_month, NULL::VARCHAR AS grain,
          NULL::DATE AS span, 0 AS level, FALSE AS is_closed,
          least(2, CASE WHEN s.joins_month THEN m.parts WHEN s.joins_week THEN w.parts ELSE 1 END) AS least_parts
        FROM {name}_cells c JOIN spans s USING (day, site)
        LEFT JOIN weeks w ON w.site = s.site AND w.week = s.week
        LEFT JOIN months m ON m.site = s.site AND m.month = s.month;
        DROP TABLE {name}_cells; ALTER TABLE {name}_placed RENAME TO {name}_cells"""
    )


def _tell_grain(connection: duckdb.DuckDBPyConnection, table: Table, grain: str, k: int) -> None:
    """Tell the remaining cells of one key that have k visitors together in a span."""
    keys = ["site", grain, *table.folded_columns]
    connection.execute(
        f"""UPDATE {table.name}_cells SET grain = '{grain}', span = {table.name}_cells.{grain} FROM (
          SELECT {_of("c", keys)} FROM {table.name}_cells c {_visitors(table)}
          WHERE c.grain IS NULL AND c.joins_{grain} GROUP BY ALL
          HAVING {_have_visitors(k)} AND {_LEAST_SPANS[grain]}
        ) g WHERE {table.name}_cells.grain IS NULL AND {table.name}_cells.joins_{grain}
          AND {_same(f"{table.name}_cells", "g", keys)}"""
    )


def _protect_margins(connection: duckdb.DuckDBPyConnection, table: Table, grain: str, k: int) -> None:
    """Withdraw rows of a grain until what remains hidden under each margin has no visitors, or k of them."""
    keys = ["site", grain, *table.folded_columns]
    changed = True
    while changed:
        changed = False
        for margin in ((), *((column,) for column in table.margins)):
            by = ["site", grain, *margin]
            connection.execute(
                f"""CREATE OR REPLACE TABLE {table.name}_withdrawn AS
                WITH hidden AS (
                  SELECT {_of("c", by)} FROM {table.name}_cells c {_visitors(table)}
                  WHERE c.grain IS NULL AND c.joins_{grain} GROUP BY ALL
                  HAVING NOT {_have_visitors(k)}
                ), told AS (
                  SELECT {_of("c", keys)}, sum(c.visits) AS visits FROM {table.name}_cells c
                  SEMI JOIN hidden h ON {_same("c", "h", by)} WHERE c.grain = '{grain}' GROUP BY ALL
                )
                SELECT * FROM told
                QUALIFY row_number() OVER (PARTITION BY {", ".join(by)} ORDER BY visits, {_as_text(table)}) = 1"""
            )
            if count_rows(connection, f"{table.name}_withdrawn"):
                changed = True
                connection.execute(
                    f"""UPDATE {table.name}_cells SET grain = NULL, span = NULL FROM {table.name}_withdrawn w
                    WHERE {table.name}_cells.grain = '{grain}' AND {_same(f"{table.name}_cells", "w", keys)}"""
                )


def _protect_crossings(connection: duckdb.DuckDBPyConnection, table: Table, grain: str, k: int) -> None:
    """Withdraw rows of a grain until no hidden cell of few visitors follows from the sums over two columns.

    Values that have fewer than k visitors in the span are told by no table: their sums are known together at most.
    Where nothing is left to withdraw, `<table>_closed` gets the values whose sums must not be told: `_close_values`.
    """
    first, second = table.margins
    cells = f"""FROM {table.name}_cells c {_visitors(table)} WHERE c.joins_{grain}
          AND (c.grain IS NULL OR c.grain = '{grain}') GROUP BY ALL"""
    known = {
        (place, *row)
        for place, column in enumerate((first, second))
        for row in connection.execute(
            f"SELECT c.site, c.{grain}, c.{column} {cells} HAVING {_have_visitors(k)}"
        ).fetchall()
    }

    def node(place: int, site: str, span: date, value: str) -> Node:
        return (place, value if (place, site, span, value) in known else "")

    few: dict[tuple[str, date], list[tuple[Node, Node]]] = {}
    many: dict[tuple[str, date], list[tuple[Node, Node]]] = {}
    for site, span, one, other, is_many in connection.execute(
        f"""SELECT c.site, c.{grain}, c.{first}, c.{second}, {_have_visitors(k)}
        {cells.replace(f"(c.grain IS NULL OR c.grain = '{grain}')", "c.grain IS NULL")}"""
    ).fetchall():
        pair = node(0, site, span, one), node(1, site, span, other)
        (many if is_many else few).setdefault((site, span), []).append(pair)
    keys = table.folded_columns
    told: dict[tuple[str, date], list[Row]] = {}
    for site, span, visits, *key in connection.execute(
        f"""SELECT site, span, sum(visits)::BIGINT, {", ".join(keys)} FROM {table.name}_cells
        WHERE grain = '{grain}' GROUP BY ALL"""
    ).fetchall():
        one, other = (key[keys.index(column)] for column in table.margins)
        row = Row(visits, tuple(key), node(0, site, span, one), node(1, site, span, other))
        told.setdefault((site, span), []).append(row)
    for (site, span), pairs in few.items():
        rows, open_pairs = choose_withdrawn(pairs, many.get((site, span), ()), told.get((site, span), []))
        for place, value in {value for pair in open_pairs for value in pair if value[1]}:
            connection.execute(
                f"INSERT INTO {table.name}_closed VALUES (?, ?, ?, ?, ?)",
                [site, grain, span, table.margins[place], value],
            )
        for row in rows:
            connection.execute(
                f"""UPDATE {table.name}_cells SET grain = NULL, span = NULL
                WHERE grain = '{grain}' AND site = ? AND span = ?
                  AND {" AND ".join(f"{column} = ?" for column in keys)}""",
                [site, span, *row.key],
            )


def _close_values(connection: duckdb.DuckDBPyConnection, table: Table, grain: str) -> None:
    """Leave the sums of closed values open: one of their rows of this grain is withdrawn, unless some are hidden.

    What is hidden of them skips the levels that keep the value.
    """
    (margin,) = table.margins
    cells, by = f"{table.name}_cells", ["site", grain, margin]
    closed = f"""(SELECT site, span AS {grain}, value AS {margin} FROM {table.closed_by}_closed
          WHERE grain = '{grain}' AND margin = '{margin}')"""
    keys = ["site", grain, *table.folded_columns]
    connection.execute(
        f"""CREATE OR REPLACE TABLE {table.name}_withdrawn AS
        FROM (
          SELECT {_of("c", keys)}, sum(c.visits) AS visits FROM {cells} c
          SEMI JOIN {closed} o ON {_same("c", "o", by)}
          ANTI JOIN (FROM {cells} h WHERE h.grain IS NULL AND h.joins_{grain}) h ON {_same("c", "h", by)}
          WHERE c.grain = '{grain}' GROUP BY ALL
        ) QUALIFY row_number() OVER (PARTITION BY {", ".join(by)} ORDER BY visits, {_as_text(table)}) = 1;
        UPDATE {cells} SET grain = NULL, span = NULL FROM {table.name}_withdrawn w
        WHERE {cells}.grain = '{grain}' AND {_same(cells, "w", keys)};
        UPDATE {cells} SET is_closed = TRUE FROM {closed} o
        WHERE {cells}.grain IS NULL AND {cells}.joins_{grain} AND {_same(cells, "o", by)}"""
    )


def _tell_level(connection: duckdb.DuckDBPyConnection, table: Table, level: int, k: int) -> None:
    """Fold columns of the remaining cells, and tell those that then have k visitors together or equal a row.

    They belong to the last span that they join. A new row tells cells of two parts of it (days of a week, weeks of a
    month), as one alone would follow from the margin of the part. What is nothing but `(other)` is left to
    `_tell_rest`.
    """
    folded = ", ".join(f"{column} = {value}" for column, value in table.levels[level - 1].items())
    cells, keys = f"{table.name}_cells", ["site", "last_grain", "last_span", *table.folded_columns]
    connection.execute(f"UPDATE {cells} SET {folded}, level = {level} WHERE grain IS NULL AND {_LAST} IS NOT NULL")
    connection.execute(
        f"""UPDATE {cells} SET grain = {_LAST}, span = {_LAST_SPAN} FROM (
          SELECT {_of("c", keys)} FROM {_with_last(table)} c {_visitors(table)}
          WHERE {_IN_LAST} AND NOT ({_is_rest(table, "c")}) AND NOT (c.grain IS NULL AND c.is_closed) GROUP BY ALL
          HAVING bool_or(c.grain IS NULL) AND (bool_or(c.grain IS NOT NULL) OR {_have_visitors(k)} AND {_HAVE_PARTS})
        ) g WHERE {cells}.grain IS NULL AND NOT {cells}.is_closed AND {_LAST} = g.last_grain
          AND {_LAST_SPAN} = g.last_span AND {_same(cells, "g", ["site", *table.folded_columns])}"""
    )


_LAST: Final = "CASE WHEN joins_month THEN 'month' WHEN joins_week THEN 'week' WHEN joins_day THEN 'day' END"
_LAST_SPAN: Final = "CASE WHEN joins_month THEN month WHEN joins_week THEN week WHEN joins_day THEN day END"
_PART: Final = "CASE c.last_grain WHEN 'month' THEN c.week ELSE c.day END"
_HAVE_PARTS: Final = f"count(DISTINCT {_PART}) >= max(c.least_parts)"
_IN_LAST: Final = """c.last_grain IS NOT NULL
            AND (c.grain IS NULL OR c.grain = c.last_grain AND c.span = c.last_span)"""


def _with_last(table: Table) -> str:
    return f"(SELECT *, {_LAST} AS last_grain, {_LAST_SPAN} AS last_span FROM {table.name}_cells)"


def _is_rest(table: Table, alias: str) -> str:
    return " AND ".join(
        f"{alias}.{column} IS NOT DISTINCT FROM {table.folded_value(column)}" for column in table.folded_columns
    )


def _tell_rest(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Tell what remains of each span in one row, which takes in others until it has k visitors."""
    name, last_level = table.name, len(table.levels)
    span = ["site", "last_grain", "last_span"]
    rest = f"""SELECT {_of("c", span)} FROM {_with_last(table)} c {_visitors(table)}
          WHERE {_IN_LAST} AND ({_is_rest(table, "c")}) GROUP BY ALL HAVING bool_or(c.grain IS NULL) AND"""
    while True:
        connection.execute(
            f"""CREATE OR REPLACE TABLE {name}_taken AS
            WITH rest AS ({rest} NOT {_have_visitors(k)}), alone AS (
              SELECT {_of("c", span)}, min({_PART}) AS part FROM {_with_last(table)} c {_visitors(table)}
              WHERE {_IN_LAST} AND ({_is_rest(table, "c")}) GROUP BY ALL
              HAVING bool_or(c.grain IS NULL) AND {_have_visitors(k)} AND NOT {_HAVE_PARTS}
            ), told AS (
              SELECT {_of("r", span)}, c.grain, c.span, {_of("c", table.folded_columns)},
                sum(c.visits) AS visits, max(c.level) AS level
              FROM {name}_cells c JOIN rest r ON c.site = r.site
                AND r.last_span = CASE r.last_grain WHEN 'month' THEN c.month WHEN 'week' THEN c.week ELSE c.day END
              WHERE c.grain IS NOT NULL AND NOT ({_is_rest(table, "c")}) GROUP BY ALL
              UNION ALL
              SELECT {_of("a", span)}, c.grain, c.span, {_of("c", table.folded_columns)},
                sum(c.visits) AS visits, 0 AS level
              FROM {_with_last(table)} c JOIN alone a USING ({", ".join(span)})
              WHERE c.grain = c.last_grain AND c.span = c.last_span AND NOT ({_is_rest(table, "c")})
              GROUP BY ALL HAVING bool_or({_PART} = a.part)
            )
            SELECT * FROM told QUALIFY row_number() OVER (PARTITION BY {", ".join(span)}
              ORDER BY level = 0, visits, {_as_text(table)}, span, {_rank("grain")}) = 1"""
        )
        if not count_rows(connection, f"{name}_taken"):
            break
        folded = ", ".join(f"{column} = {table.folded_value(column)}" for column in table.folded_columns)
        connection.execute(
            f"""UPDATE {name}_cells SET grain = NULL, span = NULL, level = {last_level}, {folded} FROM {name}_taken t
            WHERE {_same(f"{name}_cells", "t", ["site", "grain", "span", *table.folded_columns])}"""
        )
    connection.execute(
        f"""UPDATE {name}_cells SET grain = {_LAST}, span = {_LAST_SPAN} FROM ({rest} {_have_visitors(k)}) g
        WHERE {name}_cells.grain IS NULL AND {name}_cells.site = g.site AND {_LAST} = g.last_grain
          AND {_LAST_SPAN} = g.last_span"""
    )


# --- rows ---


def _count_combined(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str]) -> None:
    """Load the visits of all cells that coarser levels combine: a visit with two rare pages counts once."""
    assert table.cells is not None
    if not table.cells.items:
        return
    lacking = "level > 0 AND grain IS NOT NULL AND NOT has_members"
    connection.execute(
        f"DELETE FROM {table.name}_members WHERE cell IN (SELECT cell FROM {table.name}_cells WHERE {lacking})"
    )
    load_members(connection, table, paths, lacking)


def sum_rows(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Create the table from the cells that are told."""
    assert table.cells is not None
    name, parts = table.name, table.cells.parts
    keys = ["span", "site", "grain", *table.folded_columns]
    measures = [column.name for column in table.measures]
    sums = ", ".join(f"sum({measure})::BIGINT AS {measure}" for measure in measures)
    sure = "".join(f", bool_or({part}_sure) AS {part}_sure" for part in parts)
    connection.execute(
        f"""CREATE TABLE {name}_numbered AS SELECT *, dense_rank() OVER (ORDER BY {", ".join(keys)}) AS row
        FROM {name}_cells WHERE grain IS NOT NULL;
        CREATE TABLE {name}_told AS SELECT row, {", ".join(keys)}, {sums}{sure},
          max(level) > 0 AND count(*) > 1 AS mixed
        FROM {name}_numbered GROUP BY ALL"""
    )
    if table.cells.items:
        connection.execute(
            f"""UPDATE {name}_told SET visits = u.visits FROM (
              SELECT row, count(DISTINCT m.visit) FILTER (m.visit >= 0) AS visits
              FROM {name}_numbered JOIN {name}_members m USING (cell)
              SEMI JOIN (FROM {name}_told WHERE mixed) USING (row) GROUP BY row
            ) u WHERE {name}_told.row = u.row"""
        )
    if parts:
        _hide_parts(connection, table, k)
    columns = ", ".join("span AS day" if column == "day" else column for column in table.column_names)
    connection.execute(f"CREATE TABLE {name} AS SELECT {columns} FROM {name}_told")


def _hide_parts(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Set measures to NULL in which fewer than k visitors of a row take part; see Measures in the definitions."""
    assert table.cells is not None
    name, parts = table.name, table.cells.parts
    values = " UNION ALL ".join(
        f"SELECT row, site, span, grain, {bit} AS bit, {part} AS value, {part}_sure AS sure FROM {name}_told"
        for part, bit in parts.items()
    )
    connection.execute(
        f"""CREATE TABLE {name}_takers AS SELECT DISTINCT n.row, b.bit, m.client FROM {name}_numbered n
          JOIN {name}_members m USING (cell)
          JOIN (SELECT unnest({list(parts.values())}) AS bit) b ON m.flags & b.bit > 0;
        CREATE TABLE {name}_parts AS SELECT p.*, p.value > 0 AND NOT p.sure AND coalesce(t.takers, 0) < {k} AS hidden,
          FALSE AS in_addition
        FROM ({values}) p
        LEFT JOIN (SELECT row, bit, count(*) AS takers FROM {name}_takers GROUP BY ALL) t USING (row, bit)"""
    )
    for place, grain in enumerate(GRAINS):
        # A closed span, its rows, and the smallest measure to hide as well: whatever is told has k visitors.
        finer = ", ".join(f"'{one}'" for one in GRAINS[: place + 1])
        connection.execute(
            f"""UPDATE {name}_parts SET hidden = TRUE, in_addition = TRUE FROM (
              WITH closed AS (
                SELECT site, {grain} FROM {name}_numbered GROUP BY ALL HAVING bool_and(grain IN ({finer}))
              ), inside AS (
                SELECT DISTINCT row, site, {grain} FROM {name}_numbered SEMI JOIN closed USING (site, {grain})
              ), few AS (
                SELECT i.site, i.{grain}, p.bit FROM inside i JOIN {name}_parts p ON p.row = i.row AND p.hidden
                LEFT JOIN {name}_takers t ON t.row = p.row AND t.bit = p.bit
                GROUP BY ALL HAVING count(DISTINCT t.client) < {k} AND NOT bool_or(p.in_addition)
              )
              SELECT p.row, p.bit FROM few f JOIN inside i USING (site, {grain})
              JOIN {name}_parts p ON p.row = i.row AND p.bit = f.bit
              JOIN {name}_told o ON o.row = p.row
              WHERE p.value > 0 AND NOT p.hidden
              QUALIFY row_number() OVER (
                PARTITION BY f.site, f.{grain}, f.bit
                ORDER BY p.value, {_as_text(table, "o")}, p.span, {_rank("p.grain")}) = 1
            ) more WHERE {name}_parts.row = more.row AND {name}_parts.bit = more.bit"""
        )
    for part, bit in parts.items():
        connection.execute(
            f"""UPDATE {name}_told SET {part} = NULL FROM {name}_parts p
            WHERE {name}_told.row = p.row AND p.bit = {bit} AND p.hidden"""
        )


# --- SQL ---


def _visitors(table: Table) -> str:
    return f"LEFT JOIN {table.name}_members m ON m.cell = c.cell AND m.flags < {ASIDE} AND NOT c.sure"


def _have_visitors(k: int) -> str:
    return f"(bool_or(c.sure) OR count(DISTINCT m.client) >= {k})"


def _of(alias: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{column}" for column in columns)


def _same(left: str, right: str, columns: Sequence[str]) -> str:
    return " AND ".join(f"{left}.{column} IS NOT DISTINCT FROM {right}.{column}" for column in columns)


def _as_text(table: Table, alias: str = "") -> str:
    prefix = f"{alias}." if alias else ""
    return ", ".join(f"{prefix}{column}::VARCHAR NULLS LAST" for column in table.folded_columns)


def _rank(grain: str) -> str:
    return f"list_position({list(GRAINS)}, {grain})"
