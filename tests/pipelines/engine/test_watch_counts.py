"""What an engine's workers have read is shown where the run is watched."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import apache_beam as beam
import pytest

from footfall.pipelines.engine.choose_engine import choose_engine
from footfall.pipelines.engine.run_pipeline import run_pipeline
from footfall.pipelines.engine.watch_counts import read_accumulators, watch_counts
from footfall.transforms.running.progress_counts import progress_counts
from footfall.transforms.running.run_steps import Result, RunStepFn

pytestmark = pytest.mark.usefixtures("counts_from_nothing")


class Reading:
    """A step that reads lines."""

    def process(self, lines: int) -> Iterator[Result]:
        """Read."""
        progress_counts.add(lines=lines, stored_bytes=100 * lines)
        yield "read", lines


def test_workers_tell_the_engine_what_they_have_read() -> None:
    """Each count once, though several steps of a process share them."""
    engine = choose_engine(["--direct_num_workers=1"])
    with beam.Pipeline(options=engine.options) as pipeline:
        numbers = pipeline | beam.Create([3, 4, 5])
        for name in ("One", "Other"):
            numbers | name >> beam.ParDo(RunStepFn(Reading)).with_outputs("read")
    found = pipeline.result.metrics().query()["counters"]
    counts = {
        name: sum(one.attempted for one in found if one.key.metric.name == name) for name in ("lines", "compared")
    }
    assert counts == {"lines": 24, "compared": 0}


def counter(name: str, payload: bytes, namespace: str = "footfall") -> dict[str, Any]:
    """A counter as Beam writes it."""
    return {
        "urn": "beam:metric:user:sum_int64:v1",
        "type": "beam:metrics:sum_int64:v1",
        "payload": base64.b64encode(payload).decode(),
        "labels": {"NAMESPACE": namespace, "NAME": name, "PTRANSFORM": "step"},
    }


TOLD = {
    "job-accumulators": [],
    "user-task-accumulators": [
        {
            "name": "__metricscontainers",
            "type": "MetricsAccumulator",
            "value": json.dumps(
                {
                    "metrics": {
                        "attempted": [
                            {"urn": "beam:metric:element_count:v1", "payload": "EA==", "labels": {"PCOLLECTION": "x"}},
                            counter("lines", b"\xac\x02"),
                            counter("lines", b"\x05"),
                            counter("stored_bytes", b"\x80\x80\x01"),
                            counter("lines", b"\x07", "another"),
                        ]
                    }
                }
            ),
        },
        {"name": "other", "type": "LongCounter", "value": "12 of them"},
    ],
}


def test_sums_are_read_from_what_flink_tells() -> None:
    assert read_accumulators(TOLD) == {"lines": 305, "stored_bytes": 16384}
    assert read_accumulators(None) == read_accumulators({"user-task-accumulators": []}) == {}


def told(lines: bytes) -> dict[str, Any]:
    """What Flink tells of a job that has read lines."""
    return {"user-task-accumulators": [{"value": json.dumps({"metrics": {"attempted": [counter("lines", lines)]}})}]}


JOBS = [
    {"jid": "old", "name": "night", "start-time": 1, "state": "RUNNING"},
    {"jid": "new", "name": "night", "start-time": 2, "state": "RUNNING"},
    {"jid": "ended", "name": "night", "start-time": 3, "state": "FINISHED"},
    {"jid": "other", "name": "day", "start-time": 4, "state": "RUNNING"},
]


class Flink(http.server.BaseHTTPRequestHandler):
    """A web interface with a job; the jobs before it had its name, and one ended while nobody looked."""

    answers: ClassVar[dict[str, Any]] = {
        "/jobs/overview": {"jobs": JOBS},
        "/jobs/ended/accumulators?includeSerializedValue=false": told(b"\x80\x80\x40"),
        "/jobs/new/accumulators?includeSerializedValue=false": TOLD,
    }

    def do_GET(self) -> None:
        """Answer."""
        content = json.dumps(self.answers.get(self.path)).encode()
        self.send_response(200 if self.path in self.answers else 404)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_counts_follow_the_jobs_of_a_run_on_flink(monkeypatch: pytest.MonkeyPatch) -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Flink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    engine = choose_engine(
        ["--runner=FlinkRunner", f"--flink_master=127.0.0.1:{server.server_port}", "--job_name=night"]
    )
    progress_counts.add(lines=400)
    with watch_counts(engine, None, every_s=0.01):
        for _ in range(1_000):
            if progress_counts.stored_bytes:
                break
            threading.Event().wait(0.01)
        assert (progress_counts.lines, progress_counts.stored_bytes) == (400, 16384), "no count goes back"
        # The next job of the run follows the one before it.
        following = {"jid": "next", "name": "night", "start-time": 5, "state": "RUNNING"}
        monkeypatch.setitem(Flink.answers, "/jobs/overview", {"jobs": [{**JOBS[1], "state": "FINISHED"}, following]})
        monkeypatch.setitem(Flink.answers, "/jobs/next/accumulators?includeSerializedValue=false", told(b"\xf4\x03"))
        for _ in range(1_000):
            if progress_counts.lines > 400:
                break
            threading.Event().wait(0.01)
        # Counts that changed after the last look are asked for at the end.
        monkeypatch.setitem(Flink.answers, "/jobs/overview", {"jobs": [{**following, "state": "FINISHED"}]})
        monkeypatch.setitem(Flink.answers, "/jobs/next/accumulators?includeSerializedValue=false", told(b"\xf5\x03"))
    assert progress_counts.lines == 501
    server.shutdown()
    server.server_close()


def test_an_engine_that_tells_nothing_is_no_fault(tmp_path: Any) -> None:
    engine = choose_engine(["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"])
    run_pipeline(engine, lambda pipeline: pipeline | beam.Create([1]), tmp_path)
    with watch_counts(engine, object(), every_s=0.001):
        threading.Event().wait(0.05)
    assert progress_counts.lines == 0
