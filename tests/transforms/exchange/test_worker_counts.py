"""Workers leave what they have read in the folder they share, and the run adds it up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest

from footfall.pipelines.engine.choose_engine import choose_engine
from footfall.pipelines.engine.watch_counts import watch_counts
from footfall.transforms.exchange import worker_counts
from footfall.transforms.exchange.worker_counts import WorkerCounts, read_worker_counts
from footfall.transforms.running.progress_counts import progress_counts
from footfall.transforms.running.run_steps import Result, RunStepFn

pytestmark = pytest.mark.usefixtures("counts_from_nothing")


class Reading:
    """A step that reads lines."""

    def process(self, lines: int) -> Iterator[Result]:
        """Read."""
        progress_counts.add(lines=lines)
        yield "read", lines


def test_all_processes_add_up_each_from_when_it_began(tmp_path: Path) -> None:
    progress_counts.add(lines=1_000)
    one, other = WorkerCounts(str(tmp_path)), WorkerCounts(str(tmp_path))
    progress_counts.add(lines=5, stored_bytes=100)
    one.write()
    progress_counts.add(lines=2)
    other.write()
    assert read_worker_counts(str(tmp_path)) == {"lines": 12, "stored_bytes": 200, "to_compare": 0, "compared": 0}


def test_a_file_is_written_anew_after_a_while_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = WorkerCounts(str(tmp_path))
    for expected in (3, 3, 9):
        if expected == 9:
            now = worker_counts.time.monotonic()
            monkeypatch.setattr(worker_counts.time, "monotonic", lambda now=now: now + 60)
        progress_counts.add(lines=3)
        own.write()
        assert read_worker_counts(str(tmp_path))["lines"] == expected
    assert len(list(tmp_path.iterdir())) == 1


def test_no_step_fails_since_its_counts_cannot_be_written(tmp_path: Path) -> None:
    WorkerCounts(str(tmp_path / "gone")).write()
    assert read_worker_counts(str(tmp_path)) == {}


def test_a_run_shows_what_steps_have_left_while_they_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_counts, "_EVERY_S", 0.0)
    engine = choose_engine(["--direct_num_workers=1"])
    with beam.Pipeline(options=engine.options) as pipeline:
        step = RunStepFn(Reading, counts_folder=str(tmp_path))
        pipeline | beam.Create([3, 4, 5]) | beam.ParDo(step).with_outputs("read")
    progress_counts.reset()
    # The engine itself tells nothing yet.
    elsewhere = choose_engine(["--runner=PortableRunner", "--job_endpoint=localhost:1"])
    with watch_counts(elsewhere, None, str(tmp_path), every_s=0.01):
        for _ in range(1_000):
            if progress_counts.lines:
                break
            threading.Event().wait(0.01)
        assert progress_counts.lines == 12
