"""Finds the requested days that are incomplete after a run, and why, so that the operator knows what the logs lack."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import duckdb

from footfall.pipelines.publishing.merge_days import AskedDays
from footfall.transforms.tables.declaring import DAY
from footfall.transforms.values.local_days import LocalDays

BEGIN_LATE: Final = "the logs begin after it began"
END_EARLY: Final = "the logs end before it is over and the visit timeout has passed"
VISIT_GOES_ON: Final = "a visit that it began goes on where the logs end"
NOT_REPLACED: Final = "the published one is, and stays as it is"


@dataclass(frozen=True)
class IncompleteDay:
    """A day that is incomplete; `is_published` is False if it is not in the file (--complete-days, or no hits)."""

    day: date
    site: str
    why: str
    is_published: bool


def find_incomplete(connection: duckdb.DuckDBPyConnection) -> list[IncompleteDay]:
    """Return the requested days that have hits and are incomplete in the new file, or were left out of it for that.

    The connection has the tables of `load_tables` and `choose_days`.
    """
    rows = connection.execute(
        f"""WITH read AS (SELECT min(first_ms) AS first_ms, max(last_ms) AS last_ms FROM p_line_counts)
        SELECT x.day, x.site, r.day IS NOT NULL OR o.day IS NOT NULL AS is_published,
          n.complete, read.first_ms >= c.begin_ms AS begins_late, read.last_ms < c.end_ms + run.timeout_ms AS ends_early
        FROM decided x JOIN days n USING (day, site) JOIN calendar c ON {DAY.replace("t.", "c.")} = x.day
        LEFT JOIN replaced r USING (day, site) LEFT JOIN earlier.days o USING (day, site), read, this_run run
        WHERE x.is_asked AND NOT CASE WHEN r.day IS NULL AND o.day IS NOT NULL THEN o.complete ELSE n.complete END
        ORDER BY ALL"""
    ).fetchall()
    found = []
    for day, site, is_published, is_complete, begins_late, ends_early in rows:
        reasons = [text for text, holds in ((BEGIN_LATE, begins_late), (END_EARLY, ends_early)) if holds]
        why = NOT_REPLACED if is_complete else ", and ".join(reasons) or VISIT_GOES_ON
        found.append(IncompleteDay(day, site, why, is_published))
    return found


def find_unread(
    first_ms: int | None, last_ms: int | None, asked: AskedDays, timezone: str, timeout_ms: int
) -> list[IncompleteDay]:
    """Return the bounds of the requested days that logs without hits on them do not reach: at most two days.

    `first_ms` and `last_ms` are the times of the first and last hit of the logs, in milliseconds since 1970 in UTC, or
    None. Where the logs reach beyond the days, nobody came.
    """
    days = LocalDays(timezone)
    found = []
    if asked.first_day and (first_ms is None or first_ms >= days.day_begin_ms(LocalDays.number(asked.first_day))):
        found.append(IncompleteDay(asked.first_day, "", BEGIN_LATE, False))
    if asked.last_day and (
        last_ms is None
        or last_ms < days.day_begin_ms(LocalDays.number(asked.last_day + timedelta(days=1))) + timeout_ms
    ):
        found.append(IncompleteDay(asked.last_day, "", END_EARLY, False))
    return found
