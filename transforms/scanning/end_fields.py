"""Where the fields of a line end: what the scanner is made of (part of step 2).

Every kernel looks at one line of a padded block; `end` is where that line ends. A literal is
literals[literal:behind], the text between two fields of a format.
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
"""In a literal: white space of any width. No line holds a line feed."""

QUOTED, TO_LITERAL, TO_LAST_COLON, OF_WIDTH, BEFORE, TO_SPACE, TO_THE_END, OF_WORDS, TO_SEPARATOR = range(9)
"""How a field ends."""


@inlined_kernel
def is_absent(block: Bytes, begin: int, end: int, ending: np.uint8) -> bool:
    """Whether a field is empty, `-`, or empty quotes where the format has none (Apache's `%u`)."""
    length = end - begin
    if length > 2:
        return False
    if length == 2:
        return ending != QUOTED and block[begin] == QUOTE and block[begin + 1] == QUOTE
    return length == 0 or block[begin] == _DASH


@inlined_kernel
def match_literal(block: Bytes, position: int, end: int, literals: Bytes, literal: int, behind: int) -> int:
    """The place behind literals[literal:behind] if that stands at `position`, else -1."""
    length = behind - literal
    if 0 < length <= 8 and position + length <= end:
        # All at once; what stands behind the literal, in the block and among the literals, is shifted out.
        difference = load8(block, position) ^ load8(literals, literal)
        if not (difference << np.uint64(64 - 8 * length)):
            return position + length
    for place in range(literal, behind):
        if position < end and block[position] == literals[place]:
            position += 1
        elif literals[place] == _WHITE:
            while position < end and (block[position] == SPACE or block[position] == _TAB):
                position += 1
        else:
            return -1
    return position


@inner_kernel
def match_bare_dash(
    block: Bytes, position: int, end: int, literals: Bytes, literal: int, behind: int, next_ending: np.uint8
) -> int:
    """The place of a `-` that stands where the literal's last quote should, if the rest of it matches, else -1."""
    if next_ending != QUOTED:
        return -1
    position = match_literal(block, position, end, literals, literal, behind - 1)
    if position < 0 or position >= end or block[position] != _DASH:
        return -1
    if position + 1 < end and block[position + 1] != SPACE:
        return -1
    return position


@inlined_kernel
def find_literal(
    block: Bytes, position: int, end: int, literals: Bytes, literal: int, behind: int, next_ending: np.uint8
) -> int:
    """Where the literal next occurs; -1 if it doesn't, -2 if not even its first byte does.

    Servers write lists into unquoted fields (`192.0.2.1, 192.0.2.2`, `0.010 : 0.020`): a space behind a comma or
    around a colon belongs to the field.
    """
    first = literals[literal]
    missing = -2
    index = find_byte(block, position, end, first)
    while index < end:
        if first != SPACE or not _is_in_list(block, position, index, end):
            if match_literal(block, index, end, literals, literal, behind) >= 0:
                return index
            if match_bare_dash(block, index, end, literals, literal, behind, next_ending) >= 0:
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
    """Where the next space stands that belongs to no list, else `end`."""
    index = find_byte(block, position, end, SPACE)
    while index < end and _is_in_list(block, position, index, end):
        index = find_byte(block, index + 1, end, SPACE)
    return index


@inner_kernel
def find_behind_words(block: Bytes, position: int, end: int, separator: np.uint8, count: int) -> int:
    """Where so many words end that separators stand between, else `end`."""
    index = find_byte(block, position, end, separator)
    for _ in range(count - 1):
        index = find_byte(block, min(index + 1, end), end, separator)
    return index


@inner_kernel
def find_closing_quote(block: Bytes, position: int, end: int, separator: np.uint8) -> int:
    """Where the quote stands that closes a value which a quote opens at `position`; a separator or the end follows it.

    Returns -1 where no such value begins there, and `end` where the line ends in it.
    """
    if position >= end or block[position] != QUOTE:
        return -1
    index = find_byte(block, position + 1, end, QUOTE)
    while index + 1 < end and block[index + 1] != separator:
        index = find_byte(block, index + 1, end, QUOTE)
    return index


@inner_kernel
def find_last_colon(block: Bytes, position: int, end: int, stop: np.uint8) -> int:
    """Where an address or host ends before its port: an IPv6 address has colons of its own."""
    stop_place = find_byte(block, position, end, stop)
    for index in range(stop_place - 1, position - 1, -1):
        if block[index] == _COLON:
            return index
    return stop_place


@inner_kernel
def why_not(block: Bytes, position: int, end: int, literals: Bytes, literal: int, behind: int) -> int:
    """REJECT_CUT where the line ends in the middle of the literal, else REJECT_FORMAT."""
    rest = end - position
    if rest < behind - literal and match_literal(block, position, end, literals, literal, literal + rest) >= 0:
        return REJECT_CUT
    return REJECT_FORMAT


@inner_kernel
def why_not_found(
    block: Bytes, position: int, end: int, literals: Bytes, literal: int, behind: int, missing: int
) -> int:
    """REJECT_CUT where the line ends inside a field or in the middle of the literal behind it, else REJECT_FORMAT."""
    if missing == -2:
        return REJECT_CUT
    for length in range(1, behind - literal):
        start = end - length
        if start >= position and match_literal(block, start, end, literals, literal, literal + length) >= 0:
            return REJECT_CUT
    return REJECT_FORMAT


@inner_kernel
def holds_dash(block: Bytes, field_begin: np.int32, field_end: np.int32) -> bool:
    """Whether a word of the field is `-`, the first one aside."""
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
def count_times(block: Bytes, begin: int, end: int) -> int:
    """How many times of the form `[10/Oct/2000:13:55:36` stand in a piece of a line: one record has one."""
    count = 0
    index = find_byte(block, begin, end, _BRACKET)
    while index + len(_TIME_SHAPE) <= end:
        place = 0
        while place < len(_TIME_SHAPE) and _has_shape(block[index + place], _TIME_SHAPE[place]):
            place += 1
        if place == len(_TIME_SHAPE):
            count += 1
        index = find_byte(block, index + 1, end, _BRACKET)
    return count


@inlined_kernel
def _has_shape(byte: np.uint8, shape: np.uint8) -> bool:
    """`0` stands for a digit, `A` for a letter, anything else for itself."""
    if shape == 48:
        return bool(48 <= byte <= 57)
    if shape == 65:
        return bool(65 <= byte <= 90 or 97 <= byte <= 122)
    return bool(byte == shape)
