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
    assert sort_rows(code, codes, times).tolist() == np.lexsort((times, code)).tolist()


def test_codes_without_rows_take_no_place() -> None:
    code = np.array([5, 0, 5, 2], dtype=np.int32)
    assert sort_rows(code, 9, np.array([4, 1, 3, 2])).tolist() == [1, 3, 2, 0]
