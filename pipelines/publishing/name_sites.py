"""Names the sites of a run: a client can write any Host header (`docs/definitions.md`, Sites).

A site is named if the settings name it, or on days on which k visitors asked for it. Hits of machines on all others are
those of the site `(other)`. What people do there is not published: one person can make up many sites, so that it
is unknown how many people were on all of them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import duckdb

from footfall.transforms.tables.declaring import PartialTable
from footfall.transforms.tables.published import PARTIAL_TABLES, TABLES
from footfall.transforms.tables.speed_tables import SPEED_TABLES
from footfall.transforms.tables.visitor_counts import VISITOR_COUNTS
from footfall.transforms.vocabulary import OTHER, UNKNOWN

_OTHER_SITE: Final = 2
"""Stands for `(other)` among the digests of sites; no digest is as small."""
_OF_PEOPLE: Final = {
    partial.name for table in TABLES if table.counts_visits or table in SPEED_TABLES for partial in table.partials
} - {"machine_errors"}
_VISITORS: Final = {partial.name for partial in VISITOR_COUNTS}


def name_sites(connection: duckdb.DuckDBPyConnection, named: Collection[str], k: int) -> None:
    """Change the partial tables `p_…` to hold named sites and `(other)` alone; `named` are those of the settings."""
    connection.execute(
        """CREATE TABLE unnamed AS SELECT t.day, t.site FROM p_days t JOIN p_names n ON n.id = t.site
        LEFT JOIN (
          SELECT local_hour // 24 AS day, site, sum(first) AS visitors FROM p_hour_visitors
          WHERE measure = 0 GROUP BY ALL
        ) v ON v.day = t.day AND v.site = t.site
        WHERE coalesce(v.visitors, 0) < ? AND regexp_replace(lower(n.text), '^www\\.', '') NOT IN (SELECT unnest(?))""",
        [k, sorted({site.lower().removeprefix("www.") for site in (*named, UNKNOWN)})],
    )
    ((count,),) = connection.execute("SELECT count(*) FROM unnamed").fetchall()
    if not count:
        return
    connection.execute("INSERT INTO p_names (id, text) VALUES (?, ?)", [_OTHER_SITE, OTHER])
    connection.execute("CREATE TABLE named AS SELECT DISTINCT site FROM p_days ANTI JOIN unnamed USING (day, site)")
    for partial in PARTIAL_TABLES.values():
        if "site" in partial.keys:
            connection.execute(_without_unnamed(partial))


def _without_unnamed(partial: PartialTable) -> str:
    """Return SQL for a partial table without the sites that are not named.

    The table is written anew: a change of its rows would have to be in memory, and made-up sites may be millions.
    """
    name = f"p_{partial.name}"
    anew = f"CREATE OR REPLACE TABLE {name} AS"
    if "day" not in partial.keys and "local_hour" not in partial.keys:
        # Minutes are of no day: incidents are found for sites with a named day.
        return f"{anew} FROM {name} SEMI JOIN named USING (site)"
    day = "t.day" if "day" in partial.keys else "t.local_hour // 24"
    is_unnamed = f"u.day = {day} AND u.site = t.site"
    if partial.name in _OF_PEOPLE:
        return f"{anew} SELECT t.* FROM {name} t ANTI JOIN unnamed u ON {is_unnamed}"
    keys = (
        f"if(u.site IS NULL, t.site, {_OTHER_SITE}) AS site" if key == "site" else f"t.{key}" for key in partial.keys
    )
    # It is unknown how many people were on several sites.
    measured = "if(u.site IS NULL, t.{0}, 0)" if partial.name in _VISITORS else "t.{0}"
    measures = (
        f"{merge}({measured.format(measure)})::BIGINT AS {measure}" for measure, merge in partial.measures.items()
    )
    return (
        f"{anew} SELECT {', '.join((*keys, *measures))} FROM {name} t LEFT JOIN unnamed u ON {is_unnamed} GROUP BY ALL"
    )
