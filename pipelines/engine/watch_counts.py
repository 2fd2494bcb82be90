"""Reads, while an engine runs a pipeline, how much its workers have read: from Beam's metrics, and from their files."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

from apache_beam.metrics import MetricsFilter
from apache_beam.options.pipeline_options import FlinkRunnerOptions

from footfall.pipelines.engine.choose_engine import Engine
from footfall.pipelines.engine.engine_failures import FlinkRest
from footfall.pipelines.engine.job_server import IN_ONE_PROCESS
from footfall.transforms.exchange.worker_counts import read_worker_counts
from footfall.transforms.running.progress_counts import progress_counts
from footfall.transforms.running.run_steps import NAMESPACE

_EVERY_S: Final = 5.0
_COUNTER: Final = "beam:metric:user:sum_int64:v1"


@contextlib.contextmanager
def watch_counts(engine: Engine, result: Any, counts_folder: str = "", every_s: float = _EVERY_S) -> Iterator[None]:
    """Keep this process's progress counts as high as those that the engine reports, until the context ends.

    Flink is asked if its address is known, since a job server has no metrics before the job's end; other engines by
    Beam. What workers leave in `counts_folder` comes sooner.
    """
    master = engine.options.view_as(FlinkRunnerOptions).flink_master
    name = engine.options.get_all_options().get("job_name")
    if engine.is_in_this_process:
        yield
        return
    if master and master not in IN_ONE_PROCESS and name:
        ask = _flink_counts(FlinkRest(master), name)
    else:
        ask = _beam_counts(result)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(every_s):
            note()

    def note() -> None:
        # It is a display: an engine that does not answer now may answer next time.
        with contextlib.suppress(Exception):
            progress_counts.raise_to(ask())
        with contextlib.suppress(Exception):
            if counts_folder:
                progress_counts.raise_to(read_worker_counts(counts_folder))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(every_s)
        note()  # what the last steps have read


def _beam_counts(result: Any) -> Callable[[], dict[str, int]]:
    def ask() -> dict[str, int]:
        found = result.metrics().query(MetricsFilter().with_namespace(NAMESPACE))["counters"]
        counts: Counter[str] = Counter()
        for one in found:
            counts[one.key.metric.name] += one.attempted or 0
        return counts

    return ask


def _flink_counts(rest: FlinkRest, name: str) -> Callable[[], dict[str, int]]:
    job = ""

    def ask() -> dict[str, int]:
        nonlocal job
        # A run has several jobs, and runs may have one name: an earlier one's counts are not reported again.
        job = rest.find_job(name, is_under_way=True) or job
        return read_accumulators(rest.ask(f"/jobs/{job}/accumulators?includeSerializedValue=false")) if job else {}

    return ask


def read_accumulators(answer: Any) -> dict[str, int]:
    """The sums of Footfall's counters in Flink's answer about a job: Beam keeps them there as JSON."""
    counts: Counter[str] = Counter()
    for accumulator in (answer or {}).get("user-task-accumulators", ()):
        with contextlib.suppress(ValueError):
            for one in json.loads(accumulator["value"])["metrics"]["attempted"]:
                labels = one["labels"]
                if one["urn"] == _COUNTER and labels.get("NAMESPACE") == NAMESPACE:
                    counts[labels["NAME"]] += read_varint(base64.b64decode(one["payload"]))
    return dict(counts)


def read_varint(content: bytes) -> int:
    """An integer in base 128, the lowest digits first, as Beam encodes sums.

    >>> read_varint(b"\\xac\\x02")
    300
    """
    return sum((byte & 127) << (7 * place) for place, byte in enumerate(content))
