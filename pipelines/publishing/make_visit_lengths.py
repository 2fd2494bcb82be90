"""Makes the lengths of visits of a run, in buckets of k visitors (`docs/definitions.md`, Lengths of visits)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from footfall.pipelines.publishing.run_statements import count_rows, execute_over
from footfall.transforms.exchange.row_files import read_together
from footfall.transforms.tables.declaring import DAY, SITE_NAME
from footfall.transforms.visits.visit_lengths import BUCKETS, LENGTHS

Bucket = tuple[int, bool, Sequence[int]]
"""Visits, whether k visitors made them for certain, and otherwise who did."""


def make_visit_lengths(connection: duckdb.DuckDBPyConnection, paths: Sequence[str], k: int) -> None:
    """Create `published_lengths` of the days that are not small; `paths` are the files of visits.

    The connection has `visit_totals` and the partial tables.
    """
    connection.execute(
        f"""CREATE TABLE length_buckets AS
        SELECT t.day AS number, t.site AS digest, {DAY} AS day, s.text AS site, t.measure, t.bucket, t.visits,
          t.least_visitors >= {k} AS sure
        FROM p_visit_lengths t {SITE_NAME}
        SEMI JOIN visit_totals v ON v.day = {DAY} AND v.site = s.text AND v.visits IS NOT NULL;
        CREATE TABLE length_members (day INTEGER, site UBIGINT, measure UTINYINT, bucket UTINYINT, client UBIGINT)"""
    )
    _load_members(connection, paths)
    found: dict[tuple[Any, ...], dict[int, Bucket]] = defaultdict(dict)
    for *key, bucket, visits, is_sure, clients in connection.execute(
        """SELECT b.day, b.site, b.measure, b.bucket, b.visits, b.sure, m.clients
        FROM length_buckets b LEFT JOIN (
          SELECT day, site, measure, bucket, list(DISTINCT client) AS clients FROM length_members GROUP BY ALL
        ) m ON m.day = b.number AND m.site = b.digest AND m.measure = b.measure AND m.bucket = b.bucket"""
    ).fetchall():
        found[tuple(key)][bucket] = visits, is_sure, clients or ()
    rows = [
        {"day": day, "site": site, "measure": LENGTHS[measure], "at_least": begin, "at_most": end, "visits": visits}
        for (day, site, measure), buckets in found.items()
        for begin, end, visits in join_buckets(BUCKETS[LENGTHS[measure]], buckets, k)
    ]
    columns = {"day": pa.date32(), "site": pa.string(), "measure": pa.string()}
    schema = pa.schema([*columns.items(), *((name, pa.int64()) for name in ("at_least", "at_most", "visits"))])
    execute_over(
        connection, pa.Table.from_pylist(rows, schema=schema), "CREATE TABLE published_lengths AS FROM in_memory"
    )


def _load_members(connection: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> None:
    """Load who made the visits of buckets that are not sure; some files at a time, as cells' members are."""
    connection.execute("CREATE TABLE length_wanted AS SELECT * FROM length_buckets WHERE NOT sure")
    wanted = paths if count_rows(connection, "length_wanted") else ()
    for visits in read_together(wanted, ("day", "site", "client", *LENGTHS)):
        for number, measure in enumerate(LENGTHS):
            execute_over(
                connection,
                visits,
                f"""INSERT INTO length_members SELECT DISTINCT f.day, f.site, w.measure, w.bucket, f.client
                FROM in_memory f JOIN length_wanted w
                  ON w.number = f.day AND w.digest = f.site AND w.measure = {number} AND w.bucket = f.{measure}""",
            )


def join_buckets(begins: Sequence[int], buckets: Mapping[int, Bucket], k: int) -> Iterator[tuple[int, int | None, int]]:
    """Yield the least and the greatest value of joined buckets, and their visits; the last one has no greatest.

    `begins` are the least values of all buckets, and `buckets` those that have visits, by number.
    """
    joined: list[tuple[int, int]] = []
    waiting: int | None = None
    visits, has_k, clients = 0, False, set[int]()
    for number, begin in enumerate(begins):
        waiting = begin if waiting is None else waiting
        count, is_sure, of_bucket = buckets.get(number, (0, False, ()))
        visits, has_k = visits + count, has_k or is_sure
        clients.update(of_bucket)
        if has_k or len(clients) >= k:
            joined.append((waiting, visits))
            waiting, visits, has_k, clients = None, 0, False, set()
    if not joined:
        return
    joined[-1] = joined[-1][0], joined[-1][1] + visits
    for place, (begin, own) in enumerate(joined):
        yield begin, joined[place + 1][0] - 1 if place + 1 < len(joined) else None, own
