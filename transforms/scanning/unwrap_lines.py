"""What log collectors put around a line, taken off again (part of step 2).

An envelope is opened by moving the begins of spans; only what a runtime cut into parts is copied. A line of an envelope
that holds no content is a `directive`. Sources: the Kubernetes proposal "Log management for container stdout/stderr
streams" (CRI), RFC 3164 and 5424 with rsyslog's file templates, systemd's "Journal Export Formats" and journalctl(1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import PADDING, find_byte
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.scan_lines import Spans, is_blank
from footfall.transforms.scanning.unwrap_json import take_members
from footfall.transforms.vocabulary import ACCEPTED, MAX_LINE_BYTES, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

Reasons = NDArray[np.uint8]

_SPACE: Final = np.uint8(ord(" "))
_COLON: Final = np.uint8(ord(":"))
_EQUALS: Final = np.uint8(ord("="))
_LINE_END: Final = np.uint8(ord("\n"))
_ISO_SHAPE: Final = np.frombuffer(b"0000-00-00T00:00:00", dtype=np.uint8)
_BSD_SHAPE: Final = np.frombuffer(b"AAA _0 00:00:00", dtype=np.uint8)
_STREAMS: Final = 2
"""Standard output and standard error, whose parts may stand between each other."""
_MOST_BINARY_BYTES: Final = 2**26
"""Of a journal's binary field. A longer one is taken for damage, lest it hide the rest of the file."""


@dataclass(frozen=True)
class Unwrapped:
    """Lines without their envelopes.

    `spans` has the contents, empty where there is none; `reasons` says why there is none, ACCEPTED elsewhere.
    """

    spans: Spans
    reasons: Reasons


class _Layer(Protocol):
    """One envelope; what it remembers from block to block makes blocks' borders unseen."""

    def open(self, spans: Spans, reasons: Reasons) -> Spans:
        """The contents of lines; lines whose reason is not ACCEPTED are left alone, new reasons are put in."""
        ...


class LineUnwrapper:
    """Opens the envelopes of one input's lines, block after block, the outermost first."""

    def __init__(self, wrappings: Sequence[str]) -> None:
        self._layers = [_LAYERS[name]() for name in wrappings]

    def unwrap(self, spans: Spans) -> Unwrapped:
        """The contents of the lines of the next block."""
        reasons = np.zeros(len(spans.begins), dtype=np.uint8)
        for layer in self._layers:
            spans = layer.open(spans, reasons)
        return Unwrapped(spans, reasons)


class _Syslog:
    """RFC 3164 and 5424, what rsyslog writes to files, and `journalctl -o short`."""

    def open(self, spans: Spans, reasons: Reasons) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        _open_syslog(spans.block, begins, ends, reasons)
        return Spans(spans.block, begins, ends)


class _Cri:
    """Container runtimes of Kubernetes: time, stream, F for a whole line or P for a part of one, content."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()

    def open(self, spans: Spans, reasons: Reasons) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        streams = np.zeros(len(begins), dtype=np.uint8)
        is_part = np.zeros(len(begins), dtype=np.bool_)
        _open_cri(spans.block, begins, ends, reasons, streams, is_part)
        return self._joiner.join(Spans(spans.block, begins, ends), reasons, streams, is_part)


class _Journal:
    """`journalctl -o export`: the field MESSAGE among others, one a line, binary ones with their length."""

    def __init__(self) -> None:
        self._state = np.zeros(3, dtype=np.int64)

    def open(self, spans: Spans, reasons: Reasons) -> Spans:
        begins, ends = spans.begins.copy(), spans.ends.copy()
        _open_journal(spans.block, begins, ends, reasons, self._state)
        return Spans(spans.block, begins, ends)


class _JournalJson:
    """`journalctl -o json`: an object a line, with a member MESSAGE."""

    def open(self, spans: Spans, reasons: Reasons) -> Spans:
        return take_members(spans, reasons, b"MESSAGE").spans


class _Docker:
    """Docker's `json-file`: a line's end is in the string, and where it is not, more of the line follows."""

    def __init__(self) -> None:
        self._joiner = PartJoiner()

    def open(self, spans: Spans, reasons: Reasons) -> Spans:
        members = take_members(spans, reasons, b"log")
        block, begins, ends = members.spans.block, members.spans.begins, members.spans.ends
        has_end = (ends > begins) & (block[np.maximum(ends, 1) - 1] == _LINE_END)
        ends[has_end] -= 1
        return self._joiner.join(members.spans, reasons, members.is_error, (reasons == ACCEPTED) & ~has_end)


_LAYERS: Final[dict[str, Callable[[], _Layer]]] = {
    "cri": _Cri,
    "syslog": _Syslog,
    "journal": _Journal,
    "journal-json": _JournalJson,
    "docker": _Docker,
}


class PartJoiner:
    """Puts together lines that a container runtime cut into parts; the record stands where its last part does.

    Parts before the last one hold no record: they become directives. Those without a last one come to nothing.
    """

    def __init__(self) -> None:
        # A record longer than a line may be is too long however much of it is kept.
        self._pending = np.zeros((_STREAMS, MAX_LINE_BYTES + 1), dtype=np.uint8)
        self._lengths = np.zeros(_STREAMS, dtype=np.int64)

    def join(self, spans: Spans, reasons: Reasons, streams: NDArray[np.uint8], is_part: NDArray[np.bool_]) -> Spans:
        """The spans with joined records in a longer block; `is_part` says that more of the record follows."""
        if not is_part.any() and not self._lengths.any():
            return spans
        sizes = np.where(reasons == ACCEPTED, spans.ends - spans.begins, 0)
        # Whatever is joined is part of a line of this block, or was kept of an earlier one.
        base = len(spans.block)
        block = np.zeros(base + int(sizes.sum()) + int(self._lengths.sum()) + PADDING, dtype=np.uint8)
        block[:base] = spans.block
        used = _join_parts(
            block, base, spans.begins, spans.ends, reasons, streams, is_part, self._pending, self._lengths
        )
        return Spans(block[: used + PADDING], spans.begins, spans.ends)


@inlined_kernel
def _has_shape(block: Bytes, begin: int, end: int, shape: Bytes) -> bool:
    """`0` stands for a digit, `_` for a digit or a space, `A` for a letter, anything else for itself."""
    if begin + len(shape) > end:
        return False
    for place in range(len(shape)):
        byte = block[begin + place]
        wanted = shape[place]
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
def _open_cri(
    block: Bytes,
    begins: Offsets,
    ends: Offsets,
    reasons: Reasons,
    streams: NDArray[np.uint8],
    is_part: NDArray[np.bool_],
) -> None:
    """`2016-10-06T00:17:09.669794202Z stdout F content`; tags behind the first one stand after colons."""
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
        # `stdout` and `stderr` differ in what follows the `d`: o, u, t, or e, r, r.
        is_stream = (
            _has_shape(block, begin, position, _ISO_SHAPE)
            and position + 8 <= end
            and block[position] == 115
            and block[position + 1] == 116
            and block[position + 2] == 100
            and block[position + 6] == _SPACE
        )
        if is_stream:
            is_error = block[position + 3] == 101
            tag = position + 7
            behind = find_byte(block, tag, end, _SPACE)
            known = block[tag] == 70 or block[tag] == 80
            if known and (behind == tag + 1 or block[tag + 1] == _COLON):
                content = min(behind + 1, end)
                streams[line] = is_error
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
    reasons: Reasons,
    streams: NDArray[np.uint8],
    is_part: NDArray[np.bool_],
    pending: NDArray[np.uint8],
    lengths: NDArray[np.int64],
) -> int:
    """Write joined records into the block from `base` on; returns where they end."""
    used = base
    most = pending.shape[1]
    for line in range(len(begins)):
        if reasons[line] != ACCEPTED:
            continue
        stream = streams[line]
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        kept = lengths[stream]
        if is_part[line]:
            more = min(end - begin, most - kept)
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
def _open_syslog(block: Bytes, begins: Offsets, ends: Offsets, reasons: Reasons) -> None:
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
        content = _behind_rfc5424(block, position + 2, end) if is_new else _behind_rfc3164(block, position, end)
        if content < 0:
            reasons[line] = REJECT_FORMAT
            content = end
        begins[line] = content


@inner_kernel
def _skip_priority(block: Bytes, begin: int, end: int) -> int:
    """Behind `<134>`, where that stands at `begin`."""
    if begin >= end or block[begin] != 60:
        return begin
    position = begin + 1
    while position < end and position < begin + 4 and 48 <= block[position] <= 57:
        position += 1
    return position + 1 if position < end and position > begin + 1 and block[position] == 62 else begin


@inner_kernel
def _behind_rfc3164(block: Bytes, begin: int, end: int) -> int:
    """Behind `Feb  6 12:14:14 host tag[123]: `, -1 where that is not there; the host may be missing."""
    if _has_shape(block, begin, end, _BSD_SHAPE):
        time_end = find_byte(block, begin + len(_BSD_SHAPE), end, _SPACE)
    elif _has_shape(block, begin, end, _ISO_SHAPE):
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
def _behind_rfc5424(block: Bytes, begin: int, end: int) -> int:
    """Behind `2003-10-11T22:14:15.003Z host app pid msgid [data] ` and a byte-order mark, -1 where not."""
    if not _has_shape(block, begin, end, _ISO_SHAPE) and not (begin < end and block[begin] == 45):
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
            position = _behind_element(block, position + 1, end)
            if position < 0:
                return -1
    if position < end and block[position] != _SPACE:
        return -1
    position = min(position + 1, end)
    if position + 3 <= end and block[position] == 0xEF and block[position + 1] == 0xBB and block[position + 2] == 0xBF:
        position += 3
    return position


@inner_kernel
def _behind_element(block: Bytes, position: int, end: int) -> int:
    """Behind the bracket that closes an element of structured data, whose quoted values may hold brackets."""
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
def _open_journal(block: Bytes, begins: Offsets, ends: Offsets, reasons: Reasons, state: NDArray[np.int64]) -> None:
    """Fields `NAME=value`; a binary one is `NAME`, then eight bytes of length, the value and a line end.

    `state`: how many bytes of a binary value and its line end are still to come; the number of the length's byte that
    comes next, 0 where none does; the length so far. A line end may be one of the length's bytes, or in the value.
    """
    to_come, length_bytes, length = state
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        begins[line] = end
        if reasons[line] != ACCEPTED:
            continue
        reasons[line] = REJECT_DIRECTIVE
        if length_bytes > 0 or to_come > 0:
            # The line's end counts too.
            for place in range(begin, end + 1):
                if length_bytes > 0:
                    length |= np.int64(block[place]) << (8 * (length_bytes - 1))
                    length_bytes += 1
                    if length_bytes == 9:
                        length_bytes = 0
                        to_come = length + 1 if 0 <= length <= _MOST_BINARY_BYTES else 0
                        length = 0
                        if to_come == 0:
                            break
                else:
                    to_come = max(0, to_come - (end + 1 - place))
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
                # What journald takes for binary is no access log's line.
                reasons[line] = REJECT_FORMAT
        elif name_end == begin or block[name_end] != _EQUALS:
            reasons[line] = REJECT_FORMAT
        elif is_message:
            reasons[line] = ACCEPTED
            begins[line] = name_end + 1
    state[0], state[1], state[2] = to_come, length_bytes, length


__all__ = ["LineUnwrapper", "PartJoiner", "Reasons", "Unwrapped"]
