"""Runs a step of the pipeline in Beam: element by element, on a single machine with one thread per core."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, Final, Protocol

import apache_beam as beam
import pyarrow as pa
from apache_beam.metrics import Metrics
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindows

from footfall.transforms.exchange.worker_counts import worker_counts
from footfall.transforms.running.failures import hide_values
from footfall.transforms.running.freed_memory import MUCH, freed_memory
from footfall.transforms.running.progress_counts import progress_counts

Result = tuple[str, Any]
"""(name of an output, element)."""


NAMESPACE: Final = "footfall"
"""The namespace of Beam's metrics by which workers report progress to an engine, by the names of progress counts."""


class Step(Protocol):
    """The work of a step. A worker creates one and may cache data in it, but no state that results depend on: a runner
    may process an element again, or on another worker, at any time.
    """

    def process(self, element: Any, *side_inputs: Any) -> Iterator[Result]:
        """Yield the results for one element."""
        ...


class RunStepFn(beam.DoFn):  # type: ignore[misc]
    """Runs a step on each element; all of its outputs are tagged.

    With one thread, the step runs in the thread in which Beam calls it. With more, the elements of a bundle are
    processed in parallel and their results are yielded as they complete: compiled kernels, Arrow, NumPy and DuckDB
    release the GIL while they work. Each thread creates its own step. With `counts_folder`, the process writes its
    progress counts there.
    """

    def __init__(self, step: type[Step], *settings: Any, threads: int = 1, counts_folder: str = "") -> None:
        self._step = step
        self._settings = settings
        self._threads = threads
        self._counts_folder = counts_folder

    def setup(self) -> None:
        """Limit Arrow to one thread; the cores are for the step's threads, or for the runner's workers."""
        pa.set_cpu_count(1)
        self._own = threading.local()
        self._worker_counts = worker_counts(self._counts_folder) if self._counts_folder else None

    def start_bundle(self) -> None:
        """Start the threads, if there is more than one; no element is in progress yet."""
        self._pool = None
        if self._threads > 1:
            # What the step before this one has left, and what adding up its tables took.
            freed_memory.give_back(MUCH)
            self._pool = ThreadPoolExecutor(self._threads)
        self._under_way: list[Future[list[Result]]] = []

    def process(
        self,
        element: Any,
        first: Any = None,
        second: Any = None,
        third: Any = None,
        fourth: Any = None,
        fifth: Any = None,
    ) -> Iterator[Any]:
        """Process one element, with the side inputs if the step has any."""
        arguments = (element, *(one for one in (first, second, third, fourth, fifth) if one is not None))
        if self._pool is not None:
            self._under_way.append(self._pool.submit(self._collect, *arguments))
            return
        for output, result in self._run(*arguments):
            yield TaggedOutput(output, result)
            self._write_counts()
        self._write_counts()
        for name, count in progress_counts.take().items():
            if count:
                Metrics.counter(NAMESPACE, name).inc(count)

    def _write_counts(self) -> None:
        if self._worker_counts is not None:
            self._worker_counts.write()

    def finish_bundle(self) -> Iterator[Any]:
        """Yield the results of the threads for the bundle's elements."""
        if self._pool is None:
            return
        # `completed` has the only references to the futures, so that each result is freed after it is yielded.
        completed = as_completed(self._under_way)
        self._under_way = []
        try:
            for one in completed:
                for output, result in one.result():
                    yield TaggedOutput(output, GlobalWindows.windowed_value(result))
        finally:
            # After a failure, the results of the other elements are not needed.
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _collect(self, *arguments: Any) -> list[Result]:
        results = list(self._run(*arguments))
        freed_memory.give_back(MUCH)
        return results

    @hide_values
    def _run(self, *arguments: Any) -> Iterator[Result]:
        """Yield the results for an element and its side inputs. Raises StageFailure for any failure."""
        if not hasattr(self._own, "step"):
            self._own.step = self._step(*self._settings)
        yield from self._own.step.process(*arguments)


class RunGroupStepFn(RunStepFn):
    """Runs a step on each group of a GroupByKey: (key, list of values)."""

    def process(
        self,
        group: tuple[int, Iterable[Any]],
        first: Any = None,
        second: Any = None,
        third: Any = None,
        fourth: Any = None,
        fifth: Any = None,
    ) -> Iterator[Any]:
        """Process one group. Its values become a list here: other threads can't read the iterables of some runners."""
        key, values = group
        return super().process((key, list(values)), first, second, third, fourth, fifth)
