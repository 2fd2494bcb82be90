"""The report of `footfall geo`."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from footfall.geo_data.locations import EMBEDDED_PATH, open_locations
from footfall.geo_data.report import geo_report

GEOLITE = Path(__file__).parent / "data" / "GeoLite2-City-Test.mmdb"


def test_the_embedded_file_is_reported_with_licence_and_attribution() -> None:
    report = geo_report(None, datetime.date(2026, 6, 15))
    assert (report.path, report.embedded) == (EMBEDDED_PATH, True)
    assert report.source == "DB-IP City Lite (reduced to country and region)"
    assert "CC BY 4.0" in report.licence
    assert "https://db-ip.com" in report.attribution


def test_a_users_file_is_reported_as_its_own() -> None:
    report = geo_report(GEOLITE, datetime.date(2026, 6, 15))
    assert not report.embedded
    assert report.source == "GeoLite2-City (GeoLite2-City-Test.mmdb)"
    assert "MaxMind" in report.attribution


@pytest.mark.parametrize(("age_days", "warned"), [(0, False), (90, False), (91, True), (400, True)])
def test_a_database_older_than_ninety_days_is_warned_of(age_days: int, warned: bool) -> None:
    built_on = open_locations().built_on
    report = geo_report(None, built_on + datetime.timedelta(days=age_days))
    assert report.age_days == age_days
    assert (report.warning is not None) == warned
    if report.warning:
        assert f"{age_days} days" in report.warning
