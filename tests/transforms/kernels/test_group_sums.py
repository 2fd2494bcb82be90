"""Sums by key, for many keys and calls."""

from __future__ import annotations

from collections import Counter

import numpy as np

from footfall.transforms.kernels.group_sums import DistinctValues, GroupSums


def test_values_are_added_up_by_key_over_many_calls() -> None:
    random = np.random.default_rng(3)
    sums = GroupSums(2)
    values: Counter[int] = Counter()
    counts: Counter[int] = Counter()
    # Keys that differ only in their upper bits, and more than the initial size of a table.
    shift = np.uint64(44)
    for _ in range(5):
        keys = random.integers(0, 3000, 4000, dtype=np.uint64) << shift
        amounts = random.integers(-5, 100, 4000)
        codes = sums.add(keys, amounts, None)
        assert (sums.keys[codes] == keys).all()
        for key, amount in zip(keys.tolist(), amounts.tolist(), strict=True):
            values[key] += amount
            counts[key] += 1
    assert dict(zip(sums.keys.tolist(), sums.measure(0).tolist(), strict=True)) == dict(values)
    assert dict(zip(sums.keys.tolist(), sums.measure(1).tolist(), strict=True)) == dict(counts)


def test_nothing_adds_up_to_nothing() -> None:
    sums = GroupSums(1)
    assert len(sums.add(np.zeros(0, dtype=np.uint64), None)) == 0
    assert (sums.keys.tolist(), sums.measure(0).tolist()) == ([], [])


def test_distinct_values_are_counted_by_group_and_among_some_rows() -> None:
    random = np.random.default_rng(4)
    groups, values = random.integers(0, 9, 500).astype(np.int32), random.integers(0, 30, 500).astype(np.int32)
    wanted = random.random(500) < 0.2
    distinct = DistinctValues(groups, values, 10)
    rows = list(zip(groups.tolist(), values.tolist(), wanted.tolist(), strict=True))
    assert distinct.count().tolist() == [len({value for own, value, _ in rows if own == group}) for group in range(10)]
    assert distinct.count_among(wanted).tolist() == [
        len({value for own, value, is_wanted in rows if own == group and is_wanted}) for group in range(10)
    ]
