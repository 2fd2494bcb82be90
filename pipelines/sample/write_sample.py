"""Writes a realistic, reproducible access log whose true totals are known.

The log is that of a shop with events and articles: visitors from some thirty countries with a few thousand kinds of
browsers, by day and by night, crawlers, monitors, libraries and probes. It is simulated and written hour by hour, so
that memory doesn't grow with its length.

Hard cases, all rare, that real logs have too:

- in the lines: torn within a field; two records on one line, after a torn and after a whole one; blank lines; a line
  longer than the limit and one of 9 KB within it; a message of the error log; clients, times, statuses and sizes that
  are none; bytes that aren't UTF-8; escaped quotes (`\\x22`); requests `-` with 400 and 408, without protocol, TLS and
  SSH bytes; status 499; size `-`; IPv6;
- in the visits: over midnight; from shared addresses; two cookies of one address and agent at the same time; a cookie
  that moves to a second client; a cookie kept for a later visit; no cookies at all; a redirect before the first page;
  cut by the end of the data;
- in time: the offset changes in the middle of a day where the time zone's clocks do.
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
from footfall.pipelines.sample.random_draws import Dice
from footfall.pipelines.sample.referrers import build_referrers
from footfall.pipelines.sample.site import build_site
from footfall.pipelines.sample.truth import Truth, TruthKeeper
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
    """A stretch of time of at most an hour and the hits that are due at its end."""

    begin_s: int
    end_s: int
    human_before: float
    human_until: float
    """How much of the people's traffic has passed at its beginning and at its end."""
    passed: float
    """How much of the time has passed at its end."""
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
    """Writes exactly `lines` lines over `days` days from `start` in `timezone` and tells what is true about them.

    `log_format` is one of `FORMATS`. The same arguments and the same location database give the same log. Without
    `hard_cases` every line is a hit, every size a number, and nobody is sent over midnight on purpose; lines that are
    no hits also need a log of 1,000 lines. ValueError for arguments that make no log.
    """
    if lines < 1 or days < 1:
        raise ValueError(f"sample: {lines} lines over {days} days; both must be at least 1.")
    if log_format not in FORMATS:
        raise ValueError(f"sample: unknown log format {log_format!r}; expected one of {', '.join(FORMATS)}.")
    fields = FORMATS[log_format]
    zone = ZoneInfo(timezone)
    dice = Dice(seed)
    day_starts_s = np.array([_midnight(start + timedelta(days=i), zone) for i in range(days + 1)], dtype=np.int64)
    begin_ms, end_ms = int(day_starts_s[0]) * 1000, int(day_starts_s[-1]) * 1000

    agents = build_agents(dice)
    site = build_site(dice, lines, fields.has_agent)
    referrers = build_referrers()
    addresses = Addresses(locations, dice, expected=1000 + lines // 9)
    servers = Servers(dice, site.requests, begin_ms, end_ms, hard_cases)
    machines = Machines(dice, site, agents, addresses, servers, lines, end_ms - begin_ms)
    known = (fields.has_agent, fields.has_cookie)
    visitors = Visitors(dice, site, agents, referrers, addresses, servers, known)
    keeper = TruthKeeper(site, agents, referrers, addresses.places, day_starts_s, known)
    broken = BrokenLines(dice, log_format, lines if hard_cases else 0, begin_ms, end_ms)
    writer = LineWriter(log_format, zone, site, agents, referrers)

    wanted = lines - broken.count
    promised = by_machines = by_people = 0  # people's hits that are made, if not written yet; hits that are written
    waiting: list[Hits] = []
    with _opened(output) as stream:
        for hour in _hours(day_starts_s, zone):
            span_ms = (hour.begin_s * 1000, hour.end_s * 1000)
            room = wanted - promised - by_machines
            planned = _planned_visits(wanted, hour.human_until) - _planned_visits(wanted, hour.human_before)
            made = visitors.visit(*span_ms, end_ms, planned, room, hard_cases and hour.ends_day)
            visitors.remember(made, keeper.add_visits(made))
            promised += len(made.hits)
            people = Hits.joined([*waiting, made.hits])
            later = people.time_ms >= span_ms[1]
            waiting, people = [people.take(later)], people.take(~later)
            by_people += len(people)

            due = round(wanted * (_HUMAN_SHARE * hour.human_until + (1 - _HUMAN_SHARE) * hour.passed))
            room = wanted - promised - by_machines
            count = room if span_ms[1] == end_ms else min(room, max(0, due - by_people - by_machines))
            asked, machine = machines.ask(*span_ms, count)
            keeper.add_machines(machine)
            by_machines += count

            hits = Hits.joined([people, asked])
            hits = hits.take(np.argsort(hits.time_ms, kind="stable"))
            misfits = broken.within(*span_ms)
            keeper.add_written(hits, [misfit.reason for misfit in misfits])
            writer.write(stream, hits, misfits)
    return keeper.truth(start, timezone)


@contextmanager
def _opened(output: BinaryIO | Path) -> Iterator[BinaryIO]:
    """A file of ours is closed in the end, a stream of the caller's is not."""
    if isinstance(output, Path):
        with output.open("wb") as stream:
            yield stream
    else:
        yield output


def _midnight(day: date, zone: ZoneInfo) -> int:
    """The first second of a day, since 1970 UTC."""
    return int(datetime.combine(day, time(), zone).timestamp())


def _planned_visits(hits: int, human_share: float) -> int:
    """How many visits are to have begun when so much of the people's traffic has passed."""
    return round(hits * _HUMAN_SHARE * human_share / HITS_PER_VISIT)


def _hours(day_starts_s: Ints, zone: ZoneInfo) -> Iterator[_Hour]:
    """The hours of the log in order; more people come by day than by night, and fewer at weekends."""
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
