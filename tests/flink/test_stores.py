"""Logs and exchanged files in an object store, on a cluster: the same figures, nothing left, and counts that move."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from footfall.pipelines.engine import run_pipeline, watch_counts
from footfall.pipelines.inputs import examine_on_workers
from footfall.pipelines.run import run_nightly
from footfall.pipelines.settings import Settings
from footfall.transforms.exchange.stored_files import create_file, use_options
from footfall.transforms.running.progress_counts import progress_counts
from tests.flink.cluster import Cluster, demand
from tests.flink.comparing import INPUTS, MANY, K, assert_equal, published_locally, read_without_folders
from tests.running import sample_options, silent
from tests.stores.store import BUCKET, Store

OFTEN_S = 0.2


def test_a_cluster_reads_and_exchanges_objects(
    tmp_path: Path, local_folder: Path, cluster: Cluster, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand("cluster")
    expected = published_locally(MANY, local_folder)
    # That run has used its own options.
    use_options(PipelineOptions(store.options))
    # The inputs are examined by workers, too.
    monkeypatch.setattr(examine_on_workers, "EXAMINED_HERE", 0)
    monkeypatch.setattr(run_pipeline, "watch_counts", partial(watch_counts.watch_counts, every_s=OFTEN_S))
    for name, content in INPUTS[MANY].items():
        with create_file(f"{BUCKET}/flink/{name}") as file:
            file.write(content)
    settings = Settings(
        logs=(f"{BUCKET}/flink/*",),
        db=tmp_path / "traffic.duckdb",
        temp=f"{BUCKET}/temp",
        k=K,
        **sample_options("footfall"),
    )
    shown: list[int] = []
    raise_to = progress_counts.raise_to

    def note(counts: dict[str, int]) -> None:
        raise_to(counts)
        shown.append(progress_counts.lines)

    monkeypatch.setattr(progress_counts, "raise_to", note)
    progress_counts.reset()
    books = run_nightly(settings, [*cluster.options, *store.options], silent).books
    published = read_without_folders(settings.db)
    assert_equal(published, expected)
    assert {key for key in store.stored() if key.startswith("temp")} <= {"temp/"}
    assert "PUT" in store.requests_below("temp/")
    # While the job ran, Flink and the workers' files told what had been read, and that became more.
    assert shown[0] == 0
    assert shown[-1] >= books.lines
    asked = re.findall(r"([A-Z]+) /bucket/temp/\S*\.counts HTTP", store.log.read_text())
    assert {"PUT", "GET"} <= set(asked)
