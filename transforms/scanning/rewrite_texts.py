"""Texts that a log does not have as the rest of the program reads them: decoded, and joined (part of step 2).

A writer's own encodings are undone, and a path and a query in fields of their own become a url. The block that was read
is left as it is: what is rewritten stands behind a copy of it, escaped as Apache and nginx do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from transforms.formats.slots import Slot
from transforms.kernels.byte_kernels import PADDING, Bytes, find_byte
from transforms.scanning.scan_lines import Places, ScannedBlock

PLAIN, PLUS, PERCENT, PERCENT_TWICE = 1, 2, 4, 8
"""How a text is written, to be added up: a backslash is just that, `+` is a space, `%20` is one, `%2520` is one too."""

_BACKSLASH: Final = np.uint8(92)
_MOST_PATH_GROWTH: Final = 3
_MOST_GROWTH: Final = 2
"""A backslash becomes two bytes; `%00`, `\\\\x00` grows less."""


def decode_texts_of(lines: ScannedBlock, writing: Mapping[Slot, int]) -> ScannedBlock:
    """The same lines, with the texts of some slots decoded."""
    ways = np.zeros(len(lines.begins), dtype=np.uint8)
    for slot, way in writing.items():
        if lines.has(slot):
            ways[lines.row_of[slot]] = way
    if find_byte(lines.block, 0, len(lines.block) - PADDING, _BACKSLASH) == len(lines.block) - PADDING:
        ways[ways == PLAIN] = 0
    room = _measure_encoded(lines.block, lines.begins, lines.ends, ways)
    if not room:
        return lines
    block, begins, ends = _with_room(lines.block, _MOST_GROWTH * room), lines.begins.copy(), lines.ends.copy()
    _decode(block, begins, ends, ways, len(lines.block))
    return replace(lines, block=block, begins=begins, ends=ends)


def join_urls(lines: ScannedBlock) -> ScannedBlock:
    """The same lines, with a url where the format has a path and a query apart; what has a url stays as it is."""
    if lines.has(Slot.URL) or lines.has(Slot.REQUEST) or not (lines.has(Slot.PATH) and lines.has(Slot.QUERY)):
        return lines
    path, query = lines.places(Slot.PATH), lines.places(Slot.QUERY)
    has_path = path[0] >= 0
    room = int(_MOST_PATH_GROWTH * np.sum(path[1] - path[0], where=has_path))
    room += int(np.sum(query[1] - query[0] + 1, where=has_path & (query[0] >= 0)))
    block, url_begins, url_ends = _with_room(lines.block, room), path[0].copy(), path[1].copy()
    _join(block, *query, url_begins, url_ends, len(lines.block))
    # The last row stays the one of slots that the format has not.
    begins = np.insert(lines.begins, -1, url_begins, axis=0)
    ends = np.insert(lines.ends, -1, url_ends, axis=0)
    row_of = {**lines.row_of, Slot.URL: len(lines.begins) - 1}
    return replace(lines, block=block, begins=begins, ends=ends, row_of=row_of)


def _with_room(block: Bytes, room: int) -> Bytes:
    """A padded copy of a block with so many bytes more."""
    copy = np.empty(len(block) + room + PADDING, dtype=np.uint8)
    copy[: len(block)] = block
    copy[len(block) :] = 0
    return copy


@njit(nogil=True, cache=True)
def _is_encoded(block: Bytes, begin: int, end: int, way: int) -> bool:
    for index in range(begin, end):
        byte = block[index]
        if byte == 92 or (byte == 43 and way & PLUS) or (byte == 37 and way & (PERCENT | PERCENT_TWICE)):
            return True
    return False


@njit(nogil=True, cache=True)
def _measure_encoded(block: Bytes, begins: Places, ends: Places, ways: NDArray[np.uint8]) -> int:
    """The length of all texts that are to be written anew."""
    length = 0
    for row in range(len(ways)):
        if ways[row] == 0:
            continue
        for line in range(begins.shape[1]):
            begin, end = np.int64(begins[row, line]), np.int64(ends[row, line])
            if begin >= 0 and _is_encoded(block, begin, end, np.int64(ways[row])):
                length += int(end - begin)
    return length


@njit(nogil=True, cache=True)
def _decode(block: Bytes, begins: Places, ends: Places, ways: NDArray[np.uint8], position: int) -> None:
    """Write the encoded texts from `position` on, and put their new places into begins and ends."""
    for row in range(len(ways)):
        if ways[row] == 0:
            continue
        way = np.int64(ways[row])
        for line in range(begins.shape[1]):
            begin, end = np.int64(begins[row, line]), np.int64(ends[row, line])
            if begin >= 0 and _is_encoded(block, begin, end, way):
                begins[row, line] = position
                position = _decode_one(block, begin, end, way, position)
                ends[row, line] = position


@njit(nogil=True, cache=True)
def _decode_one(block: Bytes, begin: int, end: int, way: int, position: int) -> int:
    """Write one text; returns the place behind it."""
    index = begin
    while index < end:
        byte = int(block[index])
        index += 1
        if byte == 43 and way & PLUS:
            byte = 32
        elif byte == 37 and way & (PERCENT | PERCENT_TWICE):
            times = 2 if way & PERCENT_TWICE else 1
            while byte == 37 and times > 0:
                value = _hex_pair(block, index, end)
                if value < 0:
                    break
                byte = value
                index += 2
                times -= 1
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


@njit(nogil=True, cache=True)
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


@njit(nogil=True, cache=True)
def _join(
    block: Bytes, query_begins: Places, query_ends: Places, url_begins: Places, url_ends: Places, position: int
) -> None:
    """Write `path?query` from `position` on where the path is not all; url_begins, url_ends have the paths' places.

    A `?` or `#` in a path by itself is one that the server decoded.
    """
    for line in range(len(url_begins)):
        path_begin, path_end = np.int64(url_begins[line]), np.int64(url_ends[line])
        first = np.int64(query_begins[line])
        is_plain = find_byte(block, path_begin, path_end, np.uint8(63)) == path_end
        is_plain = is_plain and find_byte(block, path_begin, path_end, np.uint8(35)) == path_end
        if path_begin < 0 or (first < 0 and is_plain):
            continue
        begin = position
        for index in range(path_begin, path_end):
            byte = block[index]
            if byte == 63 or byte == 35:
                block[position] = 37
                block[position + 1] = 48 + byte // 16
                block[position + 2] = 70 if byte == 63 else 51
                position += 3
            else:
                block[position] = byte
                position += 1
        if first >= 0:
            if block[first] != 63:
                block[position] = 63
                position += 1
            for index in range(first, np.int64(query_ends[line])):
                block[position] = block[index]
                position += 1
        url_begins[line] = begin
        url_ends[line] = position
