"""Texts that a log does not have as the rest of the program reads them: decoded, and joined (part of step 2).

A writer's own encodings are undone, and a path and a query in fields of their own become a url. The block that was read
is left as it is: the fields are written to a new one, escaped as Apache and nginx do.
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
from footfall.transforms.scanning.scan_lines import ScannedBlock

PLAIN, PLUS, PERCENT, PERCENT_TWICE, HASH = 1, 2, 4, 8, 16
"""How a text is written, to be added up: a backslash is just that; a space is `+`, `%20`, `%2520`, `#20` (HAProxy)."""

_BACKSLASH: Final = np.uint8(92)
_MOST_GROWTH: Final = 3
"""Of a path whose every byte is a `?`. A backslash becomes two bytes, `%00` four."""


def rewrite_texts(lines: ScannedBlock, writing: Mapping[Meaning, int]) -> ScannedBlock:
    """The same lines: texts decoded that are written in some way, and a url made of path and query in their own fields.

    A format that has a url keeps it.
    """
    joins = (
        lines.has(Meaning.PATH)
        and lines.has(Meaning.QUERY)
        and not (lines.has(Meaning.URL) or lines.has(Meaning.REQUEST))
    )
    if not joins and not any(lines.has(meaning) for meaning in writing):
        return lines
    last = len(lines.block) - PADDING
    ways = dict(writing)
    if find_byte(lines.block, 0, last, _BACKSLASH) == last:
        ways = {meaning: way for meaning, way in writing.items() if way != PLAIN}
    begins, ends = lines.begins.copy(), lines.ends.copy()
    # What is not written to costs nothing.
    room = _MOST_GROWTH * int(np.sum(ends - begins, dtype=np.int64)) + lines.line_count + PADDING
    block = np.empty(room, dtype=np.uint8)
    position = 0
    row_of = dict(lines.row_of)
    for meaning, row in lines.row_of.items():
        if joins and meaning in (Meaning.PATH, Meaning.QUERY):
            continue
        if meaning in ways:
            position = _decode_distinct(lines.block, begins[row], ends[row], ways[meaning], block, position)
        else:
            position = _copy(lines.block, begins[row], ends[row], block, position)
    if joins:
        path, query = row_of[Meaning.PATH], row_of[Meaning.QUERY]
        url = np.full_like(begins[path], -1), np.full_like(ends[path], -1)
        places = (begins[path], ends[path], begins[query], ends[query], *url)
        position = _join(lines.block, *places, Meaning.PATH in ways, block, position)
        # The last row stays the one of meanings that the format has not.
        row_of[Meaning.URL] = len(begins) - 1
        begins, ends = np.insert(begins, -1, url[0], axis=0), np.insert(ends, -1, url[1], axis=0)
    block[position : position + PADDING] = 0
    return replace(lines, block=block[: position + PADDING], begins=begins, ends=ends, row_of=row_of)


def _decode_distinct(read: Bytes, begins: Offsets, ends: Offsets, way: int, block: Bytes, position: int) -> int:
    """Write each distinct text once from `position` on, and put the new places into begins and ends."""
    if len(begins) == 0:
        return position
    table = StringTable()
    codes = table.intern(read, begins, ends)
    first = np.zeros(table.count, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    new_begins, new_ends = begins[first], ends[first]
    new_begins[0] = new_ends[0] = -1
    position = _decode(read, new_begins, new_ends, way, block, position)
    begins[:], ends[:] = new_begins[codes], new_ends[codes]
    return position


@inner_kernel
def _copy(read: Bytes, begins: Offsets, ends: Offsets, block: Bytes, position: int) -> int:
    """Write texts as they are from `position` on, and put the new places into begins and ends."""
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin < 0:
            continue
        length = np.int64(ends[line]) - begin
        copy_bytes(block, position, read, begin, length)
        begins[line] = position
        position += int(length)
        ends[line] = position
    return position


@inner_kernel
def _decode(read: Bytes, begins: Offsets, ends: Offsets, way: int, block: Bytes, position: int) -> int:
    """Write texts decoded from `position` on, and put the new places into begins and ends."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if begin >= 0:
            begins[line] = position
            position = _decode_one(read, begin, end, way, block, position)
            ends[line] = position
    return position


@inner_kernel
def _decode_one(read: Bytes, begin: int, end: int, way: int, block: Bytes, position: int) -> int:
    """Write one text; returns the place behind it."""
    index = begin
    while index < end:
        byte = int(read[index])
        index += 1
        if byte == 43 and way & PLUS:
            byte = 32
        elif byte == 37 and way & (PERCENT | PERCENT_TWICE):
            times = 2 if way & PERCENT_TWICE else 1
            while byte == 37 and times > 0:
                value = _hex_pair(read, index, end)
                if value < 0:
                    break
                byte = value
                index += 2
                times -= 1
        elif byte == 35 and way & HASH:
            value = _hex_pair(read, index, end)
            if value >= 0:
                byte = value
                index += 2
        if byte == 92 or byte == 34:
            block[position] = 92
            position += 1
        elif byte < 32:
            # `\x0A`: only encoded ones are met here, three bytes long; the line itself holds no other but tabs.
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
def _hex_pair(block: Bytes, index: int, end: int) -> int:
    """The number that two hexadecimal digits stand for, -1 where there are none."""
    if index + 2 > end:
        return -1
    value = 0
    for place in range(index, index + 2):
        byte = int(block[place])
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
def _join(
    read: Bytes,
    path_begins: Offsets,
    path_ends: Offsets,
    query_begins: Offsets,
    query_ends: Offsets,
    url_begins: Offsets,
    url_ends: Offsets,
    escapes: bool,
    block: Bytes,
    position: int,
) -> int:
    """Write `path?query` from `position` on, and put the new places into all of the begins and ends.

    A `?` or `#` in a path by itself is one that the server decoded. With `escapes` backslashes are just that.
    """
    for line in range(len(url_begins)):
        if path_begins[line] >= 0:
            url_begins[line] = position
            begin, end = np.int64(path_begins[line]), np.int64(path_ends[line])
            path_begins[line] = position
            for index in range(begin, end):
                byte = read[index]
                if byte == 63 or byte == 35:
                    block[position] = 37
                    block[position + 1] = 48 + byte // 16
                    byte = 70 if byte == 63 else 51
                    position += 2
                elif byte == 92 and escapes:
                    block[position] = 92
                    position += 1
                block[position] = byte
                position += 1
            path_ends[line] = position
            url_ends[line] = position
        if query_begins[line] >= 0:
            begin, end = np.int64(query_begins[line]), np.int64(query_ends[line])
            if path_begins[line] >= 0 and read[begin] != 63:
                block[position] = 63
                position += 1
            query_begins[line] = position
            for index in range(begin, end):
                if read[index] == 92 and escapes:
                    block[position] = 92
                    position += 1
                block[position] = read[index]
                position += 1
            query_ends[line] = position
            if path_begins[line] >= 0:
                url_ends[line] = position
    return position
