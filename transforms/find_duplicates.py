"""Finds duplicates: the same content in two inputs, before anything is counted.

Each line is reduced to a keyed digest. Sequences of equal lines in two inputs count as the same content by the rules of
`docs/definitions.md`; they are skipped in the input whose name sorts last. `footfall.transforms.scanning.match_lines`
says how they are found. Equal windows of lines are compared in one bucket, so that the work grows with the number of
lines, not with the number of pairs of inputs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import AsList

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.exchange.exchange_rows import MAX_SHARES, read_bucket, read_buckets, write_buckets
from footfall.transforms.exchange.stored_files import create_file, join_path, open_file
from footfall.transforms.kernels.digests import as_key, fingerprint
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.progress_counts import progress_counts
from footfall.transforms.running.run_options import STANDARD_INPUT, Pieces, RunOptions
from footfall.transforms.running.run_steps import Result, RunGroupStepFn, RunStepFn
from footfall.transforms.scanning.line_windows import WINDOW_LINES, digest_lines
from footfall.transforms.scanning.match_lines import (
    EDGE_COLUMNS,
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
"""Outputs: begins and ends of inputs; pieces of small inputs; references to buckets of windows."""
_PART_LINES: Final = 1_000_000
"""Lines of an input that are compared at once, and the most windows of one file: some 30 MB."""
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

    def expand(self, pieces: beam.PCollection[Pieces]) -> beam.PCollection[tuple[str, bytes]]:
        """Digest all lines, find what inputs have in common, and gather it by input."""
        options, threads = self._options, self._options.threads
        how: dict[str, Any] = {"threads": threads, "counts_folder": options.counts_folder}
        survey = RunStepFn(SurveyPieces, options.folder, **how)
        cut = RunGroupStepFn(CutInputs, options.folder, options.bucket_count, **how)
        match = RunGroupStepFn(MatchWindows, options.folder, **how)
        surveys = pieces | "Survey" >> beam.ParDo(survey, self._run_key).with_outputs(SURVEYS, SMALL)
        # (number of the first input of what is parsed together, (input number, survey of a piece)); the lines of small
        # pieces
        cuts = (
            surveys[SURVEYS]
            | "Group by inputs" >> beam.GroupByKey()
            | "Cut windows" >> beam.ParDo(cut, AsList(surveys[SMALL])).with_outputs(WINDOWS, EDGES, RANGES)
        )
        # (share of buckets, reference to windows); (share of digests, edges of an input); (input number, survey or
        # reference to runs)
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


Survey = tuple[str, int, int, int, int, str]
"""(input's name, first byte, fingerprint of the key, number of lines, place in a file, path of the file).

The file has the digests of the lines, followed by the begins of the lines.
"""
SmallPiece = tuple[int, int, int, bytes]
"""(input number, first byte, number of lines, their digests if they are fewer than a window's)."""


class SurveyPieces:
    """Pieces, and the run's key → SURVEYS: (number of the first input, (input number, survey)); SMALL: small piece."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, pieces: Pieces, run_key: bytes) -> Iterator[Result]:
        """Process pieces of one or several inputs; their lines are in one file."""
        key = as_key(run_key)
        target = join_path(self._folder, f"{uuid.uuid4().hex}.digests")
        place = 0
        results: list[Result] = []
        with create_file(target) as file:
            for number, path, compression, _, _, begin, end in pieces:
                # Standard input can't be read twice.
                if path == STANDARD_INPUT:
                    continue
                digests, begins = [np.zeros(0, dtype=np.uint64)], [np.zeros(0, dtype=np.int64)]
                for block in read_blocks(path, compression, begin, end):
                    lines = find_lines(block.content, block.length)
                    digests.append(digest_lines(key, block.content, lines))
                    begins.append(lines[:-1].astype(np.int64) + block.offset)
                own = np.concatenate(digests)
                progress_counts.add(to_compare=2 * len(own))
                file.write(np.concatenate([own, np.concatenate(begins).view(np.uint64)]).tobytes())
                survey = path, begin, fingerprint(key), len(own), place, target
                results.append((SURVEYS, (pieces[0][0], (number, survey))))
                results.append((SMALL, (number, begin, len(own), own.tobytes() if len(own) < WINDOW_LINES else b"")))
                place += 2 * _DIGEST_BYTES * len(own)
        yield from results


class CutInputs:
    """(number, surveys of one or several inputs), and all small pieces → WINDOWS, EDGES, RANGES."""

    def __init__(self, folder: str, bucket_count: int) -> None:
        self._folder = folder
        self._bucket_count = bucket_count
        self._small: SmallInputs | None = None

    def process(
        self, group: tuple[int, Sequence[tuple[int, Survey]]], small_pieces: Sequence[SmallPiece]
    ) -> Iterator[Result]:
        """Process the inputs of one group together, so that their results are in few files."""
        key = the_one_key(own for _, (_, _, own, *_) in group[1])
        self._small = self._small or SmallInputs(_join_pieces(small_pieces))
        surveys: dict[int, list[Survey]] = {}
        for number, survey in group[1]:
            surveys.setdefault(number, []).append(survey)
            yield RANGES, (number, survey)
        edges: list[Words] = []
        windows: list[Columns] = []
        runs: list[tuple[int, int, int]] = []
        waiting = 0
        held = _hold_files([survey for _, survey in group[1]]) if len(surveys) > 1 else {}
        for number, own in sorted(surveys.items()):
            lines = StoredLines(own, held)
            edges.append(describe_edges(number, (part for _, part in lines.parts(_PART_LINES))))
            window_count = 0
            for first, part, cut in _cut_parts(number, lines):
                runs += self._small.find(number, part, first)
                windows.append(cut)
                window_count += len(cut["window"])
                waiting += len(part)
                if waiting >= _PART_LINES:
                    yield from self._write(key, windows, runs)
                    windows, runs, waiting = [], [], 0
            # Windows are fewer than lines; the rest will not be matched.
            progress_counts.add(compared=2 * lines.count - window_count)
        yield from self._write(key, windows, runs)
        yield from self._deal_out_edges(key, np.concatenate(edges))

    def _deal_out_edges(self, key: int, edges: Words) -> Iterator[Result]:
        shares = edges[:, EDGE_COLUMNS.index("digest")] % np.uint64(min(MAX_SHARES, self._bucket_count))
        # All keys meet in the first share, also those of inputs that have no edges there.
        for share in sorted({0, *shares.tolist()}):
            yield EDGES, (share, (key, edges[shares == share].tobytes()))

    def _write(self, key: int, windows: Sequence[Columns], runs: Sequence[tuple[int, int, int]]) -> Iterator[Result]:
        yield from _write_runs(self._folder, key, _as_places(runs))
        if windows:
            joined = {name: np.concatenate([one[name] for one in windows]) for name in windows[0]}
            for reference in write_buckets(self._folder, WINDOWS, key, joined, joined["window"], self._bucket_count):
                yield WINDOWS, reference


def _cut_parts(number: int, lines: StoredLines) -> Iterator[tuple[int, Words, Columns]]:
    """Yield the number of the first line of each part of an input, its lines, and its windows."""
    more_before = 0
    for first, part in lines.parts(_PART_LINES, WINDOW_LINES - 1):
        more_after = lines.count_repeats(first + len(part), part[-1])
        yield first, part, cut_windows(number, part, first, more_before, more_after)
        if len(part) > _PART_LINES:
            more_before = _count_before(part[:_PART_LINES], part[_PART_LINES], more_before)


def _hold_files(surveys: Sequence[Survey]) -> dict[str, bytes]:
    """Return the content of the files of small inputs, so that each is read once; larger ones are not read here."""
    if sum(count for _, _, _, count, *_ in surveys) > _PART_LINES:
        return {}
    held = {}
    for path in {path for *_, path in surveys}:
        with open_file(path) as file:
            held[path] = file.read()
    return held


class StoredLines:
    """The digests of an input's lines in the files of its surveys, of which some are read at a time.

    `held` has the content of files that are in memory.
    """

    def __init__(self, surveys: Sequence[Survey], held: Mapping[str, bytes] | None = None) -> None:
        self._held = held or {}
        self._stored = [(path, place) for _, _, _, _, place, path in sorted(surveys, key=lambda survey: survey[1])]
        self._ends = np.cumsum([count for _, _, _, count, *_ in sorted(surveys, key=lambda survey: survey[1])]).tolist()

    @property
    def count(self) -> int:
        """How many lines there are."""
        return int(self._ends[-1])

    def read(self, begin: int, end: int) -> Words:
        """Return the digests of some lines, up to the last line."""
        found = [np.zeros(0, dtype=np.uint64)]
        for (path, place), own_begin, own_end in zip(self._stored, [0, *self._ends[:-1]], self._ends, strict=True):
            if own_begin < end and begin < own_end:
                first = place + (max(begin, own_begin) - own_begin) * _DIGEST_BYTES
                size = (min(end, own_end) - max(begin, own_begin)) * _DIGEST_BYTES
                found.append(np.frombuffer(self._content(path, first, size), dtype=np.uint64))
        return np.concatenate(found)

    def _content(self, path: str, begin: int, size: int) -> bytes:
        if path in self._held:
            return self._held[path][begin : begin + size]
        with open_file(path) as file:
            file.seek(begin)
            return file.read(size)

    def parts(self, size: int, more: int = 0) -> Iterator[tuple[int, Words]]:
        """Yield parts of that many lines: the number of the first line, and the lines, with some more after them."""
        for begin in range(0, self.count, size):
            yield begin, self.read(begin, begin + size + more)

    def count_repeats(self, begin: int, line: Any) -> int:
        """Return how often the given line is repeated from a line on."""
        for first in range(begin, self.count, _PART_LINES):
            others = np.flatnonzero(self.read(first, first + _PART_LINES) != line)
            if len(others):
                return first - begin + int(others[0])
        return max(0, self.count - begin)


def _count_before(part: Words, line: Any, more_before: int) -> int:
    """Return how often the given line is repeated before the end of a part; `more_before` repeat it before the part."""
    others = np.flatnonzero(part != line)
    return len(part) - 1 - int(others[-1]) if len(others) else len(part) + more_before


def _join_pieces(pieces: Iterable[SmallPiece]) -> dict[int, Words]:
    """Return the lines of the small inputs: those whose pieces are small together."""
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
    """(share of buckets, references to windows) → RANGES: (input number, reference to runs)."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, group: tuple[int, Sequence[str]]) -> Iterator[Result]:
        """Process the buckets of one share."""
        for _, kinds, key in read_buckets(group[1], RUN_SCHEMAS):
            windows = kinds[WINDOWS]
            yield from _write_runs(self._folder, key, match_windows(windows))
            progress_counts.add(compared=len(windows["window"]))


class MatchEdges:
    """(share of digests, edges of inputs) → RANGES: (input number, reference to runs)."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def process(self, group: tuple[int, Sequence[tuple[int, bytes]]]) -> Iterator[Result]:
        """Process the edges of one share."""
        key = the_one_key(own for own, _ in group[1])
        edges = np.frombuffer(b"".join(content for _, content in group[1]), dtype=np.uint64)
        edges = edges.reshape(-1, len(EDGE_COLUMNS))
        yield from _write_runs(self._folder, key, _as_places(match_edges(edges)))


def _as_places(runs: Iterable[tuple[int, int, int]]) -> Columns:
    """Return runs as columns of places."""
    table = np.array([(number << PLACE_BITS, begin, end) for number, begin, end in runs], dtype=np.int64).reshape(-1, 3)
    return {"begin": table[:, 0] + table[:, 1], "end": table[:, 0] + table[:, 2]}


def _write_runs(folder: str, key: int, runs: Columns) -> Iterator[Result]:
    """Write runs to a file, by input."""
    if len(runs["begin"]):
        inputs = int(runs["begin"].max() >> PLACE_BITS) + 1
        numbers = runs["begin"].view(np.uint64)
        for reference in write_buckets(folder, RANGES, key, runs, numbers, inputs, per_share=1):
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
        the_one_key([key, *(own for _, _, own, *_ in surveys)])
        runs = np.stack([kinds[RANGES]["begin"], kinds[RANGES]["end"]], axis=1) & (2**PLACE_BITS - 1)
        begins = [own for _, own in _load(surveys)]
        # The end of a run at the end of the input: larger than any place.
        ranges = join_runs(runs, np.concatenate([*begins, np.array([2**62], dtype=np.int64)]))
        yield RANGES, (surveys[0][0], ranges.tobytes())


def _load(surveys: Sequence[Survey]) -> Iterator[tuple[Words, Ints]]:
    """Yield digests and begins of the lines of the pieces, in their order."""
    for _, _, _, count, place, path in sorted(surveys, key=lambda survey: survey[1]):
        with open_file(path) as file:
            file.seek(place)
            content = np.frombuffer(file.read(2 * count * _DIGEST_BYTES), dtype=np.uint64)
        yield content[:count], content[count:].view(np.int64)
