"""All published tables, in the order of the docs, and the partial tables that they are made from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import pyarrow as pa

from footfall.transforms.tables.asked_tables import ASKED_TABLES
from footfall.transforms.tables.behaviour_tables import LEARNED_TABLES
from footfall.transforms.tables.declaring import PartialTable, Table, sums
from footfall.transforms.tables.goal_tables import GOAL_TABLES
from footfall.transforms.tables.hit_tables import HIT_TABLES
from footfall.transforms.tables.pair_tables import PAIR_TABLES
from footfall.transforms.tables.run_tables import RUN_TABLES
from footfall.transforms.tables.speed_tables import SPEED_TABLES
from footfall.transforms.tables.visit_tables import VISIT_TABLES
from footfall.transforms.tables.visitor_counts import VISITOR_COUNTS

SCHEMA_VERSION: Final = 4
"""The version of the published tables: raised when a table or column is added, whose `since` it becomes."""

TABLES: Final[tuple[Table, ...]] = (
    *HIT_TABLES,
    *VISIT_TABLES,
    *GOAL_TABLES,
    *PAIR_TABLES,
    *ASKED_TABLES,
    *SPEED_TABLES,
    *RUN_TABLES,
)
TABLES_BY_NAME: Final = {table.name: table for table in TABLES}

_HELPING: Final = (
    # Names by digest, and how many hits of people have them: see `hits.used_names`.
    PartialTable("names", {"id": pa.uint64(), "text": pa.string()}, sums("uses")),
    # Number of names that fewer than k hits have, by share of the names.
    PartialTable("rare_names", {"share": pa.int32()}, sums("names")),
    # Number of rows of LEARNED_TABLES that were left out because a day had too many: see `behaviour.keep_heaviest`.
    PartialTable("unlearned", {"what": pa.string()}, sums("rows")),
    # Folders that pages were viewed in, by half of the digest of their name.
    PartialTable("folders", {"id": pa.uint32(), "text": pa.string()}, {}),
    # Identifiers of the run that stood in texts, by their fixed digests, and how many texts had each first.
    PartialTable("withheld", {"token": pa.uint64()}, sums("texts")),
    # Files of digests of what identified visitors, and their key, sealed for the publisher.
    PartialTable("met_files", {"path": pa.string(), "key": pa.binary()}, {}),
    # Files of the visits, and of the items that each had.
    PartialTable("visit_files", {"path": pa.string()}, {}),
    PartialTable("item_files", {"path": pa.string()}, {}),
    # Human hits by eight bits of digests of addresses and of clients: see `footfall.pipelines.inputs.detect_proxies`.
    PartialTable("address_spread", {"input": pa.int32(), "bucket": pa.int16()}, sums("address_hits", "client_hits")),
    *VISITOR_COUNTS,
    *LEARNED_TABLES,
)
"""Partial tables that no published table adds up."""


def _by_name(tables: Iterable[Table]) -> dict[str, PartialTable]:
    """Partial tables by name. Raises ValueError where two have one name, or a table is newer than SCHEMA_VERSION."""
    found: dict[str, PartialTable] = {}
    for table in tables:
        newest = max(table.since, *(column.since for column in table.columns))
        if newest > SCHEMA_VERSION:
            raise ValueError(
                f"table {table.name}: since version {newest}, expected at most {SCHEMA_VERSION}; raise that"
            )
        for partial in table.partials:
            if found.setdefault(partial.name, partial) is not partial:
                raise ValueError(f"table {table.name}: another partial table is called {partial.name}; rename this one")
    return found


PARTIAL_TABLES: Final[dict[str, PartialTable]] = {**_by_name(TABLES), **{partial.name: partial for partial in _HELPING}}

ITEM_TABLES: Final = tuple(table.name for table in TABLES if table.cells is not None and table.cells.items)
"""Tables in which one visit may stand in several rows, in the order in which the files of items have them."""
