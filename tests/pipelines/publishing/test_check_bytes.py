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
from footfall.transforms.kernels.spellings import MAX_BYTES, cut_readable
from tests.pipelines.test_membership import asked_by_many, line, pages, publish

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


@pytest.mark.parametrize("text", ["quietriver42", "Quiet-River-42", "198.51.100.77", "2001:db8:12::ab:9"])
def test_what_is_left_in_a_freed_block_stops_the_publication(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "fill_tables", leave_in_freed_blocks(text)(publishing.fill_tables))
    with pytest.raises(RunError, match=BROKEN) as raised:
        publish(tmp_path, [])
    assert text not in str(raised.value)
    assert not (tmp_path / "traffic.duckdb").exists()


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
