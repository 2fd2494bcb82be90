"""Decides which measures of the rows of a table are hidden (`docs/definitions.md`, Small groups, Measures)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from footfall.pipelines.publishing.fold_cells import (
    GRAINS,
    Cells,
    Members,
    Placement,
    count_distinct,
    number,
    smallest_rows,
)
from footfall.pipelines.publishing.hide_in_sets import Before, hide_in_sets, sums_of_days, sums_of_earlier
from footfall.pipelines.publishing.measures import Measure, Whole
from footfall.pipelines.publishing.place_rows import Placed
from footfall.pipelines.publishing.sets_of_days import join
from footfall.transforms.arrays import Codes, Flags, Ints


def hide_measure(
    placed: Placed,
    sums: Ints,
    values: Ints,
    is_sure: Flags,
    takers: Members,
    is_closed: Flags,
    also: Flags,
    earlier: Sequence[Before],
    whole: Whole | None = None,
) -> Flags:
    """Return in which rows a measure is hidden; it is in those of `also`, and in those that hid it in earlier files.

    `sums` are the values of the rows. `values`, `is_sure` (k visitors take part for certain) and `is_closed` (the row
    within which the cell is folded hides the measure) are those of the cells. `takers` are the visitors who take part
    in the measure of cells that have a row, or are no part of the table; for rows that are sure they need not be
    complete. `whole` is what this one counts a part of, if it is published.
    """
    cells, placement, row = placed.cells, placed.placement, placed.row
    is_placed = row >= 0
    hidden = sums > 0
    measure = Measure.of_placed(placement, row, sums, values, is_sure, takers, hidden)
    # With k visitors who take part, the measure of a row is published, or hidden in addition to others.
    hidden &= ~measure.have_k(row, placed.rows, cells.k)
    hidden |= also
    for before in earlier:
        hidden |= np.append(before.hidden, False)[before.same]
    # Otherwise the rows within one would add up to what that one hides.
    hidden[row[is_placed & is_closed]] = True
    own, *coarser = known_spans(cells)
    hide_for_sums(cells, placement, measure, whole, *own)
    if (placement.grain > cells.own).any():
        if (values > 0).any():
            hide_in_sets(cells, placement, measure, sums_of_days(cells, measure))
            for before in earlier:
                hide_in_sets(cells, placement, measure, sums_of_earlier(placed, before, measure))
        coarser.insert(0, _chains(cells, row, own[1]))
    for sums_of in coarser:
        hide_for_sums(cells, placement, measure, whole, *sums_of)
    return hidden


def hide_for_sums(
    cells: Cells,
    placement: Placement,
    measure: Measure,
    whole: Whole | None,
    span_of_cells: Codes,
    joins: Flags,
) -> None:
    """Hide one more row of each span whose sum is known, where the rows of it alone leave few open.

    `span_of_cells` are numbers of spans within a site, and `joins` says which cells belong to one.
    """
    row, sums, values, hidden = measure.row, measure.sums, measure.values, measure.hidden
    is_placed = row >= 0
    # What the rows of one span alone leave open of its sum.
    in_sum = is_placed & joins | cells.is_out
    span, spans = number(in_sum, cells.site, cells.rest, span_of_cells)
    is_alone = is_placed & (span >= 0)
    is_alone[is_placed] &= (count_distinct(row, span, len(sums)) == 1)[row[is_placed]]
    is_open = (span >= 0) & ~is_alone
    is_open[is_placed] |= hidden[row[is_placed]] & (span[is_placed] >= 0)
    is_few = np.bincount(span[is_open & (values > 0)], minlength=spans) > 0
    is_few[span[is_open & measure.is_sure]] = False
    of_taker = np.where(is_open, span, -1)[measure.takers.cell]
    is_few &= count_distinct(of_taker, measure.takers.client, spans) < cells.k
    # A NULL stands for at least one: where there is hardly more, each would be known.
    hidden_cells = measure.one_cell[hidden & (sums > 0) & is_alone[measure.one_cell]]
    nulls = np.bincount(span[hidden_cells], minlength=spans)
    is_close = (nulls > 0) & (2 * (np.bincount(span[is_open], values[is_open], spans) - nulls) < cells.k)
    # A row more is enough, the smallest; without one, zeros.
    may_be = is_alone & ~is_open
    has_zeros_alone = is_close & (np.bincount(span[may_be], sums[row[may_be]], spans) == 0)
    zeros = row[may_be][has_zeros_alone[span[may_be]]]
    may_be[may_be] = (is_few | is_close)[span[may_be]] & (sums[row[may_be]] > 0)
    hidden[smallest_rows(cells, placement, may_be, row, measure.order, span)] = True
    hidden[zeros] = True
    if whole is not None:
        _hide_nearly_all(cells, placement, measure, whole, span, is_alone)


def _hide_nearly_all(
    cells: Cells, placement: Placement, measure: Measure, whole: Whole, span: Codes, is_alone: Flags
) -> None:
    """Hide rows of spans in which nearly all that is open of the whole is counted: each NULL would be nearly all of it.

    A row is enough of which k/2 of the whole are not counted, the smallest; without one, all of the span are hidden.
    """
    row, sums, hidden = measure.row, measure.sums, measure.hidden
    spans, one_cell = span.max(initial=-1) + 1, measure.one_cell
    nulls = np.flatnonzero(hidden & is_alone[one_cell])
    has_null = np.bincount(span[one_cell[nulls]], minlength=spans) > 0
    is_beside = ~is_alone & (span >= 0)
    # A visit counts once in a row of several pages.
    others_of_row = whole.sums - sums
    others = np.bincount(span[one_cell[nulls]], others_of_row[nulls], spans)
    others = others + np.bincount(span[is_beside], (whole.values - measure.values)[is_beside], spans)
    is_near = has_null & (2 * others < cells.k)
    may_be = is_alone.copy()
    may_be[may_be] = ~hidden[row[may_be]] & is_near[span[may_be]]
    if not may_be.any():
        return
    is_enough = may_be.copy()
    is_enough[may_be] = 2 * others_of_row[row[may_be]] >= cells.k
    has_enough = np.bincount(span[is_enough], minlength=spans) > 0
    hidden[smallest_rows(cells, placement, is_enough, row, measure.order, span)] = True
    hidden[row[may_be][~has_enough[span[may_be]]]] = True


def known_spans(cells: Cells) -> Iterator[tuple[Codes, Flags]]:
    """Yield the spans of which a sum is known as the first day of each cell, and which cells may be published there.

    These are the cells' own spans, which are days unless they are folded within a coarser row of another table, then
    weeks and months. The sums of each rest are known separately.
    """
    yield cells.own_span, np.choose(cells.own, cells.joins)
    for grain in range(1, len(GRAINS)):
        yield cells.spans[grain], cells.joins[grain]


def _chains(cells: Cells, row: Codes, has_own: Flags) -> tuple[Codes, Flags]:
    """Return by cell the number of the days that are linked with its own, and whether these are several and known.

    What rows of these days alone leave of their sums is what the rows hide.
    """
    is_placed = row >= 0
    day, days = number(is_placed | cells.is_out, cells.site, cells.rest, cells.own_span)
    chain_of_day = np.arange(days)
    chain_of_day[day[is_placed]] = join(
        row[is_placed], day[is_placed], np.ones(np.count_nonzero(is_placed), dtype=np.bool_)
    )
    is_known = np.bincount(chain_of_day, minlength=days) > 1
    is_known[chain_of_day[day[is_placed & ~has_own]]] = False
    chain = np.where(day >= 0, np.append(chain_of_day, -1)[day], -1)
    return chain, (chain >= 0) & np.append(is_known, False)[chain]
