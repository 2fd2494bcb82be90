"""The command line: help, options, exit statuses and what is printed."""

from __future__ import annotations

import gzip
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
import pytest

from footfall.pipelines.cli import footfall
from tests.commands import ONE_WORKER, Operator, log_line, write_log

NGINX = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)
APACHE = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'


def commands(command: click.Command = footfall, name: str = "footfall") -> Iterator[tuple[str, click.Command]]:
    """All commands by name, those of groups too."""
    yield name, command
    if isinstance(command, click.Group):
        for own, below in command.commands.items():
            yield from commands(below, f"{name} {own}")


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_and_every_option_is_documented(name: str, command: click.Command, operator: Operator) -> None:
    ended = operator.run(*name.split()[1:], "--help")
    assert ended.status == 0
    assert ended.out.startswith(f"Usage: {name} ")
    assert command.help
    shown = re.sub(r"\s+", " ", ended.out)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.opts[0]}"
            assert re.search(rf"{parameter.opts[-1]}\b", shown)
            assert re.sub(r"\s+", " ", parameter.help)[:20] in shown


def test_the_help_names_the_exit_statuses_and_beam(operator: Operator) -> None:
    shown = re.sub(r"\s+", " ", operator.run("nightly", "--help").out)
    assert "Exit status: 0 published, or nothing to publish; 1 refused, the old file is unchanged; 2 wrong" in shown
    for status in ("3 published without an unreadable", "4 published, but a day", "130, 143 or 129 interrupted"):
        assert status in shown
    assert "Options after -- are passed to Beam" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nightly",), "footfall: no logs given; give paths, globs, folders, URLs or - for standard input\n"),
        (("nightly", "a.log", "--k", "0"), "footfall: --k: 0: should be greater than or equal to 1\n"),
        (
            ("nightly", "a.log", "--visit-timeout-s", "5"),
            "footfall: --visit-timeout-s: 5: should be greater than or equal to 60\n",
        ),
        (("nightly", "a.log", "--k", "x"), "Error: Invalid value for '--k': 'x' is not a valid integer.\n"),
        (("nightly", "a.log", "--colour"), "Error: No such option '--colour'."),
        (("nightly", "a.log", "--config", "no.toml"), "footfall: no.toml: cannot be read (FileNotFoundError)"),
        (
            ("nightly", "a.log", "--date", "31.12.2026"),
            "footfall: --date: '31.12.2026': not a day; expected one such as",
        ),
        (("nightly", "a.log", "--date", "today", "--all-days"), "footfall: --date: excludes from, to and all-days;"),
        (
            ("nightly", "a.log", "--db", "no/such.duckdb"),
            "/no: no such folder; create it, or give another file with --db\n",
        ),
        (("nightly", "a.log", "--db", "."), ": is a folder; name a file in it with --db\n"),
        (("nightly", "a.log", "--temp", "no"), "footfall: no: no such folder; create it, or give another one with"),
        (("nightly", "a.log", "--db", "/dev/null"), "/dev/null: is a pipe, socket or device; name a regular file"),
        (("nightly", "a.log", "--geo-db", "no.mmdb"), "footfall: location database no.mmdb: no such file; expected"),
        (
            ("nightly", "a.log", "--", "--runer=x"),
            "footfall: --runer: given after --, but not an option of Beam's local",
        ),
        (("nightly", "a.log", "--", "b.log"), "footfall: 'b.log': given after --, but not one of Beam's --options;"),
        (("nightly", "a.log", "--", "--direct_num_workers=x"), "footfall: after --: argument --direct_num_workers:"),
        (("parse", "no.log"), "footfall: no.log: no such file;"),
        (("parse", "a.log", "--geo-db", "no.mmdb"), "footfall: location database no.mmdb: no such file; expected"),
        (("geo", "--geo-db", "no.mmdb"), "footfall: location database no.mmdb: no such file; expected"),
        (("sample", "-o", "no/such.log"), "footfall: no/such.log: cannot be written (FileNotFoundError); give another"),
        (("nightlie",), "Error: No such command 'nightlie'."),
    ],
)
def test_wrong_usage_is_status_2_with_a_remedy(arguments: tuple[str, ...], message: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.run(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert operator.leftovers() == []


def test_a_folder_that_cannot_be_written_to_is_wrong_usage(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.run("nightly", "a.log", "--db", "/proc/traffic.duckdb")
    assert ended.status == 2
    assert re.search(r"/proc: (cannot be written to \(\w+\)|no such folder); .*--db", ended.err)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_refused_and_not_waited_for(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    os.mkfifo(operator.db)
    ended = operator.start("nightly", "a.log")
    _, err = ended.communicate(timeout=60)
    assert ended.returncode == 2
    assert b"traffic.duckdb: is a pipe, socket or device; name a regular file with --db" in err
    assert operator.run("check", "--db", operator.db).status == 2
    assert operator.leftovers() == []


def test_json_contains_the_line_counts(operator: Operator) -> None:
    lines = [log_line(number, day=1 + number % 3) for number in range(30)]
    (operator.folder / "a.log").write_text("".join([*lines, "nonsense\n", "\n"]))
    (operator.folder / "b.log").write_text("".join(lines))
    ended = operator.nightly("a.log", "b.log", "--to", "2026-06-02", "--k", "5", "--json")
    assert ended.status == 0, ended.err
    record = json.loads(ended.out)
    books = {name: record[name] for name in ("lines", "hits", "outside_window", "rejected", "duplicates")}
    assert books == {"lines": 62, "hits": 20, "outside_window": 10, "rejected": 2, "duplicates": 30}
    assert (record["status"], record["db"], record["visits"], record["page_views"]) == (0, "traffic.duckdb", 20, 20)
    assert record["published"] == [{"day": f"2026-06-0{day}", "site": "default"} for day in (1, 2)]
    assert record["rejects"] == [
        {"input": "a.log", "reason": reason, "lines": 1, "first_line_number": number}
        for reason, number in (("cut", 31), ("empty", 32))
    ]
    assert [(one["input"], one["compression"], one["log_format"]) for one in record["inputs"]] == [
        ("a.log", "plain", "combined"),
        ("b.log", "plain", "combined"),
    ]
    assert record["run_id"] in {run_id for (run_id,) in operator.query("SELECT run_id FROM runs")}


def test_the_summary_shows_line_counts_under_the_names_of_the_tables(operator: Operator) -> None:
    (operator.folder / "a.log").write_text("".join(log_line(number) for number in range(20)) + "nonsense\n")
    ended = operator.nightly("a.log", "--site", "www.example.org")
    rows = {line[:12].strip(): line[12:].split(maxsplit=1) for line in ended.out.splitlines() if line[:12].strip()}
    assert rows.pop("file")[0] == f"{operator.db.stat().st_size:,}"
    assert {label: row[0] for label, row in rows.items()} == {
        "read": "1",
        "lines": "21",
        "= hits": "20",
        "+ outside": "0",
        "+ rejected": "1",
        "+ duplicates": "0",
        "visits": "20",
        "folded": "0",
        "published": "1",
        "incomplete": "1",
    }
    assert rows["published"][1] == "day of www.example.org to traffic.duckdb"
    assert "1  cut, first at a.log:21" in ended.out
    starts = {re.match(r".{12} {1,12}[\d,]* {2}", line) is not None for line in ended.out.splitlines()}
    assert starts == {True}, "all figures end in the same column"
    again = operator.nightly("a.log", "--site", "www.example.org")
    assert "unchanged               1  day of www.example.org already published from as many hits" in again.out


@pytest.mark.parametrize("log_format", [NGINX, APACHE, "combined"])
def test_a_servers_own_format_string_works_like_a_name(log_format: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    assert operator.nightly("a.log", "--log-format", log_format).status == 0
    (operator.folder / "footfall.toml").write_text(f"logs = ['a.log']\nlog-format = '''{log_format}'''\n")
    assert operator.nightly().status == 0
    assert operator.query("SELECT sum(hits) FROM days") == [(20,)]


def test_a_settings_file_in_the_folder_is_found_and_flags_override_it(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    (operator.folder / "footfall.toml").write_text(
        'logs = ["a.log"]\nsite = "a.example"\ntimezone = "Asia/Tokyo"\nk = 7\n'
    )
    assert operator.nightly("--k", "3").status == 0
    assert operator.query("SELECT k, timezone FROM runs") == [(3, "Asia/Tokyo")]
    assert operator.query("SELECT day, site FROM days") == [(date(2026, 6, 1), "a.example")]


@pytest.mark.parametrize(
    ("arguments", "visits"), [((), 1), (("--visit-timeout-s", "1200"), 1), (("--visit-timeout-s", "1199"), 2)]
)
def test_a_visit_ends_after_the_timeout(arguments: tuple[str, ...], visits: int, operator: Operator) -> None:
    twenty_minutes_later = log_line().replace(":10:00:00 ", ":10:20:00 ")
    (operator.folder / "a.log").write_text(log_line() + twenty_minutes_later)
    assert operator.nightly("a.log", "--k", "1", *arguments).status == 0
    assert operator.query("SELECT visits FROM visits") == [(visits,)]


def test_the_timeout_can_be_set_in_the_settings_file(operator: Operator) -> None:
    twenty_minutes_later = log_line().replace(":10:00:00 ", ":10:20:00 ")
    (operator.folder / "a.log").write_text(log_line() + twenty_minutes_later)
    (operator.folder / "footfall.toml").write_text("visit-timeout-s = 600\n")
    assert operator.nightly("a.log", "--k", "1").status == 0
    assert operator.query("SELECT visits FROM visits") == [(2,)]
    # The same hits: what is published stays, unless it is to be replaced.
    assert operator.nightly("a.log", "--k", "1", "--visit-timeout-s", "1800").status == 0
    assert operator.query("SELECT visits FROM visits") == [(2,)]
    assert operator.nightly("a.log", "--k", "1", "--visit-timeout-s", "1800", "--replace").status == 0
    assert operator.query("SELECT visits FROM visits") == [(1,)]


def test_days_are_chosen_in_the_sites_zone(operator: Operator) -> None:
    write_log(operator.folder / "a.log", hour=23)
    ended = operator.nightly("a.log", "--date", "2026-06-02", "--timezone", "Europe/Berlin")
    assert ended.status == 0
    assert operator.query("SELECT day, hits FROM days") == [(date(2026, 6, 2), 20)]


def test_a_day_without_hits_is_nothing_to_publish_and_said_with_line_counts(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log", "--date", "yesterday")
    assert ended.status == 0
    nothing = (
        "no hits on the requested days: 20 lines read, 20 hits of other days, 0 rejected; if the night was not quiet"
    )
    assert nothing in ended.out.splitlines()[0]
    assert not operator.db.exists()
    assert nothing in json.loads(operator.nightly("a.log", "--date", "yesterday", "--json").out)["reason"]
    assert f"nothing to publish: {nothing}" in operator.nightly("a.log", "--date", "yesterday", "--quiet").err


def test_options_after_two_dashes_are_passed_to_beam(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.run("nightly", "a.log", *ONE_WORKER, "--direct_running_mode=in_memory")
    assert ended.status == 0
    ended = operator.run("nightly", "a.log", "--", "--runner=NoSuchRunner")
    assert ended.status in (1, 2)
    assert "Traceback" not in ended.err


def test_an_unexpected_error_is_reported_by_type_and_place_only(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("192.0.2.77 asked for /secret")

    monkeypatch.setattr("footfall.pipelines.run.plan_run", fail)
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log")
    assert ended.status == 1
    expected = r"footfall: unexpected KeyError in \w+\.py, line \d+; nothing was published\. Please report it\n"
    assert re.fullmatch(expected, ended.err)


def test_geo_shows_database_date_and_licence(operator: Operator) -> None:
    shown = operator.run("geo").out
    assert "DB-IP City Lite" in shown
    assert "CC BY 4.0" in shown
    assert "https://db-ip.com" in shown
    record = json.loads(operator.run("geo", "--json").out)
    assert record["embedded"] is True


def test_parse_prints_one_json_object_per_line(operator: Operator) -> None:
    (operator.folder / "a.log").write_text(log_line(path="/a?b=c") + "nonsense\n")
    first, second = map(json.loads, operator.run("parse", "a.log").out.splitlines())
    assert (first["line_number"], first["path"], first["page_view"]) == (1, "/a", True)
    assert second == {"line_number": 2, "reject": "cut"}
    assert operator.run("parse", "a.log").err == (
        "note: this shows addresses and requests as they are in the log; see --private\n"
    )
    kept = operator.run("parse", "a.log", "--private")
    first, second = map(json.loads, kept.out.splitlines())
    assert (first["line_number"], first["page"], first["page_view"]) == (1, "/a", True)
    assert second == {"line_number": 2, "reject": "cut"}
    assert not kept.err
    summary = json.loads(operator.run("parse", "a.log", "--summary").out)
    assert (summary["log_format"], summary["lines"]) == ("combined", 2)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_summary_that_cannot_be_written_does_not_hide_that_the_file_is_published(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "footfall.pipelines.cli", "nightly", "a.log"]
        ended = subprocess.run(
            command, cwd=operator.folder, stdout=full, stderr=subprocess.PIPE, text=True, timeout=300, check=False
        )
    assert ended.returncode == 0
    told = "footfall: published 1 day of default to traffic.duckdb; the summary could not be written to standard output"
    assert f"{told} (No space left on device)\n" in ended.stderr
    assert operator.query("SELECT sum(hits) FROM days") == [(20,)]


def run_closed(operator: Operator, streams: str, *arguments: str) -> tuple[int, str]:
    """Run a command whose streams a shell redirects; its exit status, and what it says on standard error."""
    command = shlex.join([sys.executable, "-m", "footfall.pipelines.cli", *arguments])
    ended = subprocess.run(
        ["sh", "-c", f"{command} {streams}"],
        cwd=operator.folder,
        stderr=subprocess.PIPE,
        text=True,
        timeout=300,
        check=False,
    )
    return ended.returncode, ended.stderr


@pytest.mark.parametrize("options", [(), ("--quiet",), ("--log-json",)])
@pytest.mark.parametrize("streams", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_night_is_published_where_no_stream_is_open(
    options: tuple[str, ...], streams: str, operator: Operator
) -> None:
    write_log(operator.folder / "a.log")
    status, _ = run_closed(operator, streams, "nightly", "a.log", *options)
    assert status == 0
    assert operator.query("SELECT sum(hits) FROM days") == [(20,)]


@pytest.mark.parametrize(
    ("streams", "problem"), [(">&-", "standard output is closed"), (">/dev/full", "No space left on device")]
)
def test_what_cannot_be_written_to_standard_output_is_told(streams: str, problem: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    assert operator.run("nightly", "a.log").status == 0
    writing = [("sample", "-o", "-", "--lines", "100"), ("report", "--db", "traffic.duckdb", "--json")]
    # What a command says goes nowhere if nobody asked for it; where it is lost, that is told.
    saying = [("check",), ("doctor", "a.log"), ("settings",), ("parse", "a.log")] if "full" in streams else []
    for arguments in (*writing, *saying):
        status, told = run_closed(operator, streams, *arguments)
        assert status in (1, 2)
        assert problem in told
        assert "unexpected" not in told


@pytest.mark.parametrize("option", [(), ("--private",), ("--summary",)])
def test_parse_says_of_a_damaged_input_what_it_is(option: tuple[str, ...], operator: Operator) -> None:
    whole = gzip.compress("".join(log_line(path=f"/{number}") for number in range(4_000)).encode())
    (operator.folder / "a.log.gz").write_bytes(whole[: len(whole) // 2])
    ended = operator.run("parse", "a.log.gz", *option)
    assert ended.status == 1
    assert re.search(r"^footfall: a\.log\.gz: .*", ended.err, re.MULTILINE), ended.err
    assert "unexpected" not in ended.err


MESSAGES = """
import logging, sys, threading, warnings
from footfall.pipelines.engine.hide_messages import hide_messages
hide_messages()
class Library:
    def __del__(self):
        raise ValueError("198.51.100.77")
def fail():
    raise KeyError("198.51.100.77")
logger = logging.getLogger("library")
logger.setLevel(logging.DEBUG)
logger.addHandler(logging.StreamHandler())
logger.critical("198.51.100.77")
logging.getLogger("other").error("198.51.100.77")
warnings.warn("198.51.100.77")
Library()
thread = threading.Thread(target=fail)
thread.start()
thread.join()
raise ValueError("198.51.100.77")
"""


def test_neither_libraries_nor_the_interpreter_quote_a_value() -> None:
    ended = subprocess.run([sys.executable, "-c", MESSAGES], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert not ended.stdout
    assert re.fullmatch(
        r"footfall: unexpected KeyError in [^\n]*\. Please report it\n"
        r"footfall: unexpected ValueError in [^\n]*\. Please report it\n",
        ended.stderr,
    ), ended.stderr
