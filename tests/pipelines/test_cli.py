"""The command line: help, options, exit statuses and what is printed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date

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
    ended = operator.types(*name.split()[1:], "--help")
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
    shown = re.sub(r"\s+", " ", operator.types("nightly", "--help").out)
    assert "Exit status: 0 published; 1 the data or the gate refused, the old file stands; 2 wrong usage; 3" in shown
    assert "What stands behind -- goes to Beam" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nightly",), "footfall: no logs named; give paths, globs, folders, URLs or - for standard input\n"),
        (("nightly", "a.log", "--k", "0"), "footfall: --k: 0: should be greater than or equal to 1\n"),
        (("nightly", "a.log", "--k", "x"), "Error: Invalid value for '--k': 'x' is not a valid integer.\n"),
        (("nightly", "a.log", "--colour"), "Error: No such option '--colour'."),
        (("nightly", "a.log", "--config", "no.toml"), "footfall: no.toml: cannot be read (FileNotFoundError)"),
        (
            ("nightly", "a.log", "--date", "31.12.2026"),
            "footfall: --date: '31.12.2026' is no day; expected one such as",
        ),
        (("nightly", "a.log", "--date", "today", "--all-days"), "footfall: --date: names the one day to publish;"),
        (
            ("nightly", "a.log", "--db", "no/such.duckdb"),
            "/no: is no folder; make it, or name another file with --db\n",
        ),
        (("nightly", "a.log", "--db", "."), ": is a folder; name a file in it with --db\n"),
        (("nightly", "a.log", "--geo-db", "no.mmdb"), "footfall: location database no.mmdb: no such file; expected"),
        (
            ("nightly", "a.log", "--", "--runer=x"),
            "footfall: --runer: stands behind --, but is no option of Beam's local",
        ),
        (("nightly", "a.log", "--", "b.log"), "footfall: 'b.log': stands behind --, where only Beam's --options do;"),
        (("nightly", "a.log", "--", "--direct_num_workers=x"), "footfall: behind --: argument --direct_num_workers:"),
        (("parse", "no.log"), "footfall: no.log: names no file;"),
        (("parse", "a.log", "--geo-db", "no.mmdb"), "footfall: location database no.mmdb: no such file; expected"),
        (("geo", "--geo-db", "no.mmdb"), "footfall: location database no.mmdb: no such file; expected"),
        (("sample", "-o", "no/such.log"), "footfall: no/such.log: cannot be written (FileNotFoundError); name another"),
        (("nightlie",), "Error: No such command 'nightlie'."),
    ],
)
def test_wrong_usage_is_status_2_and_says_what_to_do(
    arguments: tuple[str, ...], message: str, operator: Operator
) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.types(*arguments)
    assert (ended.status, ended.out) == (2, "")
    assert message in ended.err
    assert "Traceback" not in ended.err
    assert operator.leftovers() == []


def test_a_folder_that_cannot_be_written_to_is_wrong_usage(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.types("nightly", "a.log", "--db", "/proc/traffic.duckdb")
    assert ended.status == 2
    assert re.search(r"/proc: (cannot be written to \(\w+\)|is no folder); .*--db", ended.err)


def test_json_holds_the_books(operator: Operator) -> None:
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
    assert record["run_id"] in {run_id for (run_id,) in operator.asks("SELECT run_id FROM runs")}


def test_the_summary_ends_with_the_books_in_the_words_of_the_tables(operator: Operator) -> None:
    (operator.folder / "a.log").write_text("".join(log_line(number) for number in range(20)) + "nonsense\n")
    ended = operator.nightly("a.log", "--site", "www.example.org")
    told = {line[:12].strip(): line[12:].split(maxsplit=1) for line in ended.out.splitlines() if line[:12].strip()}
    assert {word: row[0] for word, row in told.items()} == {
        "read": "1",
        "lines": "21",
        "= hits": "20",
        "+ outside": "0",
        "+ rejected": "1",
        "+ duplicates": "0",
        "visits": "20",
        "folded": "0",
        "published": "1",
    }
    assert told["published"][1] == "day of www.example.org to traffic.duckdb"
    assert "1  cut, first at a.log:21" in ended.out
    starts = {re.match(r".{12} {1,12}[\d,]* {2}", line) is not None for line in ended.out.splitlines()}
    assert starts == {True}, "all figures end in the same column"
    again = operator.nightly("a.log", "--site", "www.example.org")
    assert "unchanged               1  day of www.example.org published before with the same figures" in again.out


@pytest.mark.parametrize("log_format", [NGINX, APACHE, "combined"])
def test_the_servers_own_format_string_does_as_well_as_a_name(log_format: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    assert operator.nightly("a.log", "--log-format", log_format).status == 0
    (operator.folder / "footfall.toml").write_text(f"logs = ['a.log']\nlog-format = '''{log_format}'''\n")
    assert operator.nightly().status == 0
    assert operator.asks("SELECT sum(hits) FROM days") == [(20,)]


def test_a_settings_file_in_the_folder_is_found_and_flags_win(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    (operator.folder / "footfall.toml").write_text(
        'logs = ["a.log"]\nsite = "a.example"\ntimezone = "Asia/Tokyo"\nk = 7\n'
    )
    assert operator.nightly("--k", "3").status == 0
    assert operator.asks("SELECT k, timezone FROM runs") == [(3, "Asia/Tokyo")]
    assert operator.asks("SELECT day, site FROM days") == [(date(2026, 6, 1), "a.example")]


def test_days_are_chosen_in_the_sites_zone(operator: Operator) -> None:
    write_log(operator.folder / "a.log", hour=23)
    ended = operator.nightly("a.log", "--date", "2026-06-02", "--timezone", "Europe/Berlin")
    assert ended.status == 0
    assert operator.asks("SELECT day, hits FROM days") == [(date(2026, 6, 2), 20)]


def test_a_day_without_hits_is_refused_with_the_books(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log", "--date", "yesterday")
    assert ended.status == 1
    assert (
        "footfall: no hits in the days asked for: 20 lines read, 20 hits of other days, 0 rejected; check" in ended.err
    )
    assert not operator.db.exists()


def test_what_stands_behind_the_dashes_reaches_beam(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.types("nightly", "a.log", *ONE_WORKER, "--direct_running_mode=in_memory")
    assert ended.status == 0
    ended = operator.types("nightly", "a.log", "--", "--runner=NoSuchRunner")
    assert ended.status in (1, 2)
    assert "Traceback" not in ended.err


def test_an_unexpected_error_is_told_by_kind_and_place_alone(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("192.0.2.77 asked for /secret")

    monkeypatch.setattr("footfall.pipelines.run.plan_run", fail)
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log")
    assert ended.status == 1
    told = r"footfall: unexpected KeyError in \w+\.py, line \d+; nothing was published\. Please report it\n"
    assert re.fullmatch(told, ended.err)


def test_geo_tells_database_day_and_licence(operator: Operator) -> None:
    told = operator.types("geo").out
    assert "DB-IP City Lite" in told
    assert "CC BY 4.0" in told
    assert "https://db-ip.com" in told
    record = json.loads(operator.types("geo", "--json").out)
    assert record["embedded"] is True


def test_parse_prints_a_json_object_a_line(operator: Operator) -> None:
    (operator.folder / "a.log").write_text(log_line(path="/a?b=c") + "nonsense\n")
    first, second = map(json.loads, operator.types("parse", "a.log").out.splitlines())
    assert (first["line_number"], first["path"], first["page_view"]) == (1, "/a", True)
    assert second == {"line_number": 2, "reject": "cut"}
    summary = json.loads(operator.types("parse", "a.log", "--summary").out)
    assert (summary["log_format"], summary["lines"]) == ("combined", 2)
