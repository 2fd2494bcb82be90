"""Small inputs that are read together give what they give one by one: books of each, duplicates between them."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.inputs.cut_inputs import group_pieces
from footfall.pipelines.run import run_nightly
from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import Settings
from tests.running import IN_ONE_THREAD, differences, read_published, silent

INPUTS, OVERLAP = 12, 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Logs of which each begins with the last lines of the one before; one also stands there compressed."""
    log, folder = tmp_path / "sample.log", tmp_path / "logs"
    write_sample(log, 1_200, seed=3, days=2, log_format="footfall")
    lines = log.read_bytes().splitlines(keepends=True)
    folder.mkdir()
    for number in range(INPUTS):
        begin, end = len(lines) * number // INPUTS, len(lines) * (number + 1) // INPUTS
        own = b"".join([*lines[max(0, begin - OVERLAP) : end], b"no line of a log\n" * (number % 3)])
        (folder / f"{number:02}.log").write_bytes(own)
        if number == 5:
            (folder / "05.log.gz").write_bytes(gzip.compress(own))
    return folder


def test_inputs_that_are_read_together_give_what_each_gives(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups: list[list[int]] = []

    def noting(*arguments: Any) -> Any:
        groups.append([])
        for group in group_pieces(*arguments):
            groups[-1].append(len(group))
            yield group

    monkeypatch.setattr("footfall.pipelines.run.group_pieces", noting)
    published = []
    for lone in (2, 1_000):
        monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.LONE_PIECES", lone)
        db = tmp_path / f"{lone}.duckdb"
        settings = Settings(logs=(str(folder / "*"),), db=db, k=1, log_format="footfall")
        run_nightly(settings, IN_ONE_THREAD, silent)
        published.append(read_published(db))
    together, alone = published
    assert groups == [[7, 6], [1] * (INPUTS + 1)]
    compared = {name: rows for name, rows in alone.items() if name != "runs"}
    assert not differences(together, compared)
    books = {row["input"]: row for row in together["inputs"]}
    assert len(books) == INPUTS + 1
    assert books["05.log.gz"]["duplicates"] == books["05.log"]["lines"]
    assert sum(row["duplicates"] > 0 for row in books.values()) == INPUTS
    assert sum(row["rejected"] > 0 for row in books.values()) >= INPUTS // 2
