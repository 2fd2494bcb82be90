"""The published tables of visits that reached the goals of the settings."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from footfall.transforms.tables.declaring import (
    DAY_SITE_KEYS,
    Cells,
    Column,
    PartialTable,
    Published,
    Table,
    at_least,
    sums,
)
from footfall.transforms.tables.visit_tables import CAMPAIGNS, PAGES, REFERRERS, SPAN_KEYS
from footfall.transforms.vocabulary import OTHER

_GOAL: Final = Column("goal", "VARCHAR", "The goal's name in the settings")

GOALS: Final = Table(
    "goals",
    "Visits that reached a goal of the settings",
    (*SPAN_KEYS, _GOAL),
    (
        Column("visits", "BIGINT", "Visits that reached the goal; a visit counts for each of its goals"),
        Column("times", "BIGINT", "Hits by which they reached it"),
    ),
    (
        PartialTable(
            "goals",
            {**DAY_SITE_KEYS, "goal": pa.uint8()},
            {**sums("visits", "times"), **at_least("visitors")},
        ),
    ),
    cells=Cells(
        (Published({"goal": "g.name"}, "JOIN goal_names g ON g.goal = t.goal"),), "0", code="t.goal", items=True
    ),
    levels=({"goal": f"'{OTHER}'"},),
    small_by="0",
    since=4,
)


def _goals_of(name: str, comment: str, of: Table, item: str) -> Table:
    """Declare a table that divides the rows of another one by goal; `item` is the key of that one's partial table."""
    assert of.cells is not None
    return Table(
        name,
        f"{comment}; for rows of {of.name}, and only where k visitors reached the goal",
        (*SPAN_KEYS, _GOAL, *(column for column in of.keys if column not in SPAN_KEYS)),
        (Column("visits", "BIGINT", f"Visits that reached the goal, of the {of.cells.goals_of} of the row"),),
        (_OF_ITEMS[item],),
        sql=f"FROM {of.name}_by_goal",
        divides=of,
        after=(of.name,),
        protection=(
            f"a measure of the rows of `{of.name}`: no row where some but fewer than *k* visitors reached the "
            "goal; the next smallest neither, where such a row could be calculated; nor where those of several goals, "
            "which `goals` counts as one, would reveal the rest of them"
        ),
        since=4,
    )


_OF_ITEMS: Final = {
    item: PartialTable(
        f"goal_{item}s",
        {**DAY_SITE_KEYS, item: pa.uint64(), "goal": pa.uint8()},
        {**sums("visits"), **at_least("visitors")},
    )
    for item in ("acquisition", "page")
}

GOAL_SOURCES: Final = _goals_of(
    "goal_sources", "Visits that reached a goal, by how the visitor came", REFERRERS, "acquisition"
)
GOAL_CAMPAIGNS: Final = _goals_of("goal_campaigns", "Visits that reached a goal, by campaign", CAMPAIGNS, "acquisition")
GOAL_ENTRIES: Final = _goals_of(
    "goal_entries", "Visits that reached a goal, by the page that they began with", PAGES, "page"
)

GOAL_TABLES: Final = (GOALS, GOAL_SOURCES, GOAL_CAMPAIGNS, GOAL_ENTRIES)
