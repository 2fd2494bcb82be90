"""Pages are decoded once, spelled in one way and scrubbed; documents are told from assets and API calls."""

from __future__ import annotations

import doctest

import pyarrow as pa
import pytest

from footfall.transforms.describing import name_pages as module
from footfall.transforms.describing import spell_paths as spelling
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.path_conventions import DATA, FEEDS, FILES, IMAGES, PROGRAMS, STYLES, TEXTS
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
        ("/orders/100234/", "/orders/{id}", True),
        ("/Report.PDF", "/Report.PDF", True),
        ("/apiary/restaurant", "/apiary/restaurant", True),
        ("/logo.PNG", "/logo.PNG", False),
        ("/logo%2Epng", "/logo.png", False),
        ("/logo.png;jsessionid=1A2B", "/logo.png", False),
        ("/v1/API/users", "/v1/API/users", False),
        ("/feed.rss/", "/feed.rss", False),
        ("/x/graphql", "/x/graphql", False),
        ("*", "(unknown)", False),
        ("", "(unknown)", False),
        (None, "(unknown)", False),
        ("GET", "(unknown)", False),
    ],
)
def test_a_path_has_a_page_and_may_be_a_document(path: str | None, page: str, document: bool) -> None:
    named = name_pages(pa.array([path], pa.string())).select(["page", "document"])
    assert named.to_pylist() == [{"page": page, "document": document}]


@pytest.mark.parametrize(
    ("page", "spellings"),
    [
        (
            "/",
            (
                "/",
                "//",
                "/.",
                "/./",
                "/a/..",
                "/index.html",
                "/INDEX.HTM",
                "/Default.asp",
                "/index.php",
                "/default.aspx",
            ),
        ),
        ("/a", ("/a", "/a/", "/a//", "//a", "/./a", "/b/../a", "/a/index.shtml", "/a/./index.jsp", "/%61", "/../a")),
        ("/caf\u00e9", ("/caf%C3%A9", "/cafe%CC%81/")),
        ("/A", ("/A", "/A/")),
        ("/a/index-of-names", ("/a/index-of-names",)),
        ("/a/..b", ("/a/..b",)),
        ("/index.php/a", ("/index.php/a/",)),
    ],
)
def test_one_page_under_several_spellings_is_one(page: str, spellings: tuple[str, ...]) -> None:
    named = name_pages(pa.array(spellings))
    assert named["page"].to_pylist() == [page] * len(spellings)
    assert named["hides"].to_pylist() == [False] * len(spellings)


def test_a_page_hides_what_it_does_not_tell_of_a_path() -> None:
    assert name_pages(pa.array(["/orders/100234", "/a;v=1", "/a/"]))["hides"].to_pylist() == [True, True, False]


@pytest.mark.parametrize("ending", [*IMAGES, *PROGRAMS, *STYLES, *FILES, *DATA, *FEEDS])
def test_no_declared_ending_is_a_document(ending: str) -> None:
    assert name_pages(pa.array([f"/a.{ending}", f"/about-{ending}"]))["document"].to_pylist() == [False, True]


@pytest.mark.parametrize("ending", TEXTS)
def test_what_people_read_is_a_document(ending: str) -> None:
    assert name_pages(pa.array([f"/a.{ending}"]))["document"].to_pylist() == [True]


def test_pages_are_short_and_no_placeholder_is_cut() -> None:
    pages = name_pages(pa.array(["/" + "é" * 300, "/" + "word/" * (MAX_PAGE_CHARS // 5 - 1) + "ab/12345"]))[
        "page"
    ].to_pylist()
    assert [len(page) for page in pages] == [MAX_PAGE_CHARS, MAX_PAGE_CHARS - 1]


@pytest.mark.parametrize("tested", [module, spelling])
def test_examples_in_docstrings_hold(tested: object) -> None:
    assert doctest.testmod(tested).failed == 0  # type: ignore[arg-type]
