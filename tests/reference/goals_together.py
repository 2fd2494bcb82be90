"""Goals of rows that `goals` counts together: a part of the paragraph "Goals of rows" of the section "Small groups"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reference.cells import GRAINS, Cell, Row, some_but_fewer, span_of
from tests.reference.chains import OPEN
from tests.reference.visits import Client

Place = tuple[date, str]
"""A day and a goal."""

Order = Callable[["GoalOfRow"], tuple[object, ...]]
"""Which of several is hidden first."""


@dataclass(frozen=True)
class GoalOfRow:
    """The visits of a row that reached a goal; `measure` counts them."""

    row: Row
    goal: str
    measure: str

    @property
    def cells(self) -> list[tuple[Place, Cell]]:
        """The cells of the row with such visits, and of which day and goal these are."""
        return [((cell.day, self.goal), cell) for cell in self.row.cells if cell.measures[self.measure]]

    def people(self, sums: set[Place]) -> set[Client]:
        """Who reached the goal, as far as some sums count it."""
        return {client for place, cell in self.cells if place in sums for client in cell.taking_part[self.measure]}

    def visits(self, sums: set[Place]) -> int:
        """The visits, as far as some sums count them."""
        return sum(cell.measures[self.measure] for place, cell in self.cells if place in sums)


def known_sums(
    places: set[Place], rows: list[Row], grains: tuple[str, ...], are_many: Callable[[set[Place]], bool]
) -> Iterator[list[set[Place]]]:
    """The days and goals that `goals` counts as one: by its rows, then by what it had at the end of weeks and of days.

    There all goals that no row by day or week, or no row by day, names were one row. Where these were not of many,
    there was none; less the others, the row has the sum of them all. A file has some `grains`.
    """
    row_of = {(cell.day, cell.key[0]): row for row in rows for cell in row.cells}
    for grain in reversed(grains):
        sums: dict[tuple[Any, ...], set[Place]] = defaultdict(set)
        for day, goal in places:
            row = row_of.get((day, goal))
            is_named = row is not None and row.key[0] == goal and GRAINS.index(row.span.grain) <= GRAINS.index(grain)
            if grain != "month" and not is_named:
                sums[-1, -1, span_of(day, grain).first_day, ""].add((day, goal))
            elif row is not None:
                sums[0, *place_of(row)].add((day, goal))
        for few in [key for key in sums if key[0] == -1 and not are_many(sums[key])]:
            for place in [place for place in sums[few] if place in row_of]:
                sums[few].remove(place)
                sums[1, *place_of(row_of[place])].add(place)
        yield [sums[key] for key in sorted(sums)]


def place_of(row: Row) -> tuple[int, date, str]:
    """Where a row of `goals` is, in the order of rows."""
    return GRAINS.index(row.span.grain), row.span.first_day, row.key[0]


def hide_of_sum(parts: list[GoalOfRow], hidden: set[GoalOfRow], own: set[Place], order: Order, k: int) -> None:
    """Hide one more, the first, where those of the sum alone leave few of it, or hardly more than there are NULLs."""
    alone = [part for part in parts if all(place in own for place, _ in part.cells)]
    shown = [part for part in alone if part not in hidden]
    left = [part for part in parts if part not in shown]
    nulls = len(alone) - len(shown)
    is_close = nulls > 0 and sum(part.visits(own) for part in left) - nulls < k / 2
    behind = {client for part in left for client in part.people(own)}
    if shown and (some_but_fewer(behind, k) or is_close):
        hidden.add(min(shown, key=order))


def links_of_sums(
    parts: list[GoalOfRow], sums: list[set[Place]], k: int
) -> Iterator[dict[tuple[GoalOfRow, Any], set[Client]]]:
    """Who is behind each goal of a row in each sum, month by month; a sum of fewer than k is not known."""
    months = {span_of(day, "month").first_day for own in sums for day, _ in own}
    for month in sorted(months):
        of_month = [part for part in parts if span_of(part.row.span.first_day, "month").first_day == month]
        links: dict[tuple[GoalOfRow, Any], set[Client]] = {}
        unknown = {place for part in of_month for place, _ in part.cells}
        for number, own in enumerate(sums):
            if len({client for part in of_month for client in part.people(own)}) >= k:
                links |= {(part, number): people for part in of_month if (people := part.people(own))}
                unknown -= own
        yield links | {(part, OPEN): people for part in of_month if (people := part.people(unknown))}
