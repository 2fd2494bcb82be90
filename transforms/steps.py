"""The steps of the path as Beam runs them; what they do stands in the modules that they name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, as_completed
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsDict, AsList, TaggedOutput
from apache_beam.transforms.window import GlobalWindows

from transforms import run_steps
from transforms.run_options import STANDARD_INPUT, Piece, RunOptions
from transforms.run_steps import Result, Step, StepRunner, take_results
from transforms.visit_rows import CLIENT_ROWS, LAST_HIT, PARTS, RANGES, SESSION_ROWS, SURVEYS


class StepFn(beam.DoFn):  # type: ignore[misc]
    """Runs a step on each element; all of its outputs are tagged.

    While there are worker processes, a bundle's elements are handed over to them as they come, and results are given
    out at its end, whichever is there first.
    """

    def __init__(self, step: Step) -> None:
        self._step = step
        self._runner = StepRunner(step)
        self._handed_over: list[Future[list[Result]]] = []

    def process(self, element: Any, side_input: Any = None) -> Iterator[Any]:
        """One element, with the side input if the step has one."""
        arguments = (element,) if side_input is None else (element, side_input)
        if run_steps.hand_over is not None:
            self._handed_over.append(run_steps.hand_over(self._step, arguments))
            return
        for output, result in self._runner.run(*arguments):
            yield TaggedOutput(output, result)

    def finish_bundle(self) -> Iterator[Any]:
        """What workers have made of the bundle's elements."""
        # Held by nobody else, so that each is let go when it has been given out.
        completed = as_completed(self._handed_over)
        self._handed_over = []
        for one in completed:
            for output, result in take_results(one):
                yield TaggedOutput(output, GlobalWindows.windowed_value(result))


class FindDuplicates(beam.PTransform):  # type: ignore[misc]
    """Pieces of inputs → (input's name, duplicate byte ranges).

    Digests all lines, then compares the inputs; of one input alone nothing can stand twice.
    """

    def __init__(self, folder: str, run_key: Any, input_count: int) -> None:
        super().__init__()
        self._folder = folder
        self._run_key = run_key
        self._input_count = input_count

    def expand(self, pieces: beam.PCollection[Piece]) -> beam.PCollection[tuple[str, bytes]]:
        """Two steps, or none."""
        if self._input_count < 2:
            return pieces.pipeline | "None" >> beam.Create([])
        survey = Step("transforms.find_duplicates:SurveyPieces", (self._folder,))
        compare = Step("transforms.find_duplicates:CompareSurveys")
        surveys = (
            pieces
            | "Can be read twice" >> beam.Filter(_can_be_read_twice)
            | "Survey" >> beam.ParDo(StepFn(survey), self._run_key).with_outputs(SURVEYS)
        )
        return (
            surveys[SURVEYS]
            | "Group" >> beam.GroupByKey()
            | "List" >> beam.Map(_listed)
            | "Compare" >> beam.ParDo(StepFn(compare)).with_outputs(RANGES)
        )[RANGES]


class ParseHits(beam.PTransform):  # type: ignore[misc]
    """Pieces of inputs → PARTS, CLIENT_ROWS, SESSION_ROWS, LAST_HIT."""

    def __init__(self, options: RunOptions, run_key: Any, duplicates: beam.PCollection[tuple[str, bytes]]) -> None:
        super().__init__()
        self._options = options
        self._run_key = run_key
        self._duplicates = duplicates

    def expand(self, pieces: beam.PCollection[Piece]) -> Any:
        """One fused step."""
        parse = Step("transforms.parse_hits:ParsePieces", (self._options,))
        outputs = (PARTS, CLIENT_ROWS, SESSION_ROWS, LAST_HIT)
        return (
            pieces
            | "Beside duplicates" >> beam.Map(_beside_duplicates, AsDict(self._duplicates))
            | "Parse" >> beam.ParDo(StepFn(parse), self._run_key).with_outputs(*outputs)
        )


class AdoptHits(beam.PTransform):  # type: ignore[misc]
    """References to client buckets → SESSION_ROWS, PARTS."""

    def __init__(self, options: RunOptions) -> None:
        super().__init__()
        self._options = options

    def expand(self, references: beam.PCollection[tuple[int, str]]) -> Any:
        """All rows of a client together."""
        return (
            references
            | "Group by client bucket" >> beam.GroupByKey()
            | "List" >> beam.Map(_listed)
            | "Adopt"
            >> beam.ParDo(StepFn(Step("transforms.adopt_hits:AdoptBuckets", (self._options,)))).with_outputs(
                SESSION_ROWS, PARTS
            )
        )


class AssignVisits(beam.PTransform):  # type: ignore[misc]
    """References to session buckets, and the latest time of each piece read → partial tables of visits."""

    def __init__(self, options: RunOptions, last_hits_ms: beam.PCollection[int]) -> None:
        super().__init__()
        self._options = options
        self._last_hits_ms = last_hits_ms

    def expand(self, references: beam.PCollection[tuple[int, str]]) -> beam.PCollection[tuple[str, bytes]]:
        """All rows of a session together."""
        assign = Step("transforms.assign_visits:AssignBuckets", (self._options,))
        return (
            references
            | "Group by session bucket" >> beam.GroupByKey()
            | "List" >> beam.Map(_listed)
            | "Assign" >> beam.ParDo(StepFn(assign), AsList(self._last_hits_ms)).with_outputs(PARTS)
        )[PARTS]


def _can_be_read_twice(piece: Piece) -> bool:
    return piece[1] != STANDARD_INPUT


def _beside_duplicates(piece: Piece, duplicates: Mapping[str, bytes]) -> tuple[Piece, bytes]:
    """A piece, and the byte ranges of its input that are counted elsewhere."""
    return piece, duplicates.get(piece[1], b"")


def _listed(group: tuple[int, Iterable[Any]]) -> tuple[int, list[Any]]:
    """A group as plain values: engines give iterables of their own, which can't be passed on."""
    key, values = group
    return key, list(values)
