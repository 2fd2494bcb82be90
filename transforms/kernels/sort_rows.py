"""Sorting rows by a small code and a time, for rows that are nearly in the order of their times already."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Ints
from footfall.transforms.kernels.compiled import inner_kernel, kernel

_MAX_INSERTED: Final = 64
"""Up to so many rows of a code, insertion sort is used; more rows are merged, so that no input takes quadratic time."""


@kernel
def sort_rows(codes: Codes, code_count: int, times: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the rows ordered by code, then by time, their times, and where the rows of each code end.

    Codes are below `code_count`. Rows with equal codes and times keep their order, as by `np.lexsort((times, codes))`.
    """
    ends = np.zeros(code_count + 1, dtype=np.int64)
    for row in range(len(codes)):
        ends[codes[row] + 1] += 1
    # From counts to the begins of each code's rows; filling in the rows moves these to the ends.
    ends = np.cumsum(ends)
    order, sorted_times = np.empty(len(codes), dtype=np.int64), np.empty(len(codes), dtype=np.int64)
    for row in range(len(codes)):
        place = ends[codes[row]]
        # Times are copied in this order: comparisons would otherwise read most of them from memory.
        order[place], sorted_times[place] = row, times[row]
        ends[codes[row]] += 1
    begin = 0
    for code in range(code_count):
        end = ends[code]
        if end - begin <= _MAX_INSERTED:
            _insert_rows(order, sorted_times, begin, end)
        elif not _are_sorted(sorted_times, begin, end):
            rows, times_of_code = order[begin:end].copy(), sorted_times[begin:end].copy()
            by_time = np.argsort(times_of_code, kind="mergesort")
            order[begin:end], sorted_times[begin:end] = rows[by_time], times_of_code[by_time]
        begin = end
    return order, sorted_times, ends[:code_count].copy()


@inner_kernel
def _are_sorted(times: Ints, begin: int, end: int) -> bool:
    place = begin + 1
    while place < end and times[place - 1] <= times[place]:
        place += 1
    return place >= end


@inner_kernel
def _insert_rows(order: Ints, times: Ints, begin: int, end: int) -> None:
    """Sort order[begin:end] and the times of these rows, times[begin:end], by time in place."""
    for place in range(begin + 1, end):
        row, time = order[place], times[place]
        index = place
        while index > begin and times[index - 1] > time:
            order[index], times[index] = order[index - 1], times[index - 1]
            index -= 1
        order[index], times[index] = row, time
