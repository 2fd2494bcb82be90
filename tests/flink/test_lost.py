"""TaskManagers and workers that are killed change nothing: the file is equal, or the run is refused.

Three moments are tried in one run, or as many as the variable KILLS says in several; they lie between the first and
the last file that the steps write to the folder that they share.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from footfall.pipelines.errors import RunError
from tests.flink.cluster import Cluster, demand, wait_until
from tests.flink.comparing import MANY, assert_equal, publish, published_locally

KILLS: Final = int(os.environ.get("KILLS", "3"))
IN_ONE_RUN: Final = 3
FILES: Final = 75
"""About as many files as the steps of this run write."""
PATIENCE_S: Final = 1800.0
"""Until so many files are there: on a machine that does other things, too, a run takes many minutes."""
NOT_KEPT: Final = "--environment_cache_millis=0"
"""A worker that is kept for other steps is kept when it is lost, too, and each attempt that meets it fails."""


def lose_task_manager(cluster: Cluster) -> None:
    """Kill a TaskManager with its worker; another one takes its place."""
    cluster.kill_task_manager()
    cluster.start_task_manager()


def lose_worker(cluster: Cluster) -> None:
    """Kill a worker; its TaskManager stays."""
    wait_until(cluster.workers, "a worker")
    for worker in cluster.workers()[:1]:
        os.kill(worker, signal.SIGKILL)


def moments() -> Iterator[list[int]]:
    """For each run, how many files are there at its losses; all runs together have moments from first to last."""
    for first in range(runs := -(-KILLS // IN_ONE_RUN)):
        yield [1 + number * FILES // KILLS for number in range(first, KILLS, runs)]


@contextlib.contextmanager
def losses(lose: Callable[[], None], shared: Path, files: list[int]) -> Iterator[list[int]]:
    """Lose something whenever so many files are in the shared folder; yields the list of what has been lost so far."""
    lost: list[int] = []
    has_ended = threading.Event()

    def is_time(least: int) -> bool:
        found = sum(one.is_file() and not one.name.startswith("run-") for one in shared.glob("footfall-*/*/*"))
        return found >= least or has_ended.is_set()

    def lose_all() -> None:
        for least in files:
            wait_until(partial(is_time, least), f"{least} files in the exchange folder", PATIENCE_S)
            if not has_ended.is_set():
                lose()
                lost.append(least)

    thread = threading.Thread(target=lose_all, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        has_ended.set()
        thread.join()


@pytest.mark.parametrize("files", moments(), ids=str)
def test_what_lost_task_managers_did_counts_once(
    files: list[int], tmp_path: Path, local_folder: Path, cluster: Cluster
) -> None:
    demand("short")
    (shared := tmp_path / "shared").mkdir()
    with losses(lambda: lose_task_manager(cluster), shared, files) as lost:
        published = publish(tmp_path, MANY, [*cluster.options, NOT_KEPT], temp=str(shared))
    assert lost == files
    assert_equal(published, published_locally(MANY, local_folder))
    assert not list(shared.iterdir()), "what lost attempts left is swept"


@pytest.mark.parametrize("files", moments(), ids=str)
def test_what_lost_workers_did_counts_once_or_the_run_is_refused(
    files: list[int], tmp_path: Path, local_folder: Path, cluster: Cluster
) -> None:
    # Beam's runner can hold on to a killed worker until its TaskManager ends, and then the attempts are used up.
    demand("short")
    (shared := tmp_path / "shared").mkdir()
    expected = published_locally(MANY, local_folder)
    beam = [*cluster.options, NOT_KEPT]
    try:
        with losses(lambda: lose_worker(cluster), shared, files) as lost:
            published = publish(tmp_path, MANY, beam, temp=str(shared))
        assert lost == files
    except RunError as error:
        assert lost
        assert "nothing was published" in str(error)
        assert not (tmp_path / "traffic.duckdb").exists()
        wait_until(lambda: not cluster.running_jobs(), "the job has ended")
        published = publish(tmp_path, MANY, beam, temp=str(shared))
    assert_equal(published, expected)
    assert not list(shared.iterdir()), "what lost attempts left is swept"
