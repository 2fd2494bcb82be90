"""How long visits are: by number of page views and by duration, over the days of a period."""

from __future__ import annotations

from itertools import groupby

import duckdb

from footfall.pipelines.report.figures import LengthBucket, Lengths
from footfall.pipelines.report.scope import Scope


def lengths_sql(scope: Scope) -> str:
    """Visits by bucket.

    Days with few visits have wider buckets. A bucket begins at a value if days with four fifths of the visits have one
    that begins there, as rates need four fifths too. The wider buckets of other days are in the row without a bucket.
    """
    return f"""WITH lengths AS (
  SELECT measure, at_least, at_most, visits, sum(visits) OVER (PARTITION BY measure) AS total,
         sum(visits) OVER (PARTITION BY measure, day, site) AS of_day
  FROM visit_lengths WHERE {scope.where()}),
buckets AS (
  SELECT measure, at_least, lead(at_least) OVER (PARTITION BY measure ORDER BY at_least) - 1 AS at_most
  FROM (SELECT measure, at_least FROM lengths GROUP BY measure, at_least HAVING sum(of_day) >= 0.8 * max(total)) begins)
SELECT lengths.measure, buckets.at_least, buckets.at_most, sum(visits)::BIGINT AS visits
FROM lengths LEFT JOIN buckets
  ON buckets.measure = lengths.measure AND buckets.at_least <= lengths.at_least
     AND (buckets.at_most IS NULL OR lengths.at_most <= buckets.at_most)
GROUP BY ALL ORDER BY measure DESC, at_least NULLS LAST"""


def list_lengths(connection: duckdb.DuckDBPyConnection, scope: Scope) -> tuple[Lengths, ...]:
    """By page views, then by duration; none where no day has them."""
    sql = lengths_sql(scope)
    found = groupby(connection.execute(sql).fetchall(), key=lambda record: record[0])
    listed = []
    for measure, records in found:
        rows = [record[1:] for record in records]
        buckets = tuple(LengthBucket(*row) for row in rows if row[0] is not None)
        listed.append(Lengths(measure, buckets, sum(row[-1] for row in rows if row[0] is None), sql))
    return tuple(listed)
