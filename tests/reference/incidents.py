"""Incidents of the section "Errors, availability, latency, incidents" of the definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from statistics import median

from tests.reference.describe import Described

MINUTE_MS = 60_000
Client = tuple[str, str, str | None]


@dataclass(frozen=True)
class Incident:
    """A time in which the site did not answer as it should; `ended_ms` is the first instant after it."""

    kind: str
    started_ms: int
    ended_ms: int
    hits: int
    hits_5xx: int


def find_incidents(hits: Iterable[Described], k: int) -> list[Incident]:
    """The incidents of one site from all its hits."""
    per_minute: Counter[int] = Counter()
    per_minute_5xx: Counter[int] = Counter()
    monitors: Counter[int] = Counter()
    asked: dict[int, bool] = {}
    clients: defaultdict[int, set[Client]] = defaultdict(set)
    for described in hits:
        hit, minute = described.hit, described.hit.time_ms // MINUTE_MS
        if described.traffic_class in ("human", "monitor"):
            per_minute[minute] += 1
            per_minute_5xx[minute] += 500 <= hit.status <= 599
        monitors[minute] += described.traffic_class == "monitor"
        asked[minute] = asked.get(minute, False) or described.traffic_class in ("probe", "monitor", "bot")
        if described.traffic_class == "human":
            clients[minute // 60].add(described.client)
    incidents = [
        Incident(
            kind="errors",
            started_ms=first * MINUTE_MS,
            ended_ms=end * MINUTE_MS,
            hits=count_in(per_minute, first, end),
            hits_5xx=count_in(per_minute_5xx, first, end),
        )
        for first, end in error_spans(per_minute, per_minute_5xx)
    ]
    for first, end in silent_spans(asked, per_minute, monitors, clients, k):
        started = first if asked[first - 1] else first - first % 60
        ended = end if asked[end] else end + -end % 60
        incidents.append(Incident("silence", started * MINUTE_MS, ended * MINUTE_MS, 0, 0))
    return incidents


def error_spans(per_minute: Counter[int], per_minute_5xx: Counter[int]) -> list[tuple[int, int]]:
    """First minute and minute after the last of runs of bad minutes; gaps of up to two minutes are bridged."""
    bad = sorted(minute for minute, count in per_minute_5xx.items() if count >= 5 and count * 10 >= per_minute[minute])
    spans: list[tuple[int, int]] = []
    for minute in bad:
        if spans and minute - spans[-1][1] <= 2:
            spans[-1] = (spans[-1][0], minute + 1)
        else:
            spans.append((minute, minute + 1))
    return spans


def silent_spans(
    asked: Mapping[int, bool],
    per_minute: Counter[int],
    monitors: Counter[int],
    clients: Mapping[int, set[Client]],
    k: int,
) -> list[tuple[int, int]]:
    """First silent minute and minute of the next hit of any class, of silences where 20 were to be expected."""
    spans = []
    minutes = sorted(asked)
    for before, after in pairwise(minutes):
        first, length = before + 1, after - before - 1
        if length < 5:
            continue
        hours = (first // 60 - 1, (after - 1) // 60 + 1)
        if min(len(clients.get(hour, set())) for hour in hours) < max(k, 10):
            continue
        expected = min(length * arrivals(hour * 60, hour * 60 + 60, clients, monitors) / 60 for hour in hours)
        others = [
            (first + day * 1440, after + day * 1440)
            for day in range(-14, 15)
            if day and minutes[0] < first + day * 1440 and after + day * 1440 <= minutes[-1]
        ]
        if len(others) < 6:
            is_outage = expected >= 60
        else:
            usual = median(arrivals(*other, clients, monitors) for other in others)
            is_outage = min(expected, usual, median(count_in(per_minute, *other) for other in others)) >= 20
        if is_outage:
            spans.append((first, after))
    return spans


def arrivals(first: int, end: int, clients: Mapping[int, set[Client]], monitors: Counter[int]) -> Fraction:
    """People, each once an hour and spread evenly over it, and hits of monitors, from minute `first` up to `end`."""
    people = sum(Fraction(len(clients.get(minute // 60, set())), 60) for minute in range(first, end))
    return people + count_in(monitors, first, end)


def count_in(per_minute: Counter[int], first: int, end: int) -> int:
    """How many there were from minute `first` up to and without `end`."""
    return sum(per_minute[minute] for minute in range(first, end))
