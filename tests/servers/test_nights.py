"""The night that the README shows publishes exact figures, however logrotate rotates, in cron's environment."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.commands import BROWSER, ROOT
from tests.servers.configurations import start_nginx
from tests.servers.requests import Request, send
from tests.servers.running import find_program, read_log, server_folder

README = (ROOT / "README.md").read_text("utf-8")
LOG_FOLDER = "/var/log/nginx"
PROGRAM = "/opt/footfall/bin/footfall"
PUBLISHED = "/srv/footfall/traffic.duckdb"

LOGGED_AFTER_MIDNIGHT = timedelta(hours=2, minutes=30)
"""How far the logs reach past the day that a night publishes."""
DAY = (datetime.now(UTC) - LOGGED_AFTER_MIDNIGHT).date() - timedelta(days=1)
"""The day that is published: yesterday, or the day before where yesterday's logs would reach into the future."""

CLIENTS = 40


def night_line() -> str:
    """The command of the first line that the README has for cron, with the date of this test's day.

    "yesterday" would be another day once these tests run past midnight.
    """
    (block,) = re.findall(r"^```cron\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    line = str(block.splitlines()[0].split(maxsplit=5)[5])
    assert " --date yesterday " in line
    return line.replace("yesterday", str(DAY))


def run_as_cron_does(line: str, home: Path, log_folder: Path, db: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of the README in cron's environment, with the places of this test in place of the README's."""
    for place in (LOG_FOLDER, PROGRAM, PUBLISHED):
        assert place in line
    program = home / "footfall"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m footfall.pipelines.cli "$@"\n')
    program.chmod(0o755)
    line = line.replace(PROGRAM, str(program)).replace(LOG_FOLDER, str(log_folder)).replace(PUBLISHED, str(db))
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "operator"}
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=home, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def query(db: Path, sql: str) -> list[tuple[Any, ...]]:
    """Query a published file."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def lines_from(begin: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """Lines of nginx's `combined` in order: each client looks at two pages, a minute apart, every two hours.

    The visits begin at all minutes of an hour, so that some are under way whenever a log is rotated.
    """
    minute = begin
    while minute < end:
        for client in range(CLIENTS):
            into = int((minute - datetime.combine(minute.date(), datetime.min.time(), UTC)).total_seconds()) // 60
            page = (into - client * 3) % 120
            if page in (0, 1):
                at = minute + timedelta(seconds=client)
                shown = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
                referrer = "-" if page == 0 else "https://shop.example/in"
                yield (
                    at,
                    (
                        f'2001:db8::{client:x} - - [{shown}] "GET /{("in", "out")[page]} HTTP/1.1" 200 512 '
                        f'"{referrer}" '
                        f'"{BROWSER}"\n'
                    ),
                )
        minute += timedelta(minutes=1)


@dataclass(frozen=True)
class Rotation:
    """When and how logrotate rotates: `at` is minutes after midnight, None by size."""

    at: int | None
    directives: tuple[str, ...]
    keep: int = 33
    is_whole: bool = True
    """Whether what is kept reaches over a day."""


ROTATIONS = [
    Rotation(0, ("create",)),
    Rotation(23, ("create",)),
    Rotation(23, ("create", "compress")),
    Rotation(0, ("create", "compress", "delaycompress")),
    Rotation(23, ("copytruncate", "compress", "delaycompress")),
    Rotation(23, ("copytruncate", "dateext", "dateformat -%Y%m%d-%s")),
    Rotation(0, ("create", "dateext", "dateformat -%Y%m%d-%s", "compress")),
    Rotation(None, ("create", "compress")),
    Rotation(None, ("copytruncate",)),
    Rotation(23, ("create",), keep=1, is_whole=False),
    Rotation(None, ("create",), keep=2, is_whole=False),
]


def write_rotated(folder: Path, rotation: Rotation, begin: datetime, end: datetime) -> tuple[int, int]:
    """Write a log, rotated by logrotate as its times go; return the day's hits and the visits that began on it."""
    logrotate = find_program("logrotate")
    log, state, conf = folder / "access.log", folder.parent / "state", folder.parent / "logrotate.conf"
    when = "daily" if rotation.at is not None else "size 40k"
    directives = "\n".join([when, f"rotate {rotation.keep}", "missingok", *rotation.directives])
    conf.write_text(f"{log} {{\n{directives}\n}}\n")
    conf.chmod(0o600)
    is_dated = "dateext" in rotation.directives
    force = ["-f"] if rotation.at is not None else []

    def rotate() -> None:
        if is_dated:
            time.sleep(1.01)  # the names of two rotations differ by their seconds
        subprocess.run([logrotate, *force, "-s", state, conf], check=True, capture_output=True, timeout=60)

    next_rotation = begin + timedelta(minutes=rotation.at) if rotation.at is not None else begin
    next_rotation += timedelta(days=1) if rotation.at is not None else timedelta(hours=1)
    hits = visits = 0
    file = log.open("a")
    for at, line in lines_from(begin, end):
        if at >= next_rotation:
            file.close()
            rotate()
            file = log.open("a")
            next_rotation += timedelta(days=1) if rotation.at is not None else timedelta(hours=1)
        file.write(line)
        hits += at.date() == DAY
        visits += at.date() == DAY and "GET /in " in line
    file.close()
    return hits, visits


@pytest.mark.parametrize(
    "rotation", ROTATIONS, ids=lambda one: f"{one.at}-{'-'.join(one.directives)}-{one.keep}".replace(" ", "")
)
def test_the_documented_night_is_exact_or_says_what_it_lacks(rotation: Rotation, tmp_path: Path) -> None:
    folder, home = tmp_path / "nginx", tmp_path / "home"
    folder.mkdir(mode=0o755)
    home.mkdir()
    db = tmp_path / "traffic.duckdb"
    midnight = datetime.combine(DAY, datetime.min.time(), UTC)
    hits, visits = write_rotated(
        folder, rotation, midnight - timedelta(days=1), midnight + timedelta(days=1) + LOGGED_AFTER_MIDNIGHT
    )
    assert len(list(folder.iterdir())) >= 2
    ended = run_as_cron_does(night_line(), home, folder, db)
    if rotation.is_whole:
        assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
        published = query(db, "SELECT day, hits, complete, v.visits FROM days JOIN visits v USING (day, site)")
        assert published == [(DAY, hits, True, visits)]
        return
    # The line of the README publishes complete days alone, and says so.
    assert ended.returncode == 4
    assert "not published, since it is incomplete: the logs begin after it began" in ended.stderr
    assert query(db, "FROM days") == []
    # Without that, the day is published, and all say that it is not whole.
    line = night_line().replace(" --complete-days", "").replace(" --quiet", " --json")
    ended = run_as_cron_does(line, home, folder, db)
    assert ended.returncode == 4
    (incomplete,) = json.loads(ended.stdout)["incomplete"]
    assert incomplete == {
        "day": str(DAY),
        "site": "default",
        "why": "the logs begin after it began",
        "published": True,
    }
    ((day, fewer, is_complete),) = query(db, "SELECT day, hits, complete FROM days")
    assert (day, is_complete) == (DAY, False)
    assert fewer < hits


@pytest.mark.parametrize("directives", [("create", "compress", "delaycompress"), ("copytruncate",)])
def test_what_nginx_logs_while_logrotate_rotates_is_counted_to_the_line(
    directives: tuple[str, ...], tmp_path: Path
) -> None:
    """The clock is real: the day is today, which is incomplete, and the night says so."""
    logrotate = find_program("logrotate")
    # Each another page: equal lines of one second on both sides of a cut would count as duplicates.
    requests = (Request("page", f"GET /{number} HTTP/1.1".encode()) for number in count())
    with server_folder() as server:
        start_nginx(server)
        pid = int((server.folder / "nginx.pid").read_text())
        # logrotate refuses a folder that others may write to.
        server.folder.chmod(0o755)
        log, conf = server.folder / "combined.log", tmp_path / "logrotate.conf"
        extra = "" if "copytruncate" in directives else f"postrotate\nkill -USR1 {pid}\nendscript\n"
        conf.write_text(f"{log} {{\nrotate 9\n{chr(10).join(directives)}\n{extra}}}\n")
        conf.chmod(0o600)
        before = len(read_log(log, b"", 0.1))
        for _ in range(3):
            for _ in range(30):
                send(next(requests), server.port)
            time.sleep(0.3)
            subprocess.run(
                [logrotate, "-f", "-s", tmp_path / "state", conf], check=True, capture_output=True, timeout=60
            )
            time.sleep(0.3)
        for _ in range(9):
            send(next(requests), server.port)
        read_log(log, b"GET /98 ", 2)
        assert len(list(server.folder.glob("combined.log*"))) == 4
        home, db = tmp_path / "home", tmp_path / "traffic.duckdb"
        home.mkdir()
        line = night_line().replace(str(DAY), "today").replace("access.log", "combined.log")
        line = line.replace(" --complete-days", "").replace("--quiet", "--json") + " --k 1"
        ended = run_as_cron_does(line, home, server.folder, db)
    assert ended.returncode == 4, ended.stderr
    summary = json.loads(ended.stdout)
    assert (summary["lines"], summary["hits"]) == (99 + before, 99 + before)
    assert [one["why"] for one in summary["incomplete"]] == [
        "the logs begin after it began, and the logs end before it is over and the visit timeout has passed"
    ]
    assert query(db, "SELECT complete FROM days") == [(False,)]
