"""Finds incidents: minutes with many server errors, and silence when traffic is expected (`docs/definitions.md`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Columns, Ints
from footfall.transforms.values.local_days import EPOCH, LocalDays

MIN_ERRORS: Final = 5
MIN_ERROR_SHARE: Final = 0.1
MAX_GAP_MINUTES: Final = 2
MIN_SILENT_MINUTES: Final = 5
MIN_EXPECTED_ARRIVALS: Final = 20
"""People come independently: that nobody does where 20 are expected has a probability of 1 in 500 million."""
SEVERAL_CLIENTS: Final = 10
"""Clients that must have asked before and after a silence; *k*, if that is more."""
MANY: Final = 3
"""How many times as many arrivals are needed where other days do not show what is usual at this time of the day."""
OTHER_DAYS: Final = 14
"""Days before and after a silence whose same minutes are compared."""
MIN_OTHER_DAYS: Final = 6
"""With fewer, a run does not know what is usual at this time of the day."""
_HOUR_MINUTES: Final = 60
_DAY_MINUTES: Final = 24 * _HOUR_MINUTES
_TIMES: Final = ("started", "ended", "started_local", "ended_local")

_SCHEMA: Final = pa.schema(
    [
        ("day", pa.date32()),
        ("site", pa.string()),
        ("started", pa.timestamp("us")),
        ("ended", pa.timestamp("us")),
        ("started_local", pa.timestamp("us")),
        ("ended_local", pa.timestamp("us")),
        ("kind", pa.string()),
        ("hits", pa.int64()),
        ("hits_5xx", pa.int64()),
    ]
)


def find_incidents(
    minutes: pa.Table, visitors: pa.Table, asking: pa.Table, names: pa.Table, days: LocalDays, k: int
) -> pa.Table:
    """Return the incidents of all sites that may be published: their hits, if any are human, only of at least k people.

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
        incidents = list(find_site_incidents(columns, asked, days, k))
        spans = [_span_of(incident) for incident in incidents if incident["kind"] == "errors"]
        people = _People(columns, met, spans, days)
        for incident in incidents:
            is_silence = incident["kind"] == "silence"
            shown = incident if is_silence else _hide_few(incident, people, *_span_of(incident), k)
            if shown is not None:
                rows.append({"site": texts[int(site)], **shown})
    return pa.Table.from_pylist(rows, schema=_SCHEMA)


class _People:
    """What people did at a site in the minutes of its incidents, and in the hours around these."""

    def __init__(self, minutes: Columns, met: Columns, spans: Iterable[tuple[int, int]], days: LocalDays) -> None:
        """`minutes` are sorted; `spans` are the first minute of each run of errors, and the minute after its last."""
        self._days = days
        self._minute: Ints = minutes["minute"]
        self._hour = days.local_hours(self._minute * 60_000)
        self._met = {
            **met,
            "day": days.days_of(met["minute"] * 60_000),
            "day_before": days.days_of(met["minute_before"] * 60_000),
        }
        is_outside = np.ones(len(self._minute), dtype=np.int64)
        for first, end in spans:
            is_outside[slice(*np.searchsorted(self._minute, [first, end]))] = 0
        self._before = {name: np.append(0, np.cumsum(minutes[f"human_{name}"])) for name in ("hits", "hits_5xx")}
        self._outside_before = {
            name: np.append(0, np.cumsum(is_outside * minutes[f"human_{name}"])) for name in self._before
        }

    def count(self, name: str, first: int, end: int) -> int:
        """Return their hits, or those of 5xx, from minute `first` to `end`."""
        return _count(self._minute, self._before[name], first, end)

    def count_outside(self, name: str, first: int, end: int) -> int:
        """Return their hits in the local hours of these minutes that are in no run of errors."""
        begin, stop = np.searchsorted(self._minute, [first, end])
        rows = (
            np.searchsorted(self._hour, self._hour[begin]),
            np.searchsorted(self._hour, self._hour[stop - 1], "right"),
        )
        return int(np.diff(self._outside_before[name][list(rows)])[0])

    def count_whole_hours(self, name: str, first: int, end: int) -> int:
        """Return their hits in the local hours that are wholly within these minutes."""
        before, after = self._days.local_hours(np.array([first - 1, end]) * 60_000)
        rows = np.searchsorted(self._hour, before, "right"), np.searchsorted(self._hour, after)
        return max(0, int(np.diff(self._before[name][list(rows)])[0]))

    def count_visitors(self, first: int, end: int) -> tuple[int, Ints]:
        """Return how many met the errors from minute `first` to `end`, and how many on each day on which some did."""
        is_in = (self._met["minute"] >= first) & (self._met["minute"] < end)
        is_first = is_in & (self._met["minute_before"] < first)
        is_first_of_day = is_first | is_in & (self._met["day_before"] < self._met["day"])
        by_day = np.array(
            [
                self._met["visitors"][is_first_of_day & (self._met["day"] == day)].sum()
                for day in np.unique(self._met["day"][is_in])
            ],
            dtype=np.int64,
        )
        return int(self._met["visitors"][is_first].sum()), by_day


def _hide_few(incident: dict[str, Any], people: _People, first: int, end: int, k: int) -> dict[str, Any] | None:
    """Return what is published of a run of errors; None if it affected only few people.

    Its hits are of at least as many people as its errors.
    """
    visitors, by_day = people.count_visitors(first, end)
    human = {name: people.count(name, first, end) for name in ("hits", "hits_5xx")}
    if visitors < k and incident["hits_5xx"] == human["hits_5xx"]:
        return None
    # Whoever subtracts the errors of one day is left with those of the other.
    if visitors < k or by_day.min() < k:
        return {**incident, **{name: None for name, count in human.items() if count}}
    return {**incident, **_round_down(incident, people, first, end, k, least=k * len(by_day))}


def _round_down(
    incident: dict[str, Any], people: _People, first: int, end: int, k: int, least: int
) -> dict[str, int | None]:
    """Return its hits as multiples of k; the exact ones, less those of hours or days, would be those of few people.

    What hours have besides it, and what it has besides whole hours, stay unknown by k/2 hits. Less than `least` are
    not published, since so many are certain.
    """
    exact = {name: incident[name] for name in ("hits", "hits_5xx")}
    if k == 1:
        return exact
    shown = {name: count - count % k for name, count in exact.items()}
    if any(2 * (exact[name] - shown[name] + people.count_outside(name, first, end)) < k for name in exact):
        shown = {name: count - k for name, count in shown.items()}
    for name, count in shown.items():
        whole = people.count_whole_hours(name, first, end)
        edges = people.count(name, first, end) - whole
        most = edges + count + k - 1 - exact[name]
        if count < least or (whole and 2 * most < k):
            return dict.fromkeys(exact)
    return dict(shown)


def _span_of(incident: dict[str, Any]) -> tuple[int, int]:
    """Return the first minute of an incident, and the minute after its last one."""
    return _minute_of(incident["started"]), _minute_of(incident["ended"])


def _minute_of(time: datetime) -> int:
    return int(time.replace(tzinfo=UTC).timestamp()) // 60


def find_site_incidents(minutes: Columns, asking: Columns, days: LocalDays, k: int) -> Iterator[dict[str, Any]]:
    """Yield the incidents of one site; `minutes` are sorted and contain only minutes with hits of any class."""
    minute, hits, errors = minutes["minute"], minutes["hits"], minutes["hits_5xx"]
    hits_before, errors_before = (np.concatenate([[0], np.cumsum(column)]) for column in (hits, errors))
    spans = [("errors", first, end, first, end) for first, end in _error_spans(minute, hits, errors)]
    usual = _Usual(minutes, asking)
    for row in np.flatnonzero(np.diff(minute) > MIN_SILENT_MINUTES):
        first, end = int(minute[row]) + 1, int(minute[row + 1])
        if usual.is_outage(first, end, k):
            # The time of one person's hit is not published.
            started = first if minutes["machine_hits"][row] else first // 60 * 60
            ended = end if minutes["machine_hits"][row + 1] else -(-end // 60) * 60
            spans.append(("silence", first, end, started, ended))
    for kind, first, end, started, ended in spans:
        instants = np.array([started, ended]) * 60_000
        times, local_times = instants.tolist(), days.local_times(instants).tolist()
        yield {
            "day": EPOCH + timedelta(milliseconds=local_times[0]),
            **{
                name: datetime.fromtimestamp(time / 1000, UTC).replace(tzinfo=None)
                for name, time in zip(_TIMES, (*times, *local_times), strict=True)
            },
            "kind": kind,
            "hits": _count(minute, hits_before, first, end),
            "hits_5xx": _count(minute, errors_before, first, end),
        }


def _count(minute: Ints, before: Ints, first: int, end: int) -> int:
    """Return the hits from minute `first` to `end`; `before` has those before each row."""
    begin, stop = np.searchsorted(minute, [first, end])
    return int(before[stop] - before[begin])


class _Usual:
    """How many arrive at a site: people, each once an hour of UTC, and hits of monitors.

    Hits of people are no measure of it, since those of a visit come together.
    """

    def __init__(self, minutes: Columns, asking: Columns) -> None:
        self._minute: Ints = minutes["minute"]
        self._hits_before: Ints = np.concatenate([[0], np.cumsum(minutes["hits"])])
        self._monitors_before: Ints = np.concatenate([[0], np.cumsum(minutes["hits"] - minutes["human_hits"])])
        self._people: dict[int, int] = {}
        for hour, visitors in zip(asking["hour"].tolist(), asking["visitors"].tolist(), strict=True):
            self._people[hour] = self._people.get(hour, 0) + visitors

    def is_outage(self, first: int, end: int, k: int) -> bool:
        """Return whether silence from minute `first` to `end` is none that is to be expected now and then."""
        around = (first // _HOUR_MINUTES - 1, (end - 1) // _HOUR_MINUTES + 1)
        if min(self._people.get(hour, 0) for hour in around) < max(k, SEVERAL_CLIENTS):
            return False
        # Times 60, so that all numbers are whole.
        needed = MIN_EXPECTED_ARRIVALS * _HOUR_MINUTES
        expected = (end - first) * min(self._count(hour * _HOUR_MINUTES, _HOUR_MINUTES) for hour in around)
        if expected < needed * _HOUR_MINUTES:
            return False
        shifts = [_DAY_MINUTES * day for day in range(-OTHER_DAYS, OTHER_DAYS + 1) if day]
        others = [
            (
                self._count(first + shift, end - first),
                _count(self._minute, self._hits_before, first + shift, end + shift),
            )
            for shift in shifts
            if self._minute[0] < first + shift and end + shift <= self._minute[-1]
        ]
        if len(others) < MIN_OTHER_DAYS:
            return expected >= MANY * needed * _HOUR_MINUTES
        arrivals, hits = np.median(np.array(others), axis=0).tolist()
        return bool(arrivals >= needed and hits >= MIN_EXPECTED_ARRIVALS)

    def _count(self, first: int, length: int) -> int:
        """Return 60 times the arrivals in some minutes; of a part of an hour, that part of its people."""
        end = first + length
        people = 0
        for hour in range(first // _HOUR_MINUTES, -(-end // _HOUR_MINUTES)):
            begin = hour * _HOUR_MINUTES
            people += self._people.get(hour, 0) * (min(end, begin + _HOUR_MINUTES) - max(first, begin))
        return people + _HOUR_MINUTES * _count(self._minute, self._monitors_before, first, end)


def _error_spans(minutes: Ints, hits: Ints, errors: Ints) -> Iterator[tuple[int, int]]:
    """Yield the first minute and the minute after the last of each run of bad minutes; a run may have short gaps."""
    bad = minutes[(errors >= MIN_ERRORS) & (errors >= MIN_ERROR_SHARE * hits)]
    if len(bad) == 0:
        return
    breaks = np.flatnonzero(np.diff(bad) > MAX_GAP_MINUTES + 1) + 1
    for run in np.split(bad, breaks):
        yield int(run[0]), int(run[-1]) + 1
