"""A program that has the published file open for writing neither stops a night nor gets anything into its file."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing import attach_published as module
from footfall.pipelines.publishing.attach_published import attach_published, copy_checkpoint, log_of
from tests.commands import Operator, write_log
from tests.running import publish_logs

ANALYST = """
import duckdb, os, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
for line in sys.stdin:
    if line.strip() == "die":
        os._exit(1)
    connection.execute(line)
    print("done", flush=True)
"""
ROW_OF_NOBODY = "INSERT INTO days (day, site, hits) VALUES ('2026-06-09', 'nobody', 5)"
ROWS_CHANGED = "UPDATE days SET hits = 7"


class Analyst:
    """A program in another process that has the file open for writing."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._read()

    def _read(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline()

    def run(self, sql: str) -> None:
        self._write(sql)
        self._read()

    def die(self) -> None:
        """End without a checkpoint."""
        self._write("die")
        self._process.wait()

    def close(self) -> int:
        """End as programs do, with a checkpoint."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


@contextmanager
def analyst(db: Path) -> Iterator[Analyst]:
    command = [sys.executable, "-c", ANALYST, str(db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Analyst(process)
        process.kill()


def publish(operator: Operator, lines: int) -> Any:
    """Publish a day again with more hits."""
    write_log(operator.folder / "a.log", lines)
    return operator.nightly("a.log")


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file with a day of 20 hits."""
    folder = tmp_path_factory.mktemp("first")
    publish_logs(folder, {"a.log": write_log(folder / "a.log").read_bytes()})
    return (folder / "traffic.duckdb").read_bytes()


@pytest.fixture
def published(operator: Operator, first_night: bytes) -> Operator:
    """An operator who has that file."""
    operator.db.write_bytes(first_night)
    return operator


def hits(db: Path) -> list[tuple[str, int]]:
    with duckdb.connect(str(db), read_only=True) as connection:
        return connection.execute("SELECT day::VARCHAR, hits FROM days ORDER BY day").fetchall()


def test_a_program_that_has_the_file_open_does_not_stop_the_night(published: Operator) -> None:
    with analyst(published.db) as other:
        with pytest.raises(duckdb.IOException, match="lock"):
            duckdb.connect(str(published.db), read_only=True)
        ended = publish(published, 40)
        assert ended.status == 0
        assert "traffic.duckdb: another program had the earlier file open for writing" in ended.err
        assert hits(published.db) == [("2026-06-01", 40)]
        own_bytes = published.db.read_bytes()
        assert other.close() == 0
    assert published.db.read_bytes() == own_bytes
    assert published.leftovers() == []
    ended = publish(published, 60)
    assert ended.status == 0
    assert "another program" not in ended.err
    assert hits(published.db) == [("2026-06-01", 60)]


@pytest.mark.parametrize("end", ["close", "die"])
@pytest.mark.parametrize("change", [ROW_OF_NOBODY, ROWS_CHANGED, f"BEGIN; {ROW_OF_NOBODY}"])
def test_changes_that_are_not_checkpointed_get_into_no_file(change: str, end: str, published: Operator) -> None:
    with analyst(published.db) as other:
        other.run(change)
        assert log_of(published.db).exists() != change.startswith("BEGIN")
        ended = publish(published, 40)
        assert ended.status == 0
        assert "another program had the earlier file open for writing" in ended.err
        assert hits(published.db) == [("2026-06-01", 40)]
        own_bytes = published.db.read_bytes()
        getattr(other, end)()
    assert published.db.read_bytes() == own_bytes
    assert published.leftovers() == []
    assert hits(published.db) == [("2026-06-01", 40)]


def test_what_a_program_that_ended_left_unfinished_is_dropped(published: Operator) -> None:
    with analyst(published.db) as other:
        other.run(ROWS_CHANGED)
        other.die()
    assert hits(published.db) == [("2026-06-01", 7)], "DuckDB replays it"
    ended = publish(published, 40)
    assert ended.status == 0
    assert "or had left changes of it unfinished" in ended.err
    assert hits(published.db) == [("2026-06-01", 40)]


def test_what_is_written_to_a_file_that_was_replaced_is_out_of_the_next(published: Operator) -> None:
    """The log of such a program lies beside a file that it does not belong to, for want of another name."""
    with analyst(published.db) as other:
        assert publish(published, 40).status == 0
        other.run(ROW_OF_NOBODY)
        assert log_of(published.db).exists()
        assert publish(published, 60).status == 0
        assert hits(published.db) == [("2026-06-01", 60)]
        other.close()
    assert hits(published.db) == [("2026-06-01", 60)]


def test_a_log_that_cannot_be_replayed_is_dropped(published: Operator) -> None:
    log_of(published.db).write_bytes(b"of no program at all")
    assert publish(published, 40).status == 0
    assert hits(published.db) == [("2026-06-01", 40)]
    assert published.leftovers() == []


@pytest.mark.parametrize("end", ["", "die"])
def test_tables_that_a_program_adds_are_refused_before_they_are_checkpointed(end: str, published: Operator) -> None:
    before = published.db.read_bytes()
    with analyst(published.db) as other:
        other.run("CREATE TABLE notes AS SELECT 'a' AS text")
        if end:
            other.die()
        log = log_of(published.db).read_bytes()
        ended = publish(published, 40)
        assert ended.status == 1
        assert "traffic.duckdb: holds what Footfall did not publish, and the next run would remove: table notes" in (
            ended.err
        )
        assert published.db.read_bytes() == before
        assert log_of(published.db).read_bytes() == log


def test_report_export_and_check_read_what_was_published(published: Operator) -> None:
    with analyst(published.db) as other:
        other.run(ROWS_CHANGED)
        for command in (("check",), ("report", "-o", "r.html"), ("export", "-o", "tables", "--format", "csv")):
            ended = published.run(command[0], "--db", str(published.db), *command[1:])
            assert ended.status == 0, ended.err
        rows = duckdb.sql("SELECT hits FROM 'tables/days.csv'").fetchall()
        assert rows == [(20,)]
    assert log_of(published.db).exists(), "whoever only reads removes nothing"


def test_a_copy_is_whole_while_checkpoints_are_written(tmp_path: Path) -> None:
    db = tmp_path / "a.duckdb"
    with duckdb.connect(str(db)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS i, 0 AS turn FROM range(200_000)")
    program = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
while True:
    connection.execute("UPDATE t SET turn = turn + 1; CHECKPOINT")
"""
    turns, refused = set(), 0
    command = [sys.executable, "-c", program, str(db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until = time.monotonic() + 60
        while len(turns) < 5 and time.monotonic() < until:
            try:
                copy = copy_checkpoint(db, tmp_path / "copy.duckdb")
            except RunError:
                refused += 1
                continue
            with duckdb.connect(str(copy), read_only=True) as connection:
                count, least, most = connection.execute("SELECT count(i), min(turn), max(turn) FROM t").fetchall()[0]
            assert (count, least) == (200_000, most)
            turns.add(most)
        process.kill()
    assert len(turns) == 5, f"{refused} refused"


def test_a_file_that_changes_while_it_is_copied_is_copied_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = tmp_path / "a.duckdb"
    db.write_bytes(b"0" * 20_000)
    times = []

    def copy_and_write(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes())
        times.append(target)
        if len(times) < changes:
            db.write_bytes(str(len(times)).encode() * 20_000)

    monkeypatch.setattr(module.shutil, "copyfile", copy_and_write)
    changes = 3
    assert copy_checkpoint(db, tmp_path / "copy").read_bytes() == b"2" * 20_000
    times, changes = [], 100
    with pytest.raises(RunError, match="another program writes to it all the time"):
        copy_checkpoint(db, tmp_path / "copy")


def test_a_file_that_nobody_writes_to_is_not_copied(tmp_path: Path) -> None:
    db = tmp_path / "a.duckdb"
    duckdb.connect(str(db)).close()
    with duckdb.connect(":memory:") as connection:
        assert not attach_published(connection, db, "old", tmp_path / "no folder")
