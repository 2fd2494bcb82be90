"""Reads inputs as blocks of whole lines.

Compression is detected by content, not by name. This module decompresses files itself, since Beam's readers end a
truncated file without an error (apache/beam filesystemio). It opens all files through Beam's filesystems, so that
object-store URLs work like paths.
"""

from __future__ import annotations

import bz2
import lzma
import sys
import threading
import zlib
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, cast

import numpy as np
import zstandard
from isal import igzip_lib, isal_zlib

from footfall.transforms.arrays import Bytes
from footfall.transforms.exchange.stored_files import open_range
from footfall.transforms.kernels.byte_kernels import PADDING
from footfall.transforms.running.failures import InputError, kind_of
from footfall.transforms.running.progress_counts import progress_counts
from footfall.transforms.running.run_options import STANDARD_INPUT, TO_THE_END
from footfall.transforms.scanning.split_lists import ListSplitter, holds_list
from footfall.transforms.vocabulary import MAX_LINE_BYTES

BLOCK_BYTES: Final = 4 * 2**20
"""Large enough that the Python overhead per block is negligible, small enough for a processor's cache."""
READ_BYTES: Final = 2**20
_STORED_BYTES: Final = 2**18
"""Compressed bytes read at once."""
_FED_BYTES: Final = 2**10
"""Compressed bytes that zstd gets at once, as it returns all that is in them: 32 MB at most."""
_SPARE_BYTES: Final = 2 * READ_BYTES
"""Spare room after a block, so that reading the end of its last line needs no reallocation."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


# First bytes → name. A zstd stream may begin with a skippable frame.
_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    *((bytes([0x50 + low]) + b"\x2a\x4d\x18", "zstd") for low in range(16)),
)
_DECOMPRESSORS: Final[dict[str, Callable[[], Any]]] = {
    "gzip": lambda: isal_zlib.decompressobj(wbits=31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(format=lzma.FORMAT_XZ),
    "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
}
# The exceptions of the decompressors for invalid data.
_DECOMPRESSION_ERRORS: Final[tuple[type[Exception], ...]] = (
    cast("type[Exception]", igzip_lib.IsalError),
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    lzma.LZMAError,
    zstandard.ZstdError,
)


@dataclass(frozen=True)
class Block:
    """Whole lines: `content[:length]`, padded. `offset` is the begin of the block in the decompressed input."""

    content: Bytes
    length: int
    offset: int


def detect_compression(head: bytes) -> str:
    """Return `gzip`, `bzip2`, `xz`, `zstd` or `plain`, given the first bytes of an input."""
    return next((name for magic, name in _MAGIC if head.startswith(magic)), "plain")


class _StandardInput:
    """Standard input, with a `peek` before reading."""

    def __init__(self) -> None:
        self._head = b""
        self._lock = threading.Lock()

    def peek(self, size: int) -> bytes:
        """Return the first `size` bytes without consuming them."""
        with self._lock:
            while len(self._head) < size:
                more = sys.stdin.buffer.read(size - len(self._head))
                if not more:
                    break
                self._head += more
            return self._head

    def read(self, size: int) -> bytes:
        with self._lock:
            if self._head:
                chunk, self._head = self._head[:size], self._head[size:]
                return chunk
            return sys.stdin.buffer.read(size)

    def close(self) -> None:
        """Do nothing: the process closes standard input."""


_standard_input = _StandardInput()


def peek_standard_input(size: int) -> bytes:
    """Return the first `size` stored bytes of standard input without consuming them."""
    return _standard_input.peek(size)


def open_raw(path: str, end: int | None = None) -> BinaryIO | _StandardInput:
    """Open an input without decompression; it is read up to `end` if that is given. Raises InputError."""
    if path == STANDARD_INPUT:
        return _standard_input
    try:
        raw: BinaryIO = open_range(path, end)
    except Exception as error:  # each filesystem raises its own
        raise InputError(path, f"cannot be opened ({kind_of(error)})") from None
    return raw


def read_stored(raw: Any, path: str, size: int) -> bytes:
    """Read up to `size` stored bytes. Raises InputError."""
    try:
        chunk: bytes = raw.read(size)
    except Exception as error:  # each filesystem raises its own
        raise InputError(path, f"cannot be read ({kind_of(error)})") from None
    progress_counts.add(stored_bytes=len(chunk))
    return chunk


def read_chunks(raw: Any, path: str, compression: str) -> Iterator[bytes]:
    """Yield decompressed chunks up to the end of the last member. Raises InputError for cut off or damaged data."""
    if compression == "plain":
        while chunk := read_stored(raw, path, READ_BYTES):
            yield chunk
        return
    decompressor = _DECOMPRESSORS[compression]()
    started = False
    while stored := read_stored(raw, path, _STORED_BYTES):
        while stored:
            if decompressor.eof:
                # gzip and xz allow zeros after a member.
                stored = stored.lstrip(b"\0")
                if not stored:
                    break
                decompressor, started = _DECOMPRESSORS[compression](), False
            started = True
            try:
                stored = yield from _decompress(decompressor, compression, stored)
            except _DECOMPRESSION_ERRORS:
                raise InputError(path, f"the {compression} data is damaged") from None
    if started and not decompressor.eof:
        raise InputError(path, f"the {compression} data is cut off before its end")


def _decompress(decompressor: Any, compression: str, stored: bytes) -> Generator[bytes, None, bytes]:
    """Yield what is in `stored` in chunks of bounded size, and return what is left of it after the end of the member.

    A kilobyte can hold megabytes: at once they would take more memory than all the rest.
    """
    place, is_done = 0, False
    while not is_done and not decompressor.eof:
        if compression == "gzip":
            chunk = decompressor.decompress(stored, READ_BYTES)
            stored = decompressor.unconsumed_tail
            is_done = not stored and len(chunk) < READ_BYTES
        elif compression == "zstd":
            chunk = decompressor.decompress(stored[place : place + _FED_BYTES])
            place += _FED_BYTES
            is_done = place >= len(stored)
        else:
            chunk = decompressor.decompress(stored, READ_BYTES)
            stored, is_done = b"", decompressor.needs_input
        if chunk:
            yield chunk
    if not decompressor.eof:
        return b""
    return decompressor.unused_data + (stored[place:] if compression == "zstd" else b"")


@dataclass
class _LineBuffer:
    """Collects chunks and returns them as blocks of whole lines."""

    offset: int
    content: Bytes = field(default_factory=lambda: np.empty(BLOCK_BYTES + _SPARE_BYTES, dtype=np.uint8))
    used: int = 0
    dropped: int = 0
    """Bytes dropped from an endless line; the rest still exceeds MAX_LINE_BYTES, so that the line is rejected."""
    is_begun: bool = False
    lists: ListSplitter | None = None
    """Splits lists of objects, if the first line is one."""

    def _make_room(self, size: int) -> None:
        if self.used + size + PADDING > len(self.content):
            grown = np.empty(2 * (self.used + size) + PADDING, dtype=np.uint8)
            grown[: self.used] = self.content[: self.used]
            self.content = grown

    def add(self, chunk: bytes) -> None:
        self._make_room(len(chunk))
        self.content[self.used : self.used + len(chunk)] = np.frombuffer(chunk, dtype=np.uint8)
        self._take_in(len(chunk))

    def _take_in(self, size: int) -> None:
        """Take in `size` bytes behind what is used."""
        if not self.is_begun and size:
            self.is_begun = True
            head = self.content[self.used : self.used + min(size, 512)].tobytes().removeprefix(_BYTE_ORDER_MARK)
            self.lists = ListSplitter() if holds_list(head) else None
        if self.lists is not None:
            self.lists.split(self.content, self.used, self.used + size)
        self.used += size

    def fill(self, raw: Any, path: str, size: int) -> int:
        """Read up to `size` more bytes. Returns the number of bytes read, 0 at the end of the input."""
        if not hasattr(raw, "readinto"):
            chunk = read_stored(raw, path, size)
            self.add(chunk)
            return len(chunk)
        self._make_room(size)
        try:
            count: int = raw.readinto(self.content[self.used : self.used + size].data)
        except Exception as error:  # each filesystem raises its own
            raise InputError(path, f"cannot be read ({kind_of(error)})") from None
        progress_counts.add(stored_bytes=count)
        self._take_in(count)
        return count

    def take_lines(self, *, at_end: bool) -> Block | None:
        """Return all whole lines so far, None if there are none. With `at_end`, the last line may lack its LF."""
        length = self.used if at_end else _whole_lines_length(self.content, self.used)
        if length == 0:
            if self.used > 2 * BLOCK_BYTES:
                self._truncate_endless_line()
            return None
        block = Block(self.content, length, self.offset)
        rest = self.content[length : self.used]
        self.content = np.empty(max(BLOCK_BYTES, 2 * len(rest)) + _SPARE_BYTES, dtype=np.uint8)
        self.content[: len(rest)] = rest
        self.offset += length + self.dropped
        self.used = len(rest)
        if self.lists is not None:
            self.lists.moved(length)
        self.dropped = 0
        return block

    def _truncate_endless_line(self) -> None:
        keep = MAX_LINE_BYTES + 1
        self.dropped += self.used - keep
        self.used = keep


def _whole_lines_length(content: Bytes, used: int) -> int:
    """Return the length up to and including the last LF, 0 if there is none."""
    step = 4096
    stop = used
    while stop > 0:
        start = max(0, stop - step)
        feeds = np.flatnonzero(content[start:stop] == 10)
        if len(feeds):
            return start + int(feeds[-1]) + 1
        stop = start
        step *= 4
    return 0


def read_blocks(path: str, compression: str, begin: int, end: int) -> Iterator[Block]:
    """Yield blocks of the lines that begin in [begin, end) of an input; `end` must be TO_THE_END for compressed inputs.

    Raises InputError if the input is cut off, damaged or shorter than `end`.
    """
    if compression == "plain" and path != STANDARD_INPUT and end != TO_THE_END:
        yield from _read_range(path, begin, end)
        return
    lines = _LineBuffer(offset=0)
    raw = open_raw(path)
    try:
        first = True
        for chunk in read_chunks(raw, path, compression):
            lines.add(chunk)
            if lines.used >= BLOCK_BYTES and (block := lines.take_lines(at_end=False)):
                yield _without_byte_order_mark(block) if first else block
                first = False
        if block := lines.take_lines(at_end=True):
            yield _without_byte_order_mark(block) if first else block
    finally:
        raw.close()


def _without_byte_order_mark(block: Block) -> Block:
    if block.content[:3].tobytes() != _BYTE_ORDER_MARK or block.length < 3:
        return block
    return Block(block.content[3:], block.length - 3, block.offset + 3)


def _read_range(path: str, begin: int, end: int) -> Iterator[Block]:
    """Yield blocks of the lines that begin in [begin, end) of an uncompressed input, which has at least `end` bytes."""
    raw: Any = open_raw(path, end)
    try:
        lines = _LineBuffer(offset=begin)
        position = begin
        if begin > 0:
            position = _seek_line(raw, path, begin)
            lines.offset = position
        else:
            raw.seek(0)
        first = begin == 0
        while position < end:
            count = lines.fill(raw, path, min(READ_BYTES, end - position))
            if not count:
                raise InputError(
                    path,
                    "became shorter during the run, expected one that only grows (rotated by copying?): run again",
                )
            position += count
            if lines.used >= BLOCK_BYTES and (block := lines.take_lines(at_end=False)):
                yield _without_byte_order_mark(block) if first else block
                first = False
        # The last line that begins in the range may end after it.
        while lines.used and lines.content[lines.used - 1] != 10:
            chunk = read_stored(raw, path, 4096)
            if not chunk:
                break
            stop = chunk.find(b"\n") + 1
            lines.add(chunk[:stop] if stop else chunk)
            if stop:
                break
            if lines.used > 2 * BLOCK_BYTES and (block := lines.take_lines(at_end=False)):
                yield _without_byte_order_mark(block) if first else block
                first = False
        if block := lines.take_lines(at_end=True):
            yield _without_byte_order_mark(block) if first else block
    finally:
        raw.close()


def _seek_line(raw: Any, path: str, position: int) -> int:
    """Seek to the first line that begins at or after `position`, and return its offset."""
    raw.seek(position - 1)
    while chunk := read_stored(raw, path, 65_536):
        index = chunk.find(b"\n")
        if index >= 0:
            begin = position - 1 + index + 1
            raw.seek(begin)
            return begin
        position += len(chunk)
    return position


__all__ = [
    "BLOCK_BYTES",
    "Block",
    "detect_compression",
    "open_raw",
    "peek_standard_input",
    "read_blocks",
    "read_chunks",
    "read_stored",
]
