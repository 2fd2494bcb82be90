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
SEVERAL_CLIENTS: Final = 10
"""Clients that must have asked before and after a silence; *k*, if that is more."""
MANY: Final = 3
"""How many times as many must have where other days do not tell what is usual at this time of the day."""
OTHER_DAYS: Final = 14
"""Days before and after a silence whose same minutes are compared."""
MIN_OTHER_DAYS: Final = 6
"""With fewer, a run does not know what is usual at this time of the day."""
_DAY_MINUTES: Final = 24 * 60

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


def find_incidents(
    minutes: pa.Table, visitors: pa.Table, asking: pa.Table, names: pa.Table, days: LocalDays, k: int
) -> pa.Table:
    """Return the incidents of all sites that may be told: their hits, if any are human, only of at least k people.

    `minutes`, `visitors` and `asking` are the partial tables `minutes`, `error_visitors` and `asking_visitors`.
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
        is_asking = asking["site"].to_numpy() == site
        asked = {name: asking[name].to_numpy()[is_asking] for name in asking.column_names}
        for incident in find_site_incidents(columns, asked, days, k):
            first, end = (_minute_of(incident[name]) for name in ("started", "ended"))
            is_silence = incident["kind"] == "silence"
            told = incident if is_silence else _tell(incident, *_count_people(columns, met, first, end), k)
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


def find_site_incidents(minutes: Columns, asking: Columns, days: LocalDays, k: int) -> Iterator[dict[str, Any]]:
    """Yield the incidents of one site; `minutes` are sorted and contain only minutes with hits of any class."""
    minute, hits, errors = minutes["minute"], minutes["hits"], minutes["hits_5xx"]
    hits_before, errors_before = (np.concatenate([[0], np.cumsum(column)]) for column in (hits, errors))
    spans = [("errors", first, end, first, end) for first, end in _error_spans(minute, hits, errors)]
    for row in np.flatnonzero(np.diff(minute) > MIN_SILENT_MINUTES):
        first, end = int(minute[row]) + 1, int(minute[row + 1])
        if _is_outage(minute, hits_before, asking, first, end, k):
            # When one person asked is nobody's business.
            started = first if minutes["machine_hits"][row] else first // 60 * 60
            ended = end if minutes["machine_hits"][row + 1] else -(-end // 60) * 60
            spans.append(("silence", first, end, started, ended))
    for kind, first, end, started, ended in spans:
        local_day = int(days.local_hours(np.array([started * 60_000]))[0]) // 24
        yield {
            "day": EPOCH.fromordinal(EPOCH.toordinal() + local_day),
            "started": datetime.fromtimestamp(started * 60, UTC).replace(tzinfo=None),
            "ended": datetime.fromtimestamp(ended * 60, UTC).replace(tzinfo=None),
            "kind": kind,
            "hits": _count(minute, hits_before, first, end),
            "hits_5xx": _count(minute, errors_before, first, end),
        }


def _count(minute: Ints, before: Ints, first: int, end: int) -> int:
    """Return the hits from minute `first` to `end`; `before` has those before each row."""
    begin, stop = np.searchsorted(minute, [first, end])
    return int(before[stop] - before[begin])


def _is_outage(minute: Ints, hits_before: Ints, asking: Columns, first: int, end: int, k: int) -> bool:
    """Return whether nobody asked, machines included, although many were to be expected."""
    per_hour = min(
        _count(minute, hits_before, first - AROUND_MINUTES, first),
        _count(minute, hits_before, end, end + AROUND_MINUTES),
    )
    if per_hour * (end - first) < MIN_EXPECTED_HITS * AROUND_MINUTES:
        return False
    hour_before, hour_after = (first - 1) // 60, end // 60
    clients = min(
        _count_clients(asking, hour_before - 1, hour_before + 1), _count_clients(asking, hour_after, hour_after + 2)
    )
    several = max(k, SEVERAL_CLIENTS)
    others = _hits_of_other_days(minute, hits_before, first, end)
    if len(others) < MIN_OTHER_DAYS:
        return clients >= MANY * several
    return clients >= several and float(np.median(others)) >= MIN_EXPECTED_HITS


def _count_clients(asking: Columns, first: int, end: int) -> int:
    """Return how many clients were there in the hours from `first` to `end`."""
    is_in = (asking["hour"] >= first) & (asking["hour"] < end) & (asking["hour_before"] < first)
    return int(asking["visitors"][is_in].sum())


def _hits_of_other_days(minute: Ints, hits_before: Ints, first: int, end: int) -> list[int]:
    """Return the hits in the same minutes of the days around, as far as the site has hits before and after them."""
    shifts = [_DAY_MINUTES * day for day in range(-OTHER_DAYS, OTHER_DAYS + 1) if day]
    return [
        _count(minute, hits_before, first + shift, end + shift)
        for shift in shifts
        if minute[0] < first + shift and end + shift <= minute[-1]
    ]


def _error_spans(minutes: Ints, hits: Ints, errors: Ints) -> Iterator[tuple[int, int]]:
    """Yield the first minute and the minute after the last of each run of bad minutes; a run may have short gaps."""
    bad = minutes[(errors >= MIN_ERRORS) & (errors >= MIN_ERROR_SHARE * hits)]
    if len(bad) == 0:
        return
    breaks = np.flatnonzero(np.diff(bad) > MAX_GAP_MINUTES + 1) + 1
    for run in np.split(bad, breaks):
        yield int(run[0]), int(run[-1]) + 1
