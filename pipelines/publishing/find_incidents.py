"""Finds incidents: minutes with many server errors, and silence when traffic is expected (`docs/definitions.md`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Ints
from footfall.transforms.values.local_days import EPOCH, LocalDays

MIN_ERRORS: Final = 5
MIN_ERROR_SHARE: Final = 0.1
MAX_GAP_MINUTES: Final = 2
MIN_SILENT_MINUTES: Final = 5
MIN_EXPECTED_HITS: Final = 20
"""If hits are independent, no hits where 20 are expected has a probability of 1 in 500 million."""
AROUND_MINUTES: Final = 60

_SCHEMA: Final = pa.schema(
    [
        ("day", pa.date32()),
        ("site", pa.string()),
        ("started", pa.timestamp("us")),
        ("ended", pa.timestamp("us")),
        ("kind", pa.string()),
        ("hits", pa.int64()),
        ("hits_5xx", pa.int64()),
    ]
)


def find_incidents(minutes: pa.Table, names: pa.Table, days: LocalDays) -> pa.Table:
    """Return the incidents of all sites.

    `minutes` has the columns site, minute (since 1970), hits and hits_5xx; it counts humans and monitors.
    """
    texts = dict(zip(names["id"].to_pylist(), names["text"].to_pylist(), strict=True))
    site_column = minutes["site"].to_numpy()
    rows = []
    for site in np.unique(site_column):
        own = site_column == site
        minute, hits, errors = (minutes[name].to_numpy()[own] for name in ("minute", "hits", "hits_5xx"))
        order = np.argsort(minute)
        rows += [
            {"site": texts[int(site)], **incident}
            for incident in find_site_incidents(minute[order], hits[order], errors[order], days)
        ]
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def find_site_incidents(minutes: Ints, hits: Ints, errors: Ints, days: LocalDays) -> Iterator[dict[str, object]]:
    """Yield the incidents of one site; `minutes` are sorted and contain only minutes with hits."""
    hits_before, errors_before = (np.concatenate([[0], np.cumsum(column)]) for column in (hits, errors))

    def count(before: Ints, first: int, end: int) -> int:
        begin, stop = np.searchsorted(minutes, [first, end])
        return int(before[stop] - before[begin])

    spans = [("errors", first, end) for first, end in _error_spans(minutes, hits, errors)]
    silent_after = np.flatnonzero(np.diff(minutes) > MIN_SILENT_MINUTES)
    for row in silent_after:
        first, end = int(minutes[row]) + 1, int(minutes[row + 1])
        before = count(hits_before, first - AROUND_MINUTES, first)
        after = count(hits_before, end, end + AROUND_MINUTES)
        if min(before, after) * (end - first) >= MIN_EXPECTED_HITS * AROUND_MINUTES:
            spans.append(("silence", first, end))
    for kind, first, end in spans:
        local_day = int(days.local_hours(np.array([first * 60_000]))[0]) // 24
        yield {
            "day": EPOCH.fromordinal(EPOCH.toordinal() + local_day),
            "started": datetime.fromtimestamp(first * 60, UTC).replace(tzinfo=None),
            "ended": datetime.fromtimestamp(end * 60, UTC).replace(tzinfo=None),
            "kind": kind,
            "hits": count(hits_before, first, end),
            "hits_5xx": count(errors_before, first, end),
        }


def _error_spans(minutes: Ints, hits: Ints, errors: Ints) -> Iterator[tuple[int, int]]:
    """Yield the first minute and the minute after the last of each run of bad minutes; a run may have short gaps."""
    bad = minutes[(errors >= MIN_ERRORS) & (errors >= MIN_ERROR_SHARE * hits)]
    if len(bad) == 0:
        return
    breaks = np.flatnonzero(np.diff(bad) > MAX_GAP_MINUTES + 1) + 1
    for run in np.split(bad, breaks):
        yield int(run[0]), int(run[-1]) + 1
