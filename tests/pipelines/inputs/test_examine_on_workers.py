"""Many inputs are examined by the workers of an engine, which find what this host would find."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.engine.choose_engine import choose_engine
from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs import examine_on_workers
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.examine_on_workers import ExamineFn, Workers
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from tests.commands import log_line
from tests.running import IN_ONE_THREAD

ERROR_LOG = b"2026/06/01 10:00:00 [error] 7#7: *1 open() failed (2: No such file or directory)\n" * 5


@pytest.fixture
def inputs(tmp_path: Path) -> list[Input]:
    """Forty pieces of one log, and others, among them what can't be read."""
    (logs := tmp_path / "logs").mkdir()
    lines = "".join(log_line(number) for number in range(60)).encode()
    for number in range(40):
        (logs / f"web-{number}.log").write_bytes(lines if number == 7 else lines[: lines.index(b"\n") + 1])
    (logs / "other.log.gz").write_bytes(gzip.compress(lines))
    (logs / "cut.log.gz").write_bytes(gzip.compress(lines)[:-20])
    (logs / "error.log").write_bytes(ERROR_LOG)
    (logs / "empty.log").write_bytes(b"")
    (logs / "mixed.log").write_bytes(lines + ERROR_LOG)
    return list_inputs([str(logs)])


@pytest.fixture
def workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workers:
    """An engine that examines inputs even if they are few."""
    monkeypatch.setattr(examine_on_workers, "EXAMINED_HERE", 0)
    (folder := tmp_path / "exchange").mkdir()
    return Workers(choose_engine(IN_ONE_THREAD), str(folder), tmp_path)


def examine(inputs: list[Input], workers: Workers | None = None) -> list[Input]:
    """What is found out about the inputs."""
    return examine_inputs(inputs, "auto", verify=True, elsewhere=workers.examine if workers else None)


def test_workers_find_what_this_host_finds(inputs: list[Input], workers: Workers) -> None:
    found = examine(inputs, workers)
    assert found == examine(inputs)
    told = {Path(one.path).name: one for one in found}
    assert told["cut.log.gz"].read_error and told["error.log"].skip_reason and told["empty.log"].is_empty
    assert sum(one.recognition is not None for one in found) == 42
    assert workers.is_tried


def test_an_attempt_that_ends_late_changes_nothing(
    inputs: list[Input], workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = ExamineFn.process

    def twice(self: ExamineFn, number: int) -> Any:
        list(once(self, number))
        return once(self, number)

    monkeypatch.setattr(ExamineFn, "process", twice)
    assert examine(inputs, workers) == examine(inputs)


def test_few_inputs_are_examined_here(inputs: list[Input], workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examine_on_workers, "EXAMINED_HERE", len(inputs))
    examine_inputs(inputs, "auto", verify=False, elsewhere=workers.examine)
    assert not workers.is_tried


def test_results_that_do_not_arrive_end_the_run(
    inputs: list[Input], workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExamineFn, "process", lambda self, number: iter(()))
    with pytest.raises(RunError, match="what workers found is not there; nothing was published"):
        examine(inputs, workers)
