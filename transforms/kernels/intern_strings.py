"""Dictionary encoding: each distinct string or key gets a small integer, its code.

A table lives as long as its worker. The worker clears it when it exceeds its limit, which bounds memory for any log.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Ints, Offsets, Words
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, hash_bytes, same_bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel

_FACTORS: Final = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93], dtype=np.uint64)
"""Odd multipliers that mix the bits of hashes."""
MAX_STRINGS: Final = 300_000
MAX_STRING_BYTES: Final = 8 * 2**20
"""Limit of one table: on most days, all distinct agents, paths, urls and referrers of a site have fewer bytes."""


class StringTable:
    """Distinct byte strings in the order of their first appearance; code 0 is the absent string.

    `intern` returns codes. `bytes_since` returns the strings added since a code, so that a caller processes each
    string once.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Remove all strings."""
        self.count = 1
        self._slots = np.full(4096, -1, dtype=np.int32)
        self._hashes = np.zeros(2048, dtype=np.uint64)
        self._ends = np.zeros(2048, dtype=np.int64)
        self._bytes = np.zeros(2**16, dtype=np.uint8)

    @property
    def is_full(self) -> bool:
        """Whether the table exceeds its limit and should be cleared."""
        return self.count > MAX_STRINGS or self.bytes_from(1) > MAX_STRING_BYTES

    def bytes_from(self, first: int) -> int:
        """Return the length of the strings with the codes `first` to count - 1."""
        return int(self._ends[self.count - 1] - self._ends[first - 1])

    def intern(self, block: Bytes, begins: Offsets, ends: Offsets) -> Codes:
        """Return the code of each slice block[begins[i]:ends[i]], 0 where begins[i] is negative."""
        codes = np.zeros(len(begins), dtype=np.int32)
        row = 0
        while True:
            row, self.count = _intern(
                block, begins, ends, codes, row, self._slots, self._hashes, self._ends, self._bytes, self.count
            )
            if row == len(begins):
                return codes
            self._grow(int(ends[row]) - int(begins[row]))

    def _grow(self, length: int) -> None:
        """Make room for one more string of `length` bytes."""
        if self.count + 1 >= len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
            self._ends = np.concatenate([self._ends, np.zeros_like(self._ends)])
            self._slots = np.full(2 * len(self._slots), -1, dtype=np.int32)
            _rebuild_slots(self._slots, self._hashes, self.count)
        used = int(self._ends[self.count - 1])
        if used + length + 2 * PADDING > len(self._bytes):
            grown = np.zeros(max(2 * len(self._bytes), used + length + 2 * PADDING), dtype=np.uint8)
            grown[:used] = self._bytes[:used]
            self._bytes = grown

    def bytes_of(self, code: int) -> bytes:
        """Return one string, empty for the absent one."""
        return self._bytes[self._ends[code - 1] : self._ends[code]].tobytes() if code else b""

    def bytes_since(self, first: int) -> pa.BinaryArray:
        """Return the strings with the codes `first` to count - 1."""
        offsets = self._ends[first - 1 : self.count]
        content = self._bytes[offsets[0] : offsets[-1]].tobytes()
        return pa.Array.from_buffers(
            pa.large_binary(), len(offsets) - 1, [None, pa.py_buffer(offsets - offsets[0]), pa.py_buffer(content)]
        )


@inner_kernel
def _intern(
    block: Bytes,
    begins: Offsets,
    ends: Offsets,
    codes: Codes,
    row: int,
    slots: Codes,
    hashes: Words,
    string_ends: Ints,
    content: Bytes,
    count: int,
) -> tuple[int, int]:
    """Encode rows from `row` on until the last one, or until a table must grow. Returns the next row and the count."""
    mask = np.uint64(len(slots) - 1)
    while row < len(begins):
        begin = np.int64(begins[row])
        if begin < 0:
            row += 1
            continue
        end = np.int64(ends[row])
        length = end - begin
        string_hash = hash_bytes(block, begin, end)
        slot = string_hash & mask
        while True:
            code = slots[slot]
            if code < 0:
                used = string_ends[count - 1]
                if count + 1 >= len(hashes) or used + length + 2 * PADDING > len(content):
                    return row, count
                copy_bytes(content, used, block, begin, length)
                string_ends[count] = used + length
                hashes[count] = string_hash
                slots[slot] = count
                code = np.int32(count)
                count += 1
                break
            if (
                hashes[code] == string_hash
                and string_ends[code] - string_ends[code - 1] == length
                and same_bytes(content, string_ends[code - 1], block, begin, length)
            ):
                break
            slot = (slot + np.uint64(1)) & mask
        codes[row] = code
        row += 1
    return row, count


@inner_kernel
def _rebuild_slots(slots: Codes, hashes: Words, count: int) -> None:
    mask = np.uint64(len(slots) - 1)
    for code in range(1, count):
        slot = hashes[code] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code


class KeyTable:
    """Distinct 64-bit keys in the order of their first appearance; codes start at 0."""

    def __init__(self) -> None:
        self.count = 0
        self._slots = np.full(1024, -1, dtype=np.int32)
        self._keys = np.zeros(512, dtype=np.uint64)

    @property
    def keys(self) -> Words:
        """The distinct keys, by code."""
        return self._keys[: self.count]

    def intern(self, keys: Words) -> Codes:
        """Return the code of each key."""
        codes = np.zeros(len(keys), dtype=np.int32)
        row = 0
        while True:
            row, self.count = _intern_keys(keys, codes, row, self._slots, self._keys, self.count)
            if row == len(keys):
                return codes
            # Assume that the share of new keys stays as it was. If it does not, the table is at most eight times too
            # large, and not larger than if all keys were new.
            room = (self.count + len(keys) - row) / len(self._keys)
            factor = next(factor for factor in (2, 4, 8) if factor >= min(8, room) or row * factor >= len(keys))
            self._keys = np.concatenate([self._keys, np.zeros((factor - 1) * len(self._keys), dtype=np.uint64)])
            self._slots = np.full(factor * len(self._slots), -1, dtype=np.int32)
            _rebuild_key_slots(self._slots, self._keys, self.count)

    def find(self, keys: Words) -> Codes:
        """Return the code of each key, -1 where it is not in the table; several threads may look up at once."""
        codes = np.empty(len(keys), dtype=np.int32)
        _find_keys(keys, codes, self._slots, self._keys)
        return codes


def mix_keys(*keys: NDArray[Any]) -> Words:
    """Return one word for several keys, at least one of which is a digest; different keys rarely have equal words.

    The sum is random because a digest is; the factors separate small keys.
    """
    mixed: Words = np.zeros(len(keys[0]), dtype=np.uint64)
    for factor, key in zip(_FACTORS, keys, strict=False):
        mixed += key.astype(np.uint64) * factor
    return mixed


@kernel
def first_rows(codes: Codes) -> Ints:
    """Return the row in which each code of `KeyTable.intern` first appears, in the order of the codes."""
    rows = np.empty(len(codes), dtype=np.int64)
    count = 0
    for row in range(len(codes)):
        rows[count] = row
        count += codes[row] == count
    return rows[:count].copy()


@kernel
def pack_pairs(first: Codes, second: NDArray[Any], rows: Ints) -> Words:
    """Return a key for the pair of values of two columns in each of `rows`; values have at most 32 bits."""
    keys = np.empty(len(rows), dtype=np.uint64)
    for place in range(len(rows)):
        keys[place] = np.uint64(first[rows[place]]) << np.uint64(32) | np.uint64(second[rows[place]])
    return keys


@inlined_kernel
def _hash_key(key: np.uint64) -> np.uint64:
    key = (key ^ (key >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return key ^ (key >> np.uint64(32))


@inner_kernel
def _intern_keys(
    keys: Words,
    codes: Codes,
    row: int,
    slots: Codes,
    table_keys: Words,
    count: int,
) -> tuple[int, int]:
    mask = np.uint64(len(slots) - 1)
    while row < len(keys):
        key = keys[row]
        # Neighbouring rows often have the same key.
        if row > 0 and key == keys[row - 1]:
            codes[row] = codes[row - 1]
            row += 1
            continue
        slot = _hash_key(key) & mask
        while slots[slot] >= 0 and table_keys[slots[slot]] != key:
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            if count == len(table_keys):
                return row, count
            table_keys[count] = key
            slots[slot] = count
            count += 1
        codes[row] = slots[slot]
        row += 1
    return row, count


@inner_kernel
def _find_keys(keys: Words, codes: Codes, slots: Codes, table_keys: Words) -> None:
    mask = np.uint64(len(slots) - 1)
    for row in range(len(keys)):
        key = keys[row]
        if row > 0 and key == keys[row - 1]:
            codes[row] = codes[row - 1]
            continue
        slot = _hash_key(key) & mask
        while slots[slot] >= 0 and table_keys[slots[slot]] != key:
            slot = (slot + np.uint64(1)) & mask
        codes[row] = slots[slot]


@inner_kernel
def _rebuild_key_slots(slots: Codes, table_keys: Words, count: int) -> None:
    mask = np.uint64(len(slots) - 1)
    for code in range(count):
        slot = _hash_key(table_keys[code]) & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code
