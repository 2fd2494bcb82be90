"""The published tables that have rows per run: counts of lines, and what was checked."""

from __future__ import annotations

from typing import Final

import pyarrow as pa

from footfall.transforms.tables.declaring import Column, PartialTable, Table, sums
from footfall.transforms.vocabulary import REJECT_REASONS

_RUN: Final = Column("run_id", "VARCHAR", "The run, see runs")
_INPUT: Final = Column(
    "input", "VARCHAR", "Name of the input: the end of its path, as long as distinguishes it from others"
)

_NULL_OF_RUN: Final = "NULL unless one input has all hits of the run and days.hits includes all of them"
"""Otherwise hits of few people could be calculated from it. With k = 1 it is never NULL."""

_LINE_COUNTS: Final = PartialTable(
    "line_counts",
    {"input": pa.int32(), "begin": pa.int64()},
    {
        **sums("lines", "hits", "outside_window", "rejected", "duplicates", "later"),
        "first_ms": "min",
        "last_ms": "max",
    },
)
_REJECTS: Final = PartialTable(
    "rejects",
    {"input": pa.int32(), "begin": pa.int64(), "reason": pa.uint8()},
    {"lines": "sum", "first_line": "min"},
)

INPUTS: Final = Table(
    "inputs",
    "What the lines of each input were: lines = hits + outside_window + rejected + duplicates",
    (_RUN, _INPUT),
    (
        Column("lines", "BIGINT", f"Lines read; {_NULL_OF_RUN}"),
        Column("hits", "BIGINT", f"Lines counted as hits of published days; {_NULL_OF_RUN}"),
        Column("outside_window", "BIGINT", f"Hits of other days; {_NULL_OF_RUN}"),
        Column("rejected", "BIGINT", "Lines that did not parse, see rejects"),
        Column("duplicates", "BIGINT", f"Lines that stand in another input too and are counted there; {_NULL_OF_RUN}"),
        Column("damaged", "BOOLEAN", "Could not be read whole and was left out"),
    ),
    (_LINE_COUNTS,),
    sql="""SELECT run.run_id, n.name AS input, coalesce(sum(c.lines), 0)::BIGINT AS lines,
          coalesce(sum(c.hits), 0)::BIGINT AS hits, coalesce(sum(c.outside_window), 0)::BIGINT AS outside_window,
          coalesce(sum(c.rejected), 0)::BIGINT AS rejected, coalesce(sum(c.duplicates), 0)::BIGINT AS duplicates,
          n.damaged
        FROM run_inputs n LEFT JOIN p_line_counts c ON c.input = n.number, this_run run
        GROUP BY run.run_id, n.name, n.damaged""",
    by_day=False,
)

REJECTS: Final = Table(
    "rejects",
    "Lines that did not parse, by reason",
    (_RUN, _INPUT, Column("reason", "VARCHAR", "Why: cut, joined, format, time, …")),
    (
        Column("lines", "BIGINT", "Number of lines"),
        Column("first_line_number", "BIGINT", f"Where the first of them stands, counted from 1; {_NULL_OF_RUN}"),
    ),
    (_REJECTS,),
    # A piece knows how many of its lines come before a reject; the lines of the pieces before it come on top.
    sql=f"""WITH pieces AS (
          SELECT input, begin, coalesce(sum(lines) OVER (
            PARTITION BY input ORDER BY begin ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS lines_before
          FROM p_line_counts
        )
        SELECT run.run_id, n.name AS input, {list(REJECT_REASONS)}[r.reason + 1] AS reason,
          sum(r.lines)::BIGINT AS lines, min(p.lines_before + r.first_line)::BIGINT AS first_line_number
        FROM p_rejects r JOIN pieces p ON p.input = r.input AND p.begin = r.begin
        JOIN run_inputs n ON n.number = r.input, this_run run GROUP BY ALL""",
    by_day=False,
)

RUNS: Final = Table(
    "runs",
    "One row per run of footfall nightly",
    (_RUN,),
    (
        Column("started_at", "TIMESTAMP", "UTC"),
        Column("finished_at", "TIMESTAMP", "UTC"),
        Column("version", "VARCHAR", "Version of Footfall"),
        Column("k", "INTEGER", "Rows about people describe at least this many visitors"),
        Column("timezone", "VARCHAR", "IANA time zone of days and hours"),
        Column("geo_source", "VARCHAR", "Location database"),
        Column("geo_built_on", "DATE", "Day of the location database"),
        Column("user_agent_rules", "VARCHAR", "Version of the rules for user agents and crawlers"),
        Column("options_digest", "VARCHAR", "Equal for runs with equal options"),
        Column("schema_version", "INTEGER", "Version of the tables that the run published; NULL is 1", since=2),
    ),
    sql="FROM this_run",
    by_day=False,
)

PROMISES: Final = Table(
    "promises",
    "What was checked before publishing, and what was found",
    (_RUN, Column("promise", "VARCHAR", "The promise")),
    (
        Column("checked", "BIGINT", "How many values or rows were looked at"),
        Column("findings", "BIGINT", "How many broke the promise: always 0 in a published file"),
        Column("evidence", "VARCHAR", "How it was checked"),
    ),
    # Filled by the check of the finished file.
    sql="SELECT NULL WHERE false",
    by_day=False,
)

RUN_TABLES: Final = (INPUTS, REJECTS, RUNS, PROMISES)
