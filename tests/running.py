"""Runs the nightly job on logs in memory and reads what it published, for tests."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contract import TABLES_BY_NAME
from pipelines.inputs import Input
from pipelines.run import Outcome, run_nightly
from pipelines.settings import Settings
from tests.reference import ReferenceSettings

Rows = list[dict[str, Any]]
OF_A_RUN = frozenset({"run_id", "published_at", "content_digest"})
IN_ONE_THREAD = ("--direct_num_workers=1",)


@contextlib.contextmanager
def silent(inputs: Sequence[Input]) -> Iterator[None]:
    """No progress."""
    yield


def publish_logs(
    folder: Path,
    inputs: Mapping[str, bytes],
    *,
    beam: Sequence[str] = IN_ONE_THREAD,
    db: Path | None = None,
    **settings: Any,
) -> Outcome:
    """Write inputs to `folder`/logs and run the nightly job on them, to `folder`/traffic.duckdb."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    for name, content in inputs.items():
        (logs / name).write_bytes(content)
    paths = tuple(str(logs / name) for name in inputs)
    return run_nightly(Settings(logs=paths, db=db or folder / "traffic.duckdb", **settings), beam, silent)


def read_published(db: Path, *, of_run: str | None = None) -> dict[str, Rows]:
    """All published tables without what differs between runs; rows of one run where a table has rows per run."""
    with duckdb.connect(str(db), read_only=True) as connection:
        published = {}
        for name, table in TABLES_BY_NAME.items():
            where = f"WHERE run_id = '{of_run}'" if of_run and not table.by_day else ""
            columns = [column for column in table.column_names if column not in OF_A_RUN]
            rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name} {where}").fetchall()
            published[name] = [dict(zip(columns, row, strict=True)) for row in rows]
        return published


def reference_settings(settings: Settings) -> ReferenceSettings:
    """The same settings for the reference."""
    return ReferenceSettings(
        log_format=settings.log_format,
        site=settings.site,
        timezone=settings.timezone,
        k=settings.k,
        search_keys=settings.search_keys,
        own_hosts=settings.hosts,
        first_day=settings.first_day,
        last_day=settings.last_day,
        timeout_s=settings.visit_timeout_s,
    )


def differences(published: Mapping[str, Rows], expected: Mapping[str, Rows], folder: str = "") -> list[str]:
    """What differs, a line each, at most three a table; `folder` is taken off the names of inputs."""
    found = []
    for name, rows in expected.items():
        own = {_key(row, folder) for row in published[name]}
        wanted = {_key(row, folder) for row in rows}
        if len(own) != len(published[name]):
            found.append(f"{name}: a row twice")
        found += [f"{name}: missing {dict(row)}" for row in sorted(wanted - own, key=str)[:3]]
        found += [f"{name}: unexpected {dict(row)}" for row in sorted(own - wanted, key=str)[:3]]
    return found


def _key(row: Mapping[str, Any], folder: str) -> tuple[tuple[str, Any], ...]:
    shown = {**row, "input": row["input"].removeprefix(folder)} if "input" in row else row
    return tuple(sorted((column, value) for column, value in shown.items() if column not in OF_A_RUN and column != "day" or column == "day" and "started" not in row))
