"""The rows of human hits that visits are built from: what crosses from parsing to visits, all of it.

client, session: the run's keyed digests; site, page, location, technology, acquisition, phrase: fixed digests of public
texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Columns

VISIT_ROWS: Final = {
    "client": np.uint64,
    "session": np.uint64,
    "time_ms": np.int64,
    "site": np.uint64,
    "page": np.uint64,
    "location": np.uint64,
    "technology": np.uint64,
    "acquisition": np.uint64,
    "phrase": np.uint64,
    "status": np.int16,
    "flags": np.uint8,
}
NAME_COLUMNS: Final = ("page", "location", "technology", "acquisition", "phrase")
"""Digests of names, 0 for none; sites aside."""
SHORT_COLUMNS: Final = ("client", "session", "time_ms", "site", "flags")
"""All that is told of hits that are neither page view nor error, and of hits with a cookie where others are adopted."""

PAGE_VIEW, INTERNAL, FALLBACK, HAS_COOKIE, CAN_HAVE_COOKIE = 1, 2, 4, 8, 16
"""Bits of `flags`; CAN_HAVE_COOKIE: the log format has a field for it."""

PARTS, CLIENT_ROWS, SESSION_ROWS, PIECES = "parts", "client_rows", "session_rows", "pieces"
"""Outputs of steps: partial tables; references to buckets by client and by session; of each piece the latest time that
was read and the fingerprint of its key."""
SURVEYS, RANGES = "surveys", "ranges"
"""Outputs of the steps that find duplicates."""

WITHOUT_COOKIE, WITH_COOKIE = "without", "with"
"""Kinds of rows in files: of hits that brought a session cookie or none; in SHORT_COLUMNS with the ending SHORT."""
SHORT: Final = "_short"
ROW_SCHEMAS: Final = {
    kind + ending: pa.schema([(name, pa.from_numpy_dtype(VISIT_ROWS[name])) for name in columns])
    for kind in (WITHOUT_COOKIE, WITH_COOKIE)
    for ending, columns in (("", VISIT_ROWS), (SHORT, SHORT_COLUMNS))
}
"""Their columns in files."""


def join_kinds(kinds: Mapping[str, Columns]) -> Columns:
    """Rows of several kinds behind one another; columns that short ones lack are 0 there."""
    lengths = [len(own["client"]) for own in kinds.values()]
    return {
        name: np.concatenate(
            [own[name] if name in own else np.zeros(n, dtype) for own, n in zip(kinds.values(), lengths, strict=True)]
            or [np.zeros(0, dtype)]
        )
        for name, dtype in VISIT_ROWS.items()
    }


VISIT_ITEMS: Final = ("kind", "day", "site", "visit", "item", "code")
"""Columns of the files of items: the index in ITEM_TABLES, day, site, number of the visit, digest of page or phrase (0
for none), and its code: the status of an error, the finding of the cookie audit, else 0."""
