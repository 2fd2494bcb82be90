"""What folding counts is the same where memory makes it count in parts, and it leaves nothing large behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from footfall.pipelines.publishing import fold_cells, publish
from footfall.pipelines.publishing.fold_cells import count_distinct, number
from footfall.transforms.tables.published import TABLES
from tests.commands import log_line
from tests.running import publish_logs


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
@pytest.mark.parametrize("kind", [np.int32, np.int64])
def test_values_are_counted_once_in_each_group(at_once: int, kind: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_cells, "_PAIRS_AT_ONCE", at_once)
    random = np.random.default_rng(1)
    group, values = random.integers(-1, 9, 300), random.integers(0, 20, 300).astype(kind)
    expected = [len(set(values[group == number].tolist())) for number in range(11)]
    assert count_distinct(group, values, 11).tolist() == expected
    assert count_distinct(group.astype(np.int32), values, 11).tolist() == expected


def test_large_values_are_counted() -> None:
    values = np.array([2**40, 2**41, 2**40, -1, -1], dtype=np.int64)
    assert count_distinct(np.array([0, 0, 0, 0, 1]), values, 2).tolist() == [3, 1]


@pytest.mark.parametrize("chosen", [0, 1, 200])
def test_rows_are_numbered_in_the_order_of_their_values(chosen: int) -> None:
    random = np.random.default_rng(2)
    first, second = random.integers(-1, 3, 200).astype(np.int8), random.integers(2**30, 2**30 + 5, 200).astype(np.int32)
    third = random.integers(-(2**40), 2**40, 4)[random.integers(0, 4, 200)]
    is_chosen = np.arange(200) < chosen
    rows = list(zip(first.tolist(), second.tolist(), third.tolist(), strict=True))
    different = sorted(set(rows[:chosen]))
    numbers, count = number(is_chosen, first, second, third)
    assert count == len(different)
    assert numbers.tolist() == [different.index(row) if is_chosen[place] else -1 for place, row in enumerate(rows)]


def test_what_no_other_table_reads_is_gone_before_the_file_is_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = dict[str, int]()
    fill_tables = publish.fill_tables

    def look(connection: duckdb.DuckDBPyConnection, *arguments: Any) -> None:
        query = "SELECT table_name, estimated_size FROM duckdb_tables() WHERE database_name = 'memory'"
        left.update(connection.execute(query).fetchall())
        fill_tables(connection, *arguments)

    monkeypatch.setattr(publish, "fill_tables", look)
    lines = [log_line(60 * number, path) for number in range(30) for path in ("/", "/a")]
    lines = [line.replace(":00 +0000", ":30 +0000") if " /a " in line else line for line in lines]
    publish_logs(tmp_path, {"a.log": "\n".join(lines).encode()}, site="one.example", k=5)
    assert left["pages"] > 0
    assert left["transitions"] > 0
    of_folding = {
        f"{table.name}_{kind}"
        for table in TABLES
        if table.levels
        for kind in ("rows", "items", "members", "wanted", "levels", "finest", "codes", "keys", "pairs", "few", "many")
    }
    assert {name for name in of_folding & left.keys() if left[name]} == set()
    assert {"p_transitions", "p_entry_exits"} & left.keys() == set()
