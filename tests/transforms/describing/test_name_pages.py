"""Pages are decoded once and scrubbed; documents are told from assets and API calls."""

from __future__ import annotations

import doctest

import pyarrow as pa
import pytest

from footfall.transforms.describing import name_pages as module
from footfall.transforms.describing.name_pages import API_ENDINGS, API_SEGMENTS, ASSET_ENDINGS, name_pages
from footfall.transforms.vocabulary import MAX_PAGE_CHARS


@pytest.mark.parametrize(
    ("path", "page", "document"),
    [
        ("/", "/", True),
        ("/caf%C3%A9", "/café", True),
        ("/a%2541", "/a%41", True),
        ("/a%ff", "/a\ufffd", True),
        ("/a%0D%0Ab", "/a\ufffd\ufffdb", True),
        ("/a%E2%80%AEb", "/a\ufffdb", True),
        ("/shop;jsessionid=1A2B/cart;v=1", "/shop/cart", True),
        ("/a%3Bsecret", "/a", True),
        ("/search%3Fq=jane", "/search", True),
        ("/for/jane&#64;example.org", "/for/{email}", True),
        ("/map/-33.8688;151.2093", "/map/{place}", True),
        ("/orders/100234/", "/orders/{id}/", True),
        ("/Report.PDF", "/Report.PDF", True),
        ("/index.php", "/index.php", True),
        ("/apiary/restaurant", "/apiary/restaurant", True),
        ("/logo.PNG", "/logo.PNG", False),
        ("/logo%2Epng", "/logo.png", False),
        ("/v1/API/users", "/v1/API/users", False),
        ("/feed.rss/", "/feed.rss/", False),
        ("/x/graphql", "/x/graphql", False),
        ("*", "(unknown)", False),
        ("", "(unknown)", False),
        (None, "(unknown)", False),
        ("GET", "(unknown)", False),
    ],
)
def test_a_path_has_a_page_and_may_be_a_document(path: str | None, page: str, document: bool) -> None:
    assert name_pages(pa.array([path], pa.string())).to_pylist() == [{"page": page, "document": document}]


@pytest.mark.parametrize("ending", [*ASSET_ENDINGS, *API_ENDINGS])
def test_no_declared_ending_is_a_document(ending: str) -> None:
    assert name_pages(pa.array([f"/a.{ending}", f"/{ending}"]))["document"].to_pylist() == [False, True]


@pytest.mark.parametrize("segment", API_SEGMENTS)
def test_no_declared_segment_is_a_document(segment: str) -> None:
    assert name_pages(pa.array([f"/{segment}/a", f"/a/{segment}", f"/a{segment}"]))["document"].to_pylist() == [
        *(False, False, True)
    ]


def test_pages_are_short_and_no_placeholder_is_cut() -> None:
    pages = name_pages(pa.array(["/" + "é" * 300, "/" + "word/" * (MAX_PAGE_CHARS // 5 - 1) + "ab/12345"]))[
        "page"
    ].to_pylist()
    assert [len(page) for page in pages] == [MAX_PAGE_CHARS, MAX_PAGE_CHARS - 1]


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(module).failed == 0
