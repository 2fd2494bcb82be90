"""Starts Beam's job server for Flink from a jar, for as long as a run takes."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from apache_beam.options.pipeline_options import (
    FlinkRunnerOptions,
    JobServerOptions,
    PipelineOptions,
    PortableOptions,
)

from footfall.pipelines.errors import RunError, UsageError

_START_S: Final = 120.0
_END_S: Final = 10.0
_ANSWER_S: Final = 5.0
LOG_NAME: Final = "job-server.log"
IN_ONE_PROCESS: Final = ("[local]", "[auto]")
"""Values of --flink_master: a Flink in the process of the job server."""


@contextlib.contextmanager
def start_job_server(options: PipelineOptions, folder: Path) -> Iterator[None]:
    """Start a job server if `options` name its jar but no running server, and stop it when the context ends.

    The options then name this server. Its output goes to a file in `folder`. Beam could start it too, but would stop it
    only when the interpreter exits, and a command does not wait for that. Raises UsageError if it can't be started, and
    RunError if it ends at once.
    """
    flink, portable = options.view_as(FlinkRunnerOptions), options.view_as(PortableOptions)
    if portable.job_endpoint or not flink.flink_job_server_jar:
        yield
        return
    port = _free_port()
    with (folder / LOG_NAME).open("wb") as log:
        try:
            process = subprocess.Popen(
                _command(options, port, folder), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
            )
        except OSError:
            launcher = options.view_as(JobServerOptions).job_server_java_launcher
            raise UsageError(
                f"{launcher}: not found; the job server needs Java: install it, or name it with "
                "--job_server_java_launcher after --"
            ) from None
    try:
        _wait_for(port, process, flink.flink_job_server_jar)
        portable.job_endpoint = f"localhost:{port}"
        yield
    finally:
        portable.job_endpoint = None
        process.terminate()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(address: str) -> bool:
    """Whether something accepts connections at `host:port`, with or without a scheme before it."""
    host, _, port = address.rpartition("://")[2].rstrip("/").rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_S):
            return True
    except (OSError, ValueError):
        return False


def _command(options: PipelineOptions, port: int, folder: Path) -> list[str]:
    server, flink = options.view_as(JobServerOptions), options.view_as(FlinkRunnerOptions)
    launcher = server.job_server_java_launcher
    configuration = options.get_all_options(retain_unknown_options=True).get("flink_conf_dir")
    return [
        *(shutil.which(launcher) or launcher, *server.job_server_jvm_properties, f"-Djava.io.tmpdir={folder}"),
        *("-jar", str(Path(flink.flink_job_server_jar).resolve())),
        *("--flink-master", flink.flink_master, "--artifacts-dir", str(folder / "artifacts")),
        *("--job-host", "localhost", "--job-port", str(port), "--artifact-port", "0", "--expansion-port", "0"),
        *(("--flink-conf-dir", configuration) if configuration else ()),
    ]


def _wait_for(port: int, process: subprocess.Popen[bytes], jar: str) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RunError(
        f"{jar}: no job server starts from it; check that it is one for your version of Flink, and that "
        "`java -jar` with it and --help prints its options"
    )


def _free_port() -> int:
    with socket.create_server(("localhost", 0)) as one:
        return int(one.getsockname()[1])
