"""What Flink publishes equals what a local run publishes, to the cell: in one process, and on two TaskManagers."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.flink.cluster import Cluster, command_options, demand, wait_until
from tests.flink.comparing import INPUTS, MANY, K, assert_equal, publish, published_locally, read_without_folders
from tests.pipelines.test_nightly import without_content
from tests.running import counted_differences, publish_logs, real_log


def plain(path: Path) -> dict[str, bytes]:
    """A log without its compression."""
    return {path.stem: gzip.decompress(path.read_bytes())}


def compressed(path: Path) -> dict[str, bytes]:
    """A log, or all logs of a folder, as they are."""
    return {one.name: one.read_bytes() for one in (sorted(path.glob("*.gz")) if path.is_dir() else [path])}


REAL = {
    "one plain log": ("cluster", "semicomplete-2015.log.gz", "UTC", plain),
    "many gzips": ("short", "rotated-2025", "Asia/Kolkata", compressed),
    "another plain log": ("cluster", "nasa-1995.log.gz", "America/New_York", plain),
    "one gzip": ("cluster", "nasa-1995.log.gz", "America/New_York", compressed),
    "a gzip of probes": ("cluster", "probes-2015.log.gz", "Europe/Amsterdam", compressed),
}
"""What is tried: from which form of the tests on, on which log or folder of logs, in which timezone, and read how."""


@pytest.mark.parametrize("name", INPUTS)
def test_flink_in_one_process_publishes_the_same_figures(name: str, tmp_path: Path, local_folder: Path) -> None:
    demand("quick" if name == MANY else "cluster")
    beam = command_options("--flink_master=[local]")
    assert_equal(publish(tmp_path, name, beam), published_locally(name, local_folder))


@pytest.mark.parametrize("name", INPUTS)
def test_a_cluster_of_two_task_managers_publishes_the_same_figures(
    name: str, tmp_path: Path, local_folder: Path, request: pytest.FixtureRequest
) -> None:
    demand("cluster" if name == MANY else "short")
    cluster: Cluster = request.getfixturevalue("cluster")
    (shared := tmp_path / "shared").mkdir()
    before = known_jobs(cluster)
    published = publish(tmp_path, name, cluster.options, temp=str(shared))
    assert_equal(published, published_locally(name, local_folder))
    assert not list(shared.iterdir())
    assert_both_worked(cluster, before)
    wait_until(lambda: not cluster.workers(), "the workers end with the job, and with them the run's key")


@pytest.mark.parametrize("name", REAL)
def test_a_cluster_publishes_the_same_figures_of_real_logs(
    name: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    form, source, timezone, read = REAL[name]
    demand(form)
    path = real_log(source)
    cluster: Cluster = request.getfixturevalue("cluster")
    before = known_jobs(cluster)
    published = {}
    with without_content():
        inputs = read(path)
        monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", max(map(len, inputs.values())) // 5)
        for engine, beam in (("local", ["--direct_num_workers=1"]), ("flink", cluster.options)):
            (folder := tmp_path / engine).mkdir()
            options: dict[str, Any] = {"k": K, "timezone": timezone, "temp": str(folder)}
            publish_logs(folder, inputs, beam=beam, **options)
            published[engine] = read_without_folders(folder / "traffic.duckdb")
        expected = {table: rows for table, rows in published["local"].items() if table != "runs"}
        found = counted_differences(published["flink"], expected)
        counted = sum(map(len, expected.values()))
    assert found == []
    assert counted > 100
    assert_both_worked(cluster, before)


def known_jobs(cluster: Cluster) -> set[str]:
    """The ids of the jobs that Flink has heard of: those before may have run on TaskManagers that are gone."""
    return {job["id"] for job in cluster.ask("/jobs")["jobs"]}


def assert_both_worked(cluster: Cluster, before: set[str]) -> None:
    """Both TaskManagers have run tasks of the jobs since then, each in a worker of its own."""
    ran_on = {
        task["host"] if "endpoint" not in task else task["endpoint"]
        for job in known_jobs(cluster) - before
        for vertex in cluster.ask(f"/jobs/{job}")["vertices"]
        for task in cluster.ask(f"/jobs/{job}/vertices/{vertex['id']}/taskmanagers")["taskmanagers"]
    }
    assert len(ran_on) == 2, ran_on
