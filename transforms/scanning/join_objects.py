"""Finds the objects of a JSON array that are written over several lines, as `jq` and exports write them.

Each object becomes one line, that of its last brace; its other lines are parts of it.
"""

from __future__ import annotations

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.kernels.byte_kernels import find_quote
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.scanning.scan_lines import is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

_QUOTE = np.uint8(34)


@inner_kernel
def find_objects(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes, is_part: Flags, state: Ints) -> None:
    """Flag lines that another line of the same object follows; `state` has the number of open braces and brackets.

    Lines between objects are directives if they have nothing but the brackets and commas of a list.
    """
    depth = state[0]
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            begins[line] = ends[line]
            continue
        position = begin
        if depth == 0:
            while position < end and (block[position] in (32, 44, 91, 93) or 9 <= block[position] <= 13):
                position += 1
            if position == end or block[position] != 123:
                reasons[line] = REJECT_DIRECTIVE if position == end else REJECT_FORMAT
                begins[line] = ends[line]
                continue
            begins[line] = position
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
    state[0] = depth


__all__ = ["find_objects"]
