"""Each line of an input is read once, for all ranges and compressions; damage raises an error."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import STANDARD_INPUT, TO_THE_END
from footfall.transforms.scanning import read_blocks as module
from footfall.transforms.scanning.read_blocks import (
    Block,
    detect_compression,
    open_raw,
    peek_standard_input,
    read_blocks,
)
from footfall.transforms.scanning.scan_lines import find_lines
from footfall.transforms.vocabulary import MAX_LINE_BYTES

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
LOG = b"".join(b"%d %s\n" % (number, b"x" * (number % 97)) for number in range(20_000))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make blocks and reads so small that a test's log has many."""
    monkeypatch.setattr(module, "BLOCK_BYTES", 64 * 1024)
    monkeypatch.setattr(module, "READ_BYTES", 16 * 1024)


def lines_of(block: Block) -> list[bytes]:
    begins = find_lines(block.content, block.length)
    content = block.content.tobytes()
    return [content[b : min(e, block.length)].removesuffix(b"\n") for b, e in pairwise(begins.tolist())]


def read(path: Path, compression: str = "plain", begin: int = 0, end: int = TO_THE_END) -> list[bytes]:
    return [line for block in read_blocks(str(path), compression, begin, end) for line in lines_of(block)]


LINES = st.lists(st.sampled_from([b"", b"a", b"bc\r", b"d" * 40, b"\xef\xbb\xbf"]), max_size=30)


@given(LINES, st.booleans(), st.lists(st.integers(0, 500), max_size=6))
@settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_cut_into_ranges_reads_every_line_once(
    tmp_path: Path, lines: list[bytes], ended: bool, cuts: list[int]
) -> None:
    content = b"x" + b"\n".join(lines) + (b"\n" if ended else b"")
    path = tmp_path / "access.log"
    path.write_bytes(content)
    edges = sorted({0, len(content), *(min(cut, len(content)) for cut in cuts)})
    found = [line for begin, end in pairwise(edges) for line in read(path, "plain", begin, end)]
    expected = content.split(b"\n")
    assert found == (expected[:-1] if content.endswith(b"\n") else expected)


def test_blocks_tell_where_they_begin(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(LOG)
    blocks = list(read_blocks(str(path), "plain", 0, len(LOG)))
    assert len(blocks) > 5
    for block in blocks:
        assert LOG[block.offset : block.offset + block.length] == block.content[: block.length].tobytes()


@pytest.mark.parametrize("name", COMPRESS)
def test_compressed_inputs_are_read_to_the_end_of_their_last_member(tmp_path: Path, name: str) -> None:
    path = tmp_path / "access.log"
    half = len(LOG) // 2
    path.write_bytes(COMPRESS[name](LOG[:half]) + COMPRESS[name](b"") + COMPRESS[name](LOG[half:]))
    assert detect_compression(path.read_bytes()[:8]) == name
    assert read(path, name) == LOG.splitlines()


@pytest.mark.parametrize("name", ["gzip", "xz"])
def test_zeros_behind_the_last_member_are_padding(tmp_path: Path, name: str) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(COMPRESS[name](LOG) + bytes(512))
    assert read(path, name) == LOG.splitlines()


def test_a_zstd_input_may_begin_with_a_skippable_frame(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + COMPRESS["zstd"](LOG))
    assert read(path, detect_compression(path.read_bytes()[:8])) == LOG.splitlines()


@pytest.mark.parametrize("name", COMPRESS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_a_truncated_input_is_told_as_cut_off(tmp_path: Path, name: str, share: float) -> None:
    path = tmp_path / "access.log"
    whole = COMPRESS[name](LOG)
    path.write_bytes(whole + whole[: int(len(whole) * share)])
    with pytest.raises(InputError, match="cut off") as raised:
        read(path, name)
    assert raised.value.name == str(path)


@pytest.mark.parametrize("name", COMPRESS)
def test_a_damaged_input_is_told_as_damaged(tmp_path: Path, name: str) -> None:
    path = tmp_path / "access.log"
    stored = bytearray(COMPRESS[name](LOG))
    stored[len(stored) // 2] ^= 0xFF
    path.write_bytes(stored)
    with pytest.raises(InputError, match=r"damaged|cut off"):
        read(path, name)
    path.write_bytes(COMPRESS[name](LOG) + b"what is this?")
    with pytest.raises(InputError, match="damaged"):
        read(path, name)


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"\xef\xbb\xbfone\ntwo\r\n\xef\xbb\xbfthree")
    assert read(path) == read(path, end=path.stat().st_size) == [b"one", b"two\r", b"\xef\xbb\xbfthree"]
    path.write_bytes(b"\xef\xbb\xbf")
    assert read(path) == []


def test_an_endless_line_takes_no_endless_memory_and_stays_one_line(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"first\n" + b"x" * 2_000_000 + b"\nlast\n")
    for end in (TO_THE_END, path.stat().st_size):
        blocks = list(read_blocks(str(path), "plain", 0, end))
        lines = [line for block in blocks for line in lines_of(block)]
        assert (lines[0], lines[-1], len(lines)) == (b"first", b"last", 3)
        assert len(lines[1]) > MAX_LINE_BYTES
        assert max(block.length for block in blocks) < 500_000


def test_an_input_that_becomes_shorter_is_told(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"one\ntwo\n")
    with pytest.raises(InputError, match="became shorter"):
        read(path, "plain", 0, 100)


def test_an_input_that_cannot_be_opened_is_told_without_its_cause(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot be opened \(FileNotFoundError\)"):
        open_raw(str(tmp_path / "missing.log"))


def test_an_empty_input_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_bytes(b"")
    assert read(path) == []


@pytest.mark.parametrize("name", ["plain", *COMPRESS])
def test_standard_input_can_be_looked_at_before_it_is_read(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    stored = LOG if name == "plain" else COMPRESS[name](LOG)
    monkeypatch.setattr(module, "_standard_input", module._StandardInput())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stored)))
    assert detect_compression(peek_standard_input(40_000)[:8]) == name
    assert read(Path(STANDARD_INPUT), name) == LOG.splitlines()
