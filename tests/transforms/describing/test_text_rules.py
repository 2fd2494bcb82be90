"""What the settings say about texts: names to keep, and keys before names of people."""

from __future__ import annotations

import pyarrow as pa
import pytest

from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.read_queries import read_campaigns, read_searches
from footfall.transforms.describing.text_rules import NO_RULES, TextRules

KEEP = TextRules(keep=("/x/0a1b2c3d", "/parts/*-?", "Tel 030 901820", "b11614b226c4"))
KEYS = TextRules(name_keys=("pupils", "Team-Seite", "élève"))


def page(path: str, rules: TextRules = NO_RULES) -> str:
    found: str = name_pages(pa.array([path]), rules)["page"][0].as_py()
    return found


def phrase(text: str, rules: TextRules = NO_RULES) -> str:
    found: str = read_searches(pa.array([f"q={text}"]), ["q"], rules)[0].as_py()
    return found


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/x/0a1b2c3d", True),
        ("/X/0A1B2C3D", True),
        ("/x/0a1b2c3d/more", False),
        ("/parts/4f9a1c7e-1", True),
        ("/parts/4f9a1c7e-12", False),
    ],
)
def test_a_page_to_keep_is_published_as_it_is(path: str, *, kept: bool) -> None:
    assert "{" in page(path)
    assert (page(path, KEEP) == path) is kept


def test_phrases_and_campaigns_are_kept() -> None:
    assert phrase("Tel+030+901820") == "tel {phone}"
    assert phrase("tel+030+901820", KEEP) == "tel 030 901820"
    campaigns = pa.array(["utm_campaign=b11614b226c4"])
    assert read_campaigns(campaigns)["campaign"][0].as_py() == "{token}"
    assert read_campaigns(campaigns, KEEP)["campaign"][0].as_py() == "b11614b226c4"


@pytest.mark.parametrize("path", ["/net/192.0.2.7", "/to/jane@example.org", f"/s/{'0a1b2c3d' * 4}", "/v6/2001:db8::7"])
def test_what_the_check_would_find_is_not_kept(path: str) -> None:
    assert "{" in page(path, TextRules(keep=("*",)))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/pupils/jane-doe/marks", "/pupils/{name}/marks"),
        ("/school/Pupils/Jane", "/school/Pupils/{name}"),
        ("/team_seite/jdoe", "/team_seite/{name}"),
        ("/élève/marie", "/élève/{name}"),
        ("/pupils/login", "/pupils/login"),
        ("/list/pupils=jane", "/list/pupils={name}"),
        ("/pupilsandteachers/jane", "/pupilsandteachers/jane"),
    ],
)
def test_a_name_behind_an_own_key_is_replaced(path: str, expected: str) -> None:
    assert page(path) == path
    assert page(path, KEYS) == expected


def test_parameters_in_phrases_have_own_keys_too() -> None:
    assert phrase("pupils%3Djane", KEYS) == "pupils={name}"


def test_signs_of_patterns_mean_themselves() -> None:
    rules = TextRules(keep=("/a(b)+[c]/0a1b2c3d",), name_keys=("a.b",))
    assert page("/a(b)+[c]/0a1b2c3d", rules) == "/a(b)+[c]/0a1b2c3d"
    assert page("/axb/jane", rules) == "/axb/jane"
    assert page("/a.b/jane", rules) == "/a.b/{name}"
