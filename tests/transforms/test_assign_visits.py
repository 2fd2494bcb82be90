"""Visits of whole sessions: where they are cut, what they begin and end with, and what is counted of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from footfall.transforms.arrays import Columns
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.visits.count_visits import VisitCounts, VisitWindow, count_visits
from footfall.transforms.visits.cut_visits import cut_visits
from footfall.transforms.visits.visit_rows import (
    CAN_HAVE_COOKIE,
    FALLBACK,
    FINDINGS,
    HAS_COOKIE,
    INTERNAL,
    ITEM_KINDS,
    PAGE_VIEW,
    VISIT_ROWS,
)

MINUTE_MS = 60_000
TIMEOUT_MS = 30 * MINUTE_MS
DAY_MS = 24 * 60 * MINUTE_MS
VIEW = PAGE_VIEW | HAS_COOKIE | CAN_HAVE_COOKIE
ASSET = HAS_COOKIE | CAN_HAVE_COOKIE


def rows_of(*hits: Mapping[str, int]) -> Columns:
    """VISIT_ROWS of hits; what is not given is a page view of session 1 by client 9 on site 5."""
    usual = {"client": 9, "session": 1, "site": 5, "status": 200, "flags": VIEW}
    return {
        name: np.array([{**usual, **hit}.get(name, 0) for hit in hits], dtype=kind) for name, kind in VISIT_ROWS.items()
    }


def at(minute: float, **columns: int) -> dict[str, int]:
    """A hit at a minute."""
    return {"time_ms": round(minute * MINUTE_MS), **columns}


def test_a_visit_ends_with_a_silence_longer_than_the_timeout() -> None:
    visits = cut_visits(rows_of(at(0), at(30), at(60 + 1 / 60_000), at(61)), TIMEOUT_MS)
    assert visits.begin_ms.tolist() == [0, 60 * MINUTE_MS + 1]
    assert visits.end_ms.tolist() == [30 * MINUTE_MS, 61 * MINUTE_MS]
    assert visits.page_views.tolist() == [2, 2]
    assert visits.visit_of.tolist() == [0, 0, 1, 1]


def test_hits_keep_a_visit_alive_and_make_none_without_a_page_view() -> None:
    visits = cut_visits(
        rows_of(at(0, flags=ASSET), at(20), at(45, flags=ASSET), at(200, flags=ASSET), at(5, session=2, flags=ASSET)),
        TIMEOUT_MS,
    )
    assert (visits.begin_ms.tolist(), visits.end_ms.tolist()) == ([0], [45 * MINUTE_MS])
    assert visits.visit_of.tolist() == [0, 0, 0, -1, -1]


def test_rows_may_come_in_any_order() -> None:
    rows = rows_of(*(at(minute, session=1 + minute % 3, page=minute) for minute in range(0, 200, 7)))
    expected = sorted(zip(*visit_rows(rows), strict=True))
    order = np.random.default_rng(1).permutation(len(rows["page"]))
    assert sorted(zip(*visit_rows({name: own[order] for name, own in rows.items()}), strict=True)) == expected


def visit_rows(rows: Columns) -> tuple[list[int], ...]:
    """Begin, page views, entry page and exit page of each visit."""
    visits = cut_visits(rows, TIMEOUT_MS)
    pages = rows["page"]
    return (
        visits.begin_ms.tolist(),
        visits.page_views.tolist(),
        pages[visits.entry].tolist(),
        pages[visits.exit].tolist(),
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param({"page": 9}, {"flags": VIEW | INTERNAL, "page": 1}, id="internal referrers come last"),
        pytest.param({"page": 1, "acquisition": 9}, {"page": 2, "acquisition": 1}, id="then by page"),
        pytest.param({"acquisition": 1, "location": 9}, {"acquisition": 2, "location": 1}, id="then by acquisition"),
        pytest.param({"location": 1, "technology": 9}, {"location": 2, "technology": 1}, id="then by location"),
        pytest.param({"technology": 1}, {"technology": 2}, id="then by technology"),
        pytest.param({"page": 2**63 - 1}, {"page": 2**63 + 1}, id="digests have no sign"),
    ],
)
def test_page_views_of_one_instant_have_an_order(first: dict[str, int], second: dict[str, int]) -> None:
    for hits, entry in (((first, second), 0), ((second, first), 1)):
        visits = cut_visits(rows_of(*(at(3, **hit) for hit in hits)), TIMEOUT_MS)
        assert (visits.entry.tolist(), visits.exit.tolist()) == ([entry], [1 - entry])


def test_a_cookie_with_an_earlier_visit_is_reused_and_one_that_two_clients_carry_is_shared() -> None:
    rows = rows_of(
        *(at(0), at(100), at(101, client=8)),
        # What was adopted was not carried, and hits without a page view are no earlier visit.
        *(at(0, session=2), at(1, session=2, client=8, flags=PAGE_VIEW)),
        *(at(0, session=3, flags=ASSET), at(100, session=3)),
        *(at(0, session=4, flags=PAGE_VIEW | FALLBACK), at(100, session=4, flags=PAGE_VIEW | FALLBACK)),
    )
    visits = cut_visits(rows, TIMEOUT_MS)
    assert visits.is_reused.tolist() == [False, True, False, False, False, False]
    assert visits.is_shared.tolist() == [False, True, False, False, False, False]
    assert visits.is_fallback.tolist() == [False, False, False, False, True, True]


def counts_of(rows: Columns, *, last_day: int = 9, data_end_ms: int = 100 * DAY_MS) -> VisitCounts:
    """The counts of days 0 to `last_day` of UTC."""
    window = VisitWindow("UTC", 0, last_day, TIMEOUT_MS, data_end_ms)
    return VisitCounts(rows, cut_visits(rows, TIMEOUT_MS), window)


def tables_of(counts: VisitCounts) -> dict[str, list[dict[str, Any]]]:
    """The partial tables, days together, without the site that all have."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for key, content in count_visits(counts):
        rows = decode_table(content).drop_columns("site").to_pylist()
        tables.setdefault(key.partition("/")[0], []).extend(rows)
    return tables


def test_a_visit_belongs_to_the_day_on_which_it_began() -> None:
    midnight = 24 * 60
    rows = rows_of(
        at(midnight - 1, flags=ASSET), at(midnight + 1, page=3), at(midnight + 2, page=4, status=404, flags=ASSET)
    )
    tables = tables_of(counts_of(rows))
    usual = {"bounces": 1, "fallback_visits": 0, "cut_visits": 0}
    assert tables["visits"] == [{"day": 0, "visits": 1, "page_views": 1, "duration_s": 180, **usual}]
    assert tables["pages"] == [
        {"day": 0, "page": 3, "page_views": 1, "visits": 1, "entries": 1, "exits": 1, "bounces": 1}
    ]
    # An error belongs to the day on which it happened.
    error = {"status": 404, "page": 4, "hits": 1, "hits_without_visit": 0, "visits": 1}
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
    assert {FINDINGS[row["finding"]]: row["visits"] for row in tables["cookie_audit"]} == {"long": 1, "never_issued": 1}


def test_items_tell_which_visit_had_which_page_phrase_error_and_finding() -> None:
    rows = rows_of(
        at(0, page=3, phrase=7),
        at(1, page=3),
        at(2, page=4, status=404, flags=ASSET),
        at(100, page=3),
        at(200, page=5, session=2, status=500, flags=ASSET),
    )
    items = counts_of(rows).items(1 << 40)
    columns = (items[name].tolist() for name in ("kind", "visit", "item", "code"))
    found = {
        (ITEM_KINDS[kind], visit - (1 << 40), item, code) for kind, visit, item, code in zip(*columns, strict=True)
    }
    assert found == {
        *(("pages", 0, 3, 0), ("pages", 1, 3, 0), ("searches", 0, 7, 0), ("errors", 0, 4, 404)),
        ("cookie_audit", 1, 0, FINDINGS.index("reused")),
    }
