"""Workers of pools publish the same; workers that do not fit, and pools that two TaskManagers share, are refused."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from footfall.pipelines.engine import try_workers
from footfall.pipelines.engine.job_server import answers
from footfall.pipelines.errors import RunError, UsageError
from tests.flink.cluster import WORKER, Cluster, command_options, demand, free_port, wait_until
from tests.flink.comparing import assert_equal, publish, published_locally

NAME = "one plain log"


def external(port: int) -> list[str]:
    """Beam's options for workers of a pool on this host."""
    return ["--environment_type=EXTERNAL", f"--environment_config=localhost:{port}"]


@contextlib.contextmanager
def run_pool() -> Iterator[int]:
    """A pool of workers: its port."""
    port = free_port()
    command = [str(WORKER.with_name("footfall")), "worker", "--pool", str(port)]
    pool = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(f"localhost:{port}"), "the pool answers")
        yield port
    finally:
        pool.terminate()
        pool.wait()


def test_workers_of_a_pool_publish_the_same_figures(tmp_path: Path, local_folder: Path) -> None:
    demand("cluster")
    with run_pool() as port:
        published = publish(tmp_path, NAME, command_options("--flink_master=[local]", *external(port)))
    assert_equal(published, published_locally(NAME, local_folder))


def test_a_pool_that_two_task_managers_share_is_refused(tmp_path: Path, cluster: Cluster) -> None:
    demand("short")
    beam = command_options(f"--flink_master={cluster.rest}", *external(free_port()))
    with pytest.raises(UsageError, match=r"two TaskManagers share a pool of workers, .*give each its own"):
        publish(tmp_path, NAME, beam, temp=str(tmp_path))


def test_workers_with_another_footfall_are_refused(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand("cluster")
    python, footfall, _ = try_workers.describe_software()
    monkeypatch.setattr(try_workers, "describe_software", lambda: (python, footfall, "another"))
    with pytest.raises(RunError, match=r"a worker has another build of Footfall \S+ than this run; install the same"):
        publish(tmp_path, NAME, cluster.options, temp=str(tmp_path))
    assert not (tmp_path / "traffic.duckdb").exists()
