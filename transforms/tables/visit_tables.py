"""The published tables that describe people: counted from visits, under the rules for small groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Flags
from footfall.transforms.tables.declaring import (
    DAY,
    DAY_SITE_KEYS,
    SITE_NAME,
    Cells,
    Column,
    Level,
    PartialTable,
    Published,
    Table,
    Total,
    VisitKey,
    VisitMeasure,
    at_least,
    count_visits_by,
    name_of,
    name_parts,
    sums,
)
from footfall.transforms.tables.hit_tables import DAY_COLUMN, MACHINE_ERRORS, SITE_COLUMN
from footfall.transforms.tables.visitor_counts import MEASURES_OF_HOURS
from footfall.transforms.visits.visit_rows import (
    BOUNCE,
    COMPLETED,
    CUT,
    ENTRY,
    EXIT,
    FALLBACK,
    FALLBACK_UNFOUND,
    IN_VISIT,
    ISSUED,
    LASTING,
    NOT_MISUSED,
    NOT_MISUSED_IN_MONTH,
    NOT_MISUSED_IN_WEEK,
    REFINED,
    UNFOUND,
    UNFOUND_IN_MONTH,
    UNFOUND_IN_WEEK,
)
from footfall.transforms.vocabulary import AUDIT_CODES, AUTOMATED, NONE, OTHER

if TYPE_CHECKING:
    from footfall.transforms.visits.visit_columns import VisitColumns

_OTHER: Final = f"'{OTHER}'"
_SMALL_DAY: Final = "NULL on a day of fewer than k visitors"
FEW: Final = "NULL where they are of fewer than k visitors"
_VISITS: Final = Column("visits", "BIGINT", "Visits that began in the span of the row")
_PAGE_VIEWS: Final = Column("page_views", "BIGINT", "Page views of these visits, in the span in which the visit began")
GRAIN_COLUMN: Final = Column(
    "grain",
    "VARCHAR",
    "Span of the row: day, week (the days of an ISO week in one month) or month; day is its first day",
    since=3,
)
SPAN_KEYS: Final = (DAY_COLUMN, SITE_COLUMN, GRAIN_COLUMN)
_ENGAGEMENT: Final = (
    Column("bounces", "BIGINT", f"Of these visits those with one page view; {FEW}", since=4),
    Column("duration_s", "BIGINT", f"Seconds from first to last hit of these visits, summed; {FEW}", since=4),
    Column(
        "completions",
        "BIGINT",
        f"Of these visits those that reached a goal, 0 if the settings have none; {FEW}",
        since=4,
    ),
)
_ENGAGED: Final = {"bounces": BOUNCE, "duration_s": LASTING, "completions": COMPLETED}

_NUMBER_OF_VISITS: Final = VisitMeasure()
_COUNTED: Final = {
    "visits": _NUMBER_OF_VISITS,
    "page_views": VisitMeasure(lambda visits: visits.page_views),
    "bounces": VisitMeasure(lambda visits: visits.is_bounce.astype(np.int64), counts_visitors=True),
    "duration_s": VisitMeasure(lambda visits: visits.duration_s, counts_visitors=True),
    "completions": VisitMeasure(lambda visits: visits.is_completed.astype(np.int64), counts_visitors=True),
}
_ALL_VISITS: Final = (
    Total("visits", "visits", "sum(visits)"),
    Total("page_views", "visits", "sum(page_views)"),
)


def _by_entry(column: str, *published: str) -> VisitKey:
    """Visits by what their first page view has in a column of VISIT_ROWS."""
    return VisitKey(column, lambda visits: visits.at_entry(column), name_of(column, *published))


def _to_other(*columns: str) -> tuple[Level, ...]:
    return tuple({column: _OTHER} for column in columns)


def to_folders(column: str) -> tuple[Level, ...]:
    """Return the levels of a page: its folder (/a/b/…, or /a?… with query keys), the first one (/a/…), (other)."""
    # One slash at the end belongs to the page.
    path = f"regexp_replace({column}, '/$', '')"
    folder, first = f"regexp_extract({path}, '^(/.*)/', 1)", f"regexp_extract({path}, '^(/[^/?]*)/', 1)"
    keyed = f"regexp_extract({column}, '^(/[^?]*[?])', 1)"
    of_keyed = f"WHEN {keyed} <> '' THEN {keyed} || '…'"
    return (
        {column: f"CASE {of_keyed} WHEN {folder} <> '' THEN {folder} || '/…' ELSE {_OTHER} END"},
        {column: f"CASE WHEN {first} <> '' THEN {first} || '/…' {of_keyed} ELSE {_OTHER} END"},
        {column: _OTHER},
    )


_LEFT: Final[Mapping[str, tuple[int, Callable[[VisitColumns], Flags]]]] = {
    "issued": (ISSUED, lambda visits: ~visits.is_never_issued),
    "not_misused": (NOT_MISUSED, lambda visits: ~visits.is_misused),
    "unfound": (UNFOUND, lambda visits: visits.is_unfound),
    "fallback_unfound": (FALLBACK_UNFOUND, lambda visits: visits.is_fallback & visits.is_unfound),
    "not_misused_in_week": (NOT_MISUSED_IN_WEEK, lambda visits: ~visits.is_misused_in_week),
    "unfound_in_week": (UNFOUND_IN_WEEK, lambda visits: ~(visits.is_never_issued | visits.is_misused_in_week)),
    "not_misused_in_month": (NOT_MISUSED_IN_MONTH, lambda visits: ~visits.is_misused_in_month),
    "unfound_in_month": (UNFOUND_IN_MONTH, lambda visits: ~(visits.is_never_issued | visits.is_misused_in_month)),
}
"""What findings of the cookie audit leave of the visits of a day: bits of their flags, and which visits it is."""


def _counting(left: Callable[[VisitColumns], Flags]) -> VisitMeasure:
    return VisitMeasure(lambda visits: left(visits).astype(np.int64), counts_visitors=True)


_VISIT_TOTALS: Final = count_visits_by(
    "visits",
    (),
    {
        **{name: measure for name, measure in _COUNTED.items() if name != "completions"},
        "fallback_visits": VisitMeasure(lambda visits: visits.is_fallback.astype(np.int64), counts_visitors=True),
        "cut_visits": VisitMeasure(lambda visits: visits.is_cut.astype(np.int64), counts_visitors=True),
        **{name: _counting(left) for name, (_, left) in _LEFT.items()},
        "last_ms": VisitMeasure(lambda visits: visits.end_ms, "max"),
    },
)

VISITS: Final = Table(
    "visits",
    "Visits by day: hits of one session cookie without 30 minutes of silence, at least one of them a page view. "
    "All measures are NULL on a day of fewer than k visitors",
    (DAY_COLUMN, SITE_COLUMN),
    (
        Column("visits", "BIGINT", f"Visits that began on this day; {_SMALL_DAY}"),
        Column("page_views", "BIGINT", f"Page views of these visits; {_SMALL_DAY}"),
        Column("bounces", "BIGINT", f"Visits with one page view; {FEW}"),
        Column(
            "visitors",
            "BIGINT",
            f"Distinct clients with a page view on this day; not additive over days; {_SMALL_DAY}",
        ),
        Column("duration_s", "BIGINT", f"Seconds from first to last hit, summed over visits; {FEW}"),
        Column(
            "fallback_visits",
            "BIGINT",
            f"Visits without a cookie, distinguished by address and user agent; {FEW}, or those that are not "
            "never_issued in cookie_audit are",
        ),
        Column("cut_visits", "BIGINT", f"Visits that may have gone on after the logs end; {FEW}"),
    ),
    # `visitors` is counted by `adopt_hits`, which has all hits of a client together.
    (_VISIT_TOTALS, PartialTable("visitors", DAY_SITE_KEYS, sums("visitors"))),
    sql="FROM visit_totals",
    protection="NULL on a day of fewer than *k* visitors",
    cells=Cells(
        (),
        "0",
        parts={"bounces": BOUNCE, "fallback_visits": FALLBACK, "cut_visits": CUT, "duration_s": LASTING},
        unpublished={name: bit for name, (bit, _) in _LEFT.items()},
    ),
)

VISIT_LENGTHS: Final = Table(
    "visit_lengths",
    "Visits by number of page views and by duration, in buckets that hold k visitors",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column(
            "measure",
            "VARCHAR",
            "page_views or duration_s: what the buckets divide; the rows of each measure have all visits",
        ),
        Column("at_least", "BIGINT", "Least page views or seconds of the bucket"),
        Column("at_most", "BIGINT", "Most page views or seconds of the bucket; NULL for the last"),
    ),
    (Column("visits", "BIGINT", "Visits that began on this day"),),
    (
        PartialTable(
            "visit_lengths",
            {**DAY_SITE_KEYS, "measure": pa.uint8(), "bucket": pa.uint8()},
            {**sums("visits"), **at_least("visitors")},
        ),
    ),
    sql="FROM published_lengths",
    protection="neighbouring buckets are joined until they have *k* visitors; a day of fewer has no rows",
    totals=(Total("visits", "visits", "2 * sum(visits)"),),
    since=4,
)

_GOALS: Final = "goals"
"""The table that says which goals are named for a day."""

PAGES: Final = Table(
    "pages",
    "Page views and visits by page",
    (
        *SPAN_KEYS,
        Column(
            "page",
            "VARCHAR",
            "Path, with query keys that distinguish pages; placeholders such as {id} for personal parts; or folder/…",
        ),
    ),
    (
        Column("page_views", "BIGINT", "Views of the page"),
        Column("visits", "BIGINT", "Visits that viewed the page; a visit counts for each of its pages"),
        Column("entries", "BIGINT", f"Visits that began with the page; {FEW}"),
        Column("exits", "BIGINT", f"Visits that ended with the page; {FEW}"),
        Column("bounces", "BIGINT", f"Visits that viewed this page once and nothing else; {FEW}"),
    ),
    (
        PartialTable(
            "pages",
            {**DAY_SITE_KEYS, "page": pa.uint64()},
            {
                **sums("page_views", "visits", "entries", "exits", "bounces"),
                **at_least("visitors", "entries", "exits", "bounces"),
            },
        ),
    ),
    cells=Cells(
        (name_of("page", "page"),),
        "t.page",
        items=True,
        parts={"entries": ENTRY, "exits": EXIT, "bounces": BOUNCE},
        goals="goal_pages",
        goals_of="entries",
    ),
    after=(_GOALS,),
    levels=to_folders("page"),
    totals=(Total("page_views", "visits", "sum(page_views)"),),
)

LOCATIONS: Final = Table(
    "locations",
    "Visits by where the visitor roughly is, by the address of the entry page view",
    (
        *SPAN_KEYS,
        Column("continent", "VARCHAR", "Continent code, such as EU"),
        Column("country", "VARCHAR", "ISO 3166-1 country code, such as DE"),
        Column("region", "VARCHAR", "First-level subdivision; approximate"),
    ),
    (_VISITS, _PAGE_VIEWS, *_ENGAGEMENT),
    (count_visits_by("locations", (_by_entry("location", "continent", "country", "region"),), _COUNTED),),
    cells=Cells((name_of("location", "continent", "country", "region"),), "t.location", parts=_ENGAGED),
    levels=_to_other("region", "country", "continent"),
    totals=_ALL_VISITS,
)

AGENTS: Final[PartialTable] = count_visits_by("agents", (_by_entry("technology"),), _COUNTED)
"""What visitors browse with: what `technology`, `browser_versions` and `os_versions` add up."""
_BROWSER: Final = Column("browser", "VARCHAR", "Browser family")
_OS: Final = Column("os", "VARCHAR", "Operating system family")


def _of_agents(*columns: str, parts: Mapping[str, int] | None = None) -> Cells:
    """Return the cells by some of what an agent's name says."""
    name = name_of("technology", "browser", "browser_version", "os", "os_version", "device")
    shown = Published({column: name.columns[column] for column in columns}, name.join)
    return Cells((shown,), "t.technology", parts=parts or {})


TECHNOLOGY: Final = Table(
    "technology",
    "Visits by what the visitor browses with, by the user agent of the entry page view",
    (*SPAN_KEYS, _BROWSER, _OS, Column("device", "VARCHAR", "desktop, mobile, tablet or other")),
    (_VISITS, _PAGE_VIEWS, *_ENGAGEMENT),
    (AGENTS,),
    cells=_of_agents("browser", "os", "device", parts=_ENGAGED),
    levels=_to_other("device", "os", "browser"),
    totals=_ALL_VISITS,
)

BROWSER_VERSIONS: Final = Table(
    "browser_versions",
    "Visits by version of the browser, folded within the rows of technology",
    (*SPAN_KEYS, _BROWSER, Column("browser_version", "VARCHAR", "Major version")),
    (_VISITS, _PAGE_VIEWS),
    (AGENTS,),
    cells=_of_agents("browser", "browser_version"),
    levels=_to_other("browser_version", "browser"),
    within=TECHNOLOGY,
    totals=_ALL_VISITS,
    since=3,
)

OS_VERSIONS: Final = Table(
    "os_versions",
    "Visits by version of the operating system, folded within the rows of technology",
    (*SPAN_KEYS, _OS, Column("os_version", "VARCHAR", "Version; 'or later' where browsers report a frozen one")),
    (_VISITS, _PAGE_VIEWS),
    (AGENTS,),
    cells=_of_agents("os", "os_version"),
    levels=_to_other("os_version", "os"),
    within=TECHNOLOGY,
    totals=_ALL_VISITS,
    since=3,
)

ACQUISITIONS: Final[PartialTable] = count_visits_by("acquisitions", (_by_entry("acquisition"),), _COUNTED)
"""How visits came: what `referrers` and `campaigns` add up."""
_CAME: Final = name_parts("kind", "source", "campaign_source", "campaign_medium", "campaign")
_CAME_BY: Final = name_of("acquisition").join

REFERRERS: Final = Table(
    "referrers",
    "Visits by how the visitor came, by the entry page view",
    (
        *SPAN_KEYS,
        Column("kind", "VARCHAR", "direct, internal, search, social, email, ai_assistant, campaign, spam or other"),
        Column("source", "VARCHAR", "Name of the service, host, or utm_source; (none) for direct and internal"),
    ),
    (_VISITS, _PAGE_VIEWS, *_ENGAGEMENT),
    (ACQUISITIONS,),
    cells=Cells(
        (Published({"kind": _CAME["kind"], "source": _CAME["source"]}, _CAME_BY),),
        "t.acquisition",
        parts=_ENGAGED,
        goals="goal_acquisitions",
    ),
    after=(_GOALS,),
    levels=_to_other("source", "kind"),
    totals=_ALL_VISITS,
)

CAMPAIGNS: Final = Table(
    "campaigns",
    "Visits whose entry page view carried utm parameters, folded within the rows of referrers",
    (
        *SPAN_KEYS,
        Column(
            "source",
            "VARCHAR",
            "utm_source; where medium is (other), the source in referrers. Such a row includes visits without a "
            "campaign if they are of fewer than k visitors",
        ),
        Column("medium", "VARCHAR", "utm_medium"),
        Column("campaign", "VARCHAR", "utm_campaign"),
    ),
    (_VISITS, _PAGE_VIEWS, *_ENGAGEMENT),
    (ACQUISITIONS,),
    cells=Cells(
        (
            Published(
                {
                    "source": _CAME["campaign_source"],
                    "medium": _CAME["campaign_medium"],
                    "campaign": _CAME["campaign"],
                },
                _CAME_BY,
            ),
        ),
        "t.acquisition",
        parts=_ENGAGED,
        goals="goal_acquisitions",
        where=f"{_CAME['campaign_source']} <> '' OR {_CAME['campaign_medium']} NOT IN ('', '{NONE}')",
    ),
    after=(_GOALS,),
    levels=({"campaign": _OTHER}, {"medium": _OTHER, "source": "outer_source"}, {"source": _OTHER}),
    within=REFERRERS,
    outer_keys=("kind", "source"),
)

SEARCHES: Final = Table(
    "searches",
    "Phrases typed into the site's own search",
    (
        *SPAN_KEYS,
        Column("phrase", "VARCHAR", "Normalised: lower case, white space collapsed, personal parts replaced"),
    ),
    (
        Column("searches", "BIGINT", "Page views with the phrase"),
        Column("visits", "BIGINT", "Visits that searched for the phrase"),
        Column("exits", "BIGINT", f"Visits that ended with a search for it; {FEW}", since=4),
        Column("refined", "BIGINT", f"Visits whose next search after it was for another phrase; {FEW}", since=4),
    ),
    (
        PartialTable(
            "searches",
            {**DAY_SITE_KEYS, "phrase": pa.uint64()},
            {**sums("searches", "visits", "exits", "refined"), **at_least("visitors", "exits", "refined")},
        ),
    ),
    cells=Cells((name_of("phrase", "phrase"),), "t.phrase", items=True, parts={"exits": EXIT, "refined": REFINED}),
    levels=_to_other("phrase"),
    # Of days on which few searched nothing is published until their week is.
    small_by="0",
)

_4XX: Final = MEASURES_OF_HOURS.index("hits_4xx")

ERRORS: Final = Table(
    "errors",
    "Hits answered with status 400 and above",
    (
        *SPAN_KEYS,
        Column(
            "status", "SMALLINT", "HTTP status; NULL where folded (4xx and 5xx separately), and for automated clients"
        ),
        Column("page", "VARCHAR", "Page of human hits; (other) for machines and where few visitors met the error"),
    ),
    (
        Column("hits", "BIGINT", "Hits, in the span in which they happened"),
        Column("visits", "BIGINT", f"Visits that met the error in this span; 0 for machines; {FEW}"),
    ),
    (
        PartialTable(
            "human_errors",
            {**DAY_SITE_KEYS, "status": pa.int16(), "page": pa.uint64()},
            {**sums("hits", "visits"), **at_least("visitors", "visits")},
        ),
        MACHINE_ERRORS,
    ),
    cells=Cells(
        (Published({"status": "t.status"}), name_of("page", "page")),
        "t.page",
        code="t.status",
        items=True,
        parts={"visits": IN_VISIT},
    ),
    # `traffic` publishes the errors of each hundred, so each has its own rest and small days.
    levels=(*to_folders("page"), {"status": "(status // 100)::SMALLINT"}),
    shown={"status": "CASE WHEN status >= 100 THEN status END"},
    # Earlier files have rows without a status.
    small_by="coalesce(c.status, 0) // 100",
    sql_unfolded=f"""SELECT {DAY} AS day, s.text AS site, 'day' AS grain, t.status, '{OTHER}' AS page, t.hits,
        0 AS visits FROM p_machine_errors t {SITE_NAME}
      UNION ALL
      SELECT {DAY}, s.text, 'day', NULL, '{OTHER}', [t.hits_4xx, t.hits_5xx][1 + t.measure - {_4XX}], 0 FROM (
        SELECT day, site, measure, visitors, sum(hits_4xx) AS hits_4xx, sum(hits_5xx) AS hits_5xx FROM (
          SELECT local_hour // 24 AS day, site, measure, sum(first) AS visitors FROM p_hour_visitors
          WHERE traffic_class = {AUTOMATED} AND measure BETWEEN {_4XX} AND {_4XX} + 1 GROUP BY ALL
        ) JOIN (
          SELECT local_hour // 24 AS day, site, hits_4xx, hits_5xx FROM p_traffic WHERE traffic_class = {AUTOMATED}
        ) USING (day, site) GROUP BY ALL
      ) t {SITE_NAME}, this_run run WHERE t.visitors >= run.k""",
)

_FINDING, _OWN = (f"{list(values)}[t.finding + 1]" for values in zip(*AUDIT_CODES, strict=True))

COOKIE_AUDIT: Final = Table(
    "cookie_audit",
    "How far the site keeps the promise that a cookie serves one session only",
    (
        *SPAN_KEYS,
        Column(
            "finding",
            "VARCHAR",
            "reused, shared, long or never_issued; reused by day, week or month, as each visit counts in the least "
            "span in which its cookie had an earlier one",
        ),
    ),
    (Column("visits", "BIGINT", "Visits with this finding"),),
    (
        PartialTable(
            "cookie_audit",
            {**DAY_SITE_KEYS, "finding": pa.uint8()},
            {**sums("visits"), **at_least("visitors")},
        ),
    ),
    cells=Cells(
        (Published({"finding": _FINDING}),),
        "0",
        code="t.finding",
        items=True,
        where=f"({DAY}, s.text, {_OWN}) NOT IN (FROM unaudited)",
        own=_OWN,
    ),
    levels=_to_other("finding"),
    small_by="0",
)

VISIT_TABLES: Final = (
    VISITS,
    VISIT_LENGTHS,
    PAGES,
    LOCATIONS,
    TECHNOLOGY,
    BROWSER_VERSIONS,
    OS_VERSIONS,
    REFERRERS,
    CAMPAIGNS,
    SEARCHES,
    ERRORS,
    COOKIE_AUDIT,
)
