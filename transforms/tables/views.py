"""Views and macros of the published file, for the analyst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Macro:
    """A macro of the published file: its parameters, what it is of, and the SQL that creates it."""

    name: str
    parameters: str
    comment: str
    sql: str
    is_table: bool = True

    @property
    def kind(self) -> str:
        """What `COMMENT ON` calls it."""
        return "MACRO TABLE" if self.is_table else "MACRO"


VIEWS: Final = (
    (
        "availability",
        "Share of human and monitor hits not answered by 5xx, per day and site; NULL if 1 to k-1 people met any. "
        "bot_availability is the same for declared bots, NULL without any",
        # Days of earlier versions of the tables have the sum for each hour only.
        """CREATE VIEW availability AS
SELECT day, site, t.hits, coalesce(d.hits_5xx, t.hits_5xx) AS hits_5xx,
       1 - coalesce(d.hits_5xx, t.hits_5xx) / t.hits AS availability,
       coalesce(b.hits, 0) AS bot_hits, coalesce(b.hits_5xx, 0) AS bot_hits_5xx,
       1 - b.hits_5xx / b.hits AS bot_availability
FROM days d JOIN (
  SELECT day, site, sum(hits)::BIGINT AS hits,
         CASE WHEN count(hits_5xx) = count(*) THEN sum(hits_5xx)::BIGINT END AS hits_5xx
  FROM traffic WHERE traffic_class IN ('human', 'monitor') GROUP BY day, site
) t USING (day, site) LEFT JOIN (
  SELECT day, site, sum(hits)::BIGINT AS hits, sum(hits_5xx)::BIGINT AS hits_5xx
  FROM traffic WHERE traffic_class = 'bot' GROUP BY day, site
) b USING (day, site) ORDER BY day, site""",
    ),
    (
        "trend",
        "Visits and page views of complete days against the same weekday a week before, where that day is complete too",
        """CREATE VIEW trend AS
SELECT now.day, now.site, now.visits, before.visits AS visits_week_before,
       now.visits / nullif(before.visits, 0) - 1 AS visits_change,
       now.page_views, before.page_views AS page_views_week_before,
       now.page_views / nullif(before.page_views, 0) - 1 AS page_views_change
FROM (FROM visits SEMI JOIN (FROM days WHERE complete) USING (day, site)) now
LEFT JOIN (FROM visits SEMI JOIN (FROM days WHERE complete) USING (day, site)) before
  ON before.site = now.site AND before.day = now.day - INTERVAL 7 DAY
ORDER BY now.day, now.site""",
    ),
)
_PERCENTILE_COMMENT: Final = (
    "Percentile of request times in milliseconds: SELECT day, percentile_ms(bucket_ms, hits, 0.95) FROM latency "
    "GROUP BY day. It is the upper edge of a bucket, so too high by at most the bucket's width (bucket_ms - from_ms, "
    "6.25% unless buckets of people were joined); NULL without requests"
)
# Walks the histogram once until the share of all hits is reached. Part of a hit is wanted at first, so that a share
# of 0 gives the first bucket; a millionth is what floating point may leave over.
_PERCENTILE: Final = """CREATE MACRO percentile_ms(bucket_ms, hits, share) AS
CASE WHEN sum(hits) > 0 THEN list_reduce(
  list_prepend({'b': 0::DOUBLE, 'h': -greatest(share * sum(hits), 0.001)::DOUBLE},
               list({'b': bucket_ms::DOUBLE, 'h': hits::DOUBLE} ORDER BY bucket_ms)),
  lambda a, x: CASE WHEN a.h >= -1e-6 THEN a ELSE {'b': x.b, 'h': a.h + x.h} END).b END"""
PERCENTILE: Final = Macro("percentile_ms", "bucket_ms, hits, share", _PERCENTILE_COMMENT, _PERCENTILE, is_table=False)
