"""Kernels that move the begins of lines behind their envelopes: CRI, Compose, Fly, syslog, the journal.

Sources: the Kubernetes proposal "Log management for container stdout/stderr streams" (CRI), RFC 3164 and 5424 with
rsyslog's file templates, systemd's "Journal Export Formats" and journalctl(1).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.kernels.byte_kernels import find_byte
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.scanning.scan_lines import is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

_SPACE: Final = np.uint8(ord(" "))
_COLON: Final = np.uint8(ord(":"))
_EQUALS: Final = np.uint8(ord("="))
_ISO_SHAPE: Final = np.frombuffer(b"0000-00-00T00:00:00", dtype=np.uint8)
_BSD_SHAPE: Final = np.frombuffer(b"AAA _0 00:00:00", dtype=np.uint8)
_MAX_BINARY_BYTES: Final = 2**26
"""Limit of a journal's binary field. A longer one is treated as damage, so that the rest of the file is still read."""


@inlined_kernel
def _matches_shape(block: Bytes, begin: int, end: int, shape: Bytes) -> bool:
    """Return whether block[begin:] starts with a shape: `0` any digit, `_` a digit or a space, `A` any letter."""
    if begin + len(shape) > end:
        return False
    for index in range(len(shape)):
        byte = block[begin + index]
        wanted = shape[index]
        is_digit = 48 <= byte <= 57
        if wanted == 48:
            fits = is_digit
        elif wanted == 95:
            fits = is_digit or byte == _SPACE
        elif wanted == 65:
            fits = 65 <= byte <= 90 or 97 <= byte <= 122
        else:
            fits = byte == wanted
        if not fits:
            return False
    return True


@inner_kernel
def unwrap_cri(
    block: Bytes,
    begins: Offsets,
    ends: Offsets,
    reasons: Bytes,
    streams: Bytes,
    is_part: Flags,
) -> None:
    """Unwrap `2016-10-06T00:17:09.669794202Z stdout F content`; further tags follow the first one after colons."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            begins[line] = end
            continue
        position = find_byte(block, begin, end, _SPACE) + 1
        content = -1
        # `stdout` or `stderr`: only the letters after the `d` differ.
        is_stream = (
            _matches_shape(block, begin, position, _ISO_SHAPE)
            and position + 8 <= end
            and block[position] == 115
            and block[position + 1] == 116
            and block[position + 2] == 100
            and block[position + 6] == _SPACE
        )
        if is_stream:
            is_stderr = block[position + 3] == 101
            tag = position + 7
            tag_end = find_byte(block, tag, end, _SPACE)
            is_tag = block[tag] == 70 or block[tag] == 80
            if is_tag and (tag_end == tag + 1 or block[tag + 1] == _COLON):
                content = min(tag_end + 1, end)
                streams[line] = is_stderr
                is_part[line] = block[tag] == 80
        if content < 0:
            reasons[line] = REJECT_FORMAT
            begins[line] = ends[line]
        else:
            begins[line] = content


@inner_kernel
def _skip_colour(block: Bytes, position: int, end: int) -> int:
    """Return the offset after a terminal's colour (`ESC[36m`), else `position`."""
    if position + 1 < end and block[position] == 27 and block[position + 1] == 91:
        stop = find_byte(block, position, end, np.uint8(ord("m")))
        return min(stop + 1, end)
    return position


@inner_kernel
def unwrap_compose(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
    """Unwrap `web-1  | content`; a time may stand before the content."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        begins[line] = end
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            continue
        position = _skip_colour(block, begin, end)
        name = position
        while position < end and (
            48 <= block[position] <= 57
            or 65 <= block[position] <= 90
            or 97 <= block[position] <= 122
            or block[position] in (45, 46, 95)
        ):
            position += 1
        bar = position
        while bar < end and block[bar] == _SPACE:
            bar += 1
        if position == name or bar in (position, end) or block[bar] != 124:
            reasons[line] = REJECT_FORMAT
            continue
        content = _skip_colour(block, bar + 1, end)
        if content < end and block[content] == _SPACE:
            content += 1
        if _matches_shape(block, content, end, _ISO_SHAPE):
            content = min(find_byte(block, content, end, _SPACE) + 1, end)
        begins[line] = content


@inner_kernel
def unwrap_fly(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
    """Unwrap `2026-06-01T10:00:00Z app[d891] ams [info] content`; the last space may be missing."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        begins[line] = end
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            continue
        content = np.int64(-1)
        if _matches_shape(block, begin, end, _ISO_SHAPE):
            source = find_byte(block, begin, end, _SPACE) + 1
            source_end = find_byte(block, source, end, _SPACE)
            level = find_byte(block, source_end, end, np.uint8(91))
            if source < source_end < level < end and block[source_end - 1] == 93 and level - source_end <= 16:
                content = find_byte(block, level, end, np.uint8(93)) + 1
        if content < 0 or content > end:
            reasons[line] = REJECT_FORMAT
            continue
        begins[line] = content + (content < end and block[content] == _SPACE)


@inner_kernel
def unwrap_syslog(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
    """Unwrap the headers of RFC 3164 and RFC 5424; separators of journalctl are directives."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            begins[line] = end
            continue
        if end - begin >= 3 and block[begin] == 45 and block[begin + 1] == 45 and block[begin + 2] == _SPACE:
            # journalctl: `-- Boot 6c7c… --`, `-- Journal begins at … --`.
            reasons[line] = REJECT_DIRECTIVE
            begins[line] = ends[line]
            continue
        position = _skip_priority(block, begin, end)
        is_new = position + 1 < end and block[position] == 49 and block[position + 1] == _SPACE
        content = (
            _skip_rfc5424_header(block, position + 2, end) if is_new else _skip_rfc3164_header(block, position, end)
        )
        if content < 0:
            reasons[line] = REJECT_FORMAT
            content = end
        begins[line] = content


@inner_kernel
def _skip_priority(block: Bytes, begin: int, end: int) -> int:
    """Return the offset after `<134>` if that is at `begin`, else `begin`."""
    if begin >= end or block[begin] != 60:
        return begin
    position = begin + 1
    while position < end and position < begin + 4 and 48 <= block[position] <= 57:
        position += 1
    return position + 1 if position < end and position > begin + 1 and block[position] == 62 else begin


@inner_kernel
def _skip_rfc3164_header(block: Bytes, begin: int, end: int) -> int:
    """Return the offset after `Feb  6 12:14:14 host tag[123]: `, or -1; the host may be missing."""
    if _matches_shape(block, begin, end, _BSD_SHAPE):
        time_end = find_byte(block, begin + len(_BSD_SHAPE), end, _SPACE)
    elif _matches_shape(block, begin, end, _ISO_SHAPE):
        time_end = find_byte(block, begin, end, _SPACE)
    else:
        return -1
    word = time_end + 1
    for _ in range(2):
        word_end = find_byte(block, word, end, _SPACE)
        if word_end > end or word_end <= word:
            return -1
        if block[word_end - 1] == _COLON:
            return min(word_end + 1, end)
        word = word_end + 1
    return -1


@inner_kernel
def _skip_rfc5424_header(block: Bytes, begin: int, end: int) -> int:
    """Return the offset after `2003-10-11T22:14:15.003Z host app pid msgid [data] ` and a byte-order mark, or -1."""
    if not _matches_shape(block, begin, end, _ISO_SHAPE) and not (begin < end and block[begin] == 45):
        return -1
    position = begin
    for _ in range(5):
        position = find_byte(block, position, end, _SPACE) + 1
        if position >= end:
            return -1
    if block[position] == 45:
        position += 1
    else:
        while position < end and block[position] == 91:
            position = _skip_element(block, position + 1, end)
            if position < 0:
                return -1
    if position < end and block[position] != _SPACE:
        return -1
    position = min(position + 1, end)
    if position + 3 <= end and block[position] == 0xEF and block[position + 1] == 0xBB and block[position + 2] == 0xBF:
        position += 3
    return position


@inner_kernel
def _skip_element(block: Bytes, position: int, end: int) -> int:
    """Return the offset after the closing bracket of an element of structured data, or -1.

    Quoted values may contain brackets.
    """
    in_quotes = False
    while position < end:
        byte = block[position]
        if in_quotes and byte == 92:
            position += 1
        elif byte == 34:
            in_quotes = not in_quotes
        elif byte == 93 and not in_quotes:
            return position + 1
        position += 1
    return -1


@inner_kernel
def unwrap_journal(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes, state: Ints) -> None:
    """Unwrap fields `NAME=value`; a binary field is `NAME`, a line end, eight bytes of length, value and line end.

    `state` has three numbers: the remaining bytes of a binary value and its line end; the number (1 to 8) of the next
    byte of a length, 0 if none is expected; the length so far. Both the length and the value may contain line feeds.
    """
    remaining, length_bytes, length = state
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        begins[line] = end
        if reasons[line] != ACCEPTED:
            continue
        reasons[line] = REJECT_DIRECTIVE
        if length_bytes > 0 or remaining > 0:
            # The line end is part of the length or the value.
            for index in range(begin, end + 1):
                if length_bytes > 0:
                    length |= np.int64(block[index]) << (8 * (length_bytes - 1))
                    length_bytes += 1
                    if length_bytes == 9:
                        length_bytes = 0
                        remaining = length + 1 if 0 <= length <= _MAX_BINARY_BYTES else 0
                        length = 0
                        if remaining == 0:
                            break
                else:
                    remaining = max(0, remaining - (end + 1 - index))
                    break
            continue
        name_end = begin
        while name_end < end and (65 <= block[name_end] <= 90 or 48 <= block[name_end] <= 57 or block[name_end] == 95):
            name_end += 1
        is_message = name_end - begin == 7 and (
            block[begin] == 77
            and block[begin + 1] == 69
            and block[begin + 2] == 83
            and block[begin + 3] == 83
            and block[begin + 4] == 65
            and block[begin + 5] == 71
            and block[begin + 6] == 69
        )
        if begin == end:
            continue
        if name_end == end:
            length_bytes = 1
            if is_message:
                # A message that journald treats as binary is no line of an access log.
                reasons[line] = REJECT_FORMAT
        elif name_end == begin or block[name_end] != _EQUALS:
            reasons[line] = REJECT_FORMAT
        elif is_message:
            reasons[line] = ACCEPTED
            begins[line] = name_end + 1
    state[0], state[1], state[2] = remaining, length_bytes, length


__all__ = ["unwrap_compose", "unwrap_cri", "unwrap_fly", "unwrap_journal", "unwrap_syslog"]
