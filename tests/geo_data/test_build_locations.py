"""Building the embedded file from a source in DB-IP's flat schema, and the content of the result."""

from __future__ import annotations

import datetime
import ipaddress
import tarfile
from pathlib import Path
from typing import Any

import geoip2.database
import maxminddb
import numpy as np
import pytest

import footfall.geo_data.build
from footfall.geo_data.build import build_locations
from footfall.geo_data.countries import CONTINENTS, COUNTRIES
from footfall.geo_data.location_files import EMBEDDED_PATH, LocationError
from footfall.geo_data.mmdb_writing import Network, write_mmdb, write_networks
from footfall.geo_data.regions import ALIASES, unify_regions


def write_source(folder: Path, networks: dict[str, tuple[str, str]]) -> Path:
    """Write the two files of the npm package, with a city and coordinates in each record."""
    for version in (4, 6):
        records: dict[Network, Any] = {
            ipaddress.ip_network(text): {
                "city": f"Secret City {i}",
                "country_code": country,
                "latitude": 52.5,
                "longitude": 13.4 + i,
                "state1": region,
            }
            for i, (text, (country, region)) in enumerate(networks.items())
            if ipaddress.ip_network(text).version == version
        }
        write_mmdb(
            records,
            folder / f"dbip-city-ipv{version}.mmdb",
            database_type=f"city ipv{version}",
            built=datetime.datetime(2026, 6, 3 + version, 12, tzinfo=datetime.UTC),
            ip_version=version,
        )
    return folder


NETWORKS = {
    "192.0.2.0/25": ("DE", "Berlin"),
    "192.0.2.128/25": ("DE", "State of Berlin"),
    "198.51.100.0/24": ("FR", ""),
    "203.0.113.0/26": ("DE", "Hesse"),
    "2001:db8::/34": ("DE", "State of Berlin"),
    "2001:db8:8000::/34": ("JP", "Tokyo"),
}


def test_both_models_of_geoip2_read_what_was_built(tmp_path: Path) -> None:
    target = tmp_path / "out.mmdb"
    summary = build_locations(write_source(tmp_path, NETWORKS), target, checks=2000)
    assert summary.built_on == datetime.date(2026, 6, 7)
    assert summary.locations == 4
    with geoip2.database.Reader(target) as reader:
        for address in ("192.0.2.1", "192.0.2.200", "2001:db8::1"):
            city = reader.city(address)
            found = (city.continent.code, city.country.iso_code, city.country.name, city.subdivisions[0].name)
            assert found == ("EU", "DE", "Germany", "Berlin")
        assert reader.country("2001:db8:8000::9").country.name == "Japan"
        assert not reader.city("198.51.100.7").subdivisions
        assert "CC BY 4.0" in reader.metadata().description["en"]


def test_no_city_goes_in_and_neighbours_of_one_region_become_one_network(tmp_path: Path) -> None:
    target = tmp_path / "out.mmdb"
    build_locations(write_source(tmp_path, NETWORKS), target, checks=100)
    assert b"Secret" not in target.read_bytes()
    with maxminddb.open_database(target) as reader:
        assert [str(network) for network, _ in reader][:2] == ["192.0.2.0/24", "198.51.100.0/24"]


def test_the_source_may_be_the_package_as_fetched(tmp_path: Path) -> None:
    write_source(tmp_path, NETWORKS)
    with tarfile.open(tmp_path / "package.tgz", "w:gz") as archive:
        for version in (4, 6):
            archive.add(tmp_path / f"dbip-city-ipv{version}.mmdb", f"package/dbip-city-ipv{version}.mmdb")
    build_locations(tmp_path, tmp_path / "a.mmdb", checks=10)
    build_locations(tmp_path / "package.tgz", tmp_path / "b.mmdb", checks=10)
    assert (tmp_path / "a.mmdb").read_bytes() == (tmp_path / "b.mmdb").read_bytes()


def test_a_file_that_differs_from_its_source_replaces_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.mmdb"
    target.write_bytes(b"the old one")

    def write_wrongly(path: Path, high: Any, low: Any, prefix: Any, record: Any, *rest: Any, **options: Any) -> int:
        return write_networks(path, high, low, prefix, np.roll(record, 1), *rest, **options)

    monkeypatch.setattr(footfall.geo_data.build, "write_networks", write_wrongly)
    with pytest.raises(LocationError, match="differ"):
        build_locations(write_source(tmp_path, NETWORKS), target, checks=2000)
    assert target.read_bytes() == b"the old one"
    assert not list(tmp_path.glob("out.mmdb.*"))


@pytest.mark.parametrize("content", [None, b"no archive"])
def test_a_source_that_is_no_package_is_named(tmp_path: Path, content: bytes | None) -> None:
    source = tmp_path / "source"
    if content is None:
        source.mkdir()
    else:
        source.write_bytes(content)
    with pytest.raises(LocationError, match=r"source.*expected"):
        build_locations(source, tmp_path / "out.mmdb")


def test_a_country_that_is_not_in_the_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocationError, match=r"'QQ'.*countries\.py"):
        build_locations(
            write_source(tmp_path, {"192.0.2.0/24": ("QQ", ""), "2001:db8::/32": ("DE", "")}), tmp_path / "o"
        )


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({("SK", "Nitra"): 33, ("SK", "Nitra Region"): 769}, {"Nitra Region"}),
        ({("DE", "State of Berlin"): 900, ("DE", "Berlin"): 3}, {"Berlin"}),
        ({("KZ", "Almaty"): 6803, ("KZ", "Almaty Region"): 87}, {"Almaty", "Almaty Region"}),
        ({("RU", "Tver\u2019 Oblast"): 44, ("RU", "Tver Oblast"): 397}, {"Tver Oblast"}),
        ({("ZA", "North-West"): 38, ("ZA", "North West"): 1989}, {"North West"}),
        ({("MX", "Mexico"): 1, ("MX", "Mexico City"): 2}, {"Mexico", "Mexico City"}),
    ],
)
def test_one_region_has_one_name(counts: dict[tuple[str, str], int], expected: set[str]) -> None:
    assert set(unify_regions(counts).values()) == expected


def test_the_tables_are_consistent() -> None:
    assert len(COUNTRIES) == 250
    assert {continent for continent, _ in COUNTRIES.values()} == set(CONTINENTS)
    assert all(len(code) == 2 and code.isupper() and name for code, (_, name) in COUNTRIES.items())
    assert all(country in COUNTRIES for country, _ in ALIASES)


def test_the_embedded_file_has_countries_and_regions_only() -> None:
    with maxminddb.open_database(EMBEDDED_PATH) as reader:
        keys: set[str] = set()
        for address in ("8.8.8.8", "1.1.1.1", "9.9.9.9", "2620:fe::fe"):
            record: Any = reader.get(address)
            keys |= set(record)
        assert keys == {"continent", "country", "subdivisions"}
        assert "db-ip.com" in reader.metadata().description["en"]
    octets = EMBEDDED_PATH.read_bytes()
    for key in ("latitude", "longitude", "location", "city", "postcode", "postal", "timezone"):
        # A key is encoded as type and length, then its letters.
        assert bytes([0x40 + len(key)]) + key.encode() not in octets
