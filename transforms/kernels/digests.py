"""Keyed digests: SipHash-2-4 (Aumasson and Bernstein, 2012), compiled.

Under the run's random key, a digest identifies an address or a cookie and can't be traced back to it once the key is
deleted. Under the fixed key of zeros, it identifies a public text (page, source) in eight bytes. With 64 bits, the
probability that any two of ten million visitors share a digest is 3 in a million.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Digests, Ints, Key
from footfall.transforms.kernels.byte_kernels import load8
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel

FIXED_KEY: Final[Key] = np.zeros(2, dtype=np.uint64)
_CONSTANT: Final = np.uint64(0x666F6F7466616C6C)


def as_key(key: bytes) -> Key:
    """Convert a sixteen-byte key to its two words."""
    return np.frombuffer(key, dtype="<u8").astype(np.uint64)


def fingerprint(key: Key) -> int:
    """Identify a key without revealing it: return its digest of a constant."""
    return int(digest_words(key, _CONSTANT, _CONSTANT, _CONSTANT, _CONSTANT))


@inlined_kernel
def _rotate(word: np.uint64, by: int) -> np.uint64:
    return (word << np.uint64(by)) | (word >> np.uint64(64 - by))


@inlined_kernel
def _round(
    v0: np.uint64, v1: np.uint64, v2: np.uint64, v3: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    v0 += v1
    v1 = _rotate(v1, 13) ^ v0
    v0 = _rotate(v0, 32)
    v2 += v3
    v3 = _rotate(v3, 16) ^ v2
    v0 += v3
    v3 = _rotate(v3, 21) ^ v0
    v2 += v1
    v1 = _rotate(v1, 17) ^ v2
    v2 = _rotate(v2, 32)
    return v0, v1, v2, v3


@inlined_kernel
def _begin(key: Key) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    return (
        key[0] ^ np.uint64(0x736F6D6570736575),
        key[1] ^ np.uint64(0x646F72616E646F6D),
        key[0] ^ np.uint64(0x6C7967656E657261),
        key[1] ^ np.uint64(0x7465646279746573),
    )


@inlined_kernel
def _absorb(
    v0: np.uint64, v1: np.uint64, v2: np.uint64, v3: np.uint64, word: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    v3 ^= word
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    v0 ^= word
    return v0, v1, v2, v3


@inlined_kernel
def _finish(v0: np.uint64, v1: np.uint64, v2: np.uint64, v3: np.uint64, last_word: np.uint64) -> np.uint64:
    """Absorb the last word, whose upper byte is the length of the content, and return the digest."""
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, last_word)
    v2 ^= np.uint64(0xFF)
    for _ in range(4):
        v0, v1, v2, v3 = _round(v0, v1, v2, v3)
    return v0 ^ v1 ^ v2 ^ v3


@inner_kernel
def digest_bytes(key: Key, prefix: np.uint64, has_prefix: bool, block: Bytes, begin: int, end: int) -> np.uint64:
    """Return SipHash-2-4 of block[begin:end], preceded by the eight bytes of `prefix` if `has_prefix`."""
    v0, v1, v2, v3 = _begin(key)
    length = end - begin
    if has_prefix:
        length += 8
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, prefix)
    index = begin
    while index + 8 <= end:
        v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, load8(block, index))
        index += 8
    word = np.uint64(length & 255) << np.uint64(56)
    rest = end - index
    if rest > 0:
        word |= load8(block, index) & (np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(64 - 8 * rest))
    return _finish(v0, v1, v2, v3, word)


@inlined_kernel
def digest_pair_and_four(
    key: Key, first: np.uint64, second: np.uint64, third: np.uint64, fourth: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Return SipHash-2-4 of the first two words, and of all four: both begin with the same rounds."""
    v0, v1, v2, v3 = _begin(key)
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, first)
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, second)
    pair = _finish(v0, v1, v2, v3, np.uint64(16 << 56))
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, third)
    v0, v1, v2, v3 = _absorb(v0, v1, v2, v3, fourth)
    return pair, _finish(v0, v1, v2, v3, np.uint64(32 << 56))


@inner_kernel
def digest_words(key: Key, first: np.uint64, second: np.uint64, third: np.uint64, fourth: np.uint64) -> np.uint64:
    """Return SipHash-2-4 of four words."""
    return digest_pair_and_four(key, first, second, third, fourth)[1]


@kernel
def digest_spans(key: Key, block: Bytes, begins: Ints, ends: Ints) -> Digests:
    """Return the digest of each slice block[begins[i]:ends[i]]."""
    digests = np.empty(len(begins), dtype=np.uint64)
    for row in range(len(begins)):
        digests[row] = digest_bytes(key, np.uint64(0), False, block, begins[row], ends[row])
    return digests
