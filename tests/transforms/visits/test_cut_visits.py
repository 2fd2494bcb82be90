"""Visits of whole sessions: where they are cut, and what they begin and end with."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.transforms.arrays import Columns
from footfall.transforms.visits.cut_visits import cut_visits, keep_counted
from footfall.transforms.visits.visit_rows import DOWNLOAD, FALLBACK, INTERNAL, PAGE_VIEW
from tests.transforms.visits.sessions import ASSET, MINUTE_MS, TIMEOUT_MS, VIEW, at, rows_of


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


def test_visits_keep_what_they_are_without_the_hits_that_only_lengthen_them() -> None:
    kept = {
        "download": {"flags": DOWNLOAD},
        "error": {"flags": ASSET, "status": 404},
        "goal": {"flags": ASSET, "goals": 1},
    }
    rows = rows_of(
        *(at(0, flags=ASSET), at(1, page=5), at(2, flags=ASSET), at(3, page=6), at(4, flags=ASSET)),
        *(at(5 + minute, page=7 + minute, **hit) for minute, hit in enumerate(kept.values())),
        at(300, page=12, flags=ASSET, status=500),
    )
    whole = cut_visits(rows, TIMEOUT_MS)
    counted, visits = keep_counted(rows, whole)
    assert counted["page"].tolist() == [5, 6, 7, 8, 9, 12]
    assert all(len(column) == 6 for column in counted.values())
    assert visits.visit_of.tolist() == [0, 0, 0, 0, 0, -1]
    assert [counted["page"][one].tolist() for one in (visits.entry, visits.exit)] == [[5], [6]]
    assert (visits.begin_ms.tolist(), visits.end_ms.tolist()) == ([0], [7 * MINUTE_MS])
    assert visits.page_views.tolist() == whole.page_views.tolist() == [2]


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
