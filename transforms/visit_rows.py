"""The rows of human hits that visits are built from: what crosses from parsing to visits, all of it.

client, session: the run's keyed digests; site, page, place, technology, arrival, phrase: fixed digests of public texts.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Columns = dict[str, NDArray[Any]]
Words = NDArray[np.uint64]

VISIT_ROWS: Final = {
    "client": np.uint64,
    "session": np.uint64,
    "time_ms": np.int64,
    "site": np.uint64,
    "page": np.uint64,
    "place": np.uint64,
    "technology": np.uint64,
    "arrival": np.uint64,
    "phrase": np.uint64,
    "status": np.int16,
    "flags": np.uint8,
}
COOKIED_COLUMNS: Final = ("client", "session", "time_ms", "site", "flags")
"""What is known of a hit with a cookie where adoption is decided."""

PAGE_VIEW, INTERNAL, FALLBACK, HAS_COOKIE, CAN_HAVE_COOKIE = 1, 2, 4, 8, 16
"""Bits of `flags`; CAN_HAVE_COOKIE: the log format has a field for it."""

PARTS, CLIENT_ROWS, SESSION_ROWS, LAST_HIT = "parts", "client_rows", "session_rows", "last_hit"
"""Outputs of steps: partial tables, references to buckets by client and by session, the latest time that was read."""
SURVEYS, RANGES = "surveys", "ranges"
"""Outputs of the steps that find duplicates."""

BARE: Final = "bare"
"""Rows that came without a cookie."""
COOKIED: Final = "cookied"
"""Rows that brought one."""

FINDINGS: Final = ("reused", "shared", "long", "never_issued")
"""Of the cookie audit; the index is the code."""

ITEM_KINDS: Final = ("pages", "searches", "errors", "cookie_audit")
"""Tables in which one visit may stand in several rows; the index is the code."""
VISIT_ITEMS: Final = ("kind", "day", "site", "visit", "item", "code")
"""Columns of the files of items: a code of ITEM_KINDS, day, site, number of the visit, digest of page or phrase (0 for
none), and its code: the status of an error, the finding of the cookie audit, else 0."""
