"""Lets the rest take in rows until no sum over days is one of few (`docs/definitions.md`, Small groups, Chains).

A link is what one row has of one day. Sums over days that are linked by k visitors leave k visitors anyway. So on all
but small sites there is nothing to check here; where there is, it is one rest with few links.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import numpy as np

from footfall.pipelines.publishing.fold_cells import Cells, Last, Placement, count_distinct, number, smallest_rows
from footfall.pipelines.publishing.least_cut import least_cut
from footfall.transforms.arrays import Codes, Flags, Ints

Links = Mapping[int, Mapping[int, Collection[int]]]
"""The visitors that each row has of each day: row → day → visitors; k that are of no other day stand for more."""
_Place = tuple[int, int, int]
_DAY, _VISITOR, _ROW = range(3)
OPEN: Final = -1
"""Stands for the days whose sum is not known."""


def break_chains(cells: Cells, placement: Placement) -> None:
    """Move cells to the rest where a set of days would leave few visitors of its sum."""
    if not (placement.grain > cells.own).any():
        return
    last = Last(cells)
    day, days = number(last.grain >= 0, last.rest, cells.own_span)
    has_own = np.choose(cells.own, cells.joins) & (last.grain >= 0)
    known = cells.have_k(np.where(has_own, day, -1), days)
    day[(day >= 0) & ~known[day]] = OPEN
    for rest in loose_rests(cells, placement, last, day):
        is_own = (last.rest == rest) & (placement.grain >= 0)
        while True:
            row, rows = number(is_own, placement.grain, placement.span(cells), placement.code)
            links = find_links(cells, row, rows, np.where(is_own, day, OPEN))
            few = few_of_days(links, cells.k)
            if few is None:
                break
            take_in(cells, placement, last, row, links, few)


def loose_rests(cells: Cells, placement: Placement, last: Last, day: Codes) -> Ints:
    """Return the numbers of the rests whose days do not all hang together by links of k visitors."""
    is_placed = (placement.grain >= 0) & (last.grain >= 0)
    row, rows = number(is_placed, last.rest, placement.grain, placement.span(cells), placement.code)
    # Days that are open are one for each rest, behind the others.
    place = np.where(day == OPEN, day.max(initial=0) + 1 + last.rest, day)
    is_placed[is_placed] = (count_distinct(row, place, rows) > 1)[row[is_placed]]
    if not is_placed.any():
        return np.zeros(0, dtype=np.int64)
    link, links = number(is_placed, row, place)
    of_link = np.empty(links, dtype=np.int64)
    of_link[link[is_placed]] = np.flatnonzero(is_placed)
    row, place, rest = row[of_link], place[of_link], last.rest[of_link]
    is_strong = cells.have_k(link, links) | (day[of_link] == OPEN)
    together = join(row, place, np.ones(links, dtype=np.bool_))
    firmly = join(row, place, is_strong)
    # Each link has the number of a day with which its own hangs together.
    pairs, size = number(np.ones(links, dtype=np.bool_), together, firmly)
    first = np.empty(size, dtype=np.int64)
    first[pairs] = together
    return np.unique(rest[np.bincount(first)[together] > 1])


def join(row: Codes, place: Codes, joins: Flags) -> Ints:
    """Return by link the least number of a day that hangs together with its own by the rows of links that join."""
    found = np.arange(place.max() + 1)
    row_found = np.empty(row.max() + 1, dtype=np.int64)
    while True:
        before = found.copy()
        row_found[row[joins]] = found[place[joins]]
        np.minimum.at(row_found, row[joins], found[place[joins]])
        np.minimum.at(found, place[joins], row_found[row[joins]])
        if (found == before).all():
            return found[place]


def find_links(cells: Cells, row: Codes, rows: int, day: Codes) -> dict[int, dict[int, Collection[int]]]:
    """Return the links of the cells that have a row."""
    link, links = number(row >= 0, row, day)
    of_member = link[cells.members.cell]
    has_k = count_distinct(of_member, cells.members.client, links) >= cells.k
    has_k[link[(row >= 0) & cells.is_sure]] = True
    visitors: list[set[int]] = [set() for _ in range(links)]
    few = np.flatnonzero((of_member >= 0) & ~has_k[of_member])
    for place, client in zip(of_member[few].tolist(), cells.members.client[few].tolist(), strict=True):
        visitors[place].add(client)
    found: dict[int, dict[int, Collection[int]]] = {one: {} for one in range(rows)}
    one_cell = np.empty(links, dtype=np.int64)
    one_cell[link[row >= 0]] = np.flatnonzero(row >= 0)
    for place, cell in enumerate(one_cell.tolist()):
        # Digests are not negative.
        others = range(-1 - (place + 1) * cells.k, -1 - place * cells.k)
        found[int(row[cell])][int(day[cell])] = others if has_k[place] else visitors[place]
    return found


def take_in(cells: Cells, placement: Placement, last: Last, row: Codes, links: Links, few: set[int]) -> None:
    """Make the smallest row part of the rest, so that what some days leave is no longer of few."""
    is_own = row >= 0
    alone = [one for one, of_days in links.items() if of_days.keys() <= few]
    beside = [one for one, of_days in links.items() if of_days.keys() & few and not of_days.keys() <= few]
    is_rest = is_own & (placement.grain == last.grain) & (placement.code == cells.rest)
    joining = alone if np.isin(row[is_rest], beside).any() else beside
    visits = np.bincount(row[is_own], cells.visits[is_own])
    candidates = is_own & np.isin(row, joining)
    taken = smallest_rows(cells, placement, candidates, row, visits, np.where(candidates, 0, -1))
    joined = is_rest | (row == taken[0])
    placement.grain[joined], placement.code[joined] = last.grain[joined], cells.rest[joined]
    placement.level[joined] = len(cells.codes) - 1


# --- sets of days ---


def few_of_days(links: Links, k: int) -> set[int] | None:
    """Return the first set of days of which the rows of these days alone leave some, but fewer than k visitors."""
    for days in together(links):
        first, *others = days
        for day in others:
            few = least_set(links, day, first, k)
            if few is None and first != OPEN:
                few = least_set(links, first, day, k)
            if few is not None:
                return few
    return None


def together(links: Links) -> Iterator[list[int]]:
    """Yield the days that are linked, in order; the open ones come first."""
    of_day = by_day(links)
    waiting = sorted(of_day)
    while waiting:
        found, reached = {waiting[0]}, [waiting[0]]
        for day in reached:
            more = {other for row in of_day[day] for other in links[row]} - found
            found |= more
            reached += more
        yield sorted(found)
        waiting = [day for day in waiting if day not in found]


def by_day(links: Links) -> dict[int, dict[int, Collection[int]]]:
    """Return the links the other way round: day → row → visitors. Rows of one day are left out."""
    found: dict[int, dict[int, Collection[int]]] = defaultdict(dict)
    for row, of_days in links.items():
        for day, visitors in of_days.items():
            if len(of_days) > 1:
                found[day][row] = visitors
    return found


def least_set(links: Links, inside: int, outside: int, k: int) -> set[int] | None:
    """Return, of the sets that hold one day and not the other, the smallest that leaves fewest visitors, if below k.

    It is a minimum cut: from a day one goes to each of its visitors in a row, each of them goes once to this row, and
    from a row one goes to any day that it covers.
    """
    room: dict[_Place, dict[_Place, float]] = defaultdict(dict)
    for day, of_rows in by_day(links).items():
        for row, visitors in of_rows.items():
            room[_ROW, row, 0][_DAY, day, 0] = float("inf")
            for visitor in visitors:
                room[_DAY, day, 0][_VISITOR, row, visitor] = float("inf")
                room[_VISITOR, row, visitor][_ROW, row, 0] = 1
    found = least_cut(room, (_DAY, inside, 0), (_DAY, outside, 0), k)
    return None if found is None else {day for kind, day, _ in found if kind == _DAY}
