"""Sets of days that leave few visitors of their sum are found, by the reference and by the product alike."""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import combinations
from random import Random
from typing import Any

import pytest

from footfall.pipelines.publishing import break_chains, place_rows, sets_of_days
from tests.attacks.test_small_cases import random_case
from tests.pipelines.publishing.test_fold_tables import Case, by_definition, differences_of
from tests.reference import chains, folding
from tests.reference.test_folding import WEEK, cells_of, june, site_days

K = 6
OPEN = sets_of_days.OPEN
WITH_CHAINS = (16, 77, 102, 122, 147, 236, 251, 369)
"""Random cases of `tests/attacks/test_small_cases.py` that the rule changes."""
WITH_COARSER_KEYS = (61, 96, 157, 159, 193, 202, 322, 344, 362)
"""Likewise for rows of coarser keys in earlier files."""
WITHOUT: dict[str, Callable[..., Any]] = {
    "break_chains": lambda table, cells, rows, *_: rows,
    "ways_to_compare": lambda *_: [],
}
"""What stands for a rule that changes nothing."""


def random_links(seed: int) -> dict[int, dict[int, set[int]]]:
    """Up to six rows of up to six days, some visitors on several; one may be what is in no known sum."""
    random = Random(seed)
    days = list(range(random.choice((2, 4, 6)))) + ([OPEN] if seed % 3 == 0 else [])
    rows = range(random.choice((2, 4, 6)))
    return {
        row: {
            day: set(random.sample(range(random.choice((4, 8, 20))), random.randrange(1, 5)))
            for day in random.sample(days, random.randint(1, min(3, len(days))))
        }
        for row in rows
    }


def left(links: dict[int, dict[int, set[int]]], days: set[int]) -> int:
    """How many visitors the rows of some days alone leave."""
    return sum(
        len(set().union(*(visitors for day, visitors in of_days.items() if day in days)))
        for of_days in links.values()
        if not of_days.keys() <= days
    )


def all_sets(links: dict[int, dict[int, set[int]]]) -> list[set[int]]:
    """All sets of days: what is left of one that has what is in no known sum is left by the others, too."""
    days = sorted({day for of_days in links.values() for day in of_days})
    return [set(some) for size in range(len(days) + 1) for some in combinations(days, size)]


@pytest.mark.parametrize("seed", range(60))
def test_a_set_that_leaves_few_is_found_where_there_is_one(seed: int) -> None:
    links = random_links(seed)
    found = sets_of_days.few_of_days(links, K)
    few = [days for days in all_sets(links) if 0 < left(links, days) < K]
    assert found in few if few else found is None


def test_random_links_have_few_and_have_not() -> None:
    found = {sets_of_days.few_of_days(random_links(seed), K) is None for seed in range(60)}
    assert found == {True, False}


@pytest.mark.parametrize("seed", range(60))
def test_the_least_set_is_the_smallest_that_leaves_fewest(seed: int) -> None:
    links = random_links(seed)
    for one, other in combinations(sorted({day for of_days in links.values() for day in of_days}), 2):
        holding = [days for days in all_sets(links) if one in days and other not in days]
        least = min(holding, key=lambda days: (left(links, days), len(days)))
        found = sets_of_days.LinkedDays(links, K).least_set(one, other)
        assert found == (least if left(links, least) < K else None)


@pytest.mark.parametrize("seed", range(60))
def test_the_reference_finds_the_same(seed: int) -> None:
    links = random_links(seed)
    names = {OPEN: chains.OPEN}
    by_link = {
        (row, names.get(day, day)): links[row][day]
        for day in sorted({day for of_days in links.values() for day in of_days}, key=lambda day: (day == OPEN, day))
        for row in links
        if day in links[row]
    }
    found = sets_of_days.few_of_days(links, K)
    assert chains.few_of_days(by_link, K) == (found and {names.get(day, day) for day in found})


def test_the_same_visitor_of_several_days_of_a_row_counts_once() -> None:
    """A row has three visitors on each of three days, the same ones, and many on the fourth."""
    same, many = {4, 5, 6}, range(10, 30)
    links: dict[int, dict[int, Collection[int]]] = {
        7: {1: same, 2: same, 3: same, 9: many},
        8: {1: many, 2: many, 3: many},
    }
    assert sets_of_days.few_of_days(links, K) == {1, 2, 3}


def case_of(seed: int) -> Case:
    """A random case of a few cells of `locations`."""
    case = random_case(seed)
    return Case("locations", case.cells, case.days)


@pytest.mark.parametrize(
    ("rule", "seed"),
    [
        *(("break_chains", seed) for seed in WITH_CHAINS),
        *(("ways_to_compare", seed) for seed in WITH_COARSER_KEYS),
    ],
)
def test_rows_are_taken_in_as_the_definitions_say(rule: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(seed)
    expected = by_definition(case)
    assert differences_of(case) == []
    monkeypatch.setattr(folding, rule, WITHOUT[rule])
    assert by_definition(case) != expected, "the rule changes nothing: choose another case"


@pytest.mark.parametrize(("rule", "seeds"), [("break_chains", WITH_CHAINS), ("_ways_to_compare", WITH_COARSER_KEYS)])
def test_a_rule_that_is_not_obeyed_is_noticed(
    rule: str, seeds: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place_rows, rule, lambda *_, **__: ())
    assert all(differences_of(case_of(seed)) for seed in seeds)


def test_where_days_hang_together_by_k_visitors_no_set_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """On large sites that would take time. /b is told by week, as it is withdrawn on each day: twelve a day."""
    cells = [one for day in range(1, 8) for one in cells_of(june(day), {"/": 20, "/b": 12, "/rare": 4})]
    searched: list[int] = []
    monkeypatch.setattr(break_chains, "few_of_days", lambda links, k: searched.append(len(links)))
    assert differences_of(Case("pages", cells, site_days(cells, [WEEK]))) == []
    assert searched == []
    assert all(differences_of(case_of(seed)) for seed in WITH_CHAINS)
    assert len(searched) >= len(WITH_CHAINS)
