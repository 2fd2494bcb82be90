"""The published tables: names, columns, types and what they mean. Adding a column is adding an entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Table:
    """One published table. `columns` are (name, DuckDB type, comment); rows are sorted by `keys`.

    `by_day` tables are replaced per day and site, the others hold one set of rows per run.
    """

    name: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    keys: tuple[str, ...]
    by_day: bool = True

    @property
    def column_names(self) -> list[str]:
        """In order."""
        return [name for name, _, _ in self.columns]


_DAY: Final = ("day", "DATE", "Calendar day in the run's time zone")
_HOUR: Final = ("hour", "SMALLINT", "Hour of the day in the run's time zone, 0 to 23")
_SITE: Final = ("site", "VARCHAR", "Virtual host, or the name configured for the log")
_CLASS: Final = ("traffic_class", "VARCHAR", "human, bot, automated, probe or monitor")
_VISITS: Final = ("visits", "BIGINT", "Visits that began on this day")
_PAGE_VIEWS: Final = ("page_views", "BIGINT", "Page views of these visits, on the day on which the visit began")
_RUN: Final = ("run_id", "VARCHAR", "The run, see runs")
_INPUT: Final = ("input", "VARCHAR", "Path or URL as found")

TABLES: Final[tuple[Table, ...]] = (
    Table(
        "days",
        "One row per published day and site: what the day's figures were built from",
        (
            _DAY,
            _SITE,
            ("complete", "BOOLEAN", "The logs reached beyond both ends of the day"),
            ("first_hit", "TIMESTAMP", "UTC time of the day's first hit"),
            ("last_hit", "TIMESTAMP", "UTC time of the day's last hit"),
            ("hits", "BIGINT", "Logged requests of all traffic classes"),
            ("run_id", "VARCHAR", "The run that published these rows, see runs"),
            ("published_at", "TIMESTAMP", "UTC time at which that run published"),
        ),
        ("day", "site"),
    ),
    Table(
        "traffic",
        "Hits by hour and traffic class: the amount of traffic, machines included",
        (
            _DAY,
            _HOUR,
            _SITE,
            _CLASS,
            ("hits", "BIGINT", "Logged requests"),
            ("page_views", "BIGINT", "Human page views, in the hour in which they happened"),
            ("bytes_sent", "BIGINT", "Bytes sent to clients"),
            ("hits_2xx", "BIGINT", "Hits answered with status 200 to 299"),
            ("hits_3xx", "BIGINT", "Hits answered with status 300 to 399"),
            ("hits_4xx", "BIGINT", "Hits answered with status 400 to 499"),
            ("hits_5xx", "BIGINT", "Hits answered with status 500 to 599"),
        ),
        ("day", "hour", "site", "traffic_class"),
    ),
    Table(
        "visits",
        "Visits by day: hits of one session cookie without 30 minutes of silence, at least one of them a page view",
        (
            _DAY,
            _SITE,
            _VISITS,
            _PAGE_VIEWS,
            ("bounces", "BIGINT", "Visits with one page view"),
            ("visitors", "BIGINT", "Distinct clients with a page view on this day; not additive over days"),
            ("duration_s", "BIGINT", "Seconds from first to last hit, summed over visits"),
            ("fallback_visits", "BIGINT", "Visits without a cookie, told apart by address and user agent"),
            ("cut_visits", "BIGINT", "Visits that may have gone on after the logs end"),
        ),
        ("day", "site"),
    ),
    Table(
        "pages",
        "Page views and visits by page",
        (
            _DAY,
            _SITE,
            ("page", "VARCHAR", "Path without query, personal parts replaced by placeholders such as {id}"),
            ("page_views", "BIGINT", "Views of the page"),
            ("visits", "BIGINT", "Visits that viewed the page; a visit counts for each of its pages"),
            ("entries", "BIGINT", "Visits that began with the page"),
            ("exits", "BIGINT", "Visits that ended with the page"),
            ("bounces", "BIGINT", "Visits that viewed this page once and nothing else"),
        ),
        ("day", "site", "page"),
    ),
    Table(
        "locations",
        "Visits by where the visitor roughly is, by the address of the entry page view",
        (
            _DAY,
            _SITE,
            ("continent", "VARCHAR", "Continent code, such as EU"),
            ("country", "VARCHAR", "ISO 3166-1 country code, such as DE"),
            ("region", "VARCHAR", "First-level subdivision; approximate"),
            _VISITS,
            _PAGE_VIEWS,
        ),
        ("day", "site", "continent", "country", "region"),
    ),
    Table(
        "technology",
        "Visits by what the visitor browses with, by the user agent of the entry page view",
        (
            _DAY,
            _SITE,
            ("browser", "VARCHAR", "Browser family"),
            ("browser_version", "VARCHAR", "Major version"),
            ("os", "VARCHAR", "Operating system family"),
            ("os_version", "VARCHAR", "Version; 'or later' where browsers report a frozen one"),
            ("device", "VARCHAR", "desktop, mobile, tablet or other"),
            _VISITS,
            _PAGE_VIEWS,
        ),
        ("day", "site", "browser", "browser_version", "os", "os_version", "device"),
    ),
    Table(
        "referrers",
        "Visits by how the visitor came, by the entry page view",
        (
            _DAY,
            _SITE,
            ("kind", "VARCHAR", "direct, internal, search, social, email, ai_assistant, campaign or other"),
            ("source", "VARCHAR", "Name of the service, host, or utm_source; (none) for direct and internal"),
            _VISITS,
            _PAGE_VIEWS,
        ),
        ("day", "site", "kind", "source"),
    ),
    Table(
        "campaigns",
        "Visits whose entry page view carried utm parameters",
        (
            _DAY,
            _SITE,
            ("source", "VARCHAR", "utm_source"),
            ("medium", "VARCHAR", "utm_medium"),
            ("campaign", "VARCHAR", "utm_campaign"),
            _VISITS,
            _PAGE_VIEWS,
        ),
        ("day", "site", "source", "medium", "campaign"),
    ),
    Table(
        "searches",
        "Phrases typed into the site's own search",
        (
            _DAY,
            _SITE,
            ("phrase", "VARCHAR", "Normalised: lower case, white space collapsed, personal parts replaced"),
            ("searches", "BIGINT", "Page views with the phrase"),
            ("visits", "BIGINT", "Visits that searched for the phrase"),
        ),
        ("day", "site", "phrase"),
    ),
    Table(
        "errors",
        "Hits answered with status 400 and above",
        (
            _DAY,
            _SITE,
            ("status", "SMALLINT", "HTTP status; NULL where it was folded"),
            ("page", "VARCHAR", "Page of human hits; (other) for machines and for pages that few visits met"),
            ("hits", "BIGINT", "Hits, on the day on which they happened"),
            ("visits", "BIGINT", "Visits that met the error on this day; 0 for machines"),
        ),
        ("day", "site", "status", "page"),
    ),
    Table(
        "latency",
        "Server time per request as mergeable histograms: buckets at most 6.25% wide; see percentile_ms",
        (
            _DAY,
            _HOUR,
            _SITE,
            _CLASS,
            ("bucket_ms", "DOUBLE", "Upper edge of the bucket in milliseconds: these requests took less"),
            ("hits", "BIGINT", "Requests in the bucket"),
        ),
        ("day", "hour", "site", "traffic_class", "bucket_ms"),
    ),
    Table(
        "incidents",
        "Runs of minutes with many server errors, or silence where traffic was to be expected",
        (
            ("day", "DATE", "Calendar day on which it started, in the run's time zone"),
            _SITE,
            ("started", "TIMESTAMP", "UTC time of its first minute"),
            ("ended", "TIMESTAMP", "UTC time of the minute after its last one"),
            ("kind", "VARCHAR", "errors or silence"),
            ("hits", "BIGINT", "Human and monitor hits in it"),
            ("hits_5xx", "BIGINT", "Those answered with status 500 to 599"),
        ),
        ("day", "site", "started", "kind"),
    ),
    Table(
        "bots",
        "Hits of machines by name",
        (
            _DAY,
            _SITE,
            ("traffic_class", "VARCHAR", "bot, automated, probe or monitor"),
            ("name", "VARCHAR", "Name of the bot, program or monitor, or what a probe looked for"),
            ("category", "VARCHAR", "What it is for, such as search engine"),
            ("hits", "BIGINT", "Logged requests"),
            ("bytes_sent", "BIGINT", "Bytes sent to it"),
        ),
        ("day", "site", "traffic_class", "name", "category"),
    ),
    Table(
        "cookie_audit",
        "How far the site keeps the promise that a cookie serves one session only",
        (
            _DAY,
            _SITE,
            ("finding", "VARCHAR", "reused, shared, long or never_issued"),
            ("visits", "BIGINT", "Visits with this finding"),
        ),
        ("day", "site", "finding"),
    ),
    Table(
        "inputs",
        "The books of each input: lines = hits + outside_window + rejected + duplicates",
        (
            _RUN,
            _INPUT,
            ("lines", "BIGINT", "Lines read"),
            ("hits", "BIGINT", "Lines counted as hits of published days"),
            ("outside_window", "BIGINT", "Hits of other days"),
            ("rejected", "BIGINT", "Lines that did not parse, see rejects"),
            ("duplicates", "BIGINT", "Lines that stand in another input too and are counted there"),
            ("content_digest", "VARCHAR", "Tells equal contents, whatever their name; NULL below 100 lines"),
            ("damaged", "BOOLEAN", "Could not be read whole and was left out"),
        ),
        ("run_id", "input"),
        by_day=False,
    ),
    Table(
        "rejects",
        "Lines that did not parse, by reason",
        (
            _RUN,
            _INPUT,
            ("reason", "VARCHAR", "Why: cut, joined, format, time, …"),
            ("lines", "BIGINT", "Number of lines"),
            ("first_line_number", "BIGINT", "Where the first of them stands, counted from 1"),
        ),
        ("run_id", "input", "reason"),
        by_day=False,
    ),
    Table(
        "runs",
        "One row per run of footfall nightly",
        (
            _RUN,
            ("started_at", "TIMESTAMP", "UTC"),
            ("finished_at", "TIMESTAMP", "UTC"),
            ("version", "VARCHAR", "Version of Footfall"),
            ("k", "INTEGER", "Rows about people describe at least this many visits"),
            ("timezone", "VARCHAR", "IANA time zone of days and hours"),
            ("geo_source", "VARCHAR", "Location database"),
            ("geo_built_on", "DATE", "Day of the location database"),
            ("user_agent_rules", "VARCHAR", "Version of the rules for user agents and crawlers"),
            ("options_digest", "VARCHAR", "Equal for runs with equal options"),
        ),
        ("run_id",),
        by_day=False,
    ),
    Table(
        "promises",
        "What was checked before publishing, and what was found",
        (
            _RUN,
            ("promise", "VARCHAR", "The promise"),
            ("checked", "BIGINT", "How many values or rows were looked at"),
            ("findings", "BIGINT", "How many broke the promise: always 0 in a published file"),
            ("evidence", "VARCHAR", "How it was checked"),
        ),
        ("run_id", "promise"),
        by_day=False,
    ),
)

TABLES_BY_NAME: Final = {table.name: table for table in TABLES}

# Columns that a small row loses, in this order; see `docs/definitions.md`.
FOLDED_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "pages": ("page",),
    "locations": ("region", "country", "continent"),
    "technology": ("os_version", "browser_version", "device", "os", "browser"),
    "referrers": ("source", "kind"),
    "campaigns": ("campaign", "medium", "source"),
    "searches": ("phrase",),
    "errors": ("page", "status"),
    "cookie_audit": ("finding",),
}

# For the analyst.
VIEWS: Final = (
    (
        "availability",
        "Share of human and monitor hits not answered by 5xx, per day and site",
        """CREATE VIEW availability AS
SELECT day, site, sum(hits)::BIGINT AS hits, sum(hits_5xx)::BIGINT AS hits_5xx,
       1 - sum(hits_5xx) / sum(hits) AS availability
FROM traffic WHERE traffic_class IN ('human', 'monitor') GROUP BY day, site ORDER BY day, site""",
    ),
    (
        "trend",
        "Visits and page views per day against the same weekday a week before",
        """CREATE VIEW trend AS
SELECT now.day, now.site, now.visits, before.visits AS visits_week_before,
       now.visits / nullif(before.visits, 0) - 1 AS visits_change,
       now.page_views, before.page_views AS page_views_week_before,
       now.page_views / nullif(before.page_views, 0) - 1 AS page_views_change
FROM visits now LEFT JOIN visits before ON before.site = now.site AND before.day = now.day - INTERVAL 7 DAY
ORDER BY now.day, now.site""",
    ),
)
PERCENTILE_COMMENT: Final = (
    "Percentile of request times in milliseconds: SELECT day, percentile_ms(bucket_ms, hits, 0.95) FROM latency "
    "GROUP BY day. The upper edge of its bucket, so at most 6.25% too high"
)
# Walks the histogram once until the share of all hits is reached. Part of a hit is wanted at first, so that a share
# of 0 gives the first bucket; a millionth is what floating point may leave over.
PERCENTILE_MACRO: Final = """CREATE MACRO percentile_ms(bucket_ms, hits, share) AS
list_reduce(
  list_prepend({'b': 0::DOUBLE, 'h': -greatest(share * sum(hits), 0.001)::DOUBLE},
               list({'b': bucket_ms::DOUBLE, 'h': hits::DOUBLE} ORDER BY bucket_ms)),
  lambda a, x: CASE WHEN a.h >= -1e-6 THEN a ELSE {'b': x.b, 'h': a.h + x.h} END).b"""
