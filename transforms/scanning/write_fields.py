"""Writes lines of labelled or separated values as JSON objects: LTSV, and CSV with or without the columns' names.

LTSV (ltsv.org) has `label:value` between tabs. CSV (RFC 4180) has its values in the order of the names; one in quotes
may have the separator in it, and its quotes are doubled. Where the first line has values already, the columns are named
by their numbers. Blanks around values are none of them. What follows then reads both as JSON.
"""

from __future__ import annotations

import csv
import re
from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Ints, Offsets
from footfall.transforms.formats.column_values import COLUMN
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, find_byte
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.scanning.scan_lines import Spans, is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_CUT, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

_QUOTE = np.uint8(34)
_BACKSLASH = np.uint8(92)
_SPACE = np.uint8(32)
_TAB = np.uint8(9)
_COLON = np.uint8(58)
_MAX_GROWTH: Final = 4
"""Of a field such as `a:1` and its tab, which becomes `"a":"1",`, or of escapes."""
_MEMBER_BYTES: Final = 6
_MIN_COLUMNS: Final = 4
_LINES: Final = frozenset({b"@message", b"_raw", b"message"})
"""Names of columns that have whole lines: CloudWatch's, Splunk's, Kibana's."""
_MIN_VALUES: Final = 6
"""Without names, fewer values with a separator between them are a line of another form."""
_SEPARATORS: Final = (b",", b";", b"\t", b"|")
_ALL_QUOTED: Final = re.compile(rb'"[^"]*"(?: "[^"]*")+')
"""Between such values a blank is a separator too."""
_NAME: Final = re.compile(rb"[A-Za-z_@$(][^\"\\\x00-\x1f]*")
_ADDRESS: Final = re.compile(
    rb"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|\[?[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*:[0-9A-Fa-f.]*\]?(?::\d+)?"
)
_COLUMN: Final = COLUMN.encode()
_CUT = -1
_INVALID = -2


def write_ltsv(spans: Spans, reasons: Bytes) -> Spans:
    """Return the objects of LTSV lines whose reason is ACCEPTED, in a new block, and set the reasons of others."""
    begins, ends = spans.begins.copy(), spans.ends.copy()
    sizes = np.where(reasons == ACCEPTED, ends - begins + 2, 0)
    content = np.empty(_MAX_GROWTH * int(sizes.sum(dtype=np.int64)) + PADDING, dtype=np.uint8)
    used = _write_ltsv(spans.block, begins, ends, reasons, content)
    content[used : used + PADDING] = 0
    return Spans(content[: used + PADDING], begins, ends)


class CsvWriter:
    """Writes the lines of an input, block after block.

    The first one that is not blank has the columns' names; or values, an address among them.
    """

    def __init__(self) -> None:
        self._head: Bytes | None = None
        self._separator = np.uint8(ord(","))
        self._names = np.zeros(PADDING, dtype=np.uint8)
        self._name_ends = np.zeros(0, dtype=np.int64)

    def write(self, spans: Spans, reasons: Bytes) -> Spans:
        """Return the objects of lines whose reason is ACCEPTED; lines that only have the names are directives."""
        begins, ends = spans.begins.copy(), spans.ends.copy()
        if self._head is None:
            self._read_names(spans, reasons)
        head = self._head if self._head is not None else np.zeros(0, dtype=np.uint8)
        columns = len(self._name_ends)
        per_line = len(self._names) + (columns + 1) * _MEMBER_BYTES
        sizes = np.where(reasons == ACCEPTED, ends - begins, 0)
        # A line too short for all separators is rejected, and the next one takes its place: room for one is enough.
        complete = int(((reasons == ACCEPTED) & (sizes >= columns - 1)).sum())
        size = 2 * int(sizes.sum(dtype=np.int64)) + (complete + 1) * per_line
        content = np.empty(size + PADDING, dtype=np.uint8)
        used = _write_csv(
            spans.block, begins, ends, reasons, self._separator, head, self._names, self._name_ends, content
        )
        content[used : used + PADDING] = 0
        return Spans(content[: used + PADDING], begins, ends)

    def _read_names(self, spans: Spans, reasons: Bytes) -> None:
        """Read the names of the columns; without such names, no line will have an object."""
        for line in np.flatnonzero(reasons == ACCEPTED).tolist():
            head = spans.block[spans.begins[line] : spans.ends[line]].tobytes().removesuffix(b"\r")
            if not head.strip():
                continue
            separator, names, are_values = _name_columns(head.removeprefix(b"\xef\xbb\xbf"))
            # A first line of values is read as all others; none is a line feed.
            self._head = np.frombuffer(b"\n" if are_values else head, dtype=np.uint8)
            is_enough = len(names) >= _MIN_COLUMNS or not _LINES.isdisjoint(names)
            if is_enough and all(map(_NAME.fullmatch, names)) and len(set(names)) == len(names):
                self._separator = np.uint8(ord(separator))
                self._names = np.frombuffer(b"".join(names) + bytes(PADDING), dtype=np.uint8)
                self._name_ends = np.cumsum([len(name) for name in names]).astype(np.int64)
            return


def _name_columns(head: bytes) -> tuple[bytes, list[bytes], bool]:
    """Return the separator of an input's first line, the names of the columns, and whether the line has values."""
    separators = (*_SEPARATORS, b" ") if _ALL_QUOTED.fullmatch(head) else _SEPARATORS
    split = {separator: _split_values(head, separator) for separator in separators}
    with_address = [separator for separator, values in split.items() if any(map(_ADDRESS.fullmatch, values))]
    if with_address:
        separator = max(with_address, key=lambda one: len(split[one]))
        if len(split[separator]) >= _MIN_VALUES:
            return separator, [_COLUMN + b"%d" % number for number in range(1, len(split[separator]) + 1)], True
    separator = max(_SEPARATORS, key=head.count)
    return separator, [name.strip(b' "') for name in head.split(separator)], False


def _split_values(line: bytes, separator: bytes) -> list[bytes]:
    rows = csv.reader([line.decode("latin-1").replace("\r", " ")], delimiter=separator.decode(), skipinitialspace=True)
    return [value.strip().encode("latin-1") for value in next(rows, [])]


@inlined_kernel
def _is_label(byte: np.uint8) -> bool:
    return bool(48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte in (45, 46, 95))


@inlined_kernel
def _open_member(content: Bytes, used: int, source: Bytes, begin: int, end: int, is_first: bool) -> int:
    """Write `,"name":"` and return the end of the output."""
    if not is_first:
        content[used] = 44
        used += 1
    content[used] = _QUOTE
    copy_bytes(content, used + 1, source, begin, end - begin)
    used += 1 + end - begin
    content[used] = _QUOTE
    content[used + 1] = _COLON
    content[used + 2] = _QUOTE
    return used + 3


@inner_kernel
def _write_ltsv(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes, content: Bytes) -> int:
    """Write the objects to `content`, and update begins, ends and reasons. Returns the end of the output."""
    used = np.int64(0)
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
        content[used] = 123
        stop = used + 1
        position = begin
        is_first = True
        while position < end:
            field_end = find_byte(block, position, end, _TAB)
            colon = find_byte(block, position, field_end, _COLON)
            is_labelled = position < colon < field_end
            for index in range(position, colon):
                is_labelled = is_labelled and _is_label(block[index])
            if not is_labelled:
                if position < field_end:
                    stop = np.int64(_INVALID)
                    break
                position = field_end + 1
                continue
            stop = _open_member(content, stop, block, position, colon, is_first)
            is_first = False
            for index in range(colon + 1, field_end):
                if block[index] == _QUOTE or block[index] == _BACKSLASH:
                    content[stop] = _BACKSLASH
                    stop += 1
                content[stop] = block[index]
                stop += 1
            content[stop] = _QUOTE
            stop += 1
            position = field_end + 1
        if stop < 0 or is_first:
            reasons[line] = REJECT_FORMAT
            continue
        content[stop] = 125
        used = stop + 1
        ends[line] = used
    return int(used)


@inner_kernel
def _write_csv(
    block: Bytes,
    begins: Offsets,
    ends: Offsets,
    reasons: Bytes,
    separator: np.uint8,
    head: Bytes,
    names: Bytes,
    name_ends: Ints,
    content: Bytes,
) -> int:
    """Write the objects to `content`, and update begins, ends and reasons. Returns the end of the output."""
    used = np.int64(0)
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
        is_head = end - begin == len(head) and len(name_ends) > 0
        for index in range(len(head)):
            is_head = is_head and block[begin + index] == head[index]
        if is_head:
            reasons[line] = REJECT_DIRECTIVE
            continue
        stop = _write_values(block, begin, end, separator, names, name_ends, content, used)
        if stop < 0:
            reasons[line] = REJECT_CUT if stop == _CUT else REJECT_FORMAT
            continue
        used = np.int64(stop)
        ends[line] = used
    return int(used)


@inner_kernel
def _write_values(
    block: Bytes,
    position: int,
    end: int,
    separator: np.uint8,
    names: Bytes,
    name_ends: Ints,
    content: Bytes,
    used: int,
) -> int:
    """Write one object. Returns the end of the output, _CUT for an open quote, _INVALID for other numbers of values."""
    content[used] = 123
    used += 1
    columns = len(name_ends)
    for column in range(columns):
        if column > 0:
            # `position` is on a separator, or at the end.
            if position >= end:
                return _INVALID
            position += 1
        used = _open_member(
            content, used, names, name_ends[column - 1] if column > 0 else 0, name_ends[column], column == 0
        )
        while position < end and block[position] == _SPACE and separator != _SPACE:
            position += 1
        value = used
        in_quotes = position < end and block[position] == _QUOTE
        was_quoted = in_quotes
        if in_quotes:
            position += 1
        while position < end:
            byte = block[position]
            if in_quotes and byte == _QUOTE:
                if not (position + 1 < end and block[position + 1] == _QUOTE):
                    in_quotes = False
                    position += 1
                    break
                position += 1
            elif not in_quotes and byte == separator:
                break
            if byte in (_QUOTE, _BACKSLASH):
                content[used] = _BACKSLASH
                used += 1
            content[used] = byte
            used += 1
            position += 1
        if in_quotes:
            return _CUT
        while was_quoted and position < end and block[position] == _SPACE and separator != _SPACE:
            position += 1
        while not was_quoted and used > value and content[used - 1] == _SPACE:
            used -= 1
        if position < end and block[position] != separator:
            return _INVALID
        content[used] = _QUOTE
        used += 1
    if columns == 0 or position < end:
        return _INVALID
    content[used] = 125
    return used + 1


__all__ = ["CsvWriter", "write_ltsv"]
