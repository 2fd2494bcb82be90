"""The published tables of pairs of pages: what was viewed after what, and where visits began and ended."""

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
    name_of,
    sums,
)
from footfall.transforms.tables.visit_tables import PAGES, SPAN_KEYS
from footfall.transforms.vocabulary import OTHER

FEW: Final = -1
"""The code of rows of several pairs, which have no second page."""


def _pairs(name: str, comment: str, first: str, second: Column, visits: str) -> Table:
    """Declare a table of pairs of pages, which is folded within `pages` by the first one."""
    return Table(
        name,
        f"{comment}, folded within the rows of pages; rounded down to multiples of k",
        (*SPAN_KEYS, Column("page", "VARCHAR", first), second),
        (Column("visits", "BIGINT", f"{visits}; rounded down to a multiple of k"),),
        (
            PartialTable(
                name,
                {**DAY_SITE_KEYS, "page": pa.uint64(), second.name: pa.uint64(), "pair": pa.uint64()},
                {**sums("visits"), **at_least("visitors")},
            ),
        ),
        cells=Cells(
            (
                name_of("page", "page"),
                Published(
                    {second.name: f"CASE WHEN t.{second.name} IS NULL THEN '{OTHER}' ELSE m.text END"},
                    f"LEFT JOIN p_names m ON m.id = t.{second.name}",
                ),
            ),
            "t.pair",
            f"CASE WHEN t.{second.name} IS NULL THEN {FEW} ELSE 0 END",
            items=True,
        ),
        levels=({second.name: f"'{OTHER}'"}, {"page": f"'{OTHER}'"}),
        within=PAGES,
        crossed=second.name,
        since=4,
    )


TRANSITIONS: Final = _pairs(
    "transitions",
    "Visits by two pages of which the second was viewed directly after the first",
    "Page, as in pages",
    Column("next_page", "VARCHAR", "Page viewed next; (other) for those that few visitors went to"),
    "Visits that went from the one to the other",
)
ENTRY_EXITS: Final = _pairs(
    "entry_exits",
    "Visits of two page views or more by the pages that they began and ended with",
    "Entry page, as in pages",
    Column("exit_page", "VARCHAR", "Exit page; (other) for those with which few visitors ended"),
    "Visits that began with the one and ended with the other",
)

PAIR_TABLES: Final = (TRANSITIONS, ENTRY_EXITS)
