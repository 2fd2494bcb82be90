"""Options of a cluster that can't work are told before anything starts, with the remedy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from footfall.pipelines.engine import check_cluster as checked
from footfall.pipelines.engine.check_cluster import check_cluster, check_extras, has_other_hosts
from footfall.pipelines.engine.choose_engine import choose_engine
from footfall.pipelines.errors import UsageError

LOGS = ("/logs/access.log",)
TEMP = "/shared"
PROCESS = ("--environment_type=PROCESS", '--environment_config={"command": "/opt/footfall/bin/footfall-worker"}')


class Flink(BaseHTTPRequestHandler):
    """Answers as Flink's web interface does, for TaskManagers on these hosts."""

    hosts: tuple[str, ...] = ()

    def do_GET(self) -> None:
        """Tell the TaskManagers."""
        told = [{"path": f"pekko.tcp://flink@{host}:6122/user/rpc/taskmanager_0"} for host in self.hosts]
        content = json.dumps({"taskmanagers": told}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def flink() -> Iterator[str]:
    """Address of a web interface."""
    server = HTTPServer(("127.0.0.1", 0), Flink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def jar(tmp_path: Path) -> str:
    """An option that names a file that is there."""
    (tmp_path / "job-server.jar").touch()
    return f"--flink_job_server_jar={tmp_path / 'job-server.jar'}"


@pytest.mark.parametrize(
    ("arguments", "is_cluster"),
    [
        ([], False),
        (["--direct_running_mode=multi_processing"], False),
        (["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"], False),
        (["--runner=FlinkRunner", "--flink_master=[local]"], False),
        (["--runner=FlinkRunner", "--flink_master=flink:8081"], True),
        (["--runner=FlinkRunner", "--job_endpoint=flink:8099"], True),
        (["--runner=PortableRunner", "--job_endpoint=flink:8099"], True),
    ],
)
def test_engines_with_other_hosts_are_told_from_those_without(arguments: list[str], is_cluster: bool) -> None:
    assert has_other_hosts(choose_engine(arguments)) is is_cluster


@pytest.mark.parametrize(
    ("paths", "temp", "more", "problem"),
    [
        (LOGS, None, PROCESS, "--temp: missing; on a cluster, give a folder or URL"),
        (LOGS, "shared", PROCESS, "shared: relative; .* give the path from / on"),
        (("access.log",), TEMP, PROCESS, r"access\.log: relative"),
        (LOGS, TEMP, (), "--environment_type: missing; .* footfall-worker"),
        (LOGS, TEMP, ("--environment_type=PROCESS",), "--environment_config: not what PROCESS needs"),
        (LOGS, TEMP, (PROCESS[0], "--environment_config=footfall-worker"), "--environment_config: not what PROCESS"),
        (
            LOGS,
            TEMP,
            (PROCESS[0], '--environment_config={"command": "footfall worker"}'),
            "'footfall worker' is not the path of one command",
        ),
        (
            LOGS,
            TEMP,
            (*PROCESS, "--s3_secret_access_key=x"),
            "--s3_secret_access_key: would be readable on the engine's",
        ),
        (LOGS, TEMP, (*PROCESS, "--s3_session_token=x"), "--s3_session_token: would be readable on the engine's web"),
        (LOGS, TEMP, ("--environment_type=EXTERNAL",), "give the address of the pools"),
        (LOGS, TEMP, ("--environment_type=DOCKER",), "give the image"),
    ],
)
def test_what_a_cluster_lacks_is_told(
    paths: tuple[str, ...], temp: str | None, more: tuple[str, ...], problem: str, flink: str, jar: str
) -> None:
    Flink.hosts = ("10.0.0.7", "10.0.0.8")
    arguments = ["--runner=FlinkRunner", f"--flink_master={flink}", jar]
    check_cluster(choose_engine([*arguments, *PROCESS]), LOGS, TEMP)
    with pytest.raises(UsageError, match=problem):
        check_cluster(choose_engine([*arguments, *more]), paths, temp)


@pytest.mark.parametrize(
    ("environment", "hosts", "is_refused"),
    [
        (("LOOPBACK", ""), ("10.0.0.7", "10.0.0.8"), True),
        (("LOOPBACK", ""), ("10.0.0.7",), False),
        (("EXTERNAL", "localhost:50000"), ("10.0.0.7", "10.0.0.8"), False),
        (("EXTERNAL", "localhost:50000"), ("10.0.0.7", "10.0.0.7"), True),
        (("EXTERNAL", "pools.example:50000"), ("10.0.0.7", "10.0.0.8"), True),
        (("EXTERNAL", "pools.example:50000"), ("10.0.0.7",), False),
    ],
)
def test_a_pool_that_two_task_managers_share_is_told(
    environment: tuple[str, str], hosts: tuple[str, ...], is_refused: bool, flink: str, jar: str
) -> None:
    Flink.hosts = hosts
    kind, config = environment
    more = [f"--environment_type={kind}", *([f"--environment_config={config}"] if config else [])]
    engine = choose_engine(["--runner=FlinkRunner", f"--flink_master={flink}", jar, *more])
    if not is_refused:
        check_cluster(engine, LOGS, TEMP)
        return
    with pytest.raises(UsageError, match="two TaskManagers share a pool of workers"):
        check_cluster(engine, LOGS, TEMP)


def test_addresses_that_do_not_answer_are_told(flink: str, jar: str) -> None:
    Flink.hosts = ()
    for arguments, problem in (
        (["--flink_master=127.0.0.1:9", jar], "--flink_master=127.0.0.1:9: no Flink answers there"),
        ([f"--flink_master={flink}", jar], "the cluster has no TaskManagers"),
        ([f"--flink_master={flink}"], "no job server; name Beam's jar"),
        ([f"--flink_master={flink}", "--flink_job_server_jar=/none.jar"], r"/none\.jar: no such file"),
        (["--job_endpoint=127.0.0.1:9"], "--job_endpoint=127.0.0.1:9: nothing answers there; start the job server"),
    ):
        with pytest.raises(UsageError, match=problem):
            check_cluster(choose_engine(["--runner=FlinkRunner", *PROCESS, *arguments]), LOGS, TEMP)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked, "_is_installed", lambda module: False)
    check_extras(["s3://logs/access.log", "/logs/access.log"], choose_engine([]))
    for path, extra in (("gs://logs/access.log", "gcp"), ("abfs://logs/access.log", "azure")):
        with pytest.raises(UsageError, match=rf"the extra '{extra}' is missing; install footfall\[{extra}\]"):
            check_extras([path], choose_engine([]))
    with pytest.raises(UsageError, match="'gcp'"):
        check_extras([], choose_engine(["--runner=DataflowRunner"]))
