"""A pool of workers starts and ends processes for one TaskManager, and refuses a second one."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from apache_beam.portability.api import beam_fn_api_pb2 as messages

from footfall.pipelines.engine import worker_pool
from footfall.pipelines.engine.engine_failures import explain_failure
from footfall.pipelines.engine.worker_pool import SHARED_POOL, WorkerPool
from tests.commands import Operator


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerPool]:
    """A pool whose workers sleep."""
    monkeypatch.setattr(worker_pool, "_command", lambda _: [sys.executable, "-c", "import time; time.sleep(600)"])
    pool = WorkerPool()
    yield pool
    pool.end()


def request(worker: str, control: str) -> messages.StartWorkerRequest:
    """What a TaskManager sends."""
    asked = messages.StartWorkerRequest(worker_id=worker)
    asked.control_endpoint.url = control
    return asked


def test_a_second_task_manager_is_refused_and_told_why(pool: WorkerPool) -> None:
    assert not pool.StartWorker(request("1-1", "localhost:1000"), None).error
    assert not pool.StartWorker(request("1-2", "localhost:1000"), None).error
    first = pool._workers["1-1"][1]
    told = pool.StartWorker(request("1-1", "localhost:2000"), None).error
    assert explain_failure([f"java.lang.RuntimeException: {told}\n"]) == SHARED_POOL
    assert first.poll() is None
    pool.StopWorker(messages.StopWorkerRequest(worker_id="1-1"), None)
    assert first.wait(20) is not None
    # What has ended belongs to nobody.
    assert not pool.StartWorker(request("1-1", "localhost:2000"), None).error


def test_no_worker_outlives_its_pool(pool: WorkerPool) -> None:
    pool.StartWorker(request("1-1", "localhost:1000"), None)
    process = pool._workers["1-1"][1]
    pool.end()
    assert process.wait(20) is not None


def test_a_worker_that_no_engine_starts_is_told_so(operator: Operator) -> None:
    ended = operator.run("worker")
    assert ended.status == 2
    assert "worker: no --id; an engine gives it, or give --pool PORT" in ended.err
    ended = operator.run("worker", "--id=1")
    assert ended.status == 1
    assert "only an engine starts workers" in ended.err
