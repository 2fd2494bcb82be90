"""Steps as what can be passed on: named here, made and run where their work is done.

That is this process, or one of the worker processes beside it (`pipelines.worker_processes`). A step is named rather
than imported, so that neither has to import what only the other one needs: the process that runs Beam no compiled
kernels, workers no Beam.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from pkgutil import resolve_name
from typing import Any, Protocol

from transforms.failures import stage_failure, tell_safely

Result = tuple[str, Any]
"""(output, element)."""


class Work(Protocol):
    """What a step makes; it may keep what later elements need too."""

    def process(self, element: Any, *side_inputs: Any) -> Iterator[Result]:
        """One element's results."""
        ...


@dataclass(frozen=True)
class Step:
    """A class by its place, `module:name`, and what it is made with."""

    place: str
    options: tuple[Any, ...] = ()

    def make(self) -> Work:
        """Import and make it."""
        work: Work = resolve_name(self.place)(*self.options)
        return work


class StepRunner:
    """Runs a step in this process, on one element after the other."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._work: Work | None = None

    @tell_safely
    def run(self, *arguments: Any) -> Iterator[Result]:
        """The results for an element and its side inputs. Raises StageFailure, whatever went wrong."""
        if self._work is None:
            self._work = self._step.make()
        yield from self._work.process(*arguments)


hand_over: Callable[[Step, tuple[Any, ...]], Future[list[Result]]] | None = None
"""Has a worker process run a step; None while there is none."""

_own_runners: dict[Step, StepRunner] = {}


def run_as_worker(step: Step, arguments: tuple[Any, ...]) -> list[Result]:
    """What a worker process does: run a step, which is made once. Raises StageFailure."""
    if step not in _own_runners:
        _own_runners[step] = StepRunner(step)
    return list(_own_runners[step].run(*arguments))


def take_results(handed_over: Future[list[Result]]) -> list[Result]:
    """What came of it. Raises StageFailure."""
    try:
        return handed_over.result()
    except BrokenExecutor:
        pass
    raise stage_failure(
        "a worker process was ended from outside, as happens where memory runs out; "
        "try a single one: -- --direct_num_workers=1"
    )


def run_each(step: Step, elements: Iterable[Any]) -> Iterator[list[Result]]:
    """The results for each element, in their order; by worker processes if there are any. Raises StageFailure."""
    if hand_over is None:
        runner = StepRunner(step)
        for element in elements:
            yield list(runner.run(element))
        return
    for handed_over in [hand_over(step, (element,)) for element in elements]:
        yield take_results(handed_over)
