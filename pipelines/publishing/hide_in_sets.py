"""Hides a measure where a set of days would reveal what few did (`docs/definitions.md`, Small groups, Measures).

What a row that hides the measure has of a day is in no known sum. Otherwise the sums of days are those of Chains, with
the visitors who take part in the measure. On large sites all days hang together by k of them, and nothing is searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from footfall.pipelines.publishing.fold_cells import (
    Cells,
    Last,
    Placement,
    first_spans,
    number,
    smallest_rows,
)
from footfall.pipelines.publishing.measures import Measure
from footfall.pipelines.publishing.place_rows import Placed
from footfall.pipelines.publishing.sets_of_days import OPEN, are_loose, few_of_days, leave_open, link_days
from footfall.transforms.arrays import Codes, Flags


@dataclass(frozen=True)
class Before:
    """What rows of an earlier file hid of a measure."""

    placed: Placed
    same: Codes
    """The number of the row that covered the same cells there, by row; -1 for none."""
    hidden: Flags
    """By row of that file."""


@dataclass(frozen=True)
class Sums:
    """In which known sum each cell is."""

    of_row: Codes
    """The number of each cell's row; cells that are out have one for each day, behind those of the rows; -1: none."""
    group: Codes
    """The number of its site, month and rest, beyond which no row covers cells."""
    day: Codes
    """The number of its day; those whose own sums are not known are one, which has several days; else `OPEN`."""


def hide_in_sets(cells: Cells, placement: Placement, measure: Measure, known: Sums) -> None:
    """Hide a measure in rows until no set of days leaves some of it by fewer than k visitors."""
    for group in _loose_groups(cells, measure, known):
        own_row = np.where(known.group == group, known.of_row, -1)
        links = link_days(own_row, known.day, measure.takers, measure.is_sure, cells.k)
        rows = len(measure.sums)
        leave_open(links, [row for row in links if row >= rows or measure.hidden[row]], cells.k)
        while (few := few_of_days(links, cells.k)) is not None:
            within = [row for row, of_days in links.items() if of_days.keys() <= few]
            beside = [row for row, of_days in links.items() if of_days.keys() & few and not of_days.keys() <= few]
            may_be = np.isin(own_row, beside if OPEN in few else within)
            may_be &= (own_row >= 0) & ~np.append(measure.hidden, True)[np.minimum(own_row, rows)]
            chosen = smallest_rows(cells, placement, may_be, measure.row, measure.order, np.where(may_be, 0, -1))
            measure.hidden[chosen] = True
            leave_open(links, chosen.tolist(), cells.k)


def sums_of_days(cells: Cells, measure: Measure) -> Sums:
    """Return the known sums of a measure by day; some of its values are not 0."""
    counts = ((measure.row >= 0) | cells.is_out) & (measure.values > 0)
    group, _ = number(counts, cells.site, cells.rest, cells.spans[-1])
    day, days = number(counts, group, cells.own_span)
    of_row = np.where(cells.is_out & counts, len(measure.sums) + day, np.where(counts, measure.row, -1))
    has_own = counts & (np.choose(cells.own, cells.joins) | cells.is_out)
    is_unknown = counts & ~np.append(measure.have_k(np.where(has_own, day, -1), days, cells.k), False)[day]
    _join_unknown(cells, measure, group, day, days, is_unknown)
    return Sums(of_row, group, day)


def sums_of_earlier(placed: Placed, before: Before, measure: Measure) -> Sums:
    """Return the known sums of what is in other rows than in an earlier file: what its rows by day (week) showed there.

    What rows hid there is one sum for each rest, if no other rows of its span hid it. What the file did not have is
    like the small days of a week. (Each row of the file has a sum, too; but large sites have very many sets of these.)
    """
    cells, was = placed.cells, before.placed
    is_same = (placed.row >= 0) & np.append(before.same >= 0, False)[placed.row]
    had = (was.row >= 0) & ~is_same
    counts = ((was.row >= 0) | (placed.row >= 0)) & ~is_same & (measure.values > 0)
    group, _ = number(counts, cells.site, cells.rest, cells.spans[-1])
    # What no row has now is like a row with NULL.
    of_row = np.where(counts, np.where(placed.row >= 0, placed.row, placed.rows), -1)
    was_hidden = (was.row >= 0) & np.append(before.hidden, False)[was.row] & (measure.values > 0)
    last = Last(was.cells)
    has_others = np.bincount(last.rest[was_hidden & is_same], minlength=last.rests) > 0
    is_rest = counts & had & was_hidden
    day, spans = number(counts & had & ~was_hidden, group, was.placement.grain, was.placement.span(was.cells))
    together = np.where(is_rest & ~np.append(has_others, False)[last.rest], last.rest, -1)
    is_group = np.append(measure.have_k(together, last.rests, cells.k) & (not cells.is_out.any()), False)
    day[is_rest] = np.where(is_group[together], spans + together, OPEN)[is_rest]
    _join_unknown(cells, measure, group, day, spans + last.rests, counts & ~had)
    return Sums(of_row, group, day)


def _join_unknown(cells: Cells, measure: Measure, group: Codes, day: Codes, days: int, is_unknown: Flags) -> None:
    """Number days whose own sums are not known: one for each span that they joined, as other tables have its sum."""
    together, size = number(is_unknown & ~cells.is_out, group, *first_spans(cells))
    is_group = np.append(measure.have_k(together, size, cells.k), False)
    day[is_unknown] = np.where(is_group[together], days + together, OPEN)[is_unknown]


def _loose_groups(cells: Cells, measure: Measure, known: Sums) -> list[int]:
    """Return the numbers of the groups whose days do not all hang together by links of k visitors."""
    has_row = known.of_row >= 0
    if not has_row.any():
        return []
    # Open sums are one for each group, behind the days.
    open_day = known.day.max() + 1 + known.group
    day = np.where(known.day == OPEN, open_day, known.day)
    link, links = number(has_row, known.of_row, day)
    one_cell = np.empty(links, dtype=np.int64)
    one_cell[link[has_row]] = np.flatnonzero(has_row)
    row = known.of_row[one_cell]
    is_hidden = np.append(measure.hidden, True)[np.minimum(row, len(measure.hidden))]
    # A row that hides the measure is linked with the open sum, too.
    loose = are_loose(
        np.concatenate((row, row[is_hidden])),
        np.concatenate((day[one_cell], open_day[one_cell][is_hidden])),
        np.append(measure.have_k(link, links, cells.k), np.ones(np.count_nonzero(is_hidden), dtype=np.bool_)),
    )
    return np.unique(known.group[np.append(one_cell, one_cell[is_hidden])][loose]).tolist()
