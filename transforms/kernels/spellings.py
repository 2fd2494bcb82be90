"""Finds identifiers of a run in texts, in their usual spellings, by digests alone.

The digest of a value (a cookie, a user's name) is that of its letters and digits in lower case, with percent-escapes
decoded and separators left out. Several spellings of an address are digested: numbers between dots, hexadecimal, one
number, and for IPv6 the groups without colons. A text is searched for all runs of up to MAX_WORDS words that have such
a digest.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Digests, Ints, Key, Offsets, Words
from footfall.transforms.kernels.byte_kernels import equal_bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.kernels.digests import digest_bytes

MIN_LETTERS: Final = 4
"""The number of letters and digits of the shortest value that is looked for: shorter ones do not identify anybody."""
MIN_DIGITS: Final = 6
"""The same for values of digits alone: shorter ones may be years or amounts."""
MAX_BYTES: Final = 128
"""The number of letters and digits of the longest value."""
MAX_WORDS: Final = 9
"""The number of words of the longest value: an IPv6 address has eight groups, a UUID five."""
FORMS: Final = 3
"""The number of spellings that are digested of each address."""

MIN_READABLE: Final = 7
"""The number of bytes of the shortest run of readable text that is searched in a file's bytes."""

_PIECE: Final = 512
_ALL_EQUAL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
"""What `equal_bytes` returns where all 64 bytes are equal."""
_PADDING: Final = 16
_MAX_TEXT_WORDS: Final = 256
_ZERO: Final = np.uint64(0)
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_SALT: Final = np.uint64(0xD1B54A32D192ED03)


@inlined_kernel
def _is_letter_or_digit(byte: int) -> bool:
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte >= 128


@inlined_kernel
def _hex_value(byte: int) -> int:
    if 48 <= byte <= 57:
        return byte - 48
    if 97 <= byte | 32 <= 102:
        return (byte | 32) - 87
    return -1


@inner_kernel
def _fold(block: Bytes, begin: int, end: int, folded: Bytes, length: int) -> int:
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
        if _is_letter_or_digit(byte):
            if length == MAX_BYTES:
                return MAX_BYTES + 1
            folded[length] = np.uint8(byte + 32 if 65 <= byte <= 90 else byte)
            length += 1
    return length


@inner_kernel
def _is_identifying(folded: Bytes, length: int) -> bool:
    """Whether there are enough letters and digits to identify somebody."""
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
    folded = np.zeros(MAX_BYTES + _PADDING, dtype=np.uint8)
    for row in range(len(begins)):
        if begins[row] >= 0:
            length = _fold(block, np.int64(begins[row]), np.int64(ends[row]), folded, 0)
            if _is_identifying(folded, length):
                digests[row] = digest_bytes(key, _ZERO, False, folded, 0, length)
    return digests


@kernel
def digest_header_cookies(key: Key, block: Bytes, begins: Offsets, ends: Offsets) -> Digests:
    """Return digests of values in Cookie headers that look like identifiers: of at least eight bytes, with a digit."""
    digests = np.zeros(64, dtype=np.uint64)
    folded = np.zeros(MAX_BYTES + _PADDING, dtype=np.uint8)
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
                length = _fold(block, value, stop, folded, 0)
                has_digit = False
                for place in range(min(length, MAX_BYTES)):
                    has_digit = has_digit or 48 <= folded[place] <= 57
                if has_digit and _is_identifying(folded, length):
                    if count == len(digests):
                        digests = np.concatenate((digests, np.zeros(len(digests), dtype=np.uint64)))
                    digests[count] = digest_bytes(key, _ZERO, False, folded, 0, length)
                    count += 1
            index = stop + 1
    return digests[:count]


@inner_kernel
def _write_number(value: np.uint64, folded: Bytes, length: int) -> int:
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
    folded = np.zeros(MAX_BYTES + _PADDING, dtype=np.uint8)
    for row in range(len(high)):
        is_ipv4 = high[row] == 0 and low[row] < np.uint64(1 << 32)
        for form in range(FORMS):
            if is_ipv4 and form == 0:
                length = 0
                for part in range(4):
                    if part > 0:
                        folded[length] = np.uint8(46)
                        length += 1
                    length = _write_number((low[row] >> np.uint64(24 - 8 * part)) & np.uint64(255), folded, length)
            elif is_ipv4 and form == 1:
                length = _write_hex(low[row], 8, folded, 0)
            elif is_ipv4:
                length = _write_number(low[row], folded, 0)
            elif form == 0:
                length = _write_hex(low[row], 16, folded, _write_hex(high[row], 16, folded, 0))
            else:
                length = _write_groups(high[row], low[row], folded, form == 1)
            if _is_identifying(folded, length):
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


@inlined_kernel
def _first_bit(digest: np.uint64, sieve: Bytes) -> np.uint64:
    return digest & np.uint64(8 * len(sieve) - 1)


@inlined_kernel
def _second_bit(digest: np.uint64, sieve: Bytes) -> np.uint64:
    return (digest >> np.uint64(24)) * _FACTOR >> np.uint64(8) & np.uint64(8 * len(sieve) - 1)


def make_sieve(count: int) -> Bytes:
    """Return a table of bits for `count` digests. Its size in bytes is a power of two, at least twice `count`."""
    return np.zeros(max(1 << 13, 1 << (2 * count - 1).bit_length()), dtype=np.uint8)


@kernel
def add_to_sieve(sieve: Bytes, digests: Digests) -> None:
    """Set the two bits of each digest; few other digests have both of their bits set."""
    for digest in digests:
        for bit in (_first_bit(digest, sieve), _second_bit(digest, sieve)):
            sieve[bit >> np.uint64(3)] |= np.uint8(1 << np.int64(bit & np.uint64(7)))


@inlined_kernel
def _has_bit(sieve: Bytes, bit: np.uint64) -> bool:
    return sieve[bit >> np.uint64(3)] >> np.uint8(bit & np.uint64(7)) & 1 == 1


@inlined_kernel
def _passes(digest: np.uint64, sieve: Bytes) -> bool:
    """Whether a digest may be one of those that were added to the sieve."""
    return _has_bit(sieve, _first_bit(digest, sieve)) and _has_bit(sieve, _second_bit(digest, sieve))


@inlined_kernel
def _is_continuation(byte: int) -> bool:
    return 128 <= byte < 192


@inner_kernel
def _readable_size(content: Bytes, index: int, size: int) -> int:
    """Return the size in bytes of the printable character at `index`, up to U+FFFF in UTF-8; 0 if there is none."""
    byte = np.int64(content[index])
    if 32 <= byte < 127:
        return 1
    if 194 <= byte < 224 and index + 1 < size and _is_continuation(np.int64(content[index + 1])):
        return 2
    if (
        224 <= byte < 240
        and index + 2 < size
        and _is_continuation(np.int64(content[index + 1]))
        and _is_continuation(np.int64(content[index + 2]))
    ):
        return 3
    return 0


@kernel
def cut_readable(content: Bytes, size: int) -> tuple[Bytes, Ints]:
    """Extract the readable text of the first `size` bytes: runs of at least MIN_READABLE bytes, in pieces that overlap.

    Returns the concatenated pieces and their ends, which `sift_spellings` takes.
    """
    pieces = np.empty(1 << 16, dtype=np.uint8)
    ends = np.empty(1 << 10, dtype=np.int64)
    used, count = 0, 0
    index = 0
    while index < size:
        begin = index
        step = _readable_size(content, index, size)
        while step > 0:
            index += step
            step = _readable_size(content, index, size) if index < size else 0
        if index - begin >= MIN_READABLE:
            first = begin
            while True:
                last = min(index, first + _PIECE)
                while used + last - first + _PADDING > len(pieces):
                    pieces = np.concatenate((pieces, np.empty(len(pieces), dtype=np.uint8)))
                if count == len(ends):
                    ends = np.concatenate((ends, np.empty(count, dtype=np.int64)))
                pieces[used : used + last - first] = content[first:last]
                used += last - first
                ends[count] = used
                count += 1
                if last == index:
                    break
                first = last - 2 * MAX_BYTES
        index = max(index, begin + 1)
        # Most of a small file is long runs of zeros.
        while index < size and equal_bytes(content, index, np.uint8(0)) == _ALL_EQUAL:
            index += 64
    pieces[used : used + _PADDING] = 0
    return pieces[: used + _PADDING], ends[:count]


@inner_kernel
def _read_part(block: Bytes, begin: int, end: int) -> int:
    """Return the number from 0 to 255 that a word is, else -1."""
    value = 0
    for index in range(begin, end):
        if not 48 <= block[index] <= 57 or end - begin > 3:
            return -1
        value = value * 10 + int(block[index]) - 48
    return value if value < 256 else -1


@kernel
def sift_spellings(key: Key, texts: Bytes, ends: Ints, sieve: Bytes, token_key: Key) -> tuple[Ints, Digests, Digests]:
    """Find the runs of words of texts whose digest under `key` passes the sieve, as all wanted ones do and few others.

    `texts` are concatenated and end at `ends`. Returns the number of the text, begin and end of each spelling found
    (offsets in its text), its digest, and its digest under `token_key`. A run of words may have several spellings,
    which follow each other.
    """
    found = np.empty((64, 3), dtype=np.int64)
    digests, tokens = np.empty(64, dtype=np.uint64), np.empty(64, dtype=np.uint64)
    count = 0
    words = np.empty((_MAX_TEXT_WORDS, 3), dtype=np.int64)
    folded, dotted = np.zeros(MAX_BYTES + _PADDING, dtype=np.uint8), np.zeros(MAX_BYTES + _PADDING, dtype=np.uint8)
    for text in range(len(ends)):
        text_begin = ends[text - 1] if text > 0 else 0
        word_count = _cut_words(texts, text_begin, ends[text], words)
        for first in range(word_count):
            length = 0
            for last in range(first, min(first + MAX_WORDS, word_count)):
                length = _fold(texts, words[last, 0], words[last, 1], folded, length)
                if length > MAX_BYTES:
                    break
                is_address = last == first + 3 and words[first : last + 1, 2].min() >= 0
                # Four numbers may be an address, in its order or reversed as in the domain name system.
                for turn in range(3 if is_address else 1):
                    spelled, size = folded, length
                    if turn > 0:
                        spelled, size = dotted, _write_dotted(words, first, last, turn == 2, dotted)
                    elif not _is_identifying(folded, length):
                        continue
                    digest = digest_bytes(key, _ZERO, False, spelled, 0, size)
                    if not _passes(digest, sieve):
                        continue
                    if count == len(tokens):
                        found = np.concatenate((found, np.empty((count, 3), dtype=np.int64)))
                        digests = np.concatenate((digests, np.empty(count, dtype=np.uint64)))
                        tokens = np.concatenate((tokens, np.empty(count, dtype=np.uint64)))
                    found[count, 0] = text
                    found[count, 1] = words[first, 0] - text_begin
                    found[count, 2] = words[last, 1] - text_begin
                    digests[count] = digest
                    tokens[count] = digest_bytes(token_key, _ZERO, False, spelled, 0, size)
                    count += 1
    return found[:count], digests[:count], tokens[:count]


@inner_kernel
def _cut_words(texts: Bytes, begin: int, end: int, words: Ints) -> int:
    """Write begin, end and number (`_read_part`) of each word to `words`, and return the number of words."""
    count = 0
    index = begin
    while index < end and count < len(words):
        if not _is_letter_or_digit(np.int64(texts[index])):
            index += 1
            continue
        words[count, 0] = index
        while index < end and _is_letter_or_digit(np.int64(texts[index])):
            index += 1
        words[count, 1] = index
        words[count, 2] = _read_part(texts, words[count, 0], index)
        count += 1
    return count


@inner_kernel
def _write_dotted(words: Ints, first: int, last: int, is_reversed: bool, dotted: Bytes) -> int:
    """Write the numbers of words, separated by dots, and return the length."""
    size = 0
    for place in range(last - first + 1):
        if place > 0:
            dotted[size] = np.uint8(46)
            size += 1
        size = _write_number(np.uint64(words[last - place if is_reversed else first + place, 2]), dotted, size)
    return size
