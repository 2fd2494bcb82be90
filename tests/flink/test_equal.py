"""What Flink publishes equals what a local run publishes, to the cell: in one process, and on two TaskManagers."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.flink.cluster import Cluster, command_options, demand
from tests.pipelines.test_nightly import without_content
from tests.running import (
    LOG,
    Rows,
    counted_differences,
    differences,
    publish_logs,
    read_published,
    real_log,
    sample_log,
    sample_options,
)

LINES = 6_000
K = 3
CONTENT = sample_log("footfall", LINES)[0]
MIDDLE = CONTENT.index(b"\n", len(CONTENT) // 2) + 1
INPUTS = {
    "one plain log": {LOG: CONTENT},
    "one gzip": {f"{LOG}.gz": gzip.compress(CONTENT)},
    (MANY := "many inputs that share lines"): {
        "a.log": CONTENT[: 2 * MIDDLE // 3],
        "b.log": CONTENT[:MIDDLE],
        "c.log.gz": gzip.compress(CONTENT[MIDDLE:]),
    },
}


def plain(path: Path) -> dict[str, bytes]:
    """A log without its compression."""
    return {path.stem: gzip.decompress(path.read_bytes())}


def compressed(path: Path) -> dict[str, bytes]:
    """A log, or all logs of a folder, as they are."""
    return {one.name: one.read_bytes() for one in (sorted(path.glob("*.gz")) if path.is_dir() else [path])}


REAL = {
    "one plain log": ("short", "semicomplete-2015.log.gz", "UTC", plain),
    "many gzips": ("short", "rotated-2025", "Asia/Kolkata", compressed),
    "another plain log": ("cluster", "nasa-1995.log.gz", "America/New_York", plain),
    "one gzip": ("cluster", "nasa-1995.log.gz", "America/New_York", compressed),
    "a gzip of probes": ("cluster", "probes-2015.log.gz", "Europe/Amsterdam", compressed),
}
"""What is tried: from which form of the tests on, on which log or folder of logs, in which timezone, and read how."""


@cache
def published_locally(name: str, folder: Path) -> dict[str, Rows]:
    """What a run in one process publishes; not to be changed."""
    (folder / name).mkdir()
    return publish(folder / name, name, ["--direct_num_workers=1"])


def publish(folder: Path, name: str, beam: list[str], **options: Any) -> dict[str, Rows]:
    """What a run on the inputs of a name publishes, without the folder in the names of inputs."""
    publish_logs(folder, INPUTS[name], beam=beam, k=K, **sample_options("footfall"), **options)
    return read_without_folders(folder / "traffic.duckdb")


def read_without_folders(db: Path) -> dict[str, Rows]:
    """The published tables, in which inputs have no folders."""
    published = read_published(db)
    for row in published["inputs"] + published["rejects"]:
        row["input"] = Path(row["input"]).name
    for row in published["promises"]:
        # It tells how many partial rows were merged, which depends on who merged them.
        del row["evidence"]
    return published


def assert_equal(published: dict[str, Rows], expected: dict[str, Rows]) -> None:
    """All tables but those of the run itself have the same rows."""
    compared = {name: rows for name, rows in expected.items() if name != "runs"}
    assert sum(map(len, compared.values())) > 500
    found = differences({name: published[name] for name in compared}, compared)
    assert not found, "\n".join(found)


@pytest.fixture(autouse=True)
def in_several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each plain log is read in several pieces."""
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", 200_003)


@pytest.mark.parametrize("name", INPUTS)
def test_flink_in_one_process_publishes_the_same_figures(name: str, tmp_path: Path, local_folder: Path) -> None:
    demand("quick" if name == MANY else "cluster")
    beam = command_options("--flink_master=[local]")
    assert_equal(publish(tmp_path, name, beam), published_locally(name, local_folder))


@pytest.mark.parametrize("name", INPUTS)
def test_a_cluster_of_two_task_managers_publishes_the_same_figures(
    name: str, tmp_path: Path, local_folder: Path, request: pytest.FixtureRequest
) -> None:
    demand("cluster")
    cluster: Cluster = request.getfixturevalue("cluster")
    (shared := tmp_path / "shared").mkdir()
    before = known_jobs(cluster)
    published = publish(tmp_path, name, cluster.options, temp=str(shared))
    assert_equal(published, published_locally(name, local_folder))
    assert not list(shared.iterdir())
    assert_both_worked(cluster, before)


@pytest.mark.parametrize("name", REAL)
def test_a_cluster_publishes_the_same_figures_of_real_logs(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    form, source, timezone, read = REAL[name]
    demand(form)
    path = real_log(source)
    cluster: Cluster = request.getfixturevalue("cluster")
    before = known_jobs(cluster)
    published = {}
    with without_content():
        inputs = read(path)
        for engine, beam in (("local", ["--direct_num_workers=1"]), ("flink", cluster.options)):
            (folder := tmp_path / engine).mkdir()
            options: dict[str, Any] = {"k": K, "timezone": timezone, "temp": str(folder)}
            publish_logs(folder, inputs, beam=beam, **options)
            published[engine] = read_without_folders(folder / "traffic.duckdb")
        expected = {table: rows for table, rows in published["local"].items() if table != "runs"}
        found = counted_differences(published["flink"], expected)
        counted = sum(map(len, expected.values()))
    assert found == []
    assert counted > 500
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
