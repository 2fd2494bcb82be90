"""Nights in a row publish what the reference computes from all lines.

The logs are rotated and have late lines; one night the host is off, one night it stops while a run works, and one
night a new version is installed.
"""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

import duckdb
import pytest

from footfall.pipelines.inputs.list_inputs import list_inputs
from footfall.pipelines.run import run_nightly
from footfall.pipelines.settings import Settings
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES, TABLES_BY_NAME
from tests.commands import BROWSER, ROOT
from tests.reference import ReferenceSettings, compute
from tests.running import IN_ONE_THREAD, Rows, days_of, differences, read_published, silent

NIGHTS: Final = int(os.environ.get("FOOTFALL_NIGHTS", "8"))
FIRST: Final = date(2026, 3, 26)
KEPT_LOGS: Final = 5
_WITHOUT_WEEKS: Final = 8
"""So many nights hold no whole week but that of two days."""
_OFF: Final = 4
"""The night on which the host is off: the one after it publishes two days."""
_STOPPED: Final = 6
"""The night on which the host stops while a run works: it runs again after the start."""
_UPGRADED: Final = 7
"""The night before which a new version is installed: the published file is one of the version before."""


def write_lines(random: Random) -> list[tuple[datetime, bytes]]:
    """The lines of all days, by the time at which the server writes them: at the end of a request."""
    lines = []
    for day in range(NIGHTS + 1):
        midnight = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC) + timedelta(days=day)
        for visitor in range(30):
            time = midnight + timedelta(seconds=random.randrange(86_400))
            for _ in range(random.choice((1, 1, 2, 5))):
                written = time + timedelta(seconds=random.choice((0, 0, 0, 1, 40)))
                text = (
                    f'198.51.100.{visitor + 1} - - [{time:%d/%b/%Y:%H:%M:%S} +0000] "GET /{random.randrange(9)}.html '
                    f'HTTP/1.1" {random.choice((200, 200, 200, 404))} 512 "-" "{BROWSER}"\n'
                )
                lines.append((written, text.encode()))
                time += timedelta(seconds=random.randrange(1, 1_500))
    return sorted(lines)


def rotate(folder: Path) -> None:
    """Rotate as logrotate does, with `delaycompress`."""
    for number in range(KEPT_LOGS, 0, -1):
        old = folder / (f"access.log.{number}.gz" if number > 1 else "access.log.1")
        if old.exists() and number == KEPT_LOGS:
            old.unlink()
        elif old.exists() and number == 1:
            (folder / "access.log.2.gz").write_bytes(gzip.compress(old.read_bytes()))
        elif old.exists():
            old.rename(folder / f"access.log.{number + 1}.gz")
    shutil.move(folder / "access.log", folder / "access.log.1")


def stop(settings: Settings) -> None:
    """Begin a run, and let its host stop as soon as it has made its folder."""
    run = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "footfall.pipelines.cli",
            "nightly",
            *settings.logs,
            "--db",
            str(settings.db),
            "--k",
            "1",
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    work = settings.db.with_name(f".{settings.db.name}.work")
    while run.poll() is None and not any(work.glob("*")):
        time.sleep(0.02)
    run.kill()
    assert run.wait() == -signal.SIGKILL
    assert any(work.iterdir())


def make_earlier(db: Path) -> None:
    """Make a published file one of the version before: without what came since."""
    with duckdb.connect(str(db)) as connection:
        views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        macros = connection.execute(
            "SELECT function_name, function_type FROM duckdb_functions() WHERE NOT internal AND schema_name = 'main'"
        ).fetchall()
        for (name,) in views:
            connection.execute(f"DROP VIEW {name}")
        for name, kind in macros:
            connection.execute(f"DROP {'MACRO TABLE' if kind == 'table_macro' else 'MACRO'} {name}")
        for table in TABLES:
            if table.since == SCHEMA_VERSION:
                connection.execute(f"DROP TABLE {table.name}")
                continue
            for column in table.columns:
                if column.since == SCHEMA_VERSION:
                    connection.execute(f"ALTER TABLE {table.name} DROP COLUMN {column.name}")
        connection.execute("UPDATE runs SET schema_version = ?", [SCHEMA_VERSION - 1])


def known_to_both(tables: Mapping[str, Rows], upgraded: date) -> dict[str, Rows]:
    """Tables without what the version before does not have of the days that it published."""
    known = {}
    for name, rows in tables.items():
        table = TABLES_BY_NAME[name]
        new = {column.name for column in table.columns if column.since == SCHEMA_VERSION}
        known[name] = [
            {key: value for key, value in row.items() if row["day"] >= upgraded or key not in new}
            for row in rows
            if row["day"] >= upgraded or table.since < SCHEMA_VERSION
        ]
    return known


@pytest.mark.parametrize("rotated_at", [timedelta(minutes=23)], ids=str)
def test_nights_publish_what_the_reference_computes_from_all_lines(tmp_path: Path, rotated_at: timedelta) -> None:
    lines = write_lines(Random("soak"))
    folder, db = tmp_path / "logs", tmp_path / "traffic.duckdb"
    folder.mkdir()
    (folder / "access.log").touch()
    written = 0

    def write_until(moment: datetime) -> None:
        nonlocal written
        end = next((place for place, line in enumerate(lines) if line[0] >= moment), len(lines))
        with (folder / "access.log").open("ab") as log:
            log.writelines(line for _, line in lines[written:end])
        written = end

    for night in range(1, NIGHTS + 1):
        day = FIRST + timedelta(days=night)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        write_until(midnight + rotated_at)
        rotate(folder)
        write_until(midnight + timedelta(hours=2, minutes=30))
        if night != _OFF:
            settings = Settings(
                logs=(f"{folder}/access.log*",),
                db=db,
                k=1,
                first_day=day - timedelta(days=2 if night == _OFF + 1 else 1),
                last_day=day - timedelta(days=1),
            )
            if night == _STOPPED:
                stop(settings)
            if night == _UPGRADED:
                make_earlier(db)
            run_nightly(settings, IN_ONE_THREAD, silent)
        assert len(list_inputs([str(folder)])) <= KEPT_LOGS + 1

    content = b"".join(line for _, line in lines)
    last = FIRST + timedelta(days=NIGHTS - 1)
    expected = compute({"access.log": content}, ReferenceSettings(k=1, first_day=FIRST, last_day=last))
    published = read_published(db)
    assert [row["day"] for row in published["days"]] == [FIRST + timedelta(days=number) for number in range(NIGHTS)]
    assert [row["complete"] for row in published["days"]] == [False] + [True] * (NIGHTS - 1)
    # When the site is usually visited is known only within the lines of a run. Pairs of pages and cookies of other days
    # are told by week once all lines hold a whole one.
    of_weeks = {"transitions", "entry_exits", "cookie_audit"}
    unequal = {"incidents"} | (of_weeks if NIGHTS > _WITHOUT_WEEKS else set())
    compared = {name: rows for name, rows in days_of(expected).items() if name not in unequal}
    # All lines together hold whole weeks and months, the logs of a night do not.
    for row in (*published["days"], *compared["days"]):
        del row["told_in"]
    upgraded = FIRST + timedelta(days=_UPGRADED - 1)
    assert not differences(known_to_both(days_of(published), upgraded), known_to_both(compared, upgraded))
    assert sorted(path.name for path in tmp_path.iterdir() if path != folder) == [".traffic.duckdb.lock", db.name]
