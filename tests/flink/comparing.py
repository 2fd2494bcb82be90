"""Runs whose published tables are compared: on an engine, and on this machine alone.

Tests import each other's helpers from here: a module of tests that is imported would exist twice, each with a cache.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any

from tests.running import LOG, Rows, differences, publish_logs, read_published, sample_log, sample_options

LINES = 6_000
K = 3
CONTENT = sample_log("footfall", LINES)[0]
MIDDLE = CONTENT.index(b"\n", len(CONTENT) // 2) + 1
INPUTS = {
    "one plain log": {LOG: CONTENT},
    "one gzip": {f"{LOG}.gz": gzip.compress(CONTENT)},
    (MANY := "many inputs that share lines"): {
        "a.log": CONTENT[: 2 * MIDDLE // 3],
        "b.log": CONTENT[:MIDDLE],
        "c.log.gz": gzip.compress(CONTENT[MIDDLE:]),
    },
}


@cache
def published_locally(name: str, folder: Path) -> dict[str, Rows]:
    """What a run in one process publishes; not to be changed."""
    (folder / name).mkdir()
    return publish(folder / name, name, ["--direct_num_workers=1"])


def publish(folder: Path, name: str, beam: list[str], **options: Any) -> dict[str, Rows]:
    """What a run on the inputs of a name publishes, without the folder in the names of inputs."""
    publish_logs(folder, INPUTS[name], beam=beam, k=K, **sample_options("footfall"), **options)
    return read_without_folders(folder / "traffic.duckdb")


def read_without_folders(db: Path) -> dict[str, Rows]:
    """The published tables, in which inputs have no folders."""
    published = read_published(db)
    for row in published["inputs"] + published["rejects"]:
        row["input"] = Path(row["input"]).name
    return published


def assert_equal(published: dict[str, Rows], expected: dict[str, Rows]) -> None:
    """All tables but those of the run itself have the same rows."""
    compared = {name: rows for name, rows in expected.items() if name != "runs"}
    assert sum(map(len, compared.values())) > 500
    found = differences({name: published[name] for name in compared}, compared)
    assert not found, "\n".join(found)
