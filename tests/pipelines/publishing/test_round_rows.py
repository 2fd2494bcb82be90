"""Rounded rows of which some would tell what they leave of their wholes: those are found, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import combinations
from random import Random
from types import ModuleType

import numpy as np
import pytest

from footfall.pipelines.publishing import round_rows as module
from footfall.pipelines.publishing.round_rows import Links
from tests.reference.rounded import least_left

K = 10


def random_links(seed: int) -> tuple[dict[int, Counter[int]], dict[int, int], dict[int, int]]:
    """Up to six rows that have hits of up to four wholes, which have few others; and what is known less of each row."""
    random = Random(seed)
    wholes = range(random.choice((1, 2, 4)))
    rows = range(random.choice((1, 3, 6)))
    parts = {
        row: Counter({whole: random.randint(1, 30) for whole in random.sample(wholes, random.randint(1, len(wholes)))})
        for row in rows
    }
    hits = {whole: sum(of_row[whole] for of_row in parts.values()) + random.choice((0, 0, 1, 3)) for whole in wholes}
    return parts, hits, {row: random.choice((0, 1, 2, 4, 9, 15)) for row in rows}


def left(parts: dict[int, Counter[int]], hits: dict[int, int], more: dict[int, int], rows: tuple[int, ...]) -> int:
    """Twice what some rows leave of all wholes that they are part of."""
    wholes = {whole for row in rows for whole in parts[row]}
    told = sum(parts[row].total() for row in rows)
    return 2 * (sum(hits[whole] for whole in wholes) - told) + sum(more[row] for row in rows)


def rows_with(row: int, rows: int) -> list[tuple[int, ...]]:
    """All sets of rows that hold one of them."""
    return [some for size in range(rows + 1) for some in combinations(range(rows), size) if row in some]


@pytest.mark.parametrize("seed", range(60))
def test_a_row_is_found_that_leaves_too_little_with_any_others(seed: int) -> None:
    parts, hits, more = random_links(seed)
    cells = [(row, whole, count) for row, of_row in parts.items() for whole, count in of_row.items()]
    columns = [np.array(column, dtype=np.int64) for column in zip(*cells, strict=True)]
    known = np.array([hits.get(whole, 0) for whole in range(max(hits) + 1)], dtype=np.int64)
    links = Links(*columns, known, np.array(list(more.values()), dtype=np.int64), K)
    for row in parts:
        least = min(left(parts, hits, more, rows) for rows in rows_with(row, len(parts)))
        assert least_left(row, parts, hits, more) == least
        assert (bool(links.is_close[row]) and links.leaves_few(row)) is (least < K)


def test_random_links_tell_and_do_not() -> None:
    found = Counter(
        min(left(*random_links(seed), rows) for rows in rows_with(0, len(random_links(seed)[0]))) < K
        for seed in range(60)
    )
    assert min(found[True], found[False]) > 9


def test_a_row_with_a_cell_of_which_nothing_is_known_tells_nothing() -> None:
    row, whole, hits = np.array([0, 0, 1]), np.array([0, -1, 1]), np.array([15, 15, 15])
    links = Links(row, whole, hits, np.array([15, 15]), np.array([0, 0]), K)
    assert links.is_close.tolist() == [False, True]


def test_a_long_chain_of_rows_is_not_gone_through_for_each(count_places: Callable[[ModuleType], list[int]]) -> None:
    looked_at = count_places(module)
    many = np.arange(400)
    row, whole = np.repeat(many, 2), np.sort(np.concatenate([many, many + 1]))
    links = Links(row, whole, np.full(800, 20), np.bincount(whole, np.full(800, 20)).astype(np.int64), many * 0 + 1, K)
    assert links.is_close.all()
    assert not any(links.leaves_few(one) for one in range(1, 399))
    assert max(looked_at) < 50
