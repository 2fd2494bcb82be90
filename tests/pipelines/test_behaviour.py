"""Clients that are machines by what they do are `automated` in every table, as if their agents had said so."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.settings import Settings
from footfall.transforms import vocabulary
from tests.adversaries import all_kinds, write_days
from tests.behaviour_logs import MAGAZINE, SITES, write
from tests.commands import Operator
from tests.reference.tables import compute
from tests.running import differences, published_tables, reference_settings

OPTIONS: dict[str, Any] = {"log_format": "combined", "k": 2}


@pytest.mark.parametrize("behaviour", [True, False])
@pytest.mark.parametrize("name", SITES)
def test_all_tables_are_those_of_the_reference(name: str, behaviour: bool) -> None:
    content = {"a.log": write(SITES[name], 4).content}
    options = {**OPTIONS, "behaviour": behaviour}
    found = differences(published_tables(content, **options), compute(content, reference_settings(Settings(**options))))
    assert found == []


@pytest.mark.parametrize("most", [0, 1, 4, 12])
@pytest.mark.parametrize("name", SITES)
def test_what_a_day_has_too_many_of_tells_nothing(name: str, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MOST_LEARNED", most)
    # Of another site, less is known.
    lines = [b"www.example.org " + line for line in write(SITES[name], 4).content.splitlines(keepends=True)]
    lines += [b"blog.example.org " + line for line in write(MAGAZINE, 1).content.splitlines(keepends=True)]
    content = {"a.log": b"".join(lines)}
    options = {**OPTIONS, "log_format": '%v %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'}
    found = differences(published_tables(content, **options), compute(content, reference_settings(Settings(**options))))
    assert found == []


def test_the_books_balance_with_and_without() -> None:
    """What behaviour takes from people in an hour, the automated have."""
    content = {"a.log": write(MAGAZINE, 1).content}
    hits, by_reason = {}, {}
    for behaviour in (True, False):
        tables = published_tables(content, log_format="combined", k=1, behaviour=behaviour)
        hits[behaviour] = Counter[str]()
        for row in tables["protocols"]:
            hits[behaviour][row["traffic_class"]] += row["hits"]
        by_reason[behaviour] = {row["name"]: row["hits"] for row in tables["bots"] if row["category"] == "behaviour"}
    assert hits[True].total() == hits[False].total()
    assert by_reason[False] == {}
    assert set(by_reason[True]) >= {"many_addresses", "no_parts", "link_checker"}
    assert hits[True]["human"] < hits[False]["human"]


@pytest.mark.parametrize("name", SITES)
def test_parse_tells_each_kind_of_client(name: str, tmp_path: Path, operator: Operator) -> None:
    kinds = SITES[name]
    log = write(kinds, 5)
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    lines = log.content.splitlines(keepends=True)
    first.write_bytes(b"".join(lines[: len(lines) // 2]))
    second.write_bytes(b"".join(lines[len(lines) // 2 :]))
    ran = operator.run("parse", "--behaviour", "--log-format", "combined", first, second)
    assert ran.status == 0
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert [line["log"] for line in told] == [str(first)] * (len(lines) // 2) + [str(second)] * (
        len(lines) - len(lines) // 2
    )
    classes = defaultdict(set)
    for line in told:
        if line["traffic_class"] in ("human", "automated"):
            classes[log.kinds.get((line["client"], line["user_agent"]), "")].add(line["traffic_class"])
    expected = {kind: {"human" if is_person else "automated"} for kind, (is_person, _) in kinds.items()}
    assert {kind: classes[kind] for kind in expected} == expected


def test_scrapers_that_load_nothing_are_told_and_hard_people_are_not(tmp_path: Path, operator: Operator) -> None:
    names = {
        *("office", "web view", "screen readers", "text browser", "letters in web views", "fast readers", "reloaders"),
        *("one office with one agent", "behind a carrier with a scraper", "without pictures", "without scripts"),
        *(kind.name for kind in all_kinds() if "no parts, one address" in kind.name),
    }
    kinds = [kind for kind in all_kinds() if kind.name in names]
    assert len(kinds) == len(names)
    log = write_days(3, lambda: iter(kinds))
    path = tmp_path / "access.log"
    path.write_bytes(log.content)
    ran = operator.run("parse", "--behaviour", "--log-format", "combined", path)
    classes = defaultdict(set)
    for line in map(json.loads, ran.out.splitlines()):
        if line["traffic_class"] in ("human", "automated"):
            classes[log.kinds.get((line["client"], line["user_agent"]), "")].add(line["traffic_class"])
    expected = {kind.name: {"human" if kind.is_person else "automated"} for kind in kinds}
    assert {name: classes[name] for name in expected} == expected


def test_parse_shows_several_logs_only_when_they_are_judged(tmp_path: Path, operator: Operator) -> None:
    paths = [tmp_path / name for name in ("a.log", "b.log")]
    for path in paths:
        path.write_bytes(write(SITES["bare"], 1).content)
    ran = operator.run("parse", *paths)
    assert ran.status == 2
    assert "2 logs" in ran.err
