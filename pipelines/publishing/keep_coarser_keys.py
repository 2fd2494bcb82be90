"""Leaves to the rest what earlier files would reveal (`docs/definitions.md`, Small groups, Coarser keys).

Before a week was published, its days had rows of coarser keys, such as a folder's. Less the rows of the key in the week
they leave what has gone to the rest since, less what has come from the rests of days. If it is one of the two alone, it
is exact, and must be of k visitors. A month does the same beside its weeks and days.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from footfall.pipelines.publishing.fold_cells import GRAINS, Cells, Last, Placement, count_distinct, fold_rest, number
from footfall.transforms.arrays import Codes, Flags


def keep_coarser_keys(cells: Cells, placement: Placement) -> bool:
    """Leave finest keys to the rests beside which rows reveal few together with earlier ones; say if there are any."""
    has_longer = bool((placement.grain > cells.own).any())
    last, leaves_any = Last(cells), False
    while has_longer and _leave_one_key(cells, placement, last):
        leaves_any = True
    return leaves_any


def _leave_one_key(cells: Cells, placement: Placement, last: Last) -> bool:
    """Leave one finest key to each of these rests; say if there are any."""
    row, rows = number(placement.grain >= 0, last.rest, placement.grain, placement.span(cells), placement.code)
    may_leave = np.zeros(len(row), dtype=np.bool_)
    for code, grain in itertools.product(cells.codes[1:-1], range(len(GRAINS) - 1)):
        is_moved = (last.grain > grain) & ((placement.grain < 0) | (placement.grain > grain)) & (code != cells.rest)
        key, keys = number(is_moved, last.rest, code)
        in_rest = (placement.code == cells.rest) & last.are_placed(placement)
        in_key = is_moved & ~in_rest & np.append(count_distinct(row, code, rows) == 1, False)[row]
        for was_shown in _shown_before(cells, last, key, grain):
            has_gone, has_come = was_shown & ~in_key, in_key & ~was_shown
            is_exact = np.bincount(key[has_gone], minlength=keys).astype(np.bool_)
            is_exact ^= np.bincount(key[has_come], minlength=keys).astype(np.bool_)
            is_few = is_exact & ~cells.have_k(np.where(has_gone | has_come, key, -1), keys)
            may_leave |= in_key & np.append(is_few, False)[key]
    may_leave &= last.are_placed(placement)
    if not may_leave.any():
        return False
    leaves = _smallest_keys(cells, last, may_leave)
    # What is left of a row may be too few.
    leaves |= (row >= 0) & ~np.append(cells.have_k(np.where(leaves, -1, row), rows), False)[row]
    placement.grain[leaves] = -1
    fold_rest(cells, placement, last)
    return True


def _shown_before(cells: Cells, last: Last, key: Codes, grain: int) -> Iterator[Flags]:
    """Yield which cells were in rows of their keys (numbers, -1: none) when no span was coarser than a grain.

    Then the same without the last day (week) of each span: it may be published with it, so that no earlier file has it.
    """
    span, could_be = cells.own_span.copy(), np.zeros(len(key), dtype=np.bool_)
    for finer in range(grain + 1):
        joins = cells.joins[finer] & (cells.own <= finer)
        span[joins] = cells.spans[finer][joins] * len(GRAINS) + finer
        could_be |= joins
    part, parts = number((key >= 0) & could_be, key, span)
    was_shown = np.append(cells.have_k(part, parts), False)[part]
    yield was_shown
    latest = np.zeros(last.rests + 1, dtype=np.int64)
    np.maximum.at(latest, last.rest[key >= 0], cells.spans[grain][key >= 0])
    yield was_shown & (cells.spans[grain] < latest[last.rest])


def _smallest_keys(cells: Cells, last: Last, chosen: Flags) -> Flags:
    """Return the chosen cells of the finest key with the fewest visits, by rest; of equals the first as text."""
    key, keys = number(chosen, last.rest, cells.codes[0])
    visits = np.bincount(key[chosen], cells.visits[chosen], keys)
    places = np.flatnonzero(chosen)
    places = places[np.lexsort((cells.codes[0][places], visits[key[places]], last.rest[places]))]
    first_of_rest = places[np.unique(last.rest[places], return_index=True)[1]]
    return np.isin(key, key[first_of_rest])
