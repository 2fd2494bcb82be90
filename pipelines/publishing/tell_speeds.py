"""Makes the tables of request times by what people asked for (`docs/definitions.md`, Tables of hits)."""

from __future__ import annotations

from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.publishing.find_midnights import HAS_DOCUMENTS, IS_AT_FEW, IS_OF_DOCUMENTS
from footfall.pipelines.publishing.run_statements import execute_over
from footfall.transforms.arrays import Flags, Ints
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.tables.asked_tables import BY_KIND
from footfall.transforms.tables.declaring import DAY, SITE_NAME
from footfall.transforms.tables.hit_tables import EDGES_MS
from footfall.transforms.tables.speed_tables import KIND_LATENCY, PAGE_LATENCY

ROW_EDGES_MS: Final = f"""{EDGES_MS["from_ms"].replace("t.bucket", "t.first_bucket")} AS from_ms,
      {EDGES_MS["bucket_ms"]} AS bucket_ms"""
"""SQL of the edges of a row that has the buckets from `t.first_bucket` to `t.bucket`."""


_ENOUGH_ROWS: Final = 3
"""Of so many rounded rows nobody adds up the page views of a day with few over a midnight."""


def tell_speeds(connection: duckdb.DuckDBPyConnection, k: int) -> None:
    """Create `told_kind_latency` and `told_page_latency`, the latter with the names of all folders."""
    kind = BY_KIND.published.columns["kind"]
    is_untold = f"{IS_AT_FEW} AND ({IS_OF_DOCUMENTS} OR NOT ({HAS_DOCUMENTS}))"
    _tell(connection, "kind", f"{kind} AS kind", "", KIND_LATENCY.name, k, is_untold)
    join = "JOIN p_folders f ON f.id = t.folder"
    _tell(connection, "folder", "f.text AS page_group", join, PAGE_LATENCY.name, k, IS_AT_FEW)


def _tell(
    connection: duckdb.DuckDBPyConnection, key: str, name: str, join: str, table: str, k: int, is_untold: str
) -> None:
    """Create one of them. The sum of `fastest` is the visitors of a kind or folder: each has one fastest request.

    A kind or folder for which `is_untold` holds is told if it has enough rows.
    """
    of_row = f"day, site, {key}"
    connection.execute(
        f"""CREATE TABLE {table}_cells AS
        SELECT {of_row}, bucket, hits::BIGINT AS hits, visitors::BIGINT AS visitors, fastest::BIGINT AS fastest,
          slowest::BIGINT AS slowest, row_number() OVER (PARTITION BY {of_row} ORDER BY bucket) = 1 AS is_first
        FROM p_{table} SEMI JOIN (SELECT {of_row} FROM p_{table} GROUP BY ALL HAVING sum(fastest) >= {k})
          USING ({of_row}) ORDER BY {of_row}, bucket"""
    )
    cells = connection.execute(f"SELECT is_first, visitors, fastest, slowest FROM {table}_cells").fetchnumpy()
    rows = join_buckets(*(np.ascontiguousarray(cells[column]) for column in cells), k)
    execute_over(
        connection,
        pa.table({"row": rows}),
        f"""CREATE TABLE told_{table} AS
        WITH told AS (
          SELECT {of_row}, row, min(bucket) AS first_bucket, max(bucket) AS bucket, sum(hits)::BIGINT AS hits
          FROM {table}_cells POSITIONAL JOIN in_memory GROUP BY {of_row}, row
          QUALIFY NOT ({is_untold}) OR count(*) OVER (PARTITION BY {of_row}) >= {_ENOUGH_ROWS}
        )
        SELECT {DAY} AS day, s.text AS site, {name}, {ROW_EDGES_MS}, (2 * t.hits + {k}) // {2 * k} * {k} AS hits
        FROM told t {SITE_NAME} {join}""",
    )


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
