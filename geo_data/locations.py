"""Opens a location database and tells where addresses are: continent, country and first-level subdivision.

Any MMDB file of the types City, Country or Enterprise will do (GeoLite2, GeoIP2, DB-IP); without one the embedded file
is used. The search tree is walked in machine code, many addresses at a time; a record is decoded by `geoip2` the
first time one of its addresses is met.
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
from numpy.typing import NDArray

from footfall.geo_data.location_files import EMBEDDED_PATH, LocationFile, damaged
from footfall.geo_data.search_tree import Integer, list_networks, open_tree, walk
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.vocabulary import UNKNOWN


class Location(NamedTuple):
    """Where an address is: codes of continent (`EU`) and country (`DE`), English name of the subdivision."""

    continent: str = UNKNOWN
    country: str = UNKNOWN
    region: str = UNKNOWN


class _Known(NamedTuple):
    """Which code a data pointer has: open addressing, key 0 is a free place. Never changed, only replaced."""

    keys: NDArray[np.uint32]
    codes: NDArray[np.int32]


class LocationDatabase(LocationFile):
    """A location database, open for look-ups from any number of threads. Raises LocationError."""

    def __init__(self, path: Path, *, embedded: bool = False) -> None:
        super().__init__(path, embedded=embedded)
        metadata = self.reader.metadata()
        with path.open("rb") as file:
            octets = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), dtype=np.uint8)
        try:
            self._tree = open_tree(octets, metadata.record_size, metadata.node_count, metadata.ip_version)
        except ValueError as error:
            raise damaged(path, str(error)) from None
        self._lock = threading.Lock()
        self._met = [Location()]
        self._location_codes = {Location(): 0}
        self._pointer_codes: dict[int, int] = {}
        self._known = _hash_pointers(self._pointer_codes)

    def locate(self, high: NDArray[np.uint64], low: NDArray[np.uint64]) -> NDArray[np.int32]:
        """Codes of the places of addresses, 0 for an unknown one; `locations()` tells what they mean.

        An address is its 128 bits, an IPv4 address `high` 0 and `low` its 32 bits (so unwrap `::ffff:a.b.c.d`).
        Codes are this object's own: another one, in another process, gives others. Releases the GIL. Raises
        LocationError if the file is damaged where an address leads.
        """
        if high.shape != low.shape:
            raise ValueError(f"high has the shape {high.shape}, low {low.shape}, expected one pair for each address")
        values = np.empty(len(high), dtype=np.uint32)
        if walk(self._tree, high, low, values) < len(values):
            raise damaged(self.path, "its search tree leads nowhere")
        codes = np.empty(len(values), dtype=np.int32)
        if _translate(values, *self._known, codes):
            unknown = np.flatnonzero(codes < 0)
            self._learn(values[unknown], high[unknown], low[unknown])
            _translate(values, *self._known, codes)
        return codes

    def locations(self) -> Sequence[Location]:
        """The place of each code met so far. Code 0 is unknown altogether."""
        return tuple(self._met)

    def networks(self, version: Literal[4, 6]) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint8]]:
        """All networks with a record, in order: high and low of the first address, prefix length in IPv6.

        An IPv4 network has a prefix length of 96 or more. Takes up to a second. Raises LocationError if damaged.
        """
        root, depth = (self._tree.ipv4_root, 96) if version == 4 else (self._tree.ipv6_root, 0)
        capacity = 1 << 20
        while True:
            count, high, low, prefix, _ = list_networks(self._tree, root, depth, capacity)
            if count < 0:
                raise damaged(self.path, "its search tree leads nowhere")
            if count <= capacity:
                return high[:count], low[:count], prefix[:count]
            capacity = int(count)

    def _learn(self, values: NDArray[np.uint32], high: NDArray[np.uint64], low: NDArray[np.uint64]) -> None:
        """Decodes records met for the first time, given a data pointer and one of its addresses each."""
        pointers, first = np.unique(values, return_index=True)
        with self._lock:
            # Another thread may have met some in the meantime.
            for pointer, at in zip(pointers.tolist(), first.tolist(), strict=True):
                if pointer not in self._pointer_codes:
                    place = self._decode(int(high[at]), int(low[at]))
                    code = self._location_codes.get(place)
                    if code is None:
                        code = self._location_codes[place] = len(self._met)
                        self._met.append(place)
                    self._pointer_codes[pointer] = code
            self._known = _hash_pointers(self._pointer_codes)

    def _decode(self, high: int, low: int) -> Location:
        address = IPv4Address(low) if high == 0 and low < 1 << 32 else IPv6Address(high << 64 | low)
        record = None
        # A damaged record can raise anything. It is told below, apart from the error itself, which names the address.
        with contextlib.suppress(Exception):
            record = self.read_record(address)
        if record is None:
            raise damaged(self.path, "one of its records can't be decoded")
        divisions = record.subdivisions if isinstance(record, City) else ()
        region = divisions[0].name if divisions else None
        return Location(record.continent.code or UNKNOWN, record.country.iso_code or UNKNOWN, region or UNKNOWN)


def open_locations(path: Path | None = None) -> LocationDatabase:
    """Opens the user's location database, or the embedded one where none is given. Raises LocationError."""
    if path is None:
        return LocationDatabase(EMBEDDED_PATH, embedded=True)
    return LocationDatabase(path)


@functools.cache
def open_shared_locations(path: str | None = None) -> LocationDatabase:
    """The same, opened once for all threads of a process."""
    return open_locations(Path(path) if path else None)


def _hash_pointers(codes: Mapping[int, int]) -> _Known:
    """A table of data pointers, at most half full."""
    size = 1 << max(10, (2 * len(codes)).bit_length())
    known = _Known(np.zeros(size, dtype=np.uint32), np.zeros(size, dtype=np.int32))
    _insert(
        np.fromiter(codes.keys(), dtype=np.uint32, count=len(codes)),
        np.fromiter(codes.values(), dtype=np.int32, count=len(codes)),
        *known,
    )
    return known


@inner_kernel
def _place_of(keys: NDArray[np.uint32], pointer: Integer) -> Integer:
    """Where in the table a pointer is, or would be."""
    mask = np.uint32(len(keys) - 1)
    # Fibonacci hashing: the upper half of the product depends on all bits of the pointer.
    place = np.uint32(np.uint64(pointer) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(32)) & mask
    while keys[place] != 0 and keys[place] != pointer:
        place = (place + np.uint32(1)) & mask
    return place


@inner_kernel
def _insert(
    pointers: NDArray[np.uint32], pointer_codes: NDArray[np.int32], keys: NDArray[np.uint32], codes: NDArray[np.int32]
) -> None:
    for i in range(len(pointers)):
        place = _place_of(keys, pointers[i])
        keys[place], codes[place] = pointers[i], pointer_codes[i]


@inner_kernel
def _translate(
    pointers: NDArray[np.uint32], keys: NDArray[np.uint32], codes: NDArray[np.int32], result: NDArray[np.int32]
) -> int:
    """Fills `result` with the code of each pointer, -1 where it has none yet, and counts these."""
    unknown = 0
    for i in range(len(pointers)):
        result[i] = 0
        if pointers[i] != 0:
            place = _place_of(keys, pointers[i])
            result[i] = codes[place]
            if keys[place] == 0:
                result[i] = -1
                unknown += 1
    return unknown
