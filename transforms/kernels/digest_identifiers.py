"""Digests identifiers of visitors in their usual spellings; `find_identifiers` finds texts that have such digests.

The digest of a value (a cookie, a user's name) is that of its letters and digits in lower case, with percent-escapes
decoded and separators left out. Several spellings of an address are digested: numbers between dots, hexadecimal, one
number, and for IPv6 the groups without colons.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Digests, Ints, Key, Offsets, Words
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.kernels.digests import digest_bytes

MIN_LETTERS: Final = 4
"""The number of letters and digits of the shortest value that is looked for: shorter ones do not identify anybody."""
MIN_DIGITS: Final = 6
"""The same for values of digits alone: shorter ones may be years or amounts."""
MAX_BYTES: Final = 128
"""The number of letters and digits of the longest value."""
FORMS: Final = 3
"""The number of spellings that are digested of each address."""

FOLDED_PADDING: Final = 16
"""The number of spare bytes after folded values, which digests read in words."""
_ZERO: Final = np.uint64(0)
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_SALT: Final = np.uint64(0xD1B54A32D192ED03)


@inlined_kernel
def is_letter_or_digit(byte: int) -> bool:
    """Return whether a byte is an ASCII letter or digit, or part of a character beyond ASCII."""
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte >= 128


@inlined_kernel
def _hex_value(byte: int) -> int:
    if 48 <= byte <= 57:
        return byte - 48
    if 97 <= byte | 32 <= 102:
        return (byte | 32) - 87
    return -1


@inner_kernel
def fold_value(block: Bytes, begin: int, end: int, folded: Bytes, length: int) -> int:
    """Append the letters and digits of block[begin:end] to `folded`, of which `length` bytes are used.

    Returns the new number of used bytes, or MAX_BYTES + 1 if there is no room.
    """
    index = begin
    while index < end:
        byte = np.int64(block[index])
        if byte == 37 and index + 2 < end:
            high, low = _hex_value(np.int64(block[index + 1])), _hex_value(np.int64(block[index + 2]))
            if high >= 0 and low >= 0:
                byte = high * 16 + low
                index += 2
        index += 1
        if is_letter_or_digit(byte):
            if length == MAX_BYTES:
                return MAX_BYTES + 1
            folded[length] = np.uint8(byte + 32 if 65 <= byte <= 90 else byte)
            length += 1
    return length


@inner_kernel
def is_identifying(folded: Bytes, length: int) -> bool:
    """Return whether there are enough letters and digits to identify somebody."""
    if length < MIN_LETTERS or length > MAX_BYTES:
        return False
    for index in range(length):
        if not 48 <= folded[index] <= 57:
            return True
    return length >= MIN_DIGITS


@kernel
def digest_values(key: Key, block: Bytes, begins: Offsets, ends: Offsets) -> Digests:
    """Return the digest of each value block[begins[i]:ends[i]], 0 where there is none or it identifies nobody."""
    digests = np.zeros(len(begins), dtype=np.uint64)
    folded = np.zeros(MAX_BYTES + FOLDED_PADDING, dtype=np.uint8)
    for row in range(len(begins)):
        if begins[row] >= 0:
            length = fold_value(block, np.int64(begins[row]), np.int64(ends[row]), folded, 0)
            if is_identifying(folded, length):
                digests[row] = digest_bytes(key, _ZERO, False, folded, 0, length)
    return digests


@kernel
def digest_header_cookies(key: Key, block: Bytes, begins: Offsets, ends: Offsets) -> Digests:
    """Return digests of values in Cookie headers that look like identifiers: of at least eight bytes, with a digit."""
    digests = np.zeros(64, dtype=np.uint64)
    folded = np.zeros(MAX_BYTES + FOLDED_PADDING, dtype=np.uint8)
    count = 0
    for row in range(len(begins)):
        index, end = np.int64(begins[row]), np.int64(ends[row])
        while 0 <= index < end:
            stop = index
            value = np.int64(-1)
            while stop < end and block[stop] != 59:
                if block[stop] == 61 and value < 0:
                    value = stop + 1
                stop += 1
            if value >= 0 and stop - value >= 8:
                length = fold_value(block, value, stop, folded, 0)
                has_digit = False
                for place in range(min(length, MAX_BYTES)):
                    has_digit = has_digit or 48 <= folded[place] <= 57
                if has_digit and is_identifying(folded, length):
                    if count == len(digests):
                        digests = np.concatenate((digests, np.zeros(len(digests), dtype=np.uint64)))
                    digests[count] = digest_bytes(key, _ZERO, False, folded, 0, length)
                    count += 1
            index = stop + 1
    return digests[:count]


@inner_kernel
def write_number(value: np.uint64, folded: Bytes, length: int) -> int:
    """Append a decimal number and return the length."""
    size = 1
    rest = value // np.uint64(10)
    while rest > 0:
        size += 1
        rest //= np.uint64(10)
    for place in range(size):
        folded[length + size - 1 - place] = np.uint8(48 + np.int64(value % np.uint64(10)))
        value //= np.uint64(10)
    return length + size


@inner_kernel
def _write_hex(value: np.uint64, digits: int, folded: Bytes, length: int) -> int:
    """Append a hexadecimal number of `digits` digits, or of as many as it needs if that is 0; return the length."""
    size = digits
    if digits == 0:
        size = 1
        while size < 16 and value >> np.uint64(4 * size) > 0:
            size += 1
    for place in range(size):
        nibble = np.int64(value >> np.uint64(4 * (size - 1 - place))) & 15
        folded[length + place] = np.uint8(48 + nibble if nibble < 10 else 87 + nibble)
    return length + size


@inner_kernel
def _write_groups(high: np.uint64, low: np.uint64, folded: Bytes, compresses: bool) -> int:
    """Write the eight groups of an IPv6 address, without the longest run of zeros if it `compresses`."""
    best, best_size, run = 8, 1, 0
    for group in range(8):
        word = high if group < 4 else low
        is_zero = (word >> np.uint64(48 - 16 * (group % 4))) & np.uint64(0xFFFF) == 0
        run = run + 1 if is_zero else 0
        if run > best_size:
            best, best_size = group - run + 1, run
    length = 0
    for group in range(8):
        if compresses and best <= group < best + best_size:
            continue
        word = high if group < 4 else low
        length = _write_hex((word >> np.uint64(48 - 16 * (group % 4))) & np.uint64(0xFFFF), 0, folded, length)
    return length


@kernel
def digest_addresses(key: Key, high: Words, low: Words) -> Digests:
    """Return FORMS digests for each address, of its usual spellings; 0 for a spelling that identifies nobody."""
    digests = np.zeros(FORMS * len(high), dtype=np.uint64)
    folded = np.zeros(MAX_BYTES + FOLDED_PADDING, dtype=np.uint8)
    for row in range(len(high)):
        is_ipv4 = high[row] == 0 and low[row] < np.uint64(1 << 32)
        for form in range(FORMS):
            if is_ipv4 and form == 0:
                length = 0
                for part in range(4):
                    if part > 0:
                        folded[length] = np.uint8(46)
                        length += 1
                    length = write_number((low[row] >> np.uint64(24 - 8 * part)) & np.uint64(255), folded, length)
            elif is_ipv4 and form == 1:
                length = _write_hex(low[row], 8, folded, 0)
            elif is_ipv4:
                length = write_number(low[row], folded, 0)
            elif form == 0:
                length = _write_hex(low[row], 16, folded, _write_hex(high[row], 16, folded, 0))
            else:
                length = _write_groups(high[row], low[row], folded, form == 1)
            if is_identifying(folded, length):
                digests[FORMS * row + form] = digest_bytes(key, _ZERO, False, folded, 0, length)
    return digests


@inlined_kernel
def _is_new(key: np.uint64, cache: Words) -> bool:
    """Return whether a key is not in the cache, and add it; 0 is no key. The cache may forget keys again."""
    place = (key ^ key >> np.uint64(32)) & np.uint64(len(cache) - 1)
    if key == 0 or cache[place] == key:
        return False
    cache[place] = key
    return True


@kernel
def note_new(keys: Words, rows: Ints, cache: Words) -> Ints:
    """Return the rows whose key is not in the cache, and add the key; 0 is no key."""
    new = np.empty(len(rows), dtype=np.int64)
    count = 0
    for row in rows:
        if _is_new(keys[row], cache):
            new[count] = row
            count += 1
    return new[:count]


@kernel
def note_new_addresses(high: Words, low: Words, rows: Ints, cache: Words) -> Ints:
    """Return the rows whose address is not in the cache, and add the address."""
    new = np.empty(len(rows), dtype=np.int64)
    count = 0
    for row in rows:
        # Addresses with equal keys are taken for one, which is as unlikely as equal digests.
        key = (high[row] * _FACTOR) ^ ((low[row] + _SALT) * _FACTOR >> np.uint64(1)) ^ low[row]
        if _is_new(max(key, np.uint64(1)), cache):
            new[count] = row
            count += 1
    return new[:count]
