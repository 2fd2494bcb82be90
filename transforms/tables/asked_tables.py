"""The published tables by what hits asked for."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Words
from footfall.transforms.describing.name_crawls import ROOT
from footfall.transforms.describing.robots_rules import ALL_SITES, ASKED, FORBIDDEN
from footfall.transforms.kernels.names import texts_by_code
from footfall.transforms.tables.declaring import (
    DAY,
    DAY_SITE_KEYS,
    NUMBER_OF_HITS,
    SITE_NAME,
    Cells,
    Column,
    HitKey,
    HitMeasure,
    HitNames,
    PartialTable,
    Published,
    Table,
    Total,
    at_least,
    count_hits_by,
    name_of,
    name_parts,
    sums,
)
from footfall.transforms.tables.hit_tables import (
    BY_CLASS,
    BY_DAY,
    BY_MACHINE,
    BY_SITE,
    BYTES_OF_DAY,
    CLASS_COLUMN,
    DAY_COLUMN,
    SITE_COLUMN,
    machine_columns,
)
from footfall.transforms.tables.visit_tables import FEW, SPAN_KEYS, to_folders
from footfall.transforms.visits.visit_rows import IN_VISIT, PARTIAL
from footfall.transforms.vocabulary import ASKED_KINDS, BOT, HUMAN, OTHER

PAGE_VIEW_KIND: Final = ASKED_KINDS.index("page_view")
DOCUMENT_KIND: Final = ASKED_KINDS.index("document")
DOCUMENTS: Final = "documents"
"""The published name of both of these kinds together."""

BY_KIND: Final = HitKey(
    3,
    lambda hits: np.where(hits.is_page_view, np.uint8(PAGE_VIEW_KIND), hits.kind),
    {"kind": pa.uint8()},
    lambda codes, _: {"kind": codes},
    Published({"kind": f"{list(ASKED_KINDS)}[t.kind + 1]"}),
)

KINDS: Final = Table(
    "kinds",
    "Hits by day, kind of request and traffic class. Rows of hours would mostly be about few people",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column(
            "kind",
            "VARCHAR",
            "page_view, document (that made no page view), asset (images, scripts, styles, fonts), api, background "
            "(what programs ask for by themselves) or download; documents (page_view and document together, on a day "
            "on which few visits cross midnight); (unknown) without a path, (other) for kinds few people asked for",
        ),
        CLASS_COLUMN,
    ),
    (
        Column("hits", "BIGINT", "Logged requests"),
        Column("bytes_sent", "BIGINT", f"Bytes sent to clients; {BYTES_OF_DAY}"),
    ),
    (
        count_hits_by(
            "kinds",
            (BY_DAY, BY_SITE, BY_KIND, BY_CLASS),
            {"hits": NUMBER_OF_HITS, "bytes_sent": HitMeasure(lambda hits: hits.bytes_sent)},
        ),
    ),
    sql="FROM published_kinds",
    totals=(Total("hits", "days", "sum(hits)"),),
    since=4,
    protection=(
        "kinds of fewer than *k* visitors are `(other)`, which takes in the smallest until it has *k*, page views "
        "last; page views and other documents are one row on a day on which few visits cross midnight; bytes as in "
        "`traffic`"
    ),
)

_TO_K: Final = "rounded to a multiple of k"


_FILES_ASKED_FOR: Final = f"""WITH wholes AS (
        SELECT {DAY} AS day, s.text AS site, row_number() OVER () - 1 AS whole, sum(t.hits)::BIGINT AS hits
        FROM p_kinds t {SITE_NAME}
        WHERE t.traffic_class = {HUMAN} AND t.kind = {ASKED_KINDS.index("download")} GROUP BY ALL
      )
      SELECT c.cell, w.whole, w.hits FROM downloads_cells c JOIN wholes w USING (day, site)"""
"""SQL for the hits of each day that asked for files, which `kinds` publishes, as wholes of `downloads`."""

DOWNLOADS: Final = Table(
    "downloads",
    "Files that people fetched: audio, video, archives, programs, data. Texts such as PDF are pages",
    (*SPAN_KEYS, Column("page", "VARCHAR", "Path of the file, as in pages")),
    (
        Column("hits", "BIGINT", f"Requests answered with the file or a part of it, in the span of the row; {_TO_K}"),
        Column("visits", "BIGINT", f"Visits that fetched it in this span; {_TO_K}; {FEW}"),
        Column("partial", "BIGINT", f"Hits answered with a part of the file (status 206); {_TO_K}; {FEW}"),
    ),
    (
        PartialTable(
            "downloads",
            {**DAY_SITE_KEYS, "page": pa.uint64()},
            {**sums("hits", "visits", "partial"), **at_least("visitors", "visits", "partial")},
        ),
    ),
    cells=Cells((name_of("page", "page"),), "t.page", items=True, parts={"visits": IN_VISIT, "partial": PARTIAL}),
    levels=to_folders("page"),
    known_by=(_FILES_ASKED_FOR,),
    since=4,
)

_VISITS: Final = f"if(c.hidden & {IN_VISIT} > 0, -1, c.visits)"
_ERRORS_BY_ROW: Final = f"""WITH met AS (
        SELECT day, site, status, page, row AS whole, sum(hits) OVER (PARTITION BY row)::BIGINT AS hits,
          {_VISITS} AS visits
        FROM errors_cells e JOIN errors_placed USING (cell) JOIN errors_closed c USING (cell) WHERE row >= 0
      )
      SELECT c.cell, m.whole, m.hits, m.visits
      FROM broken_links_cells c JOIN met m USING (day, site, status, page)"""
"""SQL for the hits and visits of each row of `errors`, as wholes of `broken_links`."""


def _errors_of_span(span: str) -> str:
    """Return SQL for the rows of `errors` that are about one span alone, and for its other errors, as such wholes.

    The sum of both is known for each hundred of the status from `traffic`.
    """
    return f"""WITH placed AS (
        SELECT e.day, e.site, e.status, e.page, e.hits, s.part, s.{span} AS first, s.joins_{span} AS is_known,
          p.row >= 0 AND bool_and(s.joins_{span}) OVER of_row
            AND min(s.{span}) OVER of_row = max(s.{span}) OVER of_row AS is_alone,
          CASE WHEN is_alone THEN p.row ELSE -1 END AS own_row, if(is_alone, {_VISITS}, -1) AS visits
        FROM errors_cells e JOIN errors_placed p USING (cell) LEFT JOIN errors_closed c USING (cell)
        JOIN errors_spans s ON s.day = e.day AND s.site = e.site AND s.part = e.status // 100
        WINDOW of_row AS (PARTITION BY p.row)
      ), met AS (
        SELECT day, site, status, page, visits,
          sum(hits) OVER (PARTITION BY site, part, first, own_row)::BIGINT AS hits,
          dense_rank() OVER (ORDER BY site, part, first, own_row) - 1 AS whole
        FROM placed WHERE is_known
      )
      SELECT c.cell, m.whole, m.hits, m.visits
      FROM broken_links_cells c JOIN met m USING (day, site, status, page)"""


_LINK: Final = name_parts("mark", "page", "referrer")

BROKEN_LINKS: Final = Table(
    "broken_links",
    "Links to missing pages that people followed: status 404 or 410, with a referrer",
    (
        *SPAN_KEYS,
        Column("status", "SMALLINT", "404 or 410; NULL where it was folded"),
        Column("page", "VARCHAR", "Page that is missing, as in errors"),
        Column("referrer", "VARCHAR", "Page of the site, or service or host, on which the link stands"),
    ),
    (
        Column("hits", "BIGINT", f"Hits that followed the link, in the span of the row; {_TO_K}"),
        Column("visits", "BIGINT", f"Visits that followed it in this span; {_TO_K}; {FEW}"),
    ),
    (
        PartialTable(
            "broken_links",
            {**DAY_SITE_KEYS, "status": pa.int16(), "link": pa.uint64()},
            {**sums("hits", "visits"), **at_least("visitors", "visits")},
        ),
    ),
    cells=Cells(
        (
            Published({"status": "t.status"}),
            Published({column: _LINK[column] for column in ("page", "referrer")}, name_of("link").join),
        ),
        "t.link",
        code="t.status",
        items=True,
        parts={"visits": IN_VISIT},
    ),
    levels=({"referrer": f"'{OTHER}'"}, *to_folders("page"), {"status": "NULL"}),
    known_by=(_ERRORS_BY_ROW, *map(_errors_of_span, ("day", "week", "month"))),
    # Otherwise it would have rows for days that are too small for `errors`.
    small_by="c.status // 100",
    small_as="errors",
    after=("errors",),
    since=4,
)


def _crawl_columns(codes: Words, names: HitNames) -> dict[str, pa.Array]:
    machines, folders = names.crawls(codes)
    return {**machine_columns(machines, names), "page_group": texts_by_code(names.folders, folders)}


BY_CRAWL: Final = HitKey(
    19,
    lambda hits: hits.crawl,
    {"name": pa.string(), "category": pa.string(), "page_group": pa.string()},
    _crawl_columns,
    Published({"name": "t.name", "category": "t.category", "page_group": "t.page_group"}),
)
BY_HUNDRED: Final = HitKey(
    3,
    lambda hits: np.where((hits.status >= 200) & (hits.status < 600), hits.status // 100, 0),
    {"hundred": pa.uint8()},
    lambda codes, _: {"hundred": codes},
    Published({"status_class": f"CASE WHEN t.hundred > 0 THEN t.hundred || 'xx' ELSE '{OTHER}' END"}),
)
_OF_CRAWLS: Final = count_hits_by(
    "crawls",
    (BY_DAY, BY_SITE, BY_CRAWL, BY_HUNDRED),
    {"hits": NUMBER_OF_HITS, "bytes_sent": HitMeasure(lambda hits: hits.bytes_sent)},
    lambda hits: hits.traffic_class == BOT,
)

_BOT_NAME: Final = f"CASE WHEN v.visitors < run.k OR t.name IN (FROM withheld_bots) THEN '{OTHER}' ELSE t.name END"
_BOT_VISITORS: Final = f"""LEFT JOIN named_visitors v ON v.day = t.day AND v.site = t.site
          AND v.traffic_class = {BOT} AND v.name = t.name AND v.category = t.category"""
"""SQL of a bot's published name, and of the join that it needs."""
NAMING: Final = ("pages", "downloads")
"""The tables whose rows name the folders of a site."""
_NAMED_FOLDER: Final = "'/' || str_split(page, '/')[2] || '/…' AS folder"
NAMED_FOLDERS: Final = f"""named AS (
          SELECT DISTINCT site, {_NAMED_FOLDER}
          FROM ({" UNION ALL ".join(f"SELECT site, page FROM {table}" for table in NAMING)}) WHERE page LIKE '/%/%'
        )"""
"""SQL of the first folders that tables of NAMING name, or name pages of; the query must run `after` these tables."""

CRAWLERS: Final = Table(
    "crawlers",
    "What declared bots ask for: hits by bot, folder of the site and status",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column("name", "VARCHAR", "Name of the bot, as in bots"),
        Column("category", "VARCHAR", "What it is for, such as ai crawler or search engine"),
        Column(
            "page_group",
            "VARCHAR",
            "First folder of what it asked for; / for what is in none; (other) for folders that pages and downloads do "
            "not name",
        ),
        Column("status_class", "VARCHAR", "2xx, 3xx, 4xx or 5xx; (other) for any other status"),
    ),
    (Column("hits", "BIGINT", "Logged requests"), Column("bytes_sent", "BIGINT", "Bytes sent to it")),
    (_OF_CRAWLS,),
    sql=f"""WITH {NAMED_FOLDERS}
        SELECT {DAY} AS day, s.text AS site,
          {_BOT_NAME} AS name,
          t.category,
          CASE WHEN t.page_group = '{ROOT}' OR f.folder IS NOT NULL THEN t.page_group ELSE '{OTHER}' END AS page_group,
          {BY_HUNDRED.published.columns["status_class"]} AS status_class,
          sum(t.hits)::BIGINT AS hits, sum(t.bytes_sent)::BIGINT AS bytes_sent
        FROM p_crawls t {SITE_NAME} LEFT JOIN named f ON f.site = s.text AND f.folder = t.page_group
        {_BOT_VISITORS}, this_run run GROUP BY ALL""",
    after=NAMING,
    totals=(Total("hits", "bots", "sum(hits) FILTER (traffic_class = 'bot')"),),
    since=4,
    protection=(
        "hits of declared bots alone; folders are those that `pages` and `downloads` name, and names that clients "
        "chose need *k* clients, as in `bots`"
    ),
)


def _crawl_error_columns(codes: Words, names: HitNames) -> dict[str, Any]:
    machines, statuses, pages, folders = names.crawl_errors(codes)
    errors = {"status": statuses, "page": pages, "page_group": texts_by_code(names.folders, folders)}
    return {**machine_columns(machines, names), **errors}


BY_CRAWL_ERROR: Final = HitKey(
    22,
    lambda hits: hits.crawl_error,
    {
        "name": pa.string(),
        "category": pa.string(),
        "status": pa.int16(),
        "page": pa.uint64(),
        "page_group": pa.string(),
    },
    _crawl_error_columns,
    Published({"name": "t.name", "category": "t.category", "status": "t.status"}),
)
_NAMING_ERRORS: Final = (*NAMING, "errors")
"""The tables that name pages on which people met errors. Errors of bots are published under these names only."""
CRAWLER_ERRORS: Final = Table(
    "crawler_errors",
    "Errors that declared bots meet: hits of status 400 to 599 by bot, page and status",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column("name", "VARCHAR", "Name of the bot, as in bots"),
        Column("category", "VARCHAR", "What it is for, such as ai crawler or search engine"),
        Column("status", "SMALLINT", "HTTP status"),
        Column(
            "page",
            "VARCHAR",
            "Page at which it met the error, if pages, downloads or errors name it for people of the day; else its "
            "first folder (/a/…) if they name that, else (other)",
        ),
    ),
    (Column("hits", "BIGINT", "Logged requests"),),
    (
        count_hits_by(
            "crawl_errors",
            (BY_DAY, BY_SITE, BY_CRAWL_ERROR),
            {"hits": NUMBER_OF_HITS},
            lambda hits: hits.crawl_error > 0,
        ),
    ),
    # Names of pages are those of people's hits: of what bots alone asked for, no text left the worker.
    sql=f"""WITH named_pages AS (
          {" UNION ".join(f"SELECT day, site, page FROM {table} WHERE grain = 'day'" for table in _NAMING_ERRORS)}
        ), named AS (SELECT DISTINCT day, site, {_NAMED_FOLDER} FROM named_pages WHERE page LIKE '/%/%')
        SELECT {DAY} AS day, s.text AS site, {_BOT_NAME} AS name, t.category, t.status,
          coalesce(p.page, f.folder, '{OTHER}') AS page, sum(t.hits)::BIGINT AS hits
        FROM p_crawl_errors t {SITE_NAME} LEFT JOIN p_names n ON n.id = t.page
        LEFT JOIN named_pages p ON p.day = {DAY} AND p.site = s.text AND p.page = n.text
        LEFT JOIN named f ON f.day = {DAY} AND f.site = s.text AND f.folder = t.page_group
        {_BOT_VISITORS}, this_run run GROUP BY ALL""",
    after=_NAMING_ERRORS,
    totals=(Total("hits", "crawlers", "sum(hits) FILTER (status_class IN ('4xx', '5xx'))"),),
    since=4,
    protection=(
        "hits of declared bots alone; pages and folders are those that `pages`, `downloads` and `errors` name for the "
        "day, and names that clients chose need *k* clients, as in `bots`"
    ),
)

_NEVER_MS: Final = 2**62
_ROBOTS_HITS: Final = count_hits_by(
    "robots_txt",
    (BY_DAY, BY_SITE, BY_MACHINE),
    {
        "hits": NUMBER_OF_HITS,
        "asked": HitMeasure(lambda hits: (hits.robots == ASKED).astype(np.int64)),
        "forbidden": HitMeasure(lambda hits: (hits.robots == FORBIDDEN).astype(np.int64)),
        "first_asked_ms": HitMeasure(lambda hits: np.where(hits.robots == ASKED, hits.time_ms, _NEVER_MS), "min"),
        "last_forbidden_ms": HitMeasure(lambda hits: np.where(hits.robots == FORBIDDEN, hits.time_ms, -1), "max"),
    },
    lambda hits: hits.traffic_class == BOT,
)

ROBOTS: Final = Table(
    "robots_txt",
    "Which declared bots ask for robots.txt, and for what the robots.txt in the settings forbids them",
    (
        DAY_COLUMN,
        SITE_COLUMN,
        Column("name", "VARCHAR", "Name of the bot, as in bots"),
        Column("category", "VARCHAR", "What it is for, such as ai crawler or search engine"),
    ),
    (
        Column("hits", "BIGINT", "Logged requests"),
        Column("asked", "BIGINT", "Those for /robots.txt"),
        Column("forbidden", "BIGINT", "Those for what the site's robots.txt forbids it; NULL if the file is not known"),
        Column(
            "disobeyed",
            "BOOLEAN",
            "It asked for robots.txt, and later on the day for what that forbids; NULL if the file is not known, and "
            "where several bots or sites are (other)",
        ),
    ),
    (_ROBOTS_HITS,),
    sql=f"""SELECT {DAY} AS day, s.text AS site, {_BOT_NAME} AS name, t.category, sum(t.hits)::BIGINT AS hits,
          sum(t.asked)::BIGINT AS asked, CASE WHEN bool_or(r.known) THEN sum(t.forbidden)::BIGINT END AS forbidden,
          CASE WHEN bool_or(r.known) AND bool_and({_BOT_NAME} <> '{OTHER}' AND s.text <> '{OTHER}')
            THEN max(t.last_forbidden_ms) > min(t.first_asked_ms) END AS disobeyed
        FROM p_robots_txt t {SITE_NAME} {_BOT_VISITORS},
          LATERAL (SELECT count(*) > 0 AS known FROM robots_files WHERE site IN ('{ALL_SITES}', s.text)) r,
          this_run run GROUP BY ALL""",
    totals=(Total("hits", "bots", "sum(hits) FILTER (traffic_class = 'bot')"),),
    since=4,
    protection="hits of declared bots alone; names that clients chose need *k* clients, as in `bots`",
)

ASKED_TABLES: Final = (KINDS, DOWNLOADS, BROKEN_LINKS, CRAWLERS, CRAWLER_ERRORS, ROBOTS)
