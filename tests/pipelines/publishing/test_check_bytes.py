"""The bytes of the file are searched for what the run met, and nothing that a client chooses is taken for a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing import publish as publishing
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digest_identifiers import MAX_BYTES
from footfall.transforms.kernels.find_identifiers import cut_readable
from tests.pipelines.test_membership import asked_by_many, line, pages, publish
from tests.running import read_published

BROKEN = r"'no identifier of the run' is broken by 1 words in the bytes of the new file"


def leave_in_freed_blocks(text: str) -> Callable[[Any], Any]:
    """A fault of ours: a table of identifiers is dropped again, and its blocks stay in the file."""

    def instead(fill_tables: Any) -> Any:
        def fill(connection: duckdb.DuckDBPyConnection, *others: Any) -> None:
            connection.execute(f"CREATE TABLE fresh.scratch AS SELECT '{text}' || ' ' || range AS text FROM range(99)")
            # Compressed text can't be searched.
            connection.execute("SET force_compression = 'uncompressed'; CHECKPOINT fresh; RESET force_compression")
            fill_tables(connection, *others)
            connection.execute("CHECKPOINT fresh; DROP TABLE fresh.scratch")

        return fill

    return instead


TEXTS = ["quietriver42", "Quiet-River-42", "198.51.100.77", "2001:db8:12::ab:9"]


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file that is published as usual."""
    folder = tmp_path_factory.mktemp("usual")
    publish(folder, [])
    return folder


@pytest.mark.parametrize("text", TEXTS)
def test_a_file_with_an_identifier_in_a_freed_block_is_written_anew(
    text: str, usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "fill_tables", leave_in_freed_blocks(text)(publishing.fill_tables))
    assert pages(publish(tmp_path, [])[0]) == pages(read_published(usual / "traffic.duckdb")) != {}
    assert text.encode() not in (tmp_path / "traffic.duckdb").read_bytes()
    assert described(tmp_path / "traffic.duckdb") == described(usual / "traffic.duckdb")


def described(db: Path) -> list[tuple[Any, ...]]:
    """The names and comments of all that a published file has."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return connection.execute(
            """SELECT table_name, comment FROM duckdb_tables() UNION ALL
            SELECT view_name, comment FROM duckdb_views() WHERE NOT internal UNION ALL
            SELECT column_name, comment FROM duckdb_columns() UNION ALL
            SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal ORDER BY ALL"""
        ).fetchall()


@pytest.mark.parametrize("text", TEXTS)
def test_an_identifier_that_stays_in_the_bytes_stops_the_publication(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "fill_tables", leave_in_freed_blocks(text)(publishing.fill_tables))
    monkeypatch.setattr(publishing, "_write_anew", lambda *_: None)
    with pytest.raises(RunError, match=BROKEN) as raised:
        publish(tmp_path, [])
    assert text not in str(raised.value)
    assert not (tmp_path / "traffic.duckdb").exists()


def test_numbers_that_look_like_a_visitors_by_chance_stop_no_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packed side by side, small numbers are letters and digits, and so many are soon somebody's cookie or address."""
    number = b"46710385"

    def fill(connection: duckdb.DuckDBPyConnection, *others: Any) -> None:
        fill_tables(connection, *others)
        # The first and last numbers of each group make the width 8 bits.
        rows = [value for _ in range(512) for value in (0, *number * 3, 255, *number, 0, 255)]
        connection.execute("CREATE TABLE fresh.numbers AS SELECT unnest($1::BIGINT[]) AS value", [rows])
        connection.execute("SET force_compression = 'bitpacking'; CHECKPOINT fresh; RESET force_compression")
        looked.append(next(tmp_path.rglob(publishing.FRESH)).read_bytes())

    looked: list[bytes] = []
    fill_tables = publishing.fill_tables
    monkeypatch.setattr(publishing, "fill_tables", fill)
    publish(tmp_path, [line(5, "/", user=number.decode())])
    assert number in looked[0]
    assert number not in (tmp_path / "traffic.duckdb").read_bytes()


def test_what_nobody_is_called_may_be_left_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search tells members of the run from other texts."""
    monkeypatch.setattr(publishing, "fill_tables", leave_in_freed_blocks("quietriver43")(publishing.fill_tables))
    published, _ = publish(tmp_path, [])
    assert pages(published)


def words_of(db: Path) -> Iterator[str]:
    """The words in the bytes of a published file."""
    for word in sorted(set(re.findall(rb"[0-9A-Za-z_-]{8,60}", db.read_bytes()))):
        yield word.decode()


def test_no_client_can_stop_a_night_by_being_called_like_a_word_of_the_file(tmp_path: Path) -> None:
    """Whoever has read an earlier file knows the words in its bytes: columns, functions, countries, texts."""
    lines = list(asked_by_many("/products/blue-chairs?q=garden+lamps"))
    (tmp_path / "before").mkdir()
    publish(tmp_path / "before", lines)
    names = list(words_of(tmp_path / "before" / "traffic.duckdb"))
    assert len(names) > 200
    named = [line(5, "/", user=name) for name in names]
    (tmp_path / "after").mkdir()
    published, _ = publish(tmp_path / "after", [*named, *lines])
    assert pages(published)


def test_readable_text_is_cut_so_that_nothing_falls_between() -> None:
    secret = "x" * MAX_BYTES
    for before in (0, 100, 300, 380, 500, 511, 512, 900):
        content = b"\0" * 3 + b"-" * before + secret.encode() + b"-\xff\x00" + "Zoë-Brand".encode() + b"\0short"
        texts, ends = cut_readable(padded(content), len(content))
        begins = np.concatenate([[0], ends[:-1]])
        pieces = [texts[begin:end].tobytes().decode() for begin, end in zip(begins, ends, strict=True)]
        assert any(secret in piece for piece in pieces)
        assert pieces[-1] == "Zoë-Brand"
        assert max(map(len, pieces)) <= 512
