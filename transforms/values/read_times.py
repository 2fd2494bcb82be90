"""Parses times in all the forms that servers write.

Results are milliseconds since 1970 UTC. Times without a zone are UTC.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.kernels.byte_kernels import find_byte, same_bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.read_numbers import read_digits, read_scaled
from footfall.transforms.values.time_names import NO_UTC_OFFSET, ZONE_WIDTH, month_number, named_utc_offset

NO_TIME: Final = -(2**62)
END_OF_TIME_MS: Final = 253_370_764_800_000
"""Begin of the year 9999; later times are invalid. Days, months and bounds after the last time are dates as well."""

_CLF_LENGTH: Final = 26
"""Length of `10/Oct/2000:13:55:36 -0700`."""
_DAY_S: Final = 86_400
_TIME_PART_MEANINGS: Final = (
    Meaning.YEAR,
    Meaning.MONTH,
    Meaning.MONTH_NAME,
    Meaning.DAY,
    Meaning.HOUR,
    Meaning.MINUTE,
    Meaning.SECOND,
    Meaning.ZONE,
)


def read_times(lines: ScannedFields) -> Ints:
    """Return milliseconds since 1970 UTC per line, NO_TIME if the field is absent or invalid."""
    block = lines.block
    if lines.has(Meaning.TIME_ANY):
        return _read_any_times(block, *lines.offsets(Meaning.TIME_ANY))
    if lines.has(Meaning.TIME_MS):
        return _times_from_micros(read_scaled(block, *lines.offsets(Meaning.TIME_MS), 1_000, False))
    if lines.has(Meaning.TIME_US):
        return _times_from_micros(read_scaled(block, *lines.offsets(Meaning.TIME_US), 1, False))
    if lines.has(Meaning.TIME_S):
        times = _times_from_micros(read_scaled(block, *lines.offsets(Meaning.TIME_S), 1_000_000, False))
    elif lines.has(Meaning.TIME_CLF):
        times = _read_clf_times(block, *lines.offsets(Meaning.TIME_CLF))
    elif lines.has(Meaning.TIME_ISO):
        times = _read_iso_times(block, *lines.offsets(Meaning.TIME_ISO))
    else:
        offsets = [lines.offsets(meaning) for meaning in _TIME_PART_MEANINGS]
        present = np.array([lines.has(meaning) for meaning in _TIME_PART_MEANINGS])
        begins, ends = (np.stack(side) for side in zip(*offsets, strict=True))
        times = _read_split_times(block, begins, ends, present)
    if lines.has(Meaning.FRACTION):
        _add_fractions(block, *lines.offsets(Meaning.FRACTION), times)
    return times


def read_utc_offsets(lines: ScannedFields) -> Ints:
    """Return seconds east of UTC in the zones of times per line, NO_UTC_OFFSET if a time has no zone."""
    for meaning in (Meaning.ZONE, Meaning.TIME_CLF, Meaning.TIME_ISO, Meaning.TIME_ANY):
        if lines.has(meaning):
            return _read_trailing_offsets(lines.block, *lines.offsets(meaning))
    return np.full(lines.line_count, NO_UTC_OFFSET, dtype=np.int64)


def _times_from_micros(micros: Ints) -> Ints:
    times = micros // 1000
    times[(micros < 0) | (times >= END_OF_TIME_MS)] = NO_TIME
    return times


@inlined_kernel
def _days_before(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, days_from_civil)."""
    if month <= 2:
        year -= 1
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


@inner_kernel
def _compose_time(year: int, month: int, day: int, hour: int, minute: int, second: int, offset_s: int) -> int:
    """Return milliseconds since 1970, NO_TIME if date or time don't exist. A leap second becomes the next second."""
    if year < 1 or month < 1 or month > 12 or day < 1 or day > 31 or hour < 0 or hour > 23:
        return NO_TIME
    if minute < 0 or minute > 59 or second < 0 or second > 60:
        return NO_TIME
    days = _days_before(year, month, day)
    if day > 28:
        next_month = _days_before(year + 1, 1, 1) if month == 12 else _days_before(year, month + 1, 1)
        if days >= next_month:
            return NO_TIME
    time = (days * _DAY_S + hour * 3600 + minute * 60 + second - offset_s) * 1000
    return time if time < END_OF_TIME_MS else NO_TIME


@inner_kernel
def _utc_offset(block: Bytes, begin: int, end: int) -> int:
    """Return seconds east of UTC for `+0200`, `+02:00`, `+02`, `Z` or the name of a zone, or NO_UTC_OFFSET."""
    length = end - begin
    if length < 1:
        return NO_UTC_OFFSET
    first = block[begin]
    if first != 43 and first != 45:
        if length == 1 and (first == 90 or first == 122):
            return 0
        return named_utc_offset(block, begin, length)
    if length not in (3, 5, 6) or (length == 6 and block[begin + 3] != 58):
        return NO_UTC_OFFSET
    hours = read_digits(block, begin + 1, 2)
    minutes = read_digits(block, end - 2, 2) if length > 3 else 0
    if hours < 0 or hours > 15 or minutes < 0 or minutes > 59:
        return NO_UTC_OFFSET
    return (hours * 3600 + minutes * 60) * (1 if first == 43 else -1)


@inner_kernel
def _clf_time(block: Bytes, begin: int, end: int) -> int:
    """Parse `10/Oct/2000:13:55:36 -0700`, or the same with a fraction or without a zone (HAProxy), else NO_TIME.

    Before the hour a space may stand (Python's http.server, Werkzeug), and a zone may be a name (Ruby's WEBrick).
    """
    if end - begin < 20:
        return NO_TIME
    if not (
        block[begin + 2] == 47
        and block[begin + 6] == 47
        and block[begin + 11] in (58, 32)
        and block[begin + 14] == 58
        and block[begin + 17] == 58
    ):
        return NO_TIME
    millis = 0
    offset_s = 0
    if end - begin == 20:
        pass
    elif block[begin + 20] == 46:
        space = find_byte(block, begin + 21, end, np.uint8(32))
        millis = _fraction_ms(block, begin + 21, space)
        offset_s = _utc_offset(block, space + 1, end) if space < end else 0
    elif block[begin + 20] == 32:
        offset_s = _utc_offset(block, begin + 21, end)
    else:
        return NO_TIME
    if offset_s == NO_UTC_OFFSET or millis < 0:
        return NO_TIME
    time = _compose_time(
        read_digits(block, begin + 7, 4),
        month_number(block, begin + 3, begin + 6),
        read_digits(block, begin, 2),
        read_digits(block, begin + 12, 2),
        read_digits(block, begin + 15, 2),
        read_digits(block, begin + 18, 2),
        offset_s,
    )
    return time + millis if time != NO_TIME else NO_TIME


@kernel
def _read_clf_times(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    times = np.full(len(begins), NO_TIME, dtype=np.int64)
    previous = np.int64(-1)
    previous_time = np.int64(NO_TIME)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin < 0:
            continue
        # Most times are equal to the time of the previous line.
        is_whole = ends[line] - begin == _CLF_LENGTH
        if not (is_whole and previous >= 0 and same_bytes(block, previous, block, begin, _CLF_LENGTH)):
            previous_time = _clf_time(block, begin, np.int64(ends[line]))
            previous = begin if is_whole else np.int64(-1)
        times[line] = previous_time
    return times


@inner_kernel
def _fraction_ms(block: Bytes, begin: int, end: int) -> int:
    """Parse the digits after a decimal point to milliseconds, or return -1."""
    value = 0
    for index in range(3):
        digit = int(block[begin + index]) - 48 if begin + index < end else 0
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    for index in range(begin + 3, end):
        if block[index] < 48 or block[index] > 57:
            return -1
    return value if begin < end else -1


@inner_kernel
def _add_fractions(block: Bytes, begins: Offsets, ends: Offsets, times: Ints) -> None:
    """Add fractions to times of whole seconds; a time without its fraction becomes NO_TIME."""
    for line in range(len(times)):
        millis = _fraction_ms(block, np.int64(begins[line]), np.int64(ends[line])) if begins[line] >= 0 else -1
        times[line] = times[line] + millis if times[line] != NO_TIME and millis >= 0 else NO_TIME


@inner_kernel
def _iso_time(block: Bytes, begin: int, end: int, separator: int) -> int:
    """Parse `2026-06-01T13:55:36+02:00`, or return NO_TIME.

    The T may be a space or a tab, a fraction may follow, and the zone may be missing.
    """
    if end - begin < 19:
        return NO_TIME
    if not (
        block[begin + 4] == separator
        and block[begin + 7] == separator
        and block[begin + 10] in (84, 116, 32, 9)
        and block[begin + 13] == 58
        and block[begin + 16] == 58
    ):
        return NO_TIME
    position = begin + 19
    millis = 0
    if position < end and (block[position] == 46 or block[position] == 44):
        fraction_end = position + 1
        while fraction_end < end and 48 <= block[fraction_end] <= 57:
            fraction_end += 1
        millis = _fraction_ms(block, position + 1, fraction_end)
        position = fraction_end
    if position + 1 < end and block[position] == 32 and block[position + 1] in (43, 45):
        position += 1  # `2026-06-01 13:55:36 +0200`
    offset_s = 0 if position == end else _utc_offset(block, position, end)
    if offset_s == NO_UTC_OFFSET or millis < 0:
        return NO_TIME
    time = _compose_time(
        read_digits(block, begin, 4),
        read_digits(block, begin + 5, 2),
        read_digits(block, begin + 8, 2),
        read_digits(block, begin + 11, 2),
        read_digits(block, begin + 14, 2),
        read_digits(block, begin + 17, 2),
        offset_s,
    )
    return time + millis if time != NO_TIME else NO_TIME


@kernel
def _read_iso_times(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    times = np.full(len(begins), NO_TIME, dtype=np.int64)
    for line in range(len(begins)):
        if begins[line] >= 0:
            times[line] = _iso_time(block, np.int64(begins[line]), np.int64(ends[line]), 45)
    return times


@inner_kernel
def _epoch_time(block: Bytes, begin: int, end: int) -> int:
    """Parse seconds, milliseconds, microseconds or nanoseconds since 1970, or return NO_TIME.

    The size of the number gives the unit: from 1973 to 5138, the ranges of the units don't overlap.
    """
    point = begin
    while point < end and 48 <= block[point] <= 57:
        point += 1
    if point == begin or point - begin > 19 or (point < end and block[point] != 46):
        return NO_TIME
    fraction_ms = 0
    if point < end:
        fraction_ms = _fraction_ms(block, point + 1, end)
        if fraction_ms < 0:
            return NO_TIME
    number = read_digits(block, begin, point - begin)
    if number < 0:  # beyond 64 bits
        return NO_TIME
    if number < 10**11:
        return number * 1000 + fraction_ms
    if number < 10**14:
        return number
    return number // 1000 if number < 10**17 else number // 1_000_000


@kernel
def _read_any_times(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    """Parse times in any form that is a single field, with or without brackets."""
    times = np.full(len(begins), NO_TIME, dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        end = np.int64(ends[line])
        if begin < 0:
            continue
        if end - begin > 2 and block[begin] == 91 and block[end - 1] == 93:
            begin += 1
            end -= 1
        if end - begin >= 19 and (block[begin + 4] == 45 or block[begin + 4] == 47):
            times[line] = _iso_time(block, begin, end, np.int64(block[begin + 4]))
        elif end - begin >= 20 and block[begin + 2] == 47:
            times[line] = _clf_time(block, begin, end)
        else:
            times[line] = _epoch_time(block, begin, end)
    return times


@inner_kernel
def _read_part(block: Bytes, begins: Offsets, ends: Offsets, line: int, default: int) -> int:
    """Parse a number that may be padded with a space (`%e`); `default` if it is absent, -1 if it is invalid."""
    begin = np.int64(begins[line])
    end = np.int64(ends[line])
    if begin < 0:
        return default
    if block[begin] == 32 and end - begin == 2:
        begin += 1
    return read_digits(block, begin, end - begin) if begin < end <= begin + 4 else -1


@kernel
def _read_split_times(block: Bytes, begins: Offsets, ends: Offsets, present: Flags) -> Ints:
    """Parse times with separate fields for year, month, day …; rows in the order of _TIME_PART_MEANINGS."""
    count = begins.shape[1]
    times = np.full(count, NO_TIME, dtype=np.int64)
    for line in range(count):
        year = _read_part(block, begins[0], ends[0], line, -1)
        if year >= 0 and ends[0, line] - begins[0, line] == 2:
            year += 2000 if year < 69 else 1900  # as in POSIX
        month = _read_part(block, begins[1], ends[1], line, -1)
        if begins[2, line] >= 0:
            month = month_number(block, np.int64(begins[2, line]), np.int64(ends[2, line]))
        day = _read_part(block, begins[3], ends[3], line, -1)
        hour = _read_part(block, begins[4], ends[4], line, -1)
        minute = _read_part(block, begins[5], ends[5], line, -1 if present[5] else 0)
        second = _read_part(block, begins[6], ends[6], line, -1 if present[6] else 0)
        offset_s = np.int64(NO_UTC_OFFSET if present[7] else 0)
        if begins[7, line] >= 0:
            offset_s = np.int64(_utc_offset(block, np.int64(begins[7, line]), np.int64(ends[7, line])))
        if offset_s != NO_UTC_OFFSET:
            times[line] = _compose_time(year, month, day, hour, minute, second, offset_s)
    return times


@kernel
def _read_trailing_offsets(block: Bytes, begins: Offsets, ends: Offsets) -> Ints:
    """Return the UTC offsets at the ends of times, NO_UTC_OFFSET if there is none."""
    offsets = np.full(len(begins), NO_UTC_OFFSET, dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        end = np.int64(ends[line])
        if begin < 0:
            continue
        if end - begin > 2 and block[end - 1] == 93:
            end -= 1
        zone = end
        while zone > begin and block[zone - 1] != 43 and block[zone - 1] != 45 and end - zone < 6:
            zone -= 1
        if zone > begin and (block[zone - 1] == 43 or block[zone - 1] == 45) and end - zone >= 4:
            offsets[line] = _utc_offset(block, zone - 1, end)
        elif block[end - 1] == 90 or block[end - 1] == 122:
            offsets[line] = 0
        elif end - begin <= ZONE_WIDTH:
            offsets[line] = named_utc_offset(block, begin, end - begin)
    return offsets


__all__ = ["END_OF_TIME_MS", "NO_TIME", "NO_UTC_OFFSET", "read_times", "read_utc_offsets"]
