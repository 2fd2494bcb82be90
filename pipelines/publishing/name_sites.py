"""Names the sites of a run: a client can write any Host header (`docs/definitions.md`, Sites).

A site is named if the settings name it, or on days on which k visitors asked for it. Hits of machines on all others are
those of the site `(other)`. People on them are told nowhere: one person can make up many sites, so that nothing tells
how many people were on all of them.
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
    """Return SQL for a partial table without the sites that are not named."""
    name = f"p_{partial.name}"
    if "day" not in partial.keys and "local_hour" not in partial.keys:
        # Minutes are of no day: incidents are found for sites with a named day.
        return f"DELETE FROM {name} WHERE site NOT IN (FROM named)"
    day = "day" if "day" in partial.keys else "local_hour // 24"
    if partial.name in _OF_PEOPLE:
        return f"DELETE FROM {name} WHERE ({day}, site) IN (SELECT (day, site) FROM unnamed)"
    zero = f", {', '.join(f'{measure} = 0' for measure in partial.measures)}" if partial.name in _VISITORS else ""
    merged = ", ".join(f"{merge}({measure})::BIGINT AS {measure}" for measure, merge in partial.measures.items())
    return f"""UPDATE {name} SET site = {_OTHER_SITE}{zero}
        WHERE ({day}, site) IN (SELECT (day, site) FROM unnamed);
        CREATE OR REPLACE TABLE {name} AS SELECT {", ".join(partial.keys)}, {merged} FROM {name} GROUP BY ALL"""
