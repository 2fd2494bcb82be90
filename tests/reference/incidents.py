"""Incidents of the section "Errors, availability, latency, incidents" of the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tests.reference.lines import Hit

MINUTE_MS = 60_000


@dataclass(frozen=True)
class Incident:
    """A time in which the site did not answer as it should; `ended_ms` is the first instant after it."""

    kind: str
    started_ms: int
    ended_ms: int
    hits: int
    hits_5xx: int


def find_incidents(hits: Iterable[Hit]) -> list[Incident]:
    """The incidents of one site from its human and monitor hits."""
    per_minute: Counter[int] = Counter()
    per_minute_5xx: Counter[int] = Counter()
    for hit in hits:
        per_minute[hit.time_ms // MINUTE_MS] += 1
        per_minute_5xx[hit.time_ms // MINUTE_MS] += 500 <= hit.status <= 599
    spans = [("errors", first, end) for first, end in error_spans(per_minute, per_minute_5xx)]
    spans += [("silence", first, end) for first, end in silent_spans(per_minute)]
    return [
        Incident(
            kind=kind,
            started_ms=first * MINUTE_MS,
            ended_ms=end * MINUTE_MS,
            hits=0 if kind == "silence" else count_in(per_minute, first, end),
            hits_5xx=0 if kind == "silence" else count_in(per_minute_5xx, first, end),
        )
        for kind, first, end in spans
    ]


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


def silent_spans(per_minute: Counter[int]) -> list[tuple[int, int]]:
    """First silent minute and minute of the next hit, of silences in which 20 hits were to be expected."""
    spans = []
    minutes = sorted(per_minute)
    for before, after in pairwise(minutes):
        first, length = before + 1, after - before - 1
        if length >= 5:
            per_hour = min(count_in(per_minute, first - 60, first), count_in(per_minute, after, after + 60))
            if per_hour * length >= 20 * 60:
                spans.append((first, after))
    return spans


def count_in(per_minute: Counter[int], first: int, end: int) -> int:
    """How many there were from minute `first` up to and without `end`."""
    return sum(per_minute[minute] for minute in range(first, end))
