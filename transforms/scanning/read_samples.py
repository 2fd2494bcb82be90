"""Some lines of an input, from its beginning, middle and end, to tell what it is before it is read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from footfall.transforms.running.failures import InputError
from footfall.transforms.running.run_options import STANDARD_INPUT
from footfall.transforms.scanning.read_blocks import (
    open_raw,
    peek_standard_input,
    read_chunks,
    read_stored,
    tell_compression,
)
from footfall.transforms.vocabulary import MAX_LINE_BYTES

HEAD_BYTES: Final = 2 * MAX_LINE_BYTES
PROBE_BYTES: Final = 2**14
PROBES: Final = 16
"""Pieces of a plain input, spread from behind the head to the end: what it changes to anywhere for long is seen."""
_PIECE_DISTANCE: Final = 2**18
_MOST_DECOMPRESSED: Final = 2**24
"""Read of compressed inputs, some of which take seconds to get to their ends."""


def read_sample(path: str, size: int) -> tuple[str, bytes]:
    """The compression of an input of `size` stored bytes (-1 for a stream), and whole lines of it in their order.

    Of a plain input they come from all of it, of a compressed one from its first megabytes, of standard input from its
    beginning. A single line may be cut. Raises InputError where not even a beginning can be read.
    """
    if path == STANDARD_INPUT:
        stored = peek_standard_input(HEAD_BYTES)
        compression = tell_compression(stored)
        return compression, _join(_spread(io.BytesIO(stored), path, compression))
    raw: Any = open_raw(path)
    try:
        compression = tell_compression(read_stored(raw, path, 8))
    finally:
        raw.close()
    raw = open_raw(path)
    try:
        pieces = _probe(raw, path, size) if compression == "plain" else _spread(raw, path, compression)
        return compression, _join(pieces)
    finally:
        raw.close()


def _join(pieces: Iterator[bytes]) -> bytes:
    """The whole lines of pieces: of the first one from its beginning, of others from their first line end."""
    head = next(pieces, b"")
    lines = [head[: head.rfind(b"\n") + 1] or head]
    for piece in pieces:
        lines.append(piece[piece.find(b"\n") + 1 : piece.rfind(b"\n") + 1])
    return b"".join(lines)


def _probe(raw: Any, path: str, size: int) -> Iterator[bytes]:
    """The head of a plain input and probes behind it."""
    yield read_stored(raw, path, HEAD_BYTES if size > HEAD_BYTES + PROBES * PROBE_BYTES else max(size, 1))
    rest = size - HEAD_BYTES - PROBE_BYTES
    if size > HEAD_BYTES + PROBES * PROBE_BYTES:
        for number in range(1, PROBES + 1):
            raw.seek(HEAD_BYTES + rest * number // PROBES)
            yield read_stored(raw, path, PROBE_BYTES)


def _spread(raw: Any, path: str, compression: str) -> Iterator[bytes]:
    """The head of a compressed input and pieces at some distance, as long as it can be decompressed."""
    buffer = bytearray()
    # Where the buffer begins, where the last piece ended, and where the next one is.
    position = taken = 0
    begin, end = 0, HEAD_BYTES
    try:
        for chunk in read_chunks(raw, path, compression):
            buffer += chunk
            while position + len(buffer) >= end:
                yield bytes(buffer[begin - position : end - position])
                taken = end
                begin, end = taken + _PIECE_DISTANCE, taken + _PIECE_DISTANCE + PROBE_BYTES
            # The end of what there is may become the last piece.
            spare = max(0, min(len(buffer) - PROBE_BYTES, begin - position))
            del buffer[:spare]
            position += spare
            if position >= _MOST_DECOMPRESSED:
                return
    except InputError:
        # Damage behind the head is met, and told, when all of it is read.
        if not taken and not buffer and path != STANDARD_INPUT:
            raise
    yield bytes(buffer[max(0, taken - position) :])
