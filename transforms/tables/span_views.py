"""Views of the tables with grains, by week and by month: `pages_by_week`, `pages_by_month` and so on.

Their sums over days are as exact as the tables are. The column `named_share` is the share of the span's total that is
in rows with a name, as a warning that named rows are not all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from footfall.transforms.tables.asked_tables import ASKED_TABLES
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.goal_tables import GOAL_TABLES
from footfall.transforms.tables.pair_tables import PAIR_TABLES
from footfall.transforms.tables.visit_tables import VISIT_TABLES

_SPANS: Final = {
    "week": "greatest(date_trunc('week', day), date_trunc('month', day))::DATE",
    "month": "date_trunc('month', day)::DATE",
}

SPAN_END: Final = (
    "CASE grain WHEN 'day' THEN day WHEN 'week' THEN least(date_trunc('week', day)::DATE + 6, last_day(day)) "
    "ELSE last_day(day) END"
)
"""The last day of the span of a row with a grain, as SQL."""


def _list_views() -> Iterator[tuple[str, str, str]]:
    for table in (*VISIT_TABLES, *GOAL_TABLES, *PAIR_TABLES, *ASKED_TABLES):
        for span in _SPANS if table.levels else ():
            yield f"{table.name}_by_{span}", _comment(table, span), _sql(table, span)


def _comment(table: Table, span: str) -> str:
    what = "Weeks are cut at the ends of months; rows of a month are left out. " if span == "week" else ""
    return (
        f"{table.comment}, by {span}. {what}named_share: the share of the {span}'s {_main(table)} that is in rows with "
        "a name; what such a row lacks is in the others"
    )


def _main(table: Table) -> str:
    return table.totals[-1].measure if table.totals else table.measures[0].name


def _sql(table: Table, span: str) -> str:
    keys = ", ".join(table.folded_columns)
    # A sum of measures of which one is NULL is not known.
    sums = ", ".join(
        f"CASE WHEN count(*) = count({column.name}) THEN sum({column.name})::BIGINT END AS {column.name}"
        for column in table.measures
    )
    main, finest = _main(table), next(iter(table.levels[0]))
    named = f"sum(sum({main})) FILTER ({finest} IS DISTINCT FROM {table.folded_value(finest)}) OVER own"
    published = f"sum(sum({main})) OVER own"
    total, joined, unknown = published, "", "has_month"
    if table.totals:
        # Days of fewer than k visitors have no total, but some of them are in rows of weeks or months.
        total, unknown = f"greatest(any_value(whole.total), {published})", "has_month AND whole.has_small"
        joined = f"""
LEFT JOIN (SELECT {_SPANS[span]} AS {span}, site, sum({main}) AS total, bool_or({main} IS NULL) AS has_small
           FROM visits GROUP BY ALL) whole USING ({span}, site)"""
    if span == "week":
        # How much of the week is in rows of months is not known.
        total = f"CASE WHEN NOT bool_or(bool_or({unknown})) OVER own THEN {total} END"
    return f"""CREATE VIEW {table.name}_by_{span} AS
SELECT {span}, site, {keys}, {sums},
       coalesce({named}, 0) / nullif({total}, 0) AS named_share
FROM (SELECT *, {_SPANS[span]} AS {span},
             bool_or(grain = 'month') OVER (PARTITION BY site, date_trunc('month', day)) AS has_month
      FROM {table.name}) own_rows{joined}
{"WHERE grain <> 'month' " if span == "week" else ""}GROUP BY {span}, site, {keys}
WINDOW own AS (PARTITION BY {span}, site) ORDER BY {span}, site, {main} DESC"""


SPAN_VIEWS: Final = tuple(_list_views())
"""(name, comment, SQL)."""
