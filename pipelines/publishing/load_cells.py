"""Loads the cells of a table about visits, and the visits and visitors of those that may have fewer than k visitors.

See `footfall.pipelines.publishing.fold_tables` for the columns of both tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.publishing.cross_sums import find_few, join_few, name_crossed
from footfall.pipelines.publishing.divide_by_goals import load_goals
from footfall.pipelines.publishing.run_statements import count_rows, execute_over
from footfall.transforms.arrays import Flags
from footfall.transforms.exchange.row_files import read_together
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.tables.declaring import DAY_AND_SITE, Table
from footfall.transforms.tables.published import ITEM_TABLES
from footfall.transforms.visits.visit_rows import ASIDE

_ALL: Final = 0xFFFFFFFF
"""All flags."""
_BATCH: Final = 100_000
"""Members that are read at once."""
_LOOK_AFTER: Final = tuple(4**power for power in range(12))
"""Reads, after which it is looked which cells have enough members."""
_MEMBER_TYPES: Final = {"cell": np.int32, "visit": np.int64, "client": np.int32, "flags": np.uint32}
_OF_ITEMS: Final = ("day", "site", "visit", "client", "flags")
"""Columns of the files of items and of visits."""


def load_cells(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str], k: int) -> None:
    """Create `<table>_cells`, and `<table>_members` for the cells that are not sure to have k visitors."""
    name, cells = table.name, table.cells
    assert cells is not None
    published = (DAY_AND_SITE, *cells.published)
    columns = [f"{sql} AS {column}" for part in published for column, sql in part.columns.items()]
    joins = " ".join(part.join for part in published)
    if table.within is not None:
        columns += [f"{sql} AS {column}" for column, sql in _keys_of_outer(table.within).items()]
    counted = table.partials[0].measures
    names = [column.name for column in table.measures if column.name in counted] + [*cells.unpublished]
    parts = {**cells.parts, **cells.unpublished}
    measures = ", ".join(f"t.{name}" for name in (*names, *(name for name in counted if name.startswith("least_"))))
    is_beside, chosen = (f"NOT ({cells.where})", "") if table.outer_keys else ("FALSE", cells.where)
    source = f"p_{table.partials[0].name}"
    if table.crossed:
        join_few(connection, table, k)
        source = f"{name}_pairs"
    connection.execute(
        f"""CREATE TABLE {name}_rows AS SELECT {", ".join(columns)}, {measures}, t.day AS day_number,
          t.site AS site_digest, ({cells.item})::UBIGINT AS item, ({cells.code})::SMALLINT AS code,
          ({cells.own})::TINYINT AS own, {is_beside} AS is_beside, 0::UINTEGER AS closed
        FROM {source} t {joins} {f"WHERE {chosen}" if chosen else ""}"""
    )
    if cells.own != "0":
        connection.execute(
            f"""UPDATE {name}_rows r SET day = CASE own WHEN 1 THEN s.week ELSE s.month END
            FROM spans s WHERE s.day = r.day AND s.site = r.site AND own > 0"""
        )
    if table.within is not None:
        place_within(connection, table, table.within)
        if table.crossed:
            name_crossed(connection, table, table.within, k)
    keys = "".join(f", {column}" for column in ("own", *table.cell_columns))
    sums = "".join(f", sum({name})::BIGINT AS {name}" for name in names)
    sure = "".join(f", max(least_{part}) >= {k} AS {part}_sure" for part in parts)
    connection.execute(
        f"""CREATE TABLE {name}_cells AS SELECT row_number() OVER () - 1 AS cell, * FROM (
          SELECT day, site{keys}{sums}, max(least_visitors) >= {k} AS sure,
            max(least_visitors) < {k} AS has_members, is_beside, FALSE AS is_out, bit_or(closed) AS closed{sure}
          FROM {name}_rows GROUP BY ALL);
        CREATE TABLE {name}_items AS SELECT day_number AS day, site_digest AS site, item, code, cell
        FROM {name}_rows JOIN {name}_cells USING (day, site, is_beside{keys});
        DROP TABLE {name}_rows;
        CREATE TABLE {name}_members (cell BIGINT, visit BIGINT, client UBIGINT, flags UINTEGER)"""
    )
    if table.crossed:
        find_few(connection, table)
    if cells.goals:
        load_goals(connection, table, k)
    unsure = " | ".join(
        f"CASE WHEN {part} > 0 AND NOT {part}_sure THEN {bit} ELSE 0 END" for part, bit in parts.items()
    )
    unsure = unsure or "0"
    if cells.goals:
        unsure += f" | coalesce((SELECT bit_or(flag) FROM {name}_goals g WHERE g.cell = c.cell AND NOT g.sure), 0)"
    load_members(connection, table, paths, "NOT sure", unsure, enough=k if table.crossed else None)
    if table.crossed:
        connection.execute(f"CREATE OR REPLACE TABLE {name}_items AS FROM {name}_items LIMIT 0")
    connection.execute(
        f"""UPDATE {name}_cells SET sure = TRUE FROM (
          SELECT cell FROM {name}_members SEMI JOIN (SELECT cell FROM {name}_cells WHERE NOT sure) USING (cell)
          WHERE flags & {ASIDE} = 0 GROUP BY cell HAVING count(DISTINCT client) >= {k}
        ) m WHERE {name}_cells.cell = m.cell;
        UPDATE {name}_cells SET is_out = TRUE WHERE is_beside AND sure"""
    )


def _keys_of_outer(outer: Table) -> dict[str, str]:
    """Return the SQL for the key columns of a table within which another one is folded, by their names there."""
    assert outer.cells is not None
    return {f"outer_{column}": sql for part in outer.cells.published for column, sql in part.columns.items()}


def place_within(connection: duckdb.DuckDBPyConnection, table: Table, outer: Table) -> None:
    """Change `<table>_rows` so that its cells are those of the rows of the table `outer`, and create `<table>_spans`.

    They get the span of the row for their own, and lose what the row has lost. `<table>_rows` has the outer table's key
    columns, named `outer_…`. `<table>_spans` is what `spans` is for the cells of days.

    What the row covers beside the table's own visits (`is_beside`) has the key of the rest, and is left out of rows
    that cover nothing else.
    """
    name, rest = table.name, len(outer.levels)
    at_rest = {column: value for level in table.own_levels for column, value in level.items()}
    changed = []
    for column in table.cell_columns:
        lost = column.removeprefix("outer_")
        losing = next((place for place, level in enumerate(outer.levels, start=1) if lost in level), 1)
        folded = (table if column == lost else outer).folded_value(lost)
        beside = f"WHEN r.is_beside THEN {at_rest[column]}" if table.outer_keys and column in at_rest else ""
        changed.append(f"CASE WHEN p.level >= {losing} THEN {folded} {beside} ELSE r.{column} END AS {column}")
    same = "".join(f" AND r.outer_{column} IS NOT DISTINCT FROM c.{column}" for column in outer.folded_columns)
    # Part of the outer table, such as the visits of a campaign, is not published for a row that covers others as well.
    is_covered = f"p.level < {rest}" if table.cells is not None and table.cells.where else "TRUE"
    connection.execute(
        f"""CREATE OR REPLACE TABLE {name}_rows AS
        SELECT r.* REPLACE (p.span AS day, p.grain::TINYINT AS own, h.hidden AS closed, {", ".join(changed)})
        FROM {name}_rows r JOIN {outer.name}_cells c ON r.day = c.day AND r.site = c.site{same}
        JOIN {outer.name}_placed p USING (cell) JOIN {outer.name}_closed h USING (cell)
        WHERE p.grain IS NOT NULL AND {is_covered};
        CREATE TABLE {name}_spans AS
        SELECT p.span AS day, c.site, p.grain::TINYINT AS own,
          any_value(CASE WHEN p.grain = 2 THEN p.span ELSE s.week END) AS week, any_value(s.month) AS month,
          bool_or(p.grain = 0) AS joins_day, bool_or(p.grain <= 1 AND s.joins_week) AS joins_week,
          bool_or(s.joins_month) AS joins_month
        FROM {outer.name}_cells c JOIN {outer.name}_placed p USING (cell)
        JOIN spans s ON s.day = c.day AND s.site = c.site
        WHERE p.grain IS NOT NULL GROUP BY ALL"""
    )
    if table.outer_keys:
        row = ", ".join(("day", "site", "own", *(f"outer_{column}" for column in table.outer_keys)))
        connection.execute(
            f"""DELETE FROM {name}_rows
            WHERE is_beside AND ({row}) NOT IN (SELECT ({row}) FROM {name}_rows WHERE NOT is_beside)"""
        )


def load_members(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    paths: Sequence[str],
    cells: str,
    flags: str = "0",
    *,
    enough: int | None = None,
) -> None:
    """Add the visits of the cells that fulfil the condition `cells`, and those with one of the `flags` of other cells.

    The files are read one after the other, short ones together, so that few buckets' rows are in memory. No more is
    read of cells that have `enough` visitors.
    """
    name, declared = table.name, table.cells
    assert declared is not None
    connection.execute(
        f"""CREATE OR REPLACE TABLE {name}_wanted AS SELECT i.*, c.flags FROM {name}_items i JOIN (
          SELECT cell, CASE WHEN {cells} THEN {_ALL} ELSE {flags} END::UINTEGER AS flags FROM {name}_cells c
        ) c USING (cell) WHERE c.flags > 0"""
    )
    if not count_rows(connection, f"{name}_wanted"):
        return
    item, code, number = (
        ("f.item", "f.code", ITEM_TABLES.index(name)) if declared.items else (declared.item.replace("t.", "f."), "0", 0)
    )
    own = [*_OF_ITEMS, *(column.removeprefix("f.") for column in (item, code) if column != "0")]
    for read, rows in enumerate(read_together(paths, own, number=number), start=1):
        execute_over(
            connection,
            rows,
            f"""INSERT INTO {name}_members SELECT w.cell, f.visit, f.client, f.flags
            FROM in_memory f JOIN {name}_wanted w
              ON w.day = f.day AND w.site = f.site AND w.item = {item} AND w.code = {code}
            WHERE w.flags = {_ALL} OR f.flags & w.flags > 0""",
        )
        # Most cells have enough after few reads, and each look at them takes longer than one.
        if enough is not None and read in _LOOK_AFTER:
            connection.execute(
                f"""CREATE OR REPLACE TABLE {name}_wanted AS FROM {name}_wanted ANTI JOIN (
                  SELECT cell FROM {name}_members SEMI JOIN {name}_wanted USING (cell)
                  GROUP BY cell HAVING count(DISTINCT client) >= {enough}) USING (cell)"""
            )
    connection.execute(f"DROP TABLE {name}_wanted")


def read_members(
    connection: duckdb.DuckDBPyConnection, table: Table, wanted: Flags, columns: Sequence[str], where: str = "TRUE"
) -> list[NDArray[Any]]:
    """Return columns of the members of the cells that are wanted; clients are numbered from 0 on.

    There may be many millions, so that they are read some at a time, and each column takes no more than it needs.
    `where` is SQL.
    """
    clients = KeyTable()
    parts: dict[str, list[NDArray[Any]]] = {column: [np.zeros(0, dtype=_MEMBER_TYPES[column])] for column in columns}
    read = connection.sql(f"SELECT cell, {', '.join(columns)} FROM {table.name}_members WHERE {where}")
    for batch in read.to_arrow_reader(_BATCH):
        rows = np.flatnonzero(wanted[batch.column(0).to_numpy()])
        for column, values in zip(columns, batch.columns[1:], strict=True):
            own = values.to_numpy()[rows]
            parts[column].append(clients.intern(own) if column == "client" else own.astype(_MEMBER_TYPES[column]))
    # Each is freed before the next one is put together.
    return [np.concatenate(parts.pop(column)) for column in columns]
