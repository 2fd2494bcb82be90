"""A worker of a cluster: the process that an engine starts on its hosts to run Footfall's steps."""

from __future__ import annotations

from typing import Any, Final

import grpc
from apache_beam.io.filesystems import FileSystems
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_provision_api_pb2 as provision
from apache_beam.portability.api import beam_provision_api_pb2_grpc as provision_service
from apache_beam.runners.worker.sdk_worker import SdkHarness
from google.protobuf.json_format import MessageToDict

from footfall.pipelines.errors import RunError

_ANSWER_S: Final = 60
"""How long a TaskManager may take to send instructions to a worker that it has started."""


def run_worker(worker_id: str, provision_endpoint: str | None, control_endpoint: str | None) -> None:
    """Run steps for the engine until it closes the connection. Raises RunError if it can't be reached.

    An engine gives the addresses as `host:port`: where a worker asks for the job's options and for the address of the
    next one, and where it gets its instructions. Beam's logging is not connected: libraries' messages may quote a line.
    """
    if provision_endpoint:
        info = _ask(worker_id, provision_endpoint)
        control_endpoint = control_endpoint or info.control_endpoint.url
        # Credentials and addresses of object stores are options.
        FileSystems.set_options(PipelineOptions.from_dictionary(_read_options(MessageToDict(info.pipeline_options))))
    if not control_endpoint:
        raise RunError("worker: neither --provision_endpoint nor --control_endpoint; only an engine starts workers")
    # A buffer that is flushed by time loses elements: see `beam_faults`.
    SdkHarness(control_endpoint, worker_id=worker_id, data_buffer_time_limit_ms=0).run()


def _ask(worker_id: str, endpoint: str) -> Any:
    with grpc.insecure_channel(endpoint) as channel:
        service = provision_service.ProvisionServiceStub(channel)
        try:
            answer = service.GetProvisionInfo(
                provision.GetProvisionInfoRequest(), metadata=[("worker_id", worker_id)], timeout=_ANSWER_S
            )
        except grpc.RpcError as error:
            raise RunError(f"worker: {endpoint} sends no instructions ({error.code().name})") from None
    return answer.info


def _read_options(options: dict[str, Any]) -> dict[str, Any]:
    """Beam's options by name, from the names that travel: `beam:option:flink_master:v1`."""
    parts = {name: name.split(":") for name in options}
    return {
        (parts[name][2] if len(parts[name]) == 4 else name): value
        for name, value in options.items()
        if value is not None
    }
