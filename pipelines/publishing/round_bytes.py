"""Decides which bytes of people are published, and how they are rounded (`docs/definitions.md`, Tables of hits, Bytes).

Sizes reveal pages, and one large download among small responses reveals its visitor.
"""

from __future__ import annotations

from typing import Final

GROUP: Final = "day, site, traffic_class"


def hits_and_bytes(k: int) -> str:
    """Return SQL for the measures of rows of several cells; if one is dominated, none of its class has bytes.

    The largest visitors of the cells together have at least as much as the largest of the row.
    """
    dominated = _dominated(k, "sum(bytes_sent)", "sum(two_largest)", "sum(largest)")
    return f"""sum(hits)::BIGINT AS hits,
      CASE WHEN bool_and(has_bytes) AND NOT bool_or({dominated}) OVER (PARTITION BY {GROUP})
        THEN round_bytes(sum(bytes_sent), sum(hits)) END AS bytes_sent"""


def _dominated(k: int, size: str, two_largest: str, largest: str) -> str:
    """Return SQL for whether a sum of bytes reveals its largest visitor: the p% rule, with p = 100.

    The visitor with the second most bytes knows how much all others have. Where that is less than the largest has, it
    would be an estimate of the largest. With k = 1 nothing is hidden.
    """
    return f"{size} - {two_largest} < {largest}" if k > 1 else "FALSE"


def find_hidden_bytes(k: int) -> str:
    """Return SQL that creates what is needed to publish bytes, from `published_hours` and the partial tables.

    `large_hours`, `large_protocols`, `large_machines` and `large_kinds` have the bytes that the visitor with the most
    of each cell was sent (`largest`), and those of this one and the next together (`two_largest`). `hidden_bytes` are
    the hours of people whose bytes are hidden, since the hours share a row or one visitor dominates them;
    `days_of_hidden_bytes` are the days and classes that have any. The macro is `round_bytes`.
    """
    found = ";".join(
        f"""CREATE TABLE large_{name} AS
        SELECT {cell}, max(bytes_sent) AS largest,
          max(bytes_sent) + CASE WHEN max(visitors) FILTER (place = 1) > 1 THEN max(bytes_sent)
            ELSE coalesce(max(bytes_sent) FILTER (place = 2), 0) END AS two_largest
        FROM (
          SELECT *, row_number() OVER (PARTITION BY {cell} ORDER BY bytes_sent DESC) AS place FROM p_{table}
          QUALIFY place <= 2
        ) GROUP BY ALL"""
        for name, table, cell in (
            ("hours", "hour_bytes", "local_hour, site, traffic_class"),
            ("protocols", "protocol_bytes", f"{GROUP}, protocol"),
            ("machines", "machine_bytes", f"{GROUP}, machine"),
            ("kinds", "kind_bytes", f"{GROUP}, kind"),
        )
    )
    return f"""{_round_bytes(k)}; {found};
    CREATE TABLE hidden_bytes AS
      SELECT {GROUP}, h.hour FROM published_hours h JOIN large_hours USING (local_hour, site, traffic_class)
      JOIN (SELECT local_hour, site, traffic_class, sum(bytes_sent) AS bytes_sent FROM p_traffic GROUP BY ALL)
        USING (local_hour, site, traffic_class)
      WHERE h.hour IS NULL OR {_dominated(k, "bytes_sent", "two_largest", "largest")};
    CREATE TABLE days_of_hidden_bytes AS SELECT DISTINCT {GROUP} FROM hidden_bytes"""


def _round_bytes(k: int) -> str:
    """Return SQL that creates the macro `round_bytes`: the published value of the bytes that people were sent.

    The exact sum would reveal the pages of the hits, since everybody can find out how large these are. It is
    rounded half up to a multiple of a power of ten that leaves at most two digits, and is at least k/2 mean responses.
    """
    mean = f"(({k}::HUGEINT * size + 2 * hits - 1) // (2 * hits) - 1)"
    unit = f"pow(10, greatest(length(size::VARCHAR) - 2, CASE WHEN {mean} > 0 THEN length({mean}::VARCHAR) END, 0))"
    return f"""CREATE MACRO round_bytes(size, hits) AS
      TRY_CAST((size + {unit}::HUGEINT // 2) // {unit}::HUGEINT * {unit}::HUGEINT AS BIGINT)"""
