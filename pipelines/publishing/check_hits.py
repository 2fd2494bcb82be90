"""Checks the tables of hits of the finished file: what the file itself can show of the rules for rows about people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb

from footfall.transforms.vocabulary import AUTOMATED, HUMAN, TRAFFIC_CLASSES

SINCE: Final = 3
"""The first schema version with these rules."""
_PEOPLE: Final = f"traffic_class IN ('{TRAFFIC_CLASSES[HUMAN]}', '{TRAFFIC_CLASSES[AUTOMATED]}')"
_MEASURES: Final = {
    "traffic": ("hits", "page_views", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx"),
    "latency": ("hits",),
    "protocols": ("hits",),
    "bots": ("hits",),
    "kinds": ("hits",),
}
"""Measures that are NULL, zero, or about k visitors, who made at least as many hits; hits of a row are never zero."""


_ROUNDED: Final = ("kind_latency", "page_latency")
"""Tables of people alone, whose hits are multiples of k."""


def find_small_hits(connection: duckdb.DuckDBPyConnection) -> Sequence[tuple[str, int, int]]:
    """Return (table, rows about people, rows about fewer than k of them) of the attached database `fresh`."""
    tables = [_find(table, _small(measures)) for table, measures in _MEASURES.items()]
    tables.append(_find("traffic", "hour IS NULL AND bytes_sent IS NOT NULL"))
    tables += [_find(table, "NOT coalesce(hits >= k AND hits % k = 0, FALSE)", of="true") for table in _ROUNDED]
    return connection.execute(" UNION ALL ".join(tables)).fetchall()


def _small(measures: Sequence[str]) -> str:
    few = [f"({measure} BETWEEN 1 AND k - 1)" for measure in measures]
    return " OR ".join([*few, "hits IS NULL", "hits = 0"])


def _find(table: str, where: str, of: str = _PEOPLE) -> str:
    return f"""SELECT '{table}', count(*), count(*) FILTER ({where}) FROM fresh.{table}
      JOIN (SELECT day, site, k, schema_version FROM fresh.days JOIN fresh.runs USING (run_id)) USING (day, site)
      WHERE {of} AND schema_version >= {SINCE}"""
