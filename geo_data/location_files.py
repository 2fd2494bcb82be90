"""Location database files: opening and checking them, their date, and the terms of their providers."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

import geoip2.database
import maxminddb
from geoip2.models import City, Country

from footfall.transforms.running.failures import SafeError

EMBEDDED_PATH: Final = Path(__file__).with_name("dbip-country-region.mmdb")


class LocationError(SafeError, ValueError):
    """A location database can't be used. The message names the file, the problem, what was expected, and the remedy."""


@dataclass(frozen=True)
class _Provider:
    """A provider of location files and its terms."""

    name: str
    licence: str
    attribution: str


_DBIP_LITE: Final = _Provider(
    "DB-IP Lite",
    "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/",
    "IP Geolocation by DB-IP, https://db-ip.com",
)
_PROVIDERS: Final = (
    ("DBIP-City-Lite", _DBIP_LITE),
    ("DBIP-Country-Lite", _DBIP_LITE),
    (
        "GeoLite2",
        _Provider(
            "MaxMind GeoLite2",
            "GeoLite End User License Agreement, https://www.maxmind.com/en/geolite/eula",
            "This product includes GeoLite Data created by MaxMind, available from https://www.maxmind.com",
        ),
    ),
    (
        "GeoIP2",
        _Provider(
            "MaxMind GeoIP2", "commercial, https://www.maxmind.com/en/end-user-license-agreement", "none required"
        ),
    ),
)
"""Prefix of a file's `database_type` → provider."""
_OTHER_PROVIDER: Final = _Provider("other", "see the file's provider", "see the file's provider")


class LocationFile:
    """A usable location database. Raises LocationError.

    `source` describes it, `built_on` is its date, `licence` and `attribution` are its provider's terms. `embedded` is
    true for the file that is part of Footfall.
    """

    def __init__(self, path: Path, *, embedded: bool = False) -> None:
        self.path = path
        self.embedded = embedded
        self.reader = _open_reader(path)
        self.read_record = _record_reader(path, self.reader)
        metadata = self.reader.metadata()
        provider = _provider_of(metadata.database_type)
        self.source = (
            "DB-IP City Lite (reduced to country and region)" if embedded else f"{metadata.database_type} ({path.name})"
        )
        self.built_on = datetime.datetime.fromtimestamp(metadata.build_epoch, datetime.UTC).date()
        self.licence = provider.licence
        self.attribution = provider.attribution


def open_location_file(path: Path | None = None) -> LocationFile:
    """Open the user's location database, or the embedded one if `path` is None. Raises LocationError."""
    return LocationFile(path) if path else LocationFile(EMBEDDED_PATH, embedded=True)


def damaged_file_error(path: Path, problem: str) -> LocationError:
    """Return the error for a file that is damaged."""
    return LocationError(
        f"location database {path}: damaged, {problem}; expected a complete MaxMind DB file: fetch it again"
    )


def _open_reader(path: Path) -> geoip2.database.Reader:
    expected = "expected a MaxMind DB file (.mmdb) of the type City or Country"
    remedy = "unpack the archive it came in, or fetch it again"
    if not path.is_file():
        remedy = "correct the path, or leave it out to use the embedded file"
        if path == EMBEDDED_PATH:
            remedy = "install Footfall again, or build the file with python -m footfall.geo_data.build"
        raise LocationError(f"location database {path}: no such file; {expected}: {remedy}")
    try:
        # Not the C extension: damaged records can crash it together with the process (seen with maxminddb 3.2.0).
        return geoip2.database.Reader(path, mode=maxminddb.MODE_MMAP)
    except OSError as error:
        problem, remedy = f"can't be read ({error.strerror})", "give a file that this user may read"
    except Exception:
        # Damaged metadata can raise any exception.
        problem = "not a MaxMind DB file, or a damaged one"
    raise LocationError(f"location database {path}: {problem}; {expected}: {remedy}")


def _record_reader(path: Path, reader: geoip2.database.Reader) -> Callable[[IPv4Address | IPv6Address], City | Country]:
    """Return the method of `geoip2` that reads this type of file. Raises LocationError for types without locations."""
    database_type = reader.metadata().database_type
    if "Enterprise" in database_type:
        return reader.enterprise
    if "City" in database_type:
        return reader.city
    if "Country" in database_type:
        return reader.country
    raise LocationError(
        f"location database {path}: its type is {database_type!r}, which geoip2 can't read countries from; "
        "expected City, Country or Enterprise: give such a file, or none to use the embedded one"
    )


def _provider_of(database_type: str) -> _Provider:
    return next((provider for start, provider in _PROVIDERS if database_type.startswith(start)), _OTHER_PROVIDER)
