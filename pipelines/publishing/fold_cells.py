"""Decides in which row each cell of a table about visits is (`docs/definitions.md`, Small groups): on arrays, not SQL.

Grains are numbers: 0 for a day, 1 for a week, 2 for a month. Keys are codes that are in the order of the keys as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Flags, Ints, Steps
from footfall.transforms.kernels.intern_strings import KeyTable

_HALF_BITS: Final = np.uint64(32)
_PAIRS_AT_ONCE: Final = 1_000_000
"""Pairs of groups and values that are counted together: more are divided by their groups, for the sake of memory."""
GRAINS: Final = ("day", "week", "month")


@dataclass(frozen=True)
class Members:
    """Who is behind the cells that are not sure to have k visitors: parallel arrays."""

    cell: Codes
    client: Codes
    """Numbered from 0 on."""

    def of_cells(self, chosen: Flags) -> Members:
        """Return who is behind the chosen cells."""
        is_chosen = chosen[self.cell]
        return Members(self.cell[is_chosen], self.client[is_chosen])


@dataclass(frozen=True)
class Cells:
    """The cells of a table: arrays with an element for each cell, or (`spans`, `joins`, `codes`) a row of them."""

    site: Codes
    own: Steps
    """The grain of the cell's own span: a day, unless it is folded within a coarser row of another table."""
    spans: tuple[Codes, ...]
    """By grain: the first day of the day, week and month that it lies in, as numbers; of its own span, if coarser."""
    joins: tuple[Flags, ...]
    """By grain: may it be in a row of this span?"""
    codes: tuple[Codes, ...]
    """By level: the code of its key. The last one is the key of the rest that it belongs to."""
    visits: Ints
    is_out: Flags
    """Whether the cell is no part of the table; it joins nothing."""
    is_sure: Flags
    """Whether k visitors are behind it for certain; of the other cells, `members` has all visitors."""
    members: Members
    k: int

    @cached_property
    def member_counts(self) -> Ints:
        """How many members each cell has."""
        return np.bincount(self.members.cell, minlength=len(self.site))

    @property
    def rest(self) -> Codes:
        """The code of the rest that each cell belongs to. The sum over the cells of one rest is known by span."""
        return self.codes[-1]

    @property
    def parts(self) -> tuple[Codes, Codes]:
        """Numbers for the parts of spans: the weeks in which the cells lie, and their own spans."""
        return self.spans[1] * 2 + (self.own == 2), self.own_span

    @property
    def own_span(self) -> Codes:
        """Numbers for the own spans of the cells, in their order."""
        return self.spans[0] * 3 + self.own

    def take(self, chosen: Ints) -> Cells:
        """Return cells by their numbers, without members; a cell may be there several times."""
        none = np.zeros(0, dtype=np.int32)
        return Cells(
            site=self.site[chosen],
            own=self.own[chosen],
            spans=tuple(span[chosen] for span in self.spans),
            joins=tuple(joins[chosen] for joins in self.joins),
            codes=tuple(codes[chosen] for codes in self.codes),
            visits=self.visits[chosen],
            is_out=self.is_out[chosen],
            is_sure=self.is_sure[chosen],
            members=Members(none, none),
            k=self.k,
        )

    def have_k(self, group: Codes, groups: int) -> Flags:
        """Which groups of cells have k visitors; `group` is the number of each cell's group, -1 for none."""
        known = np.zeros(groups, dtype=np.bool_)
        known[group[self.is_sure & (group >= 0)]] = True
        has_group = group >= 0
        members = np.bincount(group[has_group], self.member_counts[has_group], groups)
        # The last one is for the number -1.
        is_open = np.append(~known & (members >= self.k), False)
        of_cell = np.where(is_open[group], group, -1)
        return known | (count_distinct(of_cell[self.members.cell], self.members.client, groups) >= self.k)


class Placement:
    """Where the cells are placed: `grain` (-1: nowhere yet), `level`, and the `code` of the key at this level."""

    def __init__(self, cells: Cells) -> None:
        size = len(cells.site)
        self.grain = np.full(size, -1, dtype=np.int8)
        self.level = np.zeros(size, dtype=np.int8)
        self.code = cells.codes[0].copy()

    def take(self, cells: Cells, chosen: Ints) -> Placement:
        """Return the places of some of the cells, which are `cells`."""
        taken = Placement(cells)
        taken.grain, taken.level, taken.code = self.grain[chosen], self.level[chosen], self.code[chosen]
        return taken

    def span(self, cells: Cells) -> Codes:
        """The first day of the span of each cell's row."""
        return np.choose(np.maximum(self.grain, 0), cells.spans)


def fold_cells(cells: Cells) -> Placement:
    """Decide in which row each cell is: by day, week or month, at a coarser level, in the rest, or in none."""
    placement = Placement(cells)
    for grain in range(len(GRAINS)):
        is_open = (placement.grain < 0) & cells.joins[grain]
        if is_open.any():
            fold_span(cells, placement, grain, is_open)
    last = Last(cells)
    for level in range(1, len(cells.codes) - 1):
        fold_level(cells, placement, last, level)
    fold_rest(cells, placement, last)
    return placement


def fold_span(cells: Cells, placement: Placement, grain: int, is_open: Flags) -> None:
    """Place the remaining cells of one key that have k visitors together in a span."""
    span = cells.spans[grain]
    key, keys = number(is_open, cells.site, span, cells.codes[0])
    placement.grain[is_open] = np.where(cells.have_k(key, keys)[key[is_open]], grain, -1)
    whole, _ = number(cells.joins[grain], cells.site, span, cells.rest)
    # A day is its only part.
    parts = (*cells.parts, span) if grain else (span,)
    keep_sums(cells, placement, is_open & (placement.grain >= 0), whole, parts)


def keep_sums(cells: Cells, placement: Placement, is_new: Flags, whole: Codes, parts: tuple[Codes, ...]) -> None:
    """Withdraw the smallest new row where some but fewer than k visitors would be left of a sum that is known.

    The sums over the parts of each `whole` (its number by cell, -1 for none) are known. What the rows of one part alone
    leave of it is nobody, or k visitors; once is enough, as what is withdrawn has k. `is_new` marks the cells of the
    rows that may be withdrawn.
    """
    for part in parts:
        is_placed = placement.grain >= 0
        row, rows = number(is_placed, cells.site, placement.grain, placement.span(cells), placement.code)
        group, groups = number(whole >= 0, whole, part)
        is_alone = is_placed & (whole >= 0)
        is_alone[is_alone] = (count_distinct(np.where(is_alone, row, -1), part, rows) == 1)[row[is_alone]]
        left = np.where(is_alone, -1, group)
        is_few = (np.bincount(left[left >= 0], minlength=groups) > 0) & ~cells.have_k(left, groups)
        is_alone &= is_new
        is_alone[is_alone] = is_few[group[is_alone]]
        if is_alone.any():
            visits = np.bincount(row[is_placed], cells.visits[is_placed], rows)
            placement.grain[np.isin(row, smallest_rows(cells, placement, is_alone, row, visits, group))] = -1


class Last:
    """The last span that each cell may be placed in, and the number of the rest that it belongs to there."""

    def __init__(self, cells: Cells) -> None:
        self.grain = np.full(len(cells.site), -1, dtype=np.int8)
        for grain, joins in enumerate(cells.joins):
            self.grain[joins] = grain
        self.span = np.choose(np.maximum(self.grain, 0), cells.spans)
        self.rest, self.rests = number(self.grain >= 0, cells.site, self.grain, self.span, cells.rest)

    def is_open(self, placement: Placement) -> Flags:
        """Which cells are not yet placed, but may be."""
        return (placement.grain < 0) & (self.grain >= 0)

    def are_placed(self, placement: Placement) -> Flags:
        """Which cells are placed in their last span."""
        return (placement.grain == self.grain) & (self.grain >= 0)


def first_spans(cells: Cells) -> tuple[Steps, Codes]:
    """Return the shortest spans that cells may be placed in: their grains, and first days."""
    grain = np.zeros(len(cells.site), dtype=np.int8)
    for one in reversed(range(len(GRAINS))):
        grain[cells.joins[one]] = one
    return grain, np.choose(grain, cells.spans)


def fold_level(cells: Cells, placement: Placement, last: Last, level: int) -> None:
    """Fold the keys of the remaining cells, and place those that then have k visitors together or equal a row.

    They belong to the last span that they join. What equals the key of the rest is left to `fold_rest`.
    """
    is_open = last.is_open(placement)
    placement.code[is_open], placement.level[is_open] = cells.codes[level][is_open], level
    is_placed = last.are_placed(placement)
    key, keys = number(
        (is_open | is_placed) & (placement.code != cells.rest), cells.site, last.grain, last.span, placement.code
    )
    is_open &= key >= 0
    if not is_open.any():
        return
    has_row = np.bincount(key[is_placed & (key >= 0)], minlength=keys) > 0
    joins = (has_row | cells.have_k(key, keys))[key[is_open]]
    placement.grain[is_open] = np.where(joins, last.grain[is_open], -1)
    is_new = is_open & (placement.grain >= 0)
    is_new[is_new] = ~has_row[key[is_new]]
    keep_sums(cells, placement, is_new, last.rest, cells.parts)


def fold_rest(cells: Cells, placement: Placement, last: Last) -> None:
    """Place what remains of each span in one row, which takes in others until it has k visitors, and leaves no few."""
    while (is_open := last.is_open(placement)).any():
        placement.code[is_open], placement.level[is_open] = cells.rest[is_open], len(cells.codes) - 1
        in_rest = is_open | last.are_placed(placement) & (placement.code == cells.rest)
        rest = np.where(in_rest, last.rest, -1)
        has_open = np.bincount(last.rest[is_open], minlength=last.rests) > 0
        has_k = cells.have_k(rest, last.rests)
        others = (placement.grain >= 0) & ~in_rest & (last.grain >= 0)
        row, rows = number(others, last.rest, placement.grain, placement.span(cells), placement.code)
        may_join = others & (has_open & ~has_k)[last.rest]
        for part in cells.parts:
            # The rest is of one part alone, and rows of several parts cover few visitors of it.
            is_alone = has_open & has_k & (count_distinct(rest, part, last.rests) == 1)
            own_part = np.zeros(last.rests, dtype=np.int32)
            own_part[last.rest[in_rest]] = part[in_rest]
            is_beside = others & is_alone[last.rest] & (part == own_part[last.rest])
            is_beside[is_beside] = (count_distinct(row, part, rows) > 1)[row[is_beside]]
            is_few = ~cells.have_k(np.where(is_beside, last.rest, -1), last.rests)
            may_join |= is_beside & is_few[last.rest]
        if not may_join.any():
            placement.grain[is_open] = np.where(has_k[last.rest[is_open]], last.grain[is_open], -1)
            placement.level[in_rest & has_open[last.rest]] = len(cells.codes) - 1
            return
        order = order_to_join(cells, placement, row, rows)
        # Rows that folding made come first.
        order[row[others & (placement.level == 0)]] += order.max(initial=0) + 1
        placement.grain[np.isin(row, smallest_rows(cells, placement, may_join, row, order, last.rest))] = -1


def order_to_join(cells: Cells, placement: Placement, row: Codes, rows: int) -> Ints:
    """Return by row in which order the rest takes it in: the longest spans first, of these the fewest visits.

    Rows of shorter spans are in earlier files, which reveal what they would protect.
    """
    has_row = row >= 0
    visits = np.bincount(row[has_row], cells.visits[has_row], rows).astype(np.int64)
    shorter = np.zeros(rows, dtype=np.int64)
    shorter[row[has_row]] = len(GRAINS) - placement.grain[has_row]
    return visits + shorter * (visits.max(initial=0) + 1)


def smallest_rows(
    cells: Cells, placement: Placement, chosen: Flags, row: Codes, sums: NDArray[Any], group: Codes
) -> Codes:
    """Return the number of the row with the smallest sum, by group of the chosen cells, that covers one of them.

    `row` and `group` are numbers of the cells, `sums` has an element a row. Of equal rows it is the first by its key as
    text, then by day, then the finer grain.
    """
    first = _in_order(cells, placement, chosen, row, sums, group)
    return row[first[np.unique(group[first], return_index=True)[1]]]


def rows_in_order(cells: Cells, placement: Placement, chosen: Flags, row: Codes, sums: NDArray[Any]) -> list[int]:
    """Return the numbers of the rows that cover the chosen cells, from the smallest on, as in `smallest_rows`."""
    return list(dict.fromkeys(row[_in_order(cells, placement, chosen, row, sums, row * 0)].tolist()))


def _in_order(cells: Cells, placement: Placement, chosen: Flags, row: Codes, sums: NDArray[Any], group: Codes) -> Ints:
    """Return the chosen cells by group, then by the order of their rows."""
    first = np.flatnonzero(chosen)
    order = placement.grain, placement.span(cells), placement.code
    return first[np.lexsort([*(key[first] for key in order), sums[row[first]], group[first]])]


# --- groups ---


def number(chosen: Flags, *columns: Ints | Codes | Steps) -> tuple[Codes, int]:
    """Number the chosen rows by their values, in order of the first column, then the next; -1 for the others.

    Also returns how many numbers there are.
    """
    codes = np.zeros(np.count_nonzero(chosen), dtype=np.int64)
    for column in columns:
        values = column[chosen]
        if len(values):
            least = values.min()
            codes *= values.max() - least + 1
            codes += values - least
    # Sorting all rows takes several times the time and the memory of a table of the different ones.
    different = KeyTable()
    of_rows = different.intern(codes.view(np.uint64))
    del codes
    numbers = np.empty(different.count, dtype=np.int32)
    numbers[np.argsort(different.keys)] = np.arange(different.count, dtype=np.int32)
    found = np.full(len(chosen), -1, dtype=np.int32)
    found[chosen] = numbers[of_rows]
    return found, different.count


def count_distinct(group: Ints | Codes, values: Ints | Codes, groups: int) -> Ints:
    """Count the distinct values of each group; `group` is -1 where a value does not count."""
    counted = np.zeros(groups, dtype=np.int64)
    parts = len(group) // _PAIRS_AT_ONCE + 1
    for part in range(parts):
        chosen = (group >= 0) & (group % parts == part) if parts > 1 else group >= 0
        own = values[chosen]
        # Clients and rows are numbered already, visits are not.
        codes = own if own.dtype == np.int32 else KeyTable().intern(own.astype(np.uint64))
        # Sorting pairs of group and value takes several times the time and the memory of a table of them.
        pairs = KeyTable()
        pairs.intern(group[chosen].astype(np.uint64) << _HALF_BITS | codes.astype(np.uint32))
        counted += np.bincount((pairs.keys >> _HALF_BITS).astype(np.int64), minlength=groups)
    return counted
