"""Removes the words that programs and tools put before lines like common ones.

Python's logging, log4j, PM2, `aws logs tail`, `grep` and others write a level, a time of their own, a logger's or a
file's name before the line. The line itself begins with the client's address, at most two fields before its time in
brackets. Nothing else is removed, so that a host or a list of addresses before the client is never lost.
"""

from __future__ import annotations

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import find_byte
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.scanning.scan_lines import is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_EMPTY, REJECT_FORMAT

_MOST_FIELDS = 3
"""Client, identity and user stand before the time; some servers leave out one or two of them."""
_NOT_FOUND = -1


@inner_kernel
def unwrap_words(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
    """Move the begins of lines whose reason is ACCEPTED to the client, and set the reasons of others."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        begins[line] = end
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            continue
        client = _find_client(block, begin, _find_time(block, begin, end))
        if client < 0:
            reasons[line] = REJECT_FORMAT
        else:
            begins[line] = client


@inlined_kernel
def _is_digit(byte: np.uint8) -> bool:
    return bool(48 <= byte <= 57)


@inlined_kernel
def _is_letter(byte: np.uint8) -> bool:
    return bool(65 <= byte <= 90 or 97 <= byte <= 122)


@inner_kernel
def _find_time(block: Bytes, begin: int, end: int) -> int:
    """Return the offset of the first `[10/Oct/2000:` or `[10/Oct/2000 `, or -1."""
    position = find_byte(block, begin, end, np.uint8(91))
    while position + 13 <= end:
        fits = block[position + 3] == 47 and block[position + 7] == 47 and block[position + 12] in (58, 32)
        for index in (1, 2, 8, 9, 10, 11):
            fits = fits and _is_digit(block[position + index])
        for index in (4, 5, 6):
            fits = fits and _is_letter(block[position + index])
        if fits:
            return position
        position = find_byte(block, position + 1, end, np.uint8(91))
    return _NOT_FOUND


@inlined_kernel
def _is_space(byte: np.uint8) -> bool:
    return bool(byte == 32 or byte == 9)


@inner_kernel
def _find_client(block: Bytes, begin: int, time: int) -> int:
    """Return the offset of the address that is nearest to the time among the fields before it, or -1."""
    stop = time
    for _ in range(_MOST_FIELDS):
        while stop > begin and _is_space(block[stop - 1]):
            stop -= 1
        word = stop
        while word > begin and not _is_space(block[word - 1]):
            word -= 1
        if word >= stop:
            return _NOT_FOUND
        address = word
        while address < stop:
            if _is_address(block, address, stop):
                before = word
                while before > begin and _is_space(block[before - 1]):
                    before -= 1
                # A comma before it: the last one of a list.
                return _NOT_FOUND if before > begin and block[before - 1] == 44 else address
            address = find_byte(block, address, stop, np.uint8(58)) + 1
        stop = word
    return _NOT_FOUND


@inner_kernel
def _is_address(block: Bytes, begin: int, end: int) -> bool:
    """Return whether block[begin:end] is an address, perhaps in quotes or brackets, an IPv4 one perhaps with a port."""
    if end - begin > 2 and block[begin] in (34, 40, 91):
        begin += 1
        if block[end - 1] in (34, 41, 93):
            end -= 1
    colons = dots = 0
    last_colon = first_dot = _NOT_FOUND
    has_letters = False
    for position in range(begin, end):
        byte = block[position]
        if byte == 58:
            colons += 1
            last_colon = position
        elif byte == 46:
            if position == begin or position + 1 == end or not _is_digit(block[position - 1]):
                return False
            if not _is_digit(block[position + 1]):
                return False
            dots += 1
            first_dot = position if first_dot < 0 else first_dot
        elif not _is_digit(byte):
            if not 65 <= byte & 0xDF <= 70:
                return False
            has_letters = True
    if colons >= 2:
        return dots == 0 or (dots == 3 and first_dot > last_colon and not _has_letters(block, last_colon, end))
    is_port = colons == 0 or (last_colon > first_dot and last_colon + 1 < end and _is_digit(block[last_colon - 1]))
    return dots == 3 and not has_letters and is_port and _count_dots(block, begin, last_colon, end) == 3


@inner_kernel
def _has_letters(block: Bytes, begin: int, end: int) -> bool:
    letters = 0
    for position in range(begin + 1, end):
        letters += not _is_digit(block[position]) and block[position] != 46
    return letters > 0


@inner_kernel
def _count_dots(block: Bytes, begin: int, colon: int, end: int) -> int:
    """Return the dots before a colon, or in all where there is none (-1)."""
    dots = 0
    for position in range(begin, colon if colon >= 0 else end):
        dots += block[position] == 46
    return dots


__all__ = ["unwrap_words"]
