"""Looks up the locations of addresses: continent, country and first-level subdivision.

Any MMDB file of the types City, Country or Enterprise can be used (GeoLite2, GeoIP2, DB-IP), by default the embedded
one. A compiled kernel walks the search tree for many addresses at a time. `geoip2` decodes each record once, when the
first of its addresses is looked up.
"""

from __future__ import annotations

import contextlib
import functools
import mmap
import threading
from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from geoip2.models import City

from footfall.geo_data.location_files import EMBEDDED_PATH, LocationFile, damaged_file_error
from footfall.geo_data.search_tree import Integer, find_pointers, list_networks, open_tree
from footfall.transforms.arrays import Bytes, Codes, Pointers, Words
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.vocabulary import UNKNOWN


class Location(NamedTuple):
    """The location of an address: codes of continent (`EU`) and country (`DE`), English name of the subdivision."""

    continent: str = UNKNOWN
    country: str = UNKNOWN
    region: str = UNKNOWN


class _PointerTable(NamedTuple):
    """The location code of each data pointer: a hash table with open addressing, in which key 0 is a free slot.

    A table is never modified, only replaced, so that threads can read it without a lock.
    """

    keys: Pointers
    codes: Codes


class LocationDatabase(LocationFile):
    """A location database for thread-safe look-ups. Raises LocationError."""

    def __init__(self, path: Path, *, embedded: bool = False) -> None:
        super().__init__(path, embedded=embedded)
        metadata = self.reader.metadata()
        with path.open("rb") as file:
            octets = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), dtype=np.uint8)
        try:
            self._tree = open_tree(octets, metadata.record_size, metadata.node_count, metadata.ip_version)
        except ValueError as error:
            raise damaged_file_error(path, str(error)) from None
        self._lock = threading.Lock()
        self._locations = [Location()]
        self._location_codes = {Location(): 0}
        self._pointer_codes: dict[int, int] = {}
        self._table = _build_table(self._pointer_codes)

    def locate(self, high: Words, low: Words) -> Codes:
        """Return the location codes of addresses, 0 for unknown; codes are indexes into `locations()`.

        `high` and `low` are the halves of 128 bits; of an IPv4 address `high` is 0 and `low` has its 32 bits (so
        unwrap `::ffff:a.b.c.d`). Codes differ between objects and processes. Releases the GIL. Raises LocationError
        if an address leads to a damaged part of the file.
        """
        if high.shape != low.shape:
            raise ValueError(
                f"locate: high has the shape {high.shape} and low {low.shape}, expected equal shapes: "
                "pass one pair per address"
            )
        values = np.empty(len(high), dtype=np.uint32)
        if find_pointers(self._tree, high, low, values) < len(values):
            raise damaged_file_error(self.path, "its search tree leads nowhere")
        codes = np.empty(len(values), dtype=np.int32)
        if _look_up_codes(values, *self._table, codes):
            unknown = np.flatnonzero(codes < 0)
            self._decode_records(values[unknown], high[unknown], low[unknown])
            _look_up_codes(values, *self._table, codes)
        return codes

    def locations(self) -> Sequence[Location]:
        """Return the location of each code so far. Code 0 is entirely unknown."""
        return tuple(self._locations)

    def networks(self, version: Literal[4, 6]) -> tuple[Words, Words, Bytes]:
        """Return all networks with a record, in order: high and low of the first address, prefix length in IPv6.

        The prefix length of an IPv4 network is 96 or more. Takes up to a second. Raises LocationError if damaged.
        """
        root, depth = (self._tree.ipv4_root, 96) if version == 4 else (self._tree.ipv6_root, 0)
        capacity = 1 << 20
        while True:
            count, high, low, prefix, _ = list_networks(self._tree, root, depth, capacity)
            if count < 0:
                raise damaged_file_error(self.path, "its search tree leads nowhere")
            if count <= capacity:
                return high[:count], low[:count], prefix[:count]
            capacity = int(count)

    def _decode_records(self, values: Pointers, high: Words, low: Words) -> None:
        """Decode new records, given a data pointer and one of its addresses for each."""
        pointers, first_rows = np.unique(values, return_index=True)
        with self._lock:
            # Another thread may have decoded some in the meantime.
            for pointer, row in zip(pointers.tolist(), first_rows.tolist(), strict=True):
                if pointer not in self._pointer_codes:
                    location = self._decode(int(high[row]), int(low[row]))
                    code = self._location_codes.get(location)
                    if code is None:
                        code = self._location_codes[location] = len(self._locations)
                        self._locations.append(location)
                    self._pointer_codes[pointer] = code
            self._table = _build_table(self._pointer_codes)

    def _decode(self, high: int, low: int) -> Location:
        address = IPv4Address(low) if high == 0 and low < 1 << 32 else IPv6Address(high << 64 | low)
        record = None
        # A damaged record can raise any exception, whose message may name the address: report the damage without it.
        with contextlib.suppress(Exception):
            record = self.read_record(address)
        if record is None:
            raise damaged_file_error(self.path, "one of its records can't be decoded")
        divisions = record.subdivisions if isinstance(record, City) else ()
        region = divisions[0].name if divisions else None
        return Location(record.continent.code or UNKNOWN, record.country.iso_code or UNKNOWN, region or UNKNOWN)


def open_locations(path: Path | None = None) -> LocationDatabase:
    """Open the user's location database, or the embedded one if `path` is None. Raises LocationError."""
    if path is None:
        return LocationDatabase(EMBEDDED_PATH, embedded=True)
    return LocationDatabase(path)


@functools.cache
def open_shared_locations(path: str | None = None) -> LocationDatabase:
    """Open a location database once for all threads of a process. Raises LocationError."""
    return open_locations(Path(path) if path else None)


def _build_table(codes: Mapping[int, int]) -> _PointerTable:
    """A table of data pointers, at most half full."""
    size = 1 << max(10, (2 * len(codes)).bit_length())
    table = _PointerTable(np.zeros(size, dtype=np.uint32), np.zeros(size, dtype=np.int32))
    _insert(
        np.fromiter(codes.keys(), dtype=np.uint32, count=len(codes)),
        np.fromiter(codes.values(), dtype=np.int32, count=len(codes)),
        *table,
    )
    return table


@inner_kernel
def _find_slot(keys: Pointers, pointer: Integer) -> Integer:
    """Return the slot of a pointer, or the free slot for it."""
    mask = np.uint32(len(keys) - 1)
    # Fibonacci hashing: the upper half of the product depends on all bits of the pointer.
    slot = np.uint32(np.uint64(pointer) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
    while keys[slot] != 0 and keys[slot] != pointer:
        slot = (slot + np.uint32(1)) & mask
    return slot


@inner_kernel
def _insert(pointers: Pointers, pointer_codes: Codes, keys: Pointers, codes: Codes) -> None:
    for i in range(len(pointers)):
        slot = _find_slot(keys, pointers[i])
        keys[slot], codes[slot] = pointers[i], pointer_codes[i]


@inner_kernel
def _look_up_codes(pointers: Pointers, keys: Pointers, codes: Codes, result: Codes) -> int:
    """Fill `result` with the code of each pointer, -1 where it has none yet. Returns the number of the latter."""
    unknown = 0
    for i in range(len(pointers)):
        result[i] = 0
        if pointers[i] != 0:
            slot = _find_slot(keys, pointers[i])
            result[i] = codes[slot]
            if keys[slot] == 0:
                result[i] = -1
                unknown += 1
    return unknown
