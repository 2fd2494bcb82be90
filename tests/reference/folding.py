"""The section "Folding" of the definitions: no row about fewer than k visits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from footfall.transforms import vocabulary as words
from tests.reference.visits import Visit

FINEST_FIRST: dict[str, tuple[str, ...]] = {
    "pages": ("page",),
    "locations": ("region", "country", "continent"),
    "technology": ("os_version", "browser_version", "device", "os", "browser"),
    "referrers": ("source", "kind"),
    "campaigns": ("campaign", "medium", "source"),
    "searches": ("phrase",),
    "errors": ("page", "status"),
    "cookie_audit": ("finding",),
}
"""The columns of each table that describes people, in the order in which a small row loses them."""


@dataclass
class Row:
    """A row of one day and site on its way to being published."""

    key: dict[str, Any]
    visits: set[Visit] = field(default_factory=set)
    """Which visits it describes. Rows that are added up unite them: a visit with two rare pages is one visit."""
    measures: Counter[str] = field(default_factory=Counter)


def fold(table: str, rows: list[Row], k: int) -> list[Row]:
    """Fold the rows of one day and site until none describes fewer than k visits."""
    columns = FINEST_FIRST[table]
    for column in columns:
        for row in rows:
            if is_small(row, k):
                row.key[column] = folded_value(column)
        rows = add_up_equal(rows, columns)
    rest = [row for row in rows if all(row.key[column] == folded_value(column) for column in columns)]
    others = sorted(
        (row for row in rows if row not in rest and row.visits),
        key=lambda row: (len(row.visits), [str(value) for value in row.key.values()]),
    )
    while rest and is_small(rest[0], k) and others:
        smallest = others.pop(0)
        rows.remove(smallest)
        rest[0].visits |= smallest.visits
        rest[0].measures += smallest.measures
    return rows


def is_small(row: Row, k: int) -> bool:
    """Must the row be folded?"""
    return len(row.visits) < k


def folded_value(column: str) -> str | None:
    """What stands in a column that was folded: a status is a number, so it becomes NULL."""
    return None if column == "status" else words.OTHER


def add_up_equal(rows: list[Row], columns: tuple[str, ...]) -> list[Row]:
    """One row per key."""
    by_key: dict[tuple[Any, ...], Row] = {}
    for row in rows:
        same = by_key.setdefault(tuple(row.key[column] for column in columns), row)
        if same is not row:
            same.visits |= row.visits
            same.measures += row.measures
    return list(by_key.values())
