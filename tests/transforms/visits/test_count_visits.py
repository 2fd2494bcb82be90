"""What is counted of visits, by day and site: declared tables, pages, phrases, errors, findings and items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from footfall.transforms.arrays import Columns
from footfall.transforms.tables.declaring import VisitKey, VisitMeasure, count_visits_by, name_of
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.tables.published import ITEM_TABLES, PARTIAL_TABLES
from footfall.transforms.visits import count_visits
from footfall.transforms.visits.count_visits import VisitCounter, VisitWindow
from footfall.transforms.visits.cut_visits import cut_visits
from footfall.transforms.visits.visit_rows import CAN_HAVE_COOKIE, FALLBACK, PAGE_VIEW
from footfall.transforms.vocabulary import AUDIT_FINDINGS
from tests.transforms.visits.sessions import ASSET, DAY_MS, MINUTE_MS, TIMEOUT_MS, at, rows_of


def counts_of(rows: Columns, *, last_day: int = 9, data_end_ms: int = 100 * DAY_MS) -> VisitCounter:
    """The counts of days 0 to `last_day` of UTC."""
    window = VisitWindow("UTC", 0, last_day, TIMEOUT_MS, data_end_ms)
    return VisitCounter(rows, cut_visits(rows, TIMEOUT_MS), window)


def tables_of(counts: VisitCounter) -> dict[str, list[dict[str, Any]]]:
    """The partial tables, days together, without the site that all have."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for key, content in counts.tables():
        rows = decode_table(content).drop_columns("site").to_pylist()
        tables.setdefault(key.partition("/")[0], []).extend(rows)
    return tables


def test_a_visit_belongs_to_the_day_on_which_it_began() -> None:
    midnight = 24 * 60
    rows = rows_of(
        at(midnight - 1, flags=ASSET), at(midnight + 1, page=3), at(midnight + 2, page=4, status=404, flags=ASSET)
    )
    tables = tables_of(counts_of(rows))
    usual = {"bounces": 1, "fallback_visits": 0, "cut_visits": 0, "last_ms": (midnight + 2) * MINUTE_MS}
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
    assert {AUDIT_FINDINGS[row["finding"]]: row["visits"] for row in tables["cookie_audit"]} == {
        "long": 1,
        "never_issued": 1,
    }


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
        (ITEM_TABLES[kind], visit - (1 << 40), item, code) for kind, visit, item, code in zip(*columns, strict=True)
    }
    assert found == {
        *(("pages", 0, 3, 0), ("pages", 1, 3, 0), ("searches", 0, 7, 0), ("errors", 0, 4, 404)),
        ("cookie_audit", 1, 0, AUDIT_FINDINGS.index("reused")),
    }


def test_visits_are_counted_by_what_their_entry_has() -> None:
    rows = rows_of(
        *(at(0, location=7, technology=1), at(1, location=8, technology=2)),
        *(at(0, session=2, location=7, technology=3), at(2, session=2)),
        at(5, session=3, location=9, technology=3, site=6),
    )
    tables = tables_of(counts_of(rows))
    one, two = {"day": 0, "visits": 1, "page_views": 1}, {"day": 0, "visits": 2, "page_views": 4}
    assert tables["locations"] == [{**two, "location": 7}, {**one, "location": 9}]
    assert tables["technology"] == [
        {**one, "technology": 1, "page_views": 2},
        {**one, "technology": 3, "page_views": 2},
        {**one, "technology": 3},
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


def test_errors_outside_visits_are_counted_apart() -> None:
    rows = rows_of(
        *(at(0), at(1, page=4, status=404, flags=ASSET), at(2, page=4, status=404, flags=ASSET)),
        at(3, page=4, status=404, flags=ASSET, session=2),
    )
    (errors,) = tables_of(counts_of(rows))["human_errors"]
    assert errors == {"day": 0, "status": 404, "page": 4, "hits": 2, "hits_without_visit": 1, "visits": 1}


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
    assert all(len(column) == 0 for column in counts.items(0).values())
    assert np.asarray(counts.items(0)["visit"]).dtype == np.int64
