"""Rows of sessions for tests of visits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from footfall.transforms.arrays import Columns
from footfall.transforms.visits.visit_rows import CAN_HAVE_COOKIE, HAS_COOKIE, PAGE_VIEW, VISIT_ROWS

MINUTE_MS = 60_000
TIMEOUT_MS = 30 * MINUTE_MS
DAY_MS = 24 * 60 * MINUTE_MS
VIEW = PAGE_VIEW | HAS_COOKIE | CAN_HAVE_COOKIE
ASSET = HAS_COOKIE | CAN_HAVE_COOKIE


def rows_of(*hits: Mapping[str, int]) -> Columns:
    """VISIT_ROWS of hits; what is not given is a page view of session 1 by client 9 on site 5."""
    usual = {"client": 9, "session": 1, "site": 5, "status": 200, "flags": VIEW}
    return {
        name: np.array([{**usual, **hit}.get(name, 0) for hit in hits], dtype=kind) for name, kind in VISIT_ROWS.items()
    }


def at(minute: float, **columns: int) -> dict[str, int]:
    """A hit at a minute."""
    return {"time_ms": round(minute * MINUTE_MS), **columns}
