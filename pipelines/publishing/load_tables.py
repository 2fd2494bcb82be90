"""Makes the published tables of a run from merged partial tables, in a DuckDB connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from footfall.pipelines.publishing.check_identifiers import met_in_texts, withhold_bots
from footfall.pipelines.publishing.find_incidents import find_incidents
from footfall.pipelines.publishing.find_midnights import find_midnights
from footfall.pipelines.publishing.fold_cells import GRAINS
from footfall.pipelines.publishing.fold_tables import fold_table
from footfall.pipelines.publishing.load_cells import load_cells
from footfall.pipelines.publishing.make_hit_tables import make_hit_tables
from footfall.pipelines.publishing.make_visit_lengths import make_visit_lengths
from footfall.pipelines.publishing.merge_days import AskedDays, decide_days
from footfall.pipelines.publishing.name_inputs import name_inputs
from footfall.pipelines.publishing.name_sites import name_sites
from footfall.pipelines.publishing.round_folders import round_folders
from footfall.pipelines.publishing.run_statements import do_side_by_side, do_when_ready, execute_over
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.describing.withhold_texts import Identifiers
from footfall.transforms.running.freed_memory import MUCH, freed_memory
from footfall.transforms.tables.declaring import DAY, SITE_NAME, Table
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES, TABLES_BY_NAME
from footfall.transforms.tables.speed_tables import PAGE_LATENCY
from footfall.transforms.tables.stored_tables import batches_of, sum_of
from footfall.transforms.tables.visit_tables import VISITS
from footfall.transforms.values.local_days import EPOCH, LocalDays
from footfall.transforms.visits.cut_names import has_too_many
from footfall.transforms.vocabulary import VISIT_BOUND_S

_LONGEST: Final = (
    "pages",
    "transitions",
    "entry_exits",
    "errors",
    "broken_links",
    "technology",
    "referrers",
    "locations",
    "campaigns",
    "searches",
    "latency",
)
"""The tables that take longest to make; they are started first."""
_OF_VISITS: Final = ("visits", "page_views", "duration_s", "bounces", "fallback_visits", "cut_visits")
"""Measures of `visits` that are counted from visits."""


@dataclass(frozen=True)
class RunRecord:
    """What is published about the run itself; `timeout_ms` is the silence that ends a visit.

    `first_day` and `last_day` limit the days of the run, counted from 1970-01-01, the last one to that of `started_at`;
    `named_sites` and `kept_texts` are those of the settings.
    """

    run_id: str
    started_at: datetime
    version: str
    k: int
    timezone: str
    geo_source: str
    geo_built_on: date
    user_agent_rules: str
    options_digest: str
    timeout_ms: int
    first_day: int
    last_day: int
    named_sites: frozenset[str]
    kept_texts: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    """The names of the goals, by number."""
    robots_sites: tuple[str, ...] = ()
    """The sites whose robots.txt is known, ALL_SITES for all."""


def load_tables(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, pa.Table],
    inputs: Sequence[str],
    damaged: Sequence[str],
    record: RunRecord,
    asked: AskedDays,
) -> int:
    """Create the published tables of a run under the rules for small groups, and return the number of folded rows.

    `tables` are the merged partial tables by name, `inputs` the names of the inputs by number, `damaged` the names of
    the inputs that were left out. The connection has the schema `earlier`; it then also has the partial tables, as
    p_…, and the tables `decided` and `spans`; `inputs` and `rejects` are as the operator may see them.
    """
    do_side_by_side(connection, [partial(_load_partial, name=name, tables=tables) for name in tables])
    if count_cut_names(tables):
        connection.execute(f"DELETE FROM p_names WHERE uses < {record.k}")
    _load_run(connection, inputs, damaged, record, met_in_texts(tables))
    days = LocalDays(record.timezone)
    _load_calendar(connection, days, record)
    connection.execute("CREATE TABLE goal_names (goal UTINYINT, name VARCHAR)")
    connection.execute("INSERT INTO goal_names SELECT generate_subscripts($1, 1) - 1, unnest($1)", [list(record.goals)])
    connection.execute("CREATE TABLE robots_files AS SELECT unnest($1::VARCHAR[]) AS site", [list(record.robots_sites)])
    name_sites(connection, record.named_sites, record.k)
    minutes, errors, asking = (
        connection.sql(f"FROM p_{name}").to_arrow_table() for name in ("minutes", "error_visitors", "asking_visitors")
    )
    names = connection.sql("FROM p_names SEMI JOIN (SELECT DISTINCT site AS id FROM p_minutes) USING (id)")
    incidents = find_incidents(minutes, errors, asking, names.to_arrow_table(), days, record.k)
    execute_over(connection, incidents, "CREATE TABLE found_incidents AS FROM in_memory")
    withhold_bots(connection, met_in_texts(tables), TextRules(record.kept_texts))
    visit_files, item_files = (tables[name]["path"].to_pylist() for name in ("visit_files", "item_files"))
    load_cells(connection, VISITS, visit_files, record.k)
    find_midnights(connection, item_files, record.k)
    make_hit_tables(connection, record.k)
    connection.execute("CREATE TABLE days AS " + TABLES_BY_NAME["days"].query)
    _total_visits(connection, record.k)
    make_visit_lengths(connection, visit_files, record.k)
    decide_days(connection, asked, record.k)
    _load_spans(connection, record.k)
    connection.execute(
        """ALTER TABLE days ADD COLUMN told_in VARCHAR;
        UPDATE days SET told_in = s.told_in FROM spans s WHERE s.day = days.day AND s.site = days.site"""
    )

    def make(own: duckdb.DuckDBPyConnection, table: Table) -> int:
        if table.name == PAGE_LATENCY.name:
            round_folders(own, record.k)
        if table.cells is None or not table.levels:
            own.execute(f"CREATE TABLE {table.name} AS {table.query}")
            return 0
        folded = fold_table(own, table, item_files if table.cells.items else visit_files, record.k)
        if table.sql_unfolded:
            _add_unfolded(own, table)
        freed_memory.give_back(MUCH)
        return folded

    others = sorted(
        (table for table in TABLES if table.name != "days"),
        key=lambda table: _LONGEST.index(table.name) if table.name in _LONGEST else len(_LONGEST),
    )
    work = {table.name: partial(make, table=table) for table in others}
    after = {table.name: [*table.after, *([table.within.name] if table.within else [])] for table in others}
    return sum(do_when_ready(connection, work, after).values())


def count_cut_names(tables: Mapping[str, pa.Table]) -> int:
    """Return how many names were cut, as there were too many that few hits had."""
    rare = int(pc.sum(tables["rare_names"]["names"]).as_py() or 0)
    return rare if has_too_many(rare) else 0


def count_unlearned(tables: Mapping[str, pa.Table]) -> int:
    """Return how many agents, pages and links clients were judged without, as a day had too many of them."""
    return int(pc.sum(tables["unlearned"]["rows"]).as_py() or 0)


def _load_partial(connection: duckdb.DuckDBPyConnection, name: str, tables: Mapping[str, pa.Table]) -> None:
    """Load a table, of which one share at a time is in memory; the rest may be spilled."""
    batches = batches_of(tables, name)
    # Hits that behaviour moved to another class leave rows of none behind.
    is_by_class = {"traffic_class", "hits"} <= set(batches.schema.names)
    left = " WHERE hits <> 0" if is_by_class else ""
    execute_over(connection, batches, f"CREATE TABLE p_{name} AS FROM ({sum_of(tables, name, 'in_memory')}){left}")


def _load_run(
    connection: duckdb.DuckDBPyConnection,
    inputs: Sequence[str],
    damaged: Sequence[str],
    record: RunRecord,
    identifiers: Identifiers,
) -> None:
    """Create the tables `this_run` (one row) and `run_inputs`, whose names have no `identifiers`."""
    connection.execute(
        """CREATE TABLE this_run AS SELECT ?::VARCHAR AS run_id, ?::TIMESTAMP AS started_at,
        ?::TIMESTAMP AS finished_at, ?::VARCHAR AS version, ?::INTEGER AS k, ?::VARCHAR AS timezone,
        ?::VARCHAR AS geo_source, ?::DATE AS geo_built_on, ?::VARCHAR AS user_agent_rules, ?::VARCHAR AS options_digest,
        ?::INTEGER AS schema_version, ?::BIGINT AS timeout_ms""",
        [
            record.run_id,
            record.started_at.replace(tzinfo=None),
            datetime.now(UTC).replace(tzinfo=None),
            record.version,
            record.k,
            record.timezone,
            record.geo_source,
            record.geo_built_on,
            record.user_agent_rules,
            record.options_digest,
            SCHEMA_VERSION,
            record.timeout_ms,
        ],
    )
    names = [*inputs, *damaged]
    execute_over(
        connection,
        pa.table(
            {
                "number": pa.array(range(len(names)), pa.int32()),
                "input": pa.array(names, pa.string()),
                "name": pa.array(name_inputs(names, identifiers), pa.string()),
                "damaged": pa.array([number >= len(inputs) for number in range(len(names))], pa.bool_()),
            }
        ),
        "CREATE TABLE run_inputs AS FROM in_memory",
    )


def _load_calendar(connection: duckdb.DuckDBPyConnection, days: LocalDays, record: RunRecord) -> None:
    """Create the table `calendar`: each day with hits, the week and month that it lies in, and their limits.

    A week consists of the days of an ISO week that lie in one month. `begin_ms` and `end_ms` limit the day, `bound_ms`
    is the time until which its visits are followed; `week_is_read` and `month_is_read` say whether the run has all
    days of these spans.
    """
    rows = []
    (read,) = connection.execute("SELECT min(first_ms), max(last_ms) FROM p_line_counts").fetchall()
    for (number,) in connection.execute("SELECT DISTINCT day FROM p_days").fetchall():
        day = EPOCH + timedelta(days=number)
        month = day.replace(day=1)
        month_end = (month + timedelta(days=31)).replace(day=1)
        monday = day - timedelta(days=day.weekday())
        week, week_end = max(monday, month), min(monday + timedelta(days=7), month_end)
        end_ms = days.day_begin_ms(number + 1)
        row = {
            "day": number,
            "begin_ms": days.day_begin_ms(number),
            "end_ms": end_ms,
            "bound_ms": end_ms + VISIT_BOUND_S * 1000,
        }
        for span, begin, end in (("week", week, week_end), ("month", month, month_end)):
            first, last = LocalDays.number(begin), LocalDays.number(end) - 1
            row[span] = begin
            row[f"{span}_is_read"] = (
                record.first_day <= first
                and last <= record.last_day
                and read[0] < days.day_begin_ms(first)
                and read[1] >= days.day_begin_ms(last + 1) + record.timeout_ms
            )
        rows.append(row)
    schema = pa.schema(
        [
            ("day", pa.int32()),
            *((name, pa.int64()) for name in ("begin_ms", "end_ms", "bound_ms")),
            *((name, pa.date32()) for name in ("week", "month")),
            *((f"{name}_is_read", pa.bool_()) for name in ("week", "month")),
        ]
    )
    execute_over(connection, pa.Table.from_pylist(rows, schema=schema), "CREATE TABLE calendar AS FROM in_memory")


def _total_visits(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Create `visit_totals`, the rows of `visits`, and `visitor_counts`, the distinct clients of each day and site.

    `unaudited` has the days and sites of which `cookie_audit` counts nothing, or nothing that is known only of a week
    (`own` 1) or month (2), as this would leave few of the visits.
    """
    assert VISITS.cells is not None
    few = {
        part: f"""({part} > 0 AND NOT {part}_sure AND (
          SELECT count(DISTINCT client) FROM visits_members m WHERE m.cell = v.cell AND m.flags & {bit} > 0) < {k})"""
        for part, bit in {**VISITS.cells.parts, **VISITS.cells.unpublished}.items()
    }
    hidden = {**few, "fallback_visits": f"({few['fallback_visits']} OR {few['fallback_unfound']})"}
    parts = ", ".join(f"CASE WHEN NOT {hidden[part]} THEN {part} END AS {part}" for part in VISITS.cells.parts)
    left: list[tuple[str, ...]] = [("issued", "not_misused", "unfound")]
    left += [(f"not_misused_in_{span}", f"unfound_in_{span}") for span in GRAINS[1:]]
    unaudited = [
        f"""SELECT day, site, unnest({list(range(own, len(GRAINS)))}) AS own FROM visits_cells v
        WHERE sure AND ({" OR ".join(few[part] for part in parts)})"""
        for own, parts in enumerate(left)
    ]
    connection.execute(
        f"""CREATE TABLE visitor_counts AS
        SELECT {DAY} AS day, s.text AS site, sum(visitors)::BIGINT AS visitors
        FROM p_visitors t {SITE_NAME} GROUP BY ALL;
        CREATE TABLE unaudited AS {" UNION ".join(unaudited)};
        CREATE TABLE visit_totals AS
        WITH sums AS (SELECT day, site, visits, page_views, {parts}, sure FROM visits_cells v)
        SELECT d.day, d.site, {", ".join(f"CASE WHEN v.sure THEN v.{name} END AS {name}" for name in _OF_VISITS)},
          CASE WHEN v.sure AND coalesce(c.visitors, 0) NOT BETWEEN 1 AND {k - 1}
            THEN coalesce(c.visitors, 0) END AS visitors
        FROM days d LEFT JOIN sums v USING (day, site) LEFT JOIN visitor_counts c USING (day, site)"""
    )


def _load_spans(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Create `spans`: for each day and site, the spans that it lies in and where its cells may be published.

    `told_in` is the coarsest span that is published for the site: none of its days is published from other hits, or by
    other rules. `would_be_told_in` is what it would be if the rules were the same.
    """
    # A day of the run is that of the file, or takes its place.
    whole = "(d.complete AND x.decision IN ('own', 'same', 'moved'))"
    connection.execute(
        f"""CREATE TABLE spans AS
        WITH lacking AS (
          SELECT site, greatest(date_trunc('week', day), date_trunc('month', day)) AS week,
            date_trunc('month', day) AS month
          FROM earlier.days ANTI JOIN days USING (day, site)
        ), whole AS (
          SELECT d.day, d.site, c.week, c.month, coalesce(v.sure, FALSE) AS is_large, v.cell, x.decision,
            c.week_is_read AND bool_and({whole}) OVER (PARTITION BY d.site, c.week)
              AND NOT EXISTS (FROM lacking l WHERE l.site = d.site AND l.week = c.week) AS week_is_whole,
            c.month_is_read AND bool_and({whole}) OVER (PARTITION BY d.site, c.month)
              AND NOT EXISTS (FROM lacking l WHERE l.site = d.site AND l.month = c.month) AS month_is_whole
          FROM days d JOIN calendar c ON {DAY.replace("t.", "c.")} = d.day
          JOIN decided x ON x.day = d.day AND x.site = d.site
          LEFT JOIN visits_cells v ON v.day = d.day AND v.site = d.site
        ), every AS (
          SELECT *,
            week_is_whole AND NOT bool_or(decision = 'moved') OVER (PARTITION BY site, week) AS week_is_published,
            month_is_whole AND NOT bool_or(decision = 'moved') OVER (PARTITION BY site, month) AS month_is_published
          FROM whole
        ), weeks AS (
          SELECT site, week FROM every JOIN visits_members USING (cell) WHERE NOT is_large AND week_is_published
          GROUP BY ALL HAVING count(DISTINCT day) >= 2 AND count(DISTINCT client) >= {k}
        ), months AS (
          SELECT site, month FROM every e JOIN visits_members USING (cell) ANTI JOIN weeks USING (site, week)
          WHERE NOT is_large AND month_is_published
          GROUP BY ALL HAVING count(DISTINCT day) >= 2 AND count(DISTINCT client) >= {k}
        )
        SELECT e.day, e.site, e.week, e.month, e.is_large AS joins_day,
          CASE WHEN e.month_is_published THEN 'month' WHEN e.week_is_published THEN 'week' ELSE 'day' END AS told_in,
          CASE WHEN e.month_is_whole THEN 'month' WHEN e.week_is_whole THEN 'week' ELSE 'day' END AS would_be_told_in,
          e.week_is_published AND (e.is_large OR w.site IS NOT NULL) AS joins_week,
          e.month_is_published AND (e.is_large OR w.site IS NOT NULL OR m.site IS NOT NULL) AS joins_month
        FROM every e LEFT JOIN weeks w USING (site, week) LEFT JOIN months m USING (site, month)"""
    )


def _add_unfolded(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Add the rows of `sql_unfolded`, which do not describe visits, to the folded ones; what is NULL stays NULL."""
    name, keys = table.name, ", ".join(column.name for column in table.keys)
    measures = ", ".join(
        f"CASE WHEN count(*) = count({column.name}) THEN sum({column.name})::{column.type} END AS {column.name}"
        for column in table.measures
    )
    connection.execute(
        f"""CREATE TABLE {name}_all AS SELECT {keys}, {measures}
        FROM (FROM {name} UNION ALL BY NAME {table.sql_unfolded}) GROUP BY ALL;
        DROP TABLE {name}; ALTER TABLE {name}_all RENAME TO {name}"""
    )
