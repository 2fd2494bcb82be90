"""Finds runs of lines that stand in two inputs, without comparing any two inputs with each other.

Inputs are described by digests, and equal digests meet:

- long runs: each window of 16 lines is a duplicate where an input of smaller number has it too;
- overlaps of fewer lines: the digests of the first and the last 2 to 15 lines meet;
- inputs of fewer lines are looked for in all others.

A *place* is a line of an input: the number of the input is in the bits above those of the line's number. Inputs are
numbered in the order of their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Flags, Ints, Words
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.scanning.line_windows import (
    WINDOW_LINES,
    count_repeats,
    digest_prefixes,
    digest_suffixes,
    digest_windows,
    extend_digests,
)

PLACE_BITS: Final = 40
_SHORT: Final = range(2, WINDOW_LINES)
"""Lengths of overlaps that are shorter than a window."""
EDGE_COLUMNS: Final = ("input", "size", "length", "digest", "side")
"""The input's number and its number of lines; how many lines the edge has, their digest, and where they are."""
_WHOLE, _START, _END = 0, 1, 2


def cut_windows(input_number: int, lines: Words, first: int = 0, more_before: int = 0, more_after: int = 0) -> Columns:
    """Return the windows of an input, but for those of one line over and over.

    window: digest; place: of its first line; before, after: how many lines before it repeat its first line, and how
    many after it its last one. The lines may be a part of the input: `first` is the number of its first line, which
    `more_before` lines before the part repeat, as `more_after` ones after it repeat its last line.
    """
    before, after = count_repeats(lines)
    numbers = np.arange(len(lines))
    before[before == numbers] += more_before
    after[after == numbers[::-1]] += more_after
    windows = digest_windows(lines, WINDOW_LINES)
    rows = np.flatnonzero(before[WINDOW_LINES - 1 :] < WINDOW_LINES - 1)
    return {
        "window": windows[rows],
        "place": rows + first + (input_number << PLACE_BITS),
        "before": before[rows],
        "after": after[rows + WINDOW_LINES - 1],
    }


def match_windows(windows: Columns) -> Columns:
    """Return the runs of lines that an input of smaller number has too: `begin` and `end`, both as places.

    The lines around a window that repeat its first or last line belong to a run as far as some smaller input has them.
    """
    table = KeyTable()
    codes = table.intern(windows["window"])
    inputs = windows["place"] >> PLACE_BITS
    shared = np.flatnonzero(_is_shared(codes, table.count, inputs))
    shared = shared[np.lexsort((inputs[shared], codes[shared]))]
    found = [windows[name][shared] for name in ("place", "before", "after")]
    begins, ends = _extend_runs(codes[shared], inputs[shared], *found)
    rows = np.flatnonzero(begins >= 0)
    return {"begin": begins[rows], "end": ends[rows]}


@kernel
def _is_shared(codes: Codes, code_count: int, inputs: Ints) -> Flags:
    """Return whether each window is in several inputs."""
    first = np.full(code_count, -1, dtype=np.int64)
    is_shared = np.zeros(code_count, dtype=np.bool_)
    for row in range(len(codes)):
        code = codes[row]
        if first[code] < 0:
            first[code] = inputs[row]
        elif first[code] != inputs[row]:
            is_shared[code] = True
    return is_shared[codes]


@kernel
def _extend_runs(codes: Codes, inputs: Ints, places: Ints, before: Ints, after: Ints) -> tuple[Ints, Ints]:
    """Return begin and end of each window's run, -1 in the first input with it; rows are sorted by these."""
    begins = np.full(len(codes), -1, dtype=np.int64)
    ends = np.full(len(codes), -1, dtype=np.int64)
    # The most lines before and after the window, of smaller inputs and of the one at hand.
    most, own = np.full(2, -1, dtype=np.int64), np.full(2, -1, dtype=np.int64)
    for row in range(len(codes)):
        if row == 0 or codes[row] != codes[row - 1]:
            most[:] = own[:] = -1
        elif inputs[row] != inputs[row - 1]:
            most[:] = np.maximum(most, own)
            own[:] = -1
        if most[0] >= 0:
            begins[row] = places[row] - min(before[row], most[0])
            ends[row] = places[row] + WINDOW_LINES + min(after[row], most[1])
        own[0], own[1] = max(own[0], before[row]), max(own[1], after[row])
    return begins, ends


def describe_edges(number: int, parts: Iterable[Words]) -> Words:
    """Return the edges of an input as rows of EDGE_COLUMNS: all lines, its first and its last 2 to 15 ones.

    It takes the lines in parts. More lines than there are, and one line over and over, are no edges.
    """
    size, whole = 0, np.zeros(1, dtype=np.uint64)
    head = tail = whole[:0]
    for part in parts:
        size += len(part)
        # The digest of all lines before is like that of one more.
        whole = digest_prefixes(np.concatenate([whole, part]))[-1:]
        head = np.concatenate([head, part])[: _SHORT[-1]] if len(head) < _SHORT[-1] else head
        tail = np.concatenate([tail, part])[-_SHORT[-1] :]
    edges = [np.array([[number, size, size, int(whole[0]), _WHOLE]], dtype=np.uint64)]
    for digests, side in ((digest_prefixes(head), _START), (digest_suffixes(tail), _END)):
        lines = head if side == _START else tail[::-1]
        digests[np.logical_and.accumulate(lines == lines[:1])] = 0
        own = np.empty((max(0, len(digests) - 1), len(EDGE_COLUMNS)), dtype=np.uint64)
        own[:, 0], own[:, 1], own[:, 2], own[:, 4] = number, size, np.arange(2, len(digests) + 1), side
        own[:, 3] = digests[1:]
        edges.append(own)
    table = np.concatenate(edges)
    found: Words = table[(table[:, 3] > 0) & (table[:, 1] > 0)]
    return found


def _digest(lines: Words) -> int:
    return int(digest_prefixes(lines)[-1]) if len(lines) else 0


def _is_one_over_and_over(lines: Words) -> bool:
    return len(lines) > 1 and bool((lines == lines[0]).all())


def match_edges(edges: Words) -> Iterator[tuple[int, int, int]]:
    """Yield what equals an input of smaller number, or overlaps with one: (input number, begin, end).

    `edges` are rows of EDGE_COLUMNS, of all inputs or of those with some digests.
    """
    numbers, sizes, lengths = (edges[:, column].astype(np.int64) for column in range(3))
    side = edges[:, 4].astype(np.int64)
    # Inputs as a whole are compared with each other, and starts with ends.
    compared = edges[:, [2, 3, 4]].copy()
    compared[:, 2] = side == _WHOLE
    _, codes = np.unique(compared, axis=0, return_inverse=True)
    codes = codes.ravel()
    least = np.full((len(edges), 3), np.iinfo(np.int64).max)
    np.minimum.at(least, (codes, side), numbers)
    other = np.array([_WHOLE, _END, _START])[side]
    for row in np.flatnonzero(least[codes, other] < numbers).tolist():
        begin = int(sizes[row] - lengths[row]) if side[row] == _END else 0
        yield int(numbers[row]), begin, begin + int(lengths[row])


class SmallInputs:
    """The inputs of fewer lines than a window, to be looked for in all others.

    It takes their lines by input number. Of equal inputs only the one of smallest number is looked for: the others are
    duplicates of it.
    """

    def __init__(self, inputs: Mapping[int, Words]) -> None:
        self._numbers: dict[int, dict[int, int]] = {}
        first_lines = set()
        for number in sorted(inputs, reverse=True):
            lines = inputs[number]
            if len(lines) and not _is_one_over_and_over(lines):
                self._numbers.setdefault(len(lines), {})[_digest(lines)] = number
                first_lines.add(int(lines[0]))
        self._first_lines = np.array(sorted(first_lines), dtype=np.uint64)

    def find(self, input_number: int, lines: Words, first: int = 0) -> Iterator[tuple[int, int, int]]:
        """Yield the duplicates between an input and the small ones: (input number, first line, end of the run).

        The lines may be a part of the input that begins with the line of the number `first`.
        """
        # Lines are compared before windows, so that only few windows are digested.
        begins = np.flatnonzero(np.isin(lines, self._first_lines))
        for length, numbers in self._numbers.items():
            own = begins[begins + length <= len(lines)]
            digests = np.zeros(len(own), dtype=np.uint64)
            for offset in range(length):
                digests = extend_digests(digests, lines[own + offset])
            found = np.isin(digests, np.array(list(numbers), dtype=np.uint64))
            greater = set()
            for begin, digest in zip(own[found].tolist(), digests[found].tolist(), strict=True):
                if numbers[digest] < input_number:
                    yield input_number, first + begin, first + begin + length
                elif numbers[digest] > input_number:
                    greater.add(numbers[digest])
            for number in greater:
                yield number, 0, length


def join_runs(runs: Ints, begins: Ints) -> Ints:
    """Return the bytes of runs of lines that may touch or overlap, begins and ends in turn.

    `begins` are those of the lines in the decompressed bytes, followed by one more value for the end of the last line.
    """
    changes = np.bincount(runs[:, 0], minlength=len(begins)) - np.bincount(runs[:, 1], minlength=len(begins))
    is_inside = np.cumsum(changes) > 0
    return begins[np.flatnonzero(np.diff(is_inside, prepend=False))]
