"""Reads sample lines of an input from its beginning, middle and end, to recognise its format."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import STANDARD_INPUT
from footfall.transforms.scanning.read_blocks import (
    READ_BYTES,
    detect_compression,
    open_raw,
    peek_standard_input,
    read_chunks,
    read_stored,
)
from footfall.transforms.scanning.split_lists import split_lists
from footfall.transforms.vocabulary import MAX_LINE_BYTES

HEAD_BYTES: Final = 2 * MAX_LINE_BYTES
PROBE_BYTES: Final = 2**14
PROBES: Final = 16
"""Number of pieces of an uncompressed input, evenly spread after the head, so that a change of format is noticed."""
_PIECE_DISTANCE: Final = 2**18
_HOLE_BYTES: Final = 64
"""A file that begins with so many zeros has a hole there: a server went on writing where it was when the file was cut
off (logrotate's `copytruncate`), or the machine crashed. So many line ends say as little about the format.
"""
_NOTHING: Final = b"\0\r\n"
_MAX_DECOMPRESSED_BYTES: Final = 2**24
"""Limit for compressed inputs, since decompressing a large one to its end takes seconds."""


def read_sample(path: str, size: int) -> tuple[str, bytes]:
    """Return the compression of an input of `size` stored bytes (-1 for a stream), and sample lines in their order.

    The lines are from all parts of an uncompressed input, the first megabytes of a compressed one, or the beginning of
    standard input. They are whole, except that a single line may be cut off. Raises InputError if not even the
    beginning can be read. A hole at the beginning is not in the sample.
    """
    if path == STANDARD_INPUT:
        stored = peek_standard_input(HEAD_BYTES)
        compression = detect_compression(stored)
        if compression == "plain" and len(stored) < HEAD_BYTES:
            stored = _end_line(stored)
        return compression, _join_whole_lines(_sample_decompressed(io.BytesIO(stored), path, compression))
    raw: Any = open_raw(path)
    try:
        compression = detect_compression(read_stored(raw, path, 8))
        raw.seek(0)
        pieces = (
            _sample_plain(raw, path, size) if compression == "plain" else _sample_decompressed(raw, path, compression)
        )
        return compression, _join_whole_lines(pieces)
    finally:
        raw.close()


def _join_whole_lines(pieces: Iterator[bytes]) -> bytes:
    """Join the whole lines of pieces: the first piece begins with a whole line, the others inside a line."""
    head = next(pieces, b"")
    lines = [head[: head.rfind(b"\n") + 1] or head]
    for piece in pieces:
        lines.append(piece[piece.find(b"\n") + 1 : piece.rfind(b"\n") + 1])
    # A list on one line may be longer than all that is read of it here: the last object of it is cut off.
    return split_lists(b"".join(lines))


def _sample_plain(raw: Any, path: str, size: int) -> Iterator[bytes]:
    """Yield the head of an uncompressed input and pieces after it."""
    begin = _find_hole_end(raw, path)
    raw.seek(begin)
    size -= begin
    rest = size - HEAD_BYTES - PROBE_BYTES
    if size <= HEAD_BYTES + PROBES * PROBE_BYTES:
        yield _end_line(read_stored(raw, path, max(size, 1)))
    else:
        yield read_stored(raw, path, HEAD_BYTES)
        for number in range(1, PROBES + 1):
            raw.seek(begin + HEAD_BYTES + rest * number // PROBES)
            yield read_stored(raw, path, PROBE_BYTES)


def _find_hole_end(raw: Any, path: str) -> int:
    """Return the offset of the first byte after the hole at the beginning of an uncompressed input, 0 without one."""
    place, chunk = 0, read_stored(raw, path, _HOLE_BYTES)
    if len(chunk) < _HOLE_BYTES or chunk.strip(_NOTHING):
        return 0
    while chunk and not chunk.strip(_NOTHING):
        place += len(chunk)
        chunk = read_stored(raw, path, READ_BYTES)
    return place + len(chunk) - len(chunk.lstrip(_NOTHING))


def _skip_hole(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks without the hole at their beginning."""
    is_begin = True
    for chunk in chunks:
        rest = chunk.lstrip(_NOTHING) if is_begin else chunk
        if is_begin and len(chunk) - len(rest) < min(_HOLE_BYTES, len(chunk)):
            rest = chunk
        is_begin = not rest
        yield rest


def _end_line(content: bytes) -> bytes:
    """Return the whole content of an input, with a line feed behind its last line, which may lack one."""
    return content if content.endswith(b"\n") or not content else content + b"\n"


def _sample_decompressed(raw: Any, path: str, compression: str) -> Iterator[bytes]:
    """Yield the head of a compressed input and pieces after it, as far as it can be decompressed."""
    buffer = bytearray()
    # Offsets of the buffer, of the end of the last piece, and of the next piece.
    position = taken = 0
    begin, end = 0, HEAD_BYTES
    try:
        for chunk in _skip_hole(read_chunks(raw, path, compression)):
            buffer += chunk
            while position + len(buffer) >= end:
                yield bytes(buffer[begin - position : end - position])
                taken = end
                begin, end = taken + _PIECE_DISTANCE, taken + _PIECE_DISTANCE + PROBE_BYTES
            # Keep the last bytes: they become the last piece if the input ends here.
            spare = max(0, min(len(buffer) - PROBE_BYTES, begin - position))
            del buffer[:spare]
            position += spare
            if position >= _MAX_DECOMPRESSED_BYTES:
                return
    except InputError:
        # Damage after the head is reported when the whole input is read.
        if not taken and not buffer and path != STANDARD_INPUT:
            raise
    else:
        buffer = bytearray(_end_line(bytes(buffer)))
    yield bytes(buffer[max(0, taken - position) :])
