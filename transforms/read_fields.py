"""From the places of fields to values: times, numbers, requests, addresses (step 3 of the path).

Every kernel takes a padded block and the places of one field in all its lines, -1 where the field is absent, and
returns one value per line.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from transforms.byte_kernels import Bytes, find_byte
from transforms.line_formats import Slot
from transforms.scan_lines import Places, ScannedBlock

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

NO_TIME: Final = -(2**62)
NO_NUMBER: Final = -1
BAD_NUMBER: Final = -2

METHOD_NONE, METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER = range(5)

CLIENT_NONE, CLIENT_ADDRESS, CLIENT_NAME, CLIENT_BAD = range(4)

_MONTHS: Final = np.frombuffer(b"JanFebMarAprMayJunJulAugSepOctNovDec", dtype=np.uint8)
_TIME_PARTS: Final = (
    Slot.YEAR,
    Slot.MONTH,
    Slot.MONTH_NAME,
    Slot.DAY,
    Slot.HOUR,
    Slot.MINUTE,
    Slot.SECOND,
    Slot.FRACTION,
    Slot.ZONE,
)


def read_times(lines: ScannedBlock) -> Ints:
    """Milliseconds since 1970 UTC per line, NO_TIME where the field is missing or no time."""
    for slot, unit_us in ((Slot.TIME_S, 1_000_000), (Slot.TIME_MS, 1_000), (Slot.TIME_US, 1)):
        if lines.has(slot):
            micros = _read_scaled(lines.block, *lines.places(slot), unit_us, False)
            return np.where(micros >= 0, micros // 1000, NO_TIME)
    if lines.has(Slot.TIME_CLF):
        return _read_clf_times(lines.block, *lines.places(Slot.TIME_CLF))
    if lines.has(Slot.TIME_ISO):
        return _read_iso_times(lines.block, *lines.places(Slot.TIME_ISO))
    places = [lines.places(slot) for slot in _TIME_PARTS]
    present = np.array([lines.has(slot) for slot in _TIME_PARTS])
    return _read_split_times(
        lines.block, np.stack([begins for begins, _ in places]), np.stack([ends for _, ends in places]), present
    )


def read_request_times(lines: ScannedBlock) -> Ints:
    """Microseconds per line, NO_NUMBER where unknown or negative, BAD_NUMBER where it is no number."""
    for slot, unit_us in (
        (Slot.REQUEST_TIME_US, 1),
        (Slot.REQUEST_TIME_MS, 1_000),
        (Slot.REQUEST_TIME_S, 1_000_000),
    ):
        if lines.has(slot):
            return _read_scaled(lines.block, *lines.places(slot), unit_us, True)
    return np.full(lines.line_count, NO_NUMBER, dtype=np.int64)


@njit(nogil=True, cache=True, inline="always")
def _digits(block: Bytes, begin: int, count: int) -> int:
    """A number of exactly `count` digits, or -1."""
    value = 0
    for index in range(begin, begin + count):
        digit = np.int64(block[index]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@njit(nogil=True, cache=True, inline="always")
def _days_before(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date of the proleptic Gregorian calendar (Hinnant, days_from_civil)."""
    if month <= 2:
        year -= 1
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


@njit(nogil=True, cache=True)
def _compose_time(year: int, month: int, day: int, hour: int, minute: int, second: int, offset_s: int) -> int:
    """Milliseconds since 1970, or NO_TIME for a date or time that doesn't exist; a leap second is the next one."""
    if year < 0 or month < 1 or month > 12 or day < 1 or day > 31 or hour < 0 or hour > 23:
        return NO_TIME
    if minute < 0 or minute > 59 or second < 0 or second > 60:
        return NO_TIME
    next_month = _days_before(year + 1, 1, 1) if month == 12 else _days_before(year, month + 1, 1)
    days = _days_before(year, month, day)
    if days >= next_month:
        return NO_TIME
    return (days * 86400 + hour * 3600 + minute * 60 + second - offset_s) * 1000


@njit(nogil=True, cache=True)
def _month_named(block: Bytes, begin: int) -> int:
    for month in range(12):
        if (
            block[begin] == _MONTHS[3 * month]
            and block[begin + 1] == _MONTHS[3 * month + 1]
            and block[begin + 2] == _MONTHS[3 * month + 2]
        ):
            return month + 1
    return -1


NO_OFFSET: Final = 1 << 30


@njit(nogil=True, cache=True)
def _offset(block: Bytes, begin: int, end: int) -> int:
    """Seconds east of UTC from `+0200`, `+02:00` or `Z`, or NO_OFFSET."""
    length = end - begin
    if length == 1 and (block[begin] == 90 or block[begin] == 122):
        return 0
    sign = 1 if block[begin] == 43 else -1
    if length not in (5, 6) or (block[begin] != 43 and block[begin] != 45) or (length == 6 and block[begin + 3] != 58):
        return NO_OFFSET
    hours = _digits(block, begin + 1, 2)
    minutes = _digits(block, end - 2, 2)
    if hours < 0 or hours > 15 or minutes < 0 or minutes > 59:
        return NO_OFFSET
    return sign * (hours * 3600 + minutes * 60)


@njit(nogil=True, cache=True)
def _read_clf_times(block: Bytes, begins: Places, ends: Places) -> Ints:
    """`10/Oct/2000:13:55:36 -0700`."""
    times = np.full(len(begins), NO_TIME, dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        end = np.int64(ends[line])
        if begin < 0 or end - begin != 26:
            continue
        if not (
            block[begin + 2] == 47
            and block[begin + 6] == 47
            and block[begin + 11] == 58
            and block[begin + 14] == 58
            and block[begin + 17] == 58
            and block[begin + 20] == 32
        ):
            continue
        offset_s = _offset(block, begin + 21, end)
        if offset_s == NO_OFFSET:
            continue
        times[line] = _compose_time(
            _digits(block, begin + 7, 4),
            _month_named(block, begin + 3),
            _digits(block, begin, 2),
            _digits(block, begin + 12, 2),
            _digits(block, begin + 15, 2),
            _digits(block, begin + 18, 2),
            offset_s,
        )
    return times


@njit(nogil=True, cache=True)
def _fraction_ms(block: Bytes, begin: int, end: int) -> int:
    """Milliseconds from the digits behind a decimal point, or -1."""
    value = 0
    for index in range(3):
        digit = np.int64(block[begin + index]) - 48 if begin + index < end else 0
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    for index in range(begin + 3, end):
        if block[index] < 48 or block[index] > 57:
            return -1
    return value


@njit(nogil=True, cache=True)
def _read_iso_times(block: Bytes, begins: Places, ends: Places) -> Ints:
    """`2026-06-01T13:55:36+02:00`, with a space for the T, a fraction, and no zone (UTC) too."""
    times = np.full(len(begins), NO_TIME, dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        end = np.int64(ends[line])
        if begin < 0 or end - begin < 19:
            continue
        if not (
            block[begin + 4] == 45
            and block[begin + 7] == 45
            and (block[begin + 10] == 84 or block[begin + 10] == 32 or block[begin + 10] == 116)
            and block[begin + 13] == 58
            and block[begin + 16] == 58
        ):
            continue
        position = begin + 19
        millis = 0
        if position < end and (block[position] == 46 or block[position] == 44):
            fraction_end = position + 1
            while fraction_end < end and 48 <= block[fraction_end] <= 57:
                fraction_end += 1
            millis = _fraction_ms(block, position + 1, fraction_end)
            position = fraction_end
        offset_s = 0 if position == end else _offset(block, position, end)
        if offset_s == NO_OFFSET or millis < 0:
            continue
        time = _compose_time(
            _digits(block, begin, 4),
            _digits(block, begin + 5, 2),
            _digits(block, begin + 8, 2),
            _digits(block, begin + 11, 2),
            _digits(block, begin + 14, 2),
            _digits(block, begin + 17, 2),
            offset_s,
        )
        times[line] = time + millis if time != NO_TIME else NO_TIME
    return times


@njit(nogil=True, cache=True)
def _read_split_times(block: Bytes, begins: Places, ends: Places, present: NDArray[np.bool_]) -> Ints:
    """Times whose year, month, day … are fields of their own, rows in the order of _TIME_PARTS."""
    times = np.full(begins.shape[1], NO_TIME, dtype=np.int64)
    for line in range(begins.shape[1]):
        parts = np.zeros(9, dtype=np.int64)
        parts[0] = -1
        valid = True
        for part in range(9):
            begin = np.int64(begins[part, line])
            end = np.int64(ends[part, line])
            if begin < 0:
                valid = valid and not present[part]
            elif part == 2:
                parts[1] = _month_named(block, begin) if end - begin == 3 else -1
            elif part == 7:
                parts[7] = _fraction_ms(block, begin, end)
                valid = valid and parts[7] >= 0
            elif part == 8:
                parts[8] = _offset(block, begin, end)
            else:
                parts[part] = _digits(block, begin, end - begin)
        if not valid or parts[8] == NO_OFFSET:
            continue
        year = parts[0] + (2000 if parts[0] < 69 else 1900) if 0 <= parts[0] < 100 else parts[0]
        time = _compose_time(year, parts[1], parts[3], parts[4], parts[5], parts[6], parts[8])
        times[line] = time + parts[7] if time != NO_TIME else NO_TIME
    return times


@njit(nogil=True, cache=True)
def _read_scaled(block: Bytes, begins: Places, ends: Places, unit: int, sums: bool) -> Ints:
    """Decimal numbers times `unit`, cut to a whole number; a list is its sum if `sums`."""
    numbers = np.full(len(begins), NO_NUMBER, dtype=np.int64)
    for line in range(len(begins)):
        index = np.int64(begins[line])
        end = np.int64(ends[line])
        if index < 0:
            continue
        total = np.int64(0)
        known = False
        valid = True
        while index < end and valid:
            byte = block[index]
            if sums and (byte == 32 or byte == 44 or byte == 58):
                index += 1
                continue
            negative = byte == 45
            if negative:
                index += 1
            digits = 0
            value = np.int64(0)
            while index < end and 48 <= block[index] <= 57 and digits < 16:
                value = value * 10 + (np.int64(block[index]) - 48)
                digits += 1
                index += 1
            value *= unit
            scale = unit
            if index < end and block[index] == 46:
                index += 1
                while index < end and 48 <= block[index] <= 57:
                    scale //= 10
                    value += (np.int64(block[index]) - 48) * scale
                    digits += 1
                    index += 1
            at_end = index >= end or (sums and (block[index] == 32 or block[index] == 44 or block[index] == 58))
            # A bare `-` in a list is a server that was not reached.
            valid = at_end and (digits > 0 or negative)
            if valid and not negative:
                total += value
                known = True
        if not valid:
            numbers[line] = BAD_NUMBER
        elif known:
            numbers[line] = total
    return numbers


@njit(nogil=True, cache=True)
def read_counts(block: Bytes, begins: Places, ends: Places) -> Ints:
    """Whole numbers per line: NO_NUMBER where absent, BAD_NUMBER where it is none or has more than 18 digits."""
    counts = np.full(len(begins), NO_NUMBER, dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin >= 0:
            length = np.int64(ends[line]) - begin
            value = _digits(block, begin, length) if length <= 18 else -1
            counts[line] = value if value >= 0 else BAD_NUMBER
    return counts


@njit(nogil=True, cache=True)
def read_statuses(block: Bytes, begins: Places, ends: Places) -> Ints:
    """Three-digit statuses per line: 0 where absent or `000`, BAD_NUMBER where it is none."""
    statuses = np.zeros(len(begins), dtype=np.int64)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin >= 0:
            value = _digits(block, begin, 3) if np.int64(ends[line]) - begin == 3 else -1
            statuses[line] = value if value >= 0 else BAD_NUMBER
    return statuses


@njit(nogil=True, cache=True)
def read_methods(block: Bytes, begins: Places, ends: Places) -> NDArray[np.uint8]:
    """METHOD_… codes per line."""
    methods = np.zeros(len(begins), dtype=np.uint8)
    for line in range(len(begins)):
        if begins[line] >= 0:
            methods[line] = _method(block, np.int64(begins[line]), np.int64(ends[line]))
    return methods


@njit(nogil=True, cache=True)
def _method(block: Bytes, begin: int, end: int) -> np.uint8:
    length = end - begin
    if length < 1 or block[begin] == 45 or block[begin] == 95:
        return np.uint8(METHOD_NONE)
    for index in range(begin, end):
        byte = block[index]
        letter = 65 <= byte <= 90 or 97 <= byte <= 122
        if not letter and byte != 45 and byte != 95:
            return np.uint8(METHOD_NONE)
    if length == 3 and block[begin] == 71 and block[begin + 1] == 69 and block[begin + 2] == 84:
        return np.uint8(METHOD_GET)
    if length == 4 and block[begin] == 72 and block[begin + 1] == 69 and block[begin + 2] == 65:
        return np.uint8(METHOD_HEAD)
    if length == 4 and block[begin] == 80 and block[begin + 1] == 79 and block[begin + 2] == 83:
        return np.uint8(METHOD_POST)
    return np.uint8(METHOD_OTHER)


@njit(nogil=True, cache=True)
def split_requests(block: Bytes, begins: Places, ends: Places) -> tuple[NDArray[np.uint8], Places, Places]:
    """Method codes and the urls' places from request lines `METHOD url[ HTTP/x]`.

    What is no request (`-`, TLS bytes, bare words) has METHOD_NONE, and its whole text for a url.
    """
    methods = np.zeros(len(begins), dtype=np.uint8)
    url_begins = begins.copy()
    url_ends = ends.copy()
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        end = np.int64(ends[line])
        if begin < 0:
            continue
        space = find_byte(block, begin, end, np.uint8(32))
        method = _method(block, begin, space) if space + 1 < end else np.uint8(METHOD_NONE)
        if method == METHOD_NONE:
            continue
        url_end = end
        last = end - 1
        while last > space and block[last] != 32:
            last -= 1
        is_protocol = (
            last + 5 < end
            and block[last + 1] == 72
            and block[last + 2] == 84
            and block[last + 3] == 84
            and block[last + 4] == 80
            and block[last + 5] == 47
        )
        if is_protocol:
            # `GET HTTP/1.0` has no url: the space is the first one too.
            if last == space:
                continue
            url_end = last
        methods[line] = method
        url_begins[line] = space + 1
        url_ends[line] = url_end
    return methods, url_begins, url_ends


@njit(nogil=True, cache=True)
def split_urls(block: Bytes, begins: Places, ends: Places) -> tuple[Places, Places, Places, Places]:
    """The places of path and query in urls: scheme, host and fragment are left out, an empty query is absent.

    An absolute url without a path has an absent path, which stands for `/`.
    """
    path_begins = begins.copy()
    path_ends = ends.copy()
    query_begins = np.full(len(begins), -1, dtype=np.int32)
    query_ends = np.full(len(begins), -1, dtype=np.int32)
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin < 0:
            continue
        end = find_byte(block, begin, np.int64(ends[line]), np.uint8(35))
        mark = find_byte(block, begin, end, np.uint8(63))
        if block[begin] != 47:
            colon = find_byte(block, begin, mark, np.uint8(58))
            if colon + 2 < mark and block[colon + 1] == 47 and block[colon + 2] == 47:
                begin = find_byte(block, colon + 3, mark, np.uint8(47))
        if mark + 1 < end:
            query_begins[line] = mark + 1
            query_ends[line] = end
        path_begins[line] = begin if begin < mark else -1
        path_ends[line] = mark if begin < mark else -1
    return path_begins, path_ends, query_begins, query_ends
