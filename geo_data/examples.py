"""Reproducible addresses that a location database places in a given country, for sample logs."""

from __future__ import annotations

import random
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geo_data.locations import LocationDatabase, LocationError


def find_addresses(
    database: LocationDatabase, country: str, count: int, seed: int, *, version: Literal[4, 6] = 4
) -> list[str]:
    """Draws addresses, any of a country's (ISO code) IPv4 addresses as likely as another, any region.

    IPv6 addresses come from its IPv6 networks, each as likely as another. The same database, country, count, seed
    and version give the same addresses, in the same order; some may come twice. The first call for a database and
    version takes about a second. Raises LocationError if the database has no network in that country.
    """
    first, size = _networks_of(database, country, version)
    if not len(first):
        raise LocationError(
            f"location database {database.path}: no IPv{version} network in country {country!r}, expected one: "
            "give an ISO 3166-1 code that the database has"
        )
    draw = random.Random(f"{seed} {country} {version}")
    if version == 6:
        drawn = (draw.randrange(len(first)) for _ in range(count))
        return [str(IPv6Address((int(first[at]) << 64) + draw.randrange(int(size[at]) << 64))) for at in drawn]
    ends = np.cumsum(size)
    positions = [draw.randrange(int(ends[-1])) for _ in range(count)]
    at = np.searchsorted(ends, np.array(positions, dtype=np.uint64), side="right")
    offsets = np.array(positions, dtype=np.uint64) - (ends[at] - size[at])
    return [str(IPv4Address(address)) for address in (first[at] + offsets).tolist()]


def _networks_of(
    database: LocationDatabase, country: str, version: Literal[4, 6]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """First addresses and sizes of a country's networks: addresses in IPv4, /64 networks in IPv6."""
    first, prefix, code = _all_networks(database, version)
    there = np.array([place.country == country for place in database.places()], dtype=np.bool_)[code]
    width = np.uint64(128 if version == 4 else 64)
    return first[there], np.uint64(1) << (width - prefix[there])


@lru_cache(maxsize=2)
def _all_networks(
    database: LocationDatabase, version: Literal[4, 6]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int32]]:
    """All networks of a database, up to /64 in IPv6: first 32 or 64 bits, prefix length in IPv6, code of the place."""
    high, low, prefix = database.networks(version)
    code = database.locate(high, low)
    if version == 4:
        return low, prefix.astype(np.uint64), code
    wide = (prefix <= 64) & (prefix > 0)
    return high[wide], prefix[wide].astype(np.uint64), code[wide]
