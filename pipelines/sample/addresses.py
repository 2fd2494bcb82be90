"""Client addresses of the sample log: all distinct, and each in a known country of the location database."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import maxminddb
import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.sample.random_draws import RandomSource, WeightedChoice
from footfall.transforms.arrays import Ints

_COUNTRIES: Final = (
    *(("DE", 24.0), ("US", 15.0), ("GB", 9.0), ("FR", 7.0), ("NL", 6.0), ("IT", 5.0), ("ES", 4.0), ("PL", 4.0)),
    *(("AT", 3.0), ("CH", 3.0), ("SE", 2.0), ("BR", 2.0), ("IN", 2.0), ("JP", 2.0), ("CN", 2.0), ("CA", 2.0)),
    *(("AU", 1.5), ("BE", 1.5), ("DK", 1.0), ("CZ", 1.0), ("MX", 0.8), ("TR", 0.8), ("ZA", 0.6), ("UA", 0.6)),
    *(("AR", 0.4), ("KR", 0.4), ("SG", 0.3), ("NZ", 0.2), ("EG", 0.2), ("NG", 0.1)),
)
_IPV6_SHARE: Final = 0.15
_IPV6_PREFIXES: Final = (
    0x2001,
    *range(0x2400, 0x240F),
    *range(0x2600, 0x2610),
    *range(0x2800, 0x2807),
    *range(0x2A00, 0x2A10),
)
_HOSTS: Final = 254
_TRIES: Final = 60_000


@dataclass
class _Country:
    """The networks of one country as text prefixes (IPv4 /24, IPv6 /48), and the number of addresses in use."""

    place: tuple[str, str]
    ipv4: list[str]
    ipv6: list[str]
    used: int = 0


class Addresses:
    """Generates addresses, each at most once."""

    def __init__(self, database: Path, rng: RandomSource, expected: int) -> None:
        """Find enough networks for `expected` addresses in a MaxMind-style database with continent and country."""
        self._rng = rng
        countries = _find_networks(database, rng, wanted=20 + expected // 100)
        if not countries:
            raise ValueError(
                f"{database.name}: has no networks of the sample's countries; expected a database with continent and "
                "country of IPv4 addresses; use the one included in Footfall"
            )
        # A country gets at most as many visitors as half of its addresses.
        limits = [len(country.ipv4) * _HOSTS / 2 / max(expected, 1) for country in countries]
        weights = dict(_COUNTRIES)
        total = sum(weights.values())
        shares = [
            min(weights[country.place[1]] / total, limit) for country, limit in zip(countries, limits, strict=True)
        ]
        self._countries = countries
        self._choice = WeightedChoice.of(range(len(countries)), shares)
        self.places: list[tuple[str, str]] = [country.place for country in countries]
        """Continent and country of each place number that `take` returns."""

    def take(self, count: int) -> tuple[NDArray[np.object_], Ints]:
        """`count` new addresses as texts, and their place numbers."""
        places = self._rng.pick(self._choice, count)
        is_ipv6 = self._rng.chance(count, _IPV6_SHARE).tolist()
        words = self._rng.between(count, 0x0200_0000_0000, 0x1_0000_0000_0000).tolist()
        texts: list[str] = []
        for place, wants_ipv6, word in zip(places.tolist(), is_ipv6, words, strict=True):
            country = self._countries[place]
            serial = country.used
            country.used += 1
            if wants_ipv6 and country.ipv6:
                turn, network = divmod(serial, len(country.ipv6))
                # The last word is different for each address of a network, so that all addresses are distinct.
                random_words = f"{word >> 32 | 1:x}:{word >> 16 & 0xFFFF | 1:x}:{word & 0xFFFF | 1:x}"
                texts.append(f"{country.ipv6[network]}{network % 7:x}:{random_words}:{turn % 65_535 + 1:x}")
            else:
                turn, network = divmod(serial, len(country.ipv4))
                texts.append(f"{country.ipv4[network]}{(turn * 97 + network * 37) % _HOSTS + 1}")
        result = np.empty(count, dtype=object)
        result[:] = texts
        return result, places


def _find_networks(database: Path, rng: RandomSource, wanted: int) -> list[_Country]:
    """Up to `wanted` networks of each country, found by looking up random addresses."""
    found = {code: _Country(("", code), [], []) for code, _ in _COUNTRIES}
    seen: set[str] = set()
    with maxminddb.open_database(database) as reader:
        for value in rng.between(min(_TRIES, 4000 + wanted * 30), 1 << 24, 224 << 24).tolist():
            prefix = f"{value >> 24}.{value >> 16 & 255}.{value >> 8 & 255}."
            _add_network(reader, prefix, f"{prefix}1", 24, found, seen, wanted)
        tries = 4000
        heads = [_IPV6_PREFIXES[i] for i in rng.below(tries, len(_IPV6_PREFIXES)).tolist()]
        for head, rest in zip(heads, rng.below(tries, 1 << 32).tolist(), strict=True):
            prefix = f"{head:x}:{rest >> 16:x}:{rest & 0xFFFF:x}:"
            _add_network(reader, prefix, f"{prefix}:1", 48, found, seen, wanted)
    return [country for country in found.values() if country.ipv4]


def _add_network(
    reader: maxminddb.Reader, prefix: str, text: str, bits: int, found: dict[str, _Country], seen: set[str], wanted: int
) -> None:
    """Add the network to its country if all of it lies in one of the sample's countries."""
    if prefix in seen:
        return
    seen.add(prefix)
    record: Any
    record, length = reader.get_with_prefix_len(text)
    if not record or length > bits or not ipaddress.ip_address(text).is_global:
        return
    country = found.get(record.get("country", {}).get("iso_code", ""))
    networks = None if country is None else country.ipv4 if bits == 24 else country.ipv6
    if country is not None and networks is not None and len(networks) < wanted:
        country.place = (record["continent"]["code"], country.place[1])
        networks.append(prefix)
