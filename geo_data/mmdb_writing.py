"""Writes MMDB files: networks and their records, with equal subtrees and equal data written once.

Format: MaxMind DB 2.0, https://maxmind.github.io/MaxMind-DB/. Sharing equal subtrees reduces the file of countries and
regions to a third of its size and is compatible with all readers, which only follow the values of nodes.
"""

from __future__ import annotations

import datetime
import ipaddress
import itertools
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from footfall.geo_data.search_tree import SEPARATOR_BYTES, Integer
from footfall.transforms.arrays import Bytes, Codes, Ints, Words
from footfall.transforms.kernels.compiled import inner_kernel, kernel

MmdbData: TypeAlias = (
    "str | bool | int | float | np.uint16 | np.uint32 | np.uint64 | Mapping[str, MmdbData] | Sequence[MmdbData]"
)
"""A value in a record. An `int` is written as an unsigned 32-bit integer, a NumPy integer with its own width."""
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

METADATA_MARKER: Final = b"\xab\xcd\xefMaxMind.com"
_POINTER, _STRING, _DOUBLE, _MAP, _ARRAY, _BOOLEAN = 1, 2, 3, 7, 11, 14
_INTEGERS: Final[Mapping[type, int]] = {np.uint16: 5, np.uint32: 6, int: 6, np.uint64: 9}
_POINTER_LIMITS: Final = (0, 2048, 526_336, 134_744_064)
"""The lowest offsets of pointers with 1, 2, 3 and 4 bytes after the control byte."""


def write_mmdb(
    networks: Mapping[Network, MmdbData] | Iterable[tuple[Network, MmdbData]],
    path: Path,
    *,
    database_type: str,
    built: datetime.datetime,
    description: str = "",
    ip_version: int = 6,
    record_size: int | None = None,
) -> None:
    """Write a few networks with their records to a file, for tests and for a company's own additions.

    Raises ValueError if networks overlap. A file of `ip_version` 6 has the IPv4 networks in `::/96`. The default
    `record_size` is the smallest of 24, 28 and 32 bits that is sufficient.
    """
    pairs = networks.items() if isinstance(networks, Mapping) else networks
    ordered = sorted(pairs, key=lambda pair: (int(pair[0].network_address), _prefix_in_ipv6(pair[0])))
    for (before, _), (after, _) in itertools.pairwise(ordered):
        if int(before.broadcast_address) >= int(after.network_address):
            raise ValueError(f"networks {before} and {after} overlap, expected separate ones: split the larger")
    starts = [int(network.network_address) for network, _ in ordered]
    write_networks(
        path,
        np.array([start >> 64 for start in starts], dtype=np.uint64),
        np.array([start & (1 << 64) - 1 for start in starts], dtype=np.uint64),
        np.array([_prefix_in_ipv6(network) for network, _ in ordered], dtype=np.uint8),
        np.arange(len(ordered), dtype=np.int32),
        [record for _, record in ordered],
        database_type=database_type,
        built=built,
        description=description,
        ip_version=ip_version,
        record_size=record_size,
    )


def write_networks(
    path: Path,
    high: Words,
    low: Words,
    prefix: Bytes,
    record: Codes,
    records: Sequence[MmdbData],
    *,
    database_type: str,
    built: datetime.datetime,
    description: str = "",
    ip_version: int = 6,
    record_size: int | None = None,
) -> int:
    """Write networks given as columns, sorted and without overlap. Returns the size of the file in bytes.

    `high` and `low` are a network's first address, `prefix` is its prefix length in IPv6 (96 more than in IPv4),
    `record` is an index into `records`. The file is replaced atomically.
    """
    data = _DataSection()
    # Equal records have the same offset, so that adjacent networks with equal records can be merged.
    offsets, distinct = np.unique(np.array([data.add(entry) for entry in records], dtype=np.int64), return_inverse=True)
    root_bit = 96 if ip_version == 4 else 0
    nodes = _order_nodes(*_build_tree(high, low, prefix, distinct.astype(np.int32)[record], root_bit))
    node_count = len(nodes)
    targets = np.concatenate([[node_count], node_count + SEPARATOR_BYTES + offsets])
    # Replace branches by the values of the file: node numbers from 0, the node count for no data, or data pointers.
    values = np.where(nodes > 0, nodes - 1, targets[np.minimum(nodes, 0) * -1])
    if record_size is None:
        record_size = next(size for size in (24, 28, 32) if values.max() < 1 << size)
    metadata: MmdbData = {
        "binary_format_major_version": np.uint16(2),
        "binary_format_minor_version": np.uint16(0),
        "build_epoch": np.uint64(int(built.timestamp())),
        "database_type": database_type,
        "description": {"en": description},
        "ip_version": np.uint16(ip_version),
        "languages": ["en"],
        "node_count": np.uint32(node_count),
        "record_size": np.uint16(record_size),
    }
    metadata_section = _DataSection()
    metadata_section.add(metadata)
    content = b"".join(
        (pack_nodes(values, record_size), bytes(SEPARATOR_BYTES), data.octets, METADATA_MARKER, metadata_section.octets)
    )
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(content)
    os.replace(partial, path)
    return len(content)


def _prefix_in_ipv6(network: Network) -> int:
    return network.prefixlen + (96 if network.version == 4 else 0)


class _DataSection:
    """Encodes records one after another; repeated data become pointers."""

    def __init__(self) -> None:
        self.octets = bytearray()
        self._written: dict[str, int] = {}

    def add(self, data: MmdbData) -> int:
        """Write a record, unless an equal one was written before. Returns its offset in the section."""
        earlier_offset = self._written.get(_identity(data))
        if earlier_offset is not None:
            return earlier_offset
        offset = len(self.octets)
        self._write(data)
        return offset

    def _write(self, data: MmdbData) -> None:
        identity = _identity(data)
        earlier_offset = self._written.get(identity)
        if earlier_offset is not None:
            self._write_pointer(earlier_offset)
            return
        # A pointer takes two to five bytes, so shorter data are repeated instead.
        if isinstance(data, str | Mapping | Sequence) and len(identity) > 7:
            self._written[identity] = len(self.octets)
        if isinstance(data, str):
            encoded = data.encode()
            self._write_control(_STRING, len(encoded))
            self.octets += encoded
        elif isinstance(data, bool):
            self._write_control(_BOOLEAN, int(data))
        elif isinstance(data, int | np.unsignedinteger):
            encoded = int(data).to_bytes((int(data).bit_length() + 7) // 8, "big")
            self._write_control(_INTEGERS[type(data)], len(encoded))
            self.octets += encoded
        elif isinstance(data, float):
            self._write_control(_DOUBLE, 8)
            self.octets += struct.pack(">d", data)
        elif isinstance(data, Mapping):
            self._write_control(_MAP, len(data))
            for key, value in data.items():
                self._write(key)
                self._write(value)
        else:
            self._write_control(_ARRAY, len(data))
            for value in data:
                self._write(value)

    def _write_control(self, kind: int, size: int) -> None:
        """Write the control byte, with three bits of type and five of size, and the bytes that extend either."""
        first = kind << 5 if kind < 8 else 0
        if size < 29:
            first, more = first | size, b""
        elif size < 285:
            first, more = first | 29, (size - 29).to_bytes(1, "big")
        elif size < 65_821:
            first, more = first | 30, (size - 285).to_bytes(2, "big")
        else:
            first, more = first | 31, (size - 65_821).to_bytes(3, "big")
        self.octets.append(first)
        if kind >= 8:
            self.octets.append(kind - 7)
        self.octets += more

    def _write_pointer(self, offset: int) -> None:
        size = sum(offset >= limit for limit in _POINTER_LIMITS) - 1
        if size == 3:
            self.octets.append(_POINTER << 5 | 3 << 3)
            self.octets += offset.to_bytes(4, "big")
            return
        rest = offset - _POINTER_LIMITS[size]
        self.octets.append(_POINTER << 5 | size << 3 | rest >> 8 * (size + 1))
        self.octets += (rest & (1 << 8 * (size + 1)) - 1).to_bytes(size + 1, "big")


def _identity(data: MmdbData) -> str:
    """Return a key that is equal for two values if and only if their encodings are equal (1, 1.0 and True differ)."""
    return repr(data)


@kernel
def _build_tree(
    high: Words,
    low: Words,
    prefix: Bytes,
    record: Codes,
    root_bit: Integer,
) -> tuple[Integer, Codes]:
    """Build the tree of sorted networks bottom-up; equal subtrees share one node.

    A *branch* is a node's number (1 or more), 0 for no data, or -1 - i for the record with index i. Returns the branch
    of the root, which decides on bit `root_bit`, and the nodes as pairs of branches (row 0 is unused).
    """
    nodes = np.zeros((1 << 16, 2), dtype=np.int32)
    count = 1
    # Open addressing: the number of the node with a pair of branches, 0 for a free slot.
    table = np.zeros(1 << 18, dtype=np.int32)
    # For each bit, the finished branch to the left of the path to the current network.
    pending_lefts = np.zeros(128, dtype=np.int32)
    branch = np.int32(0)
    for i in range(len(high)):
        branch = np.int32(-1 - record[i])
        # Finish the nodes of the path below the bit in which the next network differs from this one.
        split_bit = root_bit - 1
        if i + 1 < len(high):
            split_bit = root_bit
            while _bit(high[i], low[i], split_bit) == _bit(high[i + 1], low[i + 1], split_bit):
                split_bit += 1
        for level in range(np.int64(prefix[i]) - 1, split_bit, -1):
            if _bit(high[i], low[i], level):
                left, right = pending_lefts[level], branch
                pending_lefts[level] = 0
            else:
                left, right = branch, np.int32(0)
            if left == right and left <= 0:
                branch = left
                continue
            slot = _find_slot(table, nodes, left, right)
            branch = table[slot]
            if branch == 0:
                if count == len(nodes):
                    more = np.zeros((2 * count, 2), dtype=np.int32)
                    more[:count] = nodes
                    nodes = more
                    table = np.zeros(8 * count, dtype=np.int32)
                    for node in range(1, count):
                        table[_find_slot(table, nodes, nodes[node, 0], nodes[node, 1])] = node
                    slot = _find_slot(table, nodes, left, right)
                nodes[count, 0], nodes[count, 1] = left, right
                table[slot] = count
                branch = np.int32(count)
                count += 1
        if split_bit >= root_bit:
            pending_lefts[split_bit] = branch
    return branch, nodes[:count]


@inner_kernel
def _bit(high: Integer, low: Integer, level: Integer) -> Integer:
    if level < 64:
        return np.int64(high >> np.uint64(63 - level) & np.uint64(1))
    return np.int64(low >> np.uint64(127 - level) & np.uint64(1))


@inner_kernel
def _find_slot(table: Codes, nodes: Codes, left: Integer, right: Integer) -> Integer:
    """Return the slot of the node with these branches, or the free slot for it."""
    mask = len(table) - 1
    mixed = np.uint64(left) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(right) * np.uint64(0xC2B2AE3D27D4EB4F)
    slot = np.int64(mixed >> np.uint64(32)) & mask
    while True:
        node = table[slot]
        if node == 0 or (nodes[node, 0] == left and nodes[node, 1] == right):
            return slot
        slot = (slot + 1) & mask


@kernel
def _order_nodes(root: Integer, nodes: Codes) -> Ints:
    """Order the nodes depth-first from the root, so that the nodes of a path are close together in the file."""
    ordered = np.empty((max(len(nodes) - 1, 1), 2), dtype=np.int64)
    if root <= 0:
        # All addresses have the same record or none: a file still needs one node.
        ordered[0, 0] = ordered[0, 1] = root
        return ordered
    numbers = np.zeros(len(nodes), dtype=np.int64)
    stack = np.empty(130, dtype=np.int64)
    stack[0] = root
    stack_size = 1
    count = 0
    while stack_size:
        stack_size -= 1
        node = stack[stack_size]
        if numbers[node]:
            continue
        count += 1
        numbers[node] = count
        for side in (1, 0):
            if nodes[node, side] > 0:
                stack[stack_size] = nodes[node, side]
                stack_size += 1
    for node in range(1, len(nodes)):
        for side in (0, 1):
            branch = np.int64(nodes[node, side])
            ordered[numbers[node] - 1, side] = numbers[branch] if branch > 0 else branch
    return ordered


def pack_nodes(values: Ints, record_size: int) -> bytes:
    """Encode the search tree, given each node's pair of values."""
    octets = values.astype(">u4").view(np.uint8).reshape(-1, 2, 4)
    left, right = octets[:, 0], octets[:, 1]
    if record_size == 32:
        return octets.tobytes()
    if record_size == 28:
        middle = left[:, :1] << 4 | right[:, :1]
        return np.hstack([left[:, 1:], middle, right[:, 1:]]).tobytes()
    return octets[:, :, 1:].tobytes()
