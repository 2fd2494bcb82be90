"""Campaigns and searches are read from query strings as people meant them."""

from __future__ import annotations

import doctest

import pyarrow as pa
import pytest

from footfall.transforms.describing import read_queries
from footfall.transforms.describing.read_queries import read_campaigns, read_searches
from footfall.transforms.vocabulary import DEFAULT_SEARCH_KEYS, MAX_PHRASE_CHARS


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("utm_source=Newsletter&utm_medium=E-Mail&utm_campaign=Summer+Sale", ("newsletter", "e-mail", "summer sale")),
        ("page=2&utm_campaign=x", ("(none)", "(none)", "x")),
        ("utm_source=a&amp;utm_medium=b", ("a", "b", "(none)")),
        ("utm_source=jane%40example.org", ("{email}", "(none)", "(none)")),
        ("utm_campaign=b11614b226-summer_sale", ("(none)", "(none)", "b11614b226-summer_sale")),
        ("utm_campaign=120210987654321", ("(none)", "(none)", "120210987654321")),
        ("gclid=Cj0KCQjane", ("google", "cpc", "(none)")),
        ("a=1&MSCLKID=x&utm_campaign=Sale", ("bing", "cpc", "sale")),
        ("gclid=x&utm_source=google-de&utm_medium=shopping", ("google-de", "shopping", "(none)")),
        ("fbclid=IwAR0", ("facebook", "(none)", "(none)")),
        ("gclid=", (None, None, None)),
        ("mygclid=x", (None, None, None)),
        ("utm_source=&utm_medium=+", (None, None, None)),
        ("my_utm_source=a", (None, None, None)),
        ("", (None, None, None)),
        (None, (None, None, None)),
    ],
)
def test_a_query_may_name_a_campaign(query: str | None, expected: tuple[str | None, ...]) -> None:
    row = read_campaigns(pa.array([query], pa.string())).to_pylist()[0]
    assert (row["source"], row["medium"], row["campaign"]) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=Red+Shoes", "red shoes"),
        ("page=2&search=%20J%C3%BCrgen%09%20x", "jürgen x"),
        ("s=first&q=second", "first"),
        ("q=&s=second", "second"),
        ("q=%20+&s=second", "second"),
        ("q=ＡＢＣ", "abc"),
        ("q=jane.doe%40example.org", "{email}"),
        ("q=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95", "{id}"),
        ("q=AB12+CDE", "{id}"),
        ("q=plate+ab12+cde", "plate {place}"),
        ("q=Kd+XYZW", "kd xyzw"),
        ("q=%ff", "\ufffd"),
        ("q=a=b", "a=b"),
        ("Q=x", None),
        ("faq=x", None),
        ("q", None),
        (None, None),
    ],
)
def test_a_query_may_hold_a_phrase(query: str | None, expected: str | None) -> None:
    assert read_searches(pa.array([query], pa.string()), DEFAULT_SEARCH_KEYS).to_pylist() == [expected]


def test_keys_are_taken_literally_and_may_be_none() -> None:
    queries = pa.array(["a.b=1", "axb=2"])
    assert read_searches(queries, ["a.b"]).to_pylist() == ["1", None]
    assert read_searches(queries, []).to_pylist() == [None, None]


def test_phrases_are_short() -> None:
    assert len(read_searches(pa.array(["q=" + "word+" * 100]), ["q"])[0].as_py()) <= MAX_PHRASE_CHARS


def test_examples_in_docstrings_hold() -> None:
    assert doctest.testmod(read_queries).failed == 0
