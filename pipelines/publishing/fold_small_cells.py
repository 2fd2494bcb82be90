"""Folds the cells of a day that are about few people into one row, which takes in others while it is too small."""

from __future__ import annotations

from footfall.pipelines.publishing.round_bytes import GROUP
from footfall.transforms.tables.visitor_counts import MEASURES_OF_HOURS


def fold_small_cells(order: str, k: int, aside: str = "FALSE") -> str:
    """Return SQL for `folded`: `cells`, of which those to fold (`rest`) take in the first while they are too few.

    `order` says which of the others is first. Cells to fold for which the column `aside` holds are never enough by
    themselves. The column `is_rest` says which cells are folded in the end, `has_bytes` whether the day's other
    tables publish bytes.
    """
    return f"""short AS (
      SELECT {GROUP} FROM cells JOIN (
        SELECT local_hour // 24 AS day, site, traffic_class, sum(first) AS of_day FROM p_hour_visitors
        WHERE measure = {MEASURES_OF_HOURS.index("hits")} GROUP BY ALL) USING ({GROUP})
      GROUP BY ALL
      HAVING bool_or(rest) AND greatest(
        max(visitors) FILTER (rest AND NOT {aside}),
        max(of_day) - coalesce(sum(visitors) FILTER (NOT rest OR {aside}), 0)) < {k}
    ), folded AS (
      SELECT *, rest OR (
        ({GROUP}) IN (FROM short)
        AND row_number() OVER (PARTITION BY {GROUP}, rest ORDER BY {order}) = 1) AS is_rest,
        -- The bytes of a day would reveal those of the hours whose bytes are hidden.
        ({GROUP}) NOT IN (FROM days_of_hidden_bytes) AS has_bytes
      FROM cells
    )"""
