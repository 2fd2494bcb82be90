"""One cluster for all tests of a run, whose logs are read in several pieces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.flink.cluster import Cluster, demand, run_cluster
from tests.stores.conftest import server, store

__all__ = ["server", "store"]


@pytest.fixture(scope="session")
def shared_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of two TaskManagers."""
    demand("short")
    with run_cluster(tmp_path_factory.mktemp("flink") / "cluster") as cluster:
        yield cluster


@pytest.fixture
def cluster(shared_cluster: Cluster) -> Cluster:
    """The same, with two TaskManagers whose slots are free."""
    while len(shared_cluster.task_managers) < 2:
        shared_cluster.start_task_manager()
    shared_cluster.wait_for_slots()
    return shared_cluster


@pytest.fixture(scope="session")
def local_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where local runs work."""
    return tmp_path_factory.mktemp("local")


@pytest.fixture(autouse=True)
def in_several_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each plain log is read in several pieces."""
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", 200_003)
