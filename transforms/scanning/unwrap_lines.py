"""Removes the envelopes that log collectors add to lines.

Removing an envelope moves the begins of spans; only lines that a runtime split into parts are copied. A line of an
envelope without content is a `directive`. Sources: the Kubernetes proposal "Log management for container stdout/stderr
streams" (CRI), RFC 3164 and 5424 with rsyslog's file templates, systemd's "Journal Export Formats" and journalctl(1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.kernels.byte_kernels import PADDING, find_byte
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.join_objects import STATE_SIZE, find_objects
from footfall.transforms.scanning.scan_lines import Spans, is_blank
from footfall.transforms.scanning.unwrap_json import extract_members
from footfall.transforms.scanning.unwrap_words import unwrap_words
from footfall.transforms.scanning.write_fields import CsvWriter, write_ltsv
from footfall.transforms.scanning.write_objects import write_objects
from footfall.transforms.vocabulary import (
    ACCEPTED,
    MAX_LINE_BYTES,
    REJECT_DIRECTIVE,
    REJECT_EMPTY,
    REJECT_FORMAT,
    REJECT_JOINED,
)

_SPACE: Final = np.uint8(ord(" "))
_COLON: Final = np.uint8(ord(":"))
_EQUALS: Final = np.uint8(ord("="))
_LINE_END: Final = np.uint8(ord("\n"))
_ISO_SHAPE: Final = np.frombuffer(b"0000-00-00T00:00:00", dtype=np.uint8)
_BSD_SHAPE: Final = np.frombuffer(b"AAA _0 00:00:00", dtype=np.uint8)
_STREAMS: Final = 2
"""Standard output and standard error, whose parts may be interleaved."""
_MAX_BINARY_BYTES: Final = 2**26
"""Limit of a journal's binary field. A longer one is treated as damage, so that the rest of the file is still read."""


@dataclass(frozen=True)
class Unwrapped:
    """Lines without their envelopes.

    `spans` are the contents, empty if a line has none; `reasons` are the reject codes of those lines, else ACCEPTED.
    """

    spans: Spans
    reasons: Bytes


class _Wrapping(Protocol):
    """One kind of envelope. Its state is kept between blocks, so that a record may span two blocks."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        """Return the contents of lines whose reason is ACCEPTED, and set the reasons of lines without content."""
        ...


class LineUnwrapper:
    """Removes the envelopes of an input's lines, block after block, the outermost first."""

    def __init__(self, wrappings: Sequence[str]) -> None:
        self._wrappings = [_WRAPPINGS[name]() for name in wrappings]

    def unwrap(self, spans: Spans) -> Unwrapped:
        """Return the contents of the lines of the next block."""
        reasons = np.zeros(len(spans.begins), dtype=np.uint8)
        for wrapping in self._wrappings:
            spans = wrapping.unwrap(spans, reasons)
        return Unwrapped(spans, reasons)


class _Syslog:
    """RFC 3164, RFC 5424, the files of rsyslog, and `journalctl -o short`."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        _unwrap_syslog(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Cri:
    """Container runtimes of Kubernetes: time, stream, F (full line) or P (partial line), content."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        streams = np.zeros(len(begins), dtype=np.uint8)
        is_part = np.zeros(len(begins), dtype=np.bool_)
        _unwrap_cri(spans.block, begins, ends, reasons, streams, is_part)
        return self._joiner.join(Spans(spans.block, begins, ends), reasons, streams, is_part)


class _Journal:
    """`journalctl -o export`: one field per line, among them MESSAGE; binary fields with their length."""

    def __init__(self) -> None:
        self._state = np.zeros(3, dtype=np.int64)

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        _unwrap_journal(spans.block, begins, ends, reasons, self._state)
        return Spans(spans.block, begins, ends)


class _JournalJson:
    """`journalctl -o json`: one object per line, with a member MESSAGE."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return extract_members(spans, reasons, b"MESSAGE").spans


class _JsonMessage:
    """Fly's log shipper, Filebeat, Vector and others: one object per line, with a member `message`."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return extract_members(spans, reasons, b"message").spans


class _Compose:
    """`docker compose logs`, also with colours and times: service, bar, content."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        _unwrap_compose(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Fly:
    """`fly logs`: time, app and machine, region, level, content."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        _unwrap_fly(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Pairs:
    """Pairs `key=value`, as Heroku's router and Lograge write them: read as an object."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return write_objects(spans, reasons, of_pairs=True)


class _Console:
    """An object behind a time and words, as in Caddy's console format."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return write_objects(spans, reasons, of_pairs=False)


class _Words:
    """A level, a logger's name, a time or other words, then a line that begins with the client's address."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        unwrap_words(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Ltsv:
    """Values with labels between tabs: read as an object."""

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return write_ltsv(spans, reasons)


class _Csv:
    """Values between commas, semicolons, tabs or bars, behind a line with their names: read as objects."""

    def __init__(self) -> None:
        self._writer = CsvWriter()

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        return self._writer.write(spans, reasons)


class _Indented:
    """Objects over several lines, in a list or not."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()
        self._state = np.zeros(STATE_SIZE, dtype=np.int64)

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        is_part = np.zeros(len(begins), dtype=np.bool_)
        is_anew = np.zeros(len(begins), dtype=np.bool_)
        find_objects(spans.block, begins, ends, reasons, is_part, is_anew, self._state)
        streams = np.zeros(len(begins), dtype=np.uint8)
        joined = self._joiner.join(Spans(spans.block, begins, ends), reasons, streams, is_part, is_anew)
        # The object before this line has no line of its own that could tell of it: its other ones are parts.
        reasons[is_anew & is_part] = REJECT_JOINED
        return joined


class _Docker:
    """Docker's `json-file`: the string includes the line end; without it, the line continues in the next object."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()

    def unwrap(self, spans: Spans, reasons: Bytes) -> Spans:
        members = extract_members(spans, reasons, b"log")
        block, begins, ends = members.spans.block, members.spans.begins, members.spans.ends
        has_end = (ends > begins) & (block[np.maximum(ends, 1) - 1] == _LINE_END)
        ends[has_end] -= 1
        return self._joiner.join(members.spans, reasons, members.is_stderr, (reasons == ACCEPTED) & ~has_end)


_WRAPPINGS: Final[dict[str, Callable[[], _Wrapping]]] = {
    "cri": _Cri,
    "syslog": _Syslog,
    "journal": _Journal,
    "journal-json": _JournalJson,
    "docker": _Docker,
    "json-message": _JsonMessage,
    "compose": _Compose,
    "fly": _Fly,
    "pairs": _Pairs,
    "console": _Console,
    "words": _Words,
    "ltsv": _Ltsv,
    "csv": _Csv,
    "indented": _Indented,
}


class PartJoiner:
    """Joins lines that a container runtime split into parts; the record replaces its last part.

    The parts before the last one become directives. Parts without a last one are dropped.
    """

    def __init__(self) -> None:
        # One byte more than the limit suffices to reject a record as too long.
        self._pending = np.zeros((_STREAMS, MAX_LINE_BYTES + 1), dtype=np.uint8)
        self._lengths = np.zeros(_STREAMS, dtype=np.int64)

    def join(self, spans: Spans, reasons: Bytes, streams: Bytes, is_part: Flags, is_anew: Flags | None = None) -> Spans:
        """Return spans with the joined records, in a longer block; `is_part` flags parts that another one follows.

        Parts before a line that `is_anew` come to nothing.
        """
        if not is_part.any() and not self._lengths.any():
            return spans
        sizes = np.where(reasons == ACCEPTED, spans.ends - spans.begins, 0)
        # Parts are from this block, or pending from earlier ones.
        base = len(spans.block)
        block = np.zeros(base + int(sizes.sum()) + int(self._lengths.sum()) + PADDING, dtype=np.uint8)
        block[:base] = spans.block
        used = _join_parts(
            block,
            base,
            spans.begins,
            spans.ends,
            reasons,
            streams,
            is_part,
            np.zeros(len(reasons), dtype=np.bool_) if is_anew is None else is_anew,
            self._pending,
            self._lengths,
        )
        return Spans(block[: used + PADDING], spans.begins, spans.ends)


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
def _unwrap_cri(
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


@kernel
def _join_parts(
    block: Bytes,
    base: int,
    begins: Offsets,
    ends: Offsets,
    reasons: Bytes,
    streams: Bytes,
    is_part: Flags,
    is_anew: Flags,
    pending: Bytes,
    lengths: Ints,
) -> int:
    """Write joined records to block[base:], and update begins, ends and reasons. Returns the end of the output."""
    used = base
    max_length = pending.shape[1]
    for line in range(len(begins)):
        if is_anew[line]:
            lengths[streams[line]] = 0
        if reasons[line] != ACCEPTED:
            continue
        stream = streams[line]
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        kept = lengths[stream]
        if is_part[line]:
            more = min(end - begin, max_length - kept)
            pending[stream, kept : kept + more] = block[begin : begin + more]
            lengths[stream] = kept + more
            reasons[line] = REJECT_DIRECTIVE
            begins[line] = ends[line]
        elif kept > 0:
            block[used : used + kept] = pending[stream, :kept]
            block[used + kept : used + kept + end - begin] = block[begin:end]
            lengths[stream] = 0
            begins[line] = used
            used += kept + end - begin
            ends[line] = used
    return used


@inner_kernel
def _skip_colour(block: Bytes, position: int, end: int) -> int:
    """Return the offset after a terminal's colour (`ESC[36m`), else `position`."""
    if position + 1 < end and block[position] == 27 and block[position + 1] == 91:
        stop = find_byte(block, position, end, np.uint8(ord("m")))
        return min(stop + 1, end)
    return position


@inner_kernel
def _unwrap_compose(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
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
def _unwrap_fly(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
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
def _unwrap_syslog(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
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
def _unwrap_journal(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes, state: Ints) -> None:
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


__all__ = ["LineUnwrapper", "PartJoiner", "Unwrapped"]
