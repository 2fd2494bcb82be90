"""Checks what a cluster needs before anything starts: options, addresses, paths; each fault has its remedy."""

from __future__ import annotations

import importlib.util
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from apache_beam.options.pipeline_options import FlinkRunnerOptions, PortableOptions, S3Options, StandardOptions

from footfall.pipelines.engine.choose_engine import Engine
from footfall.pipelines.engine.engine_failures import FlinkRest
from footfall.pipelines.engine.job_server import IN_ONE_PROCESS, answers
from footfall.pipelines.engine.worker_pool import SHARED_POOL
from footfall.pipelines.errors import UsageError
from footfall.transforms.exchange.stored_files import is_url
from footfall.transforms.running.run_options import STANDARD_INPUT

_EXTRAS: Final = {
    "gs": ("gcp", "google.cloud.storage"),
    "azfs": ("azure", "azure.storage.blob"),
    "abfs": ("azure", "azure.storage.blob"),
}
"""By a URL's scheme: Footfall's extra, and the module that it brings."""
_LOCAL_HOSTS: Final = ("localhost", "127.0.0.1", "::1", "[::1]")


def check_extras(paths: Iterable[str], engine: Engine) -> None:
    """Raise UsageError if a path or the runner needs an extra that is not installed."""
    needed = {_EXTRAS[scheme] for path in paths if is_url(path) and (scheme := path.partition("://")[0]) in _EXTRAS}
    runner = _runner(engine)
    if runner == "dataflowrunner":
        needed.add(_EXTRAS["gs"])
    for extra, module in sorted(needed):
        if not _is_installed(module):
            raise UsageError(f"the extra '{extra}' is missing; install footfall[{extra}], on each worker too")


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package around it
        return False


def check_cluster(engine: Engine, paths: Iterable[str], temp: str | None) -> None:
    """Raise UsageError if the options of a cluster can't work; nothing is done for engines on this host alone.

    `paths` are those that workers open: logs, the location file. Flink is asked for its TaskManagers, if its address is
    known.
    """
    if not has_other_hosts(engine):
        return
    if temp is None:
        raise UsageError("--temp: missing; on a cluster, give a folder or URL that this host and all workers share")
    for path in (*paths, temp):
        if not is_url(path) and path != STANDARD_INPUT and not os.path.isabs(path):
            raise UsageError(f"{path}: relative; workers have other working folders: give the path from / on, or a URL")
    store = engine.options.view_as(S3Options)
    for option in ("s3_secret_access_key", "s3_session_token"):
        if getattr(store, option):
            raise UsageError(
                f"--{option}: would be readable on the engine's web page; let each host have it from its role, from a "
                "profile, or from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment"
            )
    portable = engine.options.view_as(PortableOptions)
    flink = engine.options.view_as(FlinkRunnerOptions)
    kind = (portable.environment_type or "").upper()
    if _runner(engine) == "flinkrunner":
        _check_job_server(portable.job_endpoint, flink.flink_job_server_jar)
    if portable.job_endpoint:
        _check_address("--job_endpoint", portable.job_endpoint, "start the job server, or correct the address")
    if _runner(engine) in ("flinkrunner", "portablerunner", "sparkrunner"):
        _check_environment(kind, portable.environment_config)
    if flink.flink_master and flink.flink_master not in IN_ONE_PROCESS:
        _check_flink(flink.flink_master, kind, portable.environment_config or "")


def has_other_hosts(engine: Engine) -> bool:
    """Whether workers may run on other hosts than this one."""
    portable, flink = engine.options.view_as(PortableOptions), engine.options.view_as(FlinkRunnerOptions)
    if (
        engine.is_in_this_process
        or _runner(engine) in ("fnapirunner", "directrunner")
        or portable.job_endpoint == "embed"
    ):
        return False
    return _runner(engine) != "flinkrunner" or bool(portable.job_endpoint) or flink.flink_master not in IN_ONE_PROCESS


def _runner(engine: Engine) -> str:
    return (engine.options.view_as(StandardOptions).runner or "").rpartition(".")[2].lower()


def _check_job_server(endpoint: str | None, jar: str | None) -> None:
    if not endpoint and not jar:
        raise UsageError(
            "--runner=FlinkRunner: no job server; name Beam's jar for your version of Flink with "
            "--flink_job_server_jar, or the address of a running one with --job_endpoint"
        )
    if jar and not is_url(jar) and not Path(jar).is_file():
        raise UsageError(f"--flink_job_server_jar={jar}: no such file; name Beam's jar for your version of Flink")


def _check_environment(kind: str, config: str | None) -> None:
    if not kind:
        raise UsageError(
            "--environment_type: missing; say how workers start: PROCESS with the path of footfall-worker, EXTERNAL "
            "with the address of a pool (footfall worker --pool), or DOCKER with an image that has Footfall"
        )
    if kind == "PROCESS":
        try:
            command = str(json.loads(config or "")["command"])
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                '--environment_config: not what PROCESS needs; give {"command": "/…/footfall-worker"}, as JSON'
            ) from None
        if not os.path.isabs(command) or " " in command:
            raise UsageError(
                f"--environment_config: {command!r} is not the path of one command from / on; give that of "
                "footfall-worker as it is on each worker's host"
            )
    if kind in ("EXTERNAL", "DOCKER") and not config:
        what = "the address of the pools, as localhost:50000" if kind == "EXTERNAL" else "the image, one with Footfall"
        raise UsageError(f"--environment_config: missing; for {kind}, give {what}")


def _check_address(option: str, address: str, remedy: str) -> None:
    if not answers(address):
        raise UsageError(f"{option}={address}: nothing answers there; {remedy}")


def _check_flink(master: str, kind: str, config: str) -> None:
    rest = FlinkRest(master)
    answer = rest.ask("/taskmanagers")
    if answer is None:
        raise UsageError(
            f"--flink_master={master}: no Flink answers there; give host:port of the JobManager's web interface"
        )
    hosts = list(_hosts(answer["taskmanagers"]))
    if not hosts:
        raise UsageError(f"--flink_master={master}: the cluster has no TaskManagers; start them first")
    pool_host = config.rpartition(":")[0]
    is_shared = kind == "LOOPBACK" or (
        kind == "EXTERNAL" and (pool_host not in _LOCAL_HOSTS or max(Counter(hosts).values()) > 1)
    )
    if is_shared and len(hosts) > 1:
        raise UsageError(f"--environment_type={kind}: {SHARED_POOL}")


def _hosts(task_managers: Iterable[dict[str, str]]) -> Iterator[str]:
    """The host of each TaskManager, from addresses such as `pekko.tcp://flink@10.0.0.7:6122/user/rpc/taskmanager_0`."""
    for one in task_managers:
        yield one["path"].partition("@")[2].partition("/")[0].rpartition(":")[0]
