"""Makes the tables of request times by what people asked for (`docs/definitions.md`, Tables of hits)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.publishing.find_midnights import HAS_DOCUMENTS, IS_AT_FEW, IS_OF_DOCUMENTS
from footfall.pipelines.publishing.round_rows import Links, read_wholes
from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.arrays import Flags, Ints
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.tables.asked_tables import BY_KIND, PAGE_VIEW_KIND
from footfall.transforms.tables.declaring import DAY, SITE_NAME
from footfall.transforms.tables.hit_tables import EDGES_MS
from footfall.transforms.tables.speed_tables import KIND_LATENCY, PAGE_LATENCY
from footfall.transforms.tables.visitor_counts import WHOLE_DAY
from footfall.transforms.vocabulary import HUMAN

_BEGIN_MS: Final = EDGES_MS["from_ms"].replace("t.bucket", "t.first_bucket")
_END_MS: Final = EDGES_MS["bucket_ms"]
ROW_EDGES_MS: Final = f"{_BEGIN_MS} AS from_ms, {_END_MS} AS bucket_ms"
"""SQL of the edges of a row that has the buckets from `t.first_bucket` to `t.bucket`."""


_ENOUGH_ROWS: Final = 3
"""Of so many rounded rows nobody adds up the page views of a day on which few visits cross midnight."""


@dataclass(frozen=True)
class _Times:
    """Request times by what people asked for: by kind, or by folder."""

    table: str
    key: str
    """The column of its number."""
    name: str
    """SQL of its name; what it reads is in `join`."""
    column: str
    """That of the name."""
    is_hidden: str
    """Which are published only if they have enough rows."""
    known_by: Sequence[str]
    """Each query selects cells and, by number, the `whole` that they are part of, with its `hits` in other tables."""
    join: str = ""


def make_request_times(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Create `published_kind_latency` and `published_page_latency`, the latter with the names of all folders.

    Known are all requests of people in a bucket of a day, from `latency`, or nearly; and what they asked for that
    `kinds` has in `(other)`, without page views, whose number other tables have.
    """
    wholes = """SELECT day, site, bucket, sum(hits)::BIGINT AS hits, row_number() OVER () - 1 AS whole
      FROM p_kind_latency GROUP BY ALL"""
    others = f"""SELECT day, site, kind, sum(hits) OVER (PARTITION BY day, site)::BIGINT AS hits,
        dense_rank() OVER (ORDER BY day, site) - 1 AS whole
      FROM placed_kinds WHERE is_rest AND traffic_class = {HUMAN} AND kind <> {PAGE_VIEW_KIND}"""
    is_hidden = f"{IS_AT_FEW} AND ({IS_OF_DOCUMENTS} OR NOT ({HAS_DOCUMENTS}))"
    kind = f"{BY_KIND.published.columns['kind']} AS name"
    known_cells = "SELECT cell, whole, w.hits FROM {}_cells JOIN ({}) w USING (day, site, {})"
    by_kind = KIND_LATENCY.name
    of_kind = known_cells.format(by_kind, wholes, "bucket"), known_cells.format(by_kind, others, "kind")
    _make(connection, _Times(by_kind, "kind", kind, "kind", is_hidden, of_kind), k)
    by_folder = PAGE_LATENCY.name
    of_folder = (known_cells.format(by_folder, wholes, "bucket"),)
    join = "JOIN p_folders f ON f.id = t.folder"
    _make(connection, _Times(by_folder, "folder", "f.text AS name", "page_group", IS_AT_FEW, of_folder, join), k)


def _make(connection: duckdb.DuckDBPyConnection, times: _Times, k: int) -> None:
    """Create one of them. The sum of `fastest` is the visitors of a kind or folder: each has one fastest request.

    The rows of a kind or folder have no gaps: where its requests begin and end would reveal how many others were that
    fast, as their number is in other tables.
    """
    table, key, of_row = times.table, times.key, f"day, site, {times.key}"
    connection.execute(
        f"""CREATE TABLE {table}_cells AS
        SELECT {of_row}, {times.name}, bucket, hits::BIGINT AS hits, visitors::BIGINT AS visitors,
          fastest::BIGINT AS fastest, slowest::BIGINT AS slowest,
          row_number() OVER (PARTITION BY {of_row} ORDER BY bucket) = 1 AS is_first,
          row_number() OVER (ORDER BY day, site, name, {key}, bucket) - 1 AS cell
        FROM p_{table} t {times.join}
        SEMI JOIN (SELECT {of_row} FROM p_{table} GROUP BY ALL HAVING sum(fastest) >= {k}) USING ({of_row})
        ORDER BY cell"""
    )
    cells = connection.execute(f"SELECT is_first, visitors, fastest, slowest, hits FROM {table}_cells").fetchnumpy()
    columns = {column: np.ascontiguousarray(values) for column, values in cells.items()}
    rows = join_buckets(*(columns[column] for column in ("is_first", "visitors", "fastest", "slowest")), k)
    sums = np.bincount(rows, columns["hits"]).astype(np.int64)
    shown = (2 * sums + k) // (2 * k) * k
    for query in times.known_by:
        _, whole, of_wholes = read_wholes(connection, query, len(rows))
        links = Links(rows, whole, columns["hits"], of_wholes, margins(sums, shown, k)[0], k)
        links.lower(shown, np.argsort(sums, kind="stable").tolist())
    first = np.unique(rows, return_index=True)[1]
    _balance(sums, shown, np.cumsum(columns["is_first"])[first], k)
    spare, room = margins(sums, shown, k)
    begin = f"coalesce({_END_MS.replace('t.bucket', 't.bucket_before')}, 0)" if k > 1 else _BEGIN_MS
    execute_over(
        connection,
        pa.table({"row": rows, "sum": sums[rows], "shown": shown[rows], "spare": spare[rows], "room": room[rows]}),
        f"""CREATE TABLE published_{table} AS
        WITH joined_rows AS (
          SELECT {of_row}, name, row, min(bucket) AS first_bucket, max(bucket) AS bucket, any_value(shown) AS hits,
            any_value(sum) AS sum, any_value(spare) AS spare, any_value(room) AS room
          FROM {table}_cells POSITIONAL JOIN in_memory GROUP BY {of_row}, name, row
          QUALIFY NOT ({times.is_hidden}) OR count(*) OVER (PARTITION BY {of_row}) >= {_ENOUGH_ROWS}
        ), lasts AS (
          SELECT *, if(row_number() OVER of_day = 1, nth_value(first_end, 2) OVER of_all, min(first_end) OVER of_all)
            AS other_end
          FROM (SELECT {of_row}, max(bucket) AS bucket, min(bucket) AS first_end FROM joined_rows GROUP BY ALL)
          WINDOW of_day AS (PARTITION BY day, site ORDER BY first_end, {key}),
            of_all AS (PARTITION BY day, site ORDER BY first_end, {key}
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        ), later AS (
          SELECT {of_row}, v.bucket, 2 * sum(h.hits) OVER own >= {k} AND (
              v.bucket >= coalesce(other_end, 1 << 20) OR {k} <= greatest(
            max(v.visitors) OVER own, sum(v.fastest) OVER own, sum(v.slowest) OVER own)) AS is_enough
          FROM lasts l JOIN p_latency_visitors v USING (day, site)
          JOIN (SELECT day, site, bucket, sum(hits) AS hits FROM p_kind_latency GROUP BY ALL) h
            ON h.day = v.day AND h.site = v.site AND h.bucket = v.bucket
          WHERE {k} > 1 AND v.traffic_class = {HUMAN} AND v.hour = {WHOLE_DAY} AND v.bucket > l.bucket
          WINDOW own AS (PARTITION BY {of_row} ORDER BY v.bucket)
        ), ends AS (
          SELECT {of_row}, coalesce(min(bucket) FILTER (is_enough), max(bucket)) AS last_bucket FROM later GROUP BY ALL
        ), met AS (
          SELECT t.* EXCLUDE (bucket), lag(bucket) OVER own AS bucket_before,
            if(lead(bucket) OVER own IS NULL, coalesce(last_bucket, bucket), bucket) AS bucket
          FROM joined_rows t LEFT JOIN ends USING ({of_row}) WINDOW own AS (PARTITION BY {of_row} ORDER BY row)
        )
        SELECT {DAY} AS day, s.text AS site, t.name AS {times.column},
          {begin} AS from_ms, {_END_MS} AS bucket_ms, t.hits, t.sum, t.spare, t.room
        FROM met t {SITE_NAME}""",
    )


def margins(sums: Ints, shown: Ints, k: int) -> tuple[Ints, Ints]:
    """Return by how much the hits of rows exceed what they are at least, as far as is known, and fall short of at most.

    Both twice over, since k may be odd. Who knows the rule knows which rows may be k more or less than is nearest.

    >>> margins(np.array([16, 16]), np.array([20, 10]), 10)
    (array([ 2, 22]), array([16, 16]))
    """
    nearest = (2 * sums + k) // (2 * k) * k
    least, most = np.minimum(nearest, shown), np.maximum(nearest, shown)
    return 2 * (sums - least) + k, 2 * (most - sums + (k - 1) // 2)


def _balance(sums: Ints, shown: Ints, group: Ints, k: int) -> None:
    """Change one of several rows of a kind or folder by k where their exact sum would reveal all of them: in place.

    `group` is the number of what rows are of, in order. Who knows the sum, as from `kinds`, knows of each row no less
    than what the others may have at most leaves of it, and no more than what they have at least leaves.
    """
    spare, room = (np.bincount(group, margin) for margin in margins(sums, shown, k))
    is_last = np.append(group[1:] != group[:-1], True)[: len(group)]
    is_first = np.append(True, group[1:] != group[:-1])[: len(group)]
    shown[is_last & ~is_first & (room < k)[group]] += k
    shown[is_first & ~is_last & (spare < k)[group]] -= k


@kernel
def join_buckets(is_first: Flags, visitors: Ints, fastest: Ints, slowest: Ints, k: int) -> Ints:
    """Return the number of the row to which each bucket belongs; `is_first` marks the fastest bucket of each hour.

    Buckets are joined from the fastest on until they are known to have k visitors; those left over join the row before.

    >>> one = np.array([1, 1, 1, 1, 1])
    >>> join_buckets(one > [0, 1, 1, 1, 1], one, one, one, 2).tolist()
    [0, 0, 1, 1, 1]
    """
    rows = np.empty(len(visitors), dtype=np.int64)
    row = -1
    begin = 0
    while begin < len(visitors):
        row += 1
        first_row = row
        most = fast = slow = 0
        place = begin
        while place == begin or (place < len(visitors) and not is_first[place]):
            most = max(most, visitors[place])
            fast += fastest[place]
            slow += slowest[place]
            rows[place] = row
            place += 1
            if max(most, fast, slow) >= k:
                row += 1
                most = fast = slow = 0
        # The last row is empty or too small, unless it is the only one.
        if row > first_row:
            row -= 1
            for last in range(place - 1, begin - 1, -1):
                if rows[last] <= row:
                    break
                rows[last] = row
        begin = place
    return rows
