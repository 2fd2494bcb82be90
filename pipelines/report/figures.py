"""The figures of a report: plain values, the same for the page and for `--json`.

Counts are whole numbers, shares lie between 0 and 1, times are seconds or milliseconds as their names say. None is what
the published file does not hold.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

Value = int | float | None


@dataclass(frozen=True)
class Promise:
    """What was checked before publishing, summed over the runs whose days are in the file."""

    promise: str
    checked: int
    findings: int


@dataclass(frozen=True)
class Head:
    """What the whole report is about. `first` and `last` are the days that the file holds of these sites."""

    site: str | None
    """The site that was asked for; None is all sites of the file."""
    sites: tuple[str, ...]
    first: datetime.date
    last: datetime.date
    published_days: int
    timezone: str
    k: int
    geo_source: str
    geo_built_on: datetime.date
    geo_age_days: int
    """Age of the location data on the last day of the file."""
    version: str
    promises: tuple[Promise, ...]
    promises_sql: str


@dataclass(frozen=True)
class Day:
    """A day of the period; of the period before `visits_before` and `page_views_before` of the day with its number."""

    day: datetime.date
    complete: bool | None
    """None: nothing of the day is published."""
    visits: int | None
    page_views: int | None
    visitors: int | None
    bounce_rate: float | None
    seconds_per_visit: float | None
    availability: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    visits_before: int | None
    page_views_before: int | None


@dataclass(frozen=True)
class Span:
    """A week or a month of the period, of its days that are published; `day` is the first of them."""

    day: datetime.date
    complete: bool | None
    """Whether it lies in the period with all its days, and all are complete."""
    visits: int | None
    page_views: int | None


@dataclass(frozen=True)
class Change:
    """Against other days, over the pairs of days that are both complete and published.

    `change` is relative, but the difference of shares where the figure is one.
    """

    change: float
    pairs: int


@dataclass(frozen=True)
class KeyFigure:
    """One of the figures at the top, over the days of the period that have it."""

    name: str
    unit: str
    """count, ratio, share, seconds or ms"""
    value: Value
    days: int
    """Days that have it."""
    before: Change | None
    """Against the period before."""
    weekdays: Change | None
    """Against the same weekdays: the period is moved back by whole weeks until it lies before itself."""


@dataclass(frozen=True)
class Row:
    """A row of a ranking; `at_least` names the values of which the file hides a part, as of few people."""

    keys: Mapping[str, str | int | None]
    values: Mapping[str, Value]
    at_least: tuple[str, ...]


@dataclass(frozen=True)
class Rest:
    """What the rows of a ranking do not show of its first measure."""

    more_rows: int
    """Rows with a name below those shown,"""
    more: int
    """and their sum."""
    rare: int
    """The sum of rows that lost their name, since fewer than k visitors had it."""
    elsewhere: int
    """What is in rows of weeks and months that reach beyond the period, and what is not published."""
    is_elsewhere_exact: bool
    """False: `elsewhere` is all that such rows hold, of which an unknown part belongs to the period."""


@dataclass(frozen=True)
class Ranking:
    """The largest rows of a table of the file, and what they leave out. `total` is of the first measure."""

    name: str
    keys: tuple[str, ...]
    measures: tuple[tuple[str, str], ...]
    """Names and units."""
    rows: tuple[Row, ...]
    rest: Rest
    total: int
    sql: str


@dataclass(frozen=True)
class HeatCell:
    """Mean page views of an hour on the days of a weekday (1 is Monday); None if no such hour is published."""

    weekday: int
    hour: int
    page_views: float | None


@dataclass(frozen=True)
class HeatMap:
    """`without_hour` are page views of hours that share a row, since each had few visitors."""

    cells: tuple[HeatCell, ...]
    without_hour: int
    untold_hours: int
    """Hours of days whose page views are not published."""
    sql: str


@dataclass(frozen=True)
class Incident:
    """Times in the site's time zone."""

    site: str
    kind: str
    started: datetime.datetime
    ended: datetime.datetime
    hits: int | None
    hits_5xx: int | None


@dataclass(frozen=True)
class HourLatency:
    """Request times of people by hour of the day."""

    hour: int
    hits: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True)
class LengthBucket:
    """Visits of at least and at most so many page views or seconds; the last bucket has no most."""

    at_least: int
    at_most: int | None
    visits: int


@dataclass(frozen=True)
class Lengths:
    """Visits by a measure, `page_views` or `duration_s`. `wider` are visits of days that have only wider buckets."""

    measure: str
    buckets: tuple[LengthBucket, ...]
    wider: int
    sql: str


@dataclass(frozen=True)
class Rejects:
    """Lines that could not be read, by reason."""

    reason: str
    lines: int


@dataclass(frozen=True)
class Books:
    """The lines that the runs of the period's days read; None where a run does not publish them."""

    runs: int
    inputs: int
    damaged: int
    lines: int | None
    hits: int | None
    outside_window: int | None
    rejected: int
    duplicates: int | None
    sql: str
    rejects: tuple[Rejects, ...]
    rejects_sql: str


@dataclass(frozen=True)
class Period:
    """All figures of some days, `first` to `last`. `sql` has the queries of what is no ranking."""

    site: str | None
    """None is all sites of the file."""
    first: datetime.date
    last: datetime.date
    key_figures: tuple[KeyFigure, ...]
    days: tuple[Day, ...]
    weeks: tuple[Span, ...]
    months: tuple[Span, ...]
    rankings: Mapping[str, Ranking]
    heat_map: HeatMap
    incidents: tuple[Incident, ...]
    hours: tuple[HourLatency, ...]
    lengths: tuple[Lengths, ...]
    books: Books
    sql: Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """Periods in the order in which the page offers them, of all sites, then of the largest; the first is shown."""

    head: Head
    periods: tuple[Period, ...]
