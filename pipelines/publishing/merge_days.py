"""Decides which days of a run are published, and fills the tables of the new file.

Days and the spans that hold their rest (weeks, months) are always replaced as a whole. A complete day is final, so that
the difference of two versions of it never reveals a visit (`docs/definitions.md`, Days).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

import duckdb

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.run_statements import count_rows, do_side_by_side
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES

_OF_A_RUN: Final = ("run_id", "published_at")
"""Columns that differ between runs even if the figures of a day are the same."""
_LAST_DAY: Final = """CASE {0} WHEN 'month' THEN last_day({1})
          WHEN 'week' THEN least(date_trunc('week', {1}) + INTERVAL 6 DAY, last_day({1})) ELSE {1} END"""
"""The last day of the span of the grain {0} that holds the day {1}."""
_PEOPLE: Final = "traffic_class IN ('human', 'automated')"
_OF_BOOKS: Final = {"inputs": ("lines", "hits", "outside_window", "duplicates"), "rejects": ("first_line_number",)}
"""Columns of a run that say how many lines, and thereby hits, there are."""
_RANK: Final = "list_position(['day', 'week', 'month'], {})"
_RULES: Final = {
    "location data": ("geo_source", "geo_built_on"),
    "rules": ("version", "user_agent_rules"),
    "settings": ("options_digest",),
}
"""What the figures of a day follow from besides its lines: columns of `runs`."""

Day = tuple[date, str]
"""(day, site)."""
KeptDay = tuple[date, str, int, int]
"""(day, site, published hits, hits of this run)."""
ChangedSpan = tuple[str, date, str, list[str]]
"""(week or month, its first day, site, which of _RULES have changed)."""


@dataclass(frozen=True)
class AskedDays:
    """The days that the operator requested (None: no limit), and how they may replace published ones."""

    first_day: date | None = None
    last_day: date | None = None
    replace: bool = False
    complete_only: bool = False
    oldest_day: date | None = None
    """The first day that the file keeps."""


@dataclass
class ChosenDays:
    """The days of a run by the decision about them."""

    published: list[Day] = field(default_factory=list)
    unchanged: list[Day] = field(default_factory=list)
    """Already published with the same figures."""
    kept: list[KeptDay] = field(default_factory=list)
    """Not replaced, because this run has fewer hits."""
    final: list[KeptDay] = field(default_factory=list)
    """Not replaced, because they are complete."""
    waiting: list[KeptDay] = field(default_factory=list)
    """Not replaced, because fewer than k visitors came since they were published."""
    incomplete: list[Day] = field(default_factory=list)
    """Not published, because they are incomplete and only complete days were asked for."""
    by_day: list[ChangedSpan] = field(default_factory=list)
    """Weeks and months that are not published, because days of them were published by other rules."""


def decide_days(connection: duckdb.DuckDBPyConnection, asked: AskedDays, k: int) -> None:
    """Create the table `decided`: day, site, the hits of both files, and what is done with the run's day.

    Decisions: `own` (it may be published), `same` (it is published from the same hits), `moved` (likewise, but by other
    rules, `changed`), `fewer`, `final`, `waiting` and `incomplete` as in ChosenDays. The connection has `this_run`,
    `days`, `published_traffic` and `visitor_counts` of the run, and `earlier`.
    """
    # A day of fewer than k visitors has no published number of them. Clients without a page view, or machines, may have
    # made its hits of people published even so: then it is unknown how many more came.
    more = f"v.visitors - ov.visitors >= {k} OR (ov.visitors IS NULL AND p.day IS NULL)"
    # With the same hits, a day becomes complete when its last visits end. Where some but fewer than k visitors had one
    # that was cut, the published number of these visits is NULL.
    ends = "ov.visitors IS NULL OR ov.cut_visits IS NOT NULL"
    changed = ", ".join(
        f"CASE WHEN ({', '.join(f'r.{one}' for one in columns)}) IS DISTINCT FROM "
        f"({', '.join(f'run.{one}' for one in columns)}) THEN '{what}' END"
        for what, columns in _RULES.items()
    )
    connection.execute(
        f"""CREATE TABLE decided AS
        SELECT n.day, n.site, o.hits AS hits_before, n.hits, coalesce(o.told_in, 'day') AS told_in_before,
          (? IS NULL OR n.day >= ?) AND (? IS NULL OR n.day <= ?) AS is_asked,
          list_sort(list_distinct([{changed}])) AS changed,
          CASE WHEN o.day IS NULL THEN CASE WHEN ? AND NOT n.complete THEN 'incomplete' ELSE 'own' END
            WHEN ? THEN 'own'
            WHEN n.hits < o.hits THEN 'fewer'
            WHEN n.hits = o.hits AND (o.complete OR NOT n.complete) THEN if(len(changed) = 0, 'same', 'moved')
            WHEN o.complete THEN 'final'
            WHEN n.hits = o.hits AND ({ends}) OR n.hits > o.hits AND ({more}) THEN 'own'
            ELSE 'waiting' END AS decision
        FROM this_run run, days n LEFT JOIN earlier.days o ON o.day = n.day AND o.site = n.site
        LEFT JOIN earlier.runs r ON r.run_id = o.run_id
        LEFT JOIN earlier.visits ov ON ov.day = n.day AND ov.site = n.site
        LEFT JOIN visitor_counts v ON v.day = n.day AND v.site = n.site
        LEFT JOIN (
          SELECT DISTINCT day, site FROM (
            SELECT day, site, traffic_class, sum(hits) AS hits FROM earlier.traffic WHERE {_PEOPLE} GROUP BY ALL
            EXCEPT SELECT day, site, traffic_class, sum(hits) FROM published_traffic WHERE {_PEOPLE} GROUP BY ALL)
        ) p ON p.day = n.day AND p.site = n.site""",
        [asked.first_day, asked.first_day, asked.last_day, asked.last_day, asked.complete_only, asked.replace],
    )


def choose_days(connection: duckdb.DuckDBPyConnection) -> ChosenDays:
    """Choose the days to publish, and create `replaced` and `replaced_spans`: what this run's rows take the place of.

    A day that is published from the same hits is published again only where this run publishes more of it: its week or
    month. Raises RunError if the run has days but all of them are kept, or if a day can't be replaced by itself.
    """
    decided = connection.execute(
        """SELECT d.day, d.site, d.hits_before, d.hits, d.decision, d.is_asked, s.told_in, d.told_in_before
        FROM decided d JOIN spans s USING (day, site) ORDER BY ALL"""
    ).fetchall()
    by_decision: dict[str, list[KeptDay]] = {"fewer": [], "final": [], "waiting": [], "incomplete": []}
    for day, site, before, now, decision, is_asked, _, _ in decided:
        if is_asked and decision in by_decision:
            by_decision[decision].append((day, site, before, now))
    kept = by_decision["fewer"]
    if kept and len(kept) == sum(row[5] for row in decided):
        day, site, before, now = kept[0]
        raise RunError(
            f"{day} of site {site}: published from {before:,} hits, but these logs hold only {now:,} of that day"
            + (f" (and {len(kept) - 1} more days like it)" if len(kept) > 1 else "")
            + "; give all logs of the day, or --replace to publish the smaller figures"
        )
    _refuse_parts_of_spans(connection)
    connection.execute(
        f"""CREATE TABLE candidates AS SELECT d.day, d.site FROM decided d JOIN spans s USING (day, site)
        WHERE (d.decision = 'own' AND (d.is_asked OR s.told_in <> 'day'))
          OR (d.decision = 'same' AND {_RANK.format("s.told_in")} > {_RANK.format("d.told_in_before")})"""
    )
    _find_changes(connection)
    connection.execute(
        """CREATE TABLE replaced AS
        SELECT DISTINCT c.day, c.site FROM candidates c JOIN spans s USING (day, site)
        JOIN changed_spans x ON x.site = c.site
          AND x.day = CASE x.grain WHEN 'day' THEN c.day WHEN 'week' THEN s.week ELSE s.month END;
        CREATE TABLE replaced_spans AS SELECT DISTINCT site, grain, day FROM (
          SELECT r.site, 'week' AS grain, s.week AS day FROM replaced r JOIN spans s USING (day, site)
          WHERE s.told_in <> 'day'
          UNION ALL
          SELECT r.site, 'month', s.month FROM replaced r JOIN spans s USING (day, site) WHERE s.told_in = 'month')"""
    )

    published = connection.execute("SELECT day, site FROM replaced ORDER BY ALL").fetchall()
    same = connection.execute(
        """SELECT day, site FROM (
          SELECT day, site FROM decided WHERE is_asked AND decision IN ('same', 'moved') UNION FROM candidates
        ) ANTI JOIN replaced USING (day, site) ORDER BY ALL"""
    ).fetchall()
    by_day = connection.execute(
        f"""SELECT g.grain, CASE g.grain WHEN 'week' THEN s.week ELSE s.month END AS day, d.site,
          list_sort(list_distinct(flatten(list(d.changed) FILTER (d.decision = 'moved')))) AS changed
        FROM decided d JOIN spans s USING (day, site) JOIN (SELECT unnest(['week', 'month']) AS grain) g
          ON {_RANK.format("g.grain")} BETWEEN {_RANK.format("s.told_in")} + 1 AND {_RANK.format("s.would_be_told_in")}
        GROUP BY ALL HAVING bool_or({_RANK.format("d.told_in_before")} < {_RANK.format("g.grain")})
        ORDER BY d.site, day, g.grain DESC"""
    ).fetchall()
    return ChosenDays(
        published,
        same,
        kept,
        by_decision["final"],
        by_decision["waiting"],
        [(day, site) for day, site, _, _ in by_decision["incomplete"]],
        by_day,
    )


def _refuse_parts_of_spans(connection: duckdb.DuckDBPyConnection) -> None:
    """Raise RunError where a day would be replaced that has rows by a week or month which this run does not publish."""
    rows = connection.execute(
        f"""SELECT d.day, d.site, d.told_in_before FROM decided d JOIN spans s USING (day, site)
        WHERE d.decision = 'own' AND d.is_asked AND {_RANK.format("s.told_in")} < {_RANK.format("d.told_in_before")}
        ORDER BY ALL LIMIT 1"""
    ).fetchall()
    for day, site, grain in rows:
        raise RunError(
            f"{day} of site {site}: its rare values are published together with those of its {grain}; to replace it, "
            f"give the logs of that whole {grain}, and days that include it"
        )


def _find_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Create `changed_spans`: site, grain and first day of candidates whose rows differ from the published ones.

    The columns _OF_A_RUN may differ. Where none of the candidates is published, all of their spans are changed.
    """
    connection.execute(
        f"""CREATE TABLE candidate_spans AS
        SELECT DISTINCT c.site, g.grain,
          CASE g.grain WHEN 'day' THEN c.day WHEN 'week' THEN s.week ELSE s.month END AS day
        FROM candidates c JOIN spans s USING (day, site) JOIN (SELECT unnest(['day', 'week', 'month']) AS grain) g
          ON {_RANK.format("g.grain")} <= {_RANK.format("s.told_in")}"""
    )
    if not count_rows(connection, "candidates SEMI JOIN earlier.days USING (day, site)"):
        connection.execute("CREATE TABLE changed_spans AS FROM candidate_spans")
        return
    tables = [table for table in TABLES if table.by_day]
    own = " UNION ALL ".join(_span_digests(table, table.name) for table in tables)
    old = " UNION ALL ".join(_span_digests(table, f"earlier.{table.name}") for table in tables)
    connection.execute(
        f"""CREATE TABLE changed_spans AS
        WITH own AS (FROM ({own}) SEMI JOIN candidate_spans USING (site, grain, day)),
          old AS (FROM ({old}) SEMI JOIN candidate_spans USING (site, grain, day))
        SELECT DISTINCT site, grain, day FROM ((FROM own EXCEPT FROM old) UNION ALL (FROM old EXCEPT FROM own))"""
    )


def _span_digests(table: Table, source: str) -> str:
    """Return SQL for the number of rows and the sum of their hashes per site and span: equal for equal rows."""
    values = ", ".join(f"{column.name}::{column.type}" for column in table.columns if column.name not in _OF_A_RUN)
    grain = "grain" if table.has_grain else "'day'"
    return f"""SELECT '{table.name}' AS name, site, {grain} AS grain, day, count(*) AS size,
    sum(hash({values})) AS digest FROM {source} GROUP BY ALL"""


def fill_tables(connection: duckdb.DuckDBPyConnection, oldest_day: date | None = None) -> None:
    """Fill the tables of the new file `fresh`: the days in `replaced` from this run, all others from `earlier`.

    Days before `oldest_day` are left out, and with them the runs that published no other days. A week or month
    with rows of its own is left out as a whole, when all its days are older.

    Line counts (_OF_BOOKS) of a run are published where they say no more than its days: they are of one input, whose
    hits are those of the days that the run published. All others would reveal, by subtraction, hits that no day has, or
    those between the ends of two inputs (`docs/definitions.md`, Tables of hits, Line counts).
    """
    connection.execute("CREATE TABLE oldest AS SELECT coalesce(?::DATE, DATE '0001-01-01') AS day", [oldest_day])
    connection.execute("CREATE TABLE same AS SELECT day, site FROM decided WHERE decision = 'same'")
    connection.execute(
        f"""CREATE TABLE days_to_fill AS
        SELECT *, {_LAST_DAY.format("told_in", "day")} < (SELECT day FROM oldest) AS is_old FROM (
          (FROM earlier.days ANTI JOIN replaced USING (day, site))
          UNION ALL BY NAME (FROM days SEMI JOIN replaced USING (day, site)));
        CREATE TABLE old_runs AS SELECT run_id FROM days_to_fill GROUP BY run_id HAVING bool_and(is_old);
        CREATE TABLE open_books AS
        SELECT run_id FROM (
          SELECT run_id, count(*) FILTER (lines > 0) AS inputs, sum(hits) AS hits, sum(outside_window) AS others
          FROM (FROM earlier.inputs UNION ALL BY NAME FROM inputs) GROUP BY ALL
        ) JOIN (FROM earlier.runs UNION ALL BY NAME FROM runs) USING (run_id) LEFT JOIN (
          SELECT run_id, sum(hits) AS shown FROM days_to_fill WHERE NOT is_old GROUP BY ALL
        ) USING (run_id)
        WHERE k = 1 OR (inputs = 1 AND others = 0 AND hits = shown)"""
    )
    do_side_by_side(connection, [partial(_fill_table, table=table) for table in TABLES])


def _fill_table(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = ", ".join(table.column_names)
    kept, own = "", ""
    if table.has_grain:
        is_day = "WHERE grain = 'day'"
        in_span = "JOIN replaced_spans USING (site, grain, day) WHERE grain <> 'day'"
        kept, own = (
            f"""FROM ((FROM {source} {which} JOIN replaced USING (day, site) {is_day})
            UNION ALL (FROM {source} {which} {in_span}))"""
            for source, which in ((f"earlier.{table.name}", "ANTI"), (table.name, "SEMI"))
        )
    elif table.by_day:
        # What a day has by itself stays as it was, though its week knows more names, and what was usual.
        new = "replaced" if table.name == "days" else "(FROM replaced ANTI JOIN same USING (day, site))"
        kept = f"FROM earlier.{table.name} ANTI JOIN {new} USING (day, site)"
        own = f"FROM {table.name} SEMI JOIN {new} USING (day, site)"
    else:
        kept, own = f"FROM earlier.{table.name}", f"FROM {table.name}"
    limit = "WHERE run_id NOT IN (FROM old_runs)"
    if table.by_day:
        limit = "WHERE (day, site) NOT IN (SELECT (day, site) FROM days_to_fill WHERE is_old)"
    if table.has_grain:
        limit += f""" AND grain = 'day' OR grain <> 'day' AND EXISTS (FROM days_to_fill d WHERE NOT d.is_old
          AND d.site = rows.site AND d.day BETWEEN rows.day AND {_LAST_DAY.format("rows.grain", "rows.day")})"""
    shown = "CASE WHEN run_id IN (FROM open_books) THEN {0} END AS {0}"
    changed = [shown.format(column) for column in _OF_BOOKS.get(table.name, ())]
    if table.name == "promises":
        # Earlier runs published how many rows were merged, which are more where one visitor saw more pages.
        changed.append("regexp_replace(evidence, '; [0-9,]+ partial rows merged$', '') AS evidence")
    selected = f"SELECT * REPLACE ({', '.join(changed)})" if changed else ""
    # `check_file` adds the rows of this run.
    own_rows = "" if table.name == "promises" else f"UNION ALL SELECT {columns} {own}"
    connection.execute(
        f"""INSERT INTO fresh.{table.name} {selected} FROM (SELECT {columns} {kept} {own_rows}) rows {limit}
        ORDER BY {", ".join(f"{key.name} NULLS LAST" for key in table.keys)}"""
    )
