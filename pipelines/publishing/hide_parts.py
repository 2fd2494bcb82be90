"""Decides which measures the rows of a table hide, here as in earlier files (`docs/definitions.md`, Measures)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.publishing.divide_by_goals import GoalOfCells
from footfall.pipelines.publishing.fold_cells import GRAINS, Members
from footfall.pipelines.publishing.hide_goals_together import hide_goals_together
from footfall.pipelines.publishing.hide_in_sets import Before
from footfall.pipelines.publishing.hide_measures import hide_measure
from footfall.pipelines.publishing.measures import Whole
from footfall.pipelines.publishing.place_rows import Placed
from footfall.transforms.arrays import Codes, Flags, Ints
from footfall.transforms.tables.declaring import Table

_COMPLETIONS: Final = "completions"
_WHOLES: Final = {
    "bounces": ("visits", "entries", "exits"),
    **dict.fromkeys(("entries", "exits", "refined", _COMPLETIONS), ("visits",)),
}
"""Measures that count some of what others count; not every table has all of those."""
Hidden = dict[str | int, Flags]
"""The rows that hide each part, or the goal of a number."""


@dataclass(frozen=True)
class Parts:
    """What only some of the visitors of a table's rows take part in."""

    table: Table
    of_cells: Mapping[str, NDArray[Any]]
    """By cell: each measure, whether k visitors are sure to take part in it, and the bits of those that are closed."""
    goals: Sequence[GoalOfCells]
    cell: NDArray[Any]
    """The cell of each visit."""
    client: NDArray[Any]
    """Its visitor."""
    flags: NDArray[Any]
    """The bits of the parts in which it takes part."""

    def takers(self, bit: int) -> Members:
        """Return who takes part in one."""
        takes_part = self.flags & bit > 0
        return Members(self.cell[takes_part], self.client[takes_part])


def hide_parts(parts: Parts, files: Sequence[tuple[Placed, Mapping[str, Ints]]]) -> Hidden:
    """Return what the rows of the last of these files hide: at least what they hid when they were in those before.

    The files have where they place the cells, and the sums of their rows.
    """
    earlier: list[tuple[Placed, Hidden]] = []
    for file, (placed, sums) in enumerate(files, start=1):
        longest = file - 1 if file < len(files) else len(GRAINS) - 1
        before = [(was, _same_rows(placed, was), hidden) for was, hidden in earlier]
        earlier.append((placed, _hide_in_file(parts, placed, sums, before, longest)))
    return earlier[-1][1]


def _same_rows(placed: Placed, before: Placed) -> Codes:
    """Return the number of the row that covered the same cells before, by row; -1 for none."""
    found = np.full(placed.rows, -1, dtype=np.int64)
    in_both = (placed.row >= 0) & (before.row >= 0)
    row, row_before = placed.row[in_both], before.row[in_both]
    found[row] = row_before
    covered = np.bincount(row[found[row] == row_before], minlength=placed.rows)
    sizes, sizes_before = (np.bincount(one.row[one.row >= 0], minlength=one.rows) for one in (placed, before))
    is_same = (found >= 0) & (covered == sizes) & (np.append(sizes_before, 0)[found] == sizes)
    return np.where(is_same, found, -1)


def _hide_in_file(
    parts: Parts,
    placed: Placed,
    sums: Mapping[str, Ints],
    earlier: Sequence[tuple[Placed, Codes, Hidden]],
    longest: int,
) -> Hidden:
    """Return what the rows of a file hide; `longest` is the grain of its longest spans.

    Of `earlier` files there are the numbers of the same rows, too.
    """
    declared = parts.table.cells
    assert declared is not None
    read, none = parts.of_cells, np.zeros(placed.rows, dtype=np.bool_)
    hidden: Hidden = {}

    def hide(
        part: str | int, of_rows: Ints, values: Ints, is_sure: Flags, bit: int, also: Flags, whole: Whole | None
    ) -> None:
        before = [Before(was, same, hidden_of[part]) for was, same, hidden_of in earlier]
        is_closed = read["closed"] & bit > 0
        hidden[part] = hide_measure(placed, of_rows, values, is_sure, parts.takers(bit), is_closed, also, before, whole)

    def hide_part(part: str, also: Flags = none) -> None:
        wholes = [whole for whole in _WHOLES.get(part, ()) if whole in sums]
        whole = Whole(*(np.minimum.reduce([of[one] for one in wholes]) for of in (sums, read))) if wholes else None
        hide(part, sums[part], read[part], read[f"{part}_sure"], declared.parts[part], also, whole)

    for part in declared.parts:
        if part != _COMPLETIONS:
            hide_part(part)
    is_placed, goals_of = placed.row >= 0, declared.goals_of
    for goal in parts.goals:
        of_rows = np.bincount(placed.row[is_placed], goal.visits[is_placed], placed.rows).astype(np.int64)
        whole = Whole(sums[goals_of], read[goals_of])
        hide(goal.number, of_rows, goal.visits, goal.is_sure, goal.bit, hidden.get(goals_of, none), whole)
    of_goals = [hidden[goal.number] for goal in parts.goals]
    if parts.table.within is None:
        # Within the rows of another table, these say which goals are hidden.
        takers = [parts.takers(goal.bit) for goal in parts.goals]
        hide_goals_together(placed, parts.goals, of_goals, takers, longest)
    if _COMPLETIONS in declared.parts:
        # Beside published goals, they would reveal what is hidden of others.
        by_goals = np.any([none, *of_goals], axis=0)
        hide_part(_COMPLETIONS, by_goals)
        for of_goal in of_goals:
            of_goal |= hidden[_COMPLETIONS] & ~by_goals
    return hidden
