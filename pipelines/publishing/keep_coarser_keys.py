"""Leaves to the rest what earlier files would reveal (`docs/definitions.md`, Small groups, Coarser keys).

Before a week was published, its days had rows of coarser keys, such as a folder's. Less the rows of the key in the week
they leave what has gone to the rest since, less what has come from the rests of days. If it is one of the two alone, it
is exact, and must be of k visitors. A month does the same beside its weeks and days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from footfall.pipelines.publishing.fold_cells import Cells, Last, Placement, count_distinct, fold_rest, number
from footfall.transforms.arrays import Codes, Flags


@dataclass(frozen=True)
class Way:
    """A way in which an earlier file can be compared."""

    code: Codes
    """The coarser keys of the cells."""
    grain: int
    """The longest span that it had."""
    earlier: Placement
    """Where it had the cells."""
    lacks_last: bool
    """Whether it lacks the last day (week): this may be published together with its week (month)."""


class Compared:
    """The cells of rests (`chosen`), compared with an earlier file in one way."""

    def __init__(self, cells: Cells, placement: Placement, last: Last, chosen: Flags, way: Way) -> None:
        is_moved = chosen & (last.grain > way.grain) & (way.code != cells.rest)
        is_moved &= (placement.grain < 0) | (placement.grain > way.grain)
        self.key, self.keys = number(is_moved, last.rest, way.code)
        """The number of each cell's key, -1 for cells that did not move from shorter rows."""
        is_row = (placement.grain >= 0) & ((placement.code != cells.rest) | ~last.are_placed(placement))
        row, rows = number(chosen & is_row, last.rest, placement.grain, placement.span(cells), placement.code)
        self.in_key = is_moved & np.append(count_distinct(row, way.code, rows) == 1, False)[row]
        """Which cells are in rows of their key alone."""
        was_row = is_moved & (way.earlier.grain >= 0) & (way.earlier.code != cells.rest)
        if way.lacks_last:
            of_span = cells.spans[way.grain]
            latest = np.zeros(last.rests + 1, dtype=np.int64)
            np.maximum.at(latest, last.rest[is_moved], of_span[is_moved])
            was_row &= of_span < latest[last.rest]
        span = way.earlier.span(cells)
        self.before, self.befores = number(was_row, last.rest, way.earlier.grain, span, way.earlier.code)
        """The number of each cell's row in the earlier file, -1 for none."""
        is_of_key = count_distinct(self.before, way.code, self.befores) == 1
        self.was_shown = was_row & np.append(is_of_key, False)[self.before]
        """Which cells were in rows of their keys alone."""

    @property
    def has_gone(self) -> Flags:
        """Which cells were shown, and are in no row of their key now."""
        return self.was_shown & ~self.in_key

    @property
    def has_come(self) -> Flags:
        """Which cells were not, and are."""
        return self.in_key & ~self.was_shown

    def keys_of(self, chosen: Flags) -> Flags:
        """Which keys have some of the chosen cells."""
        return np.bincount(self.key[chosen], minlength=self.keys) > 0


def known_pieces(cells: Cells, placement: Placement, last: Last, chosen: Flags, way: Way | None) -> Codes:
    """Return the number of the known sum of which each of the chosen cells that have a row is part; -1 for others.

    These are rows. Of a key of which nothing has gone they are the rows that it had before, and what has come.
    """
    row, rows = number(
        chosen & (placement.grain >= 0), last.rest, placement.grain, placement.span(cells), placement.code
    )
    if way is None:
        return row
    compared = Compared(cells, placement, last, chosen, way)
    is_exact = compared.in_key & np.append(~compared.keys_of(compared.has_gone), False)[compared.key]
    come = rows + compared.befores + compared.key
    piece, _ = number(row >= 0, np.where(is_exact, np.where(compared.was_shown, rows + compared.before, come), row))
    return piece


def keep_coarser_keys(cells: Cells, placement: Placement, ways: Sequence[Way]) -> bool:
    """Leave finest keys to the rests beside which rows reveal few together with earlier ones; say if there are any."""
    last, leaves_any = Last(cells), False
    while _leave_one_key(cells, placement, last, ways):
        leaves_any = True
    return leaves_any


def _leave_one_key(cells: Cells, placement: Placement, last: Last, ways: Sequence[Way]) -> bool:
    """Leave one finest key to each of these rests; say if there are any."""
    may_leave = np.zeros(len(cells.site), dtype=np.bool_)
    for way in ways:
        compared = Compared(cells, placement, last, last.grain >= 0, way)
        gone, come = compared.has_gone, compared.has_come
        is_exact = compared.keys_of(gone) ^ compared.keys_of(come)
        is_few = is_exact & ~cells.have_k(np.where(gone | come, compared.key, -1), compared.keys)
        may_leave |= compared.in_key & np.append(is_few, False)[compared.key]
    may_leave &= last.are_placed(placement)
    leave_smallest_keys(cells, placement, last, may_leave)
    return bool(may_leave.any())


def leave_smallest_keys(cells: Cells, placement: Placement, last: Last, chosen: Flags) -> None:
    """Leave to each rest the chosen cells of the finest key with the fewest visits; of equals the first as text."""
    if not chosen.any():
        return
    leaves = _smallest_keys(cells, last, chosen)
    row, rows = number(placement.grain >= 0, last.rest, placement.grain, placement.span(cells), placement.code)
    # What is left of a row may be too few.
    leaves |= (row >= 0) & ~np.append(cells.have_k(np.where(leaves, -1, row), rows), False)[row]
    placement.grain[leaves] = -1
    fold_rest(cells, placement, last)


def _smallest_keys(cells: Cells, last: Last, chosen: Flags) -> Flags:
    key, keys = number(chosen, last.rest, cells.codes[0])
    visits = np.bincount(key[chosen], cells.visits[chosen], keys)
    places = np.flatnonzero(chosen)
    places = places[np.lexsort((cells.codes[0][places], visits[key[places]], last.rest[places]))]
    first_of_rest = places[np.unique(last.rest[places], return_index=True)[1]]
    return np.isin(key, key[first_of_rest])
