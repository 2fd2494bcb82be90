"""Parses objects that are strings within objects: Azure's resource logs write a service's own fields so.

    {"time":"2026-06-01T10:00:00Z","properties":"{\\"CIp\\":\\"192.0.2.7\\"}"}

becomes an object within the object. Only texts that begin with a brace and a quote are opened, and one level of them.
"""

from __future__ import annotations

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, find_quote
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.scanning.scan_lines import Spans, is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_CUT, REJECT_EMPTY, REJECT_FORMAT

_QUOTE = np.uint8(34)
_BACKSLASH = 92


def open_texts(spans: Spans, reasons: Bytes) -> Spans:
    """Return the objects of lines whose reason is ACCEPTED, in a new block, and set the reasons of others.

    Lines without an object in a text are rejects (`format`), so that other JSON is not taken for such.
    """
    begins, ends = spans.begins.copy(), spans.ends.copy()
    sizes = np.where(reasons == ACCEPTED, ends - begins, 0)
    # Opening makes nothing longer.
    content = np.zeros(int(sizes.sum(dtype=np.int64)) + PADDING, dtype=np.uint8)
    used = _open_texts(spans.block, begins, ends, reasons, content)
    return Spans(content[: used + PADDING], begins, ends)


@inner_kernel
def _open_texts(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes, content: Bytes) -> int:
    """Write the objects to `content`, and update begins, ends and reasons. Returns the end of the output."""
    used = 0
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        begins[line] = ends[line] = used
        if reasons[line] != ACCEPTED:
            continue
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            continue
        stop = used
        count = 0
        position = begin
        while position < end:
            byte = block[position]
            if byte != _QUOTE:
                content[stop] = byte
                stop += 1
                position += 1
                continue
            text_end = np.int64(find_quote(block, position + 1, end, _QUOTE))
            if text_end == end:
                stop = -1
                break
            is_object = (
                text_end - position > 3
                and block[position + 1] == 123
                and block[position + 2] == _BACKSLASH
                and block[position + 3] == _QUOTE
            )
            if is_object:
                count += 1
                index = position + 1
                while index < text_end:
                    # A backslash goes, and what it protects stays: a quote, or the backslash of an inner escape.
                    if block[index] == _BACKSLASH and block[index + 1] in (92, 34, 47):
                        index += 1
                    content[stop] = block[index]
                    stop += 1
                    index += 1
            else:
                copy_bytes(content, stop, block, position, text_end + 1 - position)
                stop += int(text_end + 1 - position)
            position = text_end + 1
        if stop < 0 or count == 0:
            reasons[line] = REJECT_CUT if stop < 0 else REJECT_FORMAT
            continue
        used = int(stop)
        ends[line] = used
    return used


__all__ = ["open_texts"]
