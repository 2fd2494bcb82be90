"""Writes lines that are nearly JSON objects as such: `key=value` pairs, and an object behind words.

Heroku's router, Rails' Lograge and others write `method=GET path="/a" status=200`, Caddy's console an object behind
time, level, logger and message. What follows then reads all of them as JSON. The time before the pairs or the object
becomes the member `line_time`. Sources: the package logfmt of Go's Heroku client; Caddy's documentation of `log`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, find_byte, find_quote
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.scanning.scan_lines import Spans, is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_CUT, REJECT_EMPTY, REJECT_FORMAT

LINE_TIME: Final = "line_time"
"""The key of the time that stands before the pairs or the object."""
_OPENING: Final = np.frombuffer(b'{"line_time":"' + bytes(8), dtype=np.uint8)
_OPENING_BYTES: Final = 14
_TIME_SHAPE: Final = np.frombuffer(b"0000-00-00T00:00:00", dtype=np.uint8)
_MAX_GROWTH: Final = 4
"""Of a line of pairs such as `a=1`, which becomes `"a":"1",`, or of escapes."""
_QUOTE = np.uint8(34)
_BACKSLASH = np.uint8(92)
_SPACE = np.uint8(32)
_EQUALS = np.uint8(61)
_COLON = np.uint8(58)
_SINGLE_QUOTE = np.uint8(39)
_OPENING_BRACE, _CLOSING_BRACE = np.uint8(123), np.uint8(125)


def write_objects(spans: Spans, reasons: Bytes, *, of_pairs: bool) -> Spans:
    """Return the objects of lines whose reason is ACCEPTED, in a new block, and set the reasons of other lines.

    With `of_pairs`, lines have pairs, else an object behind a time and other words.
    """
    begins, ends = spans.begins.copy(), spans.ends.copy()
    sizes = np.where(reasons == ACCEPTED, ends - begins + 2 * _OPENING_BYTES, 0)
    content = np.empty(_MAX_GROWTH * int(sizes.sum(dtype=np.int64)) + PADDING, dtype=np.uint8)
    used = _write_objects(spans.block, begins, ends, reasons, of_pairs, content)
    content[used : used + PADDING] = 0
    return Spans(content[: used + PADDING], begins, ends)


@inner_kernel
def _write_objects(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes, of_pairs: bool, content: Bytes) -> int:
    """Write the objects to `content`, and update begins, ends and reasons. Returns the end of the output."""
    used = 0
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        begins[line] = ends[line] = used
        if reasons[line] != ACCEPTED:
            continue
        if end > begin and block[end - 1] == 13:
            end -= 1
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            continue
        body = _find_pair(block, begin, end) if of_pairs else find_byte(block, begin, end, np.uint8(123))
        time, time_end = _find_time(block, begin, body)
        if body == end or (time == time_end and not of_pairs):
            reasons[line] = REJECT_FORMAT
            continue
        stop = used
        if time < time_end:
            copy_bytes(content, stop, _OPENING, 0, _OPENING_BYTES)
            copy_bytes(content, stop + _OPENING_BYTES, block, time, time_end - time)
            stop += _OPENING_BYTES + time_end - time
            content[stop] = _QUOTE
            content[stop + 1] = 44
            stop += 2
        else:
            content[stop] = 123
            stop += 1
        if of_pairs:
            stop = _write_pairs(block, body, end, content, stop)
            if stop < 0:
                reasons[line] = REJECT_CUT
                continue
        else:
            copy_bytes(content, stop, block, body + 1, end - body - 1)
            stop += end - body - 1
        used = int(stop)
        ends[line] = used
    return used


@inner_kernel
def _is_key(byte: np.uint8) -> bool:
    """Return whether a byte may be in a key: letters, digits, `_`, `-`, `.`, `@`."""
    return bool(
        48 <= byte <= 57
        or 65 <= byte <= 90
        or 97 <= byte <= 122
        or byte == 95
        or byte == 45
        or byte == 46
        or byte == 64
    )


@inner_kernel
def _find_pair(block: Bytes, begin: int, end: int) -> int:
    """Return the offset of the first `key=` at the begin of a word or behind a brace, or `end`."""
    word = begin
    while word < end:
        position = word
        while position < end and _is_key(block[position]):
            position += 1
        if word < position < end and block[position] == _EQUALS:
            return word
        word = _find_word_end(block, position, end) + 1
    return end


@inner_kernel
def _find_word_end(block: Bytes, position: int, end: int) -> int:
    """Return the offset of the next space or opening brace, or `end`: `request{method=GET uri=/a}: …` has a span."""
    while position < end and block[position] != _SPACE and block[position] != _OPENING_BRACE:
        position += 1
    return position


@inner_kernel
def _find_single_quote(block: Bytes, position: int, end: int) -> int:
    """Return the offset of the quote before a space or the end of a value in single quotes, else `end`.

    Python's structlog writes values as `repr` does.
    """
    if position == end or block[position] != _SINGLE_QUOTE:
        return end
    stop = find_byte(block, position + 1, end, _SINGLE_QUOTE)
    while stop < end and not (stop + 1 == end or block[stop + 1] == _SPACE):
        stop = find_byte(block, stop + 1, end, _SINGLE_QUOTE)
    return stop


@inner_kernel
def _copy_escaped(content: Bytes, used: int, block: Bytes, begin: int, end: int) -> int:
    """Copy block[begin:end] to content[used:] with escapes of JSON. Returns the end of the output."""
    for index in range(begin, end):
        if block[index] == _QUOTE or block[index] == _BACKSLASH:
            content[used] = _BACKSLASH
            used += 1
        content[used] = block[index]
        used += 1
    return used


@inner_kernel
def _find_span_end(block: Bytes, position: int, end: int) -> int:
    """Return the offset of the next `}:`, or `end`."""
    stop = find_byte(block, position, end, _CLOSING_BRACE)
    while stop < end and not (stop + 1 < end and block[stop + 1] == _COLON):
        stop = find_byte(block, stop + 1, end, _CLOSING_BRACE)
    return stop


@inner_kernel
def _find_time(block: Bytes, begin: int, end: int) -> tuple[int, int]:
    """Return begin and end of the first ISO time in block[begin:end], also one with slashes or a space; else equal."""
    for time in range(begin, end - len(_TIME_SHAPE) + 1):
        if not 48 <= block[time] <= 57:
            continue
        fits = True
        for index in range(len(_TIME_SHAPE)):
            byte, shape = block[time + index], _TIME_SHAPE[index]
            if shape == 48:
                fits = 48 <= byte <= 57
            elif shape == 45:
                fits = byte == 45 or byte == 47
            elif shape == 84:
                fits = byte == 84 or byte == 32
            else:
                fits = byte == shape
            if not fits:
                break
        if fits:
            stop = time + len(_TIME_SHAPE)
            # A fraction and a zone: `.123456+00:00`, `,123Z`.
            while stop < end and (
                48 <= block[stop] <= 58 or block[stop] in (43, 45, 46, 90) or (block[stop] == 44 and stop + 1 < end)
            ):
                stop += 1
            return time, stop
    return begin, begin


@inner_kernel
def _write_pairs(block: Bytes, position: int, end: int, content: Bytes, used: int) -> int:
    """Write `key=value key="value"` as members and a brace. Returns the end of the output, -1 if a quote is not closed.

    Words without `=` belong to the value before them; behind quotes they are skipped. Within a span of Rust's tracing,
    `request{method=GET uri=/a}: …`, a value ends where the span does.
    """
    is_first = True
    span_end = position
    while position < end:
        key = position
        while position < end and _is_key(block[position]):
            position += 1
        if position in (key, end) or block[position] != _EQUALS:
            position = _find_word_end(block, position, end) + 1
            continue
        if key > 0 and block[key - 1] == _OPENING_BRACE:
            span_end = _find_span_end(block, position, end)
        if not is_first:
            content[used] = 44
            used += 1
        is_first = False
        content[used] = _QUOTE
        copy_bytes(content, used + 1, block, key, position - key)
        used += 1 + position - key
        content[used] = _QUOTE
        content[used + 1] = 58
        content[used + 2] = _QUOTE
        used += 3
        position += 1
        single = _find_single_quote(block, position, end)
        if position < end and block[position] == _QUOTE:
            stop = find_quote(block, position + 1, end, _QUOTE)
            if stop == end:
                return -1
            copy_bytes(content, used, block, position + 1, stop - position - 1)
            used += stop - position - 1
            position = stop + 1
        elif single < end:
            used = _copy_escaped(content, used, block, position + 1, single)
            position = single + 1
        else:
            stop = find_byte(block, position, end, _SPACE)
            while stop < end and _find_pair(block, stop + 1, end) != stop + 1:
                stop = find_byte(block, stop + 1, end, _SPACE)
            if position <= span_end < stop:
                stop = span_end
            while stop > position and block[stop - 1] == _SPACE:
                stop -= 1
            used = _copy_escaped(content, used, block, position, stop)
            position = stop
        content[used] = _QUOTE
        used += 1
        while position < end and block[position] == _SPACE:
            position += 1
    content[used] = 125
    return used + 1
