"""Partial tables are added up alike however they are cut, combined and sent around."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from footfall.transforms import merge_tables
from footfall.transforms.merge_tables import AddUpTablesFn, MergeTablesFn, name_part
from footfall.transforms.tables.declaring import PartialTable
from footfall.transforms.tables.partial_tables import decode_table, encode_table, files_of, part_of, parts_by_day
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.tables.stored_tables import StoredTables, read_table, sum_of


def days_table(*rows: tuple[int, int, int, int, int]) -> pa.Table:
    """The partial table `days`: day, site, first_ms, last_ms, hits."""
    names = PARTIAL_TABLES["days"].schema.names
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], PARTIAL_TABLES["days"].schema)


def sorted_rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """A table's rows in order."""
    return sorted(tuple(row.values()) for row in table.to_pylist())


def test_equal_keys_become_one_row_and_each_measure_has_its_own_sum() -> None:
    merged = PARTIAL_TABLES["days"].merge(
        [days_table((1, 5, 10, 20, 2), (1, 6, 3, 4, 1)), days_table((1, 5, 9, 15, 4))]
    )
    assert sorted_rows(merged) == [(1, 5, 9, 20, 6), (1, 6, 3, 4, 1)]
    assert merged.schema == PARTIAL_TABLES["days"].schema


def test_a_table_without_measures_has_each_row_once() -> None:
    table = pa.table({"id": pa.array([7, 8, 7], pa.uint32()), "text": ["a", "b", "a"]})
    assert sorted_rows(PARTIAL_TABLES["folders"].merge([table, table])) == [(7, "a"), (8, "b")]


@pytest.mark.parametrize("seed", range(5))
def test_the_combiner_gives_the_same_however_an_engine_groups_and_moves_accumulators(seed: int) -> None:
    random = Random(seed)
    tables = [
        days_table(*((1, random.randrange(9), random.randrange(99), random.randrange(99), 1) for _ in range(20)))
        for _ in range(300)
    ]
    combine = MergeTablesFn()
    accumulators = [combine.create_accumulator() for _ in range(4)]
    for table in tables:
        place = random.randrange(4)
        _, element = name_part(("days/1", encode_table(table)))
        accumulators[place] = combine.add_input(accumulators[place], element)
        if random.random() < 0.05:
            accumulators[place] = combine.compact(accumulators[place])
    accumulators[0] = combine.compact(accumulators[0])
    merged = combine.merge_accumulators([*accumulators, combine.create_accumulator()])
    if seed % 2:
        merged = combine.compact(merged)
        assert isinstance(merged, bytes)
    result = decode_table(combine.extract_output(merged))
    assert sorted_rows(result) == sorted_rows(PARTIAL_TABLES["days"].merge(tables))
    assert sum(result["hits"].to_pylist()) == 6000


@pytest.mark.parametrize(
    "limits", [{"_MERGE_AFTER_ROWS": 20, "MOST_ROWS": 20}, {"MOST_BYTES": 1_000, "_LEAST_BYTES": 1_000}]
)
def test_a_sum_that_grows_long_goes_into_files_wherever_it_is_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, int]
) -> None:
    for name, limit in limits.items():
        monkeypatch.setattr(merge_tables, name, limit)
    tables = [days_table(*((1, site, site, site, 1) for site in range(begin, begin + 30))) for begin in range(0, 90, 9)]
    combine = MergeTablesFn(str(tmp_path))
    parts = []
    for own in (tables[:4], tables[4:]):
        part = combine.create_accumulator()
        for table in own:
            part = combine.add_input(part, ("days", encode_table(table)))
        parts.append(combine.compact(part))
    paths = files_of(combine.extract_output(combine.merge_accumulators(parts)))
    assert len(paths) > 1
    assert sorted(paths) == sorted(map(str, tmp_path.iterdir()))
    stored = StoredTables([("days", paths)])
    assert stored.is_divided("days")
    assert sorted_rows(stored["days"]) == sorted_rows(PARTIAL_TABLES["days"].merge(tables))
    batches = stored.batches("days")
    added = duckdb.sql(sum_of(stored, "days", "batches")).to_arrow_table()
    assert sorted_rows(added.cast(batches.schema)) == sorted_rows(stored["days"])


@pytest.mark.parametrize("is_file", [False, True])
def test_a_sum_that_meets_no_other_travels_on_as_it_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_file: bool
) -> None:
    """Sums of sums: most tables are counted in one step, and would be read, added up and written again."""
    monkeypatch.setattr(merge_tables, "MOST_CARRIED", 0 if is_file else 10_000)
    tables = [days_table((1, 5, 10, 20, 2), (1, 6, 3, 4, 1)), days_table((1, 5, 9, 15, 4))]
    (alone,), (other,) = (added_up([("days/1", encode_table(table))], tmp_path) for table in tables)
    combine = MergeTablesFn(str(tmp_path), of_sums=True)
    written = sorted(tmp_path.iterdir())
    one = combine.compact(combine.add_input(combine.create_accumulator(), ("days", alone[1])))
    assert combine.extract_output(combine.merge_accumulators([one])) == alone[1]
    assert sorted(tmp_path.iterdir()) == written
    both = combine.extract_output(combine.add_input(one, ("days", other[1])))
    (path,) = files_of(both) or [None]
    table = read_table(path) if path else decode_table(both)
    assert sorted_rows(table) == [(1, 5, 9, 20, 6), (1, 6, 3, 4, 1)]


def test_what_was_added_up_last_is_not_added_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    merged = []
    merge = PartialTable.merge
    monkeypatch.setattr(PartialTable, "merge", lambda table, tables: merged.append(table.name) or merge(table, tables))
    monkeypatch.setattr(merge_tables, "_MERGE_AFTER_ROWS", 1)
    combine = MergeTablesFn()
    total = combine.add_input(None, ("days", encode_table(days_table((1, 5, 10, 20, 2), (1, 6, 3, 4, 1)))))
    assert sorted_rows(decode_table(combine.extract_output(total))) == [(1, 5, 10, 20, 2), (1, 6, 3, 4, 1)]
    assert merged == ["days"]
    total = combine.add_input(total, ("days", encode_table(days_table((1, 5, 9, 15, 4)))))
    assert sorted_rows(decode_table(combine.extract_output(total))) == [(1, 5, 9, 20, 6), (1, 6, 3, 4, 1)]


def test_columns_travel_as_their_table_has_them() -> None:
    key, content = part_of(
        "visitors",
        3,
        visitors=np.array([4]),
        day=np.array([3], dtype=np.uint64),
        site=np.array([2**63], dtype=np.uint64),
    )
    table = decode_table(content)
    assert (key, table.schema, sorted_rows(table)) == ("visitors/3", PARTIAL_TABLES["visitors"].schema, [(3, 2**63, 4)])


def test_days_are_dealt_out_to_shares() -> None:
    day = np.array([4, 3, 6])
    parts = dict(
        parts_by_day(
            *("machines", 2, day),
            day=day,
            site=np.array([1, 1, 1]),
            traffic_class=np.array([2, 2, 2]),
            name=pa.array(["a", "b", "c"]),
            category=pa.array(["x", "y", "z"]),
            hits=np.array([10, 20, 30]),
            bytes_sent=np.array([0, 0, 0]),
        )
    )
    names = {key: decode_table(content)["name"].to_pylist() for key, content in parts.items()}
    assert names == {"machines/1": ["b"], "machines/0": ["a", "c"]}


def added_up(parts: list[tuple[str, bytes]], folder: Path) -> list[tuple[str, bytes]]:
    """What one bundle of a step's partial tables becomes."""
    add = AddUpTablesFn(MergeTablesFn(str(folder)))
    add.start_bundle()
    assert [one for part in parts for one in add.process(part)] == []
    return [value.value for value in add.finish_bundle()]


@pytest.mark.parametrize("carried", [0, 2**16])
def test_what_a_step_counts_is_added_up_before_it_is_gathered_and_long_sums_travel_as_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, carried: int
) -> None:
    monkeypatch.setattr(merge_tables, "MOST_CARRIED", carried)
    tables = [days_table((1, 5, 10, 20, 2), (1, 6, 3, 4, 1)), days_table((1, 5, 9, 15, 4)), days_table((2, 5, 9, 9, 1))]
    parts = [
        ("days/1", encode_table(tables[0])),
        ("days/2", encode_table(tables[2])),
        ("days/1", encode_table(tables[1])),
    ]
    sums = added_up(parts, tmp_path) + added_up(parts[:1], tmp_path)
    assert [key for key, _ in sums] == ["days/1", "days/2", "days/1"]
    assert [len(files_of(content)) for _, content in sums] == [int(carried == 0)] * 3
    # Files of one sum each are read again where sums of several steps meet.
    combine = MergeTablesFn(str(tmp_path))
    total = combine.create_accumulator()
    for _, content in (sums[0], sums[2]):
        total = combine.add_input(total, ("days", content))
    merged = combine.extract_output(combine.merge_accumulators([combine.compact(total)]))
    (path,) = files_of(merged) or [None]
    table = read_table(path) if path else decode_table(merged)
    assert sorted_rows(table) == [(1, 5, 9, 20, 8), (1, 6, 3, 4, 2)]


def test_few_tables_wait_to_be_merged_however_short_they_are() -> None:
    combine = MergeTablesFn()
    accumulator, waiting = combine.create_accumulator(), []
    for hits in range(3 * merge_tables.MOST_TABLES):
        accumulator = combine.add_input(accumulator, ("days", encode_table(days_table((1, 5, 10, 20, hits)))))
        waiting.append(len(accumulator.tables))
    assert max(waiting) == merge_tables.MOST_TABLES
