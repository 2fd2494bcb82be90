"""Cuts inputs into pieces, byte ranges that workers read in parallel."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from footfall.pipelines.inputs.list_inputs import Input
from footfall.transforms.formats.log_formats import read_log_format
from footfall.transforms.formats.w3c_headers import formats_at
from footfall.transforms.running.run_options import TO_THE_END, Piece, Pieces

PIECE_BYTES: Final = 32 * 2**20
"""Size of the smaller pieces of an uncompressed input: large enough to outweigh the fixed cost of a piece."""
LAST_PIECES: Final = 4
"""At least this many pieces at the end have the smallest size, so that all workers finish at about the same time; the
pieces before them are four times as large."""

LONE_PIECES: Final = 32
"""So many small inputs are parsed each by itself: that is most even, and their fixed costs are nothing yet."""
_FEW_GROUPS: Final = 8
_GROUP_BYTES: Final = 4 * 2**20
"""What is done once for a group takes as long as a few thousand lines."""


def group_pieces(pieces: Sequence[Piece], sizes: Sequence[int]) -> Iterator[Pieces]:
    """Yield the pieces of inputs with these sizes (decompressed, -1 if unknown), those of many small inputs together.

    What is done once for all that is parsed together would take longer than a small input itself. So they are divided
    into at most LONE_PIECES groups, which follow each other in their order, unless one would exceed PIECE_BYTES.
    """
    is_small = [0 <= sizes[number] < PIECE_BYTES for number, *_ in pieces]
    small, in_group = sum(is_small), 1
    if small > LONE_PIECES:
        small_bytes = sum(sizes[number] for (number, *_), own in zip(pieces, is_small, strict=True) if own)
        in_group = -(-small // min(LONE_PIECES, max(_FEW_GROUPS, small_bytes // _GROUP_BYTES)))
    group: list[Piece] = []
    size = 0
    for piece, joins in zip(pieces, is_small, strict=True):
        number, site = piece[0], piece[4]
        is_full = len(group) >= in_group or size + sizes[number] > PIECE_BYTES
        if group and (not joins or is_full or site != group[0][4]):
            yield tuple(group)
            group, size = [], 0
        group.append(piece)
        size += sizes[number]
        if not joins:
            yield tuple(group)
            group, size = [], 0
    if group:
        yield tuple(group)


def cut_input(index: int, one: Input, site: str) -> Iterator[Piece]:
    """Byte ranges of an uncompressed input whose lines can be parsed independently; any other input as one piece.

    The lines of a W3C log depend on the last `#Fields` directive, so each of its pieces carries the fields in effect
    where it begins.
    """
    assert one.recognition is not None
    log_format = one.recognition.log_format
    if one.compression != "plain" or one.size < 0 or not read_log_format(log_format).is_divisible:
        yield index, one.path, one.compression, log_format, site, 0, TO_THE_END
        return
    begins = cut_bytes(one.size)
    formats: list[str] | None = [log_format] * len(begins)
    if read_log_format(log_format).is_w3c and len(begins) > 1:
        formats = formats_at(one.path, log_format, begins) if os.path.isfile(one.path) else None
    if formats is None:
        yield index, one.path, one.compression, log_format, site, 0, one.size
        return
    for begin, end, text in zip(begins, [*begins[1:], one.size], formats, strict=True):
        yield index, one.path, one.compression, text, site, begin, end


def cut_bytes(size: int) -> list[int]:
    """The offsets at which the pieces of an uncompressed input begin: large pieces first, small ones last.

    >>> [begin // 2**20 for begin in cut_bytes(300 * 2**20)]
    [0, 128, 160, 192, 224, 256, 288]
    """
    large = 4 * PIECE_BYTES
    large_end = max(0, size - LAST_PIECES * PIECE_BYTES) // large * large
    return [*range(0, large_end, large), *range(large_end, size, PIECE_BYTES)]
