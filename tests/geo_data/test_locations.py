"""Look-ups, compared with the reader of `maxminddb` and MaxMind's cases; damaged and wrong files."""

from __future__ import annotations

import contextlib
import datetime
import gzip
import ipaddress
import json
import random
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import maxminddb
import numpy as np
import pytest

from footfall.geo_data.location_files import EMBEDDED_PATH, LocationError
from footfall.geo_data.locations import Location, LocationDatabase, open_locations
from footfall.geo_data.mmdb_writing import Network, write_mmdb
from footfall.transforms.vocabulary import UNKNOWN

DATA = Path(__file__).parent / "data"
CASES = Path(__file__).parents[2] / "../shared/data/cases/geo_maxmind.jsonl.gz"
LOCATION_FILES = ("GeoIP2-City", "GeoLite2-City", "GeoIP2-Country", "GeoLite2-Country", "GeoIP2-Enterprise")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

GERMANY = {"continent": {"code": "EU"}, "country": {"iso_code": "DE"}, "subdivisions": [{"names": {"en": "Berlin"}}]}
FRANCE = {"continent": {"code": "EU"}, "country": {"iso_code": "FR"}}
BUILT = datetime.datetime(2026, 6, 5, 12, tzinfo=datetime.UTC)


def locate(database: LocationDatabase, addresses: Sequence[Address]) -> list[Location]:
    high = np.array([int(address) >> 64 for address in addresses], dtype=np.uint64)
    low = np.array([int(address) & (1 << 64) - 1 for address in addresses], dtype=np.uint64)
    codes = database.locate(high, low)
    places = database.locations()
    return [places[code] for code in codes]


def place_of(record: Any) -> Location:
    """Convert a record of `maxminddb` to a Location."""
    record = record or {}
    divisions = record.get("subdivisions") or [{}]
    return Location(
        record.get("continent", {}).get("code", UNKNOWN),
        record.get("country", {}).get("iso_code", UNKNOWN),
        divisions[0].get("names", {}).get("en", UNKNOWN),
    )


def draw_addresses(database: LocationDatabase, count: int) -> list[Address]:
    """Return random addresses of both versions: of the whole space, and of networks in the database."""
    draw = random.Random(7)
    addresses: list[Address] = [ipaddress.IPv4Address(draw.getrandbits(32)) for _ in range(count)]
    addresses += [ipaddress.IPv6Address(draw.getrandbits(128)) for _ in range(count // 10)]
    for version in (4, 6):
        high, low, prefix = database.networks(version)
        for _ in range(count if len(high) else 0):
            at = draw.randrange(len(high))
            drawn = int(high[at]) << 64 | int(low[at]) | draw.getrandbits(128) & (1 << 128 - int(prefix[at])) - 1
            addresses.append(ipaddress.IPv4Address(drawn) if drawn < 1 << 32 else ipaddress.IPv6Address(drawn))
    return addresses


def write_example(path: Path, networks: dict[str, Any], ip_version: int = 6, record_size: int | None = None) -> Path:
    parsed: dict[Network, Any] = {ipaddress.ip_network(text): record for text, record in networks.items()}
    write_mmdb(parsed, path, database_type="Example-City", built=BUILT, ip_version=ip_version, record_size=record_size)
    return path


@pytest.mark.parametrize("path", [EMBEDDED_PATH, *(DATA / f"{name}-Test.mmdb" for name in LOCATION_FILES)], ids=str)
def test_random_addresses_are_where_maxminddb_finds_them(path: Path) -> None:
    database = open_locations(path)
    addresses = draw_addresses(database, 3000)
    with maxminddb.open_database(path) as reader:
        expected = [place_of(reader.get(address)) for address in addresses]
    assert locate(database, addresses) == expected
    assert len(set(expected)) > 10


@pytest.mark.parametrize("ip_version", [4, 6])
@pytest.mark.parametrize("record_size", [24, 28, 32])
def test_every_record_size_and_ip_version_reads_the_same(tmp_path: Path, record_size: int, ip_version: int) -> None:
    # So many nodes that values need more than 16 bits, so that no byte is always zero.
    networks: dict[str, Any] = {
        f"10.{i >> 8 & 255}.{i & 255}.128/27": (GERMANY, FRANCE)[i % 3 % 2] for i in range(40000)
    }
    path = write_example(tmp_path / "a.mmdb", networks, record_size=record_size, ip_version=ip_version)
    database = open_locations(path)
    addresses = draw_addresses(database, 2000)
    if ip_version == 4:
        addresses = [address for address in addresses if address.version == 4]
    with maxminddb.open_database(path) as reader:
        assert reader.metadata().record_size == record_size
        assert locate(database, addresses) == [place_of(reader.get(address)) for address in addresses]


def test_reviewed_cases_of_maxmind_pass(capsys: pytest.CaptureFixture[str]) -> None:
    """The cases have ISO codes of regions, a Location has names; the record has both."""
    if not CASES.exists():
        pytest.skip(f"no test data at {CASES.name}")
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    failed: list[str] = []
    databases: dict[str, LocationDatabase] = {}
    for number, line in enumerate(gzip.decompress(CASES.read_bytes()).splitlines(), 1):
        case = json.loads(line)
        name, expected = case["db"], case["expect"]
        if "asn" in expected:
            # An ASN database has no locations; see the test of wrong types.
            continue
        total[name] += 1
        database = databases.setdefault(name, open_locations(DATA / name))
        address = ipaddress.ip_address(case["line"])
        [place] = locate(database, [address])
        region = expected.get("region")
        if region is not None:
            with maxminddb.open_database(DATA / name) as reader:
                record: Any = reader.get(address)
            division = record["subdivisions"][0]
            region = division["names"]["en"] if division["iso_code"] == region else "another"
        want = Location(expected.get("continent", UNKNOWN), expected.get("country", UNKNOWN), region or UNKNOWN)
        if place == want:
            passed[name] += 1
        else:
            failed.append(f"case {number} of {name}: {place}, expected {want}")
    with capsys.disabled():
        print()
        for name in total:
            print(f"  {name}: {passed[name]} of {total[name]} cases")
    assert not failed, "\n".join(failed)
    assert total.total() > 1000


def test_addresses_without_a_place_are_unknown() -> None:
    database = open_locations()
    texts = ["0.0.0.0", "10.1.2.3", "127.0.0.1", "192.0.2.1", "192.168.0.1", "255.255.255.255"]
    texts += ["::", "::1", "fe80::1", "fc00::1", "2001:db8::1", "ff02::1"]
    assert set(locate(database, [ipaddress.ip_address(text) for text in texts])) == {Location()}


def test_an_ipv4_database_knows_no_ipv6(tmp_path: Path) -> None:
    path = write_example(tmp_path / "a.mmdb", {"0.0.0.0/0": FRANCE}, ip_version=4)
    addresses = [ipaddress.ip_address(text) for text in ("192.0.2.1", "::1:0:0", "2001:db8::1")]
    assert [place.country for place in locate(open_locations(path), addresses)] == ["FR", UNKNOWN, UNKNOWN]


def test_records_of_one_region_share_a_code(tmp_path: Path) -> None:
    cities = {f"192.0.{i}.0/24": GERMANY | {"city": {"names": {"en": f"City {i}"}}} for i in range(9)}
    database = open_locations(write_example(tmp_path / "a.mmdb", cities))
    places = locate(database, [ipaddress.ip_address(f"192.0.{i}.9") for i in range(10)])
    assert places == [Location("EU", "DE", "Berlin")] * 9 + [Location()]
    assert database.locations() == (Location(), Location("EU", "DE", "Berlin"))


def test_threads_share_one_database() -> None:
    database = open_locations()
    addresses = draw_addresses(database, 500)
    expected = locate(open_locations(), addresses)
    results: list[list[Location]] = []
    threads = [threading.Thread(target=lambda: results.append(locate(database, addresses))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [expected] * 8
    assert len(set(database.locations())) == len(database.locations())


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("GeoLite2-ASN-Test.mmdb", "GeoLite2-ASN"),
        ("GeoIP2-Anonymous-IP-Test.mmdb", "GeoIP2-Anonymous-IP"),
        ("MaxMind-DB-no-ipv4-search-tree.mmdb", "its type is"),
        ("MaxMind-DB-test-broken-pointers-24.mmdb", "its type is"),
        ("MaxMind-DB-test-broken-search-tree-24.mmdb", "its type is"),
        ("GeoIP2-City-Test-Invalid-Node-Count.mmdb", "damaged"),
        ("README.md", "not a MaxMind DB file"),
        ("absent.mmdb", "no such file"),
        ("", "no such file"),
    ],
)
def test_a_file_without_locations_is_refused_with_file_problem_and_remedy(name: str, problem: str) -> None:
    with pytest.raises(LocationError, match=problem) as caught:
        open_locations(DATA / name)
    assert str(DATA / name) in str(caught.value)
    assert "expected" in str(caught.value)


def test_a_record_that_cannot_be_decoded_is_an_error_without_the_address() -> None:
    database = open_locations(DATA / "GeoIP2-City-Test-Broken-Double-Format.mmdb")
    high, low, _ = database.networks(6)
    with pytest.raises(LocationError, match="records can't be decoded") as caught:
        database.locate(high, low)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("pointer", [0, 3, 2**32 - 1])
def test_a_tree_that_leads_nowhere_is_an_error(tmp_path: Path, pointer: int) -> None:
    """A value that points to an earlier node, into the separator, or after the end of the file."""
    path = write_example(
        tmp_path / "a.mmdb", {"0.0.0.0/1": FRANCE, "128.0.0.0/1": GERMANY}, ip_version=4, record_size=32
    )
    octets = bytearray(path.read_bytes())
    octets[:4] = pointer.to_bytes(4, "big")
    path.write_bytes(octets)
    database = open_locations(path)
    assert locate(database, [ipaddress.ip_address("192.0.2.1")]) == [Location("EU", "DE", "Berlin")]
    with pytest.raises(LocationError, match="damaged"):
        locate(database, [ipaddress.ip_address("0.0.0.0")])


def test_random_damage_never_raises_anything_but_location_errors(tmp_path: Path) -> None:
    whole = (DATA / "GeoLite2-City-Test.mmdb").read_bytes()
    addresses = draw_addresses(open_locations(DATA / "GeoLite2-City-Test.mmdb"), 100)
    draw = random.Random(11)
    # With this damage, some files crash the C extension of maxminddb 3.2.0.
    refused = 0
    for i in range(200):
        octets = bytearray(whole[: draw.randrange(len(whole))] if i % 10 == 0 else whole)
        for _ in range(draw.choice((1, 30, 1000)) if octets else 0):
            octets[draw.randrange(len(octets))] = draw.choice((0, 255, draw.randrange(256)))
        path = tmp_path / f"{i}.mmdb"
        path.write_bytes(octets)
        try:
            database = open_locations(path)
        except LocationError:
            refused += 1
            continue
        for address in addresses:
            with contextlib.suppress(LocationError):
                locate(database, [address])
    assert 20 < refused < 100
