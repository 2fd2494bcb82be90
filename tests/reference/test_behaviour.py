"""Who is a person and who a machine: each kind of `behaviour_logs`, and each rule where its condition just holds."""

from __future__ import annotations

from collections import defaultdict
from random import Random

import pytest

from tests.behaviour_logs import MAGAZINE, SITES, KnownLog, write
from tests.reference.acts import acts_of
from tests.reference.behaviour import Verdict, judge_all
from tests.reference.describe import Described, describe_all
from tests.reference.lines import Hit, ReferenceSettings, parse_line, split_lines

SETTINGS = ReferenceSettings()
REASONS = {
    "impossible": "impossible_agent",
    "robots_reader": "robots_txt",
    "prefetch_proxy": "prefetch_proxy",
    "prober": "probes",
    "head_asker": "head_only",
    "fleet": "many_addresses",
    "fleet_of_texts": "many_addresses",
    "slow_fleet": "many_addresses",
    "link_checker": "link_checker",
    "page_checker": "link_checker",
    "bare_checker": "link_checker",
    "hurried_scraper": "crawl",
    "headless_reader": "crawl",
    "fleet_of_many_agents": "no_parts",
    "page_watcher": "no_parts",
    "password_guesser": "form_spam",
    "stale_checker": "outdated_agent",
    "outdated": "outdated_agent",
    "fast_scraper": "no_parts",
    "slow_scraper": "no_parts",
    "linking_scraper": "no_parts",
    "comment_spam": "no_parts",
    "form_spam": "form_spam",
    "order_scraper": "crawl",
    "shop_scraper": "crawl",
}
"""Why each kind of machine is one."""


def described(log: KnownLog) -> list[Described]:
    hits = [parse_line(line, SETTINGS) for line in split_lines(log.content)]
    assert all(isinstance(hit, Hit) for hit in hits)
    return describe_all([hit for hit in hits if isinstance(hit, Hit)], True, SETTINGS)


def verdicts_by_kind(log: KnownLog, hits: list[Described]) -> dict[str, list[Verdict]]:
    found = defaultdict(list)
    for ((_, address, agent), _), verdict in judge_all(acts_of(hits, SETTINGS), SETTINGS).items():
        found[log.kinds[address, agent or ""]].append(verdict)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("site", SITES)
def test_each_kind_is_told(site: str, seed: int) -> None:
    kinds = SITES[site]
    log = write(kinds, seed)
    found = verdicts_by_kind(log, described(log))
    wrong = {}
    for kind, verdicts in found.items():
        is_person = kinds[kind][0] if kind in kinds else True
        if any(verdict.is_person != is_person for verdict in verdicts):
            wrong[kind] = sorted({verdict.reason for verdict in verdicts if verdict.is_person != is_person})
    assert wrong == {}
    assert set(kinds) <= set(found)


@pytest.mark.parametrize("site", SITES)
def test_each_machine_has_its_reason(site: str) -> None:
    kinds = SITES[site]
    log = write(kinds, 1)
    for kind, verdicts in verdicts_by_kind(log, described(log)).items():
        if not kinds.get(kind, (True,))[0]:
            assert {verdict.reason for verdict in verdicts} == {REASONS[kind]}, kind


def test_order_of_lines_does_not_matter() -> None:
    hits = described(write(MAGAZINE, 1))
    verdicts = judge_all(acts_of(hits, SETTINGS), SETTINGS)
    for seed in range(2):
        shuffled = list(hits)
        Random(seed).shuffle(shuffled)
        assert judge_all(acts_of(shuffled, SETTINGS), SETTINGS) == verdicts


def test_other_days_tell_nothing() -> None:
    """A client is judged by its day and the half hour around it, whatever else a run reads."""
    log = write(MAGAZINE, 1)
    verdicts = judge_all(acts_of(described(log), SETTINGS), SETTINGS)
    lines = log.content.decode()
    others = [lines.replace("/Jun/2025:", f"/{month}/2025:") for month in ("May", "Jul")]
    more = KnownLog(kinds=log.kinds)
    more.lines = [(moment, text) for moment, text in log.lines]
    hits = described(log)
    for other in others:
        parsed = [parse_line(line, SETTINGS) for line in split_lines(other.encode())]
        hits += describe_all([hit for hit in parsed if isinstance(hit, Hit)], True, SETTINGS)
    found = judge_all(acts_of(hits, SETTINGS), SETTINGS)
    assert {key: found[key] for key in verdicts} == verdicts
    assert len(found) == 3 * len(verdicts)
