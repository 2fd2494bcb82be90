"""The binary search tree of an MMDB file, walked in machine code on the bytes of the file.

Format: MaxMind DB 2.0, https://maxmind.github.io/MaxMind-DB/. A node has two *values* of 24, 28 or 32 bits, one for
each value of the next bit of the address. A value below `node_count` is the next node, `node_count` itself means
that nothing is known, and a higher one points to a record in the data section. Kernels never read outside the tree:
a value that points nowhere is reported, since files come from users and may be damaged.

An address is its 128 bits as two `uint64`, `high` and `low`; an IPv4 address has `high` 0 and `low` its 32 bits, which
is also where the IPv4 tree hangs in an IPv6 file (`::/96`).
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.kernels.compiled import inner_kernel, kernel

Integer: TypeAlias = "int | np.integer"
"""An integer in a kernel: Python's own, or one with a width of NumPy's."""

SEPARATOR_BYTES: Final = 16
"""Zeros between the search tree and the data section."""
FIRST_BITS: Final = 16
"""How many bits of an address one table look-up replaces."""
_FIRST_COUNT: Final = 1 << FIRST_BITS
_IPV4_LIMIT: Final = np.uint64(1 << 32)
_MAX_NETWORKS: Final = 1 << 28


class SearchTree(NamedTuple):
    """What the kernels need to know of one file.

    `octets` is the whole file. Values from `data_start` to below `data_end` point to a record. `first_ipv4` and
    `first_ipv6` hold the value reached after the first 16 bits. An IPv4-only file has an `ipv6_root` that is empty.
    """

    octets: NDArray[np.uint8]
    record_size: int
    node_count: int
    data_start: int
    data_end: int
    ipv4_root: int
    ipv6_root: int
    first_ipv4: NDArray[np.uint32]
    first_ipv6: NDArray[np.uint32]


def open_tree(octets: NDArray[np.uint8], record_size: int, node_count: int, ip_version: int) -> SearchTree:
    """Prepares the search tree of a file for look-ups (some 5 ms).

    Raises ValueError if the sizes given in the file's metadata can't be true of a file with so many bytes.
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
def child_value(octets: NDArray[np.uint8], record_size: Integer, node: Integer, bit: Integer) -> Integer:
    """The value of a node for the next bit of an address."""
    if record_size == 24:
        at = node * 6 + bit * 3
        return np.int64(octets[at]) << 16 | np.int64(octets[at + 1]) << 8 | np.int64(octets[at + 2])
    if record_size == 28:
        at = node * 7 + bit * 4
        # The byte in the middle holds the highest four bits of both values.
        middle = np.int64(octets[node * 7 + 3])
        highest = middle & 0x0F if bit else middle >> 4
        return highest << 24 | np.int64(octets[at]) << 16 | np.int64(octets[at + 1]) << 8 | np.int64(octets[at + 2])
    at = node * 8 + bit * 4
    return (
        np.int64(octets[at]) << 24
        | np.int64(octets[at + 1]) << 16
        | np.int64(octets[at + 2]) << 8
        | np.int64(octets[at + 3])
    )


@inner_kernel
def _follow_zeros(octets: NDArray[np.uint8], record_size: Integer, node_count: Integer, bits: Integer) -> Integer:
    """The value reached from the root over so many zero bits."""
    value: Integer = 0
    for _ in range(bits):
        if value >= node_count:
            break
        value = child_value(octets, record_size, value, 0)
    return value


@kernel
def _first_values(
    octets: NDArray[np.uint8], record_size: Integer, node_count: Integer, root: Integer
) -> NDArray[np.uint32]:
    """The values reached from a root after each combination of the first 16 bits."""
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
def walk(tree: SearchTree, high: NDArray[np.uint64], low: NDArray[np.uint64], values: NDArray[np.uint32]) -> Integer:
    """Fills `values` with the data pointer of each address, 0 where nothing is known of it.

    Returns how many addresses were done: fewer than there are if the next one meets a damaged part of the tree.
    """
    for i in range(len(values)):
        high_bits, low_bits = high[i], low[i]
        # `bits` has the next bit of the address at its top; `left` counts what is left in it.
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
) -> tuple[Integer, NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint8], NDArray[np.uint32]]:
    """All networks below a root that have a record, in order: count, high, low, prefix length, data pointer.

    `depth` is the prefix length at the root: 96 for the IPv4 tree, 0 for the IPv6 tree, from which the IPv4 tree is
    left out. A count above `capacity` tells how much is needed; -1 that the tree is damaged, or has more than 2^28
    networks, as only a tree made to keep its reader busy has.
    """
    highs = np.empty(capacity, dtype=np.uint64)
    lows = np.empty(capacity, dtype=np.uint64)
    prefixes = np.empty(capacity, dtype=np.uint8)
    pointers = np.empty(capacity, dtype=np.uint32)
    # No more than one value waits for each bit, and the one in hand.
    waiting = np.empty((130, 4), dtype=np.uint64)
    waiting[0, 0], waiting[0, 1], waiting[0, 2], waiting[0, 3] = root, depth, 0, 0
    stacked = 1
    count = 0
    while stacked:
        stacked -= 1
        value, level = np.int64(waiting[stacked, 0]), np.int64(waiting[stacked, 1])
        high, low = waiting[stacked, 2], waiting[stacked, 3]
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
            waiting[stacked, 0] = child_value(tree.octets, tree.record_size, value, bit)
            waiting[stacked, 1], waiting[stacked, 2], waiting[stacked, 3] = level + 1, branch_high, branch_low
            stacked += 1
    return count, highs, lows, prefixes, pointers
