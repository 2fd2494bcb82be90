"""How Beam runs a step of the path: element by element, on one machine by as many threads as there are cores."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any, Protocol

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import TaggedOutput
from apache_beam.transforms.window import GlobalWindows

from footfall.transforms.running.failures import hide_values

Result = tuple[str, Any]
"""(name of an output, element)."""


class Step(Protocol):
    """The work of a step. A worker makes one and may remember in it what saves time, but nothing that a result needs:
    an engine runs an element twice, or on another worker, whenever it likes.
    """

    def process(self, element: Any, *side_inputs: Any) -> Iterator[Result]:
        """One element's results."""
        ...


class RunStepFn(beam.DoFn):  # type: ignore[misc]
    """Runs a step on each element; all of its outputs are tagged.

    With one thread the step runs where Beam calls it. With more, the elements of a bundle are done side by side and
    their results given out as they are ready: compiled kernels, Arrow, NumPy and DuckDB leave the interpreter to other
    threads while they work. Each thread makes a step of its own.
    """

    def __init__(self, step: type[Step], *settings: Any, threads: int = 1) -> None:
        self._step = step
        self._settings = settings
        self._threads = threads

    def setup(self) -> None:
        """Leave the cores to our own threads, or to the engine's workers."""
        pa.set_cpu_count(1)
        self._own = threading.local()

    def start_bundle(self) -> None:
        """Nothing is under way yet."""
        self._pool = ThreadPoolExecutor(self._threads) if self._threads > 1 else None
        self._under_way: list[Future[list[Result]]] = []

    def process(self, element: Any, side_input: Any = None) -> Iterator[Any]:
        """One element, with the side input if the step has one."""
        arguments = (element,) if side_input is None else (element, side_input)
        if self._pool is not None:
            self._under_way.append(self._pool.submit(self._collect, *arguments))
            return
        for output, result in self._run(*arguments):
            yield TaggedOutput(output, result)

    def finish_bundle(self) -> Iterator[Any]:
        """What the threads have made of the bundle's elements."""
        if self._pool is None:
            return
        # Held by nobody else, so that each result is let go when it has been given out.
        completed = as_completed(self._under_way)
        self._under_way = []
        try:
            for one in completed:
                for output, result in one.result():
                    yield TaggedOutput(output, GlobalWindows.windowed_value(result))
        finally:
            # After a failure nobody waits for what the others still do.
            self._pool.shutdown(wait=False, cancel_futures=True)

    def _collect(self, *arguments: Any) -> list[Result]:
        return list(self._run(*arguments))

    @hide_values
    def _run(self, *arguments: Any) -> Iterator[Result]:
        """The results for an element and its side inputs. Raises StageFailure, whatever went wrong."""
        if not hasattr(self._own, "step"):
            self._own.step = self._step(*self._settings)
        yield from self._own.step.process(*arguments)


def list_group(group: tuple[int, Iterable[Any]]) -> tuple[int, list[Any]]:
    """A group as plain values: engines give iterables of their own, which another thread can't read."""
    key, values = group
    return key, list(values)
