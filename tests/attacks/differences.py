"""Published rows less other published rows: what anybody can work out without knowing anything else."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

DIFFERENCES: Final = {
    "visits of a length": "SELECT visits FROM visit_lengths",
    "visits of no length": """SELECT any_value(v.visits) - sum(l.visits) FROM visits v
        JOIN visit_lengths l USING (day, site) GROUP BY day, site, measure""",
    "bounces that visits hide": """SELECT l.visits FROM visit_lengths l JOIN visits v USING (day, site)
        WHERE l.measure = 'page_views' AND l.at_most = 1 AND v.bounces IS DISTINCT FROM l.visits""",
    "hits of no kind": """SELECT t.hits - k.hits FROM {traffic} t JOIN {kinds} k USING (day, site, traffic_class)""",
    "hits of no protocol": """SELECT t.hits - p.hits FROM {traffic} t
        JOIN {protocols} p USING (day, site, traffic_class)""",
    "hits of no hour": """SELECT d.hits - sum(t.hits) FROM days d JOIN traffic t USING (day, site)
        GROUP BY day, site, d.hits""",
    "page views of no hour": """SELECT any_value(k.hits) - sum(t.page_views) FROM kinds k
        JOIN traffic t USING (day, site, traffic_class) WHERE kind = 'page_view' AND traffic_class = 'human'
        GROUP BY day, site HAVING count(*) = count(t.page_views)""",
    "downloads that were refused": """SELECT k.hits - sum(d.hits) FROM kinds k JOIN downloads d USING (day, site)
        WHERE d.grain = 'day' AND k.kind = 'download' AND k.traffic_class = 'human' AND d.hits % $k <> 0
        GROUP BY day, site, k.hits""",
    "errors of servers that people met": """SELECT d.hits_5xx - coalesce(sum(t.hits_5xx), 0) FROM days d
        LEFT JOIN traffic t ON t.day = d.day AND t.site = d.site AND t.traffic_class = 'monitor'
        GROUP BY d.day, d.site, d.hits_5xx""",
}
"""What a difference counts, and the SQL that gives it; each is exact, so that one below k reveals few people."""
_BY_CLASS: Final = (
    "(SELECT day, site, traffic_class, sum(hits) AS hits FROM {} "
    "WHERE traffic_class IN ('human', 'automated') GROUP BY ALL)"
)


def small_differences(db: Path, k: int) -> list[str]:
    """What is known of fewer than k by subtracting published rows from each other."""
    names = {name: _BY_CLASS.format(name) for name in ("traffic", "kinds", "protocols")}
    with duckdb.connect(str(db), read_only=True) as connection:
        return [
            f"{left} {what}"
            for what, sql in DIFFERENCES.items()
            for (left,) in connection.execute(sql.format(**names), {"k": k} if "$k" in sql else None).fetchall()
            if left is not None and 0 < left < k
        ]
