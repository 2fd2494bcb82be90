"""A TaskManager or a worker that is killed changes nothing: the file is equal, or the run is refused.

Three moments are tried, or as many as the variable KILLS says; they lie between the first and the last file that the
steps write to the folder that they share.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.flink.cluster import Cluster, demand, wait_until
from tests.flink.test_equal import assert_equal, publish, published_locally

KILLS: Final = int(os.environ.get("KILLS", "3"))
NAME: Final = "many inputs that share lines"
FILES: Final = 40
"""About as many files as the steps of this run write."""
PATIENCE_S: Final = 1800.0
"""Until so many files are there: on a machine that does other things, too, a run takes many minutes."""


def lose_task_manager(cluster: Cluster) -> None:
    """Kill a TaskManager with its worker; another one takes its place."""
    cluster.kill_task_manager()
    cluster.start_task_manager()


def lose_worker(cluster: Cluster) -> None:
    """Kill a worker; its TaskManager stays."""
    for worker in cluster.workers()[:1]:
        os.kill(worker, signal.SIGKILL)


LOSSES: Final[tuple[Callable[[Cluster], None], ...]] = (lose_task_manager, lose_worker)


@pytest.mark.parametrize("number", range(KILLS))
def test_what_is_lost_on_the_way_counts_once(
    number: int, tmp_path: Path, local_folder: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand("cluster")
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", 200_003)
    (shared := tmp_path / "shared").mkdir()
    lost: list[int] = []
    least = 1 + number * FILES // KILLS

    def files() -> int:
        return sum(one.is_file() and not one.name.startswith("run-") for one in shared.glob("footfall-*/*/*"))

    def lose() -> None:
        wait_until(lambda: files() >= least, f"{least} files in the exchange folder", PATIENCE_S)
        lost.append(files())
        LOSSES[number % len(LOSSES)](cluster)

    thread = threading.Thread(target=lose)
    thread.start()
    published = publish(tmp_path, NAME, cluster.options, temp=str(shared))
    thread.join()
    assert lost and lost[0] >= least
    assert_equal(published, published_locally(NAME, local_folder))
    assert not list(shared.iterdir()), "what lost attempts left is swept"
