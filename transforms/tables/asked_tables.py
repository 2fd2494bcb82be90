"""The published tables that tell what hits asked for."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.tables.declaring import (
    NUMBER_OF_HITS,
    Column,
    HitKey,
    HitMeasure,
    Published,
    Table,
    Total,
    count_hits_by,
)
from footfall.transforms.tables.hit_tables import (
    BY_CLASS,
    BY_DAY,
    BY_SITE,
    BYTES_OF_DAY,
    CLASS_COLUMN,
    DAY_COLUMN,
    SITE_COLUMN,
)
from footfall.transforms.vocabulary import ASKED_KINDS

PAGE_VIEW_KIND: Final = ASKED_KINDS.index("page_view")

BY_KIND: Final = HitKey(
    3,
    lambda hits: np.where(hits.is_page_view, np.uint8(PAGE_VIEW_KIND), hits.kind),
    {"kind": pa.uint8()},
    lambda codes, _: {"kind": codes},
    Published({"kind": f"{list(ASKED_KINDS)}[t.kind + 1]"}),
)

KINDS: Final = Table(
    "kinds",
    "Hits by what they asked for and traffic class",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column(
            "kind",
            "VARCHAR",
            "page_view, document (that made no page view), asset (images, scripts, styles, fonts), api, background "
            "(what programs ask for by themselves) or download; (unknown) without a path, (other) for kinds that few "
            "people asked for",
        ),
        CLASS_COLUMN,
    ),
    (
        Column("hits", "BIGINT", "Logged requests"),
        Column("bytes_sent", "BIGINT", f"Bytes sent to clients; {BYTES_OF_DAY}"),
    ),
    (
        count_hits_by(
            "kinds",
            (BY_DAY, BY_SITE, BY_KIND, BY_CLASS),
            {"hits": NUMBER_OF_HITS, "bytes_sent": HitMeasure(lambda hits: hits.bytes_sent)},
        ),
    ),
    sql="FROM told_kinds",
    totals=(Total("hits", "days", "sum(hits)"),),
    since=4,
    protection=(
        "kinds of fewer than *k* visitors are `(other)`, which takes in the smallest until it has *k*, page views at "
        "last; bytes as in `traffic`"
    ),
)

ASKED_TABLES: Final = (KINDS,)
