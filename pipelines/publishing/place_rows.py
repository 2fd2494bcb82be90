"""Places cells in rows that reveal few neither alone nor with those of earlier files (`docs/definitions.md`).

Files of earlier nights had shorter spans alone: days before their week was published, weeks before their month.
"""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np

from footfall.pipelines.publishing.break_chains import break_chains, keep_visits
from footfall.pipelines.publishing.fold_cells import GRAINS, Cells, Placement, fold_cells
from footfall.pipelines.publishing.keep_coarser_keys import Way, keep_coarser_keys


def place_rows(cells: Cells, *, counts_all_visits: bool) -> Placement:
    """Return where cells are placed; with `counts_all_visits` each visit is in a row, and counts once in it."""
    ways = _ways_to_compare(cells, counts_all_visits=counts_all_visits)
    placement = fold_cells(cells)
    break_chains(cells, placement, ways)
    while any([counts_all_visits and keep_visits(cells, placement), keep_coarser_keys(cells, placement, ways)]):
        break_chains(cells, placement, ways)
    return placement


def _ways_to_compare(cells: Cells, *, counts_all_visits: bool) -> list[Way]:
    """Return all ways in which earlier files can be compared; of tables without coarser keys there are none."""
    coarser = cells.codes[1:-1]
    grains = [grain for grain in range(len(GRAINS) - 1) if any(joins.any() for joins in cells.joins[grain + 1 :])]
    none = np.zeros(len(cells.site), dtype=np.bool_)
    earlier = {
        grain: place_rows(
            replace(cells, joins=tuple(joins if one <= grain else none for one, joins in enumerate(cells.joins))),
            counts_all_visits=counts_all_visits,
        )
        for grain in (grains if coarser else ())
    }
    return [
        Way(code, grain, earlier[grain], lacks_last)
        for code, grain, lacks_last in itertools.product(coarser, grains, (False, True))
    ]
