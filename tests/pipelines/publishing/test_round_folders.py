"""Of folders it is found which tell, with others, hardly more than what rows of `pages` tell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from itertools import combinations
from types import ModuleType

import numpy as np
import pytest

from footfall.pipelines.publishing import round_folders as module
from footfall.pipelines.publishing.round_folders import Parts, _folders_to_raise, _views_of
from footfall.transforms.arrays import Ints


def parts_of(rows: list[tuple[int, int, int]]) -> Parts:
    """Parts from folder, whole and views; of a whole that is known nothing of, nobody knows how many views it has."""
    of_whole: dict[int, int] = defaultdict(int)
    for _, whole, views in rows:
        of_whole[whole] += views
    columns = ((folder, whole, views, of_whole[whole] if whole >= 0 else 999) for folder, whole, views in rows)
    return Parts(*(np.array(column, dtype=np.int64) for column in zip(*columns, strict=True)))


def found(rows: list[tuple[int, int, int]], room: list[int], k: int = 10) -> list[int]:
    """The folders of which the number of views is what their requests have."""
    parts = parts_of(rows)
    sums = _views_of(parts, len(room))
    told = _folders_to_raise([parts], sums, np.array(room, dtype=np.int64), np.zeros(len(room), dtype=np.bool_), k)
    return np.flatnonzero(told).tolist()


def tried(rows: list[tuple[int, int, int]], room: list[int], k: int) -> list[int]:
    """The same by trying all sets of folders, one folder after the other."""
    room = list(room)
    folders_of: dict[int, set[int]] = defaultdict(set)
    for folder, whole, _ in rows:
        folders_of[whole].add(folder)
    views: Ints = np.bincount([folder for folder, _, _ in rows if folder >= 0], minlength=len(room)) * 0
    for folder, _, count in rows:
        if folder >= 0:
            views[folder] += count

    def cost(chosen: set[int]) -> int:
        left = sum(
            count
            for folder, whole, count in rows
            if folder in chosen and not (whole >= 0 and folders_of[whole] <= chosen)
        )
        return sum(room[folder] for folder in chosen) + 2 * left

    told = []
    for folder in np.argsort(views, kind="stable").tolist():
        has_rest = any(own == folder and (whole < 0 or len(folders_of[whole]) > 1) for own, whole, _ in rows)
        others = [other for other in range(len(room)) if other != folder]
        sets = ({folder, *chosen} for size in range(len(room)) for chosen in combinations(others, size))
        if has_rest and room[folder] < k and any(cost(chosen) < k for chosen in sets):
            told.append(folder)
            room[folder] += 2 * k
    return sorted(told)


def test_two_folders_that_share_a_row() -> None:
    # Six views of each are in one row of twelve: each has six at most, so both have six.
    assert found([(0, 0, 6), (1, 0, 6)], [0, 0]) == [0]
    assert found([(0, 0, 6), (1, 0, 6)], [0, 10]) == []
    assert found([(0, 0, 6), (1, 0, 6), (-1, 0, 1)], [0, 0]) == []


@pytest.mark.parametrize("seed", range(150))
def test_folders_are_those_found_by_trying_all_sets(seed: int) -> None:
    random = np.random.default_rng(seed)
    folders, wholes, k = (int(random.integers(*limits)) for limits in ((1, 7), (1, 6), (2, 12)))
    lowest = [-int(unknown) for unknown in random.random(2) < 0.4]
    pairs = {
        (int(random.integers(lowest[0], folders)), int(random.integers(lowest[1], wholes)))
        for _ in range(random.integers(1, 16))
    }
    rows = [(*pair, int(random.integers(1, 8))) for pair in sorted(pairs)]
    room = random.integers(0, random.integers(1, k), folders).tolist()
    assert found(rows, room, k) == tried(rows, room, k)


def test_a_row_of_many_folders_is_not_gone_through_for_each(count_places: Callable[[ModuleType], list[int]]) -> None:
    looked_at = count_places(module)
    many = 400
    rows = [(folder, 0, 8) for folder in range(many)]
    assert found(rows, [0] * many) == [0]
    assert sum(looked_at) < 4 * many
