"""Finds duplicates: the same content in two inputs, before anything is counted.

Each line is reduced to a keyed digest. Sequences of equal lines in two inputs count as the same content by the rules of
`docs/definitions.md`; they are skipped in the input whose name sorts last.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Ints, Key, Offsets, Words
from footfall.transforms.exchange.stored_files import create_file, join_path, open_file
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.digests import as_key, digest_bytes, fingerprint
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.run_options import STANDARD_INPUT, Piece, RunOptions
from footfall.transforms.running.run_steps import Result, RunGroupStepFn, RunStepFn
from footfall.transforms.scanning.read_blocks import read_blocks
from footfall.transforms.scanning.scan_lines import find_lines
from footfall.transforms.visits.visit_rows import RANGES, SURVEYS

MIN_RUN_LINES: Final = 16
MIN_OVERLAP_LINES: Final = 2
MAX_PLACES: Final = 16
"""A line that is in more places of an input (such as an empty one) is no seed of a run, but may be part of a run."""


def find_runs(first: Words, second: Words) -> list[tuple[int, int, int]]:
    """Return runs of equal lines that count as the same content: (line in first, line in second, length)."""
    if len(first) == len(second) and len(first) and np.array_equal(first, second):
        return [(0, 0, len(first))]
    seeds = _find_seeds(first, second)
    if not len(seeds):
        return []
    runs = _grow_runs(first, second, seeds)
    return [
        (int(begin), int(other), int(length))
        for begin, other, length in runs
        if _is_same_content(int(begin), int(other), int(length), len(first), len(second))
    ]


def _is_same_content(begin: int, other: int, length: int, first_lines: int, second_lines: int) -> bool:
    if length >= MIN_RUN_LINES or length in (first_lines, second_lines):
        return True
    joins = (begin + length == first_lines and other == 0) or (other + length == second_lines and begin == 0)
    return joins and length >= MIN_OVERLAP_LINES


def _find_seeds(first: Words, second: Words) -> NDArray[np.int64]:
    """Return (line in first, line in second) of equal lines that have at most MAX_PLACES in both; shape (n, 2)."""
    common = np.intersect1d(first, second)
    if not len(common):
        return np.zeros((0, 2), dtype=np.int64)
    places = []
    for lines in (first, second):
        rows = np.flatnonzero(np.isin(lines, common))
        codes = np.searchsorted(common, lines[rows])
        order = np.argsort(codes, kind="stable")
        places.append((rows[order], np.bincount(codes, minlength=len(common))))
    (first_rows, first_counts), (second_rows, second_counts) = places
    return _pair_up(first_rows, first_counts, second_rows, second_counts)


@kernel
def _pair_up(first_rows: Ints, first_counts: Ints, second_rows: Ints, second_counts: Ints) -> NDArray[np.int64]:
    total = 0
    for code in range(len(first_counts)):
        if first_counts[code] <= MAX_PLACES and second_counts[code] <= MAX_PLACES:
            total += first_counts[code] * second_counts[code]
    pairs = np.empty((total, 2), dtype=np.int64)
    count = 0
    first_begin = second_begin = 0
    for code in range(len(first_counts)):
        if first_counts[code] <= MAX_PLACES and second_counts[code] <= MAX_PLACES:
            for one in range(first_begin, first_begin + first_counts[code]):
                for other in range(second_begin, second_begin + second_counts[code]):
                    pairs[count, 0] = first_rows[one]
                    pairs[count, 1] = second_rows[other]
                    count += 1
        first_begin += first_counts[code]
        second_begin += second_counts[code]
    return pairs


def _grow_runs(first: Words, second: Words, seeds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the longest runs around the seeds, each once; shape (n, 3)."""
    order = np.lexsort((seeds[:, 1], seeds[:, 0] - seeds[:, 1]))
    return _grow_sorted(first, second, seeds[order])


@kernel
def _grow_sorted(first: Words, second: Words, seeds: NDArray[np.int64]) -> NDArray[np.int64]:
    runs = np.empty((len(seeds), 3), dtype=np.int64)
    count = 0
    for seed in range(len(seeds)):
        one, other = seeds[seed, 0], seeds[seed, 1]
        same_shift = count > 0 and runs[count - 1, 0] - runs[count - 1, 1] == one - other
        if same_shift and other < runs[count - 1, 1] + runs[count - 1, 2]:
            continue
        begin_one, begin_other = one, other
        while begin_one > 0 and begin_other > 0 and first[begin_one - 1] == second[begin_other - 1]:
            begin_one -= 1
            begin_other -= 1
        end = other + 1
        while end < len(second) and end - other + one < len(first) and second[end] == first[end - other + one]:
            end += 1
        runs[count, 0] = begin_one
        runs[count, 1] = begin_other
        runs[count, 2] = end - begin_other
        count += 1
    return runs[:count]


def find_duplicates(inputs: Mapping[str, tuple[Words, Ints]]) -> dict[str, Ints]:
    """Return the byte ranges of each input that are counted in an input with a smaller name, begins and ends in turn.

    An input is the digests of its lines, and the begins of the lines in the decompressed bytes, followed by one more
    value for the end of the last line.
    """
    names = sorted(inputs)
    ranges: dict[str, Ints] = {}
    for place, name in enumerate(names):
        digests, begins = inputs[name]
        is_duplicate = np.zeros(len(digests) + 1, dtype=np.int64)
        for smaller in names[:place]:
            for _, begin, length in find_runs(inputs[smaller][0], digests):
                is_duplicate[begin] += 1
                is_duplicate[begin + length] -= 1
        inside = np.cumsum(is_duplicate) > 0
        edges = np.flatnonzero(np.diff(np.concatenate([[False], inside])))
        if len(edges):
            ranges[name] = begins[edges]
    return ranges


@kernel
def _digest_lines(key: Key, block: Bytes, line_begins: Offsets) -> Words:
    digests = np.empty(len(line_begins) - 1, dtype=np.uint64)
    for line in range(len(digests)):
        begin = np.int64(line_begins[line])
        end = np.int64(line_begins[line + 1]) - 1
        if end > begin and block[end - 1] == 13:
            end -= 1
        digests[line] = digest_bytes(key, np.uint64(0), False, block, begin, end)
    return digests


class FindDuplicates(beam.PTransform):  # type: ignore[misc]
    """Pieces of inputs → (input's name, duplicate byte ranges).

    It digests all lines, then compares the inputs.
    """

    def __init__(self, options: RunOptions, run_key: Any) -> None:
        super().__init__()
        self._options = options
        self._run_key = run_key

    def expand(self, pieces: beam.PCollection[Piece]) -> beam.PCollection[tuple[str, bytes]]:
        """Apply two steps."""
        survey = RunStepFn(SurveyPieces, self._options.folder, threads=self._options.threads)
        surveys = (
            pieces
            | "Can be read twice" >> beam.Filter(_can_be_read_twice)
            | "Survey" >> beam.ParDo(survey, self._run_key).with_outputs(SURVEYS)
        )
        return (
            surveys[SURVEYS]
            | "Group" >> beam.GroupByKey()
            | "Compare" >> beam.ParDo(RunGroupStepFn(CompareSurveys)).with_outputs(RANGES)
        )[RANGES]


def _can_be_read_twice(piece: Piece) -> bool:
    return piece[1] != STANDARD_INPUT


Survey = tuple[str, int, int, str]
"""(input's name, first byte, fingerprint of the key, path of the file of digests and begins of the lines)."""


class SurveyPieces:
    """Piece, and the run's key → SURVEYS: (0, survey); the key 0 groups all surveys for one worker."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, piece: Piece, run_key: bytes) -> Iterator[Result]:
        """Process one piece of an input."""
        _, path, compression, _, _, begin, end = piece
        key = as_key(run_key)
        digests, begins = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
        for block in read_blocks(path, compression, begin, end):
            lines = find_lines(block.content, block.length)
            digests.append(_digest_lines(key, block.content, lines))
            begins.append(lines[:-1].astype(np.int64) + block.offset)
        target = join_path(self._folder, f"{uuid.uuid4().hex}.digests")
        with create_file(target) as file:
            file.write(np.concatenate([np.concatenate(digests), np.concatenate(begins).view(np.uint64)]).tobytes())
        yield SURVEYS, (0, (path, begin, fingerprint(key), target))


class CompareSurveys:
    """(0, all surveys) → RANGES: (input's name, duplicate byte ranges as bytes)."""

    def process(self, group: tuple[int, Sequence[Survey]]) -> Iterator[Result]:
        """Compare all inputs of the run."""
        pieces: dict[str, list[tuple[int, str]]] = {}
        the_one_key(key for _, _, key, _ in group[1])
        for path, begin, _, file in group[1]:
            pieces.setdefault(path, []).append((begin, file))
        inputs = {path: _load(files) for path, files in pieces.items()}
        for path, ranges in find_duplicates(inputs).items():
            yield RANGES, (path, ranges.astype(np.int64).tobytes())


def _load(files: list[tuple[int, str]]) -> tuple[Words, Ints]:
    digests, begins = [], []
    for _, path in sorted(files):
        with open_file(path) as file:
            content = np.frombuffer(file.read(), dtype=np.uint64)
        digests.append(content[: len(content) // 2])
        begins.append(content[len(content) // 2 :].view(np.int64))
    # The end of a duplicate run at the end of the input: larger than any place.
    return np.concatenate(digests), np.concatenate([*begins, np.array([2**62], dtype=np.int64)])
