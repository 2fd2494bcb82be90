"""Makes the tables of hits of a run, so that none of their rows about people is about fewer than k visitors.

`docs/definitions.md`, "Tables of hits", says how. The rules need the number of visitors that several cells have
together. Workers count visitors by cell, and for how many of them it is the first or the last of the cells, so that
this number is known from below: see `_known`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.publishing.find_midnights import IS_VIEWED_AT_FEW
from footfall.pipelines.publishing.fold_small_cells import fold_small_cells
from footfall.pipelines.publishing.make_kinds import make_kinds
from footfall.pipelines.publishing.make_request_times import ROW_EDGES_MS, join_buckets, make_request_times
from footfall.pipelines.publishing.round_bytes import GROUP, find_hidden_bytes, hits_and_bytes
from footfall.pipelines.publishing.run_statements import do_side_by_side, execute_over
from footfall.transforms.tables.declaring import DAY, SITE_NAME
from footfall.transforms.tables.hit_tables import LATENCY, PROTOCOL_HITS, TRAFFIC
from footfall.transforms.tables.visitor_counts import MEASURES_OF_HOURS, WHOLE_DAY
from footfall.transforms.values.read_requests import PROTOCOLS
from footfall.transforms.vocabulary import AUTOMATED, HUMAN, MONITOR, OTHER, SEPARATOR, TRAFFIC_CLASSES

_PEOPLE: Final = f"traffic_class IN ({HUMAN}, {AUTOMATED})"
_CLASS: Final = f"{list(TRAFFIC_CLASSES)}[traffic_class + 1]"
_HITS, _PAGE_VIEWS, _2XX, _3XX, _4XX, _5XX, _OTHER_STATUS, _LATENCY = range(len(MEASURES_OF_HOURS))


def _known(chosen: str, *, first: str = "first", last: str = "last") -> str:
    """Return SQL for how many visitors the chosen cells of a group have together at least.

    They have as many as any of them has, and as many as have their first or their last cell among them. All visitors of
    the group that none of the other cells has are theirs as well.
    """
    return f"""greatest(max(visitors) FILTER ({chosen}), sum({first}) FILTER ({chosen}), sum({last}) FILTER ({chosen}),
      sum({first}) - coalesce(sum(visitors) FILTER (NOT ({chosen})), 0))"""


def make_hit_tables(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Create the tables `published_…` of hits, `hidden_hits`, `published_5xx` and `end_hours`.

    The last three are by day. The connection has the partial tables of a run, as p_…, and `withheld_bots`.
    """
    connection.execute(
        f"{_hide_groups(k)}; {_errors_of_days(k)}; {_hours('published_hours', _HITS, k, 'false')}; "
        f"{_END_HOURS}; {find_hidden_bytes(k)}"
    )
    statements = (_traffic(k), f"{_protocols(k)}; {_bots(k)}")
    steps: list[Callable[[duckdb.DuckDBPyConnection], None]] = [
        partial(_make_latency, k=k),
        partial(_make_kinds, k=k),
        *(partial(_execute, statement=statement) for statement in statements),
    ]
    do_side_by_side(connection, steps)


def _make_kinds(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Create `published_kinds`, then the request times by kind and folder."""
    connection.execute(make_kinds(k))
    make_request_times(connection, k)


def _execute(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    connection.execute(statement)


def _hide_groups(k: int) -> str:
    """Return SQL that creates `hidden_groups`: classes of people that have too few visitors of a site on a day."""
    return f"""CREATE TABLE hidden_groups AS
      SELECT local_hour // 24 AS day, site, traffic_class FROM p_hour_visitors WHERE measure = {_HITS}
      GROUP BY ALL HAVING sum(first) < {k};
    CREATE TABLE hidden_hits AS
      SELECT day, site, sum(hits)::BIGINT AS hits FROM p_protocols SEMI JOIN hidden_groups USING ({GROUP})
      GROUP BY ALL"""


_END_HOURS: Final = f"""CREATE TABLE end_hours AS
      WITH shown AS (
        SELECT local_hour, site FROM p_traffic WHERE NOT {_PEOPLE}
        UNION SELECT local_hour, site FROM published_hours WHERE hour IS NOT NULL
      ), ends AS (
        SELECT local_hour // 24 AS day, site, min(local_hour) AS first, max(local_hour) AS last FROM p_traffic
        GROUP BY ALL
      )
      SELECT day, site, (first, site) IN (FROM shown) AS has_first, (last, site) IN (FROM shown) AS has_last
      FROM ends"""
"""Creates `end_hours`: whether `traffic` has rows for the hours of the first and the last hit of a day."""


def _errors_of_days(k: int) -> str:
    """Return SQL that creates `published_5xx`: the human and monitor hits of a day with 5xx, if enough people had any.

    That the sum of a day is known is taken into account where measures of hours are hidden.
    """
    return f"""CREATE TABLE published_5xx AS
      WITH met AS (
        SELECT local_hour // 24 AS day, site, sum(first) AS visitors FROM p_hour_visitors
        WHERE measure = {_5XX} AND traffic_class = {HUMAN}
          AND (local_hour // 24, site, traffic_class) NOT IN (FROM hidden_groups)
        GROUP BY ALL
      )
      SELECT day, site, CASE WHEN coalesce(max(visitors), {k}) >= {k} THEN sum(hits_5xx)::BIGINT END AS hits_5xx
      FROM (SELECT *, local_hour // 24 AS day FROM p_traffic WHERE traffic_class IN ({HUMAN}, {MONITOR}))
      ANTI JOIN hidden_groups USING ({GROUP}) LEFT JOIN met USING (day, site) GROUP BY day, site"""


def _hours(name: str, measure: int, k: int, is_joined: str) -> str:
    """Return SQL that creates a table of the hours with hits of people; those that share a row have `hour` NULL.

    These are the hours with too few visitors, those for which `is_joined` holds, and if all of them together are not
    known to have k visitors, the smallest other one.
    """
    return f"""CREATE TABLE {name} AS
    WITH hours AS (
      SELECT local_hour // 24 AS day, *, visitors < {k} OR {is_joined} AS is_joined FROM p_hour_visitors
      WHERE measure = {measure}
    ), short AS (
      SELECT {GROUP} FROM hours GROUP BY ALL
      HAVING bool_or(is_joined) AND {_known("is_joined")} < {k}
    )
    SELECT {GROUP}, local_hour, visitors,
      CASE WHEN is_joined OR (
        ({GROUP}) IN (FROM short)
        AND row_number() OVER (PARTITION BY {GROUP}, is_joined ORDER BY visitors, local_hour) = 1
      ) THEN NULL ELSE local_hour % 24 END AS hour
    FROM hours ANTI JOIN hidden_groups USING ({GROUP})"""


def _traffic(k: int) -> str:
    """Return SQL that creates `published_traffic`.

    `cells` has a row for each row of the table and each measure of it: its hits, and at least and at most how many
    visitors these have. The measure `other_status` is not published, but follows from the others.
    """
    statuses = [f"hits_{hundred}xx" for hundred in (2, 3, 4, 5)]
    shown = ", ".join(
        f"max(hits) FILTER (measure = {measure} AND NOT is_hidden) AS {name}"
        for measure, name in enumerate(MEASURES_OF_HOURS[:_OTHER_STATUS])
    )
    own = ", ".join(f"t.{column}" for column in TRAFFIC.column_names[4:])
    return f"""CREATE TABLE published_rows AS
      SELECT {GROUP}, hour, sum(bytes_sent)::BIGINT AS bytes_sent,
        {", ".join(f"sum({name})::BIGINT AS {name}" for name in ("hits", "page_views", *statuses))},
        sum(hits - {" - ".join(statuses)})::BIGINT AS other_status
      FROM p_traffic JOIN published_hours USING (local_hour, site, traffic_class) GROUP BY ALL;
    CREATE TABLE cells AS
    WITH visitors AS (
      SELECT {GROUP}, hour, measure, max(v.visitors) AS largest, sum(v.visitors) AS most, sum(first) AS first,
        sum(last) AS last
      FROM published_hours JOIN p_hour_visitors v USING (local_hour, site, traffic_class) GROUP BY ALL
    ), counted AS (
      SELECT *, sum(first) OVER same AS of_day,
        greatest(largest, first, last, sum(first) OVER same - (sum(most) OVER same - most)) AS known
      FROM visitors WINDOW same AS (PARTITION BY {GROUP}, measure)
    )
    SELECT {GROUP}, c.hour, measure, known, most, of_day,
      [hits, page_views, {", ".join(statuses)}, other_status][measure + 1] AS hits,
      known < {k} AS is_hidden
    FROM published_rows r JOIN counted c USING ({GROUP})
    WHERE r.hour IS NOT DISTINCT FROM c.hour AND measure < {_LATENCY};
    -- What visits over midnight bring and take must not follow from page views by the day of the visit.
    UPDATE cells SET is_hidden = true FROM (
      FROM (
        SELECT c.*, coalesce(sum(greatest(r.hits_2xx + r.hits_3xx - r.page_views, 0)) OVER before, 0) AS others
        FROM cells c JOIN published_rows r USING ({GROUP})
        WHERE c.hour IS NOT DISTINCT FROM r.hour AND measure = {_PAGE_VIEWS} AND {IS_VIEWED_AT_FEW}
        WINDOW before AS (PARTITION BY {GROUP} ORDER BY NOT is_hidden, c.hits, c.hour
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
      ) WHERE NOT is_hidden AND others < {k} / 2
    ) o WHERE {_same_cell("o")};
    -- What is hidden of a day must not follow from the day's sum, which `visits` and `errors` have.
    UPDATE cells SET is_hidden = true FROM (
      FROM cells WHERE NOT is_hidden AND ({GROUP}, measure) IN (
        SELECT ({GROUP}, measure) FROM cells WHERE measure IN ({_PAGE_VIEWS}, {_4XX}, {_5XX})
        GROUP BY {GROUP}, measure
        HAVING bool_or(is_hidden) AND greatest(
          max(known) FILTER (is_hidden), max(of_day) - coalesce(sum(most) FILTER (NOT is_hidden), 0)) < {k})
      QUALIFY row_number() OVER (PARTITION BY {GROUP}, measure ORDER BY hits, hour) = 1
    ) o WHERE {_same_cell("o")};
    -- Nor from the row's hits.
    UPDATE cells SET is_hidden = true FROM (
      WITH rows AS (
        SELECT {GROUP}, hour,
          max(known) FILTER (measure = {_HITS}) AS of_row,
          max(known) FILTER (measure >= {_2XX} AND (is_hidden OR measure = {_OTHER_STATUS})) AS behind,
          coalesce(sum(most) FILTER (measure BETWEEN {_2XX} AND {_5XX} AND NOT is_hidden), 0) AS shown,
          bool_or(measure = {_OTHER_STATUS} OR (is_hidden AND measure IN ({_2XX}, {_3XX}))) AS is_open
        FROM cells GROUP BY ALL HAVING bool_or(is_hidden AND measure >= {_2XX})
      )
      SELECT c.* FROM cells c JOIN rows r USING ({GROUP})
      WHERE c.hour IS NOT DISTINCT FROM r.hour AND NOT is_hidden AND measure BETWEEN {_2XX} AND {_5XX}
        AND (greatest(behind, of_row - shown) < {k} OR (NOT is_open AND measure IN ({_2XX}, {_3XX})))
      QUALIFY row_number() OVER (PARTITION BY {GROUP}, c.hour ORDER BY measure IN ({_4XX}, {_5XX}), hits, measure) = 1
    ) o WHERE {_same_cell("o")};
    -- A NULL that is never zero stands for one at least: where that is nearly all, zeros are NULL as well.
    CREATE TABLE close_sums AS
      SELECT {GROUP}, measure FROM cells WHERE is_hidden AND measure IN ({_PAGE_VIEWS}, {_4XX}, {_5XX})
      GROUP BY ALL HAVING sum(hits - 1) < {k} / 2;
    CREATE TABLE published_traffic AS
      WITH shown AS (
        SELECT {GROUP}, hour, {shown} FROM cells GROUP BY ALL
      )
      SELECT {DAY} AS day, t.hour::SMALLINT AS hour, s.text AS site, {_CLASS} AS traffic_class, t.hits,
        {_zero_or("page_views")}, CASE WHEN u.day IS NULL THEN round_bytes(r.bytes_sent, r.hits) END AS bytes_sent,
        {", ".join(_zero_or(name) for name in statuses)}
      FROM shown t JOIN published_rows r USING ({GROUP}) {SITE_NAME}
      LEFT JOIN (SELECT DISTINCT * FROM hidden_bytes) u ON u.day = t.day AND u.site = t.site
        AND u.traffic_class = t.traffic_class AND u.hour IS NOT DISTINCT FROM t.hour
      WHERE r.hour IS NOT DISTINCT FROM t.hour
      UNION ALL
      SELECT day, hour, site, traffic_class, {own.replace("t.", "")} FROM (
        {TRAFFIC.partials[0].query([column.name for column in TRAFFIC.measures])} WHERE NOT t.{_PEOPLE})"""


def _zero_or(name: str) -> str:
    """Return SQL for a measure of the row `r` of which no hits are hidden, or which is published in `t`."""
    is_published = f"({GROUP}, {MEASURES_OF_HOURS.index(name)}) NOT IN (FROM close_sums)"
    return f"CASE WHEN r.{name} = 0 AND {is_published} THEN 0 ELSE t.{name} END AS {name}"


def _same_cell(other: str) -> str:
    columns = ("day", "site", "traffic_class", "hour", "measure")
    return " AND ".join(f"cells.{column} IS NOT DISTINCT FROM {other}.{column}" for column in columns)


def _make_latency(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Create `published_latency`."""
    is_joined = """(local_hour, site, traffic_class) IN (
        SELECT (local_hour, site, traffic_class) FROM published_hours WHERE hour IS NULL)"""
    # Visitors of the hours that share a row are those of the day that no hour with a row of its own has.
    connection.execute(
        f"""{_hours("latency_hours", _LATENCY, k, is_joined)};
        DELETE FROM latency_hours WHERE ({GROUP}) IN (
          SELECT (local_hour // 24, site, traffic_class) FROM p_hour_visitors WHERE measure = {_LATENCY}
          GROUP BY local_hour // 24, site, traffic_class HAVING sum(first) < {k});
        CREATE TABLE latency_cells AS
        WITH alone AS (
          SELECT v.* FROM p_latency_visitors v JOIN latency_hours USING ({GROUP}, hour)
        ), together AS (
          SELECT {GROUP}, {WHOLE_DAY} AS hour, bucket, visitors, fastest, slowest
          FROM p_latency_visitors WHERE hour = {WHOLE_DAY}
          UNION ALL
          SELECT {GROUP}, {WHOLE_DAY} AS hour, bucket, -visitors, -visitors, -visitors FROM alone
        ), visitors AS (
          FROM alone UNION ALL BY NAME
          SELECT {GROUP}, hour, bucket, sum(visitors) AS visitors, sum(fastest) AS fastest, sum(slowest) AS slowest
          FROM together GROUP BY ALL
        ), hits AS (
          SELECT {GROUP}, coalesce(hour, {WHOLE_DAY}) AS hour, bucket, sum(hits) AS hits
          FROM p_latency JOIN latency_hours USING (local_hour, site, traffic_class) GROUP BY ALL
        )
        SELECT {GROUP}, hour, bucket, hits::BIGINT AS hits, visitors::BIGINT AS visitors,
          fastest::BIGINT AS fastest, slowest::BIGINT AS slowest,
          row_number() OVER (PARTITION BY {GROUP}, hour ORDER BY bucket) = 1 AS is_first
        FROM hits JOIN visitors USING ({GROUP}, hour, bucket) ORDER BY {GROUP}, hour, bucket"""
    )
    cells = connection.execute("SELECT is_first, visitors, fastest, slowest FROM latency_cells").fetchnumpy()
    rows = join_buckets(*(np.ascontiguousarray(cells[name]) for name in cells), k)
    execute_over(
        connection,
        pa.table({"row": rows}),
        f"""CREATE TABLE published_latency AS
        WITH shown AS (
          SELECT {GROUP}, hour, row, min(bucket) AS first_bucket, max(bucket) AS bucket, sum(hits)::BIGINT AS hits
          FROM latency_cells POSITIONAL JOIN in_memory GROUP BY ALL
        )
        SELECT {DAY} AS day, CASE WHEN hour < {WHOLE_DAY} THEN hour END::SMALLINT AS hour, s.text AS site,
          {_CLASS} AS traffic_class, {ROW_EDGES_MS}, hits
        FROM shown t {SITE_NAME}
        UNION ALL BY NAME
        {LATENCY.partials[0].query(["hits"])} WHERE NOT t.{_PEOPLE}""",
    )


def _protocols(k: int) -> str:
    """Return SQL that creates `published_protocols`."""
    names = f"{list(PROTOCOLS)}"
    return f"""CREATE TABLE published_protocols AS
    WITH cells AS (
      SELECT {GROUP}, {names}[protocol + 1] AS name, hits, bytes_sent, visitors, largest, two_largest,
        visitors < {k} OR name = '{OTHER}' AS rest
      FROM p_protocols JOIN p_protocol_visitors USING ({GROUP}, protocol)
      JOIN large_protocols USING ({GROUP}, protocol) ANTI JOIN hidden_groups USING ({GROUP})
    ), {fold_small_cells("visitors, name", k)}
    SELECT {DAY} AS day, s.text AS site, protocol, {_CLASS} AS traffic_class, hits, bytes_sent FROM (
      SELECT {GROUP}, CASE WHEN is_rest THEN '{OTHER}' ELSE name END AS protocol, {hits_and_bytes(k)}
      FROM folded GROUP BY 1, 2, 3, 4) t {SITE_NAME}
    UNION ALL BY NAME
    {PROTOCOL_HITS.partials[0].query(["hits", "bytes_sent"])} WHERE NOT t.{_PEOPLE}"""


def _bots(k: int) -> str:
    """Return SQL that creates `published_bots`.

    Automated clients are people. Of the others, names that a client chose are folded where few clients have them. Names
    of `withheld_bots` are folded however many have them.
    """
    return f"""CREATE TABLE named_visitors AS
      SELECT {GROUP}, str_split(n.text, chr({ord(SEPARATOR)}))[1] AS name,
        str_split(n.text, chr({ord(SEPARATOR)}))[2] AS category, visitors, largest, two_largest
      FROM p_machine_visitors t JOIN p_names n ON n.id = t.machine
      LEFT JOIN large_machines USING ({GROUP}, machine);
    CREATE TABLE published_bots AS
    WITH cells AS (
      SELECT *, visitors < {k} OR (name = '{OTHER}' AND category = '{OTHER}')
        OR name IN (FROM withheld_bots) AS rest
      FROM p_machines JOIN named_visitors USING ({GROUP}, name, category) ANTI JOIN hidden_groups USING ({GROUP})
      WHERE traffic_class = {AUTOMATED}
    ), {fold_small_cells("visitors, name, category", k)}
    SELECT {DAY} AS day, s.text AS site, {_CLASS} AS traffic_class, name, category, hits, bytes_sent FROM (
      SELECT {GROUP}, CASE WHEN is_rest THEN '{OTHER}' ELSE name END AS name,
        CASE WHEN is_rest THEN '{OTHER}' ELSE category END AS category, {hits_and_bytes(k)}
      FROM folded GROUP BY 1, 2, 3, 4, 5
      UNION ALL BY NAME
      SELECT {GROUP}, category,
        CASE WHEN visitors < {k} OR name IN (FROM withheld_bots) THEN '{OTHER}' ELSE name END AS name,
        sum(hits)::BIGINT AS hits, sum(bytes_sent)::BIGINT AS bytes_sent
      FROM p_machines LEFT JOIN named_visitors USING ({GROUP}, name, category) WHERE traffic_class <> {AUTOMATED}
      GROUP BY ALL) t {SITE_NAME}"""
