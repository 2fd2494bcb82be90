"""Divides rows of a table about visits by the goals that the visits reached (`docs/definitions.md`, Goals of rows)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.publishing.fold_cells import GRAINS
from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.arrays import Codes, Flags, Ints
from footfall.transforms.tables.declaring import Table
from footfall.transforms.visits.visit_rows import FIRST_GOAL

_EPOCH: Final = "DATE '1970-01-01'"


@dataclass(frozen=True)
class GoalOfCells:
    """The visits of each cell of a table that reached one goal."""

    number: int
    visits: Ints
    is_sure: Flags
    """By cell: whether k visitors reached it for certain."""
    row_of_goals: Ints
    """By cell: the number of the row of `goals` that counts them, -1 for none."""
    named_by: Ints
    """By cell: the grain of that row (0: day), `len(GRAINS)` if it has no goal's name."""

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
    found = connection.execute(
        f"""SELECT g.goal, g.cell, g.visits, g.sure AS is_sure, coalesce(p.row, -1) AS row_of_goals,
          CASE WHEN p.level = 0 AND p.grain IS NOT NULL THEN p.grain ELSE {len(GRAINS)} END AS named_by
        FROM {table.name}_goals g JOIN {table.name}_cells c USING (cell) JOIN goal_names n ON n.goal = g.goal
        LEFT JOIN goals_cells o ON o.day = c.day AND o.site = c.site AND o.goal = n.name
        LEFT JOIN goals_placed p ON p.cell = o.cell"""
    ).fetchnumpy()
    empty = {"visits": 0, "is_sure": False, "row_of_goals": -1, "named_by": len(GRAINS)}
    goals = []
    for number in np.unique(found["goal"]).tolist():
        own = found["goal"] == number
        of_cells = {name: np.full(cells, value) for name, value in empty.items()}
        for name, values in of_cells.items():
            values[found["cell"][own]] = found[name][own]
        goals.append(GoalOfCells(number, **of_cells))
    return goals


def divide_by_goals(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    goals: Sequence[GoalOfCells],
    hidden: Mapping[Any, Flags],
    rows: pa.Table,
    row: Codes,
) -> None:
    """Create `<table>_by_goal`: rows of the table with a goal, where it is neither NULL nor 0.

    `hidden` says by the number of a goal which rows hide it. `rows` has code, span, site and grain of the table's rows,
    and `row` is the number of the row that covers each cell.
    """
    name, is_placed = table.name, row >= 0
    keys = ", ".join(column.name for column in table.keys if column.name in table.folded_columns)
    none = rows.slice(0, 0)
    parts = [none.append_column("goal", pa.array([], pa.uint8())).append_column("visits", pa.array([], pa.int64()))]
    for goal in goals:
        visits = np.bincount(row[is_placed], goal.visits[is_placed], rows.num_rows).astype(np.int64)
        numbers = np.full(rows.num_rows, goal.number, dtype=np.uint8)
        own = rows.append_column("goal", pa.array(numbers))
        parts.append(own.append_column("visits", pa.array(visits, mask=hidden[goal.number])))
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
