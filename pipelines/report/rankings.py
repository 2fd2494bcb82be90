"""The rankings of the report: which tables it ranks, by which measures. Adding one is adding an entry.

A ranking is a query that adds up the rows of a published table. Rows of tables with a grain count if their whole span
lies in the period: nothing says which part of a week belongs to some of its days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb

from footfall.pipelines.report.figures import Ranking, Rest, Row
from footfall.pipelines.report.scope import Scope
from footfall.transforms.tables.published import TABLES
from footfall.transforms.tables.questions import rate_of_published
from footfall.transforms.vocabulary import OTHER

_GRAINED: Final = {table.name for table in TABLES if table.has_grain}


@dataclass(frozen=True)
class Measure:
    """A column of a ranking: an aggregate. Where `hidden` is true of a group, the value is at least this."""

    name: str
    unit: str
    sql: str
    hidden: str = "false"


@dataclass(frozen=True)
class RankingQuery:
    """A table of the file, the columns to group by and what to add up; the first measure ranks.

    `total` is the key figure to which all rows of the table add up, if there is one. A row is named if its last key is
    neither NULL nor `(other)`.
    """

    name: str
    table: str
    keys: tuple[str, ...]
    measures: tuple[Measure, ...]
    total: str = ""
    where: str = ""
    limit: int = 10
    is_of_pages: bool = False
    """Keys mean something within their site only."""
    of_goals: tuple[Measure, ...] = ()
    """Further measures where the file has goals."""
    if_any: str = ""
    """The panel is left out of a file of which this query finds nothing."""


def count(name: str, unit: str = "count") -> Measure:
    """The sum of a column whose NULLs are of few visitors."""
    return Measure(name, unit, f"sum({name})::BIGINT", f"count({name}) < count(*)")


def ratio(name: str, unit: str, above: str, below: str) -> Measure:
    """One sum by another, over the rows that have both, if they hold enough."""
    return Measure(name, unit, rate_of_published(above, below))


VISITS: Final = (count("visits"), count("page_views"), ratio("pages_per_visit", "ratio", "page_views", "visits"))
ENGAGEMENT: Final = (
    count("visits"),
    ratio("pages_per_visit", "ratio", "page_views", "visits"),
    ratio("bounce_rate", "share", "bounces", "visits"),
    ratio("seconds_per_visit", "seconds", "duration_s", "visits"),
)
COMPLETIONS: Final = (count("completions"), ratio("completion_rate", "share", "completions", "visits"))
TRAFFIC: Final = (
    count("hits"),
    count("page_views"),
    count("bytes_sent", "bytes"),
    count("hits_4xx"),
    count("hits_5xx"),
)
CRAWLS: Final = (
    count("hits"),
    count("bytes_sent", "bytes"),
    *(
        Measure(f"hits_{hundred}", "count", f"coalesce(sum(hits) FILTER (status_class = '{hundred}'), 0)::BIGINT")
        for hundred in ("4xx", "5xx")
    ),
)
TIMES: Final = (
    count("hits"),
    *(Measure(f"p{share}_ms", "ms", f"percentile_ms(bucket_ms, hits, 0.{share})") for share in (50, 95, 99)),
)
_GOALS: Final = "FROM goals"

RANKINGS: Final = (
    RankingQuery("sites", "visits", ("site",), VISITS, limit=50),
    RankingQuery("channels", "referrers", ("kind",), ENGAGEMENT, total="visits", of_goals=COMPLETIONS),
    RankingQuery(
        "sources",
        "referrers",
        ("kind", "source"),
        ENGAGEMENT,
        where="source <> '(none)'",
        limit=15,
        of_goals=COMPLETIONS,
    ),
    RankingQuery(
        "campaigns", "campaigns", ("source", "medium", "campaign"), ENGAGEMENT, limit=15, of_goals=COMPLETIONS
    ),
    RankingQuery("goals", "goals", ("goal",), (count("visits"), count("times")), limit=16, if_any=_GOALS),
    RankingQuery("goal_sources", "goal_sources", ("goal", "kind", "source"), (count("visits"),), if_any=_GOALS),
    RankingQuery(
        "goal_campaigns",
        "goal_campaigns",
        ("goal", "source", "medium", "campaign"),
        (count("visits"),),
        if_any="FROM goal_campaigns",
    ),
    RankingQuery(
        "goal_entries",
        "goal_entries",
        ("goal", "page"),
        (count("visits"),),
        is_of_pages=True,
        if_any=_GOALS,
    ),
    RankingQuery(
        "landing_pages",
        "pages",
        ("page",),
        (count("entries"), ratio("bounce_rate", "share", "bounces", "entries")),
        total="visits",
        where="entries IS DISTINCT FROM 0",
        limit=15,
        is_of_pages=True,
    ),
    RankingQuery(
        "exit_pages",
        "pages",
        ("page",),
        (count("exits"), ratio("exit_rate", "share", "exits", "visits")),
        total="visits",
        where="exits IS DISTINCT FROM 0",
        limit=15,
        is_of_pages=True,
    ),
    RankingQuery(
        "pages",
        "pages",
        ("page",),
        (count("page_views"), count("visits")),
        total="page_views",
        limit=25,
        is_of_pages=True,
    ),
    RankingQuery("transitions", "transitions", ("page", "next_page"), (count("visits"),), limit=15, is_of_pages=True),
    RankingQuery("entry_exits", "entry_exits", ("page", "exit_page"), (count("visits"),), limit=15, is_of_pages=True),
    RankingQuery(
        "searches",
        "searches",
        ("phrase",),
        (count("searches"), count("visits"), count("exits"), count("refined")),
        limit=15,
    ),
    RankingQuery("countries", "locations", ("country",), ENGAGEMENT, total="visits", limit=15, of_goals=COMPLETIONS),
    RankingQuery("regions", "locations", ("country", "region"), VISITS, total="visits", limit=15),
    RankingQuery("devices", "technology", ("device",), ENGAGEMENT, total="visits", of_goals=COMPLETIONS),
    RankingQuery("browsers", "technology", ("browser",), VISITS, total="visits"),
    RankingQuery(
        "browser_versions", "browser_versions", ("browser", "browser_version"), VISITS, total="visits", limit=15
    ),
    RankingQuery("systems", "technology", ("os",), VISITS, total="visits"),
    RankingQuery("system_versions", "os_versions", ("os", "os_version"), VISITS, total="visits"),
    RankingQuery("classes", "traffic", ("traffic_class",), TRAFFIC),
    RankingQuery(
        "bots", "bots", ("traffic_class", "category", "name"), (count("hits"), count("bytes_sent", "bytes")), limit=20
    ),
    RankingQuery("crawlers", "crawlers", ("category", "name"), CRAWLS, limit=15),
    RankingQuery(
        "ai_crawlers",
        "crawlers",
        ("category", "name", "page_group"),
        CRAWLS,
        where="category IN ('ai crawler', 'ai assistant')",
        limit=15,
    ),
    RankingQuery(
        "crawler_errors",
        "crawler_errors",
        ("status", "page"),
        (count("hits"),),
        limit=15,
        is_of_pages=True,
        if_any="FROM crawler_errors",
    ),
    RankingQuery(
        "robots_txt",
        "robots_txt",
        ("category", "name"),
        (count("forbidden"), count("asked"), count("hits")),
        limit=15,
        if_any="FROM robots_txt WHERE forbidden IS NOT NULL",
    ),
    RankingQuery("page_latency", "page_latency", ("page_group",), TIMES, limit=15, if_any="FROM page_latency"),
    RankingQuery("kind_latency", "kind_latency", ("kind",), TIMES, if_any="FROM kind_latency"),
    RankingQuery("kinds", "kinds", ("traffic_class", "kind"), (count("hits"), count("bytes_sent", "bytes")), limit=15),
    RankingQuery("protocols", "protocols", ("protocol",), (count("hits"), count("bytes_sent", "bytes"))),
    RankingQuery("statuses", "errors", ("status",), (count("hits"), count("visits"))),
    RankingQuery(
        "error_pages", "errors", ("status", "page"), (count("hits"), count("visits")), limit=15, is_of_pages=True
    ),
    RankingQuery(
        "broken_links",
        "broken_links",
        ("status", "page", "referrer"),
        (count("hits"), count("visits")),
        limit=15,
        is_of_pages=True,
    ),
    RankingQuery(
        "downloads",
        "downloads",
        ("page",),
        (count("hits"), count("visits"), count("partial")),
        limit=15,
        is_of_pages=True,
    ),
    RankingQuery("cookie_audit", "cookie_audit", ("finding",), (count("visits"),)),
)


def rank(
    connection: duckdb.DuckDBPyConnection, query: RankingQuery, scope: Scope, totals: dict[str, int], *, by_site: bool
) -> Ranking:
    """Run the query for some days; `totals` has the sums of visits and page views of these days."""
    keys = ("site", *query.keys) if by_site and query.is_of_pages else query.keys
    sql = ranking_sql(query, scope, keys)
    main = query.measures[0].name
    named, rare = [], 0
    for record in connection.execute(sql).fetchall():
        hidden = record[len(keys) + 1 :: 2]
        # "At least 0" would say nothing.
        given = (
            value or None if is_hidden else value
            for value, is_hidden in zip(record[len(keys) :: 2], hidden, strict=True)
        )
        values = dict(zip((one.name for one in query.measures), given, strict=True))
        if record[len(keys) - 1] in (None, OTHER):
            rare += values[main] or 0
        elif values[main]:
            at_least = tuple(
                one.name
                for one, is_hidden in zip(query.measures, hidden, strict=True)
                if is_hidden and values[one.name]
            )
            named.append(Row(dict(zip(keys, record, strict=False)), values, at_least))
    published = rare + sum(_number(row.values[main]) for row in named)
    total = max(published, totals[query.total]) if query.total else published
    elsewhere = total - published if query.total else _across(connection, query, scope)
    more = named[query.limit :]
    return Ranking(
        name=query.name,
        keys=keys,
        measures=tuple((one.name, one.unit) for one in query.measures),
        rows=tuple(named[: query.limit]),
        rest=Rest(
            more_rows=len(more),
            more=sum(_number(row.values[main]) for row in more),
            rare=rare,
            elsewhere=elsewhere,
            is_elsewhere_exact=bool(query.total),
        ),
        total=total,
        sql=sql,
    )


def ranking_sql(query: RankingQuery, scope: Scope, keys: tuple[str, ...]) -> str:
    """The query: the keys, then each measure with whether it hides a part."""
    columns = ", ".join(keys)
    sums = ",\n       ".join(f"{one.sql} AS {one.name}, {one.hidden} AS {one.name}_at_least" for one in query.measures)
    within = scope.where_within() if query.table in _GRAINED else scope.where()
    where = f"{within} AND {query.where}" if query.where else within
    return (
        f"SELECT {columns},\n       {sums}\nFROM {query.table}\nWHERE {where}\nGROUP BY {columns}\n"
        f"ORDER BY {query.measures[0].name} DESC NULLS LAST, {columns}"
    )


def _across(connection: duckdb.DuckDBPyConnection, query: RankingQuery, scope: Scope) -> int:
    """The first measure of rows that reach beyond the period."""
    if query.table not in _GRAINED:
        return 0
    where = f"{scope.where_across()} AND {query.where}" if query.where else scope.where_across()
    sql = f"SELECT coalesce({query.measures[0].sql}, 0) FROM {query.table} WHERE {where}"
    ((found,),) = connection.execute(sql).fetchall()
    return int(found)


def _number(value: int | float | None) -> int:
    return int(value or 0)
