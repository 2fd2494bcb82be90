"""Runs the nightly job on logs in memory and reads the published tables."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.run import RunResult, run_nightly
from footfall.pipelines.sample.site import GOALS
from footfall.pipelines.sample.truth import Truth
from footfall.pipelines.sample.write_sample import write_sample
from footfall.pipelines.settings import Settings
from footfall.transforms.tables.published import TABLES_BY_NAME
from tests.reference import ReferenceSettings
from tests.reference.goals import ReferenceGoal

Rows = list[dict[str, Any]]
OF_A_RUN = frozenset({"run_id", "published_at"})
IN_ONE_THREAD = ("--direct_num_workers=1",)
LOG = "access.log"
SUMMARY = "summary"
"""Stands for a table of what the run's summary tells."""

# First day and time zone of the generated log of each format. Except in UTC, the clocks change on the second day.
SAMPLES = {
    "common": (date(2026, 4, 4), "Australia/Lord_Howe"),
    "combined": (date(2026, 6, 1), "UTC"),
    "vhost_combined": (date(2026, 10, 31), "America/St_Johns"),
    "footfall": (date(2026, 3, 28), "Europe/Berlin"),
}


@contextlib.contextmanager
def silent(inputs: Sequence[Input]) -> Iterator[None]:
    """Show no progress."""
    yield


def publish_logs(
    folder: Path,
    inputs: Mapping[str, bytes],
    *,
    beam: Sequence[str] = IN_ONE_THREAD,
    db: Path | None = None,
    **settings: Any,
) -> RunResult:
    """Write inputs to `folder`/logs and publish them to `folder`/traffic.duckdb."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    for name, content in inputs.items():
        (logs / name).write_bytes(content)
    paths = tuple(str(logs / name) for name in inputs)
    return run_nightly(Settings(logs=paths, db=db or folder / "traffic.duckdb", **settings), beam, silent)


def read_published(db: Path, *, of_run: str | None = None) -> dict[str, Rows]:
    """All published tables, without columns that differ between runs; of tables by run, only rows of `of_run`."""
    with duckdb.connect(str(db), read_only=True) as connection:
        published = {}
        for name, table in TABLES_BY_NAME.items():
            where = f"WHERE run_id = '{of_run}'" if of_run and not table.by_day else ""
            columns = [column for column in table.column_names if column not in OF_A_RUN]
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name} {where}").fetchall()
            published[name] = [dict(zip(columns, row, strict=True)) for row in rows]
        return published


def published_tables(inputs: Mapping[str, bytes], **options: Any) -> dict[str, Rows]:
    """The tables that a run on these inputs publishes in a new file; inputs have the names of `inputs`.

    The operator's books are added as SUMMARY.
    """
    with tempfile.TemporaryDirectory() as folder:
        books = publish_logs(Path(folder), inputs, **options).books
        published = read_published(Path(folder) / "traffic.duckdb")
    sums = {name: getattr(books, name) for name in ("lines", "hits", "outside_window", "rejected", "duplicates")}
    published[SUMMARY] = [sums]
    for row in published["inputs"] + published["rejects"]:
        row["input"] = Path(row["input"]).name
    return published


def days_of(published: Mapping[str, Rows]) -> dict[str, Rows]:
    """The tables with rows by day, which must not depend on how the lines are distributed over files."""
    return {name: rows for name, rows in published.items() if name != SUMMARY and TABLES_BY_NAME[name].by_day}


def books_of(published: Mapping[str, Rows]) -> dict[str, int]:
    """Line counts summed over all inputs, and lines rejected by reason, as the summary tells the operator."""
    sums: dict[str, int] = dict(published[SUMMARY][0])
    for row in published["rejects"]:
        sums[row["reason"]] = sums.get(row["reason"], 0) + row["lines"]
    return sums


@cache
def sample_log(log_format: str, lines: int = 8_000) -> tuple[bytes, Truth]:
    """A generated log of a format of SAMPLES, with hard cases, and its true figures."""
    start, timezone = SAMPLES[log_format]
    content = io.BytesIO()
    truth = write_sample(content, lines, 11, 3, log_format, start, timezone)
    return content.getvalue(), truth


def sample_options(log_format: str) -> dict[str, Any]:
    """The settings with which a generated log must be read."""
    _, truth = sample_log(log_format, 1_000)
    return {"log_format": log_format, "site": truth.site, "timezone": truth.timezone, "goals": GOALS}


@cache
def published_sample(log_format: str, k: int, *, behaviour: bool = True) -> dict[str, Rows]:
    """The tables that a run on a generated log publishes; do not modify the result."""
    return published_tables({LOG: sample_log(log_format)[0]}, k=k, behaviour=behaviour, **sample_options(log_format))


def reference_settings(settings: Settings) -> ReferenceSettings:
    """The same settings for the reference."""
    return ReferenceSettings(
        log_format=settings.log_format,
        site=settings.site,
        timezone=settings.timezone,
        k=settings.k,
        search_keys=settings.search_keys,
        app_agents=settings.app_agents,
        own_hosts=settings.hosts,
        first_day=settings.first_day,
        last_day=settings.last_day,
        timeout_s=settings.visit_timeout_s,
        trusted_proxies=settings.trusted_proxies,
        heeds_opt_outs=settings.opt_out == "heed",
        behaviour=settings.behaviour,
        robots={site: path.read_text("utf-8") for site, path in settings.robots.items()},
        goals={name: ReferenceGoal(goal.path, goal.query, goal.status) for name, goal in settings.goals.items()},
    )


def differences(published: Mapping[str, Rows], expected: Mapping[str, Rows], folder: str = "") -> list[str]:
    """One line for each difference, at most three per table; `folder` is removed from the names of inputs."""
    found = []
    for name, (missing, unexpected) in compare(published, expected, folder).items():
        found += [f"{name}: missing {dict(row)}" for row in missing[:3]]
        found += [f"{name}: unexpected {dict(row)}" for row in unexpected[:3]]
    return found


def counted_differences(published: Mapping[str, Rows], expected: Mapping[str, Rows]) -> list[str]:
    """The numbers of rows that differ, without values: for logs of real people."""
    return [
        f"{name}: {len(missing)} rows missing, {len(unexpected)} unexpected"
        for name, (missing, unexpected) in compare(published, expected).items()
        if missing or unexpected
    ]


Key = tuple[tuple[str, Any], ...]


def compare(
    published: Mapping[str, Rows], expected: Mapping[str, Rows], folder: str = ""
) -> dict[str, tuple[list[Key], list[Key]]]:
    """Missing and unexpected rows in each table of `expected`, in any order; a repeated row is unexpected."""
    found = {}
    for name, rows in expected.items():
        own = Counter(_key(name, row, folder) for row in published[name])
        wanted = Counter(_key(name, row) for row in rows)
        found[name] = sorted((wanted - own).elements(), key=str), sorted((own - wanted).elements(), key=str)
    return found


def _key(table: str, row: Mapping[str, Any], folder: str = "") -> Key:
    """The columns of a row, sorted. The reference has no day for incidents, as it follows from their start."""
    left_out = OF_A_RUN | {"day"} if table == "incidents" else OF_A_RUN
    shown = {**row, "input": row["input"].removeprefix(folder)} if "input" in row else row
    return tuple(sorted((column, value) for column, value in shown.items() if column not in left_out))


def real_log(name: str) -> Path:
    """A log, or a folder of logs, of the real data beside the project; skips the test if it is missing."""
    path = Path(__file__).parents[1] / "../shared/data/logs" / name
    if not path.exists():
        pytest.skip(f"no ../shared/data/logs/{name} beside the project")
    return path
