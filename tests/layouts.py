"""The same lines laid out in other ways, and the same work cut in other ways: nothing of it may change a figure."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import pytest
import zstandard

from footfall.pipelines import run
from footfall.pipelines.inputs import cut_inputs
from footfall.transforms import parse_hits
from footfall.transforms.scanning import read_blocks


def _gzip_members(content: bytes) -> bytes:
    """Members that end anywhere, also inside a line, as when a rotation appends to a compressed file."""
    cuts = [0, len(content) // 3, len(content) // 3 + 1, len(content)]
    return b"".join(gzip.compress(content[begin:end]) for begin, end in pairwise(cuts))


COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": _gzip_members,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda content: zstandard.compress(content[:1000]) + zstandard.compress(content[1000:]),
}
SPLITS = ("whole", "in turn", "dealt out", "shuffled")


@dataclass(frozen=True)
class Layout:
    """One way to lay out a log; `split` tells which lines of it stand in which file, and in which order."""

    files: int
    split: str
    compressions: tuple[str, ...]
    """One per file."""
    line_end: bytes
    ends_last_line: bool
    seed: int

    def lay_out(self, content: bytes) -> dict[str, bytes]:
        """Files by name; which names they have says nothing about which come first."""
        random = Random(self.seed)
        lines = content.removesuffix(b"\n").split(b"\n")
        names = [f"{random.randrange(10**6):06}-{number}.log" for number in range(self.files)]
        made = {}
        for name, own, compression in zip(names, self._share_out(lines, random), self.compressions, strict=True):
            text = self.line_end.join(own) + (self.line_end if self.ends_last_line else b"")
            made[name] = COMPRESSIONS[compression](text)
        return made

    def _share_out(self, lines: list[bytes], random: Random) -> list[list[bytes]]:
        if self.split == "in turn":
            cuts = sorted(random.sample(range(100, len(lines), 100), self.files - 1))
            return [lines[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(lines)], strict=True)]
        shares: list[list[bytes]] = [[] for _ in range(self.files)]
        for line in lines:
            random.choice(shares).append(line)
        if self.split == "shuffled":
            for share in shares:
                random.shuffle(share)
        return shares


@dataclass(frozen=True)
class Cut:
    """One way to cut the work on a log."""

    piece_bytes: int
    block_bytes: int
    read_bytes: int
    flush_rows: int
    max_buckets: int
    workers: int

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """The stages cut like this, if they run in this process."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cut_inputs, "PIECE_BYTES", self.piece_bytes)
            patch.setattr(run, "BUCKET_BYTES", 1)
            patch.setattr(run, "MAX_BUCKETS", self.max_buckets)
            patch.setattr(read_blocks, "BLOCK_BYTES", self.block_bytes)
            patch.setattr(read_blocks, "READ_BYTES", self.read_bytes)
            patch.setattr(parse_hits, "FLUSH_ROWS", self.flush_rows)
            patch.setattr(parse_hits, "DERIVED_LINES", self.flush_rows)
            yield


def some_layout(seed: int) -> Layout:
    """A layout; every split comes with some seed of four in a row."""
    random = Random(seed)
    split = SPLITS[seed % len(SPLITS)]
    files = 1 if split == "whole" else random.randint(2, 5)
    return Layout(
        files=files,
        split=split,
        compressions=tuple(random.choice(list(COMPRESSIONS)) for _ in range(files)),
        line_end=random.choice((b"\n", b"\r\n")),
        ends_last_line=random.random() < 0.5,
        seed=seed,
    )


def some_cut(seed: int) -> Cut:
    """Sizes that fit nothing: pieces shorter than the longest line, blocks not much longer, reads of a few lines."""
    random = Random(-1 - seed)
    return Cut(
        piece_bytes=random.choice((20_011, 65_537, 150_001)),
        block_bytes=random.choice((33_001, 70_001, 16 * 2**20)),
        read_bytes=random.choice((1_021, 65_536, 2**20)),
        flush_rows=random.choice((0, 501, 400_000)),
        max_buckets=random.choice((1, 3, 64)),
        workers=random.choice((1, 2)),
    )
