"""Collects the figures of a report from a published file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import duckdb

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.report.days import days_sql, latency_sql, list_days, list_key_figures, list_spans, read_days
from footfall.pipelines.report.figures import (
    Books,
    Head,
    HeatCell,
    HeatMap,
    HourLatency,
    Incident,
    Period,
    Promise,
    Rejects,
    Report,
)
from footfall.pipelines.report.lengths import list_lengths
from footfall.pipelines.report.open_published import open_published
from footfall.pipelines.report.rankings import RANKINGS, rank
from footfall.pipelines.report.scope import Scope, quote

PERIOD_DAYS: Final = (30, 7, 90)
"""Lengths of the periods of a report for which no days are chosen; the first one is shown first."""
SITES: Final = 5
"""How many sites of a file have figures of their own on its page, the largest first: each takes as much room as all."""


def collect_figures(db: Path, site: str | None = None, first: date | None = None, last: date | None = None) -> Report:
    """The figures of a file: of one site or all, from the day `first` to `last`. Raises UsageError or RunError.

    Without these days, the report is of the last 30, 7 and 90 days up to the last that is published, as far as they
    differ. Days of the period that are not published count for nothing.
    """
    with open_published(db) as connection:
        head = _read_head(connection, db, site)
        scopes = choose_periods(head, first, last)
        if head.site is None:
            scopes += [replace(scope, site=one) for one in head.sites[:SITES] for scope in scopes]
        return Report(head, tuple(_collect_period(connection, scope, head) for scope in scopes))


def choose_periods(head: Head, first: date | None, last: date | None) -> list[Scope]:
    """The periods of a report on what the file holds."""
    if first or last:
        scope = Scope(first or head.first, last or head.last, head.site)
        if scope.length < 1:
            raise UsageError(f"--from, --to: no day lies from {scope.first} to {scope.last}; give an earlier day first")
        if scope.first > head.last or scope.last < head.first:
            raise UsageError(
                f"--from, --to: no published day lies from {scope.first} to {scope.last}; there are days from "
                f"{head.first} to {head.last}"
            )
        return [scope]
    reach = (head.last - head.first).days + 1
    scopes: list[Scope] = []
    for days in PERIOD_DAYS:
        scope = Scope(head.last - timedelta(min(days, reach) - 1), head.last, head.site)
        if scope not in scopes:
            scopes.append(scope)
    return scopes


def _read_head(connection: duckdb.DuckDBPyConnection, db: Path, site: str | None) -> Head:
    sites = connection.execute(
        "SELECT site FROM days LEFT JOIN visits USING (day, site) "
        "GROUP BY site ORDER BY sum(visits) DESC NULLS LAST, site"
    ).fetchall()
    names = tuple(name for (name,) in sites)
    if not names:
        raise RunError(f"{db}: has no days; publish some with footfall nightly")
    if site is not None and site not in names:
        raise UsageError(
            f"--site: the file has no such site, but {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"
        )
    if len(names) == 1:
        site = names[0]
    where = "true" if site is None else f"site = {quote(site)}"
    ((first, last, published),) = connection.execute(
        f"SELECT min(day), max(day), count(DISTINCT day) FROM days WHERE {where}"
    ).fetchall()
    ((timezone, k, geo_source, geo_built_on, version),) = connection.execute(
        f"""SELECT timezone, k, geo_source, geo_built_on, version
FROM runs SEMI JOIN (FROM days WHERE {where}) USING (run_id)
ORDER BY started_at DESC LIMIT 1"""
    ).fetchall()
    promises_sql = f"""SELECT promise, sum(checked)::BIGINT AS checked, sum(findings)::BIGINT AS findings
FROM promises SEMI JOIN (FROM days WHERE {where}) USING (run_id)
GROUP BY promise ORDER BY promise"""
    return Head(
        site=site,
        sites=names,
        first=first,
        last=last,
        published_days=published,
        timezone=timezone,
        k=k,
        geo_source=geo_source,
        geo_built_on=geo_built_on,
        geo_age_days=(last - geo_built_on).days,
        version=version,
        promises=tuple(Promise(*one) for one in connection.execute(promises_sql).fetchall()),
        promises_sql=promises_sql,
    )


def _collect_period(connection: duckdb.DuckDBPyConnection, scope: Scope, head: Head) -> Period:
    facts = read_days(connection, scope)
    days = list_days(scope, facts)
    by_site = scope.site is None
    ((has_goals,),) = connection.execute("SELECT count(*) > 0 FROM goals").fetchall()
    left_out = {
        query.name
        for query in RANKINGS
        if query.if_any and connection.execute(f"SELECT 1 {query.if_any} LIMIT 1").fetchone() is None
    }
    if not by_site:
        left_out.add("sites")
    totals = {name: sum(getattr(day, name) or 0 for day in days) for name in ("visits", "page_views")}
    return Period(
        site=scope.site,
        first=scope.first,
        last=scope.last,
        key_figures=tuple(list_key_figures(connection, scope, facts)),
        days=tuple(days),
        weeks=tuple(list_spans(days, "week")),
        months=tuple(list_spans(days, "month")),
        rankings={
            query.name: rank(
                connection,
                replace(query, measures=query.measures + query.of_goals) if has_goals else query,
                scope,
                totals,
                by_site=by_site,
            )
            for query in RANKINGS
            if query.name not in left_out
        },
        heat_map=_read_heat_map(connection, scope),
        incidents=tuple(_read_incidents(connection, scope, head.timezone)),
        hours=tuple(HourLatency(*one) for one in connection.execute(latency_sql(scope, "hour")).fetchall()),
        lengths=list_lengths(connection, scope),
        books=_read_books(connection, scope),
        sql={
            "days": days_sql(scope),
            "latency": latency_sql(scope),
            "hours": latency_sql(scope, "hour"),
            "incidents": _incidents_sql(scope),
        },
    )


def _read_heat_map(connection: duckdb.DuckDBPyConnection, scope: Scope) -> HeatMap:
    sql = f"""SELECT isodow(day) AS weekday, hour, sum(page_views) / count(DISTINCT day) AS page_views
FROM traffic
WHERE {scope.where()} AND traffic_class = 'human' AND hour IS NOT NULL AND page_views IS NOT NULL
GROUP BY ALL ORDER BY ALL"""
    ((without_hour, hidden_hours),) = connection.execute(
        f"""SELECT coalesce(sum(page_views) FILTER (hour IS NULL), 0)::BIGINT,
       count(*) FILTER (page_views IS NULL)
FROM traffic WHERE {scope.where()} AND traffic_class = 'human'"""
    ).fetchall()
    views_by_hour = {(weekday, hour): views for weekday, hour, views in connection.execute(sql).fetchall()}
    cells = [
        HeatCell(weekday, hour, views_by_hour.get((weekday, hour))) for weekday in range(1, 8) for hour in range(24)
    ]
    return HeatMap(tuple(cells), without_hour, hidden_hours, sql)


def _incidents_sql(scope: Scope) -> str:
    return f"""SELECT site, kind, started, ended, hits, hits_5xx
FROM incidents
WHERE {scope.where()}
ORDER BY started, site"""


def _read_incidents(connection: duckdb.DuckDBPyConnection, scope: Scope, timezone: str) -> Sequence[Incident]:
    zone = ZoneInfo(timezone)

    def local(time: datetime) -> datetime:
        return time.replace(tzinfo=UTC).astimezone(zone)

    return [
        Incident(site, kind, local(started), local(ended), hits, hits_5xx)
        for site, kind, started, ended, hits, hits_5xx in connection.execute(_incidents_sql(scope)).fetchall()
    ]


def _read_books(connection: duckdb.DuckDBPyConnection, scope: Scope) -> Books:
    sums = ", ".join(
        f"CASE WHEN count({name}) = count(*) THEN sum({name})::BIGINT END AS {name}"
        for name in ("lines", "hits", "outside_window", "rejected", "duplicates")
    )
    sql = f"""SELECT count(DISTINCT run_id) AS runs, count(*) AS inputs, count(*) FILTER (damaged) AS damaged,
       {sums}
FROM inputs SEMI JOIN (FROM days WHERE {scope.where()}) USING (run_id)"""
    (found,) = connection.execute(sql).fetchall()
    runs, inputs, damaged, lines, hits, outside, rejected, duplicates = found
    rejects_sql = f"""SELECT reason, sum(lines)::BIGINT AS lines
FROM rejects SEMI JOIN (FROM days WHERE {scope.where()}) USING (run_id)
GROUP BY reason ORDER BY lines DESC, reason"""
    rejects = tuple(Rejects(*one) for one in connection.execute(rejects_sql).fetchall())
    return Books(runs, inputs, damaged, lines, hits, outside, rejected or 0, duplicates, sql, rejects, rejects_sql)
