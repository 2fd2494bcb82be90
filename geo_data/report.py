"""The report of `footfall geo` on the location database in use: source, licence and age."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from footfall.geo_data.location_files import LocationFile, open_location_file

STALE_AFTER_DAYS: Final = 90
"""Networks move between countries. Providers renew their files monthly, so a file older than a quarter is outdated."""


@dataclass(frozen=True)
class GeoReport:
    """What users should know of a location database; every page that shows results must carry `attribution`."""

    path: Path
    embedded: bool
    source: str
    built_on: datetime.date
    age_days: int
    licence: str
    attribution: str
    warning: str | None
    """Set when the database is older than 90 days."""


def geo_report(path: Path | None, today: datetime.date) -> GeoReport:
    """Open a location database (None: the embedded one) and report on it. Raises LocationError."""
    return describe_location_file(open_location_file(path), today)


def describe_location_file(database: LocationFile, today: datetime.date) -> GeoReport:
    """Report on an open location database."""
    age_days = (today - database.built_on).days
    warning = None
    if age_days > STALE_AFTER_DAYS:
        warning = (
            f"location database {database.path.name} is {age_days} days old, expected at most {STALE_AFTER_DAYS}: "
            "fetch its provider's latest release with footfall geo update"
        )
    return GeoReport(
        path=database.path,
        embedded=database.embedded,
        source=database.source,
        built_on=database.built_on,
        age_days=age_days,
        licence=database.licence,
        attribution=database.attribution,
        warning=warning,
    )
