"""What a run tells that nobody watches: incomplete days, exit statuses, and one object or nothing as output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import ROOT, Operator, log_line, write_log

BEFORE = log_line(day=1, hour=23)
AFTER = log_line(day=3, hour=1)
DAY = "".join(log_line(number, day=2) for number in range(20))
ASKED = ("--date", "2026-06-02")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (BEFORE + DAY + AFTER, None),
        (DAY + AFTER, "the logs begin after it began"),
        (BEFORE + DAY, "the logs end before it is over and the visit timeout has passed"),
        # A log that ends 10 minutes after the day: somebody may still be there.
        (
            BEFORE + DAY + log_line(600, day=3, hour=0),
            "the logs end before it is over and the visit timeout has passed",
        ),
        (
            BEFORE
            + DAY
            + "".join(f"{one}" for one in (log_line(1380, day=2, hour=23),))
            + "".join(
                log_line(1380, day=day, hour=hour).replace(":23:00 ", f":{minute}:00 ")
                for day, hour, minute in ((2, 23, "45"), (3, 0, "10"), (3, 0, "35"))
            ),
            "a visit that it began goes on where the logs end",
        ),
    ],
)
def test_a_day_that_its_logs_do_not_hold_whole_is_told_everywhere(
    content: str, why: str | None, operator: Operator
) -> None:
    (operator.folder / "a.log").write_text(content)
    ended = operator.nightly("a.log", *ASKED, "--strict", "--k", "5")
    assert ended.status == (4 if why else 0)
    rows = [line for line in ended.out.splitlines() if line.startswith("incomplete")]
    assert rows == ([f"incomplete              1  day of default, published: {why}"] if why else [])
    assert operator.query("SELECT complete FROM days") == [(why is None,)]
    # Once more: nothing changes in the file, and what it holds is as incomplete as before.
    again = operator.nightly("a.log", *ASKED, "--strict", "--k", "5", "--json")
    told = [{"day": "2026-06-02", "site": "default", "why": why, "published": True}] if why else []
    assert (again.status, json.loads(again.out)["incomplete"]) == (4 if why else 0, told)
    quiet = operator.nightly("a.log", *ASKED, "--quiet", "--k", "5")
    warning = f"warning: 2026-06-02 of site default: published, but incomplete: {why}\n" if why else ""
    assert (quiet.status, quiet.out, quiet.err) == (0, "", warning)


def test_a_day_that_is_left_out_since_it_is_incomplete_is_told_so(operator: Operator) -> None:
    (operator.folder / "a.log").write_text(DAY + AFTER)
    ended = operator.nightly("a.log", *ASKED, "--complete-days", "--strict", "--json")
    assert ended.status == 4
    (told,) = json.loads(ended.out)["incomplete"]
    assert told["published"] is False
    assert operator.query("FROM days") == []
    # Without --strict, days that nobody waits for are left out in silence: today is always one of them.
    quiet = operator.nightly("a.log", "--complete-days", "--quiet")
    assert (quiet.status, quiet.out, quiet.err) == (0, "", "")


def test_a_quiet_night_is_told_from_logs_that_do_not_reach_the_day(operator: Operator) -> None:
    (operator.folder / "a.log").write_text(BEFORE + AFTER)
    ended = operator.nightly("a.log", *ASKED, "--strict", "--quiet")
    assert (ended.status, ended.out) == (0, "")
    assert ended.err.startswith("warning: nothing to publish: no hits on the requested days: 2 lines read")
    (operator.folder / "a.log").write_text(AFTER)
    ended = operator.nightly("a.log", *ASKED, "--strict", "--quiet")
    assert ended.status == 4
    assert "2026-06-02: not published, since it is incomplete: the logs begin after it began" in ended.err


def test_empty_logs_are_nothing_to_publish(operator: Operator) -> None:
    (operator.folder / "a.log").touch()
    ended = operator.nightly("a.log", "--json")
    assert ended.status == 0
    assert json.loads(ended.out)["reason"].startswith("the logs are empty; if that is no quiet night, check")
    assert operator.nightly("a.log", "--date", "yesterday", "--strict").status == 4
    assert not operator.db.exists()


def test_lines_of_which_none_is_a_hit_are_refused(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log", "--log-format", "vhost_combined")
    assert ended.status == 1
    assert not operator.db.exists()


REFUSED = [
    (("nightly", "a.log", "--json", "--k", "0"), 2, "--k: 0: should be greater than or equal to 1"),
    (("nightly", "a.log", "--json", "--colour"), 2, "No such option '--colour'."),
    (("nightly", "no.log", "--json"), 2, "no.log: no such file;"),
    (("nightly", "broken.gz", "--json"), 1, "broken.gz: "),
    (("nightly", "text.log", "--json"), 1, "text.log: "),
]


@pytest.mark.parametrize(("arguments", "status", "reason"), REFUSED, ids=[reason for _, _, reason in REFUSED])
def test_a_refused_run_prints_an_object_with_the_reason(
    arguments: tuple[str, ...], status: int, reason: str, operator: Operator
) -> None:
    write_log(operator.folder / "a.log")
    (operator.folder / "broken.gz").write_bytes(b"\x1f\x8b\x08broken")
    (operator.folder / "text.log").write_text("Dear reader,\nthis is no log.\n" * 30)
    ended = operator.run(*arguments)
    record = json.loads(ended.out)
    assert (ended.status, record["status"]) == (status, status)
    assert record["reason"].startswith(reason)
    assert record["reason"] in ended.err


def test_a_log_that_is_rotated_while_it_is_read_is_refused(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    from footfall.pipelines import run

    plan_run = run.plan_run
    log = write_log(operator.folder / "a.log")

    def rotate(*arguments: object, **options: object) -> object:
        log.rename(operator.folder / "a.log.1.gz")
        write_log(log, 25)
        return plan_run(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(run, "plan_run", rotate)
    ended = operator.nightly("a.log")
    assert ended.status == 1
    assert "a.log: was rotated or replaced while the run read it" in ended.err
    assert not operator.db.exists()


SHELL = '"$PYTHON" -m footfall.pipelines.cli nightly a.log {options} {output}; echo $? >status.log'


def run_in_shell(operator: Operator, output: str, options: str = "") -> subprocess.CompletedProcess[str]:
    """Run the night with standard output as a shell makes it; its exit status is in the file status.log."""
    return subprocess.run(
        ["/bin/bash", "-c", SHELL.format(output=output, options=options)],
        cwd=operator.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="no bash")
@pytest.mark.parametrize("options", ["", "--json"])
@pytest.mark.parametrize("output", [">&-", "> >(exit)", ">&- </dev/null 2>messages.log"])
def test_what_was_published_is_said_though_standard_output_takes_nothing(
    output: str, options: str, operator: Operator
) -> None:
    write_log(operator.folder / "a.log")
    ended = run_in_shell(operator, output, options)
    messages = operator.folder / "messages.log"
    said = ended.stderr + (messages.read_text() if messages.exists() else "")
    assert (
        "footfall: published 1 day of default to traffic.duckdb; the summary could not be written to standard output ("
        in said
    )
    assert (operator.folder / "status.log").read_text() == "0\n"
    assert operator.query("SELECT hits FROM days") == [(20,)]


def test_a_reader_of_one_line_learns_what_was_published(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = run_in_shell(operator, "| head -1")
    assert ended.stdout == "published               1  day of default to traffic.duckdb\n"
