"""Records the last run for monitoring: as `last-run.json`, and in the text format of Prometheus.

Both hold times, counts and the reason of a refusal, and no value from a log.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from footfall.geo_data.location_files import LocationError
from footfall.geo_data.report import geo_report
from footfall.pipelines.settings import Settings
from footfall.transforms.running.failures import kind_of

if TYPE_CHECKING:
    # What runs a night is imported while the night may be stopped already.
    from footfall.pipelines.run import RunResult

LAST_RUN: Final = "last-run.json"
"""The name of the record, a file beside the published one."""
_METRICS_MODE: Final = 0o644
"""Prometheus' exporter is another user."""


@dataclass(frozen=True)
class LastRun:
    """The record of a run. Where it was refused, all counts are 0, and `reason` says why."""

    ended_at: str
    """UTC, ISO 8601."""
    status: int
    """The exit status."""
    reason: str | None
    db: str
    """The name of the published file."""
    run_id: str | None = None
    days: tuple[str, ...] = ()
    """The days that it published."""
    incomplete_days: tuple[str, ...] = ()
    """The requested days that are incomplete, published or not."""
    lines: int = 0
    hits: int = 0
    rejected: int = 0
    seconds: float = 0.0
    bytes_read: int = 0
    """Bytes of the logs as they are stored."""
    location_data_age_days: int | None = None
    published_at: str | None = None
    """When the published file was last replaced, by this run or an earlier one; UTC, ISO 8601."""
    published_bytes: int = 0


def record_result(result: RunResult, settings: Settings) -> LastRun:
    """Return the record of a run that came to its end."""
    books = result.books
    return LastRun(
        **_common(settings, result.seconds),
        status=result.status,
        reason=books.nothing or None,
        run_id=result.record.run_id,
        days=tuple(sorted({str(day) for day, _ in books.days.published})),
        incomplete_days=tuple(sorted({str(one.day) for one in books.incomplete})),
        lines=books.lines,
        hits=books.hits,
        rejected=books.rejected,
        bytes_read=sum(max(one.size, 0) for one in result.inputs),
    )


def record_refusal(status: int, reason: str, settings: Settings, seconds: float) -> LastRun:
    """Return the record of a run that was refused or interrupted."""
    return LastRun(**_common(settings, seconds), status=status, reason=reason)


def _common(settings: Settings, seconds: float) -> dict[str, Any]:
    age = None
    with contextlib.suppress(LocationError, OSError):
        age = geo_report(settings.geo_db, datetime.now(UTC).date()).age_days
    published = None
    with contextlib.suppress(OSError):
        published = settings.db.stat()
    return {
        "ended_at": _as_text(datetime.now(UTC)),
        "db": settings.db.name,
        "seconds": round(seconds, 3),
        "location_data_age_days": age,
        "published_at": _as_text(datetime.fromtimestamp(published.st_mtime, UTC)) if published else None,
        "published_bytes": published.st_size if published else 0,
    }


def _as_text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def keep_record(last: LastRun, settings: Settings) -> Iterator[str]:
    """Write the record beside the published file, and as metrics where the settings ask for it; yield problems."""
    db = Path(os.path.realpath(settings.db))
    texts: list[tuple[Path, str, Path | None]] = []
    if db.parent.is_dir() and (db.is_file() or not db.exists()):
        texts.append((db.with_name(LAST_RUN), json.dumps(asdict(last), indent=2) + "\n", db))
    if settings.metrics is not None:
        texts.append((settings.metrics, as_metrics(last), None))
    for path, text, model in texts:
        new = path.with_name(f".{path.name}.new")
        try:
            _replace(path, new, text, model)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            yield f"{path}: cannot be written ({kind_of(error)}); the run is not affected, check the folder"


def _replace(path: Path, new: Path, text: str, model: Path | None) -> None:
    """Replace a file by a `new` one as a whole, for the owner of the file `model` alone to read, or for all."""
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    if model is None:
        new.chmod(_METRICS_MODE)
    elif model.is_file() and hasattr(os, "chown"):
        found = model.stat()
        with contextlib.suppress(OSError):  # only root may give a file away
            os.chown(new, found.st_uid, found.st_gid)
    os.replace(new, path)


def as_metrics(last: LastRun) -> str:
    """Return the record in the text format of Prometheus, with the name of the published file as a label.

    Source: https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    rows = [
        ("last_run_timestamp_seconds", "When the last run ended.", _seconds(last.ended_at)),
        ("last_run_status", "Its exit status.", last.status),
        ("last_run_seconds", "How long it took.", last.seconds),
        ("last_run_days", "Days that it published.", len(last.days)),
        ("last_run_incomplete_days", "Requested days that are incomplete.", len(last.incomplete_days)),
        ("last_run_lines", "Lines that it read.", last.lines),
        ("last_run_hits", "Hits among them on the days to publish.", last.hits),
        ("last_run_rejected_lines", "Lines that did not parse.", last.rejected),
        ("last_run_read_bytes", "Bytes of the logs as they are stored.", last.bytes_read),
        ("published_timestamp_seconds", "When the published file was last replaced.", _seconds(last.published_at)),
        ("published_bytes", "Its size.", last.published_bytes),
        ("location_data_age_days", "Age of the location data.", last.location_data_age_days),
    ]
    label = last.db.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(
        f'# HELP footfall_{name} {text}\n# TYPE footfall_{name} gauge\nfootfall_{name}{{db="{label}"}} {value}\n'
        for name, text, value in rows
        if value is not None
    )


def _seconds(moment: str | None) -> int | None:
    return None if moment is None else int(datetime.fromisoformat(moment).timestamp())
