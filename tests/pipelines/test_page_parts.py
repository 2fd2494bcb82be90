"""Parts of pages that look like documents are page views in no table, hour and visit."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from footfall.pipelines.settings import Settings
from tests.commands import Operator
from tests.page_parts_logs import APPLICATION_PARTS, FRAMES, PARTS, write_application, write_frames, write_site
from tests.reference.page_parts import shape_of
from tests.reference.tables import compute
from tests.running import differences, published_tables, reference_settings

OPTIONS: dict[str, Any] = {"log_format": "combined", "k": 2}


@pytest.mark.parametrize("seed", [1, 2])
def test_all_tables_are_those_of_the_reference(seed: int) -> None:
    """In any order of lines, and split into any files."""
    lines = write_site(seed).content.splitlines(keepends=True)
    Random(seed).shuffle(lines)
    contents = {"a.log": b"".join(lines[::2]), "b.log": b"".join(lines[1::2])}
    expected = compute(contents, reference_settings(Settings(**OPTIONS)))
    assert differences(published_tables(contents, **OPTIONS), expected) == []


def test_what_an_application_asks_for_from_routes_of_its_script_is_no_page_view() -> None:
    content = write_application(1).content
    lines = content.splitlines(keepends=True)
    Random(1).shuffle(lines)
    contents = {"a.log": b"".join(lines)}
    tables = published_tables(contents, **OPTIONS)
    assert differences(tables, compute(contents, reference_settings(Settings(**OPTIONS)))) == []
    pages = {shape_of(row["page"]) for row in tables["pages"]}
    assert pages & set(APPLICATION_PARTS) == set()
    assert {"/", "/terms", "/about"} <= pages


def test_frames_are_no_page_views_and_what_is_opened_from_them_is_one() -> None:
    """They were views, since chapters name the frame with the contents: a frameset counted as four."""
    lines = write_frames(1).content.splitlines(keepends=True)
    Random(1).shuffle(lines)
    contents = {"a.log": b"".join(lines[::2]), "b.log": b"".join(lines[1::2])}
    tables = published_tables(contents, **OPTIONS)
    assert differences(tables, compute(contents, reference_settings(Settings(**OPTIONS)))) == []
    pages = {shape_of(row["page"]) for row in tables["pages"]}
    assert pages & set(FRAMES) == set()
    assert {"/manual", "/board", "/shop"} <= pages


def test_parts_are_no_page_views_unless_behaviour_is_left_out() -> None:
    contents = {"a.log": write_site(3).content}
    views = {}
    for behaviour in (True, False):
        tables = published_tables(contents, behaviour=behaviour, **OPTIONS)
        pages = {shape_of(row["page"]) for row in tables["pages"]}
        assert (pages & set(PARTS) == set()) is behaviour
        views[behaviour] = sum(row["page_views"] or 0 for row in tables["pages"])
    assert views[True] < views[False] / 2


def test_parse_tells_page_views_as_a_run_does(tmp_path: Path, operator: Operator) -> None:
    log = tmp_path / "a.log"
    log.write_bytes(write_site(4).content)
    ran = operator.run("parse", "--behaviour", "--log-format", "combined", log)
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert not any(line["page_view"] for line in told if shape_of(line["path"]) in PARTS)
    assert all(line["page_view"] for line in told if line["path"] in ("/", "/terms", "/rare", "/direct", "/start"))
