"""Finds incidents: minutes with many server errors, and silence when traffic is expected (`docs/definitions.md`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Columns, Ints
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


def find_incidents(minutes: pa.Table, visitors: pa.Table, names: pa.Table, days: LocalDays, k: int) -> pa.Table:
    """Return the incidents of all sites that may be told: their hits, if any are human, only of at least k people.

    `minutes` and `visitors` are the partial tables `minutes`, of humans and monitors, and `error_visitors`.
    """
    texts = dict(zip(names["id"].to_pylist(), names["text"].to_pylist(), strict=True))
    site_column = minutes["site"].to_numpy()
    rows = []
    for site in np.unique(site_column):
        own = site_column == site
        columns = {name: minutes[name].to_numpy()[own] for name in minutes.column_names}
        order = np.argsort(columns["minute"])
        columns = {name: column[order] for name, column in columns.items()}
        is_met = visitors["site"].to_numpy() == site
        met = {name: visitors[name].to_numpy()[is_met] for name in visitors.column_names}
        for incident in find_site_incidents(columns["minute"], columns["hits"], columns["hits_5xx"], days):
            first, end = (_minute_of(incident[name]) for name in ("started", "ended"))
            told = _tell(incident, *_count_people(columns, met, first, end), k)
            if told is not None:
                rows.append({"site": texts[int(site)], **told})
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


def _count_people(minutes: Columns, met: Columns, first: int, end: int) -> tuple[int, int, int]:
    """Return the human hits of the minutes from `first` to `end`, those of 5xx, and how many people made these."""
    begin, stop = np.searchsorted(minutes["minute"], [first, end])
    is_in = (met["minute"] >= first) & (met["minute"] < end) & (met["minute_before"] < first)
    return (
        int(minutes["human_hits"][begin:stop].sum()),
        int(minutes["human_hits_5xx"][begin:stop].sum()),
        int(met["visitors"][is_in].sum()),
    )


def _tell(
    incident: dict[str, Any], human_hits: int, human_hits_5xx: int, visitors: int, k: int
) -> dict[str, Any] | None:
    """Return what is told of an incident; None if it is one of few people.

    At least as many people as met its errors have made its hits.
    """
    if visitors >= k:
        return incident
    if incident["kind"] == "errors" and incident["hits_5xx"] == human_hits_5xx:
        return None
    return {
        **incident,
        "hits": None if human_hits else incident["hits"],
        "hits_5xx": None if human_hits_5xx else incident["hits_5xx"],
    }


def _minute_of(time: datetime) -> int:
    return int(time.replace(tzinfo=UTC).timestamp()) // 60


def find_site_incidents(minutes: Ints, hits: Ints, errors: Ints, days: LocalDays) -> Iterator[dict[str, Any]]:
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
