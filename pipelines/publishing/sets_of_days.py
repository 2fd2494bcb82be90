"""Finds sets of days whose sums reveal few visitors (`docs/definitions.md`, Small groups, Chains).

A link is what one row has of one day: those of its visitors who were there on that day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from footfall.pipelines.publishing.fold_cells import Members, count_distinct, number
from footfall.pipelines.publishing.least_cut import Opened, least_cut
from footfall.transforms.arrays import Codes, Flags

Links = dict[int, dict[int, Collection[int]]]
"""The visitors that each row has of each day: row → day → visitors; k that are of no other day stand for more."""
_Place = tuple[int, int, int]
_DAY, _VISITOR, _ROW = range(3)
OPEN: Final = -1
"""Stands for what is in no known sum."""


def link_days(row: Codes, day: Codes, members: Members, is_sure: Flags, k: int) -> Links:
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


def are_loose(row: Codes, place: Codes, is_strong: Flags) -> Flags:
    """Return by link whether the days that hang together with its own do not all do so by strong links."""
    together = join(row, place, np.ones(len(row), dtype=np.bool_))
    firmly = join(row, place, is_strong)
    # Each link has the number of a day with which its own hangs together.
    pairs, size = number(np.ones(len(row), dtype=np.bool_), together, firmly)
    first = np.empty(size, dtype=np.int64)
    first[pairs] = together
    return np.bincount(first)[together] > 1


def join(row: Codes, place: Codes, joins: Flags) -> Codes:
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
    links, joined = join_firmly(links, k)
    linked = LinkedDays(links, k)
    for days in linked.together():
        first, *others = days
        for day in others:
            few = linked.least_set(day, first)
            if few is None:
                few = linked.least_set(first, day)
            if few is not None:
                return {one for some in few for one in joined[some]}
    return None


def join_firmly(links: Links, k: int) -> tuple[Links, dict[int, list[int]]]:
    """Make one day, the first, of those that hang together by rows that have k visitors of each.

    A set that holds some of these days, but not others, leaves k. Also returns the days of each.
    """
    joined = {day: [day] for of_days in links.values() for day in of_days}
    while True:
        first_of = {day: day for day in joined}
        for of_days in links.values():
            firm = {_first(day, first_of) for day, visitors in of_days.items() if len(visitors) >= k}
            first_of.update(dict.fromkeys(firm, min(firm, default=0)))
        if all(day == first for day, first in first_of.items()):
            return links, joined
        for day in sorted(joined):
            if first_of[day] != day:
                joined[_first(day, first_of)] += joined.pop(day)
        links = {row: _join_days(of_days, first_of, k) for row, of_days in links.items()}


def _first(day: int, first_of: Mapping[int, int]) -> int:
    while first_of[day] != day:
        day = first_of[day]
    return day


def _join_days(
    of_days: Mapping[int, Collection[int]], first_of: Mapping[int, int], k: int
) -> dict[int, Collection[int]]:
    found: dict[int, Collection[int]] = {}
    for day, visitors in of_days.items():
        first = _first(day, first_of)
        before = found.get(first, ())
        found[first] = before if len(before) >= k else visitors if len(visitors) >= k else {*before, *visitors}
    return found


class LinkedDays:
    """Days that are linked by rows. Rows of one day link nothing."""

    def __init__(self, links: Links, k: int) -> None:
        self._days_of = {row: of_days for row, of_days in links.items() if len(of_days) > 1}
        self._rows_of: dict[int, list[int]] = defaultdict(list)
        self._returning: dict[int, set[int]] = {}
        """The visitors of each row who were there on several days."""
        self._k = k
        for row, of_days in self._days_of.items():
            for day in of_days:
                self._rows_of[day].append(row)
            visits = Counter(visitor for visitors in of_days.values() for visitor in visitors)
            self._returning[row] = {visitor for visitor, days in visits.items() if days > 1}

    def together(self) -> Iterator[list[int]]:
        """Yield the days that are linked, in order; the open ones come first."""
        waiting = sorted(self._rows_of)
        while waiting:
            found, reached = {waiting[0]}, [waiting[0]]
            for day in reached:
                more = {other for row in self._rows_of[day] for other in self._days_of[row]} - found
                found |= more
                reached += more
            yield sorted(found)
            waiting = [day for day in waiting if day not in found]

    def least_set(self, inside: int, outside: int) -> set[int] | None:
        """Return, of sets that hold one day and not the other, the smallest that leaves fewest visitors, if below k.

        It is a minimum cut: from a day one goes to each of its visitors in a row, each of them goes once to this row,
        and from a row one goes to any day that it covers.
        """
        found = least_cut(Opened(self._room_of), (_DAY, inside, 0), (_DAY, outside, 0), self._k)
        return None if found is None else {day for kind, day, _ in found if kind == _DAY}

    def _room_of(self, place: _Place) -> dict[_Place, float]:
        kind, one, _ = place
        if kind == _VISITOR:
            return {(_ROW, one, 0): 1}
        if kind == _ROW:
            return {(_DAY, day, 0): float("inf") for day in self._days_of[one]}
        room: dict[_Place, float] = {}
        for row in self._rows_of[one]:
            visitors = self._days_of[row][one]
            returning = [visitor for visitor in visitors if visitor in self._returning[row]]
            room |= {(_VISITOR, row, visitor): float("inf") for visitor in returning}
            # Those of this day alone need no place each.
            room[_ROW, row, 0] = len(visitors) - len(returning)
        return room
