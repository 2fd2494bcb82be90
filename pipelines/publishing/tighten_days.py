"""Folds days that were published before there were rules for small groups by these rules.

Nothing but their rows is left of such days: each visit, or hit of people, counts as one visitor. Where the rules would
need to know more, less is published: of the hits of people in an hour only their number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.publishing.fold_tables import place_cells, sum_rows
from footfall.pipelines.publishing.load_cells import place_within
from footfall.pipelines.publishing.make_request_times import join_buckets
from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES
from footfall.transforms.vocabulary import OTHER

FIRST_TIGHT_VERSION: Final = 3
"""The schema version whose files obey the rules."""
_PEOPLE: Final = "traffic_class IN ('human', 'automated')"
_OF_GROUP: Final = "PARTITION BY day, site, traffic_class"


def tighten_days(connection: duckdb.DuckDBPyConnection, source: str, target: str) -> None:
    """Create the tables of days in the schema `target` from those of an earlier version in the schema `source`.

    Both have all current columns; tables of several old ones are filled from `old`.
    """
    ((k,),) = connection.execute(f"SELECT coalesce(max(k), 1) FROM {source}.runs").fetchall()
    connection.execute(f"CREATE SCHEMA {target}; USE memory.{target}")
    # `visits` first: the other tables need to know which days are small.
    for table in sorted(TABLES, key=lambda table: table.name != "visits"):
        if not table.by_day:
            connection.execute(f"CREATE TABLE {table.name} AS {_tightened_books(table, source)}")
        elif table.since > FIRST_TIGHT_VERSION:
            # Files of these versions have none of its rows.
            connection.execute(f"CREATE TABLE {table.name} AS FROM {source}.{table.name}")
        elif table.levels:
            _tighten_table(connection, table, source, int(k))
        elif table.name == "latency":
            _tighten_latency(connection, source, int(k))
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
    sure = "".join(f", {part} >= {k} AS {part}_sure" for part in parts)
    flags = " | ".join(["0", *(f"CASE WHEN i < {part} THEN {bit} ELSE 0 END" for part, bit in parts.items())])
    connection.execute(
        f"""CREATE TABLE {name}_cells AS
        SELECT row_number() OVER () - 1 AS cell, *, 0::UINTEGER AS closed, FALSE AS is_out, visits >= {k} AS sure{sure}
        FROM (
          SELECT day, site, own, {", ".join(table.cell_columns)}{sums} FROM {name}_rows GROUP BY ALL);
        CREATE TABLE {name}_members AS
        SELECT cell, i AS visit, (cell * {k} + i)::UBIGINT AS client, ({flags})::UINTEGER AS flags
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
        large = f"CASE WHEN visits >= {k} THEN {{0}} END AS {{0}}"
        part = f"CASE WHEN visits >= {k} AND NOT {{0}} BETWEEN 1 AND {k - 1} THEN {{0}} END AS {{0}}"
        parts = ("bounces", "visitors", "fallback_visits", "cut_visits")
        columns = ((part if column.name in parts else large).format(column.name) for column in table.measures)
        return f"SELECT day, site, {', '.join(columns)} FROM {rows}"
    if table.name == "days":
        return f"""SELECT d.* REPLACE ('day' AS told_in, date_trunc('hour', first_hit) AS first_hit,
          date_trunc('hour', last_hit) AS last_hit, (d.hits - coalesce(u.hits, 0))::BIGINT AS hits)
        FROM {rows} d LEFT JOIN (
          SELECT day, site, sum(hits) AS hits FROM ({_hidden_groups(source, k)}) GROUP BY ALL
        ) u USING (day, site)"""
    if table.name == "traffic":
        # A row's hits less its statuses would reveal a hidden one, the page views of the day those of a hidden hour;
        # and it is not known who was there over a midnight.
        hidden = ", ".join(f"NULL::BIGINT AS {column.name}" for column in table.measures if column.name != "hits")
        folded = f"""SELECT day, CASE WHEN is_rest THEN NULL ELSE hour END::SMALLINT AS hour, site, traffic_class,
          sum(hits)::BIGINT AS hits, {hidden}"""
    elif table.name == "protocols":
        folded = f"""SELECT day, site, CASE WHEN is_rest THEN '{OTHER}' ELSE protocol END AS protocol, traffic_class,
          sum(hits)::BIGINT AS hits, NULL::BIGINT AS bytes_sent"""
    elif table.name == "bots":
        folded = f"""SELECT day, site, traffic_class, CASE WHEN is_rest THEN '{OTHER}' ELSE name END AS name,
          CASE WHEN is_rest THEN '{OTHER}' ELSE category END AS category,
          sum(hits)::BIGINT AS hits, NULL::BIGINT AS bytes_sent"""
    else:
        few = ", ".join(
            f"CASE WHEN {name} BETWEEN 1 AND {k - 1} THEN NULL ELSE {name} END AS {name}"
            for name in ("hits", "hits_5xx")
        )
        return f"SELECT * REPLACE ({few}) FROM {rows}"
    order = ", ".join(f"{key.name}::VARCHAR" for key in table.keys)
    machines = f"FROM {rows} WHERE NOT {_PEOPLE}"
    if table.name == "bots":
        # Names of these categories may be ones that a client chose.
        machines = f"""SELECT * REPLACE (sum(hits)::BIGINT AS hits, sum(bytes_sent)::BIGINT AS bytes_sent) FROM (
          SELECT * REPLACE (
            CASE WHEN hits < {k} AND category IN ('other', 'monitor') THEN '{OTHER}' ELSE name END AS name)
          {machines}) GROUP BY ALL"""
    return f"""FROM ({machines}) UNION ALL BY NAME
        {folded} FROM (
          SELECT *, hits < {k} OR (rest BETWEEN 1 AND {k - 1} AND place = 1) AS is_rest FROM (
            SELECT *, sum(hits) FILTER (hits < {k}) OVER ({_OF_GROUP}) AS rest,
              row_number() OVER ({_OF_GROUP}, hits < {k} ORDER BY hits, {order}) AS place
            FROM {rows} ANTI JOIN ({_hidden_groups(source, k)}) USING (day, site, traffic_class) WHERE {_PEOPLE})
        ) GROUP BY ALL"""


def _tightened_books(table: Table, source: str) -> str:
    """Return the query for a table of runs, without paths."""
    replaced = "REPLACE (regexp_extract(input, '[^/]*$') AS input)" if table.name in ("inputs", "rejects") else ""
    return f"SELECT * {replaced} FROM {source}.{table.name}"


def _hidden_groups(source: str, k: int) -> str:
    """Return the query for the classes of people that made fewer than k hits of a site on a day."""
    return f"""SELECT day, site, traffic_class, sum(hits) AS hits FROM {source}.traffic
      WHERE {_PEOPLE} GROUP BY ALL HAVING sum(hits) < {k}"""


def _tighten_latency(connection: duckdb.DuckDBPyConnection, source: str, k: int) -> None:
    """Create `latency`: people by day, in buckets of a factor of two, joined until they have k hits."""
    us = "(bucket_ms * 1000)"
    connection.execute(
        f"""CREATE TABLE latency_octaves AS
        SELECT *, row_number() OVER ({_OF_GROUP} ORDER BY octave) = 1 AS is_first FROM (
          SELECT day, site, traffic_class, pow(2, ceil(log2({us}))) / 1000 AS octave, sum(hits)::BIGINT AS hits
          FROM {source}.latency ANTI JOIN ({_hidden_groups(source, k)}) USING (day, site, traffic_class) WHERE {_PEOPLE}
          GROUP BY ALL)
        ORDER BY day, site, traffic_class, octave"""
    )
    octaves = connection.execute("SELECT is_first, hits FROM latency_octaves").fetchnumpy()
    hits = np.ascontiguousarray(octaves["hits"])
    rows = join_buckets(np.ascontiguousarray(octaves["is_first"]), hits, hits, hits, k)
    execute_over(
        connection,
        pa.table({"row": rows}),
        f"""CREATE TABLE latency AS
        SELECT * REPLACE (
          ({us} - CASE WHEN {us} > 32 THEN pow(2, ceil(log2({us} / 32))) ELSE 1 END) / 1000 AS from_ms)
        FROM {source}.latency WHERE NOT {_PEOPLE}
        UNION ALL BY NAME
        SELECT day, NULL::SMALLINT AS hour, site, traffic_class, min(octave) / 2 AS from_ms, max(octave) AS bucket_ms,
          sum(hits)::BIGINT AS hits
        FROM latency_octaves POSITIONAL JOIN in_memory GROUP BY day, site, traffic_class, "row"
        HAVING sum(hits) >= {k}""",
    )
