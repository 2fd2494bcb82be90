"""The keys of the tables that are folded, and their coarser levels: the section "Small groups" of the definitions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from footfall.transforms import vocabulary as words

Key = tuple[Any, ...]
"""Values of the columns of `COLUMNS`."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "pages": ("page",),
    "locations": ("continent", "country", "region"),
    "technology": ("browser", "os", "device"),
    "browser_versions": ("browser", "browser_version"),
    "os_versions": ("os", "os_version"),
    "referrers": ("kind", "source"),
    "campaigns": ("source", "medium", "campaign", "outer_kind", "outer_source"),
    "searches": ("phrase",),
    "errors": ("status", "page"),
    "broken_links": ("status", "page", "referrer"),
    "downloads": ("page",),
    "cookie_audit": ("finding",),
    "goals": ("goal",),
    "transitions": ("page", "next_page"),
    "entry_exits": ("page", "exit_page"),
}
"""The key of each table, without day, site and grain; `outer_…` is that of its row of `referrers`, and not shown."""

FINEST_FIRST: dict[str, tuple[str, ...]] = {
    "pages": ("page",),
    "locations": ("region", "country", "continent"),
    "technology": ("device", "os", "browser"),
    "browser_versions": ("browser_version", "browser"),
    "os_versions": ("os_version", "os"),
    "referrers": ("source", "kind"),
    "campaigns": ("campaign", "medium", "source"),
    "searches": ("phrase",),
    "errors": ("page", "status"),
    "broken_links": ("referrer", "page", "status"),
    "downloads": ("page",),
    "cookie_audit": ("finding",),
    "goals": ("goal",),
    "transitions": ("next_page", "page"),
    "entry_exits": ("exit_page", "page"),
}
"""The columns in the order in which rare cells lose them."""

WITHIN: dict[str, tuple[str, str]] = {
    "browser_versions": ("technology", "browser"),
    "os_versions": ("technology", "os"),
    "campaigns": ("referrers", "source"),
    "transitions": ("pages", "page"),
    "entry_exits": ("pages", "page"),
}
"""Tables that are folded within the rows of another table, and the column that both have."""


CROSSED = ("transitions", "entry_exits")
"""Tables whose sums are known by the second page as well."""

OF_FIRST = {"transitions": {"exits"}, "entry_exits": {"entries", "bounces"}}
"""The measures of a first page that could be calculated if nearly all visits by its pairs were published."""

ROUNDED = frozenset({"broken_links", "downloads"})
"""Tables whose measures are published as multiples of k."""


def folder(page: str) -> str:
    """`/a/b/c` and `/a/b/c/` are in `/a/b/…`, `/a?b=c` in `/a?…`; `/a` and what has no slash first are in no folder."""
    path, key, _ = page.partition("?")
    if page.startswith("/") and key:
        return f"{path}?…"
    head = page.removesuffix("/").rpartition("/")[0]
    return f"{head}/…" if page.startswith("/") and head else words.OTHER


def first_folder(page: str) -> str:
    """`/a/b/c` and `/a/b?c=d` are in `/a/…`, `/a?b=c` is in `/a?…`."""
    path, key, _ = page.partition("?")
    path = path if key else path.removesuffix("/")
    second_slash = path.find("/", 1)
    if page.startswith("/") and second_slash > 0:
        return f"{path[:second_slash]}/…"
    return folder(page) if key else words.OTHER


def other(value: Any) -> str:
    """Every text becomes `(other)`."""
    return words.OTHER


def nothing(value: Any) -> None:
    """Every number becomes NULL."""
    return None


def hundred(status: int) -> int:
    """The hundred of a status, which distinguishes rests; it is not published."""
    return status // 100


Coarsen = Callable[[Any], Any]


def levels_of(table: str) -> list[dict[str, Coarsen | None]]:
    """Which columns lose what, level by level."""
    levels: list[dict[str, Coarsen | None]] = []
    for column in FINEST_FIRST[table]:
        if column == "page":
            levels += [{column: folder}, {column: first_folder}]
        levels.append({column: (hundred if table == "errors" else nothing) if column == "status" else other})
    return levels


LEVELS: dict[str, list[dict[str, Coarsen | None]]] = {table: levels_of(table) for table in FINEST_FIRST} | {
    "campaigns": [{"campaign": other}, {"medium": other, "source": None}, {"source": other}],
    "transitions": [{"next_page": other}, {"page": other}],
    "entry_exits": [{"exit_page": other}, {"page": other}],
}
"""None stands for the source of a campaign that becomes the one in `referrers`."""


def coarser_key(table: str, key: Key, level: int) -> Key:
    """A finest key without what it lost up to a level."""
    values = dict(zip(COLUMNS[table], key, strict=True))
    finest = dict(values)
    for losses in LEVELS[table][: level + 1]:
        for column, coarsen in losses.items():
            values[column] = finest[f"outer_{column}"] if coarsen is None else coarsen(finest[column])
    return tuple(values.values())


def last_level(table: str) -> int:
    """The place of the level of the rest: a column shared with another table is not lost by itself."""
    return len(LEVELS[table]) - (2 if table in WITHIN else 1)


@cache
def rest_key(table: str, key: Key) -> Key:
    """The key of the rest that a key belongs to: `(other)` in all columns, except where another table decides."""
    return coarser_key(table, key, last_level(table))
