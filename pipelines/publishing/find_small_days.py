"""Finds the days that are small for a part of a table (`docs/definitions.md`, Small groups, Errors)."""

from __future__ import annotations

import duckdb

from footfall.transforms.tables.declaring import Table
from footfall.transforms.visits.visit_rows import ASIDE


def find_small_days(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Create `<table>_spans`: what `spans` is, by `part` of the key (`small_by`) and the grain of a cell's `own` span.

    Another table publishes the sum of the part's first measure for each day of k visitors. The sum of a week less these
    must not reveal that of a small day. So small days join a week (month) only if they are two or more, have k visitors
    together, and the measure is at least k/2 more than the one that each of them is known to have. What is known only
    of a week or month is here a day of this span: the sum of the span, less its days, would be that.
    """
    name, part, measure = table.name, table.small_by, table.measures[0].name
    are_a_group = f"""count(*) >= 2 AND len(list_distinct(flatten(list(clients)))) >= {k}
      AND 2 * (sum({measure}) - count(*)) >= {k}"""
    connection.execute(
        f"""CREATE TABLE {name}_spans AS
        WITH parts AS (
          SELECT c.day, c.site, c.own, {part} AS part, sum({measure}) AS {measure}, bool_or(sure) AS sure
          FROM {name}_cells c GROUP BY ALL
        ), behind AS (
          SELECT c.day, c.site, c.own, {part} AS part, list(DISTINCT client) AS clients
          FROM {name}_cells c JOIN {name}_members m USING (cell)
          SEMI JOIN (FROM parts WHERE NOT sure) p
            ON p.day = c.day AND p.site = c.site AND p.own = c.own AND p.part = {part}
          WHERE flags & {ASIDE} = 0 GROUP BY ALL
        ), own_spans AS (
          SELECT day, site, 0 AS own, week, month, told_in FROM spans
          UNION SELECT week, site, 1, week, month, told_in FROM spans
          -- A month is no part of a week.
          UNION SELECT month, site, 2, NULL, month, CASE told_in WHEN 'month' THEN 'month' ELSE 'day' END FROM spans
        ), every AS (
          SELECT s.week, s.month, s.told_in, p.*, clients, sure OR len(clients) >= {k} AS is_large
          FROM parts p JOIN own_spans s USING (day, site, own) LEFT JOIN behind USING (day, site, own, part)
        ), weeks AS (
          SELECT site, part, week FROM every WHERE NOT is_large AND told_in <> 'day' AND own <= 1
          GROUP BY ALL HAVING {are_a_group}
        ), months AS (
          SELECT site, part, month FROM every ANTI JOIN weeks USING (site, part, week)
          WHERE NOT is_large AND told_in = 'month' GROUP BY ALL HAVING {are_a_group}
        )
        SELECT e.day, e.site, e.own, e.part, coalesce(e.week, e.month) AS week, e.month,
          is_large AND own = 0 AS joins_day,
          told_in <> 'day' AND own <= 1 AND (is_large OR w.site IS NOT NULL) AS joins_week,
          told_in = 'month' AND (is_large OR w.site IS NOT NULL OR m.site IS NOT NULL) AS joins_month
        FROM every e LEFT JOIN weeks w USING (site, part, week) LEFT JOIN months m USING (site, part, month)"""
    )
