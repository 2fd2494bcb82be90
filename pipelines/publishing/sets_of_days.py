"""Finds sets of days whose sums reveal few visitors (`docs/definitions.md`, Small groups, Chains).

A link is what one row has of one day: those of its visitors who were there on that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import numpy as np

from footfall.pipelines.publishing.fold_cells import Members, count_distinct, number
from footfall.pipelines.publishing.least_cut import least_cut
from footfall.transforms.arrays import Flags, Ints

Links = dict[int, dict[int, Collection[int]]]
"""The visitors that each row has of each day: row → day → visitors; k that are of no other day stand for more."""
_Place = tuple[int, int, int]
_DAY, _VISITOR, _ROW = range(3)
OPEN: Final = -1
"""Stands for what is in no known sum."""


def link_days(row: Ints, day: Ints, members: Members, is_sure: Flags, k: int) -> Links:
    """Return the links of the cells that have a row (-1: none); cells that are sure have k visitors for certain."""
    has_row = row >= 0
    link, links = number(has_row, row, day)
    of_member = link[members.cell]
    has_k = count_distinct(of_member, members.client, links) >= k
    has_k[link[has_row & is_sure]] = True
    visitors: list[set[int]] = [set() for _ in range(links)]
    few = np.flatnonzero((of_member >= 0) & ~has_k[of_member])
    for place, client in zip(of_member[few].tolist(), members.client[few].tolist(), strict=True):
        visitors[place].add(client)
    found: Links = defaultdict(dict)
    one_cell = np.empty(links, dtype=np.int64)
    one_cell[link[has_row]] = np.flatnonzero(has_row)
    for place, cell in enumerate(one_cell.tolist(), start=1):
        found[int(row[cell])][int(day[cell])] = strangers(place, k) if has_k[place - 1] else visitors[place - 1]
    return dict(found)


def leave_open(links: Links, rows: Iterable[int], k: int) -> None:
    """Let some rows have k visitors of what is in no known sum, so that nobody knows what they have of the days."""
    for row in rows:
        links.setdefault(row, {})[OPEN] = strangers(0, k)


def strangers(place: int, k: int) -> Collection[int]:
    """Return k visitors of no other place: numbers of visitors are not negative."""
    return range(-1 - (place + 1) * k, -1 - place * k)


def are_loose(row: Ints, place: Ints, is_strong: Flags) -> Flags:
    """Return by link whether the days that hang together with its own do not all do so by strong links."""
    together = join(row, place, np.ones(len(row), dtype=np.bool_))
    firmly = join(row, place, is_strong)
    # Each link has the number of a day with which its own hangs together.
    pairs, size = number(np.ones(len(row), dtype=np.bool_), together, firmly)
    first = np.empty(size, dtype=np.int64)
    first[pairs] = together
    return np.bincount(first)[together] > 1


def join(row: Ints, place: Ints, joins: Flags) -> Ints:
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


def few_of_days(links: Links, k: int) -> set[int] | None:
    """Return the first set of days of which the rows of these days alone leave some, but fewer than k visitors."""
    for days in together(links):
        first, *others = days
        for day in others:
            few = least_set(links, day, first, k)
            if few is None:
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
