"""Hides goals of rows that `goals` counts together with others (`docs/definitions.md`, Small groups, Goals of rows)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.publishing.divide_by_goals import GoalOfCells
from footfall.pipelines.publishing.fold_cells import GRAINS, Cells, Members, number
from footfall.pipelines.publishing.hide_in_sets import Sums, hide_in_sets
from footfall.pipelines.publishing.hide_measures import hide_for_sums
from footfall.pipelines.publishing.measures import Measure
from footfall.pipelines.publishing.place_rows import Placed
from footfall.pipelines.publishing.sets_of_days import OPEN
from footfall.transforms.arrays import Codes, Flags, Ints


def hide_goals_together(
    placed: Placed, goals: Sequence[GoalOfCells], hidden_of: Sequence[Flags], takers: Sequence[Members], longest: int
) -> None:
    """Hide one more goal of a row where the rows of a table leave few of what `goals` counts together.

    That is a row of `goals`, or what it could not name by the end of a day or week: the file of an earlier night had it
    as one row. Of each goal `hidden_of` has the rows that hide it, which change, and `takers` has who reached it.
    `longest` is the grain of the longest spans that the file has.
    """
    row = placed.row
    # Of each goal come the cells where it was reached; rows have numbers of their own for each.
    reached = [np.flatnonzero((goal.visits > 0) & (row >= 0)) for goal in goals]
    if not any(map(len, reached)):
        return
    cell, goal_of = np.concatenate(reached), np.repeat(np.arange(len(goals)), list(map(len, reached)))
    own_row, rows = number(cell >= 0, goal_of, row[cell])
    begins = np.searchsorted(goal_of, np.arange(len(goals)))
    takers = [one.of_cells(row >= 0) for one in takers]
    behind = Members(
        np.concatenate(
            [begin + np.searchsorted(own, one.cell) for begin, own, one in zip(begins, reached, takers, strict=True)]
        ),
        np.concatenate([one.client for one in takers]),
    )

    def of_goals(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(goal, name)[own] for goal, own in zip(goals, reached, strict=True)])

    hidden, visits = np.zeros(rows, dtype=np.bool_), of_goals("visits")
    hidden[own_row] = np.stack(hidden_of)[goal_of, row[cell]]
    own_cells = placed.cells.take(cell)
    own_placement = placed.placement.take(own_cells, cell)
    sums = np.bincount(own_row, visits, rows).astype(np.int64)
    measure = Measure.of_placed(own_placement, own_row, sums, visits, of_goals("is_sure"), behind, hidden)
    row_of_goals, named_by = of_goals("row_of_goals"), of_goals("named_by")
    month, _ = number(cell >= 0, own_cells.site, own_cells.spans[-1])
    for grain in reversed(range(longest + 1)):
        sum_of = _number_sums(own_cells, measure, row_of_goals, named_by, grain)
        hide_for_sums(own_cells, own_placement, measure, None, sum_of, sum_of >= 0)
        is_known = np.append(measure.have_k(sum_of, sum_of.max() + 1, own_cells.k), False)[sum_of]
        hide_in_sets(own_cells, own_placement, measure, Sums(own_row, month, np.where(is_known, sum_of, OPEN)))
    for number_of_goal, of_rows in enumerate(hidden_of):
        is_own = goal_of == number_of_goal
        of_rows[row[cell[is_own]]] = hidden[own_row[is_own]]


def _number_sums(cells: Cells, measure: Measure, row_of_goals: Ints, named_by: Ints, grain: int) -> Codes:
    """Return in which known sum each cell is (-1: none): the rows of `goals` now, or earlier.

    At the end of days and of weeks, goals that no rows of these grains name were one row. Where that would have been of
    few, there was none; less the others, the row has the sum of them all now.
    """
    is_unnamed = (named_by > grain) & (grain < len(GRAINS) - 1)
    of_row, span = np.where(is_unnamed, -1, row_of_goals), np.where(is_unnamed, cells.spans[grain], -1)
    found, sums = number(is_unnamed | (row_of_goals >= 0), cells.site, of_row, span)
    is_few = is_unnamed & ~np.append(measure.have_k(found, sums, cells.k), False)[found]
    together, _ = number(is_few & (row_of_goals >= 0), cells.site, row_of_goals)
    return np.where(together >= 0, sums + together, found).astype(found.dtype)
