"""Views and macros of the published file that are named by a question, for those who write SQL.

Views have a row for each day, week or month. Macros return a table for a period, by default for all days:
`FROM landing_pages(first_day := DATE '2026-06-01', last_day := DATE '2026-06-30')`. Folded values are in the rows
`(other)`, so that rows add up to what the file has for the period. A rate is calculated from the rows in which both of
its measures are published, and NULL where these rows hold less than four fifths.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.span_views import SPAN_END, SPAN_VIEWS
from footfall.transforms.tables.views import PERCENTILE, VIEWS, Macro
from footfall.transforms.tables.visit_tables import VISIT_TABLES
from footfall.transforms.vocabulary import OTHER

FIRST_VERSION: Final = 4
"""The first schema version whose files have these views and macros."""
LEAST_PUBLISHED: Final = 0.8
"""The share of a sum that the rows behind a rate must hold."""

_VISIT_TABLES: Final = {table.name: table for table in VISIT_TABLES}
_PERIOD: Final = "first_day := DATE '0001-01-01', last_day := DATE '9999-12-31'"
_WITHIN: Final = f"day >= first_day AND {SPAN_END} <= last_day"
_FOLDER: Final = (
    f"CASE WHEN page = '{OTHER}' THEN page ELSE coalesce(nullif(regexp_extract(page, '^/[^/?]+/'), ''), '/') END"
)
_BY_SPAN: Final = """CREATE VIEW visits_by_{span} AS
SELECT {start} AS {span}, site, count(*) AS days, count(*) FILTER (complete) AS complete_days, {measures}
FROM days LEFT JOIN visits USING (day, site) GROUP BY ALL ORDER BY {span}, site"""


# --- measures ---


def _sum(measure: str) -> str:
    return f"sum({measure})::BIGINT AS {measure}"


def rate_of_published(above: str, below: str) -> str:
    """Return the SQL of one sum by another over the rows that have both; NULL where they hold too little of `below`.

    Rows hide a measure where few visitors took part in it, so that the rate of the others alone would be too high.
    """
    both = f"FILTER ({above} IS NOT NULL AND {below} IS NOT NULL)"
    rate = f"sum({above}) {both} / nullif(sum({below}) {both}, 0)"
    return f"CASE WHEN sum({below}) {both} >= {LEAST_PUBLISHED} * sum({below}) THEN {rate} END"


def _rate(above: str, below: str, name: str) -> str:
    return f"{rate_of_published(above, below)} AS {name}"


def _share(measure: str) -> str:
    """The share of a site's sum."""
    return f"sum({measure}) / nullif(sum(sum({measure})) OVER (PARTITION BY site), 0) AS share"


_RATES_OF_VISITS: Final = {
    "page_views": "pages_per_visit",
    "bounces": "bounce_rate",
    "duration_s": "seconds_per_visit",
    "completions": "completion_rate",
}


def _rates_of_visits(table: Table) -> tuple[str, ...]:
    """The rates that the table has the measures for."""
    measures = {column.name for column in table.measures}
    return tuple(_rate(one, "visits", name) for one, name in _RATES_OF_VISITS.items() if one in measures)


# --- macros ---


def _macro(name: str, comment: str, select: str, period: str = _PERIOD) -> Macro:
    return Macro(name, "first_day, last_day", comment, f"CREATE MACRO {name}({period}) AS TABLE\n{select}")


def _ranking(
    name: str,
    comment: str,
    table: str,
    keys: str,
    *measures: str,
    where: str = "true",
    spelled: str = "",
    within: str = _WITHIN,
) -> Macro:
    """Sums of a table by `keys` (as they are spelled in SQL), the largest of the first measure first."""
    first = measures[0].rpartition(" AS ")[2]
    return _macro(
        name,
        comment,
        f"SELECT site, {spelled or keys}, {', '.join(measures)}\nFROM {table} WHERE {within} AND {where}\n"
        f"GROUP BY site, {keys} ORDER BY site, {first} DESC NULLS LAST, {keys}",
    )


def _of_visits(name: str, comment: str, table: str, keys: str) -> Macro:
    rates = _rates_of_visits(_VISIT_TABLES[table])
    return _ranking(name, comment, table, keys, _sum("visits"), _share("visits"), *rates)


def _of_hits(name: str, comment: str, table: str, keys: str) -> Macro:
    within = "day BETWEEN first_day AND last_day"
    return _ranking(name, comment, table, keys, _sum("hits"), _share("hits"), _sum("bytes_sent"), within=within)


def _list_macros() -> Iterator[Macro]:
    yield _ranking(
        "landing_pages",
        "Pages that visits began with: entries, and the share of them that viewed nothing else",
        "pages",
        "page",
        _sum("entries"),
        _rate("bounces", "entries", "bounce_rate"),
        where="entries IS DISTINCT FROM 0",
    )
    yield _ranking(
        "exit_pages",
        "Pages that visits ended with: exits, and their share of the visits that viewed the page",
        "pages",
        "page",
        _sum("exits"),
        _rate("exits", "visits", "exit_rate"),
        where="exits IS DISTINCT FROM 0",
    )
    yield _ranking(
        "folders",
        "Page views by the first folder of the page; / has the pages below no folder",
        "pages",
        "folder",
        _sum("page_views"),
        _share("page_views"),
        spelled=f"{_FOLDER} AS folder",
    )
    yield _macro(
        "page_interest",
        "Views of pages against those of the same weekdays before the period, as few whole weeks earlier as possible. "
        "Only complete days for which both are published count; days is their number",
        """SELECT site, page, count(*) AS days, sum(now.page_views)::BIGINT AS page_views,
       sum(past.page_views)::BIGINT AS page_views_before, sum(now.page_views) / sum(past.page_views) - 1 AS change
FROM (FROM pages SEMI JOIN (FROM days WHERE complete) USING (day, site)) now
JOIN (FROM pages SEMI JOIN (FROM days WHERE complete) USING (day, site)) past USING (site, page, grain)
WHERE grain = 'day' AND now.day BETWEEN first_day AND last_day
  AND past.day = now.day - 7 * ceil((last_day - first_day + 1) / 7)::INTEGER
GROUP BY ALL ORDER BY site, change DESC, page""",
        "first_day, last_day",
    )
    yield _of_visits("channels", "Visits by the kind of referrer", "referrers", "kind")
    yield _of_visits("sources", "Visits by kind and source of the referrer", "referrers", "kind, source")
    yield _of_visits(
        "campaign_visits", "Visits by the utm parameters of their entry", "campaigns", "source, medium, campaign"
    )
    yield _of_visits("countries", "Visits by country", "locations", "continent, country")
    yield _of_visits("regions", "Visits by country and region", "locations", "country, region")
    yield _of_visits("devices", "Visits by class of device", "technology", "device")
    yield _of_visits("systems", "Visits by operating system", "technology", "os")
    yield _of_visits(
        "browsers", "Visits by browser and its major version", "browser_versions", "browser, browser_version"
    )
    yield _ranking(
        "phrases",
        "What people searched for on the site",
        "searches",
        "phrase",
        _sum("searches"),
        _share("searches"),
        _sum("visits"),
    )
    yield _ranking(
        "error_pages",
        f"Errors of people by status and page; those of machines are in the row {OTHER}",
        "errors",
        "status, page",
        _sum("hits"),
        _sum("visits"),
    )
    yield _macro(
        "heat_map",
        "Mean page views by weekday (1 is Monday) and hour of the day; hours without a published figure are left out",
        """SELECT site, isodow(day) AS weekday, hour, sum(page_views) / count(DISTINCT day) AS page_views
FROM traffic WHERE day BETWEEN first_day AND last_day AND traffic_class = 'human'
  AND hour IS NOT NULL AND page_views IS NOT NULL
GROUP BY ALL ORDER BY site, weekday, hour""",
    )
    yield _macro(
        "latency_by_hour",
        "Request times of people by hour of the day: p50, p95 and p99 in milliseconds",
        """SELECT site, hour, sum(hits)::BIGINT AS hits, percentile_ms(bucket_ms, hits, 0.5) AS p50_ms,
       percentile_ms(bucket_ms, hits, 0.95) AS p95_ms, percentile_ms(bucket_ms, hits, 0.99) AS p99_ms
FROM latency WHERE day BETWEEN first_day AND last_day AND traffic_class = 'human' AND hour IS NOT NULL
GROUP BY site, hour ORDER BY site, hour""",
    )
    for name, key, table, what in (
        ("latency_by_folder", "page_group", "page_latency", "Request times of people's page views by first folder"),
        ("latency_by_kind", "kind", "kind_latency", "Request times of people by what they asked for"),
    ):
        yield _macro(
            name,
            f"{what}: p50, p95 and p99 in milliseconds, the slowest first; hits are sums of rounded rows",
            f"""SELECT site, {key}, sum(hits)::BIGINT AS hits, percentile_ms(bucket_ms, hits, 0.5) AS p50_ms,
       percentile_ms(bucket_ms, hits, 0.95) AS p95_ms, percentile_ms(bucket_ms, hits, 0.99) AS p99_ms
FROM {table} WHERE day BETWEEN first_day AND last_day
GROUP BY site, {key} ORDER BY site, p95_ms DESC, {key}""",
        )
    yield _of_hits("classes", "Hits and bytes by class of traffic", "traffic", "traffic_class")
    yield _of_hits(
        "traffic_by_kind",
        "Hits and bytes by class of traffic and what was asked for; share of all hits of the site",
        "kinds",
        "traffic_class, kind",
    )
    yield _ranking(
        "crawler_error_pages",
        "Errors that declared bots met, by status and page, with the names of the bots",
        "crawler_errors",
        "status, page",
        _sum("hits"),
        "string_agg(DISTINCT name, ', ' ORDER BY name) AS bots",
        within="day BETWEEN first_day AND last_day",
    )
    yield _of_hits("machines", "Hits and bytes of machines by name", "bots", "traffic_class, category, name")


# --- views ---


def _list_views() -> Iterator[tuple[str, str, str]]:
    measures = ", ".join(
        (
            _sum("visits"),
            _sum("page_views"),
            *(_rate(one, "visits", name) for one, name in _RATES_OF_VISITS.items() if one != "completions"),
        )
    )
    for span, what in (("week", "ISO week, whole also at the ends of months"), ("month", "month")):
        start = f"date_trunc('{span}', day)::DATE"
        yield (
            f"visits_by_{span}",
            f"Visits by {what}. days are published, complete_days of them complete; visitors do not add up over days",
            _BY_SPAN.format(span=span, start=start, measures=measures),
        )
    yield (
        "availability_by_month",
        "Share of human and monitor hits not answered by 5xx; NULL unless it is published for all days (days_told), "
        "since days without errors alone would flatter a month. Hits of monitors are always published",
        """CREATE VIEW availability_by_month AS
SELECT date_trunc('month', day)::DATE AS month, site, count(*) AS days, count(a.hits_5xx) AS days_told,
       sum(a.hits)::BIGINT AS hits, CASE WHEN count(*) = count(a.hits_5xx) THEN sum(a.hits_5xx)::BIGINT END AS hits_5xx,
       CASE WHEN count(*) = count(a.hits_5xx) THEN 1 - sum(a.hits_5xx) / nullif(sum(a.hits), 0) END AS availability,
       sum(m.hits)::BIGINT AS monitor_hits, sum(m.hits_5xx)::BIGINT AS monitor_hits_5xx
FROM availability a LEFT JOIN (
  SELECT day, site, sum(hits) AS hits, sum(hits_5xx) AS hits_5xx FROM traffic
  WHERE traffic_class = 'monitor' GROUP BY day, site
) m USING (day, site) GROUP BY ALL ORDER BY month, site""",
    )
    yield (
        "outages",
        "Incidents with their length in minutes; started_local is on the clocks of the run's time zone",
        """CREATE VIEW outages AS
SELECT day, site, kind, started, started_local, date_diff('minute', started, ended) AS minutes, hits, hits_5xx
FROM incidents ORDER BY started, site""",
    )
    yield (
        "statuses_by_day",
        "Hits by class of status and day; NULL where an hour of the day hides it",
        "CREATE VIEW statuses_by_day AS\nSELECT day, site, traffic_class, sum(hits)::BIGINT AS hits, "
        + ", ".join(
            f"CASE WHEN count(*) = count({one}) THEN sum({one})::BIGINT END AS {one}"
            for one in ("hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx")
        )
        + "\nFROM traffic GROUP BY ALL ORDER BY day, site, traffic_class",
    )
    yield (
        "incomplete_days",
        "Days that are incomplete, with the visits that may have gone on after the logs end",
        """CREATE VIEW incomplete_days AS
SELECT day, site, first_hit, last_hit, visits, cut_visits
FROM days LEFT JOIN visits USING (day, site) WHERE NOT complete ORDER BY day, site""",
    )
    yield (
        "location_data",
        "Which location data days were published with, and how old it was on the last of them",
        """CREATE VIEW location_data AS
SELECT geo_source, geo_built_on, min(day) AS first_day, max(day) AS last_day, max(day) - geo_built_on AS age_days
FROM days JOIN runs USING (run_id) GROUP BY geo_source, geo_built_on ORDER BY first_day""",
    )
    yield (
        "privacy_checks",
        "What was checked before the days of the file were published, and what was found",
        """CREATE VIEW privacy_checks AS
SELECT promise, sum(checked)::BIGINT AS checked, sum(findings)::BIGINT AS findings
FROM promises SEMI JOIN days USING (run_id) GROUP BY promise ORDER BY promise""",
    )


ALL_VIEWS: Final = (*VIEWS, *SPAN_VIEWS, *_list_views())
"""The views of the published file, in the order in which they can be created: (name, comment, SQL)."""
MACROS: Final = (PERCENTILE, *_list_macros())
"""Its macros."""
