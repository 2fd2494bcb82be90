"""Eight or sixteen bytes at a time: what the compiled kernels share to search, compare, hash and digest raw bytes.

Blocks of log are `uint8` arrays with at least `PADDING` spare bytes behind the last one that counts, so
that a load of sixteen bytes never leaves the array.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from footfall.transforms.arrays import Bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel

PADDING: Final = 16
_VECTOR: Final = 16
"""Bytes that every processor compares in one step (SSE2, NEON)."""
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_ZEROS: Final = np.uint64(0x3030303030303030)
"""Eight digits 0, and what every digit has in its upper half."""
_HIGH_HALVES: Final = np.uint64(0xF0F0F0F0F0F0F0F0)


@intrinsic  # type: ignore[untyped-decorator]
def load8(typing_context: Any, block: Any, index: Any) -> Any:
    """Eight bytes of a `uint8` array from `index` on, as a little-endian word; the array is not bounds-checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type, _ = signature.args
        array = context.make_array(array_type)(context, builder, arguments[0])
        address = cgutils.gep_inbounds(builder, array.data, arguments[1])
        word = builder.load(builder.bitcast(address, ir.IntType(64).as_pointer()))
        word.align = 1
        return word

    return types.uint64(block, types.int64), generate


@intrinsic  # type: ignore[untyped-decorator]
def trailing_zeros(typing_context: Any, word: Any) -> Any:
    """Number of zero bits below the lowest set bit of a 64-bit word."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def equal_bytes(typing_context: Any, block: Any, index: Any, byte: Any) -> Any:
    """Which of sixteen bytes of a `uint8` array from `index` on are `byte`, one bit each; not bounds-checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type = signature.args[0]
        array = context.make_array(array_type)(context, builder, arguments[0])
        address = cgutils.gep_inbounds(builder, array.data, arguments[1])
        vector_type = ir.VectorType(ir.IntType(8), _VECTOR)
        vector = builder.load(builder.bitcast(address, vector_type.as_pointer()))
        vector.align = 1
        undefined = ir.Constant(vector_type, ir.Undefined)
        first = builder.insert_element(undefined, arguments[2], ir.Constant(ir.IntType(32), 0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), _VECTOR), [0] * _VECTOR)
        same = builder.icmp_unsigned("==", vector, builder.shuffle_vector(first, undefined, everywhere))
        return builder.zext(builder.bitcast(same, ir.IntType(_VECTOR)), ir.IntType(64))

    return types.uint64(block, types.int64, types.uint8), generate


@intrinsic  # type: ignore[untyped-decorator]
def copy_bytes(typing_context: Any, out: Any, used: Any, block: Any, index: Any, length: Any) -> Any:
    """Copy `length` bytes from block[index:] to out[used:], arrays that don't overlap; not bounds-checked."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        out_array = context.make_array(signature.args[0])(context, builder, arguments[0])
        array = context.make_array(signature.args[2])(context, builder, arguments[2])
        target = cgutils.gep_inbounds(builder, out_array.data, arguments[1])
        source = cgutils.gep_inbounds(builder, array.data, arguments[3])
        cgutils.raw_memcpy(builder, target, source, arguments[4], 1)
        return context.get_dummy_value()

    return types.none(out, types.int64, block, types.int64, types.int64), generate


@inner_kernel
def find_byte(block: Bytes, begin: int, end: int, byte: np.uint8) -> int:
    """Index of the first `byte` in block[begin:end], or `end`."""
    index = begin
    while index < end:
        found = equal_bytes(block, index, byte)
        if found:
            return min(end, index + int(np.int64(trailing_zeros(found))))
        index += _VECTOR
    return end


@inner_kernel
def find_quote(block: Bytes, begin: int, end: int, quote: np.uint8) -> int:
    """Index of the first `quote` in block[begin:end] that no backslash escapes, or `end`."""
    index = begin
    while index < end:
        found = equal_bytes(block, index, quote) | equal_bytes(block, index, np.uint8(92))
        if not found:
            index += _VECTOR
            continue
        index += int(np.int64(trailing_zeros(found)))
        if index >= end:
            return end
        if block[index] == quote:
            return index
        index += 2
    return end


@inner_kernel
def same_bytes(left: Bytes, left_begin: int, right: Bytes, right_begin: int, length: int) -> bool:
    """Whether two pieces of padded arrays are equal."""
    offset = 0
    while offset + 8 <= length:
        if load8(left, left_begin + offset) != load8(right, right_begin + offset):
            return False
        offset += 8
    rest = length - offset
    if rest == 0:
        return True
    difference = load8(left, left_begin + offset) ^ load8(right, right_begin + offset)
    return (difference << np.uint64(64 - 8 * rest)) == np.uint64(0)


@inlined_kernel
def _mix(word: np.uint64) -> np.uint64:
    word ^= word >> np.uint64(32)
    word *= np.uint64(0xD6E8FEB86659FD93)
    word ^= word >> np.uint64(32)
    return word


@inner_kernel
def hash_bytes(block: Bytes, begin: int, end: int) -> np.uint64:
    """A fast 64-bit hash for in-memory tables that compare afterwards: not keyed, not for anything that is kept."""
    state = np.uint64(end - begin) * _FACTOR
    other = _FACTOR
    index = begin
    # Two words at a time, neither of which has to wait for the other one's product.
    while index + 16 <= end:
        state = (state ^ load8(block, index)) * _FACTOR
        other = (other ^ load8(block, index + 8)) * _FACTOR
        state ^= state >> np.uint64(32)
        other ^= other >> np.uint64(32)
        index += 16
    state += other
    if index + 8 <= end:
        state = (state ^ load8(block, index)) * _FACTOR
        state ^= state >> np.uint64(32)
        index += 8
    if index < end:
        rest = np.uint64(64 - 8 * (end - index))
        state = _mix(state ^ (load8(block, index) << rest))
    return _mix(state)


@inlined_kernel
def read_short_number(block: Bytes, begin: int, length: int) -> int:
    """The number that `length` digits, at most eight, are, or -1; no digit costs a branch that is guessed wrong."""
    if length < 1 or length > 8:
        return -1
    # The first digit stands lowest; those that a number of eight digits would have before it are zeros.
    word = load8(block, begin) << np.uint64(64 - 8 * length)
    if length < 8:
        word |= _ZEROS >> np.uint64(8 * length)
    if (word & _HIGH_HALVES) != _ZEROS or ((word + np.uint64(0x0606060606060606)) & _HIGH_HALVES) != _ZEROS:
        return -1
    # Pairs of digits, then of pairs, then of fours.
    word = ((word & np.uint64(0x0F0F0F0F0F0F0F0F)) * np.uint64(10 << 8 | 1)) >> np.uint64(8)
    word = ((word & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(100 << 16 | 1)) >> np.uint64(16)
    word = ((word & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(10_000 << 32 | 1)) >> np.uint64(32)
    return int(np.int64(word))


def padded(content: bytes | bytearray | memoryview) -> Bytes:
    """A copy of `content` as an array with `PADDING` zero bytes behind it."""
    array = np.zeros(len(content) + PADDING, dtype=np.uint8)
    array[: len(content)] = np.frombuffer(content, dtype=np.uint8)
    return array
