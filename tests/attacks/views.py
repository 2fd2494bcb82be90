"""Published tables as views of the cells of a quantity, and the spans of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from footfall.transforms.vocabulary import OTHER
from tests.attacks.cells import NO_CAMPAIGN, PEOPLE, Cell
from tests.reference.levels import first_folder, folder

GRAINS: Final = ("day", "week", "month")
MIN_STATUS: Final = 100
OF_ERRORS: Final = frozenset({"errors", "broken_links"})
Span = tuple[str, date]
"""A grain and the first day."""


@dataclass(frozen=True)
class View:
    """A table as a view of the cells of a quantity: its columns, their places in a cell's key, and what is lost."""

    table: str
    quantity: str
    columns: tuple[str, ...]
    places: tuple[int, ...]
    lost: tuple[str, ...]
    """Level by level; columns that are lost together stand in one text."""
    measures: tuple[str, ...]
    counts_visits_once: bool = False
    """One visit may be in several of its cells."""
    within: str = ""
    """The table within whose rows it is folded."""
    shared: str = ""
    """The column that both show."""
    unit: int = 1
    """What its measures are rounded to multiples of."""

    def coarser(self, key: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The table's key for a cell, from the finest to nothing but `(other)`."""
        values = [key[place] for place in self.places]
        found = [tuple(values)]
        for level in self.lost:
            for column in level.split():
                place = self.columns.index(column)
                if column == "page" and values[place] != OTHER:
                    page = values[place]
                    for coarsen in (folder, first_folder):
                        values[place] = coarsen(page)
                        found.append(tuple(values))
                if self.table == "kinds" and values[place] in ("page_view", "document"):
                    found.append(("documents", *values[1:]))
                values[place] = None if column in ("status", "hour") else OTHER
                if self.table == "campaigns" and column == "source" and level != column:
                    # That of `referrers`.
                    values[place] = key[1]
            found.append(tuple(values))
        return list(dict.fromkeys(found))

    def shows(self, cell: Cell) -> bool:
        """Whether the cell belongs to the table."""
        if self.table == "campaigns":
            return cell.key[2:] != NO_CAMPAIGN
        place = _CLASS_PLACE.get(self.quantity)
        return place is None or cell.key[place] in PEOPLE


_CLASS_PLACE: Final = {"hours": 1, "protocols": 1, "kinds": 1, "bots": 0, "latency": 1}
_COUNTED: Final = ("visits", "page_views")
_STAYED: Final = (*_COUNTED, "bounces", "duration_s")
_ENGAGED: Final = (*_STAYED, "completions")
TECHNOLOGY: Final = View(
    "technology", "profiles", ("browser", "os", "device"), (0, 2, 4), ("device", "os", "browser"), _ENGAGED
)
TECHNOLOGY_1: Final = View(
    "technology",
    "profiles",
    ("browser", "browser_version", "os", "os_version", "device"),
    (0, 1, 2, 3, 4),
    ("os_version", "browser_version", "device", "os", "browser"),
    _COUNTED,
)
"""With the versions, as in files of earlier schema versions."""
_HUNDREDS: Final = tuple(f"hits_{hundred}xx" for hundred in (2, 3, 4, 5))
VIEWS: Final = (
    View("visits", "visits", (), (), (), (*_STAYED, "fallback_visits", "cut_visits")),
    View(
        "locations",
        "locations",
        ("continent", "country", "region"),
        (0, 1, 2),
        ("region", "country", "continent"),
        _ENGAGED,
    ),
    TECHNOLOGY,
    View(
        "browser_versions",
        "profiles",
        ("browser", "browser_version"),
        (0, 1),
        ("browser_version", "browser"),
        _COUNTED,
        within="technology",
        shared="browser",
    ),
    View(
        "os_versions",
        "profiles",
        ("os", "os_version"),
        (2, 3),
        ("os_version", "os"),
        _COUNTED,
        within="technology",
        shared="os",
    ),
    View("referrers", "acquisitions", ("kind", "source"), (0, 1), ("source", "kind"), _ENGAGED),
    View(
        "campaigns",
        "acquisitions",
        ("source", "medium", "campaign"),
        (2, 3, 4),
        ("campaign", "medium source", "source"),
        _ENGAGED,
        within="referrers",
        shared="source",
    ),
    View("pages", "pages", ("page",), (0,), ("page",), (*_COUNTED, "entries", "exits", "bounces"), True),
    View("searches", "searches", ("phrase",), (0,), ("phrase",), ("searches", "visits", "exits", "refined"), True),
    View("errors", "errors", ("status", "page"), (0, 1), ("page", "status"), ("hits", "visits"), True),
    View(
        "broken_links",
        "broken_links",
        ("status", "page", "referrer"),
        (0, 1, 2),
        ("referrer", "page", "status"),
        ("hits", "visits"),
        True,
    ),
    View("downloads", "downloads", ("page",), (0,), ("page",), ("hits", "visits", "partial"), True),
    View("cookie_audit", "cookie_audit", ("finding",), (0,), ("finding",), ("visits",), True),
    View("goals", "goals", ("goal",), (0,), ("goal",), ("visits", "times"), True),
    View("traffic", "hours", ("hour", "traffic_class"), (0, 1), ("hour",), ("hits", "page_views", *_HUNDREDS)),
    View("protocols", "protocols", ("protocol", "traffic_class"), (0, 1), ("protocol",), ("hits",)),
    View("kinds", "kinds", ("kind", "traffic_class"), (0, 1), ("kind",), ("hits",)),
    View("bots", "bots", ("traffic_class", "name", "category"), (0, 1, 2), ("name category",), ("hits",)),
)
LATENCY: Final = "latency"
"""Its rows are ranges of times, so that it is read by itself."""


def week_of(day: date) -> Span:
    """The days of its ISO week that lie in its month."""
    return "week", max(day - timedelta(days=day.weekday()), day.replace(day=1))


def month_of(day: date) -> Span:
    """Its month."""
    return "month", day.replace(day=1)


def days_of(span: Span) -> list[date]:
    """The days of a span."""
    grain, first = span
    if grain == "day":
        return [first]
    same = week_of if grain == "week" else month_of
    return [day for number in range(31) if same(day := first + timedelta(days=number)) == span]
