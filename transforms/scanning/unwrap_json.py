"""Extracts log lines that are strings in JSON objects.

Docker's `json-file` driver writes `{"log":"…\\n","stream":"stdout","time":"…"}`, `journalctl -o json` a member MESSAGE.
One pass over the bytes finds the member at the top level and decodes it to a new block. Sources: RFC 8259, moby's
jsonfilelog, journalctl(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import PADDING, find_quote, same_bytes
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.scanning.find_texts import is_text_at
from footfall.transforms.scanning.scan_lines import Spans, is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_CUT, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

_STREAM = np.frombuffer(b'stream"', dtype=np.uint8)
_STDERR = np.frombuffer(b'"stderr"', dtype=np.uint8)
_QUOTE = np.uint8(34)
_BACKSLASH = 92
_CUT = -1
_INVALID = -2


@dataclass(frozen=True)
class Members:
    """The contents of lines, in a new block, and whether each is from standard error (1) or not (0)."""

    spans: Spans
    is_stderr: Bytes


def extract_members(spans: Spans, reasons: Bytes, key: bytes) -> Members:
    """Extract the member `key` of each line's object, from lines whose reason is ACCEPTED.

    The member is a string, or an array of numbers, which journalctl writes for binary data. Sets these reasons:
    `directive` if there is no such member, `cut` if the object has no end, `format` if the line is no object.
    """
    begins, ends = spans.begins.copy(), spans.ends.copy()
    is_stderr = np.zeros(len(begins), dtype=np.uint8)
    sizes = np.where(reasons == ACCEPTED, ends - begins, 0)
    # Decoding makes nothing longer.
    content = np.zeros(int(sizes.sum()) + PADDING, dtype=np.uint8)
    name = np.frombuffer(key + bytes(8), dtype=np.uint8)
    used = _extract_members(spans.block, begins, ends, reasons, name, len(key), is_stderr, content)
    return Members(Spans(content[: used + PADDING], begins, ends), is_stderr)


@inner_kernel
def _extract_members(
    block: Bytes,
    begins: Offsets,
    ends: Offsets,
    reasons: Bytes,
    key: Bytes,
    key_length: int,
    is_stderr: Bytes,
    content: Bytes,
) -> int:
    """Write the contents to `content`, and update begins, ends and reasons. Returns the end of the output."""
    used = 0
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        begins[line] = ends[line] = 0
        if reasons[line] != ACCEPTED:
            continue
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            continue
        value, value_end, from_stderr, problem = _find_member(block, begin, end, key, key_length)
        is_stderr[line] = from_stderr
        if problem != 0:
            reasons[line] = REJECT_CUT if problem == _CUT else REJECT_FORMAT
        elif value < 0:
            reasons[line] = REJECT_DIRECTIVE
        else:
            if block[value] == _QUOTE:
                stop = _decode_string(block, value + 1, value_end - 1, content, used)
            elif block[value] == 91:
                stop = _decode_numbers(block, value + 1, value_end - 1, content, used)
            else:
                stop = -1
            if stop < 0:
                reasons[line] = REJECT_FORMAT
                continue
            begins[line] = used
            ends[line] = used = stop
    return used


@inner_kernel
def _skip_blanks(block: Bytes, position: int, end: int) -> int:
    while position < end and (block[position] == 32 or 9 <= block[position] <= 13):
        position += 1
    return position


@inner_kernel
def _find_member(block: Bytes, begin: int, end: int, key: Bytes, key_length: int) -> tuple[int, int, bool, int]:
    """Return begin and end of the value of the last member `key` (-1: none), whether `stream` is stderr, and a problem.

    The problem is 0, or _CUT or _INVALID if the line is no complete object.
    """
    member = member_end = -1
    is_stderr = False
    position = _skip_blanks(block, begin, end)
    if block[position] != 123:
        return member, member_end, is_stderr, _INVALID
    position = _skip_blanks(block, position + 1, end)
    is_first = True
    while position < end and block[position] != 125:
        if not is_first:
            if block[position] != 44:
                return member, member_end, is_stderr, _INVALID
            position = _skip_blanks(block, position + 1, end)
        is_first = False
        if position >= end:
            break
        if block[position] != _QUOTE:
            return member, member_end, is_stderr, _INVALID
        name = position + 1
        name_end = find_quote(block, name, end, _QUOTE)
        position = _skip_blanks(block, name_end + 1, end)
        if position >= end:
            break
        if block[position] != 58:
            return member, member_end, is_stderr, _INVALID
        value = _skip_blanks(block, position + 1, end)
        value_end = _skip_value(block, value, end)
        if value_end == _INVALID:
            return member, member_end, is_stderr, _INVALID
        if value_end == _CUT:
            return member, member_end, is_stderr, _CUT
        if name_end - name == key_length and same_bytes(block, name, key, 0, key_length):
            member, member_end = value, value_end
        elif is_text_at(block, name, name_end + 1, _STREAM):
            is_stderr = is_text_at(block, value, value_end, _STDERR)
        position = _skip_blanks(block, value_end, end)
    if position >= end:
        return member, member_end, is_stderr, _CUT
    rest = _skip_blanks(block, position + 1, end)
    return member, member_end, is_stderr, 0 if rest == end else _INVALID


@inner_kernel
def _skip_value(block: Bytes, position: int, end: int) -> int:
    """Return the end of a string, number, word, or array or object with balanced brackets; or _CUT or _INVALID."""
    depth = 0
    start = position
    while position < end:
        byte = block[position]
        if byte == _QUOTE:
            if depth == 0 and position > start:
                return _INVALID
            position = find_quote(block, position + 1, end, _QUOTE)
            if position >= end:
                return _CUT
        elif byte == 123 or byte == 91:
            if depth == 0 and position > start:
                return _INVALID
            depth += 1
        elif byte == 125 or byte == 93:
            if depth == 0:
                return position if position > start else _INVALID
            depth -= 1
        elif depth == 0 and (byte == 44 or byte == 32):
            return position if position > start else _INVALID
        position += 1
        if depth == 0 and (byte == _QUOTE or byte == 125 or byte == 93):
            return position
    return _CUT


@inner_kernel
def _decode_string(block: Bytes, position: int, end: int, content: Bytes, used: int) -> int:
    """Decode a string. Returns the end of the output, -1 for an escape that JSON does not have."""
    while position < end:
        byte = block[position]
        position += 1
        if byte != _BACKSLASH:
            content[used] = byte
            used += 1
            continue
        byte = block[position]
        position += 1
        if byte == 117:
            code = _read_hex(block, position, end)
            position += 4
            if code < 0:
                return -1
            if 0xD800 <= code < 0xDC00 and position + 6 <= end and block[position] == _BACKSLASH:
                low = _read_hex(block, position + 2, end) if block[position + 1] == 117 else -1
                if 0xDC00 <= low < 0xE000:
                    code = 0x10000 + ((code - 0xD800) << 10) + low - 0xDC00
                    position += 6
            if 0xD800 <= code < 0xE000:
                # Half of a surrogate pair is no character.
                code = 0xFFFD
            used = _write_utf8(content, used, code)
            continue
        if byte == 110:
            byte = 10
        elif byte == 114:
            byte = 13
        elif byte == 116:
            byte = 9
        elif byte == 98:
            byte = 8
        elif byte == 102:
            byte = 12
        elif byte != _QUOTE and byte != _BACKSLASH and byte != 47:
            return -1
        content[used] = byte
        used += 1
    return used


@inner_kernel
def _read_hex(block: Bytes, position: int, end: int) -> int:
    """Return the value of four hexadecimal digits, -1 if there are none."""
    if position + 4 > end:
        return -1
    code = np.int64(0)
    for index in range(position, position + 4):
        byte = np.int64(block[index])
        if 48 <= byte <= 57:
            code = 16 * code + byte - 48
        elif 65 <= byte & 0xDF <= 70:
            code = 16 * code + (byte & 0xDF) - 55
        else:
            return -1
    return int(code)


@inner_kernel
def _write_utf8(content: Bytes, used: int, code: int) -> int:
    if code < 0x80:
        content[used] = code
        return used + 1
    if code < 0x800:
        content[used] = 0xC0 | code >> 6
        content[used + 1] = 0x80 | code & 0x3F
        return used + 2
    if code < 0x10000:
        content[used] = 0xE0 | code >> 12
        content[used + 1] = 0x80 | code >> 6 & 0x3F
        content[used + 2] = 0x80 | code & 0x3F
        return used + 3
    content[used] = 0xF0 | code >> 18
    content[used + 1] = 0x80 | code >> 12 & 0x3F
    content[used + 2] = 0x80 | code >> 6 & 0x3F
    content[used + 3] = 0x80 | code & 0x3F
    return used + 4


@inner_kernel
def _decode_numbers(block: Bytes, position: int, end: int, content: Bytes, used: int) -> int:
    """Write the bytes of a list `49,50,51`. Returns the end of the output, -1 for an invalid list."""
    number = np.int64(-1)
    for index in range(position, end + 1):
        byte = block[index] if index < end else np.uint8(44)
        if 48 <= byte <= 57:
            if number >= 0 and block[index - 1] == 32:
                return -1
            number = 10 * max(number, np.int64(0)) + np.int64(byte) - 48
            if number > 255:
                return -1
        elif byte == 44:
            if number < 0:
                return -1
            content[used] = number
            used += 1
            number = np.int64(-1)
        elif byte != 32:
            return -1
    return used
