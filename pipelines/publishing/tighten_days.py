"""Folds days that were published before there were rules for small groups by these rules.

Nothing but their rows is left of such days. Visits of a day count as as many visitors as they have on average. How many
made some hits is not known, so that of the hits of people only the number of a day of k visitors is published.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import duckdb
import pyarrow as pa

from footfall.pipelines.publishing.fold_tables import place_cells, sum_rows
from footfall.pipelines.publishing.load_cells import place_within
from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.describing.order_agent_rules import listed_names
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES
from footfall.transforms.vocabulary import OTHER

FIRST_TIGHT_VERSION: Final = 3
"""The schema version whose files obey the rules, but for what `tighten_hits` hides."""
FIRST_TIGHT_HITS: Final = 4
"""The schema version whose files obey the rules for midnights, bytes and the times of silences."""
_PEOPLE: Final = "traffic_class IN ('human', 'automated')"
_SHOWN: Final = (
    """traffic_class = 'human' AND (day, site) IN (SELECT (day, site) FROM visits WHERE visits IS NOT NULL)"""
)
"""The hits of people that are published: it is known of no others that k visitors made them."""


def tighten_days(connection: duckdb.DuckDBPyConnection, source: str, target: str) -> None:
    """Create the tables of days in the schema `target` from those of an earlier version in the schema `source`.

    Both have all current columns; tables of several old ones are filled from `old`.
    """
    ((k,),) = connection.execute(f"SELECT coalesce(max(k), 1) FROM {source}.runs").fetchall()
    connection.execute(f"CREATE SCHEMA {target}; USE memory.{target}")
    connection.execute(
        f"""CREATE TABLE day_visitors AS
        SELECT day, site, greatest(coalesce(visits, 0), 1) AS day_visits,
          least(greatest(coalesce(visitors, 0), 1), day_visits) AS day_visitors
        FROM {source}.days LEFT JOIN {source}.visits USING (day, site)"""
    )
    names = pa.table({"name": sorted(listed_names())})
    execute_over(connection, names, "CREATE TABLE listed_names AS FROM in_memory")
    # `visits` first: the other tables need to know which days are small.
    for table in sorted(TABLES, key=lambda table: table.name != "visits"):
        if not table.by_day:
            connection.execute(f"CREATE TABLE {table.name} AS {_tightened_books(table, source)}")
        elif table.since > FIRST_TIGHT_VERSION:
            # Files of these versions have none of its rows.
            connection.execute(f"CREATE TABLE {table.name} AS FROM {source}.{table.name}")
        elif table.levels:
            _tighten_table(connection, table, source, int(k))
        else:
            connection.execute(f"CREATE TABLE {table.name} AS {_tightened(table, source, int(k))}")
            if table.name == "visits":
                connection.execute(
                    """CREATE TABLE spans AS SELECT day, site, day AS week, day AS month,
                    'day' AS told_in, visits IS NOT NULL AS joins_day, FALSE AS joins_week, FALSE AS joins_month
                    FROM visits;
                    CREATE VIEW visit_totals AS FROM visits"""
                )
    # A client can make up a site. It is unknown which ones the operator had named, unless the file has only one.
    made_up = f"""site NOT IN (SELECT site FROM traffic WHERE {_PEOPLE})
      AND (SELECT count(DISTINCT site) FROM {source}.days) > 1"""
    # `traffic` last, since it decides which sites they are.
    for table in sorted(TABLES, key=lambda table: table.name == "traffic"):
        if table.by_day:
            connection.execute(f"DELETE FROM {table.name} WHERE {made_up}")
    connection.execute("USE memory.main")


def tighten_hits(connection: duckdb.DuckDBPyConnection, source: str, target: str) -> None:
    """Create views of days of version 3 in the schema `target` that hide what its rules for hits did not.

    Page views by hour less those of visits are the few over a midnight; one visitor may dominate bytes; and silences
    began and ended with hits of one person.
    """
    hides = f"(SELECT max(k) FROM {source}.runs) > 1 AND"
    shown = f"NOT ({hides} {_PEOPLE})"
    hidden = {column: f"CASE WHEN {shown} THEN {column} END AS {column}" for column in ("page_views", "bytes_sent")}
    replaced = {
        "traffic": [hidden["page_views"], hidden["bytes_sent"]],
        "protocols": [hidden["bytes_sent"]],
        "bots": [hidden["bytes_sent"]],
        "incidents": [
            f"CASE WHEN {hides} kind = 'silence' THEN date_trunc('hour', started) ELSE started END AS started",
            f"""CASE WHEN {hides} kind = 'silence' THEN date_trunc('hour', ended + INTERVAL 3599999999 MICROSECONDS)
            ELSE ended END AS ended""",
        ],
    }
    connection.execute(f"CREATE SCHEMA {target}")
    for table in TABLES:
        columns = f"REPLACE ({', '.join(replaced[table.name])})" if table.name in replaced else ""
        connection.execute(f"CREATE VIEW {target}.{table.name} AS SELECT * {columns} FROM {source}.{table.name}")


def _tighten_table(connection: duckdb.DuckDBPyConnection, table: Table, source: str, k: int) -> None:
    """Fold the rows of a table again; errors without a visit are published where people had none of their hundred.

    Files of these versions have the errors of people and machines as one number.
    """
    assert table.cells is not None
    name = table.name
    # What later versions count is not known of these days.
    later = [column for column in table.measures if column.since > FIRST_TIGHT_VERSION]
    measured = [column.name for column in table.measures if column not in later]
    parts = {part: bit for part, bit in table.cells.parts.items() if part in measured}
    rows = "old.technology" if name in ("technology", "browser_versions", "os_versions") else f"{source}.{name}"
    keys = {column.name: column.type for column in table.keys if column.name in table.folded_columns}
    columns = [f"{column}::{kind} AS {column}" for column, kind in keys.items()]
    if table.within is not None:
        outer = ({"kind": "'campaign'"} | {column: column for column in keys}) if name == "campaigns" else {}
        columns += [f"{outer.get(column, column)} AS outer_{column}" for column in table.within.folded_columns]
    measures = "".join(f", {column}" for column in measured)
    connection.execute(
        f"""CREATE TABLE {name}_rows AS
        SELECT day, site, 0::TINYINT AS own, FALSE AS is_beside, 0::UINTEGER AS closed, {", ".join(columns)}{measures}
        FROM {rows} WHERE visits > 0"""
    )
    if table.within is not None:
        place_within(connection, table, table.within)
    sums = "".join(f", sum({column})::BIGINT AS {column}" for column in measured)
    enough = f"{{0}} * day_visitors >= {k} * day_visits"
    sure = "".join(f", {enough.format(part)} AS {part}_sure" for part in parts)
    flags = " | ".join(["0", *(f"CASE WHEN i < {part} THEN {bit} ELSE 0 END" for part, bit in parts.items())])
    connection.execute(
        f"""CREATE TABLE {name}_cells AS
        SELECT row_number() OVER () - 1 AS cell, *, 0::UINTEGER AS closed, FALSE AS is_out,
          {enough.format("visits")} AS sure{sure}
        FROM (
          SELECT day, site, own, {", ".join(table.cell_columns)}{sums} FROM {name}_rows GROUP BY ALL
        ) JOIN day_visitors USING (day, site);
        CREATE TABLE {name}_members AS
        SELECT cell, i AS visit, (cell * {k} + ((i + 1) * day_visitors - 1) // day_visits)::UBIGINT AS client,
          ({flags})::UINTEGER AS flags
        FROM {name}_cells, range(visits) v(i) WHERE NOT sure"""
    )
    # Visits to several rare values can't be distinguished, so that they count for each.
    known = tuple(column for column in table.measures if column not in later)
    known_part = replace(table, measures=known, cells=replace(table.cells, items=False, parts=parts, goals=""))
    sum_rows(connection, known_part, place_cells(connection, known_part, k))
    for column in later:
        connection.execute(f"ALTER TABLE {name} ADD COLUMN {column.name} {column.type}")
    if table.sql_unfolded:
        columns = ["'day' AS grain" if column == "grain" else column for column in table.column_names]
        connection.execute(
            f"""INSERT INTO {name} BY NAME SELECT {", ".join(columns)} FROM {rows} WHERE visits = 0
              AND (day, site, (status // 100)::VARCHAR) NOT IN (
                SELECT (day, site, hundred) FROM (
                  UNPIVOT (SELECT day, site, hits_4xx AS "4", hits_5xx AS "5" FROM {source}.traffic WHERE {_PEOPLE})
                  ON "4", "5" INTO NAME hundred VALUE met) WHERE met > 0)"""
        )


def _tightened(table: Table, source: str, k: int) -> str:
    """Return the query for a table without levels."""
    rows = f"{source}.{table.name}"
    if table.name == "visits":
        # As many of the day's visitors as visits on average are behind some of its visits.
        enough = f"{{0}} * least(visitors, visits) >= {k} * visits"
        few = {
            name: f"{name} > 0 AND NOT {enough.format(name)}" for name in ("bounces", "fallback_visits", "cut_visits")
        }
        # Visits of several page views last, and hardly any others.
        few["duration_s"] = f"duration_s > 0 AND NOT {enough.format('(visits - bounces)')}"
        columns = (
            f"CASE WHEN least(visitors, visits) >= {k} AND NOT ({few.get(name, 'FALSE')}) THEN {name} END AS {name}"
            for name in (column.name for column in table.measures)
        )
        return f"SELECT day, site, {', '.join(columns)} FROM {rows}"
    if k == 1 and table.name != "days":
        return f"FROM {rows}"
    if table.name == "days":
        hidden = "" if k == 1 else ", (d.hits - coalesce(u.hits, 0))::BIGINT AS hits"
        return f"""SELECT d.* REPLACE ('day' AS told_in, date_trunc('hour', first_hit) AS first_hit,
          date_trunc('hour', last_hit) AS last_hit{hidden})
        FROM {rows} d LEFT JOIN (
          SELECT day, site, sum(hits) AS hits FROM {source}.traffic WHERE {_PEOPLE} AND NOT ({_SHOWN}) GROUP BY ALL
        ) u USING (day, site)"""
    if table.name == "incidents":
        # Of errors, a monitor had some where people had fewer on the day and the next one.
        return f"""SELECT i.* REPLACE (NULL::BIGINT AS hits, NULL::BIGINT AS hits_5xx) FROM {rows} i
        WHERE kind = 'errors' AND hits_5xx > (
          SELECT coalesce(sum(t.hits_5xx), 0) FROM {source}.traffic t
          WHERE t.site = i.site AND t.day BETWEEN i.day AND i.day + 1 AND {_PEOPLE})"""
    machines = f"SELECT * FROM {rows} WHERE NOT {_PEOPLE}"
    if table.name == "bots":
        # It is not known how many clients had a name that is on no list; names of other categories are all on some.
        return f"""SELECT * REPLACE (sum(hits)::BIGINT AS hits, sum(bytes_sent)::BIGINT AS bytes_sent) FROM (
          SELECT * REPLACE (CASE WHEN category IN ('other', 'monitor') AND name NOT IN (FROM listed_names)
            THEN '{OTHER}' ELSE name END AS name)
          FROM ({machines})) GROUP BY ALL"""
    if table.name in ("traffic", "protocols"):
        key = "NULL::SMALLINT AS hour" if table.name == "traffic" else f"'{OTHER}' AS protocol"
        hidden = ", ".join(f"NULL::BIGINT AS {column.name}" for column in table.measures if column.name != "hits")
        return f"""{machines} UNION ALL BY NAME
        SELECT day, {key}, site, traffic_class, sum(hits)::BIGINT AS hits, {hidden}
        FROM {rows} WHERE {_SHOWN} GROUP BY ALL"""
    if table.name == "latency":
        us = "(bucket_ms * 1000)"
        return f"""SELECT * REPLACE (
          ({us} - CASE WHEN {us} > 32 THEN pow(2, ceil(log2({us} / 32))) ELSE 1 END) / 1000 AS from_ms)
        FROM ({machines})"""
    return machines


def _tightened_books(table: Table, source: str) -> str:
    """Return the query for a table of runs, without paths."""
    replaced = "REPLACE (regexp_extract(input, '[^/]*$') AS input)" if table.name in ("inputs", "rejects") else ""
    return f"SELECT * {replaced} FROM {source}.{table.name}"
