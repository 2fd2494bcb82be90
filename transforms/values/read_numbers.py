"""Parses numbers: statuses, sizes and request times.

Each kernel takes a padded block and the byte offsets of one field in all lines, -1 if the field is absent, and returns
one value per line.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.kernels.byte_kernels import equal_bytes, find_byte, read_short_number, trailing_zeros
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.scan_lines import ScannedFields

NO_NUMBER: Final = -1
"""An absent or unknown number."""
BAD_NUMBER: Final = -2
"""A field that is no number."""

_POWERS: Final = 10 ** np.arange(9, dtype=np.int64)
MAX_SCALED: Final = 10**18
"""The largest valid scaled number, or sum of a list of them."""


_DURATIONS: Final = {
    Meaning.REQUEST_TIME_US: "us",
    Meaning.REQUEST_TIME_MS: "ms",
    Meaning.REQUEST_TIME_S: "s",
    Meaning.REQUEST_TIME_NS: "ns",
    Meaning.REQUEST_TIME_SHOWN: "",
}
_UNITS_US: Final = {"us": 1, "ms": 1_000, "s": 1_000_000}


def read_request_times(lines: ScannedFields, unit: str = "") -> Ints:
    """Return microseconds per line, NO_NUMBER if unknown or negative, BAD_NUMBER if it is no number.

    A `unit` of REQUEST_TIME_UNITS overrules that of the format.
    """
    meaning = next((meaning for meaning in _DURATIONS if lines.has(meaning)), None)
    if meaning is None:
        return np.full(lines.line_count, NO_NUMBER, dtype=np.int64)
    block, offsets = lines.block, lines.offsets(meaning)
    unit = unit or _DURATIONS[meaning]
    if unit == "ns":
        nanos = read_scaled(block, *offsets, 1, True, 9)
        return np.where(nanos >= 0, nanos // 1000, nanos)
    if unit:
        return read_scaled(block, *offsets, _UNITS_US[unit], True)
    seconds = read_scaled(block, *offsets, _UNITS_US["s"], True)
    return np.where(_have_points(block, *offsets), seconds, read_scaled(block, *offsets, _UNITS_US["ms"], True))


@kernel
def _have_points(block: Bytes, begins: Offsets, ends: Offsets) -> Flags:
    """Return whether each field has a decimal point."""
    flags = np.zeros(len(begins), dtype=np.bool_)
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        flags[line] = begin >= 0 and find_byte(block, begin, end, np.uint8(46)) < end
    return flags


@inlined_kernel
def read_digits(block: Bytes, begin: int, count: int) -> int:
    """Parse exactly `count` digits, -1 if any is no digit."""
    value = 0
    for index in range(begin, begin + count):
        digit = int(block[index]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@inlined_kernel
def _separator_length(block: Bytes, index: int, end: int) -> int:
    """Return the length of the separator at `index` in a list of numbers, 0 if there is none.

    nginx writes `0.010, 0.020 : 0.030`, AWS load balancers `0.010 0.020 0.030`.
    """
    if index + 1 < end and block[index] == 44 and block[index + 1] == 32:
        return 2
    if index + 2 < end and block[index] == 32 and block[index + 1] == 58 and block[index + 2] == 32:
        return 3
    return 1 if block[index] == 32 else 0


@kernel
def read_scaled(block: Bytes, begins: Offsets, ends: Offsets, unit: int, sums: bool, second_power: int = 6) -> Ints:
    """Parse decimal numbers and multiply them by `unit`, truncated; NO_NUMBER if unknown, BAD_NUMBER if it is none.

    Negative numbers are unknown. With `sums`, a list gives the sum of its known numbers, and a number may be followed
    by a unit of time: it is converted to units of 10**-`second_power` seconds.
    """
    numbers = np.full(len(begins), NO_NUMBER, dtype=np.int64)
    for line in range(len(begins)):
        index = np.int64(begins[line])
        end = np.int64(ends[line])
        if index < 0:
            continue
        # Fast path: nearly all fields are a plain decimal.
        plain = _read_plain_decimal(block, index, end, unit)
        if plain >= 0:
            numbers[line] = plain
            continue
        total = np.int64(0)
        known = False
        valid = True
        while index < end and valid:
            # A `-` in a list is a server that was not reached.
            negative = block[index] == 45
            if negative:
                index += 1
            first_digit = index
            value = 0
            while index < end and 48 <= block[index] <= 57 and index - first_digit < 18:
                value = value * 10 + (int(block[index]) - 48)
                index += 1
            has_digits = index > first_digit
            valid = value <= MAX_SCALED // unit
            value *= unit
            if has_digits and index + 1 < end and block[index] == 46 and 48 <= block[index + 1] <= 57:
                index += 1
                scale = unit
                while index < end and 48 <= block[index] <= 57:
                    scale //= 10
                    value += (int(block[index]) - 48) * scale
                    index += 1
            if has_digits and not negative:
                total += value
                known = True
                valid = bool(valid and total <= MAX_SCALED)
            # `9.2e-05`, `0.123s`, `231 ms`: rare forms.
            scale_at = index + int(index + 1 < end and block[index] == 32)
            if valid and sums and has_digits and index < end and _begins_scale(block[scale_at]):
                total = _read_scaled_number(block, np.int64(begins[line]), end, unit, second_power)
                known = total >= 0
                valid = total != BAD_NUMBER
                break
            if index < end:
                length = _separator_length(block, index, end) if sums else 0
                valid = valid and length > 0
                index += length
        if not valid:
            numbers[line] = BAD_NUMBER
        elif known:
            numbers[line] = total
    return numbers


@inlined_kernel
def _read_plain_decimal(block: Bytes, begin: int, end: int, unit: int) -> int:
    """Parse `12` or `0.034` times `unit`, a power of ten up to a million, truncated; -1 for anything else."""
    length = end - begin
    if length > 16:
        return -1
    points = equal_bytes(block, begin, np.uint8(46)) & ((np.uint64(1) << np.uint64(length)) - np.uint64(1))
    if not points:
        whole = read_short_number(block, begin, length)
        return whole * unit if whole >= 0 else -1
    point = np.int64(trailing_zeros(points))
    whole = read_short_number(block, begin, point)
    fraction = read_short_number(block, begin + point + 1, length - point - 1)
    if whole < 0 or fraction < 0:
        return -1
    return whole * unit + fraction * unit // _POWERS[length - point - 1]


@inlined_kernel
def _begins_scale(byte: np.uint8) -> bool:
    """Return whether a byte begins an exponent or a unit of time."""
    is_exponent = byte == 101 or byte == 69
    return bool(is_exponent or byte == 115 or byte == 109 or byte == 117 or byte == 110 or byte == 194 or byte == 206)


@inner_kernel
def _read_scaled_number(block: Bytes, begin: int, end: int, unit: int, second_power: int) -> int:
    """Parse one number with an exponent or a unit of time (`s`, `ms`, `us`, `µs`, `ns`), perhaps behind a space.

    A number with an exponent is multiplied by `unit`, a power of ten; one with a unit of time is converted to units of
    10**-`second_power` seconds. The result is truncated; NO_NUMBER if it is negative, BAD_NUMBER if it is no number.
    """
    index = begin
    negative = block[index] == 45
    if negative:
        index += 1
    value = 0
    digits = 0
    shift = 0  # decimal exponent of the value
    behind_point = False
    while index < end and (48 <= block[index] <= 57 or (block[index] == 46 and not behind_point)):
        if block[index] == 46:
            behind_point = True
        elif digits < 18:
            value = value * 10 + (int(block[index]) - 48)
            digits += int(value > 0)
            shift -= int(behind_point)
        elif not behind_point:
            return BAD_NUMBER
        index += 1
    if index < end and (block[index] == 101 or block[index] == 69):
        index += 1
        sign = 1
        if index < end and (block[index] == 43 or block[index] == 45):
            sign = -1 if block[index] == 45 else 1
            index += 1
        length = end - index
        exponent = read_digits(block, index, length) if 1 <= length <= 3 else -1
        if exponent < 0:
            return BAD_NUMBER
        shift += sign * exponent
        while unit > 1:
            unit //= 10
            shift += 1
    else:
        power = _unit_power(block, index + int(index < end and block[index] == 32), end)
        if power > 0:
            return BAD_NUMBER
        shift += second_power + power
    if negative:
        return NO_NUMBER
    while shift < 0 and value > 0:
        value //= 10
        shift += 1
    while shift > 0 and value > 0:
        if value > MAX_SCALED // 10:
            return BAD_NUMBER
        value *= 10
        shift -= 1
    return value


@inner_kernel
def _unit_power(block: Bytes, begin: int, end: int) -> int:
    """Return 0, -3, -6 or -9 for `s`, `ms`, `us` or `ns`, 1 for anything else.

    In UTF-8, `µ` is a sign of its own or the Greek letter, which tower-http writes.
    """
    length = end - begin
    if length < 1 or block[end - 1] != 115:
        return 1
    if length == 1:
        return 0
    first = block[begin]
    if length == 2:
        return -3 if first == 109 else -6 if first == 117 else -9 if first == 110 else 1
    is_micro = (first == 194 and block[begin + 1] == 181) or (first == 206 and block[begin + 1] == 188)
    return -6 if length == 3 and is_micro else 1


@kernel
def read_counts(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    """Parse whole numbers; NO_NUMBER if absent, BAD_NUMBER if it is none or has more than 18 digits."""
    counts = np.full(len(begins), NO_NUMBER, dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin >= 0:
            length = np.int64(ends[line]) - begin
            value = read_short_number(block, begin, length)
            if value < 0 and (length < 1 or 8 < length <= 18):
                value = read_digits(block, begin, length)
            counts[line] = value if value >= 0 else BAD_NUMBER
    return counts


@kernel
def read_statuses(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    """Parse three-digit statuses; 0 if absent, `000`, `0` (Squid) or `-1` (HAProxy), BAD_NUMBER for anything else."""
    statuses = np.zeros(len(begins), dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        length = np.int64(ends[line]) - begin
        is_unknown = (length == 2 and block[begin] == 45 and block[begin + 1] == 49) or (
            length == 1 and block[begin] == 48
        )
        if begin >= 0 and not is_unknown:
            value = read_digits(block, begin, 3) if length == 3 else -1
            statuses[line] = value if value >= 0 else BAD_NUMBER
    return statuses
