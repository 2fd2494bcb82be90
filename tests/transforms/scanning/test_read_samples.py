"""A sample has whole lines from all parts of an input, with any compression."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import STANDARD_INPUT
from footfall.transforms.scanning import read_blocks as blocks
from footfall.transforms.scanning.read_samples import HEAD_BYTES, PROBE_BYTES, PROBES, read_sample

PACKS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}
LINES = 100_000
LOG = b"".join(b"%06d %s\n" % (number, b"x" * (number % 50)) for number in range(LINES))


@pytest.mark.parametrize("name", PACKS)
def test_a_sample_is_of_whole_lines_from_everywhere(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(PACKS[name](LOG))
    compression, sample = read_sample(str(path), path.stat().st_size)
    assert compression == name
    assert len(sample) < HEAD_BYTES + 2 * PROBES * PROBE_BYTES
    lines = sample.splitlines(keepends=True)
    assert set(lines) <= set(LOG.splitlines(keepends=True))
    numbers = [int(line[:6]) for line in lines]
    assert numbers == sorted(set(numbers))
    assert {number * 8 // LINES for number in numbers} == set(range(8))
    assert numbers[-1] == LINES - 1


@pytest.mark.parametrize("name", PACKS)
@pytest.mark.parametrize("content", [b"", b"one", b"one\n", b"one\ntwo", LOG[:HEAD_BYTES], LOG[: HEAD_BYTES + 50]])
def test_a_small_input_is_all_sample_and_its_last_line_may_have_no_end(
    tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(PACKS[name](content))
    _, sample = read_sample(str(path), path.stat().st_size)
    whole = content if content.endswith(b"\n") or not content else content + b"\n"
    assert set(sample.splitlines(keepends=True)) <= set(whole.splitlines(keepends=True))
    # A line that crosses the border of a piece is in no piece.
    assert 0 <= len(whole) - len(sample) < 100


@pytest.mark.parametrize("name", PACKS)
def test_standard_input_is_sampled_at_its_beginning(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(blocks, "_standard_input", blocks._StandardInput())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PACKS[name](LOG))))
    compression, sample = read_sample(STANDARD_INPUT, -1)
    assert compression == name
    assert sample.startswith(LOG[:1000])
    assert sample.endswith(b"\n")


def test_damage_is_told_where_there_is_no_beginning(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    stored = gzip.compress(LOG)
    path.write_bytes(stored[: len(stored) // 2])
    assert read_sample(str(path), len(stored) // 2)[1].startswith(LOG[:1000])
    path.write_bytes(stored[:12])
    with pytest.raises(InputError, match="cut off"):
        read_sample(str(path), 12)
