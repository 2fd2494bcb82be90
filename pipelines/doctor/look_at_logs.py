"""Checks the logs: can they be read, is their format known, what days do they cover, and is their clock right?

It reads samples of the logs, as a run does to detect their formats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from footfall.pipelines.doctor.finding import Finding
from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from footfall.pipelines.settings import Settings
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.formats.log_formats import name_log_format, read_log_format
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.running.failures import InputError
from footfall.transforms.scanning.read_samples import read_sample
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.values.read_times import NO_UTC_OFFSET, read_times, read_utc_offsets

WEEK_DAYS: Final = 9
"""A week, the day before it and the one after it."""
MONTH_DAYS: Final = 33
_MIN_FITTING: Final = 0.9
_SILENT_AFTER: Final = timedelta(days=1)
_AHEAD: Final = timedelta(minutes=5)
_GLOB: Final = 'give all rotated logs by a glob, such as "/var/log/nginx/access.log*"'


@dataclass(frozen=True)
class SampledTimes:
    """The first and last time in samples of the logs, and seconds east of UTC at the last one; None where unknown.

    Times in the future are left out, since they complete no day in a run; `are_ahead` is true if there are some.
    """

    first: datetime | None = None
    last: datetime | None = None
    offset_s: int | None = None
    are_ahead: bool = False


def look_at_logs(settings: Settings, now: datetime) -> tuple[list[Finding], list[Input]]:
    """Return what was found about the logs of the settings, and the inputs that can be read."""
    if not settings.logs:
        return [Finding("logs", "error", "none given", _GLOB)], []
    try:
        inputs = examine_inputs(
            list_inputs(settings.logs),
            settings.log_format,
            verify=False,
            knows_proxies=settings.trusted_proxies is not None,
        )
    except RunError as error:
        return [Finding("logs", "error", str(error))], []
    readable = [one for one in inputs if one.recognition is not None and not one.read_error]
    findings = [*_look_at_reading(inputs, readable)]
    if readable:
        findings += [*_look_at_formats(readable), _look_at_session(readable, settings)]
        times = sample_times(readable, now + _AHEAD)
        findings += [*look_at_rotation(times, settings, now), *look_at_clock(times, settings)]
    return findings, readable


def _look_at_reading(inputs: Sequence[Input], readable: Sequence[Input]) -> Iterator[Finding]:
    for one in inputs:
        if one.read_error:
            yield Finding("logs", "error", f"{one.path}: {one.read_error}", "let this user read it, or repair it")
        elif one.skip_reason and not one.is_empty:
            yield Finding("logs", "note", f"{one.path}: {one.skip_reason}; left out")
    size = sum(max(one.size, 0) for one in readable)
    text = f"{len(readable)} of {len(inputs)} can be read, {size:,} bytes"
    if readable:
        yield Finding("logs", "ok", text)
    else:
        yield Finding("logs", "error", text, "check the paths, and that the server writes to them")


def _look_at_formats(readable: Sequence[Input]) -> Iterator[Finding]:
    names = set()
    for one in readable:
        found = one.recognition
        assert found is not None
        name = name_log_format(found.log_format)
        if found.fitting < _MIN_FITTING * found.sampled:
            share = f"only {found.fitting:,} of {found.sampled:,} sampled lines fit {name}"
            yield Finding("format", "warning", f"{one.path}: {share}", "check --log-format (footfall parse --summary)")
        names.add(name)
    yield Finding("format", "ok" if len(names) == 1 else "note", ", ".join(sorted(names)))


def _look_at_session(readable: Sequence[Input], settings: Settings) -> Finding:
    formats = {one.recognition.log_format for one in readable if one.recognition is not None}
    meanings = set().union(*(read_log_format(text).meanings for text in formats))
    if Meaning.COOKIE in meanings:
        return Finding("session", "ok", "the logs have a session cookie")
    if Meaning.COOKIE_HEADER in meanings:
        if settings.session_cookie:
            return Finding("session", "ok", "the logs have cookies, and the session's is named")
        return Finding("session", "warning", "the logs have cookies, none is named", "name it with --session-cookie")
    return Finding(
        "session",
        "warning",
        "the logs have no session cookie, so that address and user agent stand in",
        'log it for exact visits: "$cookie_NAME" in nginx, "%{NAME}C" in Apache',
    )


def sample_times(inputs: Sequence[Input], until: datetime) -> SampledTimes:
    """Return the earliest and the latest time in the samples of the inputs, which are given with their formats."""
    first = last = None
    are_ahead = False
    until_ms = int(until.timestamp() * 1000)
    offset = NO_UTC_OFFSET
    for one in inputs:
        assert one.recognition is not None
        try:
            _, sample = read_sample(one.path, one.size)
        except InputError:
            continue
        for part in scan_block(padded(sample), len(sample), one.recognition.log_format).parts:
            times, offsets = read_times(part), read_utc_offsets(part)
            is_ahead = (times > until_ms) & (part.rejects == 0)
            are_ahead |= bool(is_ahead.any())
            known = np.flatnonzero((times > 0) & (part.rejects == 0) & ~is_ahead)
            if not len(known):
                continue
            begin, end = int(times[known].min()), int(times[known].max())
            first = begin if first is None else min(first, begin)
            if last is None or end > last:
                last, offset = end, int(offsets[known[np.argmax(times[known])]])
    return SampledTimes(_as_moment(first), _as_moment(last), None if offset == NO_UTC_OFFSET else offset, are_ahead)


def _as_moment(time_ms: int | None) -> datetime | None:
    return None if time_ms is None else datetime.fromtimestamp(time_ms / 1000, UTC)


def look_at_rotation(times: SampledTimes, settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield whether the logs cover a day, a week and a month, and whether the server still writes to them."""
    if times.first is None or times.last is None:
        yield Finding("rotation", "error", "no time was found in the logs", "check --log-format")
        return
    zone = ZoneInfo(settings.timezone)
    yesterday = now.astimezone(zone).date() - timedelta(days=1)
    begin = datetime.fromtimestamp(LocalDays(settings.timezone).day_begin_ms(LocalDays.number(yesterday)) / 1000, UTC)
    if now - times.last > _SILENT_AFTER:
        age = (now - times.last).days
        yield Finding(
            "rotation",
            "error",
            f"the logs end {age} {'day' if age == 1 else 'days'} ago",
            f"see that the server writes to them, and {_GLOB}",
        )
    if times.first >= begin:
        yield Finding("rotation", "error", "the logs begin after yesterday began", f"keep more of them, and {_GLOB}")
        return
    days = (times.last - times.first).days
    held = f"the logs hold {days} {'day' if days == 1 else 'days'}"
    if days < WEEK_DAYS:
        remedy = f"keep them for {WEEK_DAYS} days, or {MONTH_DAYS} for months (logrotate: daily, rotate {MONTH_DAYS})"
        yield Finding("rotation", "warning", f"{held}: rare values are not published by week", remedy)
    elif days < MONTH_DAYS:
        yield Finding("rotation", "note", f"{held}: a week, but not a month", f"keep them for {MONTH_DAYS} days")
    else:
        yield Finding("rotation", "ok", f"{held}: days, weeks and months are published")


def look_at_clock(times: SampledTimes, settings: Settings) -> Iterator[Finding]:
    """Yield whether the time zone of the settings is that of the logs, and whether their clock is ahead of this one."""
    if times.are_ahead:
        yield Finding(
            "clock", "warning", "the logs have times in the future", "set the clocks of the server and of this host"
        )
    if times.last is None:
        return
    of_days = ZoneInfo(settings.timezone).utcoffset(times.last.astimezone(ZoneInfo(settings.timezone)))
    if times.offset_s is not None and of_days is not None and times.offset_s != of_days.total_seconds():
        yield Finding(
            "time zone",
            "warning",
            f"days are those of {settings.timezone}, and the logs have another offset from UTC",
            "if days should be the server's, name its zone with --timezone",
        )
    else:
        yield Finding("time zone", "ok", f"days are those of {settings.timezone}")
