"""Kernels that find the end of a field.

Each kernel reads one line of a padded block; the line ends at `end`. A literal is the text between two fields of a
format, literals[literal_begin:literal_end].
"""

from __future__ import annotations

import numpy as np

from footfall.transforms.arrays import Bytes
from footfall.transforms.kernels.byte_kernels import find_byte, load8
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.vocabulary import REJECT_CUT, REJECT_FORMAT

QUOTE = np.uint8(ord('"'))
SPACE = np.uint8(ord(" "))
_COMMA = np.uint8(ord(","))
_COLON = np.uint8(ord(":"))
_TAB = np.uint8(9)
_DASH = np.uint8(ord("-"))
_BRACKET = np.uint8(ord("["))
_TIME_SHAPE = np.frombuffer(b"[00/AAA/0000:00:00:00", dtype=np.uint8)

_WHITE = np.uint8(10)
"""In a literal_begin, a line feed matches white space of any width, since no line contains a line feed."""

(
    END_AT_QUOTE,
    END_AT_LITERAL,
    END_AT_LAST_COLON,
    END_AT_WIDTH,
    END_BEFORE_BYTE,
    END_AT_SPACE,
    END_OF_LINE,
    END_AFTER_WORDS,
    END_AT_SEPARATOR,
) = range(9)
"""Codes of the ways in which a field ends; see `formats.fields.Field`."""


@inlined_kernel
def is_absent(block: Bytes, begin: int, end: int, ending: np.uint8) -> bool:
    """Return whether a field is empty, `-`, or a pair of quotes that the format does not have (Apache's `%u`)."""
    length = end - begin
    if length > 2:
        return False
    if length == 2:
        return ending != END_AT_QUOTE and block[begin] == QUOTE and block[begin + 1] == QUOTE
    return length == 0 or block[begin] == _DASH


@inlined_kernel
def match_literal(block: Bytes, position: int, end: int, literals: Bytes, literal_begin: int, literal_end: int) -> int:
    """Return the offset after the literal if it is at `position`, else -1."""
    length = literal_end - literal_begin
    if 0 < length <= 8 and position + length <= end:
        # Compare all bytes at once, and shift out those after the literal.
        difference = load8(block, position) ^ load8(literals, literal_begin)
        if not (difference << np.uint64(64 - 8 * length)):
            return position + length
    for index in range(literal_begin, literal_end):
        if position < end and block[position] == literals[index]:
            position += 1
        elif literals[index] == _WHITE:
            while position < end and (block[position] == SPACE or block[position] == _TAB):
                position += 1
        else:
            return -1
    return position


@inner_kernel
def match_unquoted_dash(
    block: Bytes, position: int, end: int, literals: Bytes, literal_begin: int, literal_end: int, next_ending: np.uint8
) -> int:
    """Return the offset of a `-` in place of the literal's last byte, an opening quote; -1 if there is none."""
    if next_ending != END_AT_QUOTE:
        return -1
    position = match_literal(block, position, end, literals, literal_begin, literal_end - 1)
    if position < 0 or position >= end or block[position] != _DASH:
        return -1
    if position + 1 < end and block[position + 1] != SPACE:
        return -1
    return position


@inlined_kernel
def find_literal(
    block: Bytes, position: int, end: int, literals: Bytes, literal_begin: int, literal_end: int, next_ending: np.uint8
) -> int:
    """Return the offset of the next occurrence of the literal; -1 if there is none, -2 if its first byte doesn't occur.

    Servers write lists into unquoted fields (`192.0.2.1, 192.0.2.2`, `0.010 : 0.020`): a space after a comma or
    around a colon is part of the field.
    """
    first = literals[literal_begin]
    missing = -2
    index = find_byte(block, position, end, first)
    while index < end:
        if first != SPACE or not _is_in_list(block, position, index, end):
            if match_literal(block, index, end, literals, literal_begin, literal_end) >= 0:
                return index
            if match_unquoted_dash(block, index, end, literals, literal_begin, literal_end, next_ending) >= 0:
                return index
            missing = -1
        index = find_byte(block, index + 1, end, first)
    return missing


@inlined_kernel
def _is_in_list(block: Bytes, begin: int, space: int, end: int) -> bool:
    if space == begin:
        return False
    if block[space - 1] == _COMMA:
        return True
    if space + 2 < end and block[space + 1] == _COLON and block[space + 2] == SPACE:
        return True
    return space - 2 > begin and block[space - 1] == _COLON and block[space - 2] == SPACE


@inner_kernel
def find_space(block: Bytes, position: int, end: int) -> int:
    """Return the offset of the next space that is not part of a list, or `end`."""
    index = find_byte(block, position, end, SPACE)
    while index < end and _is_in_list(block, position, index, end):
        index = find_byte(block, index + 1, end, SPACE)
    return index


@inner_kernel
def find_end_of_words(block: Bytes, position: int, end: int, separator: np.uint8, count: int) -> int:
    """Return the end of the next `count` words, or `end` if there are fewer."""
    index = find_byte(block, position, end, separator)
    for _ in range(count - 1):
        index = find_byte(block, min(index + 1, end), end, separator)
    return index


@inner_kernel
def find_closing_quote(block: Bytes, position: int, end: int, separator: np.uint8) -> int:
    """Return the offset of the quote that closes a quoted value at `position`, before a separator or the line's end.

    Returns -1 if the value is not quoted, and `end` if the line ends inside it.
    """
    if position >= end or block[position] != QUOTE:
        return -1
    index = find_byte(block, position + 1, end, QUOTE)
    while index + 1 < end and block[index + 1] != separator:
        index = find_byte(block, index + 1, end, QUOTE)
    return index


@inner_kernel
def find_last_colon(block: Bytes, position: int, end: int, stop: np.uint8) -> int:
    """Return the offset of the last colon before `stop`, which precedes the port, else the offset of `stop`.

    An IPv6 address has further colons.
    """
    stop_index = find_byte(block, position, end, stop)
    for index in range(stop_index - 1, position - 1, -1):
        if block[index] == _COLON:
            return index
    return stop_index


@inner_kernel
def reject_at_literal(
    block: Bytes, position: int, end: int, literals: Bytes, literal_begin: int, literal_end: int
) -> int:
    """Return why the literal doesn't match at `position`: REJECT_CUT if the line ends inside it, else REJECT_FORMAT."""
    rest = end - position
    if (
        rest < literal_end - literal_begin
        and match_literal(block, position, end, literals, literal_begin, literal_begin + rest) >= 0
    ):
        return REJECT_CUT
    return REJECT_FORMAT


@inner_kernel
def reject_without_literal(
    block: Bytes, position: int, end: int, literals: Bytes, literal_begin: int, literal_end: int, missing: int
) -> int:
    """Return why `find_literal` found nothing: REJECT_CUT if the line ends inside the field or the literal, else
    REJECT_FORMAT.
    """
    if missing == -2:
        return REJECT_CUT
    for length in range(1, literal_end - literal_begin):
        start = end - length
        if start >= position and match_literal(block, start, end, literals, literal_begin, literal_begin + length) >= 0:
            return REJECT_CUT
    return REJECT_FORMAT


@inner_kernel
def has_dash_word(block: Bytes, field_begin: np.int32, field_end: np.int32) -> bool:
    """Return whether any word of the field except the first is `-`."""
    if field_begin < 0:
        return False
    begin, end = np.int64(field_begin), np.int64(field_end)
    space = find_byte(block, begin, end, SPACE)
    while space + 1 < end:
        if block[space + 1] == _DASH and (space + 2 == end or block[space + 2] == SPACE):
            return True
        space = find_byte(block, space + 1, end, SPACE)
    return False


@inner_kernel
def count_clf_times(block: Bytes, begin: int, end: int) -> int:
    """Count the times of the form `[10/Oct/2000:13:55:36` in a part of a line; a record has one."""
    count = 0
    index = find_byte(block, begin, end, _BRACKET)
    while index + len(_TIME_SHAPE) <= end:
        length = 0
        while length < len(_TIME_SHAPE) and _matches_shape(block[index + length], _TIME_SHAPE[length]):
            length += 1
        if length == len(_TIME_SHAPE):
            count += 1
        index = find_byte(block, index + 1, end, _BRACKET)
    return count


@inlined_kernel
def _matches_shape(byte: np.uint8, shape: np.uint8) -> bool:
    """Return whether a byte matches a shape: `0` any digit, `A` any letter, any other byte itself."""
    if shape == 48:
        return bool(48 <= byte <= 57)
    if shape == 65:
        return bool(65 <= byte <= 90 or 97 <= byte <= 122)
    return bool(byte == shape)
