"""The rules for small groups, on cases whose results were worked out by hand. June 2026 begins on a Monday."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.reference import ReferenceSettings, compute
from tests.reference.cells import Cell, Row, SiteDays, Span, smallest, span_of
from tests.reference.folding import File, cells_within, fold, fold_files
from tests.reference.levels import COLUMNS, Key, coarser_key, first_folder, folder
from tests.reference.measures import measures_to_hide
from tests.reference.run import Tables
from tests.reference.visits import Client, Visit
from tests.small_groups_logs import small_site

K = 10


def june(day: int) -> date:
    """A day of June 2026."""
    return date(2026, 6, day)


WEEK = span_of(june(1), "week")
JUNE = span_of(june(1), "month")
WEEKS_AND_MONTH = (*(span_of(june(day), "week") for day in (1, 8, 15, 22, 29)), JUNE)


def people(name: str, count: int) -> list[Client]:
    """Different visitors with names of their own."""
    return [("site", f"{name}{i}", None) for i in range(count)]


def visit() -> Visit:
    """A visit of which only the identity matters."""
    return Visit("site", ("site", "cookie", ""), [], [])


def cell(day: date, key: Key, visitors: Iterable[Client], **taking_part: int) -> Cell:
    """A cell with one visit of each visitor; so many visitors take part in each measure, once each.

    Where some bounce, all visits begin and end there, unless it is said.
    """
    visitors = list(visitors)
    if "bounces" in taking_part:
        taking_part = dict.fromkeys(("entries", "exits"), len(visitors)) | taking_part
    made = Cell(span_of(day, "day"), key, set(visitors), {visit() for _ in visitors})
    made.taking_part["visits"] = set(visitors)
    for measure, count in taking_part.items():
        made.measures[measure] = count
        made.taking_part[measure] = set(visitors[:count])
    return made


def cells_of(day: date, counts: Mapping[Any, int]) -> list[Cell]:
    """Cells of a day with so many visitors each, who are nobody else's; a text stands for a key of one column."""
    return [
        cell(day, key if isinstance(key, tuple) else (key,), people(f"{day} {key} ", count))
        for key, count in counts.items()
    ]


def site_days(cells: Iterable[Cell], told: Iterable[Span] = (), k: int = K) -> SiteDays:
    """The days of a site whose visits are those of these cells."""
    visitors: dict[date, set[Client]] = {}
    for one in cells:
        visitors[one.day] = visitors.get(one.day, set()) | one.visitors
    return SiteDays(k, visitors, frozenset(told))


def folded(table: str, cells: list[Cell], told: Iterable[Span] = (), k: int = K) -> set[tuple[Any, ...]]:
    """Grain, first day (of June, else the date), key and visits of each row."""
    rows = fold(table, cells, site_days(cells, told, k))
    found = {(row.span.grain, row.span.first_day.day, *row.key, len(row.visits)) for row in rows}
    assert len(found) == len(rows)
    return found


# --- spans ---


def test_weeks_are_cut_at_both_ends_of_a_month() -> None:
    """July 2026 begins on a Wednesday and ends on a Friday."""
    assert [day.day for day in span_of(date(2026, 7, 3), "week").days] == [1, 2, 3, 4, 5]
    assert [day.day for day in span_of(date(2026, 7, 31), "week").days] == [27, 28, 29, 30, 31]
    assert [day.day for day in span_of(june(30), "week").days] == [29, 30]
    assert len(span_of(date(2026, 7, 31), "month").days) == 31
    assert span_of(date(2026, 1, 1), "week").days == [date(2026, 1, day) for day in (1, 2, 3, 4)]


# --- the steps ---


RARE_DAYS = [one for day in range(1, 8) for one in cells_of(june(day), {"/": 20, "/rare": 4, "/odd": 6})]


def test_a_page_of_four_visitors_a_day_is_told_by_week() -> None:
    assert folded("pages", RARE_DAYS, [WEEK]) == {
        *(("day", day, "/", 20) for day in range(1, 8)),
        ("week", 1, "/rare", 28),
        ("week", 1, "/odd", 42),
    }


def test_days_of_a_week_that_is_not_told_have_a_rest_of_their_own() -> None:
    assert folded("pages", RARE_DAYS) == {
        *(("day", day, "/", 20) for day in range(1, 8)),
        *(("day", day, "(other)", 10) for day in range(1, 8)),
    }


def test_the_same_people_on_every_day_are_no_group_of_a_week() -> None:
    """/rare has the same four visitors on all days; with the /odd of the week they are a rest of more than k."""
    cells = [one for one in RARE_DAYS if one.key != ("/rare",)]
    cells += [cell(june(day), ("/rare",), people("same", 4)) for day in range(1, 8)]
    # Hidden of the week after step 2 would be 4 visitors: /odd, the only row of this step, is withdrawn.
    assert folded("pages", cells, [WEEK]) == {
        *(("day", day, "/", 20) for day in range(1, 8)),
        ("week", 1, "(other)", 28 + 42),
    }


def test_what_is_too_rare_for_its_weeks_is_told_by_month_and_weeks_end_with_it() -> None:
    """A page that is asked for on 30 June and 1 July has no week in common."""
    july = span_of(date(2026, 7, 1), "month")
    weeks = [span_of(date(2026, 7, day), "week") for day in (1, 6, 27)]
    days = [date(2026, 7, day) for day in (2, 8, 31)]
    cells = [one for day in days for one in cells_of(day, {"/": 20, "/x": 4, "/y": 6})]
    cells += [one for day in (1, 3) for one in cells_of(date(2026, 7, day), {"/": 20, "/z": 10 // 2, "/zz": 7})]
    cells += cells_of(june(30), {"/": 20, "/x": 4, "/y": 6})
    assert folded("pages", cells, [*weeks, july]) == {
        *(("day", day, "/", 20) for day in (1, 2, 3, 8, 30, 31)),
        ("week", 1, "/z", 10),
        ("week", 1, "/zz", 14),
        ("month", 1, "/x", 12),
        ("month", 1, "/y", 18),
        ("day", 30, "(other)", 10),
    }


def test_a_week_needs_two_days_and_a_month_two_weeks() -> None:
    """/b is withdrawn on the 1st, as /c would follow; no other day has it, so it comes under (other) with /c."""
    cells = cells_of(june(1), {"/a": 20, "/b": 12, "/c": 3})
    assert folded("pages", cells, WEEKS_AND_MONTH) == {("day", 1, "/a", 20), ("month", 1, "(other)", 15)}


def test_small_places_lose_their_region_then_their_country_then_their_continent() -> None:
    cells = cells_of(
        june(1),
        {
            ("EU", "DE", "Berlin"): 12,
            ("EU", "DE", "Hesse"): 6,
            ("EU", "DE", "Saxony"): 5,
            ("EU", "FR", "Brittany"): 4,
            ("EU", "IT", "Lazio"): 7,
            ("AS", "JP", "Tokyo"): 10,
            ("OC", "NZ", "Otago"): 3,
        },
    )
    # 3 of Otago alone are too few: the smallest row of step 4 goes with them, 11 of (EU, DE, (other)) and of
    # (EU, (other), (other)) being equal; as text "(" comes before "D".
    assert folded("locations", cells) == {
        ("day", 1, "(other)", "(other)", "(other)", 14),
        ("day", 1, "EU", "DE", "(other)", 11),
        ("day", 1, "EU", "DE", "Berlin", 12),
        ("day", 1, "AS", "JP", "Tokyo", 10),
    }


@pytest.mark.parametrize(
    ("page", "its_folder", "its_first"),
    [
        ("/a/b/c/d", "/a/b/c/…", "/a/…"),
        ("/a/b/c", "/a/b/…", "/a/…"),
        ("/a/b", "/a/…", "/a/…"),
        ("/a/b/", "/a/…", "/a/…"),
        ("/a", "(other)", "(other)"),
        ("/a/", "(other)", "(other)"),
        ("/", "(other)", "(other)"),
        ("//", "(other)", "(other)"),
        ("/a//", "/a/…", "/a/…"),
        ("/a/b?p=c/d", "/a/b?…", "/a/…"),
        ("/a?p=c", "/a?…", "/a?…"),
        ("/?p=c/d/", "/?…", "/?…"),
        ("(unknown)", "(other)", "(other)"),
        ("(other)", "(other)", "(other)"),
        ("a/b", "(other)", "(other)"),
    ],
)
def test_a_page_is_in_a_folder(page: str, its_folder: str, its_first: str) -> None:
    assert (folder(page), first_folder(page)) == (its_folder, its_first)


def test_pages_lose_their_name_then_their_folder() -> None:
    counts = {"/": 30, "/a/b/c": 6, "/a/b/d": 4, "/a/x": 5, "/a/y/z": 5, "/e/f": 3, "/g": 9}
    # /a/b/… has 10; /a/… has 5 of /a/x, and 10 when /a/y/z has lost /a/y/…; 12 remain.
    assert folded("pages", cells_of(june(1), counts)) == {
        ("day", 1, "/", 30),
        ("day", 1, "/a/b/…", 10),
        ("day", 1, "/a/…", 10),
        ("day", 1, "(other)", 12),
    }


def test_the_few_whose_key_equals_that_of_a_row_join_it() -> None:
    counts = {"/": 30, "/a/x": 6, "/a/y": 5, "/a/b/c": 2, "/g": 9, "/h": 2}
    assert folded("pages", cells_of(june(1), counts)) == {
        ("day", 1, "/", 30),
        ("day", 1, "/a/…", 13),
        ("day", 1, "(other)", 11),
    }


def test_errors_lose_their_page_then_their_status() -> None:
    keys: list[Key] = [coarser_key("errors", (404, "/a/b/c"), level) for level in range(4)]
    assert keys == [(404, "/a/b/…"), (404, "/a/…"), (404, "(other)"), (4, "(other)")]
    cells = cells_of(june(1), {(404, "/a"): 7, (404, "/b"): 4, (401, "/c"): 6, (403, "/d"): 5})
    assert folded("errors", cells) == {("day", 1, 404, "(other)", 11), ("day", 1, 4, "(other)", 11)}


def test_errors_of_each_hundred_have_a_rest_of_their_own() -> None:
    """`traffic` tells how many there are: the rest of 5xx takes in the page of one status, that of 4xx is not told."""
    cells = cells_of(june(1), {(404, "/a"): 7, (500, "/b"): 13, (502, "/c"): 4})
    assert folded("errors", cells) == {("day", 1, 5, "(other)", 17)}


def test_a_rest_takes_in_a_row_of_an_earlier_step_where_there_is_no_other() -> None:
    """Nothing of the 2nd can be told by itself, and step 4 makes no row: the month's rest needs those of the 1st."""
    cells = [*cells_of(june(1), {"a": 12, "b": 11}), *cells_of(june(2), {"c": 3})]
    others = {june(day): set(people("others", 40)) for day in (1, 2)}
    rows = fold("searches", cells, SiteDays(K, others, frozenset(WEEKS_AND_MONTH)))
    assert {(row.span.grain, row.span.first_day.day, row.key, len(row.visits)) for row in rows} == {
        ("day", 1, ("a",), 12),
        ("month", 1, ("(other)",), 14),
    }


def test_fewer_than_k_visitors_in_all_are_not_told() -> None:
    days = SiteDays(K, {june(2): set(people("others", 40))}, frozenset(WEEKS_AND_MONTH))
    assert fold("searches", cells_of(june(2), {"c": 3}), days) == []


def test_a_visit_with_two_rare_pages_is_one_visit_of_the_rest() -> None:
    cells = cells_of(june(1), {"/": 20})
    visitors = people("rare", 11)
    cells += [cell(june(1), ("/a",), visitors[:6]), cell(june(1), ("/b",), visitors[5:])]
    (shared,) = list(cells[1].visits)[:1]
    cells[2].visits.pop()
    cells[2].visits.add(shared)
    # 6 visits with /a and 6 with /b, one of them with both.
    assert folded("pages", cells) == {("day", 1, "/", 20), ("day", 1, "(other)", 11)}


def test_twelve_visits_of_one_person_are_no_row() -> None:
    cells = cells_of(june(1), {"/": 20})
    twelve = cell(june(1), ("/secret",), people("one", 1))
    twelve.visits |= {visit() for _ in range(11)}
    cells.append(twelve)
    # The rest of the total would be those twelve visits: / is withdrawn and told with them.
    assert folded("pages", cells) == {("day", 1, "(other)", 32)}


# --- margins ---


def test_a_rest_that_would_follow_from_the_total_is_hidden_with_the_smallest_row() -> None:
    cells = [one for day in range(1, 8) for one in cells_of(june(day), {"/": 20, "/b": 10, "/rare": 4})]
    assert folded("pages", cells, [WEEK]) == {
        *(("day", day, "/", 20) for day in range(1, 8)),
        ("week", 1, "/b", 70),
        ("week", 1, "/rare", 28),
    }


def test_the_smallest_row_has_the_fewest_visits_of_all_its_cells_together() -> None:
    """Two visits that have three pages of a folder each count six times."""
    both = {visit(), visit()}
    folder_of_three = [Cell(span_of(june(1), "day"), (f"/a/{page}",), set(people("", 2)), set(both)) for page in "xyz"]
    page_of_five = cell(june(1), ("/b",), people("b", 5))
    one, other = Row(WEEK, ("/a/…",), 4, folder_of_three), Row(WEEK, ("/b",), 4, [page_of_five])
    assert len(one.visits) < len(other.visits)
    assert smallest([one, other]) is other


def test_equal_rows_are_withdrawn_in_the_order_of_their_keys_as_text() -> None:
    cells = cells_of(june(1), {"/b": 10, "/a": 10, "/B": 11, "/c": 3})
    assert folded("pages", cells) == {("day", 1, "/b", 10), ("day", 1, "/B", 11), ("day", 1, "(other)", 13)}


def test_null_comes_last_and_numbers_are_compared_as_text() -> None:
    day = span_of(june(1), "day")
    keys: list[Key] = [(None, "(other)"), (1000, "/"), (404, "/z"), (404, "/a")]
    rows = [Row(day, key, 4, cells_of(june(1), {key: 3})) for key in keys]
    order = []
    while rows:
        order.append(smallest(rows))
        rows.remove(order[-1])
    assert [row.key for row in order] == [(1000, "/"), (404, "/a"), (404, "/z"), (None, "(other)")]


def test_a_sum_of_a_week_is_kept_by_the_rows_of_the_week() -> None:
    """On both days 10 are hidden. The week could tell 12 of b, but 8 of c would be left."""
    cells = [one for day in (1, 2) for one in cells_of(june(day), {"a": 20, "b": 6, "c": 4})]
    assert folded("searches", cells, [WEEK]) == {
        *(("day", day, "a", 20) for day in (1, 2)),
        ("week", 1, "(other)", 20),
    }


# --- tables within others ---


def versions(days: Mapping[int, Mapping[Key, Mapping[str, int]]], told: Iterable[Span] = ()) -> set[tuple[Any, ...]]:
    """Rows of `browser_versions` for so many visits by day, profile and version of the browser."""
    cells, version_of = [], {}
    for day, profiles in days.items():
        for profile, counts in profiles.items():
            visits = [visit() for count in counts.values() for _ in range(count)]
            version_of |= dict(
                zip(visits, (version for version in counts for _ in range(counts[version])), strict=True)
            )
            made = cell(june(day), profile, [])
            for number, one in enumerate(visits):
                client = people(f"{day} {profile} {number}", 1)[0]
                one.page_views.append(cast("Any", SimpleNamespace(client=client)))
                made.add(one, {})
            cells.append(made)
    known = site_days(cells, told)
    outer = fold("technology", cells, known)
    profile_of = {one: made.key for made in cells for one in made.visits}

    def key_of(one: Visit) -> dict[str, str]:
        return {"browser": profile_of[one][0], "browser_version": version_of[one]}

    within, _ = cells_within("browser_versions", {row: set() for row in outer}, key_of, K, lambda _: {})
    rows = fold("browser_versions", within, known)
    assert sum(len(row.visits) for row in rows) == sum(len(row.visits) for row in outer)
    return {(row.span.grain, row.span.first_day.day, *row.key, len(row.visits)) for row in rows}


CHROME = ("Chrome", "Windows", "desktop")
FIREFOX = ("Firefox", "Linux", "desktop")


def test_a_browser_s_versions_are_told_where_the_browser_is() -> None:
    """Of Chrome 8 would be left; of Firefox both versions are told, and of a rare browser neither name nor version."""
    found = versions(
        {
            1: {
                CHROME: {"136": 12, "137": 8},
                FIREFOX: {"115": 12, "128": 11},
                ("Safari", "iOS", "mobile"): {"17": 10 // 2},
                ("Opera", "iOS", "mobile"): {"9": 5},
            }
        }
    )
    assert found == {
        ("day", 1, "Chrome", "(other)", 20),
        ("day", 1, "Firefox", "115", 12),
        ("day", 1, "Firefox", "128", 11),
        ("day", 1, "(other)", "(other)", 10),
    }


def test_versions_that_are_rare_on_a_day_are_told_by_week() -> None:
    days = {day: {CHROME: {"135": 4, "136": 12, "137": 6}} for day in (1, 2, 3)}
    assert versions(days, [WEEK]) == {
        *(("day", day, "Chrome", "136", 12) for day in (1, 2, 3)),
        ("week", 1, "Chrome", "135", 12),
        ("week", 1, "Chrome", "137", 18),
    }


def test_versions_of_what_technology_tells_by_week_are_told_by_week() -> None:
    """Ten of the 2nd have a tablet, which technology tells by week, too: they are not in the rows of days."""
    tablet = ("Chrome", "Windows", "tablet")
    days = {day: {CHROME: {"136": 12}, tablet: {"136": 5, "99": 2}, FIREFOX: {"115": 6}} for day in (1, 2, 3)}
    assert versions(days, [WEEK]) == {
        *(("day", day, "Chrome", "136", 12) for day in (1, 2, 3)),
        ("week", 1, "Chrome", "(other)", 21),
        ("week", 1, "Firefox", "115", 18),
    }


def test_what_lost_its_device_lost_its_version() -> None:
    tablet, mobile = ("Chrome", "Android", "tablet"), ("Chrome", "Android", "mobile")
    assert versions({1: {CHROME: {"136": 12}, tablet: {"99": 5}, mobile: {"99": 6}}}) == {
        ("day", 1, "Chrome", "136", 12),
        ("day", 1, "Chrome", "(other)", 11),
    }


# --- small days ---


def test_small_days_that_are_a_group_are_told_with_their_week() -> None:
    """10 visitors of two small days together; /b of a large day and of a small one are 4 + 6."""
    cells = [
        *cells_of(june(1), {"/": 20, "/b": 4, "/c": 6}),
        *cells_of(june(6), {"/": 1, "/b": 6}),
        *cells_of(june(7), {"/": 3}),
    ]
    # /b makes 10 in the week; 6 of /c and 4 of / are left, 10 visitors, so nothing is withdrawn.
    assert folded("pages", cells, [WEEK]) == {
        ("day", 1, "/", 20),
        ("week", 1, "/b", 10),
        ("week", 1, "(other)", 10),
    }


def test_a_row_of_k_visitors_is_not_told_on_a_small_day() -> None:
    """Errors may be met by more people than view pages."""
    cells = cells_of(june(6), {(404, "/gone"): 15})
    assert fold("errors", cells, SiteDays(K, {june(6): set(people("few", 9))}, frozenset(WEEKS_AND_MONTH))) == []


@pytest.mark.parametrize(
    ("days", "names", "expected"),
    [
        pytest.param((6, 7), ("a", "b"), {("week", 1, "/", 12)}, id="two small days of a week"),
        pytest.param((6,), ("a",), set(), id="one small day"),
        pytest.param((6, 7), ("a", "a"), set(), id="the same six people"),
        pytest.param((6, 13), ("a", "b"), set(), id="one small day in each of two weeks"),
    ],
)
def test_small_days_that_are_no_group_are_not_told(days: Any, names: Any, expected: set[Any]) -> None:
    large = [cells_of(june(day), {"/": 20})[0] for day in (1, 8)]
    small = [cell(june(day), ("/",), people(name, 6)) for day, name in zip(days, names, strict=True)]
    found = folded("pages", [*large, *small], [WEEK, span_of(june(8), "week")])
    assert found == {("day", 1, "/", 20), ("day", 8, "/", 20), *expected}


def test_small_days_that_joined_no_week_may_join_the_month() -> None:
    days = {6: "a", 13: "b", 20: "c", 21: "d"}
    small = [cell(june(day), ("/",), people(name, 6)) for day, name in days.items()]
    # The 20th and 21st are a group of their week; the 6th and 13th are one of the month.
    assert folded("pages", small, WEEKS_AND_MONTH) == {("week", 15, "/", 12), ("month", 1, "/", 12)}
    # Without the 13th, the 6th is alone: it is not told, although its week and month are.
    without = [one for one in small if one.day != june(13)]
    assert folded("pages", without, WEEKS_AND_MONTH) == {("week", 15, "/", 12)}


def test_a_small_day_that_joined_its_week_goes_on_to_the_month() -> None:
    cells = [
        *cells_of(june(6), {"/": 5, "/rare": 1}),
        *cells_of(june(7), {"/": 5, "/rare": 2}),
        *cells_of(june(13), {"/": 5, "/rare": 4}),
        *cells_of(june(14), {"/": 5, "/rare": 4}),
    ]
    # Each week would tell 10 of / and leave fewer than ten hidden: it tells nothing.
    assert folded("pages", cells, WEEKS_AND_MONTH) == {("month", 1, "/", 20), ("month", 1, "/rare", 11)}


# --- measures ---


def hidden(cells: list[Cell], measure: str, told: Iterable[Span] = ()) -> set[tuple[str, int, Key]]:
    """Grain, first day (of June) and key of the rows in which a measure is NULL."""
    files: list[tuple[File, set[Row]]] = []
    for file in fold_files("pages", cells, site_days(cells, told)):
        files.append((file, measures_to_hide("pages", file.rows, measure, file.days, earlier=files)))
    return {(row.span.grain, row.span.first_day.day, row.key) for row in files[-1][1]}


def test_a_measure_of_few_visitors_is_null_and_another_with_it() -> None:
    cells = [
        cell(june(1), ("/a",), people("a", 20), bounces=3, entries=20),
        cell(june(1), ("/b",), people("b", 15), bounces=12, entries=15),
        cell(june(1), ("/c",), people("c", 30), bounces=14),
        cell(june(1), ("/d",), people("d", 30), bounces=0),
    ]
    assert hidden(cells, "bounces") == {("day", 1, ("/a",)), ("day", 1, ("/b",))}
    assert hidden(cells, "entries") == hidden(cells, "visits") == set()


def test_two_nulls_of_a_group_need_no_third_and_equals_go_by_their_keys() -> None:
    cells = [
        cell(june(1), ("/a",), people("a", 20), exits=5, bounces=1),
        cell(june(1), ("/b",), people("b", 15), exits=6),
        cell(june(1), ("/d",), people("d", 30), exits=14, bounces=12),
        cell(june(1), ("/c",), people("c", 30), exits=14, bounces=12),
    ]
    assert hidden(cells, "exits") == {("day", 1, ("/a",)), ("day", 1, ("/b",))}
    assert hidden(cells, "bounces") == {("day", 1, ("/a",)), ("day", 1, ("/c",))}


def test_what_a_day_s_rows_leave_of_its_sum_is_of_a_group_though_some_is_told_by_week() -> None:
    """Three bounces of rare pages are told by week, and none of the 2nd; each day's sum of bounces is known."""
    cells = [
        cell(june(1), ("/a",), people("a", 20), bounces=13),
        cell(june(1), ("/b",), people("b", 15), bounces=14),
        cell(june(1), ("/rare",), people("rare", 5), bounces=3),
        *cells_of(june(1), {"/odd": 5}),
        cell(june(2), ("/a",), people("c", 20), bounces=13),
        *cells_of(june(2), {"/rare": 5, "/odd": 5}),
    ]
    rows = fold("pages", cells, site_days(cells, [WEEK]))
    assert {(row.span.grain, *row.key) for row in rows} == {
        *(("day", page) for page in ("/a", "/b")),
        *(("week", page) for page in ("/rare", "/odd")),
    }
    assert hidden(cells, "bounces", [WEEK]) == {("day", 1, ("/a",)), ("week", 1, ("/rare",))}


def test_a_row_of_a_week_that_tells_one_day_alone_leaves_nothing_of_that_day_open() -> None:
    """All of /x/… is of the 1st. Its day's sum less 13 and 11 is the one bounce of /q.

    /x/… hides its bounces, as before the week was published: its row by day was smaller than that of /a.
    """
    cells = [
        cell(june(1), ("/a",), people("a", 20), bounces=13),
        *(cell(june(1), (f"/x/{page}",), people(page, count), bounces=count) for page, count in (("1", 5), ("2", 6))),
        cell(june(1), ("/q",), people("q", 6), bounces=1),
        *cells_of(june(1), {"/p": 5}),
        *cells_of(june(2), {"/a": 20, "/p": 6, "/q": 6}),
    ]
    rows = fold("pages", cells, site_days(cells, [WEEK]))
    assert ("week", ("/x/…",), 11) in {(row.span.grain, row.key, len(row.visits)) for row in rows}
    assert hidden(cells, "bounces", [WEEK]) == {("week", 1, ("/q",)), ("week", 1, ("/x/…",))}


def test_of_a_week_whose_small_day_did_not_join_it_no_sum_is_known() -> None:
    """The 6th and the 13th are told by month; neither is told of its week, whose other days tell their sums."""
    cells = [
        cell(june(1), ("/",), people("a", 20), bounces=15),
        *(cell(june(day), ("/",), people(f"{day}", 6), bounces=6) for day in (6, 13)),
    ]
    rows = fold("pages", cells, site_days(cells, WEEKS_AND_MONTH))
    assert {(row.span.grain, len(row.visits)) for row in rows} == {("day", 20), ("month", 12)}
    assert hidden(cells, "bounces", WEEKS_AND_MONTH) == set()


# --- whole logs ---

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def line(day: int, path: str = "/", *, client: int, cookie: str = "-", status: int = 200, agent: str = BROWSER) -> str:
    """A line of the format `footfall` of a day of June 2026, 10:00 UTC."""
    request = f'[{day:02}/Jun/2026:10:00:00 +0000] "GET {path} HTTP/1.1" {status} 100'
    return f'192.0.2.{client} - - {request} "-" "{agent}" "{cookie}" 0.010'


def tables_of(lines: Iterable[str], **settings: Any) -> Tables:
    """The tables of one input that consists of these lines."""
    return compute({"access.log": "\n".join(lines).encode()}, ReferenceSettings(log_format="footfall", k=K, **settings))


def test_one_person_with_twelve_cookies_is_told_nowhere() -> None:
    tables = tables_of(line(1, "/secret", client=1, cookie=f"c{i}") for i in range(12))
    (row,) = tables["visits"]
    assert {row[column] for column in row if column not in ("day", "site")} == {None}
    assert [table for table in COLUMNS if tables[table]] == []


def test_measures_of_a_day_are_null_where_few_take_part() -> None:
    lines = [line(1, client=client, cookie=f"c{client}") for client in range(12)]
    lines += [line(1, "/b", client=client, cookie=f"c{client}") for client in range(9)]
    lines += [line(1, client=client) for client in range(20, 24)]
    (row,) = tables_of(lines)["visits"]
    # 12 visits with a cookie, 9 of them with two page views, and 4 without. All hits are of one instant, at which the
    # data end: all visits are cut.
    assert (row["visits"], row["page_views"], row["visitors"]) == (16, 25, 16)
    assert (row["bounces"], row["fallback_visits"], row["cut_visits"], row["duration_s"]) == (None, None, 16, 0)


def test_a_week_is_told_when_the_logs_reach_beyond_it_and_all_its_days_are_published() -> None:
    """The same 16 people on the 2nd and 4th, and on each of these days 6 and 5 others with pages of their own."""
    week = [line(day, f"/{client % 2}", client=client) for day in (2, 4) for client in range(16)]
    week += [line(day, "/rare", client=client + day * 20) for day in (2, 4) for client in range(6)]
    week += [line(day, "/odd", client=client + day * 20) for day in (2, 4) for client in range(6, 11)]
    before, after = line(30, client=1, agent="curl").replace("Jun", "May").replace("30/", "31/"), line(8, client=1)

    def grains(lines: list[str], **settings: Any) -> set[tuple[str, str]]:
        rows = tables_of(lines, **settings)["pages"]
        return {(row["grain"], row["page"]) for row in rows}

    by_day = {("day", "(other)")}
    by_week = {("week", "/rare"), ("week", "/odd"), ("week", "(other)")}
    assert grains([before, *week]) == grains([*week, after]) == by_day
    # 8 people with each of /0 and /1, the same on both days, are too few for the week, too.
    assert grains([before, *week, after]) == by_week
    assert grains([before, *week, after], last_day=june(6)) == by_day
    assert grains([before, *week, after], first_day=june(2), last_day=june(6)) == by_day
    # The days before the first one are read where the week ends on a day that is asked for.
    for first_day in (june(1), june(2), june(7)):
        assert grains([before, *week, after], first_day=first_day, last_day=june(7)) == by_week
    assert grains([before, *week, after], first_day=june(2)) == by_week


def test_errors_of_people_without_a_visit_are_people_s_and_those_of_machines_are_added() -> None:
    lines = [line(1, client=client, cookie=f"c{client}") for client in range(12)]
    lines += [line(1, "/gone", client=client, cookie=f"c{client}", status=404) for client in range(3)]
    lines += [line(1, "/gone", client=client, status=404) for client in range(50, 58)]
    lines += [line(1, "/gone", client=1, agent="Googlebot/2.1", status=status) for status in (404, 410)]
    rows = tables_of(lines)["errors"]
    # 11 people met /gone, but only 3 of them in a visit.
    assert [(row["status"], row["page"], row["hits"], row["visits"]) for row in rows] == [
        (404, "(other)", 1, 0),
        (404, "/gone", 11, None),
        (410, "(other)", 1, 0),
    ]


@pytest.mark.parametrize("seed", range(30))
def test_rows_of_small_sites_are_of_k_visits_and_tables_of_all_visits_agree(seed: int) -> None:
    site = small_site(seed, most_lines=1_500)
    settings = ReferenceSettings(
        site.log_format, site.sites[0], site.timezone, site.k, first_day=site.first_day, last_day=site.last_day
    )
    tables = compute({"access.log": site.content}, settings)
    assert tables["rejects"] == []
    for table in COLUMNS:
        keys = [
            (row["day"], row["site"], row["grain"], *(row[column] for column in COLUMNS[table] if column in row))
            for row in tables[table]
        ]
        assert len(set(keys)) == len(keys)
        if table not in ("errors", "broken_links", "downloads"):
            # Of these, hits of people are told, in a visit or not.
            assert all(row["visits"] >= site.k for row in tables[table])
    sums = {
        tuple(sum(row[measure] for row in tables[table]) for measure in ("visits", "page_views"))
        for table in ("locations", "technology", "browser_versions", "os_versions", "referrers")
    }
    assert len(sums) == 1
    ((_, page_views),) = sums
    assert sum(row["page_views"] for row in tables["pages"]) == page_views
    assert page_views >= sum(row["page_views"] or 0 for row in tables["visits"])
