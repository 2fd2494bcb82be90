"""Makes the tables about visits under the rules for small groups (`docs/definitions.md`, Small groups).

Each table is made from its cells: tables `<table>_cells` of a DuckDB connection, with the columns

- `cell`: their numbers from 0 on; `site`; `day` and `own`: the first day and the grain (0: day) of the cell's own span;
- the key columns (`cell_columns` of the table), which coarser levels change, and the measures;
- `is_out`: whether the cell is no part of the table after all;
- `sure` or `<part>_sure`: whether k visitors are behind all of it or this measure for certain;
- `closed`: the bits of the measures that the row within which it is folded hides.

`<table>_members` has the visits and visitors of the cells for which these are needed: those that are not sure.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.publishing.cross_sums import cross_sums, published_visits, read_closed, read_crossed
from footfall.pipelines.publishing.divide_by_goals import GoalOfCells, divide_by_goals, read_goals
from footfall.pipelines.publishing.find_small_days import find_small_days
from footfall.pipelines.publishing.fold_cells import (
    GRAINS,
    Cells,
    Members,
    count_distinct,
)
from footfall.pipelines.publishing.hide_parts import Hidden, Parts, hide_parts
from footfall.pipelines.publishing.load_cells import load_cells, load_members, read_members
from footfall.pipelines.publishing.place_rows import Placed, place_rows
from footfall.pipelines.publishing.round_rows import round_rows
from footfall.pipelines.publishing.run_statements import count_rows, execute_over, put_into_files
from footfall.transforms.arrays import Ints
from footfall.transforms.running.freed_memory import MUCH, freed_memory
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.visit_tables import VISITS
from footfall.transforms.visits.visit_rows import ASIDE

_ENTRIES: Final = "entries"
"""All visits are some page's entries: each is in a row of a table that has them, and counts once in it."""
_EPOCH: Final = "DATE '1970-01-01'"
MANY_MEMBERS: Final = 200_000
"""A table with more visits and visitors to count is folded alone, for the sake of memory."""
_alone: Final = threading.Lock()


@dataclass(frozen=True)
class Folded:
    """Where files have the cells of a table: earlier ones, and the last of them this one."""

    files: list[Placed]
    sites: pa.Array
    """The names of the cells' sites."""

    @property
    def own(self) -> Placed:
        """Where this file has them."""
        return self.files[-1]


def fold_table(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str], k: int) -> int:
    """Create a table with levels, and return how many of its cells have no row of their own.

    `paths` are the files of items, or of visits if the table has no items. The connection has `spans`, and the tables
    of the table that this one is `within`.
    """
    load_cells(connection, table, paths, k)
    if not count_rows(connection, f"{table.name}_cells"):
        _create_empty(connection, table)
        return 0
    is_large = count_rows(connection, f"{table.name}_members") > MANY_MEMBERS
    with _alone if is_large else contextlib.nullcontext():
        _make_room(connection, is_large)
        folded = place_cells(connection, table, k)
        _count_combined(connection, table, paths)
        _make_room(connection, is_large)
        sum_rows(connection, table, folded)
    # No other table reads these; if they stayed, others would have to make room for them and go to files.
    connection.execute("; ".join(f"DROP TABLE {table.name}_{kind}" for kind in ("items", "members", "keys")))
    if table.crossed:
        connection.execute(f"DELETE FROM {table.name} WHERE visits = 0")
    placement = folded.own.placement
    is_folded = (placement.grain != 0) | (placement.level > 0)
    return int(np.count_nonzero(is_folded & ~folded.own.cells.is_out))


def _make_room(connection: duckdb.DuckDBPyConnection, is_large: bool) -> None:
    if is_large:
        put_into_files(connection)
    freed_memory.give_back(0 if is_large else MUCH)


def _return_memory(members: int) -> None:
    """Return what was freed since members were read: the database takes much to join and sort many."""
    freed_memory.give_back(0 if members > MANY_MEMBERS else MUCH)


def _create_empty(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create what `place_cells` and `sum_rows` do, without rows; most tables of a small site are empty."""
    name = table.name
    columns = {name: ", ".join(f"{column.name} {column.type}" for column in table.columns)}
    columns[f"{name}_placed"] = "cell BIGINT, row BIGINT, grain TINYINT, span DATE, level TINYINT, is_combined BOOLEAN"
    columns[f"{name}_closed"] = "cell BIGINT, hidden UINTEGER, visits BIGINT"
    if table.cells is not None and table.cells.goals:
        keys = ", ".join(f"{key.name} {key.type}" for key in table.keys if key.name in table.folded_columns)
        columns[f"{name}_by_goal"] = f"day DATE, site VARCHAR, grain VARCHAR, goal VARCHAR, {keys}, visits BIGINT"
    connection.execute("; ".join(f"CREATE TABLE {one} ({own})" for one, own in columns.items()))


def place_cells(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> Folded:
    """Decide in which row each cell is.

    `<table>_placed` gets `cell`, `row` (the number of the row that covers it, -1: none), `grain` (a number, NULL:
    nowhere), `span` (its first day), `level` (how many levels its key lost) and `is_combined` (whether it lost any,
    here or in an earlier file), and `<table>_keys` the columns of each key by `code`.
    """
    if table.small_by and not table.small_as:
        find_small_days(connection, table, k)
    _number_keys(connection, table)
    cells, sites = _read_cells(connection, table, k)
    files = place_rows(cells, counts_all_visits=table.cells is not None and _ENTRIES in table.cells.parts)
    if table.crossed:
        # Of pairs no measure is hidden, so that it does not matter what earlier files had.
        cross_sums(cells, files[-1].placement, read_crossed(connection, table))
        files = [Placed.of(cells, files[-1].placement)]
    own = files[-1].placement
    placed = {
        "cell": np.arange(len(own.grain)),
        "row": files[-1].row,
        "grain": own.grain,
        "span": own.span(cells),
        "level": own.level,
        "is_combined": np.any([(file.row >= 0) & (file.placement.level > 0) for file in files], axis=0),
    }
    selected = f"CASE WHEN grain >= 0 THEN grain END AS grain, {_EPOCH} + span::INTEGER AS span, level, is_combined"
    _create_from(connection, f"{table.name}_placed", placed, f"cell, row, {selected}")
    return Folded(files, sites)


def _number_keys(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Create `<table>_finest` (the keys of cells by number), `<table>_keys` (all keys by code) and `<table>_codes`.

    The last has the code of each number's key at each level. Codes are in the order of their values as text.
    """
    name, columns = table.name, table.cell_columns
    keys, as_text = ", ".join(columns), ", ".join(f"{column}::VARCHAR NULLS LAST" for column in columns)
    levels = [f"SELECT number, 0 AS level, {keys} FROM {name}_finest"]
    for level, folded in enumerate(table.own_levels, start=1):
        values = ", ".join(folded.get(column, column) for column in columns)
        levels.append(f"SELECT number, {level}, {values} FROM level_{level - 1}")
    steps = ", ".join(
        f"level_{level}(number, level, {keys}) AS MATERIALIZED ({sql})" for level, sql in enumerate(levels)
    )
    connection.execute(
        f"""CREATE TABLE {name}_finest AS SELECT row_number() OVER () - 1 AS number, {keys}
          FROM (SELECT DISTINCT {keys} FROM {name}_cells);
        CREATE TABLE {name}_levels AS WITH {steps} {" UNION ALL ".join(f"FROM level_{i}" for i in range(len(levels)))};
        CREATE TABLE {name}_keys AS SELECT row_number() OVER (ORDER BY {as_text}) - 1 AS code, {keys}
          FROM (SELECT DISTINCT {keys} FROM {name}_levels);
        CREATE TABLE {name}_codes AS SELECT level, number, code FROM {name}_levels l JOIN {name}_keys k
          ON {_same("l", "k", columns)};
        DROP TABLE {name}_levels"""
    )


def _read_cells(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> tuple[Cells, pa.Array]:
    """Return the cells as arrays, and the names of their sites."""
    name = table.name
    spans = f"{table.small_as or name}_spans" if table.within or table.small_by else "spans"
    has_own = bool(table.within or (table.small_by and not table.small_as))
    same = {"s.own": "c.own"} if has_own else {}
    same |= {"s.part": table.small_by} if table.small_by else {}
    same_span = "".join(f" AND {one} = {other}" for one, other in same.items())
    days = ", ".join(f"(s.{grain} - {_EPOCH})::INTEGER AS {grain}" for grain in GRAINS)
    joins = ", ".join(f"s.joins_{grain} AND NOT c.is_out AS joins_{grain}" for grain in GRAINS)
    sites = connection.sql(f"SELECT DISTINCT site FROM {name}_cells ORDER BY site").to_arrow_table()["site"]
    # As small as they can be: there may be a million cells.
    read = connection.sql(
        f"""SELECT n.number::INTEGER AS site, c.own, c.visits, c.sure, c.is_out, f.number::INTEGER AS number,
          {days}, {joins}
        FROM {name}_cells c JOIN {name}_finest f ON {_same("c", "f", table.cell_columns)}
        JOIN {spans} s ON s.day = c.day AND s.site = c.site{same_span}
        JOIN (SELECT row_number() OVER (ORDER BY site) - 1 AS number, site FROM (SELECT DISTINCT site FROM {name}_cells)
          ) n ON n.site = c.site
        ORDER BY c.cell"""
    ).to_arrow_table()
    codes = connection.execute(f"SELECT code::INTEGER AS code FROM {name}_codes ORDER BY level, number").fetchnumpy()
    connection.execute(f"DROP TABLE {name}_finest; DROP TABLE {name}_codes")
    is_sure = read["sure"].to_numpy()
    cell, client = read_members(connection, table, ~is_sure, ("cell", "client"), f"flags & {ASIDE} = 0")
    _return_memory(len(cell))
    if table.crossed:
        # Nothing is counted anew.
        connection.execute(f"CREATE OR REPLACE TABLE {name}_members AS FROM {name}_members LIMIT 0")
    of_key = read["number"].to_numpy()
    return Cells(
        site=read["site"].to_numpy(),
        own=read["own"].to_numpy(),
        spans=tuple(read[grain].to_numpy() for grain in GRAINS),
        joins=tuple(read[f"joins_{grain}"].to_numpy() for grain in GRAINS),
        codes=tuple(of_level[of_key] for of_level in codes["code"].reshape(len(table.own_levels) + 1, -1)),
        visits=read["visits"].to_numpy(),
        is_sure=is_sure,
        is_out=read["is_out"].to_numpy(),
        members=Members(cell, client),
        k=k,
    ), sites.combine_chunks()


# --- rows ---


def _count_combined(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str]) -> None:
    """Load the visits of all cells that coarser keys combine: a visit with two rare pages counts once."""
    assert table.cells is not None
    if not table.cells.items or table.crossed:
        return
    lacking = f"NOT has_members AND cell IN (SELECT cell FROM {table.name}_placed WHERE is_combined)"
    connection.execute(
        f"DELETE FROM {table.name}_members WHERE cell IN (SELECT cell FROM {table.name}_cells WHERE {lacking})"
    )
    load_members(connection, table, paths, lacking)


def sum_rows(connection: duckdb.DuckDBPyConnection, table: Table, folded: Folded) -> None:
    """Create the table from the cells that have a row, and `<table>_closed`: which parts their rows hide, as bits.

    It also has the visits of these rows.
    """
    assert table.cells is not None
    name, own = table.name, folded.own
    cells, placement, row, rows = own.cells, own.placement, own.row, own.rows
    is_placed = row >= 0
    measures = [column.name for column in table.measures]
    names = ", ".join([*measures, *(f"{part}_sure" for part in table.cells.parts), _closed(table)])
    read = connection.execute(f"SELECT {names} FROM {name}_cells ORDER BY cell").fetchnumpy()
    files = [(file, _sums_of(connection, table, file, {one: read[one] for one in measures})) for file in folded.files]
    sums = files[-1][1]
    if table.crossed:
        sums["visits"] = published_visits(cells, placement, row, rows, read_closed(read["closed"], table))
    goals = read_goals(connection, table, len(row))
    bits = sum({*table.cells.parts.values(), *(goal.bit for goal in goals)})
    has_row = np.any([file.row >= 0 for file in folded.files], axis=0)
    members = read_members(
        connection, table, has_row | cells.is_out, ("cell", "client", "flags"), f"flags & {bits} > 0"
    )
    _return_memory(len(members[0]))
    hidden = hide_parts(Parts(table, read, goals, *members), files)
    _note_closed(connection, table, own, goals, hidden, sums["visits"])
    one_cell = np.empty(rows, dtype=np.int64)
    one_cell[row[is_placed]] = np.flatnonzero(is_placed)
    if table.known_by:
        sums = round_rows(connection, table, cells, placement, row, read["hits"], sums)
    columns: dict[str, Any] = {one: pa.array(sums[one], mask=hidden.get(one)) for one in measures}
    spans = {
        "code": pa.array(placement.code[one_cell]),
        "span": pa.array(placement.span(cells)[one_cell]),
        "site": folded.sites.take(pa.array(cells.site[one_cell])),
        "grain": pa.array(GRAINS).take(pa.array(placement.grain[one_cell])),
    }
    columns |= spans
    if table.cells.goals:
        divide_by_goals(connection, table, goals, hidden, pa.table(spans), row)
    selected = [f"{_EPOCH} + span::INTEGER AS day" if one == "day" else one for one in table.column_names]
    keys = f"JOIN {name}_keys USING (code)"
    selected = [f"{table.shown[one]} AS {one}" if one in table.shown else one for one in selected]
    if table.outer_keys or table.shown:
        # Rows of two rows of the other table, or two rests, may show the same.
        selected[-len(measures) :] = [
            f"CASE WHEN count(*) = count({one}) THEN sum({one})::BIGINT END AS {one}" for one in measures
        ]
        keys += " GROUP BY ALL"
    _create_from(connection, name, columns, ", ".join(selected), keys)


def _closed(table: Table) -> str:
    """Return SQL for the bits of the measures that each row of a cell must hide.

    Where few of a day take part in a measure, `visits` hides it: a row by week, less other days, would reveal it.
    """
    assert table.cells is not None and VISITS.cells is not None
    of_days = VISITS.cells.parts if table.within is None else ()
    bits = (
        f"""CASE WHEN {part} > 0 AND (day, site) IN (
          SELECT (day, site) FROM visit_totals WHERE visits IS NOT NULL AND {part} IS NULL) THEN {bit} ELSE 0 END"""
        for part, bit in table.cells.parts.items()
        if part in of_days
    )
    return f"({' | '.join(['closed', *bits])})::UINTEGER AS closed"


def _sums_of(
    connection: duckdb.DuckDBPyConnection, table: Table, placed: Placed, of_cells: Mapping[str, Ints]
) -> dict[str, Ints]:
    """Return the measures of the rows; each visit counts once in rows of several folded cells."""
    assert table.cells is not None
    row, rows = placed.row, placed.rows
    own = row[row >= 0]
    sums = {one: np.bincount(own, values[row >= 0], rows).astype(np.int64) for one, values in of_cells.items()}
    is_mixed = (np.bincount(own, placed.placement.level[row >= 0], rows) > 0) & (np.bincount(own, minlength=rows) > 1)
    if table.cells.items and not table.crossed and is_mixed.any():
        cell, visit = read_members(connection, table, (row >= 0) & is_mixed[row], ("cell", "visit"), "visit >= 0")
        sums["visits"][is_mixed] = count_distinct(row[cell], visit, rows)[is_mixed]
    return sums


def _note_closed(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    placed: Placed,
    goals: Sequence[GoalOfCells],
    hidden: Hidden,
    visits: Ints,
) -> None:
    """Create `<table>_closed`: the bits of what the row of each cell hides, and the visits of the row."""
    assert table.cells is not None
    bits: dict[str | int, int] = dict(table.cells.parts.items())
    bits |= {goal.number: goal.bit for goal in goals}
    closed = np.zeros(placed.rows, dtype=np.uint32)
    for part, of_rows in hidden.items():
        closed[of_rows] |= np.uint32(bits[part])
    cell = np.flatnonzero(placed.row >= 0)
    row = placed.row[cell]
    columns = {"cell": cell, "hidden": closed[row], "visits": visits[row]}
    _create_from(connection, f"{table.name}_closed", columns, "cell, hidden, visits")


# --- SQL ---


def _create_from(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, Any], selected: str, join: str = ""
) -> None:
    """Create a table by a query over columns in memory."""
    execute_over(connection, pa.table(columns), f"CREATE TABLE {name} AS SELECT {selected} FROM in_memory {join}")


def _same(left: str, right: str, columns: Sequence[str]) -> str:
    return " AND ".join(f"{left}.{column} IS NOT DISTINCT FROM {right}.{column}" for column in columns)
