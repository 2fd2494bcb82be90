"""Kernels that walk the binary search tree of an MMDB file.

Format: MaxMind DB 2.0, https://maxmind.github.io/MaxMind-DB/. A node has two *values* of 24, 28 or 32 bits, one for
each value of the next bit of the address. A value below `node_count` is the next node, `node_count` means that there
is no data, and a higher value points to a record in the data section. Users' files may be damaged: kernels never read
outside the tree, and report values that are out of range.

An address is two `uint64`, the halves `high` and `low` of its 128 bits. Of an IPv4 address `high` is 0 and `low` has
its 32 bits; an IPv6 file has the IPv4 tree in the same place (`::/96`).
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np

from footfall.transforms.arrays import Bytes, Pointers, Words
from footfall.transforms.kernels.compiled import inner_kernel, kernel

Integer: TypeAlias = "int | np.integer"
"""An integer in a kernel: of Python, or of NumPy with a fixed width."""

SEPARATOR_BYTES: Final = 16
"""Number of zeros between the search tree and the data section."""
FIRST_BITS: Final = 16
"""Number of leading bits of an address that are resolved by one table look-up."""
_FIRST_COUNT: Final = 1 << FIRST_BITS
_IPV4_LIMIT: Final = np.uint64(1 << 32)
_MAX_NETWORKS: Final = 1 << 28


class SearchTree(NamedTuple):
    """The search tree of one file, as kernels read it.

    `octets` is the whole file. Values from `data_start` to below `data_end` point to a record. `first_ipv4` and
    `first_ipv6` have the values after each combination of the first 16 bits. In an IPv4-only file `ipv6_root` has no
    data.
    """

    octets: Bytes
    record_size: int
    node_count: int
    data_start: int
    data_end: int
    ipv4_root: int
    ipv6_root: int
    first_ipv4: Pointers
    first_ipv6: Pointers


def open_tree(octets: Bytes, record_size: int, node_count: int, ip_version: int) -> SearchTree:
    """Prepare the search tree of a file for look-ups (about 5 ms).

    Raises ValueError if the file's metadata are invalid or don't fit its size.
    """
    if record_size not in (24, 28, 32):
        raise ValueError(f"its records have {record_size} bits, expected 24, 28 or 32")
    if ip_version not in (4, 6):
        raise ValueError(f"its IP version is {ip_version}, expected 4 or 6")
    data_bytes = len(octets) - node_count * record_size // 4 - SEPARATOR_BYTES
    if node_count < 1 or data_bytes < 1:
        raise ValueError("its search tree is longer than the file")
    data_start = node_count + SEPARATOR_BYTES
    data_end = min(data_start + data_bytes, 1 << 32)
    if ip_version == 4:
        ipv4_root, ipv6_root = 0, node_count
    else:
        ipv4_root, ipv6_root = int(_follow_zeros(octets, record_size, node_count, 96)), 0
    return SearchTree(
        octets,
        record_size,
        node_count,
        data_start,
        data_end,
        ipv4_root,
        ipv6_root,
        _first_values(octets, record_size, node_count, ipv4_root),
        _first_values(octets, record_size, node_count, ipv6_root),
    )


@inner_kernel
def child_value(octets: Bytes, record_size: Integer, node: Integer, bit: Integer) -> Integer:
    """Return the value of a node for the next bit of an address."""
    if record_size == 24:
        offset = node * 6 + bit * 3
        return np.int64(octets[offset]) << 16 | np.int64(octets[offset + 1]) << 8 | np.int64(octets[offset + 2])
    if record_size == 28:
        offset = node * 7 + bit * 4
        # The byte in the middle holds the highest four bits of both values.
        middle = np.int64(octets[node * 7 + 3])
        highest = middle & 0x0F if bit else middle >> 4
        return (
            highest << 24
            | np.int64(octets[offset]) << 16
            | np.int64(octets[offset + 1]) << 8
            | np.int64(octets[offset + 2])
        )
    offset = node * 8 + bit * 4
    return (
        np.int64(octets[offset]) << 24
        | np.int64(octets[offset + 1]) << 16
        | np.int64(octets[offset + 2]) << 8
        | np.int64(octets[offset + 3])
    )


@inner_kernel
def _follow_zeros(octets: Bytes, record_size: Integer, node_count: Integer, bits: Integer) -> Integer:
    """Return the value after `bits` zero bits from the root."""
    value: Integer = 0
    for _ in range(bits):
        if value >= node_count:
            break
        value = child_value(octets, record_size, value, 0)
    return value


@kernel
def _first_values(octets: Bytes, record_size: Integer, node_count: Integer, root: Integer) -> Pointers:
    """Return the values after each combination of the first 16 bits from a root."""
    first = np.empty(_FIRST_COUNT, dtype=np.uint32)
    for prefix in range(_FIRST_COUNT):
        value: Integer = np.int64(root)
        for shift in range(FIRST_BITS - 1, -1, -1):
            if value >= node_count:
                break
            value = child_value(octets, record_size, value, prefix >> shift & 1)
        first[prefix] = value
    return first


@inner_kernel
def find_pointers(tree: SearchTree, high: Words, low: Words, values: Pointers) -> Integer:
    """Fill `values` with the data pointer of each address, 0 where there is no data.

    Returns the number of addresses done; less than all if the next one leads to a damaged part of the tree.
    """
    for i in range(len(values)):
        high_bits, low_bits = high[i], low[i]
        # The highest bit of `bits` is the next bit of the address; `left` is the number of bits left in it.
        if high_bits == 0 and low_bits < _IPV4_LIMIT:
            value: Integer = np.int64(tree.first_ipv4[low_bits >> np.uint64(16)])
            bits = low_bits << np.uint64(48)
            left = 32 - FIRST_BITS
            in_low = True
        else:
            value = np.int64(tree.first_ipv6[high_bits >> np.uint64(48)])
            bits = high_bits << np.uint64(16)
            left = 64 - FIRST_BITS
            in_low = False
        while value < tree.node_count:
            if left == 0:
                if in_low:
                    return i
                bits, left, in_low = low_bits, 64, True
            value = child_value(tree.octets, tree.record_size, value, np.int64(bits >> np.uint64(63)))
            bits <<= np.uint64(1)
            left -= 1
        if value == tree.node_count:
            values[i] = 0
        elif tree.data_start <= value < tree.data_end:
            values[i] = value
        else:
            return i
    return len(values)


@kernel
def list_networks(
    tree: SearchTree, root: Integer, depth: Integer, capacity: Integer
) -> tuple[Integer, Words, Words, Bytes, Pointers]:
    """Return all networks below a root that have a record, in order: count, high, low, prefix length, data pointer.

    `depth` is the prefix length at the root: 96 for the IPv4 tree, 0 for the IPv6 tree, which is listed without the
    IPv4 tree. A count above `capacity` is the capacity that is needed. The count is -1 if the tree is damaged or has
    more than 2^28 networks, which only a malicious file has.
    """
    highs = np.empty(capacity, dtype=np.uint64)
    lows = np.empty(capacity, dtype=np.uint64)
    prefixes = np.empty(capacity, dtype=np.uint8)
    pointers = np.empty(capacity, dtype=np.uint32)
    # The stack holds at most one value per bit, and the current one.
    stack = np.empty((130, 4), dtype=np.uint64)
    stack[0, 0], stack[0, 1], stack[0, 2], stack[0, 3] = root, depth, 0, 0
    stack_size = 1
    count = 0
    while stack_size:
        stack_size -= 1
        value, level = np.int64(stack[stack_size, 0]), np.int64(stack[stack_size, 1])
        high, low = stack[stack_size, 2], stack[stack_size, 3]
        if value == tree.node_count or (level == 96 and depth == 0 and high == 0 and low == 0):
            continue
        if value > tree.node_count:
            if not tree.data_start <= value < tree.data_end:
                return -1, highs, lows, prefixes, pointers
            if count < capacity:
                highs[count], lows[count], prefixes[count], pointers[count] = high, low, level, value
            count += 1
            if count > _MAX_NETWORKS:
                return -1, highs, lows, prefixes, pointers
            continue
        if level == 128:
            return -1, highs, lows, prefixes, pointers
        for bit in (1, 0):
            branch_high, branch_low = high, low
            if bit and level < 64:
                branch_high |= np.uint64(1) << np.uint64(63 - level)
            elif bit:
                branch_low |= np.uint64(1) << np.uint64(127 - level)
            stack[stack_size, 0] = child_value(tree.octets, tree.record_size, value, bit)
            stack[stack_size, 1], stack[stack_size, 2], stack[stack_size, 3] = level + 1, branch_high, branch_low
            stack_size += 1
    return count, highs, lows, prefixes, pointers
