"""Finds the objects of a JSON array that are written over several lines, as `jq` and exports write them.

Each object becomes one line, that of its last brace; its other lines are parts of it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.kernels.byte_kernels import find_quote
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.scanning.scan_lines import is_blank
from footfall.transforms.vocabulary import (
    ACCEPTED,
    MAX_LINE_BYTES,
    REJECT_DIRECTIVE,
    REJECT_EMPTY,
    REJECT_FORMAT,
    REJECT_TOO_LONG,
)

_QUOTE = np.uint8(34)


UNKNOWN_INDENT: Final = -1
"""The indentation of an object whose second line is not indented: it does not show where the next object begins."""
STATE_SIZE: Final = 4


@inner_kernel
def find_objects(
    block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes, is_part: Flags, is_anew: Flags, state: Ints
) -> None:
    """Flag lines that another line of the same object follows, and lines before which an object ended unclosed.

    `state` has the number of open braces and brackets, the lines and bytes of the open object, and its indentation.
    Lines between objects are directives if they have nothing but the brackets and commas of a list.
    """
    depth, lines, size, indent = state[0], state[1], state[2], state[3]
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            begins[line] = ends[line]
            continue
        text = begin
        while block[text] == 32 or 9 <= block[text] <= 13:
            text += 1
        if depth > 0:
            if lines == 1 and text - begin <= indent:
                indent = UNKNOWN_INDENT
            if block[text] == 123 and text - begin <= indent:
                is_anew[line] = True
                depth = 0
        position = begin
        if depth == 0:
            while position < end and (block[position] in (32, 44, 91, 93) or 9 <= block[position] <= 13):
                position += 1
            if position == end or block[position] != 123:
                reasons[line] = REJECT_DIRECTIVE if position == end else REJECT_FORMAT
                begins[line] = ends[line]
                continue
            begins[line] = position
            lines, size, indent = 0, 0, text - begin
        lines += 1
        size += ends[line] - begins[line]
        if size > MAX_LINE_BYTES:
            # What nobody closes would take in all the rest.
            reasons[line] = REJECT_TOO_LONG
            begins[line] = ends[line]
            is_anew[line] = True
            depth = 0
            continue
        while position < end:
            byte = block[position]
            if byte == _QUOTE:
                position = find_quote(block, position + 1, end, _QUOTE)
            elif byte == 123 or byte == 91:
                depth += 1
            elif byte == 125 or byte == 93:
                depth -= 1
                if depth == 0:
                    ends[line] = position + 1
                    break
            position += 1
        is_part[line] = depth > 0
    state[0], state[1], state[2], state[3] = depth, lines, size, indent


__all__ = ["STATE_SIZE", "find_objects"]
