"""No address, cookie or name of a visitor is in what the cluster's processes write or tell.

Searched are the logs of the JobManager and the TaskManagers, what Flink stores, the exchange folder, and the answers of
the web interface, after a run that is published and after one that fails.
"""

from __future__ import annotations

import gzip
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.engine import work_folders
from footfall.pipelines.errors import RunError
from tests.flink.cluster import Cluster, demand
from tests.pipelines.test_privacy import FORMAT, planted_log, secrets_in, unpacked
from tests.running import publish_logs

PAGES = ("/config", "/overview", "/jobs/overview", "/taskmanagers", "/jobmanager/config", "/jobmanager/environment")
OF_A_JOB = ("", "/config", "/exceptions", "/accumulators", "/plan", "/checkpoints")

UNPACKED = "flink-rpc-akka"
"""A jar that Flink has in another one, and unpacks at its start."""


def tell_all(cluster: Cluster) -> Iterator[tuple[str, bytes]]:
    """All that the web interface answers about the cluster, its jobs and their tasks."""
    jobs = [one["id"] for one in cluster.ask("/jobs")["jobs"]]
    paths = [*PAGES, *(f"/jobs/{job}{page}" for job in jobs for page in OF_A_JOB)]
    for job in jobs:
        vertices = [one["id"] for one in cluster.ask(f"/jobs/{job}")["vertices"]]
        paths += [f"/jobs/{job}/vertices/{one}{page}" for one in vertices for page in ("", "/accumulators")]
    for path in paths:
        try:
            with urllib.request.urlopen(f"http://{cluster.rest}{path}", timeout=20) as answer:
                yield path, answer.read()
        except urllib.error.HTTPError as refused:
            # A job without checkpoints has no page of them; what the refusal says is searched as well.
            yield path, refused.read()


def list_written(folder: Path) -> list[Path]:
    """The files of a cluster, without copies of an installed jar."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(UNPACKED)]


def find_leaks(cluster: Cluster, exchanged: dict[str, bytes]) -> list[str]:
    """Where something of the planted lines was found, and how much was looked through."""
    places = dict(exchanged) | dict(tell_all(cluster))
    places |= {str(path): path.read_bytes() for path in list_written(cluster.folder)}
    logs = [name for name in places if "taskmanager-" in name and name.endswith(".log")]
    assert len(logs) >= 2 and all(places[name] for name in logs)
    assert any("/exceptions" in name for name in places)
    return [
        f"{name}: {found}"
        for name, content in places.items()
        for one in (content, *unpacked(content))
        if (found := secrets_in(one))
    ]


def test_nothing_of_a_visitor_is_in_what_the_cluster_writes(
    tmp_path: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand("short")
    (shared := tmp_path / "shared").mkdir()
    exchanged: dict[str, bytes] = {}
    remove = work_folders.remove_folder

    def keep_and_remove(folder: str) -> None:
        exchanged.update({str(one): one.read_bytes() for one in Path(folder).rglob("*") if one.is_file()})
        remove(folder)

    monkeypatch.setattr(work_folders, "remove_folder", keep_and_remove)
    publish_logs(
        tmp_path, {"access.log": planted_log().encode()}, beam=cluster.options, temp=str(shared), k=1, log_format=FORMAT
    )
    assert any(name.endswith(".rows") for name in exchanged) or any("table." in name for name in exchanged)
    fail_on_a_line(tmp_path, shared, cluster)
    leaks = find_leaks(cluster, exchanged)
    assert not leaks, "\n".join(leaks[:9])


def fail_on_a_line(tmp_path: Path, shared: Path, cluster: Cluster) -> None:
    """Let a run fail in its first step, on a compressed log that is cut off."""
    log = tmp_path / "logs" / "cut.log.gz"
    content = gzip.compress(planted_log().encode() * 40)
    options: dict[str, Any] = {"temp": str(shared), "k": 1, "log_format": FORMAT, "db": tmp_path / "other.duckdb"}
    with pytest.raises(RunError) as error:
        publish_logs(tmp_path, {log.name: content[: len(content) // 2]}, beam=cluster.options, **options)
    assert "cut.log.gz: " in str(error.value)
    assert re.search(rf"; Flink has more about job [0-9a-f]{{32}} at http://{cluster.rest}", str(error.value))
    assert not secrets_in(json.dumps(str(error.value)).encode())
