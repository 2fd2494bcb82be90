"""What Beam runs without a step of its own may be run twice as well: handing on pieces, adding up tables, writing."""

from __future__ import annotations

import copy
import functools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest

from footfall.transforms.distribute_pieces import ReadPiecesFn
from footfall.transforms.merge_tables import AddUpTablesFn, MergeTablesFn
from footfall.transforms.running.run_steps import RunGroupStepFn, RunStepFn
from footfall.transforms.write_tables import ListTablesFn, WriteTablesFn
from tests.repeating import PIECE_BYTES, Ran, damaging, figures_of, publish, published_plainly
from tests.running import differences

OF_STEPS = {RunStepFn.__name__, RunGroupStepFn.__name__}
"""Those that run the steps, which `test_repeated_elements` repeats."""


def repeat_in_beam(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Let what Beam runs without RunStepFn run twice: first by a worker that is lost, whose files are damaged then.

    The results that count are those of a fresh worker, which sees the elements of a bundle in another order.
    """
    ran: Ran = Counter()
    for fn in (ReadPiecesFn, WriteTablesFn, ListTablesFn):
        repeat_elements(monkeypatch, fn, ran)
    repeat_bundles(monkeypatch, ran)
    repeat_sums(monkeypatch, ran)
    return ran


def repeat_elements(monkeypatch: pytest.MonkeyPatch, fn: type[Any], ran: Ran) -> None:
    process = fn.process

    def twice(own: Any, *arguments: Any) -> Iterator[Any]:
        folder = vars(own).get("_folder")
        with damaging(Path(folder) if folder else None):
            list(process(own, *arguments))
        ran[fn.__name__] += 1
        fresh = object.__new__(fn)
        vars(fresh).update(vars(own))
        yield from process(fresh, *arguments)

    monkeypatch.setattr(fn, "process", functools.wraps(process)(twice))


def repeat_bundles(monkeypatch: pytest.MonkeyPatch, ran: Ran) -> None:
    start, add, finish = AddUpTablesFn.start_bundle, AddUpTablesFn.process, AddUpTablesFn.finish_bundle

    def note(own: AddUpTablesFn, part: tuple[str, bytes]) -> Iterator[Any]:
        vars(own).setdefault("noted", []).append(part)
        return add(own, part)

    def finish_twice(own: AddUpTablesFn) -> Iterator[Any]:
        noted = vars(own).pop("noted", [])
        folder = own._combine._folder
        with damaging(Path(folder) if folder else None):
            list(finish(own))
        ran[AddUpTablesFn.__name__] += 1
        start(own)
        for part in reversed(noted):
            list(add(own, part))
        yield from finish(own)

    monkeypatch.setattr(AddUpTablesFn, "process", functools.wraps(add)(note))
    monkeypatch.setattr(AddUpTablesFn, "finish_bundle", finish_twice)


def repeat_sums(monkeypatch: pytest.MonkeyPatch, ran: Ran) -> None:
    for name in ("merge_accumulators", "compact", "extract_output"):
        once = getattr(MergeTablesFn, name)

        def twice(own: MergeTablesFn, argument: Any, name: str = name, once: Callable[..., Any] = once) -> Any:
            if name == "merge_accumulators":
                argument = list(argument)
            with damaging(Path(own._folder) if own._folder else None):
                once(own, copy.deepcopy(argument))
            ran[MergeTablesFn.__name__] += 1
            return once(own, argument)

        monkeypatch.setattr(MergeTablesFn, name, twice)


def test_what_beam_runs_by_itself_may_be_run_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "logs that share lines"
    expected = figures_of(published_plainly(name))
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", PIECE_BYTES)
    monkeypatch.setattr("footfall.transforms.distribute_pieces.MOST_IN_GRAPH", 0)
    monkeypatch.setattr("footfall.transforms.merge_tables.MOST_CARRIED", 1_000)
    ran = repeat_in_beam(monkeypatch)
    published = publish(name)
    assert not (found := differences(published, expected)), "\n".join(found)
    own = {fn.__name__ for fn in list_functions()}
    assert set(ran) | OF_STEPS == own


def list_functions() -> Iterator[type[Any]]:
    """All functions of `transforms` that Beam runs on elements or sums."""
    waiting = [beam.DoFn, beam.CombineFn]
    while waiting:
        for fn in waiting.pop().__subclasses__():
            waiting.append(fn)
            if fn.__module__.startswith("footfall.transforms."):
                yield fn
