"""Sums by key, for many keys and calls."""

from __future__ import annotations

from collections import Counter

import numpy as np

from footfall.transforms.kernels.group_sums import GroupSums


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
