"""Rows dealt out to buckets: each arrives once, whole, and where its key says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from footfall.transforms.arrays import Columns
from footfall.transforms.exchange import exchange_rows
from footfall.transforms.exchange.exchange_rows import deal_out, open_buckets, read_bucket, read_buckets, write_buckets
from footfall.transforms.exchange.row_files import read_rows, read_together, write_rows

RANDOM = np.random.default_rng(5)


@pytest.mark.parametrize("bucket_count", [1, 3, 64])
def test_rows_are_dealt_out_by_their_keys_and_keep_their_order(bucket_count: int) -> None:
    keys = RANDOM.integers(0, 2**63, 500, dtype=np.uint64) * np.uint64(2)
    order, ends = deal_out(keys, bucket_count)
    assert sorted(order.tolist()) == list(range(500))
    assert ends[-1] == 500
    bucket_of = {}
    for bucket, (begin, end) in enumerate(zip([0, *ends.tolist()], ends.tolist(), strict=False)):
        assert (np.diff(order[begin:end]) > 0).all()
        for row in order[begin:end]:
            bucket_of[int(row)] = bucket
    again = deal_out(keys[::-1].copy(), bucket_count)
    begins = [0, *again[1].tolist()]
    for bucket in range(bucket_count):
        for row in again[0][begins[bucket] : begins[bucket + 1]]:
            assert bucket_of[499 - int(row)] == bucket


def test_what_was_written_is_read_once_by_bucket_and_kind(tmp_path: Path) -> None:
    columns: Columns = {
        "key": RANDOM.integers(0, 2**64, 1000, dtype=np.uint64),
        "time_ms": RANDOM.integers(0, 2**40, 1000),
        "flags": RANDOM.integers(0, 256, 1000).astype(np.uint8),
    }
    few: Columns = {"key": columns["key"][:10]}
    references = [
        *write_buckets(str(tmp_path), "long", 7, columns, columns["key"], 8),
        *write_buckets(str(tmp_path), "short", 7, few, few["key"], 8),
        *write_buckets(str(tmp_path), "long", 7, columns, columns["key"], 8),
    ]
    assert len(list(tmp_path.iterdir())) == 3
    schemas = {
        kind: pa.schema([(name, pa.from_numpy_dtype(column.dtype)) for name, column in own.items()])
        for kind, own in (("long", columns), ("short", few))
    }
    read_keys: dict[str, list[int]] = {"long": [], "short": []}
    rows: set[tuple[int, ...]] = set()
    for bucket in {bucket for bucket, _ in references}:
        shapes, key = read_bucket([reference for own, reference in references if own == bucket], schemas)
        assert key == 7
        for kind, own in shapes.items():
            read_keys[kind] += own["key"].tolist()
            assert set(own) == (set(columns) if kind == "long" else {"key"})
        assert shapes["long"]["flags"].dtype == np.uint8
        rows |= set(zip(*(shapes["long"][name].tolist() for name in columns), strict=True))
    assert sorted(read_keys["long"]) == sorted(columns["key"].tolist() * 2)
    assert sorted(read_keys["short"]) == sorted(few["key"].tolist())
    assert rows == set(zip(*(own.tolist() for own in columns.values()), strict=True))


def test_buckets_of_a_share_have_one_reference_and_are_read_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_rows, "MAX_SHARES", 4)
    keys = RANDOM.integers(0, 2**64, 300, dtype=np.uint64)
    keys = keys[(keys >> np.uint64(40)) % np.uint64(10) != 5]
    references = [*write_buckets(str(tmp_path), "a", 7, {"key": keys}, keys, 10)] * 2
    assert [share for share, _ in references] == [0, 1, 2, 3] * 2
    schema = {"a": pa.schema([("key", pa.uint64())])}
    found = {}
    for share in range(4):
        for number, kinds, key in read_buckets([text for own, text in references if own == share], schema):
            assert key == 7
            found[3 * share + number] = sorted(kinds["a"]["key"].tolist())
    expected = {
        bucket: sorted(2 * keys[(keys >> np.uint64(40)) % np.uint64(10) == bucket].tolist()) for bucket in range(10)
    }
    assert found == {bucket: own for bucket, own in expected.items() if own}
    assert 5 not in found and len(found) == 9


@pytest.mark.parametrize("is_stored", [False, True], ids=["local files", "files in a store"])
def test_rows_of_several_kinds_are_joined_with_the_columns_that_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_stored: bool
) -> None:
    keys = RANDOM.integers(0, 2**64, 300, dtype=np.uint64)
    long: Columns = {"time_ms": np.arange(300), "key": keys, "flags": np.arange(300).astype(np.uint8)}
    short: Columns = {"key": keys[:40], "time_ms": np.arange(1000, 1040)}
    schemas = {
        kind: pa.schema([(name, pa.from_numpy_dtype(column.dtype)) for name, column in own.items()])
        for kind, own in (("long", long), ("short", short), ("none", short))
    }
    references = [
        *write_buckets(str(tmp_path), "long", 7, long, keys, 3, per_share=3),
        *write_buckets(str(tmp_path), "short", 7, short, keys[:40], 3, per_share=3),
        *write_buckets(str(tmp_path), "long", 7, long, keys, 3, per_share=3),
    ]
    monkeypatch.setattr(exchange_rows, "is_url", lambda _: is_stored)
    times = []
    for bucket in open_buckets([reference for _, reference in references], schemas):
        kinds = bucket.read()
        joined = bucket.join(("short", "none", "long"), {"time_ms": np.int64, "flags": np.uint8})
        assert list(joined) == ["time_ms", "flags"]
        assert joined["time_ms"].tolist() == [*kinds["short"]["time_ms"].tolist(), *kinds["long"]["time_ms"].tolist()]
        assert joined["flags"].tolist() == [*[0] * len(kinds["short"]["key"]), *kinds["long"]["flags"].tolist()]
        assert joined["flags"].dtype == np.uint8
        assert bucket.join(("none",), {"key": np.uint64})["key"].tolist() == []
        times += joined["time_ms"].tolist()
    assert sorted(times) == sorted([*range(300), *range(300), *range(1000, 1040)])


def test_a_file_of_rows_that_was_cut_off_is_not_read_as_if_it_were_whole(tmp_path: Path) -> None:
    keys = RANDOM.integers(0, 2**64, 50, dtype=np.uint64)
    ((_, reference),) = write_buckets(str(tmp_path), "a", 7, {"key": keys}, keys, 1)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    (bucket,) = open_buckets([reference], {"a": pa.schema([("key", pa.uint64())])})
    with pytest.raises(EOFError, match="key has 399 bytes, expected 400"):
        bucket.join(("a",), {"key": np.uint64})


def test_no_rows_make_no_file(tmp_path: Path) -> None:
    none = np.zeros(0, dtype=np.uint64)
    assert list(write_buckets(str(tmp_path), "long", 7, {"key": none}, none, 8)) == []
    assert list(tmp_path.iterdir()) == []


def test_rows_of_one_file_are_read_as_they_were_written(tmp_path: Path) -> None:
    columns: Columns = {"item": np.array([2**64 - 1, 0], dtype=np.uint64), "code": np.array([-1, 404], dtype=np.int16)}
    others: Columns = {name: column[:0] for name, column in columns.items()}
    path = write_rows(str(tmp_path), [columns, others])
    assert read_rows(path).to_pydict() == {"item": [2**64 - 1, 0], "code": [-1, 404]}
    assert read_rows(path, ["code"]).to_pydict() == {"code": [-1, 404]}
    assert read_rows(path, number=1).to_pydict() == {"item": [], "code": []}


def test_short_files_are_read_together_and_long_ones_alone(tmp_path: Path) -> None:
    sizes = [2, 3, 10, 1, 0, 2, 1]
    paths = []
    for place, size in enumerate(sizes):
        columns = {"file": np.full(size, place), "row": np.arange(size)}
        paths.append(write_rows(str(tmp_path), [{name: column[:0] for name, column in columns.items()}, columns]))
    read = list(read_together(paths, ["row", "file"], number=1, rows=4))
    assert [table["file"].to_pylist() for table in read] == [[0, 0, 1, 1, 1], [2] * 10, [3, 5, 5, 6]]
    assert read[0].to_pydict() == {"row": [0, 1, 0, 1, 2], "file": [0, 0, 1, 1, 1]}
    assert [len(table) for table in read_together(paths[3:5], ["row"], number=1, rows=4)] == [1]
    assert [len(table) for table in read_together(paths[4:5], ["row"], number=1)] == [0]
    assert list(read_together([], ["row"])) == []
