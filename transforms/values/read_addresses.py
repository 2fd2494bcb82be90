"""Parses client addresses in all the forms that servers and proxies write.

An address is 128 bits; IPv4 is (0, its 32 bits), as in location databases. Forms: `192.0.2.1`, `192.0.2.1:4711`,
`[2001:db8::1]:443`, `2001:db8::1:54321` (no group has five digits, so this is a port), `fe80::1%eth0`,
`::ffff:192.0.2.1`, RFC 7239's `for="[2001:db8::1]:4711";proto=https`, and a comma-separated list of those. Host names,
`unknown`, `_hidden`, `unix:` and `-` are no addresses. (`::/96`, which is not in use, is parsed as IPv4, too, as in
location databases.)
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets, Words
from footfall.transforms.kernels.byte_kernels import equal_bytes, find_byte, load8, trailing_zeros
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel

CLIENT_NONE, CLIENT_ADDRESS, CLIENT_NAME, CLIENT_BAD = range(4)

_DOT: Final = np.uint8(ord("."))
_THREE_ZEROS: Final = np.uint64(0x303030)
"""Three ASCII zeros."""
_LEAST_OCTETS: Final = np.array([256, 0, 10, 100, *[256] * 12], dtype=np.uint64)
"""The least number without leading zeros that has so many digits; above 255 where none is an octet."""
_NO_OCTET: Final = np.uint64(1 << 32)


@kernel
def read_addresses(
    block: Bytes, begins: Offsets, ends: Offsets, prefer_public: bool
) -> tuple[Words, Words, Bytes, Offsets, Offsets]:
    """Return per line: high and low 64 bits, CLIENT_… kind, and begin and end of the entry (without its port).

    Of a list, the first address is used; with `prefer_public`, the first one that is not private, if any. A list
    without addresses gives the first entry that is not `-`.
    """
    count = len(begins)
    high = np.zeros(count, dtype=np.uint64)
    low = np.zeros(count, dtype=np.uint64)
    kinds = np.zeros(count, dtype=np.uint8)
    entry_begins = begins.copy()
    entry_ends = ends.copy()
    for line in range(count):
        begin = np.int64(begins[line])
        if begin >= 0:
            entry = read_list(block, begin, np.int64(ends[line]), prefer_public)
            kinds[line], high[line], low[line], entry_begins[line], entry_ends[line] = entry
    return high, low, kinds, entry_begins, entry_ends


@inlined_kernel
def read_list(block: Bytes, begin: int, end: int, prefer_public: bool) -> tuple[int, np.uint64, np.uint64, int, int]:
    """Choose an entry of a list as `read_addresses` does: CLIENT_… kind, high and low 64 bits, begin, end."""
    # Fast path: nearly all fields are a single IPv4 address.
    value = _read_ipv4(block, begin, end)
    if value >= 0:
        return CLIENT_ADDRESS, np.uint64(0), np.uint64(value), begin, end
    return _choose_entry(block, begin, end, prefer_public)


@inner_kernel
def _choose_entry(
    block: Bytes, begin: int, end: int, prefer_public: bool
) -> tuple[int, np.uint64, np.uint64, int, int]:
    zero = np.uint64(0)
    best = (CLIENT_BAD if begin == end else CLIENT_NONE, zero, zero, begin, end)
    while begin < end:
        comma = find_byte(block, begin, end, np.uint8(44))
        entry = read_entry(block, begin, comma)
        begin = comma + 1
        kind = entry[0]
        if kind == CLIENT_NONE:
            continue
        is_settled = kind == CLIENT_ADDRESS and not (prefer_public and is_private(entry[1], entry[2]))
        if best[0] == CLIENT_NONE or is_settled or (kind == CLIENT_ADDRESS and best[0] != CLIENT_ADDRESS):
            best = entry
        if is_settled:
            break
    return best


@inner_kernel
def read_entry(block: Bytes, begin: int, end: int) -> tuple[int, np.uint64, np.uint64, int, int]:
    """Parse one entry of a list: CLIENT_… kind, high and low 64 bits, begin and end of the host (without a port)."""
    begin, end = _trim(block, *_find_forwarded_for(block, begin, end))
    end = _find_host_end(block, begin, end)
    kind, high, low = _read_host(block, begin, end)
    return kind, high, low, begin, end


@inner_kernel
def _find_forwarded_for(block: Bytes, begin: int, end: int) -> tuple[int, int]:
    """Return the value of `for` in a `Forwarded` entry (`proto=http; For="[2001:db8::1]"`), else the whole entry."""
    first = begin
    while first < end:
        while first < end and block[first] == 32:
            first += 1
        stop = find_byte(block, first, end, np.uint8(59))
        if (
            stop - first > 3
            and block[first] | 32 == 102
            and block[first + 1] | 32 == 111
            and block[first + 2] | 32 == 114
            and block[first + 3] == 61
        ):
            return first + 4, stop
        first = stop + 1
    return begin, end


@inner_kernel
def _trim(block: Bytes, begin: int, end: int) -> tuple[int, int]:
    """Strip spaces and quotes from both ends; a quote inside a quoted field is `\\"` or `\\x22`."""
    while begin < end:
        if block[begin] == 32 or block[begin] == 34:
            begin += 1
        elif end - begin > 1 and block[begin] == 92 and block[begin + 1] == 34:
            begin += 2
        elif end - begin > 3 and _is_escaped_quote(block, begin):
            begin += 4
        else:
            break
    while end > begin:
        if block[end - 1] == 34 and end - begin > 1 and block[end - 2] == 92:
            end -= 2
        elif block[end - 1] == 32 or block[end - 1] == 34:
            end -= 1
        elif end - begin > 3 and _is_escaped_quote(block, end - 4):
            end -= 4
        else:
            break
    return begin, end


@inner_kernel
def _is_escaped_quote(block: Bytes, index: int) -> bool:
    """Return whether nginx's `\\x22` is at `index`."""
    return block[index] == 92 and block[index + 1] == 120 and block[index + 2] == 50 and block[index + 3] == 50


@inner_kernel
def _find_host_end(block: Bytes, begin: int, end: int) -> int:
    """Return an entry's end without a port: `192.0.2.1:4711`, `[2001:db8::1]:443`, `host:80`, `192.0.2.1:_hidden`."""
    colon = end - 1
    digits = 0
    while colon > begin and block[colon] != 58:
        byte = block[colon]
        digits += 48 <= byte <= 57
        if not (48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte == 45 or byte == 46 or byte == 95):
            return end
        colon -= 1
    length = end - colon - 1
    is_port = 1 <= length <= 5 and digits == length
    is_hidden = length >= 2 and block[colon + 1] == 95
    if colon <= begin or not (is_port or is_hidden):
        return end
    # Without brackets, an entry with a second colon is an IPv6 address; but no group of one has five digits. Python's
    # servers write `2001:db8::1:54321`.
    is_alone = length == 5 or block[colon - 1] == 93 or find_byte(block, begin, colon, np.uint8(58)) == colon
    return colon if is_alone else end


@inner_kernel
def _read_host(block: Bytes, begin: int, end: int) -> tuple[int, np.uint64, np.uint64]:
    zero = np.uint64(0)
    length = end - begin
    if length <= 0 or (length == 1 and block[begin] == 45):
        return CLIENT_NONE, zero, zero
    in_brackets = block[begin] == 91 and block[end - 1] == 93
    if in_brackets:
        begin += 1
        end -= 1
    value = _read_ipv4(block, begin, end)
    if value >= 0:
        return CLIENT_ADDRESS, zero, np.uint64(value)
    if in_brackets:
        return _read_ipv6(block, begin, end)
    if is_socket(block, begin, end):
        return CLIENT_NAME, zero, zero
    letters = False
    for index in range(begin, end):
        byte = block[index]
        if byte == 58:
            return _read_ipv6(block, begin, end)
        if not (48 <= byte <= 57 or byte == 46):
            letters = True
            if not (65 <= byte <= 90 or 97 <= byte <= 122 or byte == 45 or byte == 95):
                return CLIENT_BAD, zero, zero
    return CLIENT_NAME if letters else CLIENT_BAD, zero, zero


@inner_kernel
def is_socket(block: Bytes, begin: int, end: int) -> bool:
    """Return whether a host is a socket, `unix:` or `unix:/run/…`."""
    return (
        end - begin >= 5
        and block[begin] == 117
        and block[begin + 1] == 110
        and block[begin + 2] == 105
        and block[begin + 3] == 120
        and block[begin + 4] == 58
    )


@inlined_kernel
def _read_ipv4(block: Bytes, begin: int, end: int) -> int:
    """Parse a dotted quad to 32 bits, -1 if it is invalid, without a branch per digit: these are hard to predict."""
    length = end - begin
    if length < 7 or length > 15:
        return -1
    dots = equal_bytes(block, begin, _DOT) & ((np.uint64(1) << np.uint64(length)) - np.uint64(1))
    later_dots = dots & (dots - np.uint64(1))
    last_dots = later_dots & (later_dots - np.uint64(1))
    if last_dots == 0 or last_dots & (last_dots - np.uint64(1)) != 0:
        return -1
    first = begin + np.int64(trailing_zeros(dots))
    second = begin + np.int64(trailing_zeros(later_dots))
    third = begin + np.int64(trailing_zeros(last_dots))
    value = (
        _read_octet(block, begin, first) << np.uint64(24)
        | _read_octet(block, first + 1, second) << np.uint64(16)
        | _read_octet(block, second + 1, third) << np.uint64(8)
        | _read_octet(block, third + 1, end)
    )
    return int(np.int64(value)) if value < _NO_OCTET else -1


@inlined_kernel
def _read_octet(block: Bytes, begin: int, end: int) -> np.uint64:
    """Parse a number of one to three digits up to 255; _NO_OCTET for anything else, as `010`, which may be octal."""
    length = end - begin
    # The first digit is the lowest byte. Shift in zeros as leading digits.
    digits = load8(block, begin) << (np.uint64(64 - 8 * length) & np.uint64(63)) >> np.uint64(40)
    digits = (digits | _THREE_ZEROS >> np.uint64(8 * length & 63)) ^ _THREE_ZEROS
    is_number = ((digits | (digits + np.uint64(0x060606))) & np.uint64(0xF0F0F0)) == 0
    value = (digits & np.uint64(15)) * np.uint64(100) + (digits >> np.uint64(8) & np.uint64(15)) * np.uint64(10)
    value += digits >> np.uint64(16)
    is_octet = is_number & (value <= 255) & (value >= _LEAST_OCTETS[length])
    return value if is_octet else _NO_OCTET


@kernel
def _read_ipv6(block: Bytes, begin: int, end: int) -> tuple[int, np.uint64, np.uint64]:
    """Parse an IPv6 address without brackets; drops a zone (`%eth0`), and unwraps an IPv4-mapped address."""
    zero = np.uint64(0)
    end = find_byte(block, begin, end, np.uint8(37))
    groups = np.zeros(8, dtype=np.uint64)
    count = 0
    gap = -1
    index = begin
    if index + 1 < end and block[index] == 58:
        if block[index + 1] != 58:
            return CLIENT_BAD, zero, zero
        gap = 0
        index += 2
    while index < end:
        if count == 8:
            return CLIENT_BAD, zero, zero
        group_end = find_byte(block, index, end, np.uint8(58))
        dot = find_byte(block, index, group_end, np.uint8(46))
        if dot < group_end:
            value = _read_ipv4(block, index, group_end)
            if value < 0 or group_end != end or count > 6:
                return CLIENT_BAD, zero, zero
            groups[count] = np.uint64(value >> 16)
            groups[count + 1] = np.uint64(value & 0xFFFF)
            count += 2
            index = end
            break
        if group_end == index or group_end - index > 4:
            return CLIENT_BAD, zero, zero
        group = 0
        for digit_index in range(index, group_end):
            byte = np.int64(block[digit_index])
            if 48 <= byte <= 57:
                digit = byte - 48
            elif 97 <= (byte | 32) <= 102:
                digit = (byte | 32) - 87
            else:
                return CLIENT_BAD, zero, zero
            group = group << 4 | int(digit)
        groups[count] = np.uint64(group)
        count += 1
        index = group_end
        if index < end:
            index += 1
            if index == end:
                return CLIENT_BAD, zero, zero
            if block[index] == 58:
                if gap >= 0:
                    return CLIENT_BAD, zero, zero
                gap = count
                index += 1
    if (gap < 0 and count != 8) or (gap >= 0 and count == 8):
        return CLIENT_BAD, zero, zero
    if gap >= 0:
        moved = 8 - count
        for group_index in range(count - 1, gap - 1, -1):
            groups[group_index + moved] = groups[group_index]
            groups[group_index] = zero
    high = groups[0] << np.uint64(48) | groups[1] << np.uint64(32) | groups[2] << np.uint64(16) | groups[3]
    low = groups[4] << np.uint64(48) | groups[5] << np.uint64(32) | groups[6] << np.uint64(16) | groups[7]
    if high == zero and (low >> np.uint64(32)) == np.uint64(0xFFFF):
        low &= np.uint64(0xFFFFFFFF)
    return CLIENT_ADDRESS, high, low


@inner_kernel
def is_private(high: np.uint64, low: np.uint64) -> bool:
    """Return whether an address is not public: RFC 1918, 6598, 3927, 4193, loopback, link-local."""
    if high == np.uint64(0) and low < np.uint64(1 << 32):
        address = np.int64(low)
        return (
            address >> 24 == 10
            or address >> 24 == 127
            or address >> 24 == 0
            or address >> 20 == 0xAC1
            or address >> 16 == 0xC0A8
            or address >> 16 == 0xA9FE
            or address >> 22 == 0x64400000 >> 22
            or address == 1  # ::1
        )
    return (high >> np.uint64(57)) == np.uint64(0x7E) or (high >> np.uint64(54)) == np.uint64(0x3FA)
