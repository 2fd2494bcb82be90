"""Times are parsed in all the forms that servers write."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.read_times import NO_TIME, NO_UTC_OFFSET, read_times, read_utc_offsets

CLF, ISO = "[$time_local]", "[$time_iso8601]"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# strftime patterns for the same time; milliseconds are another directive.
PATTERNS = (
    "%Y-%m-%d %H:%M:%S %z",
    "%FT%T%z",
    "%d/%b/%Y:%T %z",
    "%a, %d %B %Y %H:%M:%S %z",
    "%e. %h %Y, %R:%S (%z) %j %%",
    "%s %z",
)


def scan(text: str, log_format: str) -> ScannedFields:
    line = text.encode() + b"\n"
    (lines,) = scan_block(padded(line), len(line), log_format).parts
    assert lines.rejects.tolist() == [0]
    return lines


def read(text: str, log_format: str) -> int | None:
    time = int(read_times(scan(text, log_format))[0])
    return None if time == NO_TIME else time


def offset(text: str, log_format: str) -> int | None:
    found = int(read_utc_offsets(scan(text, log_format))[0])
    return None if found == NO_UTC_OFFSET else found


def milliseconds(time: datetime) -> int:
    return (time - EPOCH) // timedelta(milliseconds=1)


def strftime(time: datetime, pattern: str) -> str:
    """Format a time as servers do: four digits of the year, and seconds since 1970 independent of the local zone."""
    pattern = pattern.replace("%F", "%Y-%m-%d").replace("%Y", f"{time.year:04}")
    return time.strftime(pattern.replace("%s", str(milliseconds(time) // 1000)))


ZONES = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
TIMES = st.datetimes(datetime(1971, 1, 1), datetime(9998, 12, 31), timezones=ZONES)


@given(TIMES)
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_time_is_read_in_the_forms_of_nginx(time: datetime) -> None:
    second, milli = time.replace(microsecond=0), time.replace(microsecond=time.microsecond // 1000 * 1000)
    east = int((time.utcoffset() or timedelta()).total_seconds())
    clf = f"[{strftime(time, '%d/%b/%Y:%H:%M:%S %z')}]"
    assert (read(clf, CLF), offset(clf, CLF)) == (milliseconds(second), east)
    for text, instant in ((time.isoformat(), milli), (second.isoformat(), second), (f"{milli:%FT%T.%f%z}", milli)):
        assert (read(f"[{text}]", ISO), offset(f"[{text}]", ISO)) == (milliseconds(instant), east)
    assert read(f"{milliseconds(milli) / 1000:.3f} ", "$msec ") == milliseconds(milli)
    assert read(f"{milliseconds(milli)}", "%{msec}t") == milliseconds(milli)
    assert read(f"{(time - EPOCH) // timedelta(microseconds=1)}", "%{usec}t") == milliseconds(milli)


@given(TIMES, st.sampled_from(PATTERNS))
@settings(max_examples=300, derandomize=True, deadline=None)
def test_any_time_is_read_in_the_forms_that_apache_can_be_told(time: datetime, pattern: str) -> None:
    whole = time.replace(microsecond=0)
    text, log_format = strftime(time, pattern), f"%{{{pattern}}}t"
    assert read(text, log_format) == milliseconds(whole)
    assert offset(text, log_format) == int((time.utcoffset() or timedelta()).total_seconds())
    fraction = f"{time.microsecond // 1000:03}"
    assert read(f"{text}.{fraction}", f"{log_format}.%{{msec_frac}}t") == milliseconds(whole) + int(fraction)
    assert read(f"{fraction}123|{text}", f"%{{usec_frac}}t|{log_format}") == milliseconds(whole) + int(fraction)


@pytest.mark.parametrize(
    ("text", "log_format", "expected"),
    [
        ("[29/Feb/2024:23:59:60 +0000]", CLF, datetime(2024, 3, 1, tzinfo=UTC)),
        ("[29/Feb/2023:00:00:00 +0000]", CLF, None),
        ("[29/Feb/1900:00:00:00 +0000]", CLF, None),
        ("[31/Apr/2026:00:00:00 +0000]", CLF, None),
        ("[00/Apr/2026:00:00:00 +0000]", CLF, None),
        ("[01/apr/2026:00:00:00 +0000]", CLF, None),
        ("[01/Apr/2026:24:00:00 +0000]", CLF, None),
        ("[01/Apr/2026:00:60:00 +0000]", CLF, None),
        ("[01/Apr/2026:00:00:61 +0000]", CLF, None),
        ("[01/Apr/2026:00:00:00 +1600]", CLF, None),
        ("[01/Apr/2026:00:00:00 +0060]", CLF, None),
        ("[01/Apr/2026:00:00:00]", CLF, datetime(2026, 4, 1, tzinfo=UTC)),
        ("[01/Apr/2026 00:00:00]", CLF, datetime(2026, 4, 1, tzinfo=UTC)),
        ("[01/Apr/2026 00:00:00 +0200]", CLF, datetime(2026, 3, 31, 22, tzinfo=UTC)),
        ("[01/Apr/2026-00:00:00 +0200]", CLF, None),
        ("[01/Apr/2026:00:00:00 ]", CLF, None),
        ("[01/Apr/2026:00:00:0]", CLF, None),
        ("[1/Apr/2026:00:00:00 +0000]", CLF, None),
        ("[31/Dec/9998:23:59:59 +0000]", CLF, datetime(9998, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("[31/Dec/9998:23:59:59 -0100]", CLF, None),
        ("[-]", CLF, None),
        ("[]", CLF, None),
        ("[2026-06-01 12:00:00]", ISO, datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("[2026-06-01t12:00:00,5z]", ISO, datetime(2026, 6, 1, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("[2026-06-01T12:00:00.]", ISO, None),
        ("[2026-06-01T12:00]", ISO, None),
        ("[2026-06-01T12:00:00 CEST]", ISO, None),
        ("[2026-06-01 12:00:00 +0200]", ISO, datetime(2026, 6, 1, 10, tzinfo=UTC)),
        ("05/06/19 13:42:26", "%{%D %T}t", datetime(2019, 5, 6, 13, 42, 26, tzinfo=UTC)),
        ("05/06/69 13:42:26", "%{%D %T}t", datetime(1969, 5, 6, 13, 42, 26, tzinfo=UTC)),
        ("2026-06-01 12:00:00 CEST", "%{%F %T %Z}t", datetime(2026, 6, 1, 10, tzinfo=UTC)),
        ("2026-06-01 12:00:00 PDT", "%{%F %T %Z}t", datetime(2026, 6, 1, 19, tzinfo=UTC)),
        ("2026-06-01 12:00:00 UT", "%{%F %T %Z}t", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("2026-06-01 12:00:00 XXX", "%{%F %T %Z}t", None),
        ("2026-06-01 12", "%{%Y-%m-%d %H}t", datetime(2026, 6, 1, 12, tzinfo=UTC)),
        ("1780272000123456", "%{%s}t%{usec_frac}t", datetime(2026, 6, 1, 0, 0, 0, 123_000, tzinfo=UTC)),
        ("1780272000.xyz", "%{sec}t.%{msec_frac}t", None),
        ("-1", "%{sec}t", None),
        ("253402300800", "%{sec}t", None),
        ("9" * 19, "%{usec}t", None),
    ],
)
def test_odd_times(text: str, log_format: str, expected: datetime | None) -> None:
    # A field of fixed width needs that many bytes; further bytes are not part of the time.
    assert read(f"{text}|", f"{log_format}|") == (None if expected is None else milliseconds(expected))


def test_a_zone_is_told_where_the_line_has_one() -> None:
    assert offset("[2026-06-01T12:00:00Z]", ISO) == 0
    assert offset("[2026-06-01T12:00:00]", ISO) is None
    assert offset("2026-06-01 12:00:00 CEST", "%{%F %T %Z}t") == 7200
    assert offset("1780272000", "%{sec}t") is None


def test_of_several_times_the_last_one_counts() -> None:
    clf, later = "[01/Jun/2026:00:00:00 +0000]", 1_780_272_001_000
    assert read(f"{clf} {later}", "%t %{msec}t") == later
    assert read(f"{later} {clf}", "%{msec}t %t") == later - 1000
    assert read(f"{later - 1000} {later}", "%{begin:msec}t %{end:msec}t") == later
    # A time without a day is incomplete.
    assert read(f"{clf} 10:00", "%t %{%H:%M}t") == later - 1000
