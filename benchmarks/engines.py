"""What a run costs on each engine: wall time, bytes through Beam's shuffles, the largest element of them.

python -m benchmarks.engines [--lines 200000 2000000] [--engines local flink cluster] [--log access.log]

`local` is the engine of one machine, `flink` is Flink in one process, `cluster` is Flink with a JobManager and two
TaskManagers, each with a worker; both Flinks need `tests/flink/install`, and use two slots. The log is generated, or
the first lines of one that is given, in the format `footfall`; it is one plain file. All kernels should be compiled
before.

Beam's metrics give the number of elements of each collection, and the sizes of a sample of them (the first ones of a
bundle, then fewer and fewer). Bytes are elements times their mean size; the largest element is that of the sample.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final
from unittest import mock

from apache_beam.metrics.monitoring_infos import (
    ELEMENT_COUNT_URN,
    SAMPLED_BYTE_SIZE_URN,
    extract_counter_value,
    extract_distribution,
)
from apache_beam.portability import common_urns
from apache_beam.portability.api import beam_job_api_pb2
from apache_beam.runners.portability.fn_api_runner import translations

from footfall.pipelines.engine import run_pipeline
from footfall.pipelines.run import run_nightly
from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import Settings
from tests.flink.cluster import command_options, run_cluster
from tests.running import silent

ENGINES: Final = ("local", "flink", "cluster")
_FLATTEN: Final = common_urns.primitives.FLATTEN.urn
_SHUFFLES: Final = (common_urns.primitives.GROUP_BY_KEY.urn, common_urns.composites.RESHUFFLE.urn)


@dataclass
class Watch:
    """What is recorded of the jobs of a run."""

    flattened: dict[str, list[str]] = field(default_factory=dict)
    """The inputs of each Flatten by its output: they go to the shuffle after it."""
    shuffled: list[str] = field(default_factory=list)
    """Collections that go through a shuffle."""
    infos: list[Any] = field(default_factory=list)
    """The metrics of the last job."""

    def note_stages(self, stages: Iterable[Any]) -> Iterator[Any]:
        """Pass on the stages of a job, whose combinations have been split into what is before and after a shuffle."""
        self.flattened, self.shuffled = {}, []
        for stage in stages:
            for transform in stage.transforms:
                if transform.spec.urn == _FLATTEN:
                    self.flattened |= {key: list(transform.inputs.values()) for key in transform.outputs.values()}
                elif transform.spec.urn in _SHUFFLES:
                    self.shuffled += transform.inputs.values()
            yield stage

    @contextlib.contextmanager
    def note_metrics(self, _: Any, result: Any, _counts_folder: str) -> Iterator[None]:
        """Keep the metrics of a job that has ended."""
        yield
        if hasattr(result, "monitoring_infos"):
            self.infos = list(result.monitoring_infos())
        else:
            asked = beam_job_api_pb2.GetJobMetricsRequest(job_id=result._job_id)
            self.infos = list(result._job_service.GetJobMetrics(asked).metrics.attempted)

    def sums(self) -> tuple[int, float, int]:
        """Elements through all shuffles, their bytes, and the bytes of the largest."""
        elements, byte_count, largest = 0, 0.0, 0
        for name in {one for shuffled in self.shuffled for one in self._sources(shuffled)}:
            own = [info for info in self.infos if info.labels.get("PCOLLECTION") == name]
            count = sum(extract_counter_value(info) for info in own if info.urn == ELEMENT_COUNT_URN)
            sampled = [extract_distribution(info) for info in own if info.urn == SAMPLED_BYTE_SIZE_URN]
            assert count == 0 or sampled, f"no sizes of {name}"
            elements += count
            byte_count += count * sum(one[1] for one in sampled) / max(1, sum(one[0] for one in sampled))
            largest = max([largest, *(one[3] for one in sampled if one[0])])
        return elements, byte_count, largest

    def _sources(self, name: str) -> Iterator[str]:
        if name not in self.flattened:
            yield name
        for one in self.flattened.get(name, ()):
            yield from self._sources(one)


def measure(log: Path, folder: Path, beam: list[str]) -> tuple[float, Watch]:
    """Return the seconds of a run into a new file in `folder`, and what was recorded of it."""
    watch = Watch()
    (temp := folder / "shared").mkdir(parents=True)
    settings = Settings(logs=(str(log),), db=folder / "traffic.duckdb", temp=str(temp), log_format="footfall")
    split = translations.lift_combiners
    with (
        mock.patch.object(translations, "lift_combiners", lambda *given: watch.note_stages(split(*given))),
        mock.patch.object(run_pipeline, "watch_counts", watch.note_metrics),
    ):
        began = time.monotonic()
        run_nightly(settings, beam, silent)
        return time.monotonic() - began, watch


@contextlib.contextmanager
def start(engine: str, folder: Path) -> Iterator[list[str]]:
    """Beam's options for an engine, which is there meanwhile."""
    if engine == "cluster":
        with run_cluster(folder / "cluster") as cluster:
            yield cluster.options
    else:
        yield command_options("--flink_master=[local]") if engine == "flink" else []


def write_log(path: Path, lines: int, given: Path | None) -> None:
    """Write a log of so many lines."""
    if given is None:
        write_sample(path, lines, seed=1, days=1)
        return
    with given.open("rb") as source, path.open("wb") as target:
        target.writelines(islice(source, lines))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="+", default=[2_000_000, 10_000_000])
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--log", type=Path, help="a log of that many lines or more, in place of a generated one")
    chosen = parser.parse_args()
    print("| lines | engine | s | elements shuffled | MB shuffled | of the log | largest element, MB |")
    print("|---|---|---|---|---|---|---|")
    for lines in chosen.lines:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_log(log := folder / "access.log", lines, chosen.log)
            for engine in chosen.engines:
                with start(engine, folder / engine) as beam:
                    seconds, watch = measure(log, folder / engine / "run", beam)
                elements, size, largest = watch.sums()
                share = size / log.stat().st_size
                print(
                    f"| {lines:,} | {engine} | {seconds:.0f} | {elements:,} | {size / 1e6:.1f} | {share:.2%} | "
                    f"{largest / 1e6:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
