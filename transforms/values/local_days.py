"""Days and hours in the site's time zone.

Local hours are counted from 1970-01-01 00:00 local time: day = hour // 24. Zones are those of the IANA database. UTC
offsets change only at quarters of an hour, so one look-up serves all times of a quarter.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from footfall.transforms.arrays import Ints

QUARTER_MS: Final = 900_000
HOUR_MS: Final = 3_600_000
EPOCH: Final = date(1970, 1, 1)


_known_offsets: Final[dict[str, dict[int, int]]] = {}
"""Zone → quarter of an hour → UTC offset in milliseconds, shared by all threads."""


class LocalDays:
    """Converts times to days and hours of a time zone.

    >>> berlin = LocalDays("Europe/Berlin")
    >>> berlin.day_begin_ms(berlin.number(date(2026, 6, 1)))
    1780264800000
    """

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone)
        self._offsets = _known_offsets.setdefault(timezone, {})

    def local_hours(self, times_ms: Ints) -> Ints:
        """Return local hours since 1970 of times in milliseconds."""
        return self.local_times(times_ms) // HOUR_MS

    def days_of(self, times_ms: Ints) -> Ints:
        """Return local days since 1970 of times in milliseconds."""
        return self.local_hours(times_ms) // 24

    def local_times(self, times_ms: Ints) -> Ints:
        """Return local times, in milliseconds since 1970-01-01 00:00 local time, of times in milliseconds."""
        if len(times_ms) == 0:
            return np.zeros(0, dtype=np.int64)
        quarters = times_ms // QUARTER_MS
        first, last = int(quarters.min()), int(quarters.max())
        if last - first < 10_000:
            offsets = np.array([self._offset_ms(quarter) for quarter in range(first, last + 1)], dtype=np.int64)
            return times_ms + offsets[quarters - first]
        distinct, inverse = np.unique(quarters, return_inverse=True)
        offsets = np.array([self._offset_ms(int(quarter)) for quarter in distinct], dtype=np.int64)
        return times_ms + offsets[inverse]

    def _offset_ms(self, quarter: int) -> int:
        offset = self._offsets.get(quarter)
        if offset is None:
            try:
                instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=quarter * QUARTER_MS)
                east = instant.astimezone(self._zone).utcoffset()
            except OverflowError:  # before year 1 or after 9999 in local time
                east = timedelta()
            offset = int((east or timedelta()).total_seconds() * 1000)
            self._offsets[quarter] = offset
        return offset

    def day_begin_ms(self, day: int) -> int:
        """Return the begin of a day (counted from 1970-01-01), in milliseconds since 1970 UTC."""
        begin = datetime.combine(EPOCH + timedelta(days=day), datetime.min.time(), tzinfo=self._zone)
        return int(begin.timestamp() * 1000)

    @staticmethod
    def number(day: date) -> int:
        """Return a date as days since 1970-01-01."""
        return (day - EPOCH).days


def begins_of_spans(days: Ints) -> tuple[Ints, Ints, Ints]:
    """Return the first day of the day, week and month in which days lie; all are counted from 1970-01-01.

    A week consists of the days of an ISO week that lie in one month.

    >>> [int(first) for first, in begins_of_spans(np.array([LocalDays.number(date(2026, 7, 4))]))]
    [20638, 20635, 20635]
    """
    month = days.astype("datetime64[D]").astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    # 1970-01-01 was a Thursday.
    return days, np.maximum(days - (days + 3) % 7, month), month
