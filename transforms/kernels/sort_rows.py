"""Sorting rows by a small code and a time, for rows that are nearly in the order of their times already."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Ints
from footfall.transforms.kernels.compiled import inner_kernel, kernel

_MAX_INSERTED: Final = 64
"""Rows of one code up to which insertion sort is faster; more are merged, so that no input takes quadratic time."""


@kernel
def sort_rows(codes: Codes, code_count: int, times: Ints) -> Ints:
    """Return the rows ordered by code, then by time; rows with equal codes and times keep their order.

    Codes are below `code_count`. The result is that of `np.lexsort((times, codes))`.
    """
    ends = np.zeros(code_count + 1, dtype=np.int64)
    for row in range(len(codes)):
        ends[codes[row] + 1] += 1
    # From counts to where each code's rows begin; filling them in moves that to where they end.
    ends = np.cumsum(ends)
    order = np.empty(len(codes), dtype=np.int64)
    for row in range(len(codes)):
        order[ends[codes[row]]] = row
        ends[codes[row]] += 1
    begin = 0
    for code in range(code_count):
        end = ends[code]
        if end - begin <= _MAX_INSERTED:
            _insert_rows(order, begin, end, times)
        else:
            rows = order[begin:end].copy()
            order[begin:end] = rows[np.argsort(times[rows], kind="mergesort")]
        begin = end
    return order


@inner_kernel
def _insert_rows(order: Ints, begin: int, end: int, times: Ints) -> None:
    """Sort order[begin:end] by time in place."""
    for place in range(begin + 1, end):
        row = order[place]
        time = times[row]
        index = place
        while index > begin and times[order[index - 1]] > time:
            order[index] = order[index - 1]
            index -= 1
        order[index] = row
