"""Views by week and by month add up rows of all grains, and say which share of the whole is in rows with a name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import duckdb
import pytest

from footfall.transforms.tables.published import TABLES, TABLES_BY_NAME
from footfall.transforms.tables.span_views import SPAN_VIEWS

SITE = "one.example"
Row = dict[str, Any]


def rows_of(view: str, **tables: Iterable[Row]) -> list[Row]:
    """The rows of a view over tables with these rows; days are those of July 2026, which begins on a Wednesday."""
    with duckdb.connect() as connection:
        for table in TABLES:
            columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
            connection.execute(f"CREATE TABLE {table.name} ({columns})")
        for name, rows in tables.items():
            for row in rows:
                values = {"site": SITE, **row, "day": f"2026-07-{row['day']:02}"}
                marks = ", ".join("?" for _ in values)
                connection.execute(f"INSERT INTO {name} ({', '.join(values)}) VALUES ({marks})", [*values.values()])
        connection.execute(next(sql for name, _, sql in SPAN_VIEWS if name == view))
        found = connection.execute(f"FROM {view}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def page(day: int, grain: str, name: str, page_views: int, **measures: int | None) -> Row:
    return {"day": day, "grain": grain, "page": name, "page_views": page_views, "visits": page_views, **measures}


def visits(day: int, page_views: int | None) -> Row:
    return {"day": day, "visits": page_views, "page_views": page_views}


def shown(rows: list[Row], span: str) -> dict[tuple[int, str], tuple[int, float | None]]:
    """Page views and share by first day of the span and page."""
    return {(row[span].day, row["page"]): (row["page_views"], row["named_share"]) for row in rows}


PAGES = [
    *(page(1, "day", "/", 20), page(2, "day", "/", 30), page(8, "day", "/", 40)),
    *(page(1, "week", "/rare", 25), page(1, "week", "(other)", 25), page(6, "week", "/rare", 60)),
    page(1, "month", "/seldom", 100),
]
VISITS = [visits(1, 70), visits(2, 80), visits(8, 150)]


def test_a_month_adds_up_its_days_weeks_and_itself() -> None:
    share = pytest.approx(275 / 300)
    assert shown(rows_of("pages_by_month", pages=PAGES, visits=VISITS), "month") == {
        (1, "/"): (90, share),
        (1, "/rare"): (85, share),
        (1, "/seldom"): (100, share),
        (1, "(other)"): (25, share),
    }


def test_a_week_adds_up_its_days_and_itself_and_is_cut_at_the_end_of_the_month() -> None:
    """The first five days of July are a week. What is told by month is missing in the shares."""
    rows = rows_of("pages_by_week", pages=PAGES, visits=VISITS)
    assert shown(rows, "week") == {
        (1, "/"): (50, pytest.approx(75 / 150)),
        (1, "/rare"): (25, pytest.approx(75 / 150)),
        (1, "(other)"): (25, pytest.approx(75 / 150)),
        (6, "/"): (40, pytest.approx(100 / 150)),
        (6, "/rare"): (60, pytest.approx(100 / 150)),
    }


def test_folders_are_names() -> None:
    rows = rows_of(
        "pages_by_month", pages=[page(1, "day", "/a/…", 30), page(1, "day", "(other)", 10)], visits=[visits(1, 40)]
    )
    assert {row["named_share"] for row in rows} == {0.75}


def test_a_sum_of_something_unknown_is_unknown() -> None:
    pages = [page(1, "day", "/", 20, bounces=12), page(2, "day", "/", 30, bounces=None)]
    (row,) = rows_of("pages_by_month", pages=pages, visits=[visits(1, 20), visits(2, 30)])
    assert (row["page_views"], row["bounces"]) == (50, None)


def test_days_of_few_visitors_have_no_total_and_what_is_told_of_them_counts() -> None:
    pages = [page(1, "day", "/", 20), page(1, "day", "(other)", 20), page(1, "week", "/rare", 40)]
    days = [visits(1, 40), visits(2, None), visits(3, None)]
    for span in ("week", "month"):
        rows = rows_of(f"pages_by_{span}", pages=pages, visits=days)
        assert {row["named_share"] for row in rows} == {0.75}, span
    of_small_days = [page(1, "month", "/rare", 30), page(1, "month", "(other)", 10)]
    rows = rows_of("pages_by_month", pages=of_small_days, visits=[visits(1, None), visits(9, None)])
    assert {row["named_share"] for row in rows} == {0.75}


def test_how_much_of_a_week_of_few_visitors_is_told_by_month_is_not_known() -> None:
    pages = [page(1, "week", "/rare", 40), page(1, "month", "/seldom", 30)]
    rows = rows_of("pages_by_week", pages=pages, visits=[visits(1, None), visits(2, None)])
    assert {row["named_share"] for row in rows} == {None}


def test_without_a_total_the_share_is_that_of_the_rows() -> None:
    """Not every visit has a campaign; how many of a week are told by month is not known."""
    names = ("source", "medium", "campaign")
    keys = [("news", "mail", "june"), ("news", "mail", "(other)"), ("(other)", "(other)", "(other)")]
    rows = [
        {"day": 1, "grain": "day", **dict(zip(names, key, strict=True)), "visits": 10, "page_views": 10} for key in keys
    ]
    for view in ("campaigns_by_month", "campaigns_by_week"):
        assert {round(row["named_share"], 3) for row in rows_of(view, campaigns=rows)} == {0.333}
    rows[0]["grain"] = "month"
    assert {row["named_share"] for row in rows_of("campaigns_by_week", campaigns=rows)} == {None}


def test_every_table_with_a_grain_has_views_by_week_and_by_month() -> None:
    with_grain = [table.name for table in TABLES if table.levels]
    assert with_grain
    assert [name for name, _, _ in SPAN_VIEWS] == [
        f"{name}_by_{span}" for name in with_grain for span in ("week", "month")
    ]
    for name, comment, _ in SPAN_VIEWS:
        table = TABLES_BY_NAME[name.rpartition("_by_")[0]]
        assert comment.startswith(table.comment)
        assert "named_share" in comment
