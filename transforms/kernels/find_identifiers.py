"""Finds identifiers of a run in texts, by the digests of `digest_identifiers`.

A text is searched for all runs of up to MAX_WORDS words that have such a digest. A sieve, a table of two bits for each
digest, excludes most other runs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Digests, Ints, Key
from footfall.transforms.kernels.byte_kernels import equal_bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.kernels.digest_identifiers import (
    FOLDED_PADDING,
    MAX_BYTES,
    fold_value,
    is_identifying,
    is_letter_or_digit,
    write_number,
)
from footfall.transforms.kernels.digests import digest_bytes

MAX_WORDS: Final = 9
"""The number of words of the longest value: an IPv6 address has eight groups, a UUID five."""
MIN_READABLE: Final = 7
"""The number of bytes of the shortest run of readable text that is searched in a file's bytes."""

_PIECE: Final = 512
_ALL_EQUAL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
"""What `equal_bytes` returns where all 64 bytes are equal."""
_MAX_TEXT_WORDS: Final = 256
_ZERO: Final = np.uint64(0)
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)


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
                while used + last - first + FOLDED_PADDING > len(pieces):
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
    pieces[used : used + FOLDED_PADDING] = 0
    return pieces[: used + FOLDED_PADDING], ends[:count]


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
    folded, dotted = (
        np.zeros(MAX_BYTES + FOLDED_PADDING, dtype=np.uint8),
        np.zeros(MAX_BYTES + FOLDED_PADDING, dtype=np.uint8),
    )
    for text in range(len(ends)):
        text_begin = ends[text - 1] if text > 0 else 0
        word_count = _cut_words(texts, text_begin, ends[text], words)
        for first in range(word_count):
            length = 0
            for last in range(first, min(first + MAX_WORDS, word_count)):
                length = fold_value(texts, words[last, 0], words[last, 1], folded, length)
                if length > MAX_BYTES:
                    break
                is_address = last == first + 3 and words[first : last + 1, 2].min() >= 0
                # Four numbers may be an address, in its order or reversed as in the domain name system.
                for turn in range(3 if is_address else 1):
                    spelled, size = folded, length
                    if turn > 0:
                        spelled, size = dotted, _write_dotted(words, first, last, turn == 2, dotted)
                    elif not is_identifying(folded, length):
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
        if not is_letter_or_digit(np.int64(texts[index])):
            index += 1
            continue
        words[count, 0] = index
        while index < end and is_letter_or_digit(np.int64(texts[index])):
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
        size = write_number(np.uint64(words[last - place if is_reversed else first + place, 2]), dotted, size)
    return size
