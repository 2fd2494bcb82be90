"""From merged partial tables to the rows of the contract, folded, in a DuckDB connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import duckdb
import pyarrow as pa

from footfall.pipelines.contract import FOLDED_COLUMNS
from footfall.pipelines.publishing.find_incidents import find_incidents
from footfall.pipelines.publishing.fold_tables import fold_table
from footfall.pipelines.publishing.run_statements import do_side_by_side
from footfall.transforms.exchange.row_files import read_rows
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import FINDINGS, ITEM_KINDS
from footfall.transforms.vocabulary import NONE, OTHER, REJECT_REASONS, SEPARATOR, TRAFFIC_CLASSES, VISIT_TIMEOUT_S

_DAY: Final = "DATE '1970-01-01' + {}::INTEGER"
_PART: Final = "str_split(n.text, chr({code}))[{place}]"


def _parts(*columns: str) -> str:
    """SQL for the parts of a name of several columns."""
    return ", ".join(
        f"{_PART.format(code=ord(SEPARATOR), place=place)} AS {column}" for place, column in enumerate(columns, start=1)
    )


_CLASS_NAME: Final = f"{list(TRAFFIC_CLASSES)}[traffic_class + 1]"
_ACQUISITION_PARTS: Final = _parts("kind", "source", "campaign_source", "campaign_medium", "campaign")

# Contract table → query over the partial tables (prefix p_) and `sites`. `n` names what a digest stands for. Those that
# take longest, with what is made from them and folding, come first.
QUERIES: Final[dict[str, str]] = {
    "pages": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site, n.text AS page,
        page_views, visits, entries, exits, bounces
        FROM p_pages t JOIN p_names s ON s.id = t.site JOIN p_names n ON n.id = t.page""",
    "technology": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site,
        {_parts("browser", "browser_version", "os", "os_version", "device")}, visits, page_views
        FROM p_technology t JOIN p_names s ON s.id = t.site JOIN p_names n ON n.id = t.technology""",
    "locations": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site, {_parts("continent", "country", "region")},
        visits, page_views
        FROM p_locations t JOIN p_names s ON s.id = t.site JOIN p_names n ON n.id = t.location""",
    "acquisitions": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site, {_ACQUISITION_PARTS}, visits, page_views
        FROM p_acquisitions t JOIN p_names s ON s.id = t.site JOIN p_names n ON n.id = t.acquisition""",
    "all_errors": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site, t.status, n.text AS page,
        hits, hits_without_visit, visits
        FROM p_human_errors t JOIN p_names s ON s.id = t.site JOIN p_names n ON n.id = t.page""",
    "latency": f"""SELECT {_DAY.format("(local_hour // 24)")} AS day, (local_hour % 24)::SMALLINT AS hour,
        s.text AS site, {_CLASS_NAME} AS traffic_class,
        (((bucket & 31) + 1) << (bucket >> 5)) / 1000.0::DOUBLE AS bucket_ms,
        sum(hits)::BIGINT AS hits
        FROM (SELECT local_hour, site, traffic_class, bucket::BIGINT AS bucket, hits FROM p_latency) t
        JOIN p_names s ON s.id = t.site GROUP BY ALL""",
    "searches": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site, n.text AS phrase, searches, visits
        FROM p_searches t JOIN p_names s ON s.id = t.site JOIN p_names n ON n.id = t.phrase""",
    "traffic": f"""SELECT {_DAY.format("(local_hour // 24)")} AS day, (local_hour % 24)::SMALLINT AS hour,
        s.text AS site, {_CLASS_NAME} AS traffic_class,
        hits, page_views, bytes_sent, hits_2xx, hits_3xx, hits_4xx, hits_5xx
        FROM p_traffic JOIN p_names s ON s.id = p_traffic.site""",
    "cookie_audit": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site,
        {list(FINDINGS)}[finding + 1] AS finding, visits
        FROM p_cookie_audit t JOIN p_names s ON s.id = t.site""",
    "visits": f"""SELECT {_DAY.format("d.day")} AS day, s.text AS site, coalesce(v.visits, 0) AS visits,
        coalesce(v.page_views, 0) AS page_views, coalesce(v.bounces, 0) AS bounces, coalesce(c.visitors, 0) AS visitors,
        coalesce(v.duration_s, 0) AS duration_s, coalesce(v.fallback_visits, 0) AS fallback_visits,
        coalesce(v.cut_visits, 0) AS cut_visits
        FROM p_days d JOIN p_names s ON s.id = d.site
        LEFT JOIN p_visits v ON v.day = d.day AND v.site = d.site
        LEFT JOIN p_visitors c ON c.day = d.day AND c.site = d.site""",
    "bots": f"""SELECT {_DAY.format("t.day")} AS day, s.text AS site, {_CLASS_NAME} AS traffic_class, name, category,
        hits, bytes_sent FROM p_machines t JOIN p_names s ON s.id = t.site""",
}

# Contract table → what it is made from in turn, and the query over that.
LATER_QUERIES: Final[dict[str, tuple[str, str]]] = {
    "referrers": (
        "acquisitions",
        "SELECT day, site, kind, source, sum(visits)::BIGINT AS visits, sum(page_views)::BIGINT AS page_views "
        "FROM acquisitions GROUP BY ALL",
    ),
    "campaigns": (
        "acquisitions",
        f"""SELECT day, site, campaign_source AS source, campaign_medium AS medium, campaign,
        sum(visits)::BIGINT AS visits, sum(page_views)::BIGINT AS page_views
        FROM acquisitions WHERE campaign_source <> '' OR campaign_medium NOT IN ('', '{NONE}') GROUP BY ALL""",
    ),
    "errors": ("all_errors", "SELECT day, site, status, page, hits, visits FROM all_errors WHERE visits > 0"),
}

# Which visit had which page, phrase, error or finding: its partial table, the columns there that are the item and
# its code, and the columns of the published table.
ITEMS: Final[dict[str, tuple[str, str, str, str]]] = {
    "pages": ("p_pages", "page", "0", "n.text AS page"),
    "searches": ("p_searches", "phrase", "0", "n.text AS phrase"),
    "errors": ("p_human_errors", "page", "status", "t.code AS status, n.text AS page"),
    "cookie_audit": ("p_cookie_audit", "0", "finding", f"{list(FINDINGS)}[t.code + 1] AS finding"),
}


def load_tables(
    connection: duckdb.DuckDBPyConnection,
    tables: dict[str, pa.Table],
    input_names: Sequence[str],
    timezone: str,
    k: int,
) -> int:
    """Create the tables of the contract that come from a run's hits, those about people folded.

    `tables` are the merged partial tables by name. Afterwards the connection has them as p_…, and `run_inputs`,
    `run_rejects`, `run_days`, `incidents`, `all_errors`. Returns how many rows were folded.
    """
    do_side_by_side(connection, [partial(_load_part, name=name, table=table) for name, table in tables.items()])
    make = partial(_make_tables, item_files=tables["item_files"]["path"].to_pylist(), k=k)
    work: list[Callable[[duckdb.DuckDBPyConnection], int | None]] = [partial(make, name=name) for name in QUERIES]
    work += [partial(_load_books, input_names=input_names), partial(_load_days, days=LocalDays(timezone))]
    folded = do_side_by_side(connection, work)
    connection.register("arrow_incidents", find_incidents(tables["minutes"], tables["names"], LocalDays(timezone)))
    connection.execute("CREATE TABLE incidents AS SELECT * FROM arrow_incidents SEMI JOIN run_days USING (day, site)")
    return sum(count or 0 for count in folded)


def _make_tables(connection: duckdb.DuckDBPyConnection, name: str, item_files: Sequence[str], k: int) -> int:
    """Create a table of QUERIES and those that are made from it, and fold them; returns how many rows were folded."""
    folded = 0
    later = {later: query for later, (source, query) in LATER_QUERIES.items() if source == name}
    for one, query in {name: QUERIES[name], **later}.items():
        _create(connection, one, query)
        if one in ITEMS:
            _load_items(connection, one, item_files, k)
        if one in FOLDED_COLUMNS:
            folded += fold_table(connection, one, k, has_items=one in ITEMS)
    return folded


def _load_part(connection: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    connection.register(f"arrow_{name}", table)
    _create(connection, f"p_{name}", f"FROM arrow_{name}")
    connection.unregister(f"arrow_{name}")


def _create(connection: duckdb.DuckDBPyConnection, name: str, query: str) -> None:
    connection.execute(f"CREATE TABLE {name} AS {query}")


def _load_items(connection: duckdb.DuckDBPyConnection, name: str, paths: Sequence[str], k: int) -> None:
    """Make `name`_items: the visits of the rows that folding may add up.

    Those are rows of fewer than k visits, the smallest of the others, which may have to take them in, and what is
    called `(other)` in the log already; of a page that many visit nobody asks who. Bucket by bucket, so that the items
    of no more than one are in memory as Arrow.
    """
    table, item, code, columns = ITEMS[name]
    connection.execute(
        f"""CREATE TABLE {name}_small AS
        SELECT t.day, t.site, ({item})::UBIGINT AS item, ({code})::SMALLINT AS code
        FROM {table} t LEFT JOIN p_names n ON n.id = ({item})
        QUALIFY t.visits < {k} OR {code} <> 0 OR {item} = 0 OR row_number() OVER (
          PARTITION BY t.day, t.site, t.visits < {k}, n.text = '{OTHER}' ORDER BY t.visits, n.text) = 1;
        CREATE TABLE {name}_met (day INTEGER, site UBIGINT, visit BIGINT, item UBIGINT, code SMALLINT)"""
    )
    for path in paths:
        connection.register("arrow_items", read_rows(path))
        connection.execute(
            f"""INSERT INTO {name}_met SELECT DISTINCT day, site, visit, item, code
            FROM arrow_items SEMI JOIN {name}_small USING (day, site, item, code)
            WHERE kind = {ITEM_KINDS.index(name)}"""
        )
        connection.unregister("arrow_items")
    connection.execute(
        f"""CREATE TABLE {name}_items AS SELECT {_DAY.format("t.day")} AS day, s.text AS site, {columns}, t.visit
        FROM {name}_met t JOIN p_names s ON s.id = t.site LEFT JOIN p_names n ON n.id = t.item"""
    )


def _load_books(connection: duckdb.DuckDBPyConnection, input_names: Sequence[str]) -> None:
    connection.register("arrow_inputs", pa.table({"input": pa.array(input_names, pa.string())}))
    connection.execute("CREATE TABLE input_names AS SELECT row_number() OVER () - 1 AS number, input FROM arrow_inputs")
    connection.execute(
        """CREATE TABLE run_inputs AS
        SELECT n.input, coalesce(sum(lines), 0)::BIGINT AS lines, coalesce(sum(hits), 0)::BIGINT AS hits,
          coalesce(sum(outside_window), 0)::BIGINT AS outside_window, coalesce(sum(rejected), 0)::BIGINT AS rejected,
          coalesce(sum(duplicates), 0)::BIGINT AS duplicates,
          CASE WHEN sum(lines) >= 100 THEN
            printf('%08x%08x', (sum(digest_high) % 2147483648)::BIGINT, (sum(digest_low) % 4294967296)::BIGINT)
          END AS content_digest, false AS damaged
        FROM input_names n LEFT JOIN p_line_counts l ON l.input = n.number GROUP BY n.input"""
    )
    # A piece knows how many lines it had before a reject; the lines of the pieces before it come on top.
    connection.execute(
        f"""CREATE TABLE run_rejects AS
        WITH places AS (
          SELECT input, begin, coalesce(sum(lines) OVER (
            PARTITION BY input ORDER BY begin ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS lines_before
          FROM p_line_counts
        )
        SELECT n.input, {list(REJECT_REASONS)}[r.reason + 1] AS reason, sum(r.lines)::BIGINT AS lines,
          min(p.lines_before + r.first_line)::BIGINT AS first_line_number
        FROM p_rejects r JOIN places p ON p.input = r.input AND p.begin = r.begin
        JOIN input_names n ON n.number = r.input GROUP BY ALL"""
    )


def _load_days(connection: duckdb.DuckDBPyConnection, days: LocalDays) -> None:
    """Days with the time that they begin and end, to tell whether the logs reached beyond both."""
    numbers = [row[0] for row in connection.execute("SELECT DISTINCT day FROM p_days").fetchall()]
    spans = pa.table(
        {
            "day": pa.array(numbers, pa.int32()),
            "begin_ms": pa.array([days.day_begin_ms(day) for day in numbers], pa.int64()),
            "end_ms": pa.array([days.day_begin_ms(day + 1) for day in numbers], pa.int64()),
        }
    )
    connection.register("arrow_spans", spans)
    connection.execute(
        f"""CREATE TABLE run_days AS
        WITH read AS (SELECT min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM p_line_counts)
        SELECT {_DAY.format("d.day")} AS day, s.text AS site,
          read.first_ms < spans.begin_ms AND read.last_ms >= spans.end_ms + {VISIT_TIMEOUT_S * 1000} AS complete,
          make_timestamp(d.first_ms * 1000) AS first_hit, make_timestamp(d.last_ms * 1000) AS last_hit, d.hits
        FROM p_days d JOIN p_names s ON s.id = d.site JOIN arrow_spans spans ON spans.day = d.day, read"""
    )
