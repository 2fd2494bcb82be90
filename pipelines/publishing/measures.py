"""A measure of cells and rows, of which it is decided in which rows it is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from footfall.pipelines.publishing.fold_cells import GRAINS, Members, Placement, count_distinct
from footfall.transforms.arrays import Codes, Flags, Ints


@dataclass(frozen=True)
class Measure:
    """A measure of cells and rows; `hidden` changes."""

    row: Codes
    """The number of the row that covers each cell, -1 for none."""
    sums: Ints
    """The values of the rows."""
    values: Ints
    """The values of the cells."""
    is_sure: Flags
    """Whether k visitors take part in the measure of the cell for certain."""
    takers: Members
    """Who takes part in it."""
    is_finest: Flags
    """Which rows have a finest key."""
    grain: Ints
    """The grains of the rows (0: day)."""
    hidden: Flags
    """Which rows hide it."""

    @classmethod
    def of_placed(
        cls,
        placement: Placement,
        row: Codes,
        sums: Ints,
        values: Ints,
        is_sure: Flags,
        takers: Members,
        hidden: Flags,
    ) -> Measure:
        """Return a measure of placed cells."""
        is_placed, rows = row >= 0, len(sums)
        is_finest, grain = np.zeros(rows, dtype=np.bool_), np.zeros(rows, dtype=np.int64)
        is_finest[row[is_placed & (placement.level == 0)]] = True
        grain[row[is_placed]] = placement.grain[is_placed]
        return cls(row, sums, values, is_sure, takers, is_finest, grain, hidden)

    @cached_property
    def one_cell(self) -> Ints:
        """One of the cells of each row."""
        found = np.empty(len(self.sums), dtype=np.int64)
        found[self.row[self.row >= 0]] = np.flatnonzero(self.row >= 0)
        return found

    def have_k(self, group: Codes, groups: int, k: int) -> Flags:
        """Which groups of cells have k visitors who take part; `group` is -1 for none."""
        has_k = count_distinct(group[self.takers.cell], self.takers.client, groups) >= k
        has_k[group[self.is_sure & (group >= 0)]] = True
        return has_k

    @cached_property
    def order(self) -> Ints:
        """The order in which rows are hidden to protect others: by their values, but those of finest keys last.

        Of these, rows of days come after those of weeks, which come after those of months: earlier files have them.
        """
        steps = np.where(self.is_finest, len(GRAINS) - self.grain, 0)
        return self.sums + steps * (self.sums.max(initial=0) + 1)


@dataclass(frozen=True)
class Whole:
    """What another measure counts a part of: a measure, or the smallest of several."""

    sums: Ints
    """The values of the rows."""
    values: Ints
    """The values of the cells."""
