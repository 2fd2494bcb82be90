"""Rewrites fields with other encodings, and joins path and query to a url.

The fields are decoded and written to a new block, escaped as by Apache and nginx; the original block is not modified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, find_byte
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.kernels.intern_strings import StringTable
from footfall.transforms.scanning.scan_lines import ScannedFields

UNESCAPED, PLUS, PERCENT, PERCENT_TWICE, HASH = 1, 2, 4, 8, 16
"""Bits of an encoding: a backslash is no escape; a space is written as `+`, `%20`, `%2520`, `#20` (HAProxy)."""

_BACKSLASH: Final = np.uint8(92)
_SPACE: Final = np.uint8(32)
_MAX_GROWTH: Final = 3
"""Largest growth of a text: a path of only `?`. A backslash becomes two bytes, `%00` becomes four."""


def rewrite_texts(lines: ScannedFields, encodings_by_meaning: Mapping[Meaning, int]) -> ScannedFields:
    """Decode fields with the encodings of their meanings, and add a url to lines that have path and query instead."""
    has_url = lines.has(Meaning.URL)
    joins = (
        lines.has(Meaning.PATH)
        and lines.has(Meaning.QUERY)
        and not lines.has(Meaning.REQUEST)
        and not (has_url and bool(np.all(lines.offsets(Meaning.URL)[0] >= 0)))
    )
    if not joins and not any(lines.has(meaning) for meaning in encodings_by_meaning):
        return lines
    last = len(lines.block) - PADDING
    encodings = dict(encodings_by_meaning)
    if find_byte(lines.block, 0, last, _BACKSLASH) == last:
        encodings = {meaning: encoding for meaning, encoding in encodings_by_meaning.items() if encoding != UNESCAPED}
    begins, ends = lines.begins.copy(), lines.ends.copy()
    # Memory that is never written to is not allocated by the operating system.
    room = _MAX_GROWTH * int(np.sum(ends - begins, dtype=np.int64)) + lines.line_count + PADDING
    block = np.empty(room, dtype=np.uint8)
    position = 0
    row_of = dict(lines.row_of)
    for meaning, row in lines.row_of.items():
        if joins and meaning in (Meaning.PATH, Meaning.QUERY):
            continue
        if meaning in encodings:
            position = _decode_distinct(lines.block, begins[row], ends[row], encodings[meaning], block, position)
        else:
            position = _copy(lines.block, begins[row], ends[row], block, position)
    if joins:
        path, query = row_of[Meaning.PATH], row_of[Meaning.QUERY]
        url = np.full_like(begins[path], -1), np.full_like(ends[path], -1)
        offsets = (begins[path], ends[path], begins[query], ends[query], *url)
        position = _join_urls(lines.block, *offsets, Meaning.PATH in encodings, block, position)
        if has_url:
            row = row_of[Meaning.URL]
            url = np.where(begins[row] >= 0, begins[row], url[0]), np.where(begins[row] >= 0, ends[row], url[1])
        # The last row must stay the absent one.
        row_of[Meaning.URL] = len(begins) - 1
        begins, ends = np.insert(begins, -1, url[0], axis=0), np.insert(ends, -1, url[1], axis=0)
    block[position : position + PADDING] = 0
    return replace(lines, block=block[: position + PADDING], begins=begins, ends=ends, row_of=row_of)


def _decode_distinct(source: Bytes, begins: Offsets, ends: Offsets, encoding: int, block: Bytes, position: int) -> int:
    """Write each distinct text once to block[position:], and update begins and ends. Returns the end of the output."""
    if len(begins) == 0:
        return position
    table = StringTable()
    codes = table.intern(source, begins, ends)
    first = np.zeros(table.count, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    new_begins, new_ends = begins[first], ends[first]
    new_begins[0] = new_ends[0] = -1
    position = _decode(source, new_begins, new_ends, encoding, block, position)
    begins[:], ends[:] = new_begins[codes], new_ends[codes]
    return position


@inner_kernel
def _copy(source: Bytes, begins: Offsets, ends: Offsets, block: Bytes, position: int) -> int:
    """Copy texts to block[position:], and update begins and ends. Returns the end of the output."""
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin < 0:
            continue
        length = np.int64(ends[line]) - begin
        copy_bytes(block, position, source, begin, length)
        begins[line] = position
        position += int(length)
        ends[line] = position
    return position


@inner_kernel
def _decode(source: Bytes, begins: Offsets, ends: Offsets, encoding: int, block: Bytes, position: int) -> int:
    """Decode texts to block[position:], and update begins and ends. Returns the end of the output."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if begin >= 0:
            begins[line] = position
            position = _decode_text(source, begin, end, encoding, block, position)
            ends[line] = position
    return position


@inner_kernel
def _decode_text(source: Bytes, begin: int, end: int, encoding: int, block: Bytes, position: int) -> int:
    """Decode one text to block[position:]. Returns the end of the output."""
    index = begin
    has_spaces = encoding & PLUS and find_byte(source, begin, end, _SPACE) < end
    while index < end:
        byte = int(source[index])
        index += 1
        if byte == 43 and encoding & PLUS and not has_spaces:
            byte = 43 if _is_before_link(source, begin, index, end) else 32
        elif byte == 37 and encoding & (PERCENT | PERCENT_TWICE):
            times = 2 if encoding & PERCENT_TWICE else 1
            while byte == 37 and times > 0:
                value = _hex_pair(source, index, end)
                if value < 0:
                    break
                byte = value
                index += 2
                times -= 1
        elif byte == 35 and encoding & HASH:
            value = _hex_pair(source, index, end)
            if value >= 0:
                byte = value
                index += 2
        if byte == 92 or byte == 34:
            block[position] = 92
            position += 1
        elif byte < 32:
            # `\x0A`: lines contain no control characters but tabs, so this one was encoded as three bytes.
            block[position] = 92
            block[position + 1] = 120
            block[position + 2] = 48 + byte // 16
            low = byte % 16
            block[position + 3] = low + (48 if low < 10 else 55)
            position += 4
            continue
        block[position] = byte
        position += 1
    return position


@inner_kernel
def _is_before_link(block: Bytes, begin: int, index: int, end: int) -> bool:
    """Return whether the plus before `index` belongs to a link: `(+https://…)`, and `;++https://…` behind a space."""
    if index + 4 > end or index - 2 < begin or not (block[index - 2] == 43 or block[index - 2] == 40):
        return False
    return bool(block[index] == 104 and block[index + 1] == 116 and block[index + 2] == 116 and block[index + 3] == 112)


@inner_kernel
def _hex_pair(block: Bytes, index: int, end: int) -> int:
    """Return the value of two hexadecimal digits, -1 if there are none."""
    if index + 2 > end:
        return -1
    value = 0
    for digit_index in range(index, index + 2):
        byte = int(block[digit_index])
        if 48 <= byte <= 57:
            value = 16 * value + byte - 48
        elif 65 <= byte <= 70:
            value = 16 * value + byte - 55
        elif 97 <= byte <= 102:
            value = 16 * value + byte - 87
        else:
            return -1
    return value


@inner_kernel
def _join_urls(
    source: Bytes,
    path_begins: Offsets,
    path_ends: Offsets,
    query_begins: Offsets,
    query_ends: Offsets,
    url_begins: Offsets,
    url_ends: Offsets,
    escape_backslashes: bool,
    block: Bytes,
    position: int,
) -> int:
    """Write `path?query` to block[position:], and update all begins and ends. Returns the end of the output.

    A `?` or `#` in the path field was decoded by the server, and is encoded again. With `escape_backslashes`,
    backslashes in the fields are no escapes.
    """
    for line in range(len(url_begins)):
        if path_begins[line] >= 0:
            url_begins[line] = position
            begin, end = np.int64(path_begins[line]), np.int64(path_ends[line])
            path_begins[line] = position
            for index in range(begin, end):
                byte = source[index]
                if byte == 63 or byte == 35:
                    block[position] = 37
                    block[position + 1] = 48 + byte // 16
                    byte = 70 if byte == 63 else 51
                    position += 2
                elif byte == 92 and escape_backslashes:
                    block[position] = 92
                    position += 1
                block[position] = byte
                position += 1
            path_ends[line] = position
            url_ends[line] = position
        if query_begins[line] >= 0:
            begin, end = np.int64(query_begins[line]), np.int64(query_ends[line])
            if path_begins[line] >= 0 and source[begin] != 63:
                block[position] = 63
                position += 1
            query_begins[line] = position
            for index in range(begin, end):
                if source[index] == 92 and escape_backslashes:
                    block[position] = 92
                    position += 1
                block[position] = source[index]
                position += 1
            query_ends[line] = position
            if path_begins[line] >= 0:
                url_ends[line] = position
    return position
