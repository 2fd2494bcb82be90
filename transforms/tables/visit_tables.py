"""The published tables that describe people: counted from visits, and folded where a row has few of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.tables.declaring import (
    DAY,
    DAY_AND_SITE,
    DAY_SITE_KEYS,
    SITE_NAME,
    Column,
    Items,
    PartialTable,
    Table,
    Total,
    VisitKey,
    VisitMeasure,
    count_visits_by,
    name_of,
    name_parts,
    sums,
)
from footfall.transforms.tables.hit_tables import DAY_COLUMN, MACHINE_ERRORS, SITE_COLUMN
from footfall.transforms.vocabulary import AUDIT_FINDINGS, NONE, OTHER

_VISITS: Final = Column("visits", "BIGINT", "Visits that began on this day")
_PAGE_VIEWS: Final = Column("page_views", "BIGINT", "Page views of these visits, on the day on which the visit began")
_KEYS: Final = (DAY_COLUMN, SITE_COLUMN)

_NUMBER_OF_VISITS: Final = VisitMeasure()
_COUNTED: Final = {"visits": _NUMBER_OF_VISITS, "page_views": VisitMeasure(lambda visits: visits.page_views)}
_ALL_VISITS: Final = (
    Total("visits", "visits", "sum(visits)"),
    Total("page_views", "visits", "sum(page_views)"),
)


def _by_entry(column: str, *published: str) -> VisitKey:
    """Visits by what their first page view has in a column of VISIT_ROWS."""
    return VisitKey(column, lambda visits: visits.at_entry(column), name_of(column, *published))


VISITS: Final = Table(
    "visits",
    "Visits by day: hits of one session cookie without 30 minutes of silence, at least one of them a page view",
    _KEYS,
    (
        _VISITS,
        _PAGE_VIEWS,
        Column("bounces", "BIGINT", "Visits with one page view"),
        Column("visitors", "BIGINT", "Distinct clients with a page view on this day; not additive over days"),
        Column("duration_s", "BIGINT", "Seconds from first to last hit, summed over visits"),
        Column("fallback_visits", "BIGINT", "Visits without a cookie, told apart by address and user agent"),
        Column("cut_visits", "BIGINT", "Visits that may have gone on after the logs end"),
    ),
    (
        count_visits_by(
            "visits",
            (),
            {
                **_COUNTED,
                "bounces": VisitMeasure(lambda visits: visits.is_bounce.astype(np.int64)),
                "duration_s": VisitMeasure(lambda visits: (visits.end_ms - visits.begin_ms) // 1000),
                "fallback_visits": VisitMeasure(lambda visits: visits.is_fallback.astype(np.int64)),
                "cut_visits": VisitMeasure(lambda visits: visits.is_cut.astype(np.int64)),
                "last_ms": VisitMeasure(lambda visits: visits.end_ms, "max"),
            },
        ),
        # Counted by `adopt_hits`, which has all hits of a client together.
        PartialTable("visitors", DAY_SITE_KEYS, sums("visitors")),
    ),
    sql=f"""SELECT {DAY} AS day, s.text AS site, coalesce(v.visits, 0) AS visits,
        coalesce(v.page_views, 0) AS page_views, coalesce(v.bounces, 0) AS bounces, coalesce(c.visitors, 0) AS visitors,
        coalesce(v.duration_s, 0) AS duration_s, coalesce(v.fallback_visits, 0) AS fallback_visits,
        coalesce(v.cut_visits, 0) AS cut_visits
        FROM p_days t {SITE_NAME}
        LEFT JOIN p_visits v ON v.day = t.day AND v.site = t.site
        LEFT JOIN p_visitors c ON c.day = t.day AND c.site = t.site""",
)

PAGES: Final = Table(
    "pages",
    "Page views and visits by page",
    (
        *_KEYS,
        Column("page", "VARCHAR", "Path without query, personal parts replaced by placeholders such as {id}"),
    ),
    (
        Column("page_views", "BIGINT", "Views of the page"),
        Column("visits", "BIGINT", "Visits that viewed the page; a visit counts for each of its pages"),
        Column("entries", "BIGINT", "Visits that began with the page"),
        Column("exits", "BIGINT", "Visits that ended with the page"),
        Column("bounces", "BIGINT", "Visits that viewed this page once and nothing else"),
    ),
    (
        PartialTable(
            "pages",
            {**DAY_SITE_KEYS, "page": pa.uint64()},
            sums("page_views", "visits", "entries", "exits", "bounces"),
            published=(DAY_AND_SITE, name_of("page", "page")),
        ),
    ),
    fold=("page",),
    items=Items("t.page", "0", "n.text AS page"),
    totals=(Total("page_views", "visits", "sum(page_views)"),),
)

LOCATIONS: Final = Table(
    "locations",
    "Visits by where the visitor roughly is, by the address of the entry page view",
    (
        *_KEYS,
        Column("continent", "VARCHAR", "Continent code, such as EU"),
        Column("country", "VARCHAR", "ISO 3166-1 country code, such as DE"),
        Column("region", "VARCHAR", "First-level subdivision; approximate"),
    ),
    (_VISITS, _PAGE_VIEWS),
    (count_visits_by("locations", (_by_entry("location", "continent", "country", "region"),), _COUNTED),),
    fold=("region", "country", "continent"),
    totals=_ALL_VISITS,
)

TECHNOLOGY: Final = Table(
    "technology",
    "Visits by what the visitor browses with, by the user agent of the entry page view",
    (
        *_KEYS,
        Column("browser", "VARCHAR", "Browser family"),
        Column("browser_version", "VARCHAR", "Major version"),
        Column("os", "VARCHAR", "Operating system family"),
        Column("os_version", "VARCHAR", "Version; 'or later' where browsers report a frozen one"),
        Column("device", "VARCHAR", "desktop, mobile, tablet or other"),
    ),
    (_VISITS, _PAGE_VIEWS),
    (
        count_visits_by(
            "technology",
            (_by_entry("technology", "browser", "browser_version", "os", "os_version", "device"),),
            _COUNTED,
        ),
    ),
    fold=("os_version", "browser_version", "device", "os", "browser"),
    totals=_ALL_VISITS,
)

ACQUISITIONS: Final[PartialTable] = count_visits_by(
    "acquisitions",
    (_by_entry("acquisition", "kind", "source", "campaign_source", "campaign_medium", "campaign"),),
    _COUNTED,
)
"""How visits came: what `referrers` and `campaigns` add up."""
_ACQUIRED: Final = f"""SELECT {DAY} AS day, s.text AS site, visits, page_views,
        {
    ", ".join(
        f"{sql} AS {column}"
        for column, sql in name_parts("kind", "source", "campaign_source", "campaign_medium", "campaign").items()
    )
} FROM p_acquisitions t {SITE_NAME} JOIN p_names n ON n.id = t.acquisition"""

REFERRERS: Final = Table(
    "referrers",
    "Visits by how the visitor came, by the entry page view",
    (
        *_KEYS,
        Column("kind", "VARCHAR", "direct, internal, search, social, email, ai_assistant, campaign or other"),
        Column("source", "VARCHAR", "Name of the service, host, or utm_source; (none) for direct and internal"),
    ),
    (_VISITS, _PAGE_VIEWS),
    (ACQUISITIONS,),
    sql=f"""SELECT day, site, kind, source, sum(visits)::BIGINT AS visits, sum(page_views)::BIGINT AS page_views
        FROM ({_ACQUIRED}) GROUP BY ALL""",
    fold=("source", "kind"),
    totals=_ALL_VISITS,
)

CAMPAIGNS: Final = Table(
    "campaigns",
    "Visits whose entry page view carried utm parameters",
    (
        *_KEYS,
        Column("source", "VARCHAR", "utm_source"),
        Column("medium", "VARCHAR", "utm_medium"),
        Column("campaign", "VARCHAR", "utm_campaign"),
    ),
    (_VISITS, _PAGE_VIEWS),
    (ACQUISITIONS,),
    sql=f"""SELECT day, site, campaign_source AS source, campaign_medium AS medium, campaign,
        sum(visits)::BIGINT AS visits, sum(page_views)::BIGINT AS page_views
        FROM ({_ACQUIRED}) WHERE campaign_source <> '' OR campaign_medium NOT IN ('', '{NONE}') GROUP BY ALL""",
    fold=("campaign", "medium", "source"),
)

SEARCHES: Final = Table(
    "searches",
    "Phrases typed into the site's own search",
    (
        *_KEYS,
        Column("phrase", "VARCHAR", "Normalised: lower case, white space collapsed, personal parts replaced"),
    ),
    (
        Column("searches", "BIGINT", "Page views with the phrase"),
        Column("visits", "BIGINT", "Visits that searched for the phrase"),
    ),
    (
        PartialTable(
            "searches",
            {**DAY_SITE_KEYS, "phrase": pa.uint64()},
            sums("searches", "visits"),
            published=(DAY_AND_SITE, name_of("phrase", "phrase")),
        ),
    ),
    fold=("phrase",),
    items=Items("t.phrase", "0", "n.text AS phrase"),
)

ERRORS: Final = Table(
    "errors",
    "Hits answered with status 400 and above",
    (
        *_KEYS,
        Column("status", "SMALLINT", "HTTP status; NULL where it was folded"),
        Column("page", "VARCHAR", "Page of human hits; (other) for machines and for pages that few visits met"),
    ),
    (
        Column("hits", "BIGINT", "Hits, on the day on which they happened"),
        Column("visits", "BIGINT", "Visits that met the error on this day; 0 for machines"),
    ),
    (
        PartialTable(
            "human_errors",
            {**DAY_SITE_KEYS, "status": pa.int16(), "page": pa.uint64()},
            sums("hits", "hits_without_visit", "visits"),
        ),
        MACHINE_ERRORS,
    ),
    sql=f"""SELECT {DAY} AS day, s.text AS site, t.status, n.text AS page, hits, visits
        FROM p_human_errors t {SITE_NAME} JOIN p_names n ON n.id = t.page WHERE visits > 0""",
    fold=("page", "status"),
    items=Items("t.page", "t.status", "t.code AS status, n.text AS page"),
    sql_unfolded=f"""SELECT {DAY} AS day, s.text AS site, t.status, '{OTHER}' AS page, t.hits, 0 AS visits
        FROM (
          SELECT day, site, status, hits_without_visit AS hits FROM p_human_errors WHERE hits_without_visit > 0
          UNION ALL SELECT day, site, status, hits FROM p_machine_errors
        ) t {SITE_NAME}""",
)

_FINDING: Final = f"{list(AUDIT_FINDINGS)}[{{}} + 1]"

COOKIE_AUDIT: Final = Table(
    "cookie_audit",
    "How far the site keeps the promise that a cookie serves one session only",
    (*_KEYS, Column("finding", "VARCHAR", "reused, shared, long or never_issued")),
    (Column("visits", "BIGINT", "Visits with this finding"),),
    (PartialTable("cookie_audit", {**DAY_SITE_KEYS, "finding": pa.uint8()}, sums("visits")),),
    sql=f"""SELECT {DAY} AS day, s.text AS site, {_FINDING.format("t.finding")} AS finding, visits
        FROM p_cookie_audit t {SITE_NAME}""",
    fold=("finding",),
    items=Items("0", "t.finding", f"{_FINDING.format('t.code')} AS finding"),
)

VISIT_TABLES: Final = (
    VISITS,
    PAGES,
    LOCATIONS,
    TECHNOLOGY,
    REFERRERS,
    CAMPAIGNS,
    SEARCHES,
    ERRORS,
    COOKIE_AUDIT,
)
