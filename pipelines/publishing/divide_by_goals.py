"""Divides rows of a table about visits by the goals that the visits reached (`docs/definitions.md`, Goals of rows)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.publishing.fold_cells import GRAINS
from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.arrays import Codes, Flags, Ints
from footfall.transforms.tables.declaring import Table
from footfall.transforms.visits.visit_rows import FIRST_GOAL

_EPOCH: Final = "DATE '1970-01-01'"


@dataclass
class GoalOfCells:
    """The visits of each cell of a table that reached one goal."""

    number: int
    visits: Ints
    is_sure: Flags
    """By cell: whether k visitors reached it for certain."""
    named_by: Ints
    """By cell: the grain of its row in `goals` (0: day), `len(GRAINS)` if that does not name it. Finer ones may not."""
    hidden: Flags
    """By row: whether it is NULL there; set later."""

    @property
    def bit(self) -> int:
        """The bit in the flags of visits."""
        return 1 << (FIRST_GOAL + self.number)


def load_goals(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Create `<table>_goals`, the visits of each cell that reached each goal, from the partial table of the goals."""
    name, cells = table.name, table.cells
    assert cells is not None
    connection.execute(
        f"""CREATE TABLE {name}_goals AS
        SELECT i.cell, t.goal, sum(t.visits)::BIGINT AS visits, max(t.least_visitors) >= {k} AS sure,
          1::UINTEGER << ({FIRST_GOAL} + t.goal)::UINTEGER AS flag
        FROM p_{cells.goals} t JOIN {name}_items i
          ON i.day = t.day AND i.site = t.site AND i.item = t.{cells.item.removeprefix("t.")}
        GROUP BY ALL"""
    )


def read_goals(connection: duckdb.DuckDBPyConnection, table: Table, cells: int) -> list[GoalOfCells]:
    """Return the goals that visits of the table's cells reached, in order; `cells` is how many these are."""
    assert table.cells is not None
    if not table.cells.goals:
        return []
    name, unnamed = table.name, len(GRAINS)
    # Within the rows of another table, these say which goals are hidden.
    naming = f"CASE WHEN p.level = 0 THEN p.grain ELSE {unnamed} END" if table.within is None else "0"
    found = connection.execute(
        f"""SELECT g.goal, g.cell, g.visits, g.sure, coalesce({naming}, {unnamed}) AS named_by
        FROM {name}_goals g JOIN {name}_cells c USING (cell) JOIN goal_names n ON n.goal = g.goal
        LEFT JOIN goals_cells o ON o.day = c.day AND o.site = c.site AND o.goal = n.name
        LEFT JOIN goals_placed p ON p.cell = o.cell"""
    ).fetchnumpy()
    goals = []
    for number in np.unique(found["goal"]).tolist():
        own = found["goal"] == number
        visits, named_by = (np.zeros(cells, dtype=np.int64) for _ in range(2))
        is_sure = np.zeros(cells, dtype=np.bool_)
        cell = found["cell"][own]
        visits[cell], is_sure[cell], named_by[cell] = (found[one][own] for one in ("visits", "sure", "named_by"))
        goals.append(GoalOfCells(number, visits, is_sure, named_by, np.zeros(0, dtype=np.bool_)))
    return goals


def divide_by_goals(
    connection: duckdb.DuckDBPyConnection, table: Table, goals: list[GoalOfCells], rows: pa.Table, row: Codes
) -> None:
    """Create `<table>_by_goal`: rows of the table with a goal, where it is neither NULL nor 0.

    `rows` has code, span, site and grain of the table's rows, and `row` is the number of the row that covers each cell.
    """
    name, is_placed = table.name, row >= 0
    keys = ", ".join(column.name for column in table.keys if column.name in table.folded_columns)
    none = rows.slice(0, 0)
    parts = [none.append_column("goal", pa.array([], pa.uint8())).append_column("visits", pa.array([], pa.int64()))]
    for goal in goals:
        visits = np.bincount(row[is_placed], goal.visits[is_placed], rows.num_rows).astype(np.int64)
        numbers = np.full(rows.num_rows, goal.number, dtype=np.uint8)
        own = rows.append_column("goal", pa.array(numbers))
        parts.append(own.append_column("visits", pa.array(visits, mask=goal.hidden)))
    # Rows of two rows of another table may show the same.
    execute_over(
        connection,
        pa.concat_tables(parts),
        f"""CREATE TABLE {name}_by_goal AS
        SELECT {_EPOCH} + r.span::INTEGER AS day, r.site, r.grain, g.name AS goal, {keys},
          sum(r.visits)::BIGINT AS visits
        FROM in_memory r JOIN {name}_keys USING (code) JOIN goal_names g ON g.goal = r.goal
        GROUP BY ALL HAVING count(*) = count(r.visits) AND sum(r.visits) > 0""",
    )
