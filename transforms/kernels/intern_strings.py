"""Dictionary encoding: each distinct string of a run is looked at once, and known by a small number from then on.

A table lives as long as the worker that owns it and is emptied when it has grown past its limit, so that memory
stays bounded whatever the logs hold.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Offsets
from footfall.transforms.kernels.byte_kernels import PADDING, copy_bytes, hash_bytes, same_bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel

MAX_STRINGS: Final = 300_000
MAX_STRING_BYTES: Final = 48 * 2**20


class StringTable:
    """Distinct byte strings in the order of their first appearance; code 0 is the absent string.

    `intern` returns codes; `text_since` gives what has come since a code, so that a caller describes each
    string once.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all strings."""
        self.count = 1
        self._slots = np.full(4096, -1, dtype=np.int32)
        self._hashes = np.zeros(2048, dtype=np.uint64)
        self._ends = np.zeros(2048, dtype=np.int64)
        self._bytes = np.zeros(2**16, dtype=np.uint8)

    @property
    def is_full(self) -> bool:
        """Whether it is time to `clear`."""
        return self.count > MAX_STRINGS or int(self._ends[self.count - 1]) > MAX_STRING_BYTES

    def intern(self, block: Bytes, begins: Offsets, ends: Offsets) -> Codes:
        """The code of each piece block[begins[i]:ends[i]], 0 where begins[i] is negative."""
        codes = np.zeros(len(begins), dtype=np.int32)
        row = 0
        while True:
            row, self.count = _intern(
                block, begins, ends, codes, row, self._slots, self._hashes, self._ends, self._bytes, self.count
            )
            if row == len(begins):
                return codes
            self._grow(int(ends[row]) - int(begins[row]))

    def _grow(self, wanted: int) -> None:
        if self.count + 1 >= len(self._hashes):
            self._hashes = np.concatenate([self._hashes, np.zeros_like(self._hashes)])
            self._ends = np.concatenate([self._ends, np.zeros_like(self._ends)])
            self._slots = np.full(2 * len(self._slots), -1, dtype=np.int32)
            _reindex(self._slots, self._hashes, self.count)
        used = int(self._ends[self.count - 1])
        if used + wanted + 2 * PADDING > len(self._bytes):
            grown = np.zeros(max(2 * len(self._bytes), used + wanted + 2 * PADDING), dtype=np.uint8)
            grown[:used] = self._bytes[:used]
            self._bytes = grown

    def bytes_since(self, first: int) -> pa.BinaryArray:
        """The strings with the codes `first` … count−1."""
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
    hashes: NDArray[np.uint64],
    string_ends: NDArray[np.int64],
    content: Bytes,
    count: int,
) -> tuple[int, int]:
    """Encode from `row` on until all is done or a table must grow; returns the next row and the count."""
    mask = np.uint64(len(slots) - 1)
    while row < len(begins):
        begin = np.int64(begins[row])
        if begin < 0:
            row += 1
            continue
        end = np.int64(ends[row])
        length = end - begin
        word = hash_bytes(block, begin, end)
        place = word & mask
        while True:
            code = slots[place]
            if code < 0:
                used = string_ends[count - 1]
                if count + 1 >= len(hashes) or used + length + 2 * PADDING > len(content):
                    return row, count
                copy_bytes(content, used, block, begin, length)
                string_ends[count] = used + length
                hashes[count] = word
                slots[place] = count
                code = np.int32(count)
                count += 1
                break
            if (
                hashes[code] == word
                and string_ends[code] - string_ends[code - 1] == length
                and same_bytes(content, string_ends[code - 1], block, begin, length)
            ):
                break
            place = (place + np.uint64(1)) & mask
        codes[row] = code
        row += 1
    return row, count


@inner_kernel
def _reindex(slots: Codes, hashes: NDArray[np.uint64], count: int) -> None:
    mask = np.uint64(len(slots) - 1)
    for code in range(1, count):
        place = hashes[code] & mask
        while slots[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = code


class KeyTable:
    """Distinct 64-bit keys in the order of their first appearance: the groups of a group-by."""

    def __init__(self) -> None:
        self.count = 0
        self._slots = np.full(1024, -1, dtype=np.int32)
        self._keys = np.zeros(512, dtype=np.uint64)

    @property
    def keys(self) -> NDArray[np.uint64]:
        """The distinct keys, by code."""
        return self._keys[: self.count]

    def intern(self, keys: NDArray[np.uint64]) -> Codes:
        """The code of each key."""
        codes = np.zeros(len(keys), dtype=np.int32)
        row = 0
        while True:
            row, self.count = _intern_keys(keys, codes, row, self._slots, self._keys, self.count)
            if row == len(keys):
                return codes
            self._keys = np.concatenate([self._keys, np.zeros_like(self._keys)])
            self._slots = np.full(2 * len(self._slots), -1, dtype=np.int32)
            _reindex_keys(self._slots, self._keys, self.count)


@inlined_kernel
def _spread(key: np.uint64) -> np.uint64:
    key = (key ^ (key >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
    return key ^ (key >> np.uint64(32))


@inner_kernel
def _intern_keys(
    keys: NDArray[np.uint64],
    codes: Codes,
    row: int,
    slots: Codes,
    known: NDArray[np.uint64],
    count: int,
) -> tuple[int, int]:
    mask = np.uint64(len(slots) - 1)
    while row < len(keys):
        key = keys[row]
        place = _spread(key) & mask
        while slots[place] >= 0 and known[slots[place]] != key:
            place = (place + np.uint64(1)) & mask
        if slots[place] < 0:
            if count == len(known):
                return row, count
            known[count] = key
            slots[place] = count
            count += 1
        codes[row] = slots[place]
        row += 1
    return row, count


@inner_kernel
def _reindex_keys(slots: Codes, known: NDArray[np.uint64], count: int) -> None:
    mask = np.uint64(len(slots) - 1)
    for code in range(count):
        place = _spread(known[code]) & mask
        while slots[place] >= 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = code
