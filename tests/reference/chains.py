"""Which days reveal few visitors by their sum: the part "Chains" of the definitions, Small groups.

A link is the part of one row that is of one day: row and day → its visitors. What is in no known sum is of the day
`OPEN`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Set
from typing import Any, Final

from tests.reference.cuts import least_cut

OPEN: Final = "what is in no known sum"

Row = Any
Day = Any
Links = Mapping[tuple[Row, Day], Set[Hashable]]


def few_of_days(links: Links, k: int) -> set[Day] | None:
    """The first set of days of which rows of these days alone leave some but fewer than k visitors.

    Days are looked at in the order in which the links have them.
    """
    for days in days_that_hang_together(links):
        first = OPEN if OPEN in days else days[0]
        for day in days:
            if day != first:
                for inside, outside in ((day, first), (first, day)):
                    found = least_set(links, inside, outside)
                    if left(links, found) < k:
                        return found
    return None


def leave_open(links: dict[tuple[Row, Day], Set[Hashable]], rows: Iterable[Row], k: int) -> None:
    """Give some rows k visitors of what is in no known sum: nobody knows what they have of the days."""
    for row in rows:
        links[row, OPEN] = {("somebody", number) for number in range(k)}


def left(links: Links, days: set[Day]) -> int:
    """How many visitors the rows of some days alone leave of their sum; one of several days of a row counts once."""
    others = {row for row, day in links if day not in days}
    found = {(row, visitor) for (row, day), own in links.items() if day in days and row in others for visitor in own}
    return len(found)


def days_that_hang_together(links: Links) -> Iterator[list[Day]]:
    """Days that rows connect, directly or by other days between them."""
    waiting = list(dict.fromkeys(day for _, day in links))
    while waiting:
        found = {waiting[0]}
        while more := {day for row, day in links if day not in found and any((row, other) in links for other in found)}:
            found |= more
        yield [day for day in waiting if day in found]
        waiting = [day for day in waiting if day not in found]


def least_set(links: Links, inside: Day, outside: Day) -> set[Day]:
    """Of all sets that hold one day and not the other, the smallest of those that leave fewest visitors.

    A minimum cut: from a day to each of its visitors in a row, once from each of them to the row, and from a row to
    any day that it has. What cannot be passed on is what the days that can be reached leave.
    """
    edges: dict[tuple[Any, Any], float] = {}
    for (row, day), visitors in links.items():
        for visitor in visitors:
            edges[("day", day), ("visitor", (row, visitor))] = float("inf")
            edges[("visitor", (row, visitor)), ("row", row)] = 1
        edges[("row", row), ("day", day)] = float("inf")
    _, places = least_cut(edges, ("day", inside), ("day", outside))
    return {day for kind, day in places if kind == "day"}
