"""Reports the events of a run as JSON lines on standard output, for log collectors, and warnings as text.

No value of a log is in them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, Literal

import click

Level = Literal["info", "warning", "error"]
EVENTS: Final = ("compiling", "progress", "warning", "summary", "refused", "interrupted")


def as_log_line(event: str, level: Level, message: str, **fields: Any) -> str:
    """Return an event of EVENTS as one line: its time (UTC, ISO 8601), level, name, text and further fields."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "level": level, "event": event, "message": message, **fields}, default=str)


def print_warnings(warnings: Iterable[str], *, log_json: bool = False) -> None:
    """Print warnings to standard error; with `log_json`, as JSON lines to standard output. Raises no error."""
    with contextlib.suppress(OSError):
        for warning in warnings:
            if log_json:
                click.echo(as_log_line("warning", "warning", warning))
            else:
                click.echo(f"warning: {warning}", err=True)
