"""The record of the last run: what it holds, who may read it, and that it is written however the run ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from footfall.pipelines.display.record_run import LastRun, as_metrics
from tests.commands import BROWSER, Operator, log_line, write_log


def record(operator: Operator) -> dict[str, Any]:
    """The record beside the published file."""
    read: dict[str, Any] = json.loads((operator.folder / "last-run.json").read_text())
    return read


def test_a_run_records_what_it_published(operator: Operator) -> None:
    content = "".join(log_line(number, path="/of/somebody") for number in range(20)) + "nonsense\n"
    (operator.folder / "a.log").write_text(content)
    assert operator.nightly("a.log", "--metrics", "footfall.prom").status == 0
    found = record(operator)
    assert {name: found[name] for name in ("status", "reason", "db", "days", "incomplete_days")} == {
        "status": 0,
        "reason": None,
        "db": "traffic.duckdb",
        "days": ["2026-06-01"],
        "incomplete_days": ["2026-06-01"],
    }
    assert (found["lines"], found["hits"], found["rejected"], found["bytes_read"]) == (21, 20, 1, len(content))
    assert found["published_bytes"] == operator.db.stat().st_size
    assert [(found["run_id"],)] == operator.query("SELECT run_id FROM runs")
    assert 0 <= (datetime.now(UTC) - datetime.fromisoformat(found["ended_at"])).total_seconds() < 60
    assert found["seconds"] > 0
    assert found["location_data_age_days"] > 0
    metrics = (operator.folder / "footfall.prom").read_text()
    values = dict(re.findall(r'^footfall_(\w+)\{db="traffic.duckdb"\} (\S+)$', metrics, re.MULTILINE))
    assert (values["last_run_status"], values["last_run_lines"], values["last_run_days"]) == ("0", "21", "1")
    assert int(values["published_timestamp_seconds"]) == int(operator.db.stat().st_mtime)
    for text in ("somebody", "2001:db8", BROWSER, "nonsense"):
        assert text not in metrics + json.dumps(found)
    assert operator.leftovers() == ["footfall.prom"]


def test_the_record_is_for_the_operator_alone_whoever_may_read_the_published_file(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    assert operator.nightly("a.log", "--mode", "0644", "--metrics", "m.prom").status == 0
    assert (operator.folder / "last-run.json").stat().st_mode & 0o777 == 0o600
    assert (operator.folder / "m.prom").stat().st_mode & 0o777 == 0o644
    (operator.folder / "last-run.json").chmod(0o644)
    assert operator.nightly("a.log").status == 0
    assert (operator.folder / "last-run.json").stat().st_mode & 0o777 == 0o600


def test_a_refused_run_records_the_reason_and_when_the_file_was_published(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    assert operator.nightly("a.log").status == 0
    published = record(operator)
    write_log(operator.folder / "a.log", 3)
    ended = operator.nightly("a.log", "--metrics", "m.prom")
    found = record(operator)
    assert (ended.status, found["status"], found["days"], found["run_id"]) == (1, 1, [], None)
    assert ended.err == f"footfall: {found['reason']}\n"
    assert found["published_at"] == published["published_at"]
    assert 'footfall_last_run_status{db="traffic.duckdb"} 1\n' in (operator.folder / "m.prom").read_text()
    assert operator.nightly("no.log").status == 2
    assert record(operator)["reason"].startswith("no.log: no such file")


def test_a_record_that_cannot_be_written_is_a_warning(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.nightly("a.log", "--metrics", "none/m.prom")
    assert ended.status == 0
    assert "warning: none/m.prom: cannot be written (FileNotFoundError); the run is not affected" in ended.err


def test_metrics_are_in_the_format_of_prometheus() -> None:
    """A comment, a type and a value for each; labels are escaped; what is unknown is left out."""
    last = LastRun("2026-06-02T02:30:00+00:00", 4, None, 'a"b\\.duckdb')
    lines = as_metrics(last).splitlines()
    assert len(lines) % 3 == 0
    for described, typed, value in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name = typed.split()[2]
        assert described.startswith(f"# HELP {name} ")
        assert typed == f"# TYPE {name} gauge"
        assert re.fullmatch(rf'{name}\{{db="a\\"b\\\\.duckdb"\}} [0-9.]+', value), value
    assert not any("age_days" in line or "published_timestamp" in line for line in lines)


def test_a_night_that_is_stopped_while_its_libraries_load_has_a_record(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    assert operator.nightly("a.log").status == 0
    stop = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'apache_beam':\n"
        "            os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from footfall.pipelines.cli import main\n"
        "main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", stop, "nightly", "a.log", "--db", str(operator.db), "--replace"],
        cwd=operator.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, "interrupted" in ended.stderr) == (143, True)
    assert (record(operator)["status"], record(operator)["days"]) == (143, [])
