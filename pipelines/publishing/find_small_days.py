"""Finds the days that are small for a part of a table (`docs/definitions.md`, Small groups, Errors)."""

from __future__ import annotations

import duckdb

from footfall.transforms.tables.declaring import Table
from footfall.transforms.visits.visit_rows import ASIDE


def find_small_days(connection: duckdb.DuckDBPyConnection, table: Table, k: int) -> None:
    """Create `<table>_spans`: what `spans` is, by `part` of the key (`small_by`) as well.

    Another table publishes the sum of the part's first measure for each day of k visitors. The sum of a week less these
    must not reveal that of a small day. So small days join a week (month) only if they are two or more, have k visitors
    together, and the measure is at least k/2 more than the one that each of them is known to have.
    """
    name, part, measure = table.name, table.small_by, table.measures[0].name
    are_a_group = f"""count(*) >= 2 AND len(list_distinct(flatten(list(clients)))) >= {k}
      AND 2 * (sum({measure}) - count(*)) >= {k}"""
    connection.execute(
        f"""CREATE TABLE {name}_spans AS
        WITH parts AS (
          SELECT c.day, c.site, {part} AS part, sum({measure}) AS {measure}, bool_or(sure) AS sure
          FROM {name}_cells c GROUP BY ALL
        ), behind AS (
          SELECT c.day, c.site, {part} AS part, list(DISTINCT client) AS clients
          FROM {name}_cells c JOIN {name}_members m USING (cell)
          SEMI JOIN (FROM parts WHERE NOT sure) p ON p.day = c.day AND p.site = c.site AND p.part = {part}
          WHERE flags & {ASIDE} = 0 GROUP BY ALL
        ), every AS (
          SELECT s.week, s.month, s.told_in, p.*, clients, sure OR len(clients) >= {k} AS is_large
          FROM parts p JOIN spans s USING (day, site) LEFT JOIN behind USING (day, site, part)
        ), weeks AS (
          SELECT site, part, week FROM every WHERE NOT is_large AND told_in <> 'day' GROUP BY ALL HAVING {are_a_group}
        ), months AS (
          SELECT site, part, month FROM every ANTI JOIN weeks USING (site, part, week)
          WHERE NOT is_large AND told_in = 'month' GROUP BY ALL HAVING {are_a_group}
        )
        SELECT e.day, e.site, e.part, e.week, e.month, is_large AS joins_day,
          told_in <> 'day' AND (is_large OR w.site IS NOT NULL) AS joins_week,
          told_in = 'month' AND (is_large OR w.site IS NOT NULL OR m.site IS NOT NULL) AS joins_month
        FROM every e LEFT JOIN weeks w USING (site, part, week) LEFT JOIN months m USING (site, part, month)"""
    )
