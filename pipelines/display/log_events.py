"""Tells the events of a run as JSON lines on standard output, for collectors of logs. No value of a log is in them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final, Literal

Level = Literal["info", "warning", "error"]
EVENTS: Final = ("compiling", "progress", "warning", "summary", "refused", "interrupted")


def as_log_line(event: str, level: Level, message: str, **fields: Any) -> str:
    """Return an event of EVENTS as one line: when (UTC, ISO 8601), how grave, what, in words, and further fields."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": now, "level": level, "event": event, "message": message, **fields}, default=str)
