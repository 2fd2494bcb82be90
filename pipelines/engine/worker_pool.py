"""A pool of workers: starts a worker process for each that a cluster's TaskManager on the same host asks for."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import grpc
from apache_beam.portability.api import beam_fn_api_pb2 as messages
from apache_beam.portability.api import beam_fn_api_pb2_grpc as services

from footfall.pipelines.errors import UsageError
from footfall.transforms.running.failures import stage_failure

_END_S: Final = 10.0
SHARED_POOL: Final = (
    "two TaskManagers share a pool of workers, and each would end the other's; give each its own (footfall worker "
    "--pool), or let each start its workers (--environment_type=PROCESS)"
)


@dataclass
class WorkerPool(services.BeamFnExternalWorkerPoolServicer):  # type: ignore[misc]
    """Answers requests for workers. TaskManagers number their workers alike, so a pool must belong to only one."""

    _workers: dict[str, tuple[str, subprocess.Popen[bytes]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def StartWorker(self, request: Any, context: Any) -> Any:
        """Start a process; the answer has an error if another TaskManager has a worker of that name here."""
        control = request.control_endpoint.url
        with self._lock:
            owner, process = self._workers.get(request.worker_id, ("", None))
            if process is not None and process.poll() is None and owner != control:
                return messages.StartWorkerResponse(error=str(stage_failure(SHARED_POOL)))
            self._workers[request.worker_id] = control, subprocess.Popen(_command(request))
        return messages.StartWorkerResponse()

    def StopWorker(self, request: Any, context: Any) -> Any:
        """End a worker's process."""
        with self._lock:
            _, process = self._workers.pop(request.worker_id, ("", None))
        if process is not None:
            _end(process)
        return messages.StopWorkerResponse()

    def end(self) -> None:
        """End all workers."""
        with self._lock:
            workers, self._workers = self._workers, {}
        for _, process in workers.values():
            _end(process)


def _command(request: Any) -> list[str]:
    endpoints = {
        "--control_endpoint": request.control_endpoint.url,
        "--provision_endpoint": request.provision_endpoint.url,
    }
    given = [f"{name}={url}" for name, url in endpoints.items() if url]
    return [sys.executable, "-m", "footfall.pipelines.cli", "worker", f"--id={request.worker_id}", *given]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def serve_pool(host: str, port: int) -> None:
    """Serve a pool at an address until the process is interrupted. Raises UsageError if the address is taken.

    Nobody has to identify themselves: whoever reaches the address can start workers, which run what they are sent.
    """
    pool = WorkerPool()
    # Without the option, another pool on the same port would get a share of the requests.
    server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
    services.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    try:
        server.add_insecure_port(f"{host}:{port}")
    except RuntimeError:
        raise UsageError(f"{host}:{port}: cannot be listened on; another pool may run there, or give another") from None
    server.start()
    try:
        server.wait_for_termination()
    finally:
        server.stop(None)
        pool.end()
