"""The doctor says of each thing that a night needs whether it is there, in one line with the remedy."""

from __future__ import annotations

import json
import os
from collections import namedtuple
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.doctor import look_at_host
from footfall.pipelines.doctor.look_at_host import look_at_schedule
from tests.commands import BROWSER, Operator, write_log

NOW = datetime.now(UTC)
NGINX = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)


def write_days(operator: Operator, *days: float, extra: str = "", zone: str = "+0000") -> None:
    """Write a log with a line so many days ago each."""

    def lines() -> Iterator[str]:
        for ago in days:
            at = NOW - timedelta(days=ago)
            shown = at.strftime("%d/%b/%Y:%H:%M:%S ") + zone
            yield f'2001:db8::1 - - [{shown}] "GET / HTTP/1.1" 200 100 "-" "{BROWSER}"{extra}\n'

    (operator.folder / "a.log").write_text("".join(lines()))


def found(operator: Operator, topic: str, *arguments: str) -> list[tuple[str, str]]:
    """Level and line of each finding on a topic; the exit status fits the levels."""
    ended = operator.run("doctor", *(arguments or ("a.log",)), "--json")
    findings: list[dict[str, Any]] = json.loads(ended.out)
    assert ended.status == int(any(one["level"] == "error" for one in findings))
    return [(one["level"], f"{one['text']}; {one['remedy']}") for one in findings if one["topic"] == topic]


def test_each_finding_is_one_line_and_nothing_is_published(operator: Operator) -> None:
    write_days(operator, 34, 1, 0)
    ended = operator.run("doctor", "a.log", "--db", "traffic.duckdb")
    assert ended.status == 0
    topics = [line.split()[1] for line in ended.out.splitlines()]
    assert topics == ["logs", "format", "session", "rotation", "time", "locations", "file", "space", "schedule"]
    assert {line.split()[0] for line in ended.out.splitlines()} <= {"ok", "note", "warning"}
    assert operator.leftovers() == []
    assert "2001:db8" not in ended.out


@pytest.mark.parametrize(
    ("days", "level", "text"),
    [
        ((34, 0), "ok", "the logs hold 34 days: days, weeks and months are published"),
        ((10, 0), "note", "the logs hold 10 days: a week, but not a month"),
        ((3, 0), "warning", "the logs hold 3 days: rare values are not published by week"),
        ((0.01, 0), "error", "the logs begin after yesterday began; keep more of them"),
        ((9, 4), "error", "the logs end 4 days ago; see that the server writes to them"),
    ],
)
def test_rotation_covers_a_day_a_week_and_a_month(
    days: tuple[float, ...], level: str, text: str, operator: Operator
) -> None:
    write_days(operator, *days)
    told = found(operator, "rotation")[0]
    assert told[0] == level
    assert text in told[1]


def test_a_line_from_the_future_does_not_hide_that_the_logs_have_ended(operator: Operator) -> None:
    write_days(operator, 4, 9, -30_000)
    assert "the logs end 4 days ago" in found(operator, "rotation")[0][1]
    assert "the logs hold 5 days: " in found(operator, "rotation")[1][1]
    assert found(operator, "clock")[0][0] == "warning"


def test_logs_that_cannot_be_read_are_told_with_their_names(operator: Operator) -> None:
    assert found(operator, "logs", "no.log")[0][0] == "error"
    (operator.folder / "a.gz").write_bytes(b"\x1f\x8b\x08broken")
    (operator.folder / "text.log").write_text("Dear reader,\nthis is no log.\n" * 30)
    assert "a.gz: " in found(operator, "logs", "a.gz")[0][1]
    assert "text.log: " in found(operator, "logs", "text.log")[0][1]
    (operator.folder / "empty.log").touch()
    assert found(operator, "logs", "empty.log") == [
        ("error", "0 of 1 can be read, 0 bytes; check the paths, and that the server writes to them")
    ]
    if os.getuid() != 0:  # root reads all
        write_log(operator.folder / "a.log").chmod(0)
        assert "let this user read it" in found(operator, "logs")[0][1]


def test_a_session_cookie_is_asked_for(operator: Operator) -> None:
    write_days(operator, 3, 0)
    assert "the logs have no session cookie" in found(operator, "session")[0][1]
    write_days(operator, 3, 0, extra=' "sid=0123456789abcdef"')
    given = ("a.log", "--log-format", f'{NGINX} "$http_cookie"')
    assert "name it with --session-cookie" in found(operator, "session", *given)[0][1]
    assert found(operator, "session", *given, "--session-cookie", "sid")[0][0] == "ok"


def test_a_time_zone_other_than_that_of_the_logs_is_told(operator: Operator) -> None:
    write_days(operator, 3, 0)
    assert found(operator, "time zone") == [("ok", "days are those of UTC; ")]
    assert found(operator, "time zone", "a.log", "--timezone", "Asia/Tokyo")[0][0] == "warning"
    write_days(operator, 3, 0, zone="-0900")
    assert found(operator, "clock")[0][0] == "warning"


def test_the_published_file_is_looked_at(operator: Operator) -> None:
    write_days(operator, 3, 0)
    assert "will be new, with mode 0640" in found(operator, "file")[0][1]
    assert operator.nightly("a.log").status == 0
    operator.db.chmod(0o644)
    assert "mode 0644, everyone may read it" in found(operator, "file")[0][1]
    assert "were published with --k 10" in found(operator, "file", "a.log", "--k", "20")[0][1]
    operator.folder.chmod(0o777)
    assert "everyone may replace files in it" in found(operator, "file")[0][1]
    assert found(operator, "file", "a.log", "--db", "none/traffic.duckdb")[0][0] == "error"


def test_too_little_space_is_an_error(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    write_days(operator, 3, 0)
    assert found(operator, "space")[0][0] == "ok"
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(look_at_host.shutil, "disk_usage", lambda _: usage(2**30, 2**30, 2**20))
    assert found(operator, "space")[0][0] == "error"


@pytest.mark.parametrize(
    ("path", "line", "level", "text"),
    [
        ("etc/cron.d/footfall", "30 2 * * * www /opt/bin/footfall nightly a.log", "ok", "/etc/cron.d/footfall"),
        ("etc/crontab", "30 2 * * * root footfall nightly a.log", "warning", "without a path"),
        ("etc/crontab", "# 30 2 * * * root footfall nightly a.log", "warning", "no crontab or service runs"),
        ("etc/systemd/system/footfall.service", "ExecStart=/usr/bin/footfall nightly a.log", "ok", "footfall.service"),
        ("etc/crontab", "30 2 * * * root /usr/bin/footfall check", "warning", "no crontab or service runs"),
    ],
)
def test_the_schedule_is_looked_for(
    path: str, line: str, level: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_at_host, "_own_crontab", lambda: "")
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(f"SHELL=/bin/sh\n{line}\n")
    finding = look_at_schedule(tmp_path)
    assert finding.level == level
    assert text in finding.text
