"""Hides goals of rows that `goals` counts together with others (`docs/definitions.md`, Small groups, Goals of rows)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.publishing.divide_by_goals import GoalOfCells
from footfall.pipelines.publishing.fold_cells import GRAINS, Cells, Members, Placement, number
from footfall.pipelines.publishing.hide_measures import hide_for_sums
from footfall.pipelines.publishing.measures import Measure
from footfall.transforms.arrays import Codes


def hide_goals_together(
    cells: Cells, placement: Placement, row: Codes, goals: Sequence[GoalOfCells], takers: Sequence[Members]
) -> None:
    """Hide one more goal of a row where the rows of a table leave few of what `goals` counts together.

    That is a row of `goals`, or what it could not name by the end of a day or week: the file of an earlier night had it
    as one row. `row` is the number of the row that covers each cell, -1 for none; `takers` has who reached each goal.
    """
    if not goals:
        return
    # Of each goal come the cells where it was reached; rows have numbers of their own for each.
    reached = [np.flatnonzero((goal.visits > 0) & (row >= 0)) for goal in goals]
    cell, goal_of = np.concatenate(reached), np.repeat(np.arange(len(goals)), list(map(len, reached)))
    own_row, rows = number(cell >= 0, goal_of, row[cell])
    begins = np.searchsorted(goal_of, np.arange(len(goals)))
    behind = Members(
        np.concatenate(
            [begin + np.searchsorted(own, one.cell) for begin, own, one in zip(begins, reached, takers, strict=True)]
        ),
        np.concatenate([one.client for one in takers]),
    )

    def of_goals(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(goal, name)[own] for goal, own in zip(goals, reached, strict=True)])

    hidden, visits = np.zeros(rows, dtype=np.bool_), of_goals("visits")
    hidden[own_row] = np.stack([goal.hidden for goal in goals])[goal_of, row[cell]]
    own_cells = cells.take(cell)
    own_placement = placement.take(own_cells, cell)
    sums = np.bincount(own_row, visits, rows).astype(np.int64)
    measure = Measure.of_placed(own_placement, own_row, sums, visits, of_goals("is_sure"), behind, hidden)
    row_of_goals, named_by = of_goals("row_of_goals"), of_goals("named_by")
    unnamed = (np.where(named_by > grain, own_cells.spans[grain], -1) for grain in range(len(GRAINS) - 1))
    for together in (row_of_goals, *unnamed):
        hide_for_sums(own_cells, own_placement, measure, None, together, together >= 0)
    for number_of_goal, goal in enumerate(goals):
        is_own = goal_of == number_of_goal
        goal.hidden[row[cell[is_own]]] = hidden[own_row[is_own]]
