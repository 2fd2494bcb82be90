"""The figures of the report by day, and the key figures, which are sums over days and their changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

import duckdb

from footfall.pipelines.report.figures import Change, Day, KeyFigure, Span, Value
from footfall.pipelines.report.scope import Scope

Facts = Mapping[str, Any]
"""A day's row of `days_sql`, by column."""


@dataclass(frozen=True)
class _KeyFigure:
    """A key figure: one sum by another, over the days that have both. Without `below` it is the sum itself."""

    name: str
    unit: str
    above: str
    below: str = ""
    is_complement: bool = False
    """One minus it."""


PERCENTILES: Final = ("p50_ms", "p95_ms", "p99_ms")

_KEY_FIGURES: Final = (
    _KeyFigure("visits", "count", "visits"),
    _KeyFigure("page_views", "count", "page_views"),
    _KeyFigure("visitors_per_day", "count", "visitors", "one"),
    _KeyFigure("pages_per_visit", "ratio", "page_views", "visits"),
    _KeyFigure("bounce_rate", "share", "bounces", "visits_with_bounces"),
    _KeyFigure("seconds_per_visit", "seconds", "duration_s", "visits_with_duration"),
    _KeyFigure("availability", "share", "hits_5xx", "hits_available", is_complement=True),
)
_BY_NAME: Final = {one.name: one for one in _KEY_FIGURES}


def days_sql(scope: Scope) -> str:
    """The sums of visits, and of what people and monitors were answered, by day."""
    return f"""SELECT day, bool_and(complete) AS complete, 1 AS one,
       sum(visits)::BIGINT AS visits, sum(v.page_views)::BIGINT AS page_views, sum(visitors)::BIGINT AS visitors,
       sum(bounces)::BIGINT AS bounces, (sum(visits) FILTER (bounces IS NOT NULL))::BIGINT AS visits_with_bounces,
       sum(duration_s)::BIGINT AS duration_s,
       (sum(visits) FILTER (duration_s IS NOT NULL))::BIGINT AS visits_with_duration,
       sum(a.hits_5xx)::BIGINT AS hits_5xx, (sum(a.hits) FILTER (a.hits_5xx IS NOT NULL))::BIGINT AS hits_available
FROM days LEFT JOIN visits v USING (day, site) LEFT JOIN availability a USING (day, site)
WHERE {scope.where()}
GROUP BY day ORDER BY day"""


def latency_sql(scope: Scope, by: str = "day") -> str:
    """Percentiles of people's request times, by day or by hour of the day."""
    where = f"{scope.where()} AND traffic_class = 'human'{' AND hour IS NOT NULL' if by == 'hour' else ''}"
    return f"""SELECT {by}, sum(hits)::BIGINT AS hits, percentile_ms(bucket_ms, hits, 0.5) AS p50_ms,
       percentile_ms(bucket_ms, hits, 0.95) AS p95_ms, percentile_ms(bucket_ms, hits, 0.99) AS p99_ms
FROM (SELECT {by}, bucket_ms, sum(hits)::BIGINT AS hits FROM latency WHERE {where} GROUP BY ALL) buckets
GROUP BY {by} ORDER BY {by}"""


def read_days(connection: duckdb.DuckDBPyConnection, scope: Scope) -> dict[date, Facts]:
    """The facts of each published day of the period and of the days that it is compared with."""
    reach = Scope(scope.first - timedelta(scope.weeks_back), scope.last, scope.site)
    result = connection.execute(days_sql(reach))
    columns = [column for column, *_ in result.description or ()]
    days = {record[0]: dict(zip(columns, record, strict=True)) for record in result.fetchall()}
    times = {day: rest for day, _, *rest in connection.execute(latency_sql(reach)).fetchall()}
    nothing = (None, None, None)
    return {
        day: {**facts, **dict(zip(PERCENTILES, times.get(day, nothing), strict=True))} for day, facts in days.items()
    }


def list_days(scope: Scope, facts: Mapping[date, Facts]) -> list[Day]:
    """Every day of the period, published or not."""
    before = scope.moved(scope.length)
    days = []
    for day, earlier in zip(scope.days(), before.days(), strict=True):
        own, old = facts.get(day, {}), facts.get(earlier, {})
        days.append(
            Day(
                day=day,
                complete=own.get("complete"),
                visits=own.get("visits"),
                page_views=own.get("page_views"),
                visitors=own.get("visitors"),
                bounce_rate=_quotient(_BY_NAME["bounce_rate"], [own]),
                seconds_per_visit=_quotient(_BY_NAME["seconds_per_visit"], [own]),
                availability=_quotient(_BY_NAME["availability"], [own]),
                p50_ms=own.get("p50_ms"),
                p95_ms=own.get("p95_ms"),
                p99_ms=own.get("p99_ms"),
                visits_before=old.get("visits"),
                page_views_before=old.get("page_views"),
            )
        )
    return days


def list_spans(days: Sequence[Day], span: str) -> list[Span]:
    """The ISO weeks (`span` week) or months of the days."""
    groups: dict[date, list[Day]] = {}
    for day in days:
        begin = day.day - timedelta(day.day.weekday()) if span == "week" else day.day.replace(day=1)
        groups.setdefault(begin, []).append(day)
    return [
        Span(
            day=own[0].day,
            complete=len(own) == _length(begin, span) and all(day.complete for day in own),
            visits=_sum_known(day.visits for day in own),
            page_views=_sum_known(day.page_views for day in own),
        )
        for begin, own in groups.items()
    ]


def _length(begin: date, span: str) -> int:
    return 7 if span == "week" else ((begin + timedelta(31)).replace(day=1) - begin).days


def _sum_known(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def list_key_figures(
    connection: duckdb.DuckDBPyConnection, scope: Scope, facts: Mapping[date, Facts]
) -> list[KeyFigure]:
    """The figures at the top of the report."""

    def percentile(days: Sequence[Facts]) -> Value:
        known = [one for one in days if one["p95_ms"] is not None]
        if len(known) < 2:
            return known[0]["p95_ms"] if known else None
        listed = ", ".join(f"DATE '{one['day']}'" for one in known)
        where = f"{Scope(date.min, date.max, scope.site).where()} AND day IN ({listed}) AND traffic_class = 'human'"
        buckets = f"SELECT bucket_ms, sum(hits) AS hits FROM latency WHERE {where} GROUP BY bucket_ms"
        sql = f"SELECT percentile_ms(bucket_ms, hits, 0.95) FROM ({buckets}) buckets"
        ((found,),) = connection.execute(sql).fetchall()
        return float(found)

    def compare(of_days: Callable[[Sequence[Facts]], Value], unit: str, back: int) -> Change | None:
        pairs = [
            (own, old)
            for day in scope.days()
            if (own := facts.get(day)) and (old := facts.get(day - timedelta(back)))
            if own["complete"] and old["complete"] and of_days([own]) is not None and of_days([old]) is not None
        ]
        if not pairs:
            return None
        now, before = of_days([own for own, _ in pairs]), of_days([old for _, old in pairs])
        if now is None or before is None or (unit != "share" and not before):
            return None
        return Change(now - before if unit == "share" else now / before - 1, len(pairs))

    within = [facts[day] for day in scope.days() if day in facts]
    ways: list[tuple[str, str, Callable[[Sequence[Facts]], Value]]] = [
        (one.name, one.unit, partial(_quotient, one)) for one in _KEY_FIGURES
    ]
    ways.append(("p95_ms", "ms", percentile))
    return [
        KeyFigure(
            name,
            unit,
            of_days(within),
            sum(of_days([one]) is not None for one in within),
            compare(of_days, unit, scope.length),
            compare(of_days, unit, scope.weeks_back),
        )
        for name, unit, of_days in ways
    ]


def _quotient(figure: _KeyFigure, days: Sequence[Facts]) -> Value:
    """The figure over some days; None if no day has it."""
    known = [
        (one[figure.above], one[figure.below] if figure.below else 1)
        for one in days
        if one.get(figure.above) is not None and (not figure.below or one.get(figure.below))
    ]
    if not known:
        return None
    above = sum(value for value, _ in known)
    if not figure.below:
        return int(above)
    share = above / sum(weight for _, weight in known)
    return 1 - share if figure.is_complement else share
