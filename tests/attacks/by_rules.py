"""The row of each cell by the rules themselves, which an attacker who knows them can calculate where sums fit.

`published` reads it from the keys and sums of the file alone, which do not say which row the rest took in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from tests.attacks.cells import Cell
from tests.reference import folding

Place = tuple[str, date, tuple[Any, ...]]
"""A row: its grain, first day and key."""


def places_by_rules(
    table: str, cells: Iterable[Cell], key_of: Callable[[Cell], tuple[Any, ...]], days: folding.SiteDays
) -> Mapping[int, Place]:
    """The row of each cell of a site, by the cell's `id`; cells that are not published are missing."""
    made: dict[tuple[folding.Span, tuple[Any, ...]], folding.Cell] = {}
    members: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        place = folding.Span(cell.grain, cell.day), key_of(cell)
        one = made.setdefault(place, folding.Cell(*place))
        one.visitors |= set().union(*cell.people.values())  # type: ignore[arg-type]
        # Which visits they are matters only where one may be in several cells.
        visits = cell.items or {(id(cell), number) for number in range(cell.counts.get("visits", 0))}
        one.visits |= visits  # type: ignore[arg-type]
        members[id(one)].append(cell)
    return {
        id(cell): (row.span.grain, row.span.first_day, row.key)
        for row in folding.fold(table, list(made.values()), days)
        for one in row.cells
        for cell in members[id(one)]
    }
