"""Replaces a location file by a newer one, which is checked before use; the old one is kept beside it."""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import stat
import tarfile
import urllib.error
import urllib.request
import zlib
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Final, Protocol
from urllib.parse import urlsplit

import numpy as np

from footfall.geo_data.location_files import LocationError, open_location_file
from footfall.geo_data.locations import LocationDatabase
from footfall.transforms.running.failures import kind_of

KNOWN_ADDRESSES: Final = {
    # Universities and registries, whose networks have been theirs for decades (the regional registries' WHOIS).
    "18.9.22.69": "US",
    "128.32.0.1": "US",
    "131.111.8.46": "GB",
    "129.132.19.216": "CH",
    "141.14.0.1": "DE",
    "133.11.0.1": "JP",
    "200.160.2.3": "BR",
    "130.237.28.40": "SE",
    "2001:620::1": "CH",
    "2001:200::1": "JP",
}
MIN_RIGHT: Final = 8
"""Of these, how many must be located in their country; providers differ in one or two."""
_MAX_BYTES: Final = 2**32
_TIMEOUT_S: Final = 60
_FILE_MODE: Final = 0o644


class SupportsRead(Protocol):
    """What bytes are read from."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes."""
        ...


@dataclass(frozen=True)
class Update:
    """The outcome: dates of the file in use before (None: there was none) and of the one from the source."""

    path: Path
    before: date | None
    built_on: date
    kept: Path | None
    """Where the old file is, None if nothing was replaced or there was none."""
    is_new: bool
    """Whether the source was newer, and is in use now."""


def update_locations(source: str, target: Path) -> Update:
    """Replace `target` by the file from `source`: a path or an https address, plain, gzip or tar with gzip.

    Nothing is replaced where the source is as old as the target. Raises LocationError where it cannot be fetched, is
    no location file, is older, or misplaces known addresses; the target is as it was then.
    """
    before = open_location_file(target).built_on if target.exists() else None
    new = target.with_name(f".{target.name}.new")
    try:
        _fetch(source, new)
        built_on = check_locations(new, _show(source))
        if before is not None and built_on < before:
            raise LocationError(
                f"{_show(source)}: built on {built_on}, older than {target} of {before}; expected a newer one: fetch "
                "the latest release, or remove the file in use"
            )
        if built_on == before:
            return Update(target, before, built_on, None, is_new=False)
        return Update(target, before, built_on, _replace(new, target), is_new=True)
    except OSError as error:
        raise LocationError(f"{target}: cannot be written ({kind_of(error)}); check the folder") from None
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)


def check_locations(path: Path, name: str) -> date:
    """Return the date of a location file that opens, has countries, and locates KNOWN_ADDRESSES. Raises LocationError.

    Errors call the file `name`.
    """
    try:
        database = LocationDatabase(path)
        values = [ip_address(text) for text in KNOWN_ADDRESSES]
        codes = database.locate(
            np.array([int(one) >> 64 for one in values], dtype=np.uint64),
            np.array([int(one) & (2**64 - 1) for one in values], dtype=np.uint64),
        )
        # The whole tree is walked, so that a damaged part is found now and not at night.
        database.networks(4)
        database.networks(6)
    except LocationError as error:
        raise LocationError(str(error).replace(str(path), name)) from None
    locations = database.locations()
    found = [locations[code].country for code in codes.tolist()]
    right = sum(one == country for one, country in zip(found, KNOWN_ADDRESSES.values(), strict=True))
    if right < MIN_RIGHT:
        raise LocationError(
            f"{name}: locates {right} of {len(found)} known addresses in their country, expected at least {MIN_RIGHT}: "
            "give a complete file of the type City or Country"
        )
    return database.built_on


def _show(source: str) -> str:
    """A source as it may be shown: a provider's address can have the licence key in its query or before its host."""
    parts = urlsplit(source)
    return f"{parts.scheme}://{parts.hostname}{parts.path}" if parts.scheme in ("http", "https") else source


def _fetch(source: str, new: Path) -> None:
    """Write the file from `source` to `new`, unpacked."""
    parts = urlsplit(source)
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise LocationError(f"{_show(source)}: anyone on the way could replace the file; give an https address")
    packed = new.with_name(f"{new.name}.packed")
    try:
        with packed.open("wb") as file:
            if parts.scheme in ("http", "https"):
                with urllib.request.urlopen(source, timeout=_TIMEOUT_S) as response:
                    _copy(response, file, _show(source))
            else:
                with _open_source(source) as given:
                    _copy(given, file, source)
        _unpack(packed, new, _show(source))
    except urllib.error.HTTPError as error:
        raise LocationError(f"{_show(source)}: answered with status {error.code}; check the address") from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise LocationError(
            f"{_show(source)}: cannot be fetched ({kind_of(error)}); check address and network"
        ) from None
    finally:
        packed.unlink(missing_ok=True)


def _open_source(source: str) -> IO[bytes]:
    try:
        return open(source, "rb")
    except OSError as error:
        raise LocationError(
            f"{source}: cannot be read ({kind_of(error)}); give a location file or an https address"
        ) from None


def _copy(source: SupportsRead, target: IO[bytes], name: str) -> None:
    size = 0
    while piece := source.read(2**20):
        size += len(piece)
        if size > _MAX_BYTES:
            raise LocationError(f"{name}: larger than {_MAX_BYTES // 2**30} GiB, which no location file is")
        target.write(piece)


def _unpack(packed: Path, new: Path, name: str) -> None:
    """Write the location file in a packed one: the one member of a tar, the content of gzip, or the file itself."""
    try:
        with contextlib.suppress(tarfile.ReadError):
            _unpack_archive(packed, new, name)
            return
        with packed.open("rb") as file:
            is_gzip = file.read(2) == b"\x1f\x8b"
        with gzip.open(packed) if is_gzip else packed.open("rb") as given, new.open("wb") as file:
            _copy(given, file, name)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise LocationError(f"{name}: the gzip data is damaged; fetch it again") from None


def _unpack_archive(packed: Path, new: Path, name: str) -> None:
    with tarfile.open(packed) as archive:
        member = next((one for one in archive if one.isfile() and one.name.endswith(".mmdb")), None)
        content = archive.extractfile(member) if member is not None else None
        if content is None:
            raise LocationError(f"{name}: the archive has no .mmdb file; give the one with City or Country")
        with new.open("wb") as file:
            _copy(content, file, name)


def _replace(new: Path, target: Path) -> Path | None:
    """Put the new file in place at once; return where the old one is kept. A run that has it open goes on with it."""
    kept = None
    if target.exists():
        kept = target.with_name(f"{target.name}.old")
        new.chmod(stat.S_IMODE(target.stat().st_mode))
        kept.unlink(missing_ok=True)
        try:
            os.link(target, kept)
        except OSError:  # a file system without hard links
            shutil.copy2(target, kept)
    else:
        new.chmod(_FILE_MODE)
    with new.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(new, target)
    return kept
