"""Writes a realistic, reproducible access log whose true totals are known.

It is the log of a shop with events and articles: visitors from about thirty countries with a few thousand different
user agents, varying over the day and the week, crawlers, monitors, programs and probes. It is simulated and written
hour by hour, so that memory does not grow with its length.

It contains hard cases that real logs have too, all rare:

- lines: cut within a field; two records on one line, after a cut and after a complete one; blank lines; a line longer
  than the limit and one of 9 KB within it; a message of the error log; invalid clients, times, statuses and sizes;
  bytes that are not UTF-8; escaped quotes (`\\x22`); requests `-` with 400 and 408, without protocol, TLS and SSH
  bytes; status 499; size `-`; IPv6;
- visits: over midnight; from shared addresses; two cookies of one address and user agent at the same time; a cookie
  that moves to a second client; a cookie kept for a later visit; without cookies; with a redirect before the first
  page; cut off by the end of the data;
- times: the UTC offset changes within a day when the time zone's clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import BinaryIO, Final
from zoneinfo import ZoneInfo

import numpy as np

from footfall.pipelines.sample.addresses import Addresses
from footfall.pipelines.sample.agents import build_agents
from footfall.pipelines.sample.hits import Hits, Servers
from footfall.pipelines.sample.lines import FORMATS, BrokenLines, LineWriter
from footfall.pipelines.sample.machines import Machines
from footfall.pipelines.sample.random_draws import RandomSource
from footfall.pipelines.sample.referrers import build_referrers
from footfall.pipelines.sample.site import build_site
from footfall.pipelines.sample.truth import Truth, TruthCounter
from footfall.pipelines.sample.visits import HITS_PER_VISIT, Visitors
from footfall.transforms.arrays import Ints

LOCATIONS: Final = Path(__file__).parents[2] / "geo_data" / "dbip-country-region.mmdb"
FIRST_DAY: Final = date(2026, 6, 1)

_HUMAN_SHARE: Final = 0.64
_HOUR_S: Final = 3600
_BY_HOUR: Final = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 13, 13, 14, 13, 12, 12, 12, 13, 14, 16, 17, 15, 10, 5)
_BY_WEEKDAY: Final = (1.0, 1.0, 1.02, 1.0, 0.95, 0.8, 0.85)


@dataclass(frozen=True)
class _Hour:
    """A period of at most an hour, with the traffic due at its beginning and end."""

    begin_s: int
    end_s: int
    human_before: float
    human_until: float
    """Shares of all human traffic before its beginning and before its end."""
    passed: float
    """Share of the log's duration before its end."""
    ends_day: bool


def write_sample(
    output: BinaryIO | Path,
    lines: int,
    seed: int,
    days: int,
    log_format: str = "footfall",
    start: date = FIRST_DAY,
    timezone: str = "UTC",
    hard_cases: bool = True,
    locations: Path = LOCATIONS,
) -> Truth:
    """Write exactly `lines` lines over `days` days from `start` in `timezone`, and return their true figures.

    `log_format` is one of `FORMATS`. The same arguments and the same location database give the same log. Without
    `hard_cases`, every line is a hit, every size a number, and no visit is placed over midnight on purpose; logs of
    fewer than 1,000 lines have no broken lines anyway. Raises ValueError for invalid arguments.
    """
    if lines < 1 or days < 1:
        raise ValueError(f"sample: {lines} lines over {days} days; both must be at least 1")
    if log_format not in FORMATS:
        raise ValueError(f"sample: unknown log format {log_format!r}; expected one of {', '.join(FORMATS)}")
    fields = FORMATS[log_format]
    zone = ZoneInfo(timezone)
    rng = RandomSource(seed)
    day_starts_s = np.array([_midnight(start + timedelta(days=i), zone) for i in range(days + 1)], dtype=np.int64)
    begin_ms, end_ms = int(day_starts_s[0]) * 1000, int(day_starts_s[-1]) * 1000

    agents = build_agents(rng)
    site = build_site(rng, lines, fields.has_agent)
    referrers = build_referrers()
    addresses = Addresses(locations, rng, expected=1000 + lines // 9)
    servers = Servers(rng, site.requests, begin_ms, end_ms, hard_cases)
    machines = Machines(rng, site, agents, addresses, servers, lines, end_ms - begin_ms)
    known = (fields.has_agent, fields.has_cookie)
    visitors = Visitors(rng, site, agents, referrers, addresses, servers, known)
    counter = TruthCounter(site, agents, referrers, addresses.places, day_starts_s, known)
    broken = BrokenLines(rng, log_format, lines if hard_cases else 0, begin_ms, end_ms)
    writer = LineWriter(log_format, zone, site, agents, referrers)

    wanted = lines - broken.count
    generated = by_machines = by_people = 0  # human hits generated, written or not; hits written
    waiting: list[Hits] = []
    with _opened(output) as stream:
        for hour in _hours(day_starts_s, zone):
            span_ms = (hour.begin_s * 1000, hour.end_s * 1000)
            room = wanted - generated - by_machines
            planned = _planned_visits(wanted, hour.human_until) - _planned_visits(wanted, hour.human_before)
            made = visitors.visit(*span_ms, end_ms, planned, room, hard_cases and hour.ends_day)
            visitors.remember(made, counter.add_visits(made))
            generated += len(made.hits)
            people = Hits.joined([*waiting, made.hits])
            later = people.time_ms >= span_ms[1]
            waiting, people = [people.take(later)], people.take(~later)
            by_people += len(people)

            due = round(wanted * (_HUMAN_SHARE * hour.human_until + (1 - _HUMAN_SHARE) * hour.passed))
            room = wanted - generated - by_machines
            count = room if span_ms[1] == end_ms else min(room, max(0, due - by_people - by_machines))
            asked, machine = machines.ask(*span_ms, count)
            counter.add_machines(machine)
            by_machines += count

            hits = Hits.joined([people, asked])
            hits = hits.take(np.argsort(hits.time_ms, kind="stable"))
            rejects = broken.within(*span_ms)
            counter.add_written(hits, [line.reason for line in rejects])
            writer.write(stream, hits, rejects)
    return counter.truth(start, timezone)


@contextmanager
def _opened(output: BinaryIO | Path) -> Iterator[BinaryIO]:
    """Open a path, and close it at the end; a stream of the caller stays open."""
    if isinstance(output, Path):
        with output.open("wb") as stream:
            yield stream
    else:
        yield output


def _midnight(day: date, zone: ZoneInfo) -> int:
    """The first second of a day, counted from 1970-01-01 UTC."""
    return int(datetime.combine(day, time(), zone).timestamp())


def _planned_visits(hits: int, human_share: float) -> int:
    """How many visits have begun when this share of the human traffic has passed."""
    return round(hits * _HUMAN_SHARE * human_share / HITS_PER_VISIT)


def _hours(day_starts_s: Ints, zone: ZoneInfo) -> Iterator[_Hour]:
    """The hours of the log in order; human traffic is higher by day than by night, and lower at weekends."""
    begin_s, end_s = int(day_starts_s[0]), int(day_starts_s[-1])
    begins = range(begin_s, end_s, _HOUR_S)
    locals_ = [datetime.fromtimestamp(begin, zone) for begin in begins]
    weights = [_BY_HOUR[local.hour] * _BY_WEEKDAY[local.weekday()] for local in locals_]
    total, before = sum(weights), 0.0
    midnights = set(day_starts_s.tolist())
    for begin, weight in zip(begins, weights, strict=True):
        end = min(begin + _HOUR_S, end_s)
        until = before + weight
        passed = (end - begin_s) / (end_s - begin_s)
        yield _Hour(begin, end, before / total, until / total, passed, end in midnights and end < end_s)
        before = until
