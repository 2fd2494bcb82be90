"""With --log-json, all that a run prints is one JSON object a line, on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from footfall.pipelines.display import progress
from footfall.pipelines.display.log_events import EVENTS
from tests.commands import BROWSER, CommandResult, Operator, log_line, write_log


def events(ended: CommandResult) -> list[dict[str, Any]]:
    """The lines of standard output; standard error has none."""
    assert ended.err == ""
    read = [json.loads(line) for line in ended.out.splitlines()]
    for one in read:
        assert one["event"] in EVENTS
        assert one["level"] in ("info", "warning", "error")
        assert abs((datetime.now(UTC) - datetime.fromisoformat(one["time"])).total_seconds()) < 300
        assert one["message"]
    return read


def test_the_last_line_has_what_json_prints(operator: Operator) -> None:
    content = "".join(log_line(number, path="/of/somebody") for number in range(20)) + "nonsense\n"
    (operator.folder / "a.log").write_text(content)
    ended = operator.nightly("a.log", "--log-json")
    *before, last = events(ended)
    assert (ended.status, last["event"], last["level"], last["lines"]) == (0, "summary", "info", 21)
    assert last["message"] == "published 1 day of default to traffic.duckdb"
    assert {one["event"] for one in before} <= {"warning", "compiling", "progress"}
    as_json = json.loads(operator.nightly("a.log", "--json").out)
    assert set(last) == {"time", "level", "event", "message", *as_json}
    for text in ("somebody", "2001:db8", BROWSER, "nonsense"):
        assert text not in ended.out
    ended = operator.nightly("a.log", "--log-json", "--date", "2026-06-01", "--strict")
    assert (ended.status, events(ended)[-1]["level"], events(ended)[-1]["status"]) == (4, "warning", 4)


def test_progress_is_told_as_counts(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PLAIN_EVERY_S", 0.01)
    write_log(operator.folder / "a.log", 3_000)
    told = [one for one in events(operator.nightly("a.log", "--log-json")) if one["event"] == "progress"]
    assert told
    assert set(told[0]) == {
        *("time", "level", "event", "message"),
        *("step", "stored_bytes", "total_bytes", "lines", "lines_per_s"),
    }
    assert told[0]["total_bytes"] == (operator.folder / "a.log").stat().st_size


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("no.log",), 2, "no.log: no such file"),
        (("a.log", "--k", "0"), 2, "--k: 0: should be"),
        (("a.log", "--colour"), 2, "No such option '--colour'."),
        (("text.log",), 1, "text.log: "),
    ],
)
def test_a_refusal_is_one_line(arguments: tuple[str, ...], status: int, says: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    (operator.folder / "text.log").write_text("this is no access log\n" * 30)
    ended = operator.nightly(*arguments, "--log-json", "--quiet")
    (only,) = events(ended)
    assert (ended.status, only["event"], only["level"], only["status"]) == (status, "refused", "error", status)
    assert only["message"].startswith(says)


def test_quiet_leaves_out_what_needs_nobody(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    told = events(operator.nightly("a.log", "--log-json", "--quiet"))
    assert all(one["event"] == "warning" for one in told)
    assert any("published, but incomplete: the logs begin after it began" in one["message"] for one in told)


def test_json_and_log_json_exclude_each_other(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log", "--log-json", "--json")
    assert ended.status == 2
    assert "--json, --log-json: one at a time" in ended.out
    assert not operator.db.exists()


def test_that_kernels_are_compiled_is_an_event() -> None:
    code = """
from numba import njit
from footfall.pipelines.display.announce_compiling import announce_compiling
with announce_compiling(log_json=True):
    assert njit(lambda number: 2 * number)(2) == 4
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    (only,) = map(json.loads, ended.stdout.splitlines())
    assert (only["event"], only["level"], ended.stderr) == ("compiling", "info", "")


def test_the_summary_ends_with_where_the_file_is(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    nothing = operator.nightly("a.log", "--date", "yesterday")
    assert "file  " not in nothing.out
    last = operator.nightly("a.log").out.splitlines()[-1]
    assert last.split(maxsplit=2) == ["file", f"{operator.db.stat().st_size:,}", f"bytes in {operator.db}"]
