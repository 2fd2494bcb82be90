"""Starts a Flink cluster on this host: a JobManager and two TaskManagers, each with a worker process; and ends it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.commands import ROOT
from tests.flink.write_job_server import OPENED, list_jars

FORM: Final = "FOOTFALL_FLINK"
"""One of FORMS, as `make test-flink` sets it; without it, the tests of this folder are skipped."""
FORMS: Final = ("quick", "short", "cluster")
"""Flink in one process; that, and what tells most of a cluster; all. Each includes the ones before it."""
JARS: Final = ROOT / ".venv" / "flink"
WORKER: Final = Path(sys.executable).with_name("footfall-worker")
TIMEOUT_S: Final = 300.0
JOB_MANAGER: Final = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
TASK_MANAGER: Final = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
PARAMETERS: Final = "org.apache.flink.runtime.util.bash.BashJavaUtils"
KEPT_MS: Final = 500
"""How long a worker is kept for the next step: each takes a second or two to start."""
QUICK_START: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
"""Options of Java for programs that run for a minute: it spends less on making them fast."""

LOGGING: Final = """
rootLogger.level = INFO
rootLogger.appenderRef.console.ref = console
appender.console.type = CONSOLE
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss,SSS} %-5p %c{1} %m%n
"""


def demand(form: str) -> None:
    """Skip a test unless this form of the tests was asked for, or one that includes it."""
    asked = os.environ.get(FORM)
    if asked not in FORMS[FORMS.index(form) :]:
        pytest.skip("make test-flink runs this; with SHORT=1 or QUICK=1 a part")
    assert (JARS / "job-server.jar").is_file(), "tests/flink/install fetches Flink"


def free_port() -> int:
    """A port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def command_options(*more: str) -> list[str]:
    """Beam's options for Flink, with a job server that the command starts."""
    return [
        *("--runner=FlinkRunner", "--flink_version=1.19", f"--flink_job_server_jar={JARS / 'job-server.jar'}"),
        *("--parallelism=2", f"--environment_cache_millis={KEPT_MS}"),
        *(*(f"--job_server_jvm_properties={one}" for one in QUICK_START), *more),
    ]


@dataclass
class Cluster:
    """A running cluster: its folder has the configuration, all logs, and what Flink stores; `rest` is host:port."""

    folder: Path
    rest: str
    job_manager: subprocess.Popen[bytes]
    task_managers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0

    @property
    def options(self) -> list[str]:
        """Beam's options for a job on this cluster, whose TaskManagers start their own workers."""
        environment = json.dumps({"command": str(WORKER)})
        return command_options(
            f"--flink_master={self.rest}", "--environment_type=PROCESS", f"--environment_config={environment}"
        )

    def ask(self, path: str) -> Any:
        """The answer of Flink's web interface."""
        with urllib.request.urlopen(f"http://{self.rest}{path}", timeout=10) as answer:
            return json.load(answer)

    def start_task_manager(self) -> None:
        """Start one more TaskManager, with the parameters that Flink computes for the configuration."""
        conf = str(self.folder / "conf")
        printed = subprocess.run(
            [
                "java", "-cp", class_path(), PARAMETERS, "GET_TM_RESOURCE_PARAMS", "--configDir", conf
            ],
            capture_output=True, check=True, text=True, env=java_environment(self.folder),
        ).stdout.splitlines()  # fmt: skip
        marked = [line.removeprefix("BASH_JAVA_UTILS_EXEC_RESULT:") for line in printed if "EXEC_RESULT:" in line]
        jvm, dynamic = marked[0].split(), marked[1].split()
        self.started += 1
        self.task_managers.append(
            start_java(self.folder, f"taskmanager-{self.started}", [*jvm], TASK_MANAGER, "--configDir", conf, *dynamic)
        )

    def kill_task_manager(self) -> None:
        """Kill the oldest TaskManager and the workers it started, as when a host is lost."""
        lost = self.task_managers.pop(0)
        os.killpg(lost.pid, signal.SIGKILL)
        lost.wait()

    def workers(self) -> list[int]:
        """The process ids of the workers of all living TaskManagers."""
        groups = {one.pid for one in self.task_managers}
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if os.getpgid(int(entry.name)) in groups and b"footfall-worker" in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
        return found

    def wait_for_slots(self, slots: int = 2) -> None:
        """Wait until that many slots are registered and free."""
        wait_until(lambda: self.ask("/overview")["slots-available"] >= slots, f"{slots} free slots")

    def running_jobs(self) -> list[str]:
        """The ids of jobs that are under way."""
        return [
            job["id"] for job in self.ask("/jobs")["jobs"] if job["status"] not in ("FINISHED", "FAILED", "CANCELED")
        ]

    def end(self) -> None:
        """Kill all processes of the cluster."""
        for one in (*self.task_managers, self.job_manager):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()


def wait_until(is_so: Any, what: str, patience_s: float = TIMEOUT_S) -> None:
    """Wait until something is so; errors of the network count as not yet."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            if is_so():
                return
        time.sleep(0.2)
    raise AssertionError(f"not within {patience_s:.0f} s: {what}")


def class_path() -> str:
    """Flink's and Beam's jars."""
    return ":".join(map(str, list_jars(JARS)))


def java_environment(folder: Path) -> dict[str, str]:
    """The environment of the cluster's processes; their temporary files lie in the cluster's folder.

    Each host has its own credentials of an object store.
    """
    credentials = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "test")
    return {**os.environ, **credentials, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)}


def start_java(folder: Path, name: str, jvm: list[str], main: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start one of Flink's processes in a group of its own, its output in `folder`/log."""
    opened = [f"--add-opens={package}=ALL-UNNAMED" for package in OPENED]
    logging = f"-Dlog4j.configurationFile={folder / 'conf' / 'log4j.properties'}"
    command = ["java", *QUICK_START, f"-Djava.io.tmpdir={folder / 'tmp'}", logging, *opened, *jvm]
    command += ["-cp", class_path(), main]
    with (folder / "log" / f"{name}.log").open("wb") as output:
        return subprocess.Popen(
            [*command, *arguments],
            cwd=folder,
            env=java_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def write_configuration(folder: Path, rpc: int, rest: int) -> None:
    """Write Flink's configuration: one slot for each TaskManager, and what it stores in `folder`."""
    for name in ("conf", "log", "tmp", "blobs"):
        (folder / name).mkdir(parents=True)
    # With the default of network memory, Flink tells of an "Insufficient number of network buffers".
    (folder / "conf" / "config.yaml").write_text(
        f"""
jobmanager:
  rpc: {{address: localhost, port: {rpc}}}
  bind-host: localhost
  memory: {{process: {{size: 900m}}}}
taskmanager:
  bind-host: localhost
  host: localhost
  numberOfTaskSlots: 1
  memory:
    process: {{size: 1400m}}
    network: {{min: 384m, max: 384m}}
    managed: {{size: 128m}}
parallelism: {{default: 2}}
rest: {{address: localhost, bind-address: localhost, port: {rest}}}
restart-strategy:
  type: fixed-delay
  fixed-delay: {{attempts: 15, delay: 1 s}}
heartbeat: {{timeout: 8000, interval: 2000}}
classloader: {{resolve-order: parent-first}}
io: {{tmp: {{dirs: {folder / "tmp"}}}}}
blob: {{storage: {{directory: {folder / "blobs"}}}}}
"""
    )
    (folder / "conf" / "log4j.properties").write_text(LOGGING)


@contextlib.contextmanager
def run_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster of two TaskManagers in `folder`, ready for jobs, whose processes are gone at the end."""
    rpc, rest = free_port(), free_port()
    write_configuration(folder, rpc, rest)
    job_manager = start_java(folder, "jobmanager", ["-Xmx512m"], JOB_MANAGER, "--configDir", str(folder / "conf"))
    cluster = Cluster(folder, f"localhost:{rest}", job_manager)
    try:
        for _ in range(2):
            cluster.start_task_manager()
        cluster.wait_for_slots()
        yield cluster
    finally:
        cluster.end()
