"""Finds duplicates: the same content in two inputs, before anything is counted.

Each line is reduced to a keyed digest. Sequences of equal lines in two inputs count as the same content by the rules of
`docs/definitions.md`; they are skipped in the input whose name sorts last. How they are found, see
`footfall.transforms.scanning.match_lines`: inputs that have much in common meet in the buckets of their windows, so
that the work grows with the number of lines, not with that of pairs of inputs.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import AsList

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.exchange.exchange_rows import read_bucket, write_buckets
from footfall.transforms.exchange.stored_files import create_file, join_path, open_file
from footfall.transforms.kernels.digests import as_key, fingerprint
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.progress_counts import progress_counts
from footfall.transforms.running.run_options import STANDARD_INPUT, Piece, RunOptions
from footfall.transforms.running.run_steps import Result, RunGroupStepFn, RunStepFn
from footfall.transforms.scanning.line_windows import WINDOW_LINES, digest_lines
from footfall.transforms.scanning.match_lines import (
    PLACE_BITS,
    SmallInputs,
    cut_windows,
    describe_edges,
    join_runs,
    match_edges,
    match_windows,
)
from footfall.transforms.scanning.read_blocks import read_blocks
from footfall.transforms.scanning.scan_lines import find_lines
from footfall.transforms.visits.visit_rows import RANGES, SURVEYS

EDGES, SMALL, WINDOWS = "edges", "small", "windows"
"""Outputs: what inputs begin and end with; pieces of small inputs; references to buckets of windows."""
_PART_LINES: Final = 1_000_000
"""Lines of an input that are compared at once, and so the most windows of one file: some 30 MB."""
_DIGEST_BYTES: Final = 8
RUN_SCHEMAS: Final = {
    WINDOWS: pa.schema([("window", pa.uint64()), ("place", pa.int64()), ("before", pa.int64()), ("after", pa.int64())]),
    RANGES: pa.schema([("begin", pa.int64()), ("end", pa.int64())]),
}
"""The columns of rows in files; begin and end of a run are places."""


class FindDuplicates(beam.PTransform):  # type: ignore[misc]
    """Pieces of inputs → (input's name, duplicate byte ranges)."""

    def __init__(self, options: RunOptions, run_key: Any) -> None:
        super().__init__()
        self._options = options
        self._run_key = run_key

    def expand(self, pieces: beam.PCollection[Piece]) -> beam.PCollection[tuple[str, bytes]]:
        """Digest all lines, compare what inputs have in common, and gather it by input."""
        options, threads = self._options, self._options.threads
        survey = RunStepFn(SurveyPieces, options.folder, threads=threads)
        cut = RunGroupStepFn(CutInputs, options.folder, options.bucket_count, threads=threads)
        match = RunGroupStepFn(MatchWindows, options.folder, threads=threads)
        surveys = (
            pieces
            | "Can be read twice" >> beam.Filter(_can_be_read_twice)
            | "Survey" >> beam.ParDo(survey, self._run_key).with_outputs(SURVEYS, SMALL)
        )
        # (input number, survey of a piece); the lines of small pieces
        cuts = (
            surveys[SURVEYS]
            | "Group by input" >> beam.GroupByKey()
            | "Cut windows" >> beam.ParDo(cut, AsList(surveys[SMALL])).with_outputs(WINDOWS, EDGES, RANGES)
        )
        # (bucket, reference to windows); (0, edges of an input); (input number, survey or reference to runs)
        # Surveys pass through: Flink's and Spark's runners can't both group and flatten an output (apache/beam #34647).
        windows = (
            cuts[WINDOWS]
            | "Group by bucket" >> beam.GroupByKey()
            | "Match windows" >> beam.ParDo(match).with_outputs(RANGES)
        )
        edges = (
            cuts[EDGES]
            | "Group edges" >> beam.GroupByKey()
            | "Match edges" >> beam.ParDo(RunGroupStepFn(MatchEdges, options.folder)).with_outputs(RANGES)
        )
        return (
            (cuts[RANGES], windows[RANGES], edges[RANGES])
            | "Gather runs" >> beam.Flatten()
            | "Group runs by input" >> beam.GroupByKey()
            | "Join runs" >> beam.ParDo(RunGroupStepFn(JoinRuns, threads=threads)).with_outputs(RANGES)
        )[RANGES]


def _can_be_read_twice(piece: Piece) -> bool:
    return piece[1] != STANDARD_INPUT


Survey = tuple[str, int, int, str]
"""(input's name, first byte, fingerprint of the key, path of the file of digests and begins of the lines)."""
SmallPiece = tuple[int, int, int, bytes]
"""(input number, first byte, number of lines, their digests if they are fewer than a window's)."""


class SurveyPieces:
    """Piece, and the run's key → SURVEYS: (input number, survey); SMALL: small piece."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, piece: Piece, run_key: bytes) -> Iterator[Result]:
        """Process one piece of an input."""
        number, path, compression, _, _, begin, end = piece
        key = as_key(run_key)
        digests, begins = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
        for block in read_blocks(path, compression, begin, end):
            lines = find_lines(block.content, block.length)
            digests.append(digest_lines(key, block.content, lines))
            begins.append(lines[:-1].astype(np.int64) + block.offset)
        own = np.concatenate(digests)
        progress_counts.add(to_compare=2 * len(own))
        target = join_path(self._folder, f"{uuid.uuid4().hex}.digests")
        with create_file(target) as file:
            file.write(np.concatenate([own, np.concatenate(begins).view(np.uint64)]).tobytes())
        yield SURVEYS, (number, (path, begin, fingerprint(key), target))
        yield SMALL, (number, begin, len(own), own.tobytes() if len(own) < WINDOW_LINES else b"")


class CutInputs:
    """(input number, its surveys), and all small pieces → WINDOWS, EDGES, RANGES."""

    def __init__(self, folder: str, bucket_count: int) -> None:
        self._folder = folder
        self._bucket_count = bucket_count
        self._small: SmallInputs | None = None

    def process(self, group: tuple[int, Sequence[Survey]], small_pieces: Sequence[SmallPiece]) -> Iterator[Result]:
        """Process one input."""
        number, surveys = group
        for survey in surveys:
            yield RANGES, (number, survey)
        key = the_one_key(own for _, _, own, _ in surveys)
        self._small = self._small or SmallInputs(_join_pieces(small_pieces))
        lines = StoredLines(surveys)
        yield EDGES, (0, (number, key, describe_edges(part for _, part in lines.parts(_PART_LINES)).tobytes()))
        more_before = window_count = 0
        for first, part in lines.parts(_PART_LINES, WINDOW_LINES - 1):
            yield from _write_runs(self._folder, key, _as_places(self._small.find(number, part, first)))
            more_after = lines.count_repeats(first + len(part), part[-1])
            windows = cut_windows(number, part, first, more_before, more_after)
            for reference in write_buckets(self._folder, WINDOWS, key, windows, windows["window"], self._bucket_count):
                yield WINDOWS, reference
            window_count += len(windows["window"])
            if len(part) > _PART_LINES:
                more_before = _count_before(part[:_PART_LINES], part[_PART_LINES], more_before)
        # Windows are fewer than lines; the rest will not be matched.
        progress_counts.add(compared=2 * lines.count - window_count)


class StoredLines:
    """The digests of an input's lines in the files of its surveys, of which some are read at a time."""

    def __init__(self, surveys: Sequence[Survey]) -> None:
        self._paths = [path for _, _, _, path in sorted(surveys, key=lambda survey: survey[1])]
        # A file has the begins of its lines behind their digests.
        self._ends = np.cumsum([_size(path) // (2 * _DIGEST_BYTES) for path in self._paths]).tolist()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return int(self._ends[-1])

    def read(self, begin: int, end: int) -> Words:
        """Return the digests of some lines; what is behind the last one is left out."""
        found = [np.zeros(0, dtype=np.uint64)]
        for path, own_begin, own_end in zip(self._paths, [0, *self._ends[:-1]], self._ends, strict=True):
            if own_begin < end and begin < own_end:
                with open_file(path) as file:
                    file.seek((max(begin, own_begin) - own_begin) * _DIGEST_BYTES)
                    size = min(end, own_end) - max(begin, own_begin)
                    found.append(np.frombuffer(file.read(size * _DIGEST_BYTES), dtype=np.uint64))
        return np.concatenate(found)

    def parts(self, size: int, more: int = 0) -> Iterator[tuple[int, Words]]:
        """Yield the number of the first line of each part of that many lines, and its lines, with some more behind."""
        for begin in range(0, self.count, size):
            yield begin, self.read(begin, begin + size + more)

    def count_repeats(self, begin: int, line: Any) -> int:
        """Return how many lines from one on are the given one."""
        for first in range(begin, self.count, _PART_LINES):
            others = np.flatnonzero(self.read(first, first + _PART_LINES) != line)
            if len(others):
                return first - begin + int(others[0])
        return max(0, self.count - begin)


def _size(path: str) -> int:
    with open_file(path) as file:
        return int(file.seek(0, os.SEEK_END) or file.tell())


def _count_before(part: Words, line: Any, more_before: int) -> int:
    """Return how many lines before the end of a part are the given one; before the part, `more_before` repeat it."""
    others = np.flatnonzero(part != line)
    return len(part) - 1 - int(others[-1]) if len(others) else len(part) + more_before


def _join_pieces(pieces: Iterable[SmallPiece]) -> dict[int, Words]:
    """Return the lines of the small inputs, those all of whose pieces are small together."""
    sizes: dict[int, int] = {}
    content: dict[int, bytes] = {}
    for number, _, line_count, digests in sorted(pieces):
        sizes[number] = sizes.get(number, 0) + line_count
        content[number] = content.get(number, b"") + digests
    return {
        number: np.frombuffer(content[number], dtype=np.uint64)
        for number, size in sizes.items()
        if 0 < size < WINDOW_LINES
    }


class MatchWindows:
    """(bucket, references to windows) → RANGES: (input number, reference to runs)."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, group: tuple[int, Sequence[str]]) -> Iterator[Result]:
        """Process one bucket."""
        kinds, key = read_bucket(group[1], RUN_SCHEMAS)
        windows = kinds[WINDOWS]
        yield from _write_runs(self._folder, key, match_windows(windows))
        progress_counts.add(compared=len(windows["window"]))


class MatchEdges:
    """(0, edges of all inputs) → RANGES: (input number, reference to runs)."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, group: tuple[int, Sequence[tuple[int, int, bytes]]]) -> Iterator[Result]:
        """Process all inputs."""
        key = the_one_key(own for _, own, _ in group[1])
        edges = {number: np.frombuffer(content, dtype=np.uint64) for number, _, content in group[1]}
        yield from _write_runs(self._folder, key, _as_places(match_edges(edges)))


def _as_places(runs: Iterable[tuple[int, int, int]]) -> Columns:
    """Return runs as columns of places."""
    table = np.array([(number << PLACE_BITS, begin, end) for number, begin, end in runs], dtype=np.int64).reshape(-1, 3)
    return {"begin": table[:, 0] + table[:, 1], "end": table[:, 0] + table[:, 2]}


def _write_runs(folder: str, key: int, runs: Columns) -> Iterator[Result]:
    """Write runs to a file, by input."""
    if len(runs["begin"]):
        inputs = int(runs["begin"].max() >> PLACE_BITS) + 1
        for reference in write_buckets(folder, RANGES, key, runs, runs["begin"].view(np.uint64), inputs):
            yield RANGES, reference


class JoinRuns:
    """(input number, its surveys and references to runs) → RANGES: (input's name, duplicate byte ranges as bytes)."""

    def process(self, group: tuple[int, Sequence[Survey | str]]) -> Iterator[Result]:
        """Process one input."""
        references = [one for one in group[1] if isinstance(one, str)]
        if not references:
            return
        surveys = [one for one in group[1] if not isinstance(one, str)]
        kinds, key = read_bucket(references, RUN_SCHEMAS)
        the_one_key([key, *(own for _, _, own, _ in surveys)])
        runs = np.stack([kinds[RANGES]["begin"], kinds[RANGES]["end"]], axis=1) & (2**PLACE_BITS - 1)
        begins = [own for _, own in _load(surveys)]
        # The end of a run at the end of the input: larger than any place.
        ranges = join_runs(runs, np.concatenate([*begins, np.array([2**62], dtype=np.int64)]))
        yield RANGES, (surveys[0][0], ranges.tobytes())


def _load(surveys: Sequence[Survey]) -> Iterator[tuple[Words, Ints]]:
    """Yield digests and begins of the lines of the pieces, in their order."""
    for _, _, _, path in sorted(surveys, key=lambda survey: survey[1]):
        with open_file(path) as file:
            content = np.frombuffer(file.read(), dtype=np.uint64)
        yield content[: len(content) // 2], content[len(content) // 2 :].view(np.int64)
