"""Places cells in rows that reveal few neither alone nor with those of earlier files (`docs/definitions.md`).

Files of earlier nights had shorter spans alone: days before their week was published, weeks before their month.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from footfall.pipelines.publishing.break_chains import break_chains, keep_visits
from footfall.pipelines.publishing.fold_cells import GRAINS, Cells, Placement, fold_cells, number
from footfall.pipelines.publishing.keep_coarser_keys import Way, keep_coarser_keys
from footfall.transforms.arrays import Codes


@dataclass(frozen=True)
class Placed:
    """The cells of a table, and where a file has them."""

    cells: Cells
    """They join the spans that the file has."""
    placement: Placement
    row: Codes
    """The number of the row that covers each cell, -1 for none."""
    rows: int

    @classmethod
    def of(cls, cells: Cells, placement: Placement) -> Placed:
        """Return placed cells with the numbers of their rows."""
        is_placed = placement.grain >= 0
        return cls(
            cells, placement, *number(is_placed, cells.site, placement.grain, placement.span(cells), placement.code)
        )


def place_rows(cells: Cells, *, counts_all_visits: bool) -> list[Placed]:
    """Return where cells are placed, in this file, which comes last, and in those that may have been before.

    With `counts_all_visits` each visit is in a row, and counts once in it.
    """
    files: list[Placed] = []
    none = np.zeros(len(cells.site), dtype=np.bool_)
    for grain in range(len(GRAINS)):
        is_last = not any(joins.any() for joins in cells.joins[grain + 1 :])
        joins = (*cells.joins[: grain + 1], *itertools.repeat(none, len(GRAINS) - grain - 1))
        had = cells if is_last else replace(cells, joins=joins)
        files.append(Placed.of(had, _place(had, _ways_to_compare(had, files), counts_all_visits=counts_all_visits)))
        if is_last:
            break
    return files


def _place(cells: Cells, ways: Sequence[Way], *, counts_all_visits: bool) -> Placement:
    placement = fold_cells(cells)
    break_chains(cells, placement, ways)
    while any([counts_all_visits and keep_visits(cells, placement), keep_coarser_keys(cells, placement, ways)]):
        break_chains(cells, placement, ways)
    return placement


def _ways_to_compare(cells: Cells, earlier: Sequence[Placed]) -> list[Way]:
    """Return all ways in which earlier files can be compared; of tables without coarser keys there are none."""
    choices = itertools.product(cells.codes[1:-1], enumerate(earlier), (False, True))
    return [Way(code, grain, file.placement, lacks_last) for code, (grain, file), lacks_last in choices]
