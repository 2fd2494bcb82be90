"""MMDB files that are written give the same records with the reader of `maxminddb`."""

from __future__ import annotations

import datetime
import ipaddress
import random
from pathlib import Path
from typing import Any

import maxminddb
import numpy as np
import pytest

from footfall.geo_data.mmdb_writing import MmdbData, Network, pack_nodes, write_mmdb
from footfall.geo_data.search_tree import child_value

BUILT = datetime.datetime(2026, 6, 5, 12, tzinfo=datetime.UTC)


def split_network(network: Network, draw: random.Random, deepest: int) -> list[Network]:
    """Random subnetworks of a network that don't overlap and don't cover all of it."""
    if network.prefixlen < deepest and draw.random() < 0.8:
        return [part for half in network.subnets() for part in split_network(half, draw, deepest)]
    return [network] if draw.random() < 0.7 else []


@pytest.mark.parametrize("seed", range(20))
def test_every_network_has_its_own_record_and_the_gaps_have_none(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    whole = [ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "2001:db8::/120")]
    networks: dict[Network, MmdbData] = {
        part: f"record {draw.randrange(3)}"
        for network in whole
        for part in split_network(network, draw, network.max_prefixlen)
    }
    path = tmp_path / "a.mmdb"
    write_mmdb(networks, path, database_type="Example", built=BUILT)
    expected = {address: record for network, record in networks.items() for address in network}
    with maxminddb.open_database(path) as reader:
        for network in whole:
            for address in network:
                assert reader.get(address) == expected.get(address)
        assert {address for found, _ in reader for address in ipaddress.ip_network(found)} == set(expected)


@pytest.mark.parametrize("mode", [maxminddb.MODE_MMAP_EXT, maxminddb.MODE_MEMORY])
def test_every_type_of_data_survives_and_equal_data_is_written_once(tmp_path: Path, mode: int) -> None:
    shared: MmdbData = {"names": {"en": "Zürich " * 100}, "flags": [True, False, 1, 1.0, 70000, 2.5]}
    # More than 526,336 bytes, so that pointers of each size occur.
    records: list[MmdbData] = [{"number": i, "text": f"{i} " * 300, "shared": shared} for i in range(600)]
    records.append({"long": "x" * 70_000, "shared": shared})
    networks = {ipaddress.ip_network((i << 8, 24)): record for i, record in enumerate(records)}
    path = tmp_path / "a.mmdb"
    write_mmdb(networks, path, database_type="Example", built=BUILT, ip_version=4)
    with maxminddb.open_database(path, mode) as reader:
        for i, record in enumerate(records):
            found: Any = reader.get(ipaddress.IPv4Address(i << 8 | 9))
            assert found == record
        assert [type(flag) for flag in found["shared"]["flags"]] == [bool, bool, int, float, int, float]
        assert reader.metadata().build_epoch == int(BUILT.timestamp())
    assert path.read_bytes().count("Zürich ".encode()) == 100


@pytest.mark.parametrize(
    ("record_size", "octets"),
    [(24, "345678 abcdef"), (28, "345678 29 abcdef"), (32, "02345678 09abcdef")],
)
def test_a_node_is_laid_out_as_the_format_says(record_size: int, octets: str) -> None:
    left, right = (value & (1 << record_size) - 1 for value in (0x02345678, 0x09ABCDEF))
    packed = pack_nodes(np.array([[left, right]], dtype=np.int64), record_size)
    assert packed == bytes.fromhex(octets)
    node = np.frombuffer(packed, dtype=np.uint8)
    assert (child_value(node, record_size, 0, 0), child_value(node, record_size, 0, 1)) == (left, right)


def test_overlapping_networks_are_refused(tmp_path: Path) -> None:
    networks: dict[Network, MmdbData] = {ipaddress.ip_network(text): {} for text in ("192.0.2.0/24", "192.0.2.64/26")}
    with pytest.raises(ValueError, match="overlap"):
        write_mmdb(networks, tmp_path / "a.mmdb", database_type="Example", built=BUILT)
