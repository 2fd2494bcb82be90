"""What looks like a document and comes with a page is told by what happens, in the plain implementation."""

from __future__ import annotations

from random import Random

import pytest

from tests.page_parts_logs import FRAMES, NO_FRAMES, NO_PARTS, PARTS, write_frames, write_site
from tests.reference.acts import acts_of, local_day
from tests.reference.lines import ReferenceSettings
from tests.reference.page_parts import find_all_parts, shape_of
from tests.reference.test_behaviour import described

SETTINGS = ReferenceSettings()


@pytest.mark.parametrize("seed", range(5))
def test_what_pages_bring_is_told_from_pages(seed: int) -> None:
    hits = described(write_site(seed))
    parts = {shape for of_day in find_all_parts(acts_of(hits, SETTINGS), SETTINGS).values() for _, shape in of_day}
    assert parts == set(PARTS)
    shapes = {shape_of(hit.page) for hit in hits if hit.page_view}
    assert shapes >= {*PARTS, *NO_PARTS}


@pytest.mark.parametrize("seed", range(5))
def test_frames_are_told_from_what_is_opened_together(seed: int) -> None:
    hits = described(write_frames(seed))
    parts = {shape for of_day in find_all_parts(acts_of(hits, SETTINGS), SETTINGS).values() for _, shape in of_day}
    assert parts == set(FRAMES)
    assert {shape_of(hit.page) for hit in hits if hit.page_view} >= {*FRAMES, *NO_FRAMES}


def test_two_addresses_tell_nothing() -> None:
    hits = described(write_site(1, visitors=2))
    assert set().union(*find_all_parts(acts_of(hits, SETTINGS), SETTINGS).values()) == set()


def test_order_of_lines_does_not_matter() -> None:
    hits = described(write_site(2))
    found = find_all_parts(acts_of(hits, SETTINGS), SETTINGS)
    assert set(found) == {local_day(hits[0].hit.time_ms, SETTINGS)}
    shuffled = list(hits)
    Random(3).shuffle(shuffled)
    assert find_all_parts(acts_of(shuffled, SETTINGS), SETTINGS) == found


@pytest.mark.parametrize(
    ("page", "shape"),
    [
        ("/image/1234/200x200", "/image/#/#x#"),
        ("/orders/{id}/lines", "/orders/#/lines"),
        ("/u/0a1b2c3d4e", "/u/#"),
        ("/about-us", "/about-us"),
    ],
)
def test_shapes_are_alike_in_numbers_and_codes(page: str, shape: str) -> None:
    assert shape_of(page) == shape
