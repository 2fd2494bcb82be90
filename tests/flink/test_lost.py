"""TaskManagers and workers that are killed change nothing: the file is equal, or the run is refused.

Three moments are tried in one run, or as many as the variable KILLS says in several; they lie between the first and
the last file that the steps write to the folder that they share. A TaskManager is killed first, then a worker, then a
TaskManager: Beam's runner can hold on to a killed worker until its TaskManager ends, and a second one uses up the
attempts.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.flink.cluster import Cluster, demand, wait_until
from tests.flink.comparing import MANY, assert_equal, publish, published_locally

KILLS: Final = int(os.environ.get("KILLS", "3"))
IN_ONE_RUN: Final = 3
FILES: Final = 75
"""About as many files as the steps of this run write."""
PATIENCE_S: Final = 1800.0
"""Until so many files are there: on a machine that does other things, too, a run takes many minutes."""


def lose_task_manager(cluster: Cluster) -> None:
    """Kill a TaskManager with its worker; another one takes its place."""
    cluster.kill_task_manager()
    cluster.start_task_manager()


def lose_worker(cluster: Cluster) -> None:
    """Kill a worker; its TaskManager stays."""
    wait_until(cluster.workers, "a worker")
    for worker in cluster.workers()[:1]:
        os.kill(worker, signal.SIGKILL)


LOSSES: Final[tuple[Callable[[Cluster], None], ...]] = (lose_task_manager, lose_worker)


def moments() -> Iterator[list[int]]:
    """For each run, how many files are there at its losses; all runs together have moments from first to last."""
    for first in range(runs := -(-KILLS // IN_ONE_RUN)):
        yield [1 + number * FILES // KILLS for number in range(first, KILLS, runs)]


@pytest.mark.parametrize("files", moments(), ids=str)
def test_what_is_lost_on_the_way_counts_once(
    files: list[int], tmp_path: Path, local_folder: Path, cluster: Cluster
) -> None:
    demand("short")
    (shared := tmp_path / "shared").mkdir()
    lost: list[int] = []

    def are_written(least: int) -> bool:
        found = sum(one.is_file() and not one.name.startswith("run-") for one in shared.glob("footfall-*/*/*"))
        return found >= least

    def lose() -> None:
        for number, least in enumerate(files):
            wait_until(partial(are_written, least), f"{least} files in the exchange folder", PATIENCE_S)
            LOSSES[number % len(LOSSES)](cluster)
            lost.append(least)

    thread = threading.Thread(target=lose, daemon=True)
    thread.start()
    # A worker that is kept for other steps is kept when it is lost, too, and each attempt that meets it fails.
    published = publish(tmp_path, MANY, [*cluster.options, "--environment_cache_millis=0"], temp=str(shared))
    thread.join()
    assert lost == files
    assert_equal(published, published_locally(MANY, local_folder))
    assert not list(shared.iterdir()), "what lost attempts left is swept"
