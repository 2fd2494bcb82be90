"""Checks all that a night needs, in the order in which a night needs it."""

from __future__ import annotations

from datetime import UTC, datetime

from footfall.pipelines.doctor.finding import Finding
from footfall.pipelines.doctor.look_at_host import look_at_file, look_at_locations, look_at_schedule, look_at_space
from footfall.pipelines.doctor.look_at_logs import look_at_logs
from footfall.pipelines.settings import Settings


def look(settings: Settings) -> list[Finding]:
    """Return one finding or more for each thing; nothing is written and nothing published."""
    findings, readable = look_at_logs(settings, datetime.now(UTC))
    return [
        *findings,
        look_at_locations(settings),
        *look_at_file(settings),
        look_at_space(settings, readable),
        look_at_schedule(),
    ]
