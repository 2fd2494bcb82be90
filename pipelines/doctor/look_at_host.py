"""Checks the host: the published file and its folder, space, the location data, the schedule."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import duckdb

from footfall.geo_data.location_files import LocationError
from footfall.geo_data.report import geo_report
from footfall.pipelines.doctor.finding import Finding
from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.publishing.earlier_file import check_earlier_file
from footfall.pipelines.run import COMPRESSION_RATIO
from footfall.pipelines.settings import Settings

_ROWS_SHARE: Final = 0.3
"""Files between stages, as a share of the logs decompressed: some 40 MB of 256 MB, twice while visits are built."""
_ROOM: Final = 200 * 2**20
_COMMAND: Final = re.compile(r"""^(?!\s*#).*?([^\s="']*footfall)["']?\s+nightly\b""", re.MULTILINE)
_SCHEDULES: Final = (
    "etc/crontab",
    "etc/cron.d/*",
    "etc/cron.daily/*",
    "var/spool/cron/crontabs/*",
    "var/spool/cron/*",
    "etc/systemd/system/*.service",
)


def look_at_file(settings: Settings) -> Iterator[Finding]:
    """Yield whether the published file can be replaced, and who may read it."""
    db = Path(os.path.realpath(settings.db))
    folder = db.parent
    if not folder.is_dir():
        yield Finding("file", "error", f"{folder}: no such folder", "create it, or give another file with --db")
        return
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding("file", "error", f"{folder}: this user may not write to it", "change its owner, or --db")
    found = folder.stat()
    if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        yield Finding("file", "warning", f"{folder}: everyone may replace files in it", f"chmod o-w {folder}")
    if not db.exists():
        yield Finding("file", "ok", f"{db}: will be new, with mode {settings.mode or '0640'}")
        return
    try:
        check_earlier_file(db, settings.k, settings.timezone)
    except (RunError, duckdb.Error) as error:
        yield Finding("file", "error", str(error) if isinstance(error, RunError) else f"{db}: cannot be read")
        return
    mode = db.stat().st_mode
    readers = "everyone" if mode & stat.S_IROTH else "its group" if mode & stat.S_IRGRP else "its owner"
    yield Finding("file", "ok", f"{db}: mode {stat.S_IMODE(mode):04o}, {readers} may read it")


def look_at_space(settings: Settings, inputs: Sequence[Input]) -> Finding:
    """Return whether there is room for a run on all logs, by an estimate from their size."""
    db = Path(os.path.realpath(settings.db))
    folder = Path(settings.temp) if settings.temp and "://" not in settings.temp else db.parent
    if not folder.is_dir():
        return Finding("space", "error", f"{folder}: no such folder", "create it, or give another one")
    read = sum(max(one.size, 0) * (1 if one.compression == "plain" else COMPRESSION_RATIO) for one in inputs)
    needed = int(read * _ROWS_SHARE) + 3 * (db.stat().st_size if db.is_file() else 0) + _ROOM
    free = shutil.disk_usage(folder).free
    text = f"{folder}: {free // 2**20:,} MiB free, a run takes some {needed // 2**20:,} at most"
    if free < needed:
        return Finding("space", "error", text, "make room, or set --temp")
    return Finding("space", "ok", text)


def look_at_locations(settings: Settings) -> Finding:
    """Return whether the location data is there, and how old it is."""
    try:
        report = geo_report(settings.geo_db, datetime.now(UTC).date())
    except LocationError as error:
        return Finding("locations", "error", str(error))
    if report.warning:
        return Finding("locations", "warning", report.warning)
    return Finding("locations", "ok", f"{report.source}, {report.age_days} days old")


def look_at_schedule(root: Path = Path("/")) -> Finding:
    """Return whether cron or systemd runs the night, as far as this user may read of it."""
    texts = []
    for pattern in _SCHEDULES:
        for path in sorted(root.glob(pattern)):
            try:
                texts.append((f"/{path.relative_to(root)}", path.read_text("utf-8", "replace")))
            except OSError:
                continue
    texts.append(("crontab -l", _own_crontab()))
    for place, text in texts:
        if found := _COMMAND.search(text):
            if not found[1].startswith("/"):
                remedy = "cron and systemd know few folders: give its absolute path"
                return Finding("schedule", "warning", f"{place}: runs {found[1]} nightly without a path", remedy)
            return Finding("schedule", "ok", f"{place}: runs {found[1]} nightly")
    return Finding(
        "schedule", "warning", "no crontab or service runs footfall nightly", "see Every night in docs/operations.md"
    )


def _own_crontab() -> str:
    try:
        return subprocess.run(["crontab", "-l"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
