"""Which engine runs for the arguments after `--`, and that it loses no elements."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from apache_beam.options.pipeline_options import DirectOptions, StandardOptions
from apache_beam.runners.worker import data_plane

from footfall.pipelines.engine.choose_engine import choose_engine
from footfall.pipelines.errors import UsageError
from tests.commands import log_line
from tests.running import publish_logs, read_published

CORES = os.cpu_count() or 1


@pytest.mark.parametrize(
    ("arguments", "threads", "workers", "mode"),
    [
        ([], CORES, 1, "in_memory"),
        (["--runner=DirectRunner"], CORES, 1, "in_memory"),
        (["--runner", "FnApiRunner", "--direct_num_workers", "1"], 1, 1, "in_memory"),
        (["--direct_num_workers=3"], 3, 1, "in_memory"),
        (["--direct_running_mode=in_memory", "--direct_num_workers=1"], 1, 1, "in_memory"),
        (["--direct_running_mode=multi_threading", "--direct_num_workers=3"], 1, 3, "multi_threading"),
    ],
)
def test_the_local_engine_is_named_and_has_a_thread_per_core(
    arguments: list[str], threads: int, workers: int, mode: str
) -> None:
    engine = choose_engine(arguments)
    direct = engine.options.view_as(DirectOptions)
    assert engine.options.view_as(StandardOptions).runner == "FnApiRunner"
    assert (direct.direct_num_workers, direct.direct_running_mode) == (workers, mode)
    assert engine.is_in_this_process
    assert engine.threads == threads


def test_engines_with_other_processes_are_not_in_this_process() -> None:
    assert not choose_engine(["--direct_running_mode=multi_processing"]).is_in_this_process
    assert not choose_engine(["--runner=FlinkRunner"]).is_in_this_process


def test_unknown_options_are_passed_to_a_cluster_but_not_to_the_local_engine() -> None:
    engine = choose_engine(["--runner=FlinkRunner", "--flink_version=2.0", "--of_the_job_server=1"])
    assert engine.options.get_all_options(retain_unknown_options=True)["of_the_job_server"] == "1"
    with pytest.raises(UsageError, match="--of_the_job_server: given after --, but not an option"):
        choose_engine(["--of_the_job_server=1"])


def test_no_worker_flushes_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beam's timer thread clears a worker's buffer while the worker appends to it, so that elements are lost."""

    made = []
    begin = data_plane.TimeBasedBufferingClosableOutputStream.__init__

    def note(stream: Any, *arguments: Any, **options: Any) -> None:
        made.append(stream)
        begin(stream, *arguments, **options)

    monkeypatch.setattr(data_plane.TimeBasedBufferingClosableOutputStream, "__init__", note)
    content = "".join(log_line(number) for number in range(40)).encode()
    beam = ["--direct_num_workers=2", "--direct_running_mode=multi_threading"]
    publish_logs(tmp_path, {"a.log": content}, beam=beam)
    assert read_published(tmp_path / "traffic.duckdb")["days"][0]["hits"] == 40
    assert not made
