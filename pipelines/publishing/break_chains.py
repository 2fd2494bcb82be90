"""Lets the rest take in rows until no sum over days is one of few (`docs/definitions.md`, Small groups, Chains).

Sums over days that are linked by k visitors leave k visitors anyway. So on all but small sites there is nothing to
check here; where there is, it is one rest with few links.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from footfall.pipelines.publishing.fold_cells import (
    Cells,
    Last,
    Placement,
    count_distinct,
    first_spans,
    number,
    order_to_join,
    smallest_rows,
)
from footfall.pipelines.publishing.keep_coarser_keys import Way, known_pieces, leave_smallest_keys
from footfall.pipelines.publishing.sets_of_days import OPEN, Links, are_loose, few_of_days, leave_open, link_days
from footfall.transforms.arrays import Codes, Ints


def break_chains(cells: Cells, placement: Placement, ways: Sequence[Way]) -> None:
    """Move cells to the rest where a set of days would leave few visitors of its sum."""
    if not (placement.grain > cells.own).any():
        return
    last = Last(cells)
    day = days_of_sums(cells, last)
    while any([_break_chains_of(cells, placement, last, day, way) for way in (None, *ways)]):
        pass


def _break_chains_of(cells: Cells, placement: Placement, last: Last, day: Codes, way: Way | None) -> bool:
    """Do so for sums over rows, or over what rows and those of earlier files have in one way; say if there were any."""
    takes_any = False
    for rest in loose_rests(cells, placement, last, day, way):
        is_own = (last.rest == rest) & (placement.grain >= 0)
        while True:
            piece = known_pieces(cells, placement, last, is_own, way)
            links = link_days(piece, day, cells.members, cells.is_sure, cells.k)
            leave_open(links, [one for one, of_days in links.items() if OPEN in of_days], cells.k)
            few = few_of_days(links, cells.k)
            if few is None:
                break
            take_in(cells, placement, last, piece, links, few, way)
            takes_any = True
    return takes_any


def days_of_sums(cells: Cells, last: Last) -> Codes:
    """Return the number of each cell's day.

    The days of a rest whose own sums are not known are one for each span that they joined, after the others: other
    tables have their sum. Where it is of few, it is not known either.
    """
    day, days = number(last.grain >= 0, last.rest, cells.own_span)
    has_own = np.choose(cells.own, cells.joins) & (last.grain >= 0)
    known = cells.have_k(np.where(has_own, day, -1), days)
    is_unknown = (day >= 0) & ~known[day]
    together, groups = number(is_unknown, last.rest, *first_spans(cells))
    is_group = np.append(cells.have_k(together, groups), False)
    day[is_unknown] = np.where(is_group[together], days + together, OPEN)[is_unknown]
    return day


def loose_rests(cells: Cells, placement: Placement, last: Last, day: Codes, way: Way | None) -> Ints:
    """Return the numbers of the rests whose days do not all hang together by links of k visitors."""
    is_placed = (placement.grain >= 0) & (last.grain >= 0)
    row = known_pieces(cells, placement, last, is_placed, way)
    rows = row.max(initial=-1) + 1
    # Days that are open are one for each rest, behind the others.
    place = np.where(day == OPEN, day.max(initial=0) + 1 + last.rest, day)
    is_placed[is_placed] = (count_distinct(row, place, rows) > 1)[row[is_placed]]
    if not is_placed.any():
        return np.zeros(0, dtype=np.int64)
    link, links = number(is_placed, row, place)
    of_link = np.empty(links, dtype=np.int64)
    of_link[link[is_placed]] = np.flatnonzero(is_placed)
    is_strong = cells.have_k(link, links) | (day[of_link] == OPEN)
    return np.unique(last.rest[of_link][are_loose(row[of_link], place[of_link], is_strong)])


def keep_visits(cells: Cells, placement: Placement) -> bool:
    """Let rests take in a row each where they leave few visitors beside days that are all in them; say if any did.

    That is for tables in which a row counts each visit once: where everybody who came on a day is in the rest, that has
    all visits of the day, which are known, though other rows cover cells of the day as well.
    """
    if not (placement.grain > cells.own).any():
        return False
    last = Last(cells)
    day = days_of_sums(cells, last)
    day, days = number((last.grain >= 0) & (day != OPEN), day)
    has_k = cells.have_k(np.arange(len(day), dtype=np.int32), len(day))
    is_large = np.bincount(day[has_k & (day >= 0)], minlength=days) > 0
    client_of, day_of = cells.members.client, day[cells.members.cell]
    visitors = count_distinct(day_of, client_of, days)
    in_rest = (placement.code == cells.rest) & last.are_placed(placement)
    here = count_distinct(np.where(in_rest[cells.members.cell], day_of, -1), client_of, days)
    is_whole = np.append((here == visitors) & ~is_large, False)
    has_whole = np.bincount(last.rest[in_rest & is_whole[day]], minlength=last.rests) > 0
    left = np.where(in_rest & ~is_whole[day], last.rest, -1)
    is_few = has_whole & (np.bincount(left[left >= 0], minlength=last.rests) > 0) & ~cells.have_k(left, last.rests)
    # An earlier file may have rows of finer spans, which would be no help.
    may_join = last.are_placed(placement) & ~in_rest & ~is_whole[day]
    may_join &= np.append(is_few, False)[last.rest]
    if not may_join.any():
        return False
    row, rows = number(placement.grain >= 0, last.rest, placement.grain, placement.span(cells), placement.code)
    visits = np.bincount(row[row >= 0], cells.visits[row >= 0], rows)
    joined = np.isin(row, smallest_rows(cells, placement, may_join, row, visits, last.rest))
    placement.grain[joined], placement.code[joined] = last.grain[joined], cells.rest[joined]
    placement.level[joined] = len(cells.codes) - 1
    return True


def take_in(
    cells: Cells, placement: Placement, last: Last, piece: Codes, links: Links, few: set[int], way: Way | None
) -> None:
    """Make the smallest row part of the rest, so that what some days leave is no longer of few.

    Compared with an earlier file the smallest finest key is enough: what is left of its row is not known by days then.
    """
    is_own = piece >= 0
    alone = [one for one, of_days in links.items() if of_days.keys() <= few]
    beside = [one for one, of_days in links.items() if of_days.keys() & few and not of_days.keys() <= few]
    is_rest = is_own & (placement.grain == last.grain) & (placement.code == cells.rest)
    candidates = is_own & np.isin(piece, alone if np.isin(piece[is_rest], beside).any() else beside)
    if way is not None and (may_leave := candidates & last.are_placed(placement)).any():
        leave_smallest_keys(cells, placement, last, may_leave)
        return
    row, rows = number(is_own, placement.grain, placement.span(cells), placement.code)
    order = order_to_join(cells, placement, row, rows)
    taken = smallest_rows(cells, placement, candidates, row, order, np.where(candidates, 0, -1))
    joined = is_rest | (row == taken[0])
    placement.grain[joined], placement.code[joined] = last.grain[joined], cells.rest[joined]
    placement.level[joined] = len(cells.codes) - 1
