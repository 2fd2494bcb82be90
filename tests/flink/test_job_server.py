"""A job server that is killed ends the run: it is refused with the cause, and nothing stays behind."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from pathlib import Path
from typing import Final

import pytest

from footfall.pipelines.errors import RunError
from tests.flink.cluster import Cluster, command_options, demand, wait_until
from tests.flink.test_equal import publish

NAME: Final = "one plain log"
PATIENCE_S: Final = 600.0


def kill_job_server(shared: Path) -> None:
    """Kill the job server that this process started, once the steps of the job have written a file."""
    wait_until(lambda: any(shared.glob("footfall-*/*/*.rows")), "a file in the exchange folder", PATIENCE_S)
    (server,) = [one for one in children() if b"--job-port" in (one / "cmdline").read_bytes()]
    os.kill(int(server.name), signal.SIGKILL)


def children() -> list[Path]:
    """The entries of /proc of processes that this one started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.append(entry)
    return found


def assert_refused(tmp_path: Path, beam: list[str]) -> None:
    """The run tells why it ended, has published nothing, and left nothing."""
    (shared := tmp_path / "shared").mkdir()
    thread = threading.Thread(target=kill_job_server, args=(shared,))
    thread.start()
    with pytest.raises(RunError, match=r"the job server at localhost:\d+ has ended.*; nothing was published, the old"):
        publish(tmp_path, NAME, beam, temp=str(shared))
    thread.join()
    assert not (tmp_path / "traffic.duckdb").exists()
    assert not list(shared.iterdir())


def test_flink_in_one_process(tmp_path: Path) -> None:
    demand("quick")
    assert_refused(tmp_path, command_options("--flink_master=[local]"))


def test_the_job_on_a_cluster_is_cancelled(tmp_path: Path, cluster: Cluster) -> None:
    demand("cluster")
    assert_refused(tmp_path, cluster.options)
    wait_until(lambda: not cluster.running_jobs(), "the job has ended")
