"""The published tables of people's request times, by what they asked for."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from footfall.transforms.tables.asked_tables import NAMING
from footfall.transforms.tables.declaring import DAY_SITE_KEYS, Column, PartialTable, Table, sums
from footfall.transforms.tables.hit_tables import DAY_COLUMN, LATENCY, SITE_COLUMN

_EDGES: Final = tuple(
    Column(column.name, column.type, column.comment) for column in LATENCY.keys if column.name.endswith("_ms")
)
_COUNTED: Final = sums("hits", "visitors", "fastest", "slowest")
_HITS: Final = Column("hits", "BIGINT", "Requests of people in the bucket; rounded to a multiple of k")
_PROTECTION: Final = (
    "buckets are joined until they have *k* visitors, and rows begin where others end; {} of fewer visitors are not "
    "published, nor those of fewer than three rows on a day on which few visits cross midnight; rounded to a multiple "
    "of *k*"
)

KIND_LATENCY: Final = Table(
    "kind_latency",
    "Request times of people by day and kind of request, in histograms like those of latency; see percentile_ms",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column("kind", "VARCHAR", "As in kinds, such as page_view; those that few people asked for are left out"),
        *_EDGES,
    ),
    (_HITS,),
    (PartialTable("kind_latency", {**DAY_SITE_KEYS, "kind": pa.uint8(), "bucket": pa.uint16()}, _COUNTED),),
    sql="SELECT * EXCLUDE (sum, spare, room) FROM published_kind_latency",
    since=4,
    protection=_PROTECTION.format("kinds"),
)

PAGE_LATENCY: Final = Table(
    "page_latency",
    "Request times of page views by day and folder, in histograms like those of latency; see percentile_ms",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column(
            "page_group",
            "VARCHAR",
            "First folder of the page; / for pages that are in none. Folders that pages does not name, and those that "
            "few people visited on the day, are left out",
        ),
        *_EDGES,
    ),
    (_HITS,),
    (PartialTable("page_latency", {**DAY_SITE_KEYS, "folder": pa.uint32(), "bucket": pa.uint16()}, _COUNTED),),
    sql="SELECT * EXCLUDE (sum, spare, room) FROM published_page_latency",
    after=NAMING,
    since=4,
    protection=_PROTECTION.format("folders"),
)

SPEED_TABLES: Final = (KIND_LATENCY, PAGE_LATENCY)
