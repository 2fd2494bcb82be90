"""Hides a measure where a set of days would reveal what few did (`docs/definitions.md`, Small groups, Measures).

What a row that hides the measure has of a day is in no known sum. Otherwise the sums of days are those of Chains, with
the visitors who take part in the measure. On large sites all days hang together by k of them, and nothing is searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from footfall.pipelines.publishing.fold_cells import (
    Cells,
    Placement,
    first_spans,
    number,
    smallest_rows,
)
from footfall.pipelines.publishing.measures import Measure
from footfall.pipelines.publishing.sets_of_days import OPEN, are_loose, few_of_days, leave_open, link_days
from footfall.transforms.arrays import Codes


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


def sums_of_days(cells: Cells, placement: Placement, measure: Measure, *, only_longer: bool) -> Sums:
    """Return the known sums of a measure by day; some of its values are not 0.

    With `only_longer` they are those of rows by week and by month: earlier files had these by day, but for what rows by
    day have still.
    """
    is_placed = measure.row >= 0
    if only_longer:
        is_longer = np.bincount(measure.row[is_placed & (placement.grain > cells.own)], minlength=len(measure.sums)) > 0
        is_placed = np.append(is_longer, False)[measure.row]
    counts = (is_placed | cells.is_out) & (measure.values > 0)
    group, _ = number(counts, cells.site, cells.rest, cells.spans[-1])
    day, days = number(counts, group, cells.own_span)
    of_row = np.where(cells.is_out & counts, len(measure.sums) + day, np.where(counts, measure.row, -1))
    has_own = counts & (np.choose(cells.own, cells.joins) | cells.is_out)
    is_unknown = counts & ~np.append(measure.have_k(np.where(has_own, day, -1), days, cells.k), False)[day]
    together, size = number(is_unknown & ~cells.is_out, group, *first_spans(cells))
    is_group = np.append(measure.have_k(together, size, cells.k), False)
    day[is_unknown] = np.where(is_group[together], days + together, OPEN)[is_unknown]
    return Sums(of_row, group, day)


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
