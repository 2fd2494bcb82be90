"""Makes the published tables of a run from merged partial tables, folded, in a DuckDB connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

import duckdb
import pyarrow as pa

from footfall.pipelines.publishing.find_incidents import find_incidents
from footfall.pipelines.publishing.fold_tables import fold_table
from footfall.pipelines.publishing.run_statements import do_side_by_side
from footfall.transforms.exchange.row_files import read_rows
from footfall.transforms.tables.declaring import DAY, SITE_NAME, Table
from footfall.transforms.tables.published import ITEM_TABLES, SCHEMA_VERSION, TABLES, TABLES_BY_NAME
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.vocabulary import OTHER, VISIT_BOUND_S

_LONGEST: Final = ("pages", "technology", "locations", "referrers", "errors", "searches", "latency")
"""The tables that take longest to make; they are started first."""


@dataclass(frozen=True)
class RunRecord:
    """What is published about the run itself; `timeout_ms` is the silence that ends a visit."""

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


def load_tables(
    connection: duckdb.DuckDBPyConnection,
    tables: dict[str, pa.Table],
    inputs: Sequence[str],
    damaged: Sequence[str],
    record: RunRecord,
) -> int:
    """Create the published tables of a run, fold those about people, and return the number of folded rows.

    `tables` are the merged partial tables by name, `inputs` the names of the inputs by number, `damaged` the names of
    the inputs that were left out. The connection then also has the partial tables, as p_….
    """
    do_side_by_side(connection, [partial(_load_partial, name=name, table=table) for name, table in tables.items()])
    _load_run(connection, inputs, damaged, record)
    _load_spans(connection, LocalDays(record.timezone))
    incidents = find_incidents(tables["minutes"], tables["names"], LocalDays(record.timezone))
    connection.register("arrow_incidents", incidents)
    connection.execute("CREATE TABLE found_incidents AS FROM arrow_incidents")
    connection.execute("CREATE TABLE days AS " + TABLES_BY_NAME["days"].query)
    make = partial(_make_table, item_files=tables["item_files"]["path"].to_pylist(), k=record.k)
    others = sorted(
        (table for table in TABLES if table.name != "days"),
        key=lambda table: _LONGEST.index(table.name) if table.name in _LONGEST else len(_LONGEST),
    )
    work: list[Callable[[duckdb.DuckDBPyConnection], int]] = [partial(make, table=table) for table in others]
    return sum(do_side_by_side(connection, work))


def _load_partial(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register(f"arrow_{name}", table)
    connection.execute(f"CREATE TABLE p_{name} AS FROM arrow_{name}")
    connection.unregister(f"arrow_{name}")


def _load_run(
    connection: duckdb.DuckDBPyConnection, inputs: Sequence[str], damaged: Sequence[str], record: RunRecord
) -> None:
    """Create the tables `this_run` (one row) and `run_inputs`."""
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
    connection.register(
        "arrow_inputs",
        pa.table(
            {
                "number": pa.array(range(len(names)), pa.int32()),
                "input": pa.array(names, pa.string()),
                "damaged": pa.array([number >= len(inputs) for number in range(len(names))], pa.bool_()),
            }
        ),
    )
    connection.execute("CREATE TABLE run_inputs AS FROM arrow_inputs")


def _load_spans(connection: duckdb.DuckDBPyConnection, days: LocalDays) -> None:
    """Create the table `day_spans`: the begin and end of each day, and the time until which its visits are followed."""
    numbers = [row[0] for row in connection.execute("SELECT DISTINCT day FROM p_days").fetchall()]
    ends = [days.day_begin_ms(day + 1) for day in numbers]
    connection.register(
        "arrow_spans",
        pa.table(
            {
                "day": pa.array(numbers, pa.int32()),
                "begin_ms": pa.array([days.day_begin_ms(day) for day in numbers], pa.int64()),
                "end_ms": pa.array(ends, pa.int64()),
                "bound_ms": pa.array([end + VISIT_BOUND_S * 1000 for end in ends], pa.int64()),
            }
        ),
    )
    connection.execute("CREATE TABLE day_spans AS FROM arrow_spans")


def _make_table(connection: duckdb.DuckDBPyConnection, table: Table, item_files: Sequence[str], k: int) -> int:
    """Create a table, fold it, and return the number of folded rows."""
    connection.execute(f"CREATE TABLE {table.name} AS {table.query}")
    folded = 0
    if table.items is not None:
        _load_items(connection, table, item_files, k)
    if table.fold:
        folded = fold_table(connection, table, k)
    if table.sql_unfolded:
        _add_unfolded(connection, table)
    return folded


def _load_items(connection: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[str], k: int) -> None:
    """Create `<table>_items`: the visits of the rows that folding may combine.

    These are the rows of fewer than k visits, the smallest other row, which may have to be folded with them, and items
    that are called `(other)` in the log; items of other rows are not needed. The files are read one after the other,
    so that only one bucket's items are in memory as an Arrow table.
    """
    name, items = table.name, table.items
    assert items is not None
    connection.execute(
        f"""CREATE TABLE {name}_small AS
        SELECT t.day, t.site, ({items.item})::UBIGINT AS item, ({items.code})::SMALLINT AS code
        FROM p_{table.partials[0].name} t LEFT JOIN p_names n ON n.id = ({items.item})
        QUALIFY t.visits < {k} OR {items.code} <> 0 OR {items.item} = 0 OR row_number() OVER (
          PARTITION BY t.day, t.site, t.visits < {k}, n.text = '{OTHER}' ORDER BY t.visits, n.text) = 1;
        CREATE TABLE {name}_met (day INTEGER, site UBIGINT, visit BIGINT, item UBIGINT, code SMALLINT)"""
    )
    for path in paths:
        connection.register("arrow_items", read_rows(path))
        connection.execute(
            f"""INSERT INTO {name}_met SELECT DISTINCT day, site, visit, item, code
            FROM arrow_items SEMI JOIN {name}_small USING (day, site, item, code)
            WHERE kind = {ITEM_TABLES.index(name)}"""
        )
        connection.unregister("arrow_items")
    connection.execute(
        f"""CREATE TABLE {name}_items AS SELECT {DAY} AS day, s.text AS site, {items.columns}, t.visit
        FROM {name}_met t {SITE_NAME} LEFT JOIN p_names n ON n.id = t.item"""
    )


def _add_unfolded(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Add the rows of `sql_unfolded`, which do not describe visits, to the folded ones."""
    name, keys = table.name, ", ".join(column.name for column in table.keys)
    measures = ", ".join(f"sum({column.name})::{column.type} AS {column.name}" for column in table.measures)
    connection.execute(
        f"""CREATE TABLE {name}_all AS SELECT {keys}, {measures}
        FROM (FROM {name} UNION ALL BY NAME {table.sql_unfolded}) GROUP BY ALL;
        DROP TABLE {name}; ALTER TABLE {name}_all RENAME TO {name}"""
    )
