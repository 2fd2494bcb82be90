"""The same content under two names is counted once, and two servers' different lines are both counted."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.sample.rotation import split_like_rotation
from footfall.pipelines.settings import Settings
from tests.reference import compute
from tests.running import (
    LOG,
    Rows,
    books_of,
    days_of,
    differences,
    published_tables,
    reference_settings,
    sample_log,
    sample_options,
)

LINES = 3_000
OVERLAP_LINES = 40


def options() -> dict[str, Any]:
    """The settings to read the log."""
    return {**sample_options("footfall"), "k": 3}


@cache
def published_unsplit() -> dict[str, Rows]:
    """The tables that a run on the unsplit log publishes."""
    return published_tables({LOG: sample_log("footfall", LINES)[0]}, **options())


def publish_like_the_reference(inputs: Mapping[str, bytes]) -> dict[str, Rows]:
    """The published tables, compared with those of the reference, which gets the decompressed content."""
    published = published_tables(inputs, **options())
    plain = {name: gzip.decompress(own) if name.endswith(".gz") else own for name, own in inputs.items()}
    found = differences(published, compute(plain, reference_settings(Settings(**options()))))
    assert not found, "\n".join(found)
    return published


def assert_published_as_unsplit(published: dict[str, Rows], *, duplicates: int) -> None:
    """Assert the figures of the unsplit log, with that many additional lines counted as duplicates."""
    found = differences(published, days_of(published_unsplit()))
    assert not found, "\n".join(found)
    books = books_of(published_unsplit())
    assert books_of(published) == {**books, "lines": books["lines"] + duplicates, "duplicates": duplicates}


@pytest.mark.parametrize(("files", "duplicates"), [("rotated", 2 * OVERLAP_LINES), ("copied", LINES), ("balanced", 0)])
def test_files_as_servers_leave_them_give_the_figures_of_the_unsplit_log(
    tmp_path: Path, files: str, duplicates: int
) -> None:
    log = tmp_path / LOG
    log.write_bytes(sample_log("footfall", LINES)[0])
    made = {path.name: path.read_bytes() for path in getattr(split_like_rotation(log, tmp_path, OVERLAP_LINES), files)}
    assert_published_as_unsplit(publish_like_the_reference(made), duplicates=duplicates)


def test_files_that_are_parts_of_another_are_counted_once() -> None:
    content = sample_log("footfall", LINES)[0]
    lines = content.splitlines(keepends=True)
    inputs = {
        "a-begin.log": b"".join(lines[: LINES // 2]),
        "b-whole.log": content,
        "c-middle.log": b"".join(lines[1000:1016]),
        # Line ends are not content.
        "d-end.log": b"".join(lines[-700:]).replace(b"\n", b"\r\n"),
    }
    published = publish_like_the_reference({name: own for name, own in inputs.items() if not name.startswith("d")})
    assert_published_as_unsplit(published, duplicates=LINES // 2 + 16)
    assert_published_as_unsplit(published_tables(inputs, **options()), duplicates=LINES // 2 + 16 + 700)


def test_duplicates_are_found_across_pieces_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", 50_021)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.BLOCK_BYTES", 40_009)
    content = sample_log("footfall", LINES)[0]
    lines = content.splitlines(keepends=True)
    inputs = {"a.log": b"".join(lines[:2000]), "b.log": b"".join(lines[1500:]), "c.log": content}
    assert_published_as_unsplit(published_tables(inputs, **options()), duplicates=500 + LINES)


def test_single_lines_that_two_servers_share_are_counted_twice() -> None:
    """Single equal lines come from a monitor that requests both servers; a copy has equal neighbours too."""
    first, second = (b"".join(own) for own in shared_single_lines())
    published = publish_like_the_reference({"web-1.log": first, "web-2.log": second})
    assert books_of(published)["duplicates"] == 0


def shared_single_lines() -> tuple[list[bytes], list[bytes]]:
    """The lines of two servers; every third line of each is in both."""
    lines = sample_log("footfall", LINES)[0].splitlines(keepends=True)
    common, rest = lines[:600:5], [line for number, line in enumerate(lines[:600]) if number % 5]
    first = [line for number, shared in enumerate(common) for line in (*rest[4 * number : 4 * number + 2], shared)]
    second = [line for number, shared in enumerate(common) for line in (*rest[4 * number + 2 : 4 * number + 4], shared)]
    return first, second
