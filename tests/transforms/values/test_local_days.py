"""Hours and days are those of the site's time zone, also when UTC offsets change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from footfall.transforms.values.local_days import EPOCH, HOUR_MS, LocalDays

ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
    *("America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Apia", "America/Havana"),
)


def hour_by_zoneinfo(time_ms: int, zone: str) -> int:
    local = datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    return (local.date() - EPOCH).days * 24 + local.hour


@pytest.mark.parametrize("zone", ZONES)
def test_hours_are_those_of_zoneinfo_whether_times_lie_close_or_far_apart(zone: str) -> None:
    days = LocalDays(zone)
    year = np.arange(1_514_764_800_000, 1_546_300_800_000, 17 * 60_000 + 1, dtype=np.int64)
    for times in (year, year[:500]):
        assert days.local_hours(times).tolist() == [hour_by_zoneinfo(time, zone) for time in times.tolist()]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 6, 1), 24),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # midnight does not exist
        ("America/Havana", date(2025, 11, 2), 25),  # midnight occurs twice
        ("Pacific/Apia", date(2011, 12, 30), 0),  # skipped day
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, day: date, hours: int) -> None:
    days = LocalDays(zone)
    begin, end = days.day_begin_ms(days.number(day)), days.day_begin_ms(days.number(day + timedelta(days=1)))
    assert end - begin == hours * HOUR_MS
    if hours:
        inside = days.local_hours(np.array([begin - 1, begin, end - 1, end])) // 24
        assert inside.tolist()[1:3] == [days.number(day)] * 2
        assert inside.tolist()[0] < days.number(day) < inside.tolist()[3]


def test_no_times_have_no_hours() -> None:
    assert len(LocalDays("UTC").local_hours(np.zeros(0, dtype=np.int64))) == 0
