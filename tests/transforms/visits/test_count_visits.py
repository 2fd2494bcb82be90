"""What is counted of visits, by day and site: declared tables, pages, phrases, errors, findings and items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from footfall.transforms.arrays import Columns
from footfall.transforms.behaviour.verdicts import JudgedVisits
from footfall.transforms.tables.declaring import VisitKey, VisitMeasure, count_visits_by, name_of
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.tables.published import ITEM_TABLES, PARTIAL_TABLES
from footfall.transforms.visits import count_visits
from footfall.transforms.visits.bucket_visits import BucketVisits, VisitWindow
from footfall.transforms.visits.count_visits import VisitCounter
from footfall.transforms.visits.cut_visits import cut_visits
from footfall.transforms.visits.list_items import list_items, list_visits
from footfall.transforms.visits.page_pairs import digest_of_pair
from footfall.transforms.visits.visit_lengths import LENGTHS
from footfall.transforms.visits.visit_rows import (
    ASIDE,
    BOUNCE,
    CAN_HAVE_COOKIE,
    COMPLETED,
    CUT,
    DOWNLOAD,
    ENTRY,
    EXIT,
    FALLBACK,
    FALLBACK_UNFOUND,
    FIRST_GOAL,
    IN_VISIT,
    INTERNAL,
    ISSUED,
    LASTING,
    NOT_MISUSED,
    NOT_MISUSED_IN_MONTH,
    NOT_MISUSED_IN_WEEK,
    PAGE_VIEW,
    PARTIAL,
    UNFOUND,
    UNFOUND_IN_MONTH,
    UNFOUND_IN_WEEK,
    VISIT_FACTS,
    VISIT_ITEMS,
)
from footfall.transforms.vocabulary import AUDIT_CODES, AUDIT_FINDINGS
from tests.transforms.visits.sessions import ASSET, DAY_MS, MINUTE_MS, TIMEOUT_MS, at, rows_of

LEFT = (
    "issued",
    "not_misused",
    "unfound",
    "fallback_unfound",
    "not_misused_in_week",
    "unfound_in_week",
    "not_misused_in_month",
    "unfound_in_month",
)
"""What is counted of a day for what the cookie audit leaves."""


def counts_of(
    rows: Columns,
    *,
    last_day: int = 9,
    data_end_ms: int = 100 * DAY_MS,
    machines: Sequence[tuple[int, int]] = (),
) -> BucketVisits:
    """The counts of days 0 to `last_day` of UTC; `machines` are clients and the days on which they are machines."""
    window = VisitWindow("UTC", 0, last_day, TIMEOUT_MS, data_end_ms)
    clients = np.array([client for client, _ in machines], dtype=np.uint64)
    days = np.array([day for _, day in machines], dtype=np.int32)
    judged = JudgedVisits({"client": clients, "day": days})
    return BucketVisits(rows, cut_visits(rows, TIMEOUT_MS), window, judged, {})


def tables_of(counts: BucketVisits) -> dict[str, list[dict[str, Any]]]:
    """The partial tables, days together, without the site that all have and without numbers of visitors."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for key, content in VisitCounter(counts).tables():
        for row in decode_table(content).drop_columns("site").to_pylist():
            own = {name: value for name, value in row.items() if not name.startswith("least_")}
            tables.setdefault(key.partition("/")[0], []).append(own)
    return tables


def visitors_of(counts: BucketVisits, table: str) -> list[dict[str, int]]:
    """The numbers of visitors of each row of a partial table, without the prefix `least_`."""
    return [
        {name.removeprefix("least_"): value for name, value in row.items() if name.startswith("least_")}
        for key, content in VisitCounter(counts).tables()
        if key.partition("/")[0] == table
        for row in decode_table(content).to_pylist()
    ]


def test_a_visit_belongs_to_the_day_on_which_it_began() -> None:
    midnight = 24 * 60
    rows = rows_of(
        at(midnight - 1, flags=ASSET), at(midnight + 1, page=3), at(midnight + 2, page=4, status=404, flags=ASSET)
    )
    tables = tables_of(counts_of(rows))
    usual = {"bounces": 1, "fallback_visits": 0, "cut_visits": 0, "last_ms": (midnight + 2) * MINUTE_MS}
    usual |= dict.fromkeys(LEFT, 1) | {"fallback_unfound": 0}
    assert tables["visits"] == [{"day": 0, "visits": 1, "page_views": 1, "duration_s": 180, **usual}]
    assert tables["pages"] == [
        {"day": 0, "page": 3, "page_views": 1, "visits": 1, "entries": 1, "exits": 1, "bounces": 1}
    ]
    # An error belongs to the day on which it happened.
    error = {"status": 404, "page": 4, "hits": 1, "visits": 1}
    assert tables["human_errors"] == [{"day": 1, **error}]
    assert "visits" in tables_of(counts_of(rows, last_day=0))
    assert "human_errors" not in tables_of(counts_of(rows, last_day=0))


@pytest.mark.parametrize(("end_minute", "is_cut"), [(10 + 30, 0), (10 + 30 - 1 / 60_000, 1)])
def test_a_visit_is_cut_when_its_next_hit_could_have_been_missed(end_minute: float, is_cut: int) -> None:
    counts = counts_of(rows_of(at(0), at(10)), data_end_ms=round(end_minute * MINUTE_MS))
    assert tables_of(counts)["visits"][0]["cut_visits"] == is_cut


def test_duration_is_rounded_down_once_per_visit() -> None:
    rows = rows_of(*(at(0, session=own) for own in (1, 2)), *({"time_ms": 1_999, "session": own} for own in (1, 2)))
    assert tables_of(counts_of(rows))["visits"][0]["duration_s"] == 2


def test_findings_of_the_cookie_audit() -> None:
    long = [at(25 * minute, session=1) for minute in range(60)]  # 24 hours and 35 minutes
    fallback = [at(minute, session=2, client=2, flags=PAGE_VIEW | FALLBACK | CAN_HAVE_COOKIE) for minute in (0, 1)]
    bounce = [at(0, session=3, client=3, flags=PAGE_VIEW | FALLBACK | CAN_HAVE_COOKIE)]
    no_field = [at(minute, session=4, client=4, flags=PAGE_VIEW | FALLBACK) for minute in (0, 1)]
    exactly_a_day = [at(30 * minute, session=5) for minute in range(49)]
    tables = tables_of(counts_of(rows_of(*long, *fallback, *bounce, *no_field, *exactly_a_day)))
    assert {AUDIT_FINDINGS[row["finding"]]: row["visits"] for row in tables["cookie_audit"]} == {
        "long": 1,
        "never_issued": 1,
    }


def test_a_cookie_is_reused_in_the_least_span_in_which_it_had_an_earlier_visit() -> None:
    """1970 began on a Thursday: day 3 is a Sunday, as the first of February, which is day 31."""
    days = (0, 0, 2, 3, 3, 4, 30, 31, 32, 33)
    rows = rows_of(*(at(24 * 60 * day + 60 * place, session=1) for place, day in enumerate(days)))
    tables = tables_of(counts_of(rows, last_day=40))
    found = {(row["day"], *AUDIT_CODES[row["finding"]]): row["visits"] for row in tables["cookie_audit"]}
    reused_in = {(0, 0), (2, 1), (3, 1), (3, 0), (4, 2), (30, 2), (32, 2), (33, 1)}
    assert found == {(day, "reused", grain): 1 for day, grain in reused_in}


def told(items: dict[str, Columns], *names: str) -> list[tuple[Any, ...]]:
    """The table and these columns of each item, sorted."""
    rows = (zip(*(columns[name].tolist() for name in names), strict=True) for columns in items.values())
    return sorted((table, *row) for table, own in zip(items, rows, strict=True) for row in own)


def test_items_tell_which_visit_had_which_page_phrase_error_and_finding() -> None:
    rows = rows_of(
        at(0, page=3, phrase=7),
        at(1, page=3),
        at(2, page=4, status=404, flags=ASSET),
        at(100, page=3),
        at(200, page=5, session=2, status=500, flags=ASSET),
    )
    items = dict(list_items(counts_of(rows), 1 << 40))
    for columns in items.values():
        assert {name: column.dtype.type for name, column in columns.items()} == VISIT_ITEMS
    found = told(items, "visit", "item", "code", "flags")
    pair = int(digest_of_pair(np.array([3], np.uint64), np.array([3], np.uint64))[0])
    one, two = 1 << 40, (1 << 40) + 1
    assert found == [
        ("cookie_audit", two, 0, AUDIT_FINDINGS.index("reused"), 0),
        ("entry_exits", one, pair, 0, 0),
        # The last one is of no visit.
        *(("errors", -1, 5, 500, 0), ("errors", one, 4, 404, 0), ("errors", one, 4, 404, ASIDE | IN_VISIT)),
        *(("pages", one, 3, 0, ENTRY | EXIT), ("pages", two, 3, 0, ENTRY | EXIT | BOUNCE)),
        ("searches", one, 7, 0, 0),
    ]


def test_downloads_are_counted_on_their_day_in_visits_and_beside_them() -> None:
    rows = rows_of(
        at(0, page=3),
        at(1, page=6, flags=DOWNLOAD),
        at(2, page=6, status=206, flags=DOWNLOAD, client=8),
        at(24 * 60, page=6, session=2, client=7, status=206, flags=DOWNLOAD),
    )
    counts = counts_of(rows)
    row = {"page": 6, "partial": 1}
    assert tables_of(counts)["downloads"] == [
        {"day": 0, **row, "hits": 2, "visits": 1},
        {"day": 1, **row, "hits": 1, "visits": 0},
    ]
    assert visitors_of(counts, "downloads") == [
        {"visitors": 2, "visits": 1, "partial": 1},
        {"visitors": 1, "visits": 0, "partial": 1},
    ]
    downloads = {"downloads": dict(list_items(counts, 0))["downloads"]}
    assert [own for _, *own in told(downloads, "visit", "client", "flags")] == [
        [-1, 7, PARTIAL],
        *([0, 8, PARTIAL], [0, 9, 0]),
        *([0, 9, ASIDE | IN_VISIT], [0, 9, ASIDE | IN_VISIT]),
    ]


def test_the_visitor_of_a_visit_is_the_client_of_its_entry_and_that_of_an_error_who_met_it() -> None:
    """A cookie goes from client 9 to client 8, who meets an error."""
    rows = rows_of(at(0, page=3, phrase=7), at(1, page=4, client=8), at(2, page=4, status=404, flags=ASSET, client=8))
    counts = counts_of(rows)
    pair = int(digest_of_pair(np.array([3], np.uint64), np.array([4], np.uint64))[0])
    assert told(dict(list_items(counts, 0)), "item", "client", "flags") == [
        ("cookie_audit", 0, 9, 0),
        ("entry_exits", pair, 9, 0),
        *(("errors", 4, 8, 0), ("errors", 4, 9, ASIDE | IN_VISIT)),
        *(("pages", 3, 9, ENTRY), ("pages", 4, 9, EXIT)),
        ("searches", 7, 9, 0),
        ("transitions", pair, 9, 0),
    ]
    assert list_visits(counts, 0)["client"].tolist() == [9]


def test_a_visit_is_listed_with_its_day_profile_and_flags() -> None:
    rows = rows_of(
        *(at(0, location=7, technology=1, acquisition=2), at(1)),
        at(24 * 60, session=2, client=2, location=8, flags=PAGE_VIEW | FALLBACK),
        at(24 * 60 + 5, session=3),
        at(24 * 60 + 5 + 1 / 60_000, session=3, flags=ASSET),
    )
    # The data end less than a timeout after the last hit.
    visits = list_visits(counts_of(rows, data_end_ms=(24 * 60 + 30) * MINUTE_MS + 1), 1 << 40)
    assert {name: column.dtype.type for name, column in visits.items()} == VISIT_FACTS
    listed = [
        dict(zip(visits, row, strict=True)) for row in zip(*(own.tolist() for own in visits.values()), strict=True)
    ]
    usual = {"site": 5, "client": 9, "location": 0, "technology": 0, "acquisition": 0, "page_views": 0, "duration_s": 0}
    unfound = ISSUED | NOT_MISUSED | UNFOUND
    unfound |= NOT_MISUSED_IN_WEEK | UNFOUND_IN_WEEK | NOT_MISUSED_IN_MONTH | UNFOUND_IN_MONTH
    fallback = BOUNCE | FALLBACK | FALLBACK_UNFOUND | unfound
    assert listed == [
        {
            **usual,
            "day": 0,
            "visit": 1 << 40,
            "flags": LASTING | unfound,
            "page_views": 1,
            "duration_s": 3,
            "location": 7,
            "technology": 1,
            "acquisition": 2,
        },
        {**usual, "day": 1, "visit": (1 << 40) + 1, "client": 2, "flags": fallback, "location": 8},
        # A thousandth of a second is no second.
        {**usual, "day": 1, "visit": (1 << 40) + 2, "flags": BOUNCE | CUT | unfound},
    ]


def test_visitors_are_counted_once_however_many_visits_they_make() -> None:
    """Client 9 has three sessions, client 8 one; only client 8 stays, and all but one of the visits bounce."""
    rows = rows_of(
        *(at(number, session=number, page=3, phrase=7, status=404) for number in (1, 2, 3)),
        *(at(0, session=4, client=8, page=3), at(5, session=4, client=8, page=4)),
    )
    counts = counts_of(rows)
    unfound = dict.fromkeys(LEFT, 2) | {"fallback_unfound": 0}
    assert visitors_of(counts, "visits") == [
        {"visitors": 2, "bounces": 1, "duration_s": 1, "fallback_visits": 0, "cut_visits": 0, **unfound}
    ]
    assert visitors_of(counts, "pages") == [
        {"visitors": 2, "entries": 2, "exits": 1, "bounces": 1},
        {"visitors": 1, "entries": 0, "exits": 1, "bounces": 0},
    ]
    assert visitors_of(counts, "searches") == [{"visitors": 1, "exits": 1, "refined": 0}]
    assert visitors_of(counts, "human_errors") == [{"visitors": 1, "visits": 1}]
    assert visitors_of(counts, "locations") == [{"visitors": 2, "bounces": 1, "duration_s": 1, "completions": 0}]


def test_visitors_of_parts_of_a_table_are_at_least_those_of_one_part() -> None:
    """A client may be in several parts: adding up would count it twice."""
    parts = [
        decode_table(content)
        for number in (1, 2)
        for key, content in VisitCounter(one_visit(number)).tables()
        if key == "visits/0"
    ]
    merged = PARTIAL_TABLES["visits"].merge(parts)
    assert merged.select(["visits", "least_visitors"]).to_pylist() == [{"visits": 2, "least_visitors": 1}]


def test_a_visit_counts_once_for_each_goal_that_it_reaches_however_often() -> None:
    """Goals 0 and 2: client 9 reaches both in one session, and the first by a hit that is no page view in another."""
    rows = rows_of(
        *(at(0, session=1, goals=1), at(1, session=1, goals=1), at(2, session=1, goals=5)),
        *(at(0, session=2), at(1, session=2, goals=1, flags=ASSET)),
        *(at(0, session=3, client=8, goals=4), at(0, session=4, client=8)),
    )
    counts = counts_of(rows)
    assert tables_of(counts)["goals"] == [
        {"day": 0, "goal": 0, "visits": 2, "times": 4},
        {"day": 0, "goal": 2, "visits": 2, "times": 2},
    ]
    assert visitors_of(counts, "goals") == [{"visitors": 1}, {"visitors": 2}]
    assert [row["completions"] for row in tables_of(counts)["locations"]] == [3]
    assert visitors_of(counts, "locations")[0]["completions"] == 2
    facts = list_visits(counts, 0)
    assert [bool(flags & COMPLETED) for flags in facts["flags"].tolist()] == [True, True, True, False]
    of_goals = {"goals": dict(list_items(counts, 0))["goals"]}
    assert [tuple(own) for _, *own in told(of_goals, "visit", "code", "client")] == [
        (0, 0, 9),
        (0, 2, 9),
        (1, 0, 9),
        (2, 2, 8),
    ]


def test_visits_are_counted_by_the_buckets_of_their_page_views_and_of_their_duration() -> None:
    """Client 9 has a bounce, and seven views within a minute; client 8 two views that are 31 seconds apart."""
    rows = rows_of(
        at(0, session=1),
        *(at(number / 7, session=2) for number in range(7)),
        *(at(number * 31 / 60, session=3, client=8) for number in range(2)),
    )
    counts = counts_of(rows)
    found = {(LENGTHS[row["measure"]], row["bucket"]): row["visits"] for row in tables_of(counts)["visit_lengths"]}
    assert found == {
        **{("page_views", 0): 1, ("page_views", 5): 1, ("page_views", 1): 1},
        **{("duration_s", 0): 1, ("duration_s", 3): 2},
    }
    assert sorted(row["visitors"] for row in visitors_of(counts, "visit_lengths")) == [1, 1, 1, 1, 2]


def test_pairs_of_pages_count_once_for_each_visit_that_has_them() -> None:
    """Of the same instant, what came from within is later; a page that is loaded again is no pair with itself."""
    rows = rows_of(
        *(at(minute, page=page) for minute, page in ((0, 3), (1, 4), (2, 4), (3, 3), (4, 4))),
        *(at(0, page=5, session=2, flags=PAGE_VIEW | INTERNAL), at(0, page=3, session=2)),
        at(0, page=3, session=3),
        *(at(0, page=3, session=4, client=8), at(1, page=4, session=4, client=8)),
    )
    counts = counts_of(rows)
    transitions = tables_of(counts)["transitions"]
    found = {(row["page"], row["next_page"]): row["visits"] for row in transitions}
    assert found == {(3, 4): 2, (4, 3): 1, (3, 5): 1}
    assert len({row["pair"] for row in transitions}) == 3
    assert [row["visitors"] for row in visitors_of(counts, "transitions")] == [2, 1, 1]
    ends = {(row["page"], row["exit_page"]): row["visits"] for row in tables_of(counts)["entry_exits"]}
    assert ends == {(3, 4): 2, (3, 5): 1}
    of_pairs = dict(list_items(counts, 0))["transitions"]
    assert sorted(of_pairs["visit"].tolist()) == [0, 0, 1, 3]
    assert set(of_pairs["item"].tolist()) == {row["pair"] for row in transitions}


def test_goals_are_counted_by_how_visits_came_and_by_the_page_that_they_began_with() -> None:
    """Two sessions of client 9 and one of client 8 reach goals; the page and referrer of later views do not count."""
    rows = rows_of(
        *(at(0, session=1, page=3, acquisition=7), at(1, session=1, page=4, acquisition=8, goals=5)),
        *(at(0, session=2, page=3, acquisition=7, goals=1), at(0, session=3, client=8, page=4, acquisition=7, goals=1)),
        at(0, session=4, page=3, acquisition=7),
    )
    counts = counts_of(rows)
    assert tables_of(counts)["goal_acquisitions"] == [
        {"day": 0, "acquisition": 7, "goal": 0, "visits": 3},
        {"day": 0, "acquisition": 7, "goal": 2, "visits": 1},
    ]
    assert visitors_of(counts, "goal_acquisitions") == [{"visitors": 2}, {"visitors": 1}]
    found = {(row["page"], row["goal"]): row["visits"] for row in tables_of(counts)["goal_pages"]}
    assert found == {(3, 0): 2, (3, 2): 1, (4, 0): 1}
    both = 1 << FIRST_GOAL | 4 << FIRST_GOAL
    assert [flags & 0xFFFF << FIRST_GOAL for flags in list_visits(counts, 0)["flags"].tolist()] == [
        *(both, 1 << FIRST_GOAL, 1 << FIRST_GOAL, 0)
    ]
    pages = dict(list_items(counts, 0))["pages"]
    entered = pages["flags"] & both > 0
    found = zip(*(pages[name][entered].tolist() for name in ("visit", "item")), strict=True)
    assert sorted(found) == [(0, 3), (1, 3), (2, 4)]


def test_goals_that_nobody_reached_have_no_rows() -> None:
    assert not {"goals", "goal_acquisitions", "goal_pages"} & set(tables_of(counts_of(rows_of(at(0, session=1)))))


def one_visit(session: int) -> BucketVisits:
    """The counts of a bucket with one visit by client 9."""
    return counts_of(rows_of(at(0, session=session)))


def test_visits_are_counted_by_what_their_entry_has() -> None:
    rows = rows_of(
        *(at(0, location=7, technology=1), at(1, location=8, technology=2)),
        *(at(0, session=2, location=7, technology=3), at(2, session=2)),
        at(5, session=3, location=9, technology=3, site=6),
    )
    tables = tables_of(counts_of(rows))
    names = ("day", "visits", "page_views", "bounces", "duration_s", "completions")
    counted = [
        dict(zip(names, row, strict=True)) for row in ((0, 1, 2, 0, 60, 0), (0, 1, 2, 0, 120, 0), (0, 1, 1, 1, 0, 0))
    ]
    both = {"day": 0, "visits": 2, "page_views": 4, "bounces": 0, "duration_s": 180, "completions": 0}
    assert tables["locations"] == [{**both, "location": 7}, {**counted[2], "location": 9}]
    assert tables["agents"] == [
        {**counted[0], "technology": 1},
        {**counted[1], "technology": 3},
        {**counted[2], "technology": 3},
    ]
    assert [row["last_ms"] for row in tables["visits"]] == [2 * MINUTE_MS, 5 * MINUTE_MS]


def test_a_page_counts_once_for_each_visit_that_viewed_it() -> None:
    rows = rows_of(at(0, page=3), at(1, page=4), at(2, page=3), at(9, page=3, session=2))
    pages = {row.pop("page"): row for row in tables_of(counts_of(rows))["pages"]}
    assert pages == {
        3: {"day": 0, "page_views": 3, "visits": 2, "entries": 2, "exits": 2, "bounces": 1},
        4: {"day": 0, "page_views": 1, "visits": 1, "entries": 0, "exits": 0, "bounces": 0},
    }


def test_a_phrase_is_searched_as_often_as_it_is_viewed_and_by_so_many_visits() -> None:
    rows = rows_of(at(0, phrase=7), at(1, phrase=7), at(2, phrase=8), at(3, phrase=7, session=2))
    searches = {row["phrase"]: (row["searches"], row["visits"]) for row in tables_of(counts_of(rows))["searches"]}
    assert searches == {7: (3, 2), 8: (1, 1)}


def test_a_search_is_refined_by_the_next_one_for_another_phrase_and_an_exit_where_the_visit_ends() -> None:
    rows = rows_of(
        *(at(minute, phrase=phrase) for minute, phrase in ((0, 7), (1, 7), (3, 8), (4, 7), (5, 0))),
        at(2, page=4),
        # Of the same instant, the one from within the site is the later one; then the greater digest.
        *(
            at(0, phrase=phrase, session=2, flags=PAGE_VIEW | flags)
            for phrase, flags in ((9, INTERNAL), (8, 0), (6, 0))
        ),
        at(0, phrase=7, session=3),
    )
    searches = {row["phrase"]: (row["exits"], row["refined"]) for row in tables_of(counts_of(rows))["searches"]}
    assert searches == {7: (1, 1), 8: (0, 2), 9: (1, 0), 6: (0, 1)}


def test_errors_outside_visits_are_hits_of_no_visit() -> None:
    rows = rows_of(
        *(at(0), at(1, page=4, status=404, flags=ASSET), at(2, page=4, status=404, flags=ASSET)),
        at(3, page=4, status=404, flags=ASSET, session=2),
    )
    (errors,) = tables_of(counts_of(rows))["human_errors"]
    assert errors == {"day": 0, "status": 404, "page": 4, "hits": 3, "visits": 1}


def test_a_machine_on_the_day_on_which_a_visit_began_makes_none() -> None:
    """Its errors are people's on the other day alone."""
    midnight = 24 * 60
    visits = (at(midnight - 1), at(midnight + 1, page=4, status=404, flags=ASSET))
    rows = rows_of(*visits, *(hit | {"client": 8, "session": 2} for hit in visits))
    tables = tables_of(counts_of(rows, machines=[(8, 0)]))
    assert [row["visits"] for row in tables["visits"]] == [1]
    assert [row["page_views"] for row in tables["pages"]] == [1]
    assert [(row["hits"], row["visits"]) for row in tables["human_errors"]] == [(2, 1)]
    tables = tables_of(counts_of(rows, machines=[(8, 1)]))
    assert [row["visits"] for row in tables["visits"]] == [2]
    assert [(row["hits"], row["visits"]) for row in tables["human_errors"]] == [(1, 1)]


def test_a_declared_table_may_have_several_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = tuple(
        VisitKey(column, lambda visits, column=column: visits.at_exit(column), name_of(column, column))  # type: ignore[misc]
        for column in ("page", "technology")
    )
    declared = count_visits_by("exits", keys, {"visits": VisitMeasure(), "longest_ms": _LONGEST})
    monkeypatch.setitem(PARTIAL_TABLES, "exits", declared)
    monkeypatch.setattr(count_visits, "_VISIT_COUNTS", [(declared, declared.visits)])
    rows = rows_of(
        *(at(0, page=1), at(4, page=3, technology=5)),
        *(at(0, page=9, session=2), at(7, page=3, technology=5, session=2)),
        at(1, page=3, technology=6, session=3),
    )
    assert tables_of(counts_of(rows))["exits"] == [
        {"day": 0, "page": 3, "technology": 5, "visits": 2, "longest_ms": 7 * MINUTE_MS},
        {"day": 0, "page": 3, "technology": 6, "visits": 1, "longest_ms": 0},
    ]
    assert declared.schema.field("technology").type == pa.uint64()


_LONGEST = VisitMeasure(lambda visits: visits.end_ms - visits.begin_ms, "max")


def test_counts_of_no_rows_are_empty() -> None:
    counts = counts_of({name: column[:0] for name, column in rows_of(at(0)).items()})
    assert all(not rows for rows in tables_of(counts).values())
    items = dict(list_items(counts, 0))
    assert tuple(items) == ITEM_TABLES
    assert all(len(column) == 0 for columns in items.values() for column in columns.values())
    assert items["pages"]["visit"].dtype == np.int64
