"""A job server that is killed ends the run: it is refused with the cause, and the next run publishes all."""

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
from tests.flink.comparing import assert_equal, publish, published_locally

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


def assert_refused(tmp_path: Path, local_folder: Path, beam: list[str]) -> None:
    """The run tells why it ended, the old file is unchanged, and nothing else is left."""
    (shared := tmp_path / "shared").mkdir()
    published_locally(NAME, local_folder)
    db, old = tmp_path / "traffic.duckdb", (local_folder / NAME / "traffic.duckdb").read_bytes()
    db.write_bytes(old)
    thread = threading.Thread(target=kill_job_server, args=(shared,), daemon=True)
    thread.start()
    with pytest.raises(RunError, match=r"the job server at localhost:\d+ has ended.*; nothing was published, the old"):
        publish(tmp_path, NAME, beam, temp=str(shared))
    thread.join()
    assert db.read_bytes() == old
    assert not list(shared.iterdir())


def test_flink_in_one_process(tmp_path: Path, local_folder: Path) -> None:
    demand("quick")
    assert_refused(tmp_path, local_folder, command_options("--flink_master=[local]"))


def test_the_job_on_a_cluster_is_cancelled_and_run_again(tmp_path: Path, local_folder: Path, cluster: Cluster) -> None:
    demand("cluster")
    assert_refused(tmp_path, local_folder, cluster.options)
    wait_until(lambda: not cluster.running_jobs(), "the job has ended")
    (tmp_path / "traffic.duckdb").unlink()
    again = publish(tmp_path, NAME, cluster.options, temp=str(tmp_path / "shared"))
    assert_equal(again, published_locally(NAME, local_folder))
