"""Kernels that search, compare, copy and hash raw bytes, many at a time.

A block is a `uint8` array with at least `PADDING` spare bytes after its content, so that a load of so many bytes never
leaves the array.
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

PADDING: Final = 64
_VECTOR_BYTES: Final = 64
"""How many bytes are compared at once, so that one comparison finds the end of most fields. A processor with narrower
vectors (16 bytes with SSE2 and NEON) compares them in parts.
"""
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
_ASCII_ZEROS: Final = np.uint64(0x3030303030303030)
"""Eight ASCII zeros; every ASCII digit has the same high nibble."""
_HIGH_NIBBLES: Final = np.uint64(0xF0F0F0F0F0F0F0F0)


@intrinsic  # type: ignore[untyped-decorator]
def load8(typing_context: Any, block: Any, index: Any) -> Any:
    """Load block[index:index + 8] of a `uint8` array as a little-endian word, without a bounds check."""

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
    """Count the zero bits below the lowest set bit of a 64-bit word."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def leading_zeros(typing_context: Any, word: Any) -> Any:
    """Count the zero bits above the highest set bit of a 64-bit word, 64 if there is none."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic  # type: ignore[untyped-decorator]
def equal_bytes(typing_context: Any, block: Any, index: Any, byte: Any) -> Any:
    """Compare block[index:index + 64] with `byte`: one bit per byte, set where equal, without a bounds check."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array_type = signature.args[0]
        array = context.make_array(array_type)(context, builder, arguments[0])
        address = cgutils.gep_inbounds(builder, array.data, arguments[1])
        vector_type = ir.VectorType(ir.IntType(8), _VECTOR_BYTES)
        vector = builder.load(builder.bitcast(address, vector_type.as_pointer()))
        vector.align = 1
        undefined = ir.Constant(vector_type, ir.Undefined)
        first = builder.insert_element(undefined, arguments[2], ir.Constant(ir.IntType(32), 0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), _VECTOR_BYTES), [0] * _VECTOR_BYTES)
        same = builder.icmp_unsigned("==", vector, builder.shuffle_vector(first, undefined, everywhere))
        return builder.bitcast(same, ir.IntType(_VECTOR_BYTES))

    return types.uint64(block, types.int64, types.uint8), generate


@intrinsic  # type: ignore[untyped-decorator]
def copy_bytes(typing_context: Any, out: Any, used: Any, block: Any, index: Any, length: Any) -> Any:
    """Copy `length` bytes from block[index:] to out[used:], two arrays that do not overlap, without a bounds check."""

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
    """Return the index of the first `byte` in block[begin:end], or `end`."""
    index = begin
    while index < end:
        matches = equal_bytes(block, index, byte)
        if matches:
            return min(end, index + int(np.int64(trailing_zeros(matches))))
        index += _VECTOR_BYTES
    return end


@inner_kernel
def find_quote(block: Bytes, begin: int, end: int, quote: np.uint8) -> int:
    """Return the index of the first `quote` in block[begin:end] that no backslash escapes, or `end`."""
    index = begin
    while index < end:
        matches = equal_bytes(block, index, quote) | equal_bytes(block, index, np.uint8(92))
        if not matches:
            index += _VECTOR_BYTES
            continue
        index += int(np.int64(trailing_zeros(matches)))
        if index >= end:
            return end
        if block[index] == quote:
            return index
        index += 2
    return end


@inner_kernel
def same_bytes(left: Bytes, left_begin: int, right: Bytes, right_begin: int, length: int) -> bool:
    """Return whether two slices of padded arrays, each `length` bytes long, are equal."""
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
    """Hash block[begin:end] to 64 bits, for in-memory tables that compare the bytes as well.

    The hash is not keyed and must not be stored.
    """
    state = np.uint64(end - begin) * _FACTOR
    second_state = _FACTOR
    index = begin
    # Two independent states, so that the processor computes both products at the same time.
    while index + 16 <= end:
        state = (state ^ load8(block, index)) * _FACTOR
        second_state = (second_state ^ load8(block, index + 8)) * _FACTOR
        state ^= state >> np.uint64(32)
        second_state ^= second_state >> np.uint64(32)
        index += 16
    state += second_state
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
    """Parse a number of one to eight digits, -1 for anything else, without a branch per digit."""
    if length < 1 or length > 8:
        return -1
    # The first digit is the lowest byte. Shift in zeros as leading digits.
    word = load8(block, begin) << np.uint64(64 - 8 * length)
    if length < 8:
        word |= _ASCII_ZEROS >> np.uint64(8 * length)
    if (word & _HIGH_NIBBLES) != _ASCII_ZEROS or (
        (word + np.uint64(0x0606060606060606)) & _HIGH_NIBBLES
    ) != _ASCII_ZEROS:
        return -1
    # Combine neighbouring digits to pairs, pairs to fours, and fours to eights.
    word = ((word & np.uint64(0x0F0F0F0F0F0F0F0F)) * np.uint64(10 << 8 | 1)) >> np.uint64(8)
    word = ((word & np.uint64(0x00FF00FF00FF00FF)) * np.uint64(100 << 16 | 1)) >> np.uint64(16)
    word = ((word & np.uint64(0x0000FFFF0000FFFF)) * np.uint64(10_000 << 32 | 1)) >> np.uint64(32)
    return int(np.int64(word))


def padded(content: bytes | bytearray | memoryview) -> Bytes:
    """Copy `content` to an array with `PADDING` zero bytes after it."""
    array = np.zeros(len(content) + PADDING, dtype=np.uint8)
    array[: len(content)] = np.frombuffer(content, dtype=np.uint8)
    return array
