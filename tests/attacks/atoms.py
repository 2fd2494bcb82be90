"""The unknowns of the attack with a solver: what is counted of each quantity, and which cells are one unknown.

Cells that stand in the same equations can be exchanged for each other; they are one unknown, an *atom*.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from tests.attacks.cells import PEOPLE, Cell
from tests.reference.asked import folder_of

MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "visits": ("visits", "page_views", "bounces", "duration_s", "fallback_visits", "cut_visits", "completions"),
    "locations": ("visits", "page_views", "bounces", "duration_s", "completions"),
    "profiles": ("visits", "page_views", "bounces", "duration_s", "completions"),
    "acquisitions": ("visits", "page_views", "bounces", "duration_s", "completions"),
    "pages": ("page_views", "visits", "entries", "exits", "bounces"),
    "searches": ("searches", "visits", "exits", "refined"),
    "errors": ("hits", "visits"),
    "broken_links": ("hits", "visits"),
    "unlinked": ("hits", "visits"),
    "downloads": ("hits", "visits", "partial"),
    "refused": ("hits",),
    "plain": ("page_views",),
    "transitions": ("visits",),
    "entry_exits": ("visits",),
    "kind_times": ("hits",),
    "page_times": ("hits",),
    "lengths": ("visits",),
    "cookie_audit": ("visits",),
    "goals": ("visits", "times"),
    "hours": ("hits", "page_views", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx"),
    "protocols": ("hits",),
    "kinds": ("hits",),
    "bots": ("hits",),
    "latency": ("hits",),
    "midnights": ("page_views",),
}
COUNTED_ONCE: Final = frozenset(
    {"pages", "searches", "errors", "broken_links", "unlinked", "downloads", "cookie_audit", "goals"}
)
"""Quantities in whose cells one visit may stand several times, so that visits do not add up."""
AT_MOST: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "visits": (
        ("visits", "page_views"),
        ("bounces", "visits"),
        ("fallback_visits", "visits"),
        ("cut_visits", "visits"),
    ),
    "locations": (("visits", "page_views"), ("bounces", "visits"), ("completions", "visits")),
    "profiles": (("visits", "page_views"), ("bounces", "visits"), ("completions", "visits")),
    "acquisitions": (("visits", "page_views"), ("bounces", "visits"), ("completions", "visits")),
    "goals": (("visits", "times"),),
    "pages": (
        ("visits", "page_views"),
        ("entries", "visits"),
        ("exits", "visits"),
        ("bounces", "entries"),
        ("bounces", "exits"),
    ),
    "searches": (("visits", "searches"), ("exits", "visits"), ("refined", "visits")),
    "errors": (("visits", "hits"),),
    "broken_links": (("visits", "hits"),),
    "unlinked": (("visits", "hits"),),
    "downloads": (("visits", "hits"), ("partial", "hits")),
    "hours": (("page_views", "hits"),),
}
"""Pairs of measures of which the first is at most the second in every cell."""


@dataclass
class Atom:
    """Cells of one day and site that stand in the same equations."""

    quantity: str
    day: date
    site: str
    link: Any
    """What decides in which sums over tables they are."""
    cells: list[Cell] = field(default_factory=list)
    unknowns: dict[str, int] = field(default_factory=dict)

    def people(self, measure: str) -> set[int]:
        """The visitors behind a measure."""
        return set().union(*(cell.people.get(measure, ()) for cell in self.cells))

    def count(self, measure: str) -> int:
        """The true count."""
        if measure == "visits" and self.quantity in COUNTED_ONCE and self.quantity != "cookie_audit":
            return len(set().union(*(cell.items for cell in self.cells)))
        return sum(cell.counts.get(measure, 0) for cell in self.cells)


WITH_GOALS: Final[Mapping[str, str]] = {"acquisitions": "completions", "pages": "entries"}
"""Quantities whose cells count the visits that reached each goal, and the measure that these are at most."""

LONGER: Final = ("page_views", False)
"""The link of visits of two page views or more."""


def no_link(_: Cell) -> Any:
    return ()


def _of_people(value: Any, traffic_class: str) -> Any:
    return value if traffic_class in PEOPLE else None


_KINDS_ELSEWHERE: Final = ("download", "page_view")
"""Kinds that other tables have figures for."""
LINKS: Final[Mapping[str, Callable[[Cell], Any]]] = {
    "hours": lambda cell: _of_people(cell.key, cell.key[1]),
    "protocols": lambda cell: _of_people(cell.key[1:], cell.key[1]),
    "kinds": lambda cell: _of_people(
        (cell.key[1], cell.key[0] if cell.key[0] in _KINDS_ELSEWHERE else ""), cell.key[1]
    ),
    "bots": lambda cell: _of_people(cell.key[:1], cell.key[0]),
    "latency": lambda cell: _of_people(cell.key[:2], cell.key[1]),
    "errors": lambda cell: (
        cell.key[0] if cell.key[2] == "bot" else cell.key[0] // 100,
        cell.key[2],
        cell.key[:2] if cell.key[2] == "human" and cell.key[0] in (404, 410) else (),
    ),
    "broken_links": lambda cell: cell.key[:2],
    "unlinked": lambda cell: cell.key,
    "pages": lambda cell: (folder_of(cell.key[0]), bool(cell.counts.get("searches"))),
    "goals": lambda cell: cell.key[0],
    "midnights": lambda cell: cell.key,
    "lengths": lambda cell: (cell.key[0], cell.key == ("page_views", 1)),
}
"""What decides in which sums over tables a cell is; None leaves it out, as it describes no people."""

LINKED_BY_ATOMS: Final = frozenset({"transitions", "entry_exits", "kind_times", "page_times"})
"""Quantities whose atoms depend on other atoms: see `pairs` and `times`."""
