"""What the settings say about pages: which are documents, other names, letter case."""

from __future__ import annotations

import pyarrow as pa
import pytest

from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.page_rules import PageRules


def named(path: str, rules: PageRules) -> tuple[str, bool]:
    row = name_pages(pa.array([path]), own=rules).to_pylist()[0]
    return row["page"], row["document"]


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("/preview/**", ("/preview", "/preview/", "/preview/a", "/preview/a/b"), ("/previews", "/a/preview")),
        ("/products/*", ("/products/a", "/products/a/"), ("/products", "/products/a/b")),
        ("/**/print", ("/a/print", "/a/b/print"), ("/print",)),
        ("/a?", ("/ab",), ("/a", "/a/", "/abc")),
        ("/a.b+(c)", ("/a.b+(c)", "/a.b+(c)/index.html"), ("/axb+(c)",)),
        ("/home/", ("/home", "/home/", "/home//"), ("/home/a",)),
        ("/caf\u00e9", ("/caf%C3%A9", "/cafe%CC%81"), ("/cafe",)),
        ("/**", ("/", "/a"), ()),
        ("/", ("/", "/index.html"), ("/a",)),
    ],
)
def test_globs_match_whole_paths_as_pages_are_spelled(
    glob: str, matching: tuple[str, ...], others: tuple[str, ...]
) -> None:
    rules = PageRules(exclude=(glob,))
    assert [path for path in matching if named(path, rules)[1]] == []
    assert [path for path in others if not named(path, rules)[1]] == []


def test_what_is_included_is_a_document_but_for_what_is_excluded() -> None:
    rules = PageRules(include=("/api/docs/**", "/data/*.json"), exclude=("/api/docs/raw/**",))
    row = name_pages(pa.array(["/api/docs/x.json"]), own=rules).to_pylist()[0]
    assert (row["document"], row["included"], row["doubtful"]) == (True, True, False)
    assert named("/data/a.json", rules)[1]
    assert not named("/api/docs/raw/a.html", rules)[1]
    assert not named("/api/x", rules)[1]


def test_aliases_come_before_groups_and_the_first_that_matches_counts() -> None:
    rules = PageRules(
        alias=(("/home", "/"), ("/old/*", "/products/lamp"), ("/home", "/never")),
        group=(("/products/*", "/products/\u2026"), ("/products/lamp", "/never")),
    )
    assert named("/home/", rules)[0] == "/"
    assert named("/old/7", rules)[0] == "/products/\u2026"
    assert named("/products/chair", rules)[0] == "/products/\u2026"
    assert named("/products/chair/oak", rules)[0] == "/products/chair/oak"


def test_aliases_and_groups_are_scrubbed() -> None:
    rules = PageRules(alias=(("/me", "/users/jane@example.org"),), group=(("/o/*", "/o/0a1b2c3d4e5f6a7b"),))
    assert named("/me", rules)[0] == "/users/{email}"
    assert named("/o/1", rules)[0] == "/o/{token}"


def test_letter_case_is_told_apart_unless_the_settings_ignore_it() -> None:
    assert named("/About", PageRules())[0] == "/About"
    rules = PageRules(ignores_case=True, exclude=("/Preview/*",), alias=(("/Home", "/Start"),))
    assert named("/About", rules)[0] == "/about"
    assert named("/home", rules)[0] == "/start"
    assert named("/preview/A", rules) == ("/preview/a", False)


def test_what_begins_with_no_slash_stays_unknown() -> None:
    assert named("*", PageRules(include=("/**",), alias=(("/**", "/a"),))) == ("(unknown)", False)
