"""Every rule finds what it should and leaves the rest; texts of all kinds are scrubbed and kept as promised."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.describing import personal
from footfall.transforms.describing.personal.judged_texts import MARK, judge
from footfall.transforms.describing.personal.look_before import may_be_personal
from footfall.transforms.describing.personal.rule import Rule, Where
from footfall.transforms.describing.personal.rules import RULES, scrub_text
from footfall.transforms.describing.scrub_texts import scrub
from tests.transforms.describing.measure_texts import (
    MODELS,
    SETS,
    UNPUBLISHED,
    count_pasted,
    describe_texts,
    is_gone,
    lost_models,
    published,
    read_models,
    read_texts,
    wrong_texts,
)

ROOT = Path(__file__).parents[3]


def where_of(text: str, rule: Rule) -> Where:
    where: Where = "path" if text.startswith("/") and not text.startswith("///") else "phrase"
    return where if where in rule.wheres else rule.wheres[0]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_a_rule_finds_its_examples_and_leaves_the_others(rule: Rule) -> None:
    assert rule.finds
    for text in rule.finds:
        assert rule.find(judge(text).text, where_of(text, rule)), text
    for text in rule.leaves:
        assert not rule.find(judge(text).text, where_of(text, rule)), text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind)
def test_what_a_rule_finds_is_seen_by_the_look_before(rule: Rule) -> None:
    for text in rule.finds:
        where = where_of(text, rule)
        assert scrub_text(text, where) == text or may_be_personal(pa.array([text]))[0].as_py(), text


def test_no_two_rules_have_one_name() -> None:
    assert len({rule.kind for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("name", SETS)
def test_what_is_personal_is_gone(name: str) -> None:
    texts, wrong = read_texts(f"personal_{name}"), wrong_texts(f"personal_{name}")
    assert len(wrong) <= 0.02 * len(texts), wrong


@pytest.mark.parametrize("name", SETS)
def test_what_only_looks_personal_stays(name: str) -> None:
    texts, wrong = read_texts(f"content_{name}"), wrong_texts(f"content_{name}")
    assert len(wrong) <= 0.02 * len(texts), wrong


@pytest.mark.parametrize("name", UNPUBLISHED)
def test_parameters_that_are_not_told_are_not_told(name: str) -> None:
    texts = read_texts(f"unpublished_{name}")
    shown = published([(text.where, text.text.replace("⟦", "").replace("⟧", "")) for text in texts])
    assert len(texts) > 160
    assert [text for text, told in zip(texts, shown, strict=True) if not is_gone(text, told)] == []


def test_most_of_what_is_pasted_as_an_address_is_gone() -> None:
    gone, every = map(int, count_pasted().split(" of "))
    assert gone >= 0.94 * every


@pytest.mark.parametrize(("front", "most"), zip(MODELS, (0.16, 0.02, 0.09), strict=True))
def test_numbers_of_models_are_lost_in_a_known_share_only(front: str, most: float) -> None:
    models = read_models()
    assert len(models) > 200
    lost = lost_models(front)
    assert len(lost) <= most * len(models), lost


def test_there_are_enough_texts_and_none_twice() -> None:
    for side, least in (("personal", 250), ("content", 300)):
        texts = [text for name in SETS for text in read_texts(f"{side}_{name}")]
        assert len(texts) >= least
        assert len(set(texts)) == len(texts)


def test_the_page_of_texts_is_made_from_the_rules_and_texts() -> None:
    assert (ROOT / "docs" / "texts.md").read_text("utf-8") == describe_texts(), "run make docs"


PIECES = st.sampled_from([text.text for side in ("personal", "content") for text in read_texts(f"{side}_tuned")])
TEXTS = st.one_of(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=3).map("".join), st.text(max_size=60))


@given(TEXTS, st.booleans())
@settings(max_examples=300, deadline=None)
def test_the_look_before_misses_nothing_that_a_rule_replaces(text: str, campaigns: bool) -> None:
    text = text.replace("⟦", "").replace("⟧", "")
    where: Where = "campaign" if campaigns else "path" if text.startswith("/") else "phrase"
    judged = scrub_text(text, where)
    assert judged == text or may_be_personal(pa.array([text]))[0].as_py(), judged


@given(TEXTS, st.booleans())
@settings(max_examples=300, deadline=None)
def test_scrubbing_is_idempotent_and_never_raises(text: str, campaigns: bool) -> None:
    once = scrub(pa.array([text.replace("⟦", "").replace("⟧", "")]), campaigns=campaigns)
    assert scrub(once, campaigns=campaigns).equals(once)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_judging_keeps_the_way_back(text: str) -> None:
    judged = judge(text)
    assert len(judged.text) == len(judged.begins) == len(judged.ends)
    assert all(0 <= begin < end <= len(text) for begin, end in zip(judged.begins, judged.ends, strict=True))
    assert list(judged.begins) == sorted(judged.begins)
    assert judged.publish() == text


def test_characters_that_stand_for_marks_are_nobodys() -> None:
    assert judge("a\ue000b%EE%80%80c&#xE001;d").text == "a b c d"
    assert judge("{email}").text in MARK or judge("{email}").text != "{email}"


HOSTILE = (
    *(
        "0",
        "1.",
        "1-",
        "a1",
        "aB",
        "%25",
        "%2525",
        "&#64;",
        "@",
        "a@",
        "a.@",
        "at ",
        "[.]",
        "1:",
        "::",
        "=",
        "a=",
        "a+",
    ),
    *("1 ", "12 ", "ab12", "١", "https://", "user:", "/users/", "order 1", "1,", "0x", "+1", "1(", "°1", "１", "{id}"),
    *(
        "/key/",
        "-1",
        "4111 ",
        "DE89 ",
        "geb 1",
        "born 1.",
        "*",
        "eyJ",
        "\\u0041",
        "%u0041",
        "Aa",
        "qz",
        "48.123,",
        "A1 1A",
    ),
)


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("front", ["", "/"])
def test_no_text_takes_long(piece: str, front: str) -> None:
    text = front + (piece * 2_000)[:2_000]
    began = time.process_time()
    scrub(pa.array([text]))
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize("piece", ["word_", "a_1", "a.b_"])
def test_words_joined_by_underscores_take_no_long_time(piece: str) -> None:
    began = time.process_time()
    assert scrub_text(f"/?title={piece * 22}", "path")
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize("module", [name for _, name, _ in pkgutil.iter_modules(personal.__path__)])
def test_examples_in_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(f"{personal.__name__}.{module}")).failed == 0
