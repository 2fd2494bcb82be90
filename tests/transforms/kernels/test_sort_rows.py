"""Rows are sorted by code, then by time, and equal ones keep their order."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.transforms.kernels.sort_rows import sort_rows

RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize(
    ("rows", "codes", "span"),
    [
        pytest.param(0, 1, 1, id="no rows"),
        pytest.param(1_000, 300, 50, id="few rows of each code, many equal times"),
        pytest.param(5_000, 3, 40, id="more rows of a code than are inserted"),
        pytest.param(5_000, 70, 10**13, id="about as many"),
        pytest.param(5_000, 1, 10**13, id="one code"),
    ],
)
def test_rows_are_in_the_order_of_lexsort(rows: int, codes: int, span: int) -> None:
    code = RANDOM.integers(0, codes, rows).astype(np.int32)
    times = RANDOM.integers(0, span, rows)
    order, sorted_times, ends = sort_rows(code, codes, times)
    assert order.tolist() == np.lexsort((times, code)).tolist()
    assert sorted_times.tolist() == times[order].tolist()
    assert ends.tolist() == np.searchsorted(code[order], np.arange(codes), side="right").tolist()


def test_many_rows_of_a_code_that_are_in_order_stay_as_they_are() -> None:
    code = np.repeat(np.array([1, 0, 1], dtype=np.int32), 200)
    times = np.repeat(np.arange(300), 2)
    assert sort_rows(code, 2, times)[0].tolist() == [*range(200, 400), *range(200), *range(400, 600)]


def test_codes_without_rows_take_no_place() -> None:
    code = np.array([5, 0, 5, 2], dtype=np.int32)
    order, times, ends = sort_rows(code, 9, np.array([4, 1, 3, 2]))
    assert order.tolist() == [1, 3, 2, 0]
    assert times.tolist() == [1, 2, 3, 4]
    assert ends.tolist() == [1, 1, 2, 2, 2, 4, 4, 4, 4]
