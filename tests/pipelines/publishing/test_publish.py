"""Publishing replaces whole days in a fresh file; whatever goes wrong, the old file stands byte for byte."""

from __future__ import annotations

import errno
import gzip
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from tests.commands import Operator, log_line, write_log

READER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
for _ in sys.stdin:
    print(connection.execute("SELECT sum(hits) FROM days").fetchone()[0], flush=True)
"""


@contextmanager
def beside(program: str, db: Path) -> Iterator[subprocess.Popen[str]]:
    """A program of somebody else that has the file open."""
    command = [sys.executable, "-c", program, str(db)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def ask(reader: subprocess.Popen[str]) -> int:
    assert reader.stdin is not None and reader.stdout is not None
    reader.stdin.write("\n")
    reader.stdin.flush()
    return int(reader.stdout.readline())


def hits_by_day(operator: Operator) -> dict[date, int]:
    return dict(operator.query("SELECT day, hits FROM days"))


def test_a_day_is_not_replaced_by_one_of_fewer_hits(operator: Operator) -> None:
    write_log(operator.folder / "full.log", 30)
    write_log(operator.folder / "part.log", 20)
    assert operator.nightly("full.log").status == 0
    before = operator.db.read_bytes()
    ended = operator.nightly("part.log")
    assert ended.status == 1
    assert ended.err == (
        "footfall: 2026-06-01 of site default: published from 30 hits, but these logs hold only 20 of that day; give "
        "all logs of the day, or --replace to publish the smaller figures\n"
    )
    assert operator.db.read_bytes() == before
    assert operator.leftovers() == []
    assert operator.nightly("part.log", "--replace").status == 0
    assert hits_by_day(operator) == {date(2026, 6, 1): 20}


def test_beside_a_day_that_is_kept_others_are_published(operator: Operator) -> None:
    write_log(operator.folder / "a.log", 30)
    assert operator.nightly("a.log").status == 0
    write_log(operator.folder / "b.log", 20)
    write_log(operator.folder / "c.log", 20, day=2)
    ended = operator.nightly("b.log", "c.log")
    assert ended.status == 0
    assert "20  hits on 2026-06-01 of default, fewer than the 30 already published" in ended.out
    assert "published               1  day of default" in ended.out
    assert hits_by_day(operator) == {date(2026, 6, 1): 30, date(2026, 6, 2): 20}
    assert operator.query("SELECT count(DISTINCT run_id) FROM days") == [(2,)]


def test_an_open_reader_keeps_its_snapshot_and_a_new_one_sees_the_new_day(operator: Operator) -> None:
    write_log(operator.folder / "a.log", 20)
    assert operator.nightly("a.log").status == 0
    write_log(operator.folder / "b.log", 30, day=2)
    with beside(READER, operator.db) as reader:
        assert ask(reader) == 20
        before = operator.db.stat().st_ino
        assert operator.nightly("b.log").status == 0
        assert operator.db.stat().st_ino != before, "another file, under the same name"
        assert ask(reader) == 20
        with beside(READER, operator.db) as newcomer:
            assert ask(newcomer) == 50


def test_what_was_replaced_is_gone_from_the_files_bytes(operator: Operator) -> None:
    (operator.folder / "a.log").write_text("".join(log_line(number, "/gone-and-forgotten") for number in range(20)))
    assert operator.nightly("a.log").status == 0
    assert b"gone-and-forgotten" in operator.db.read_bytes()
    (operator.folder / "b.log").write_text("".join(log_line(number, "/new-page") for number in range(30)))
    assert operator.nightly("b.log").status == 0
    content = operator.db.read_bytes()
    assert b"gone-and-forgotten" not in content
    assert b"new-page" in content


def test_the_file_stays_compact_however_often_it_is_published(operator: Operator) -> None:
    sizes = []
    for lines in range(20, 25):
        write_log(operator.folder / "a.log", lines)
        assert operator.nightly("a.log").status == 0
        sizes.append(operator.db.stat().st_size)
    assert max(sizes) - sizes[0] <= 262_144, "one block of the file, for the rows of five runs"
    assert operator.leftovers() == []


def test_a_run_alone_publishes_to_a_file(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    with FileLock(operator.folder / ".traffic.duckdb.lock"):
        ended = operator.nightly("a.log")
    assert ended.status == 1
    assert (
        "traffic.duckdb: another run is publishing to it; wait until that run has ended, or give another file"
        in ended.err
    )
    assert operator.nightly("a.log").status == 0


@pytest.mark.parametrize("kind", ["text", "foreign", "empty"])
def test_a_file_that_is_not_ours_is_left_alone(kind: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    if kind == "foreign":
        with duckdb.connect(str(operator.db)) as connection:
            connection.execute("CREATE TABLE days (day DATE)")
    else:
        operator.db.write_text("dear diary" if kind == "text" else "")
    before = operator.db.read_bytes()
    ended = operator.nightly("a.log", "--replace")
    assert ended.status == 1
    told = "was not published by Footfall (it has no days.site)" if kind == "foreign" else "is no DuckDB file"
    assert f"traffic.duckdb: {told}; name another file with --db, or move this one away" in ended.err
    assert operator.db.read_bytes() == before


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "footfall.transforms.hits.collect_rows.write_buckets",
            "No space left on device (OSError in collect_rows.py, line ",
        ),
        (
            "footfall.pipelines.publishing.publish._set_permissions",
            "the new file beside it could not be written (No space left on device); the old file is unchanged.",
        ),
        *(
            (
                f"footfall.pipelines.publishing.{name}",
                "the new file beside it could not be written (IOException); the old file is unchanged.",
            )
            for name in ("publish._attach_fresh", "merge_days._fill_table")
        ),
    ],
)
def test_a_full_disk_leaves_the_old_file(
    place: str, message: str, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(operator.folder / "a.log")
    assert operator.nightly("a.log").status == 0
    before = operator.db.read_bytes()

    def fail(*_: object, **__: object) -> None:
        if place.endswith(("._attach_fresh", "._fill_table")):
            raise duckdb.IOException("Could not write file 192.0.2.77")
        raise OSError(errno.ENOSPC, "for 192.0.2.77", "/var/lib")

    write_log(operator.folder / "b.log", 30)
    monkeypatch.setattr(place, fail)
    ended = operator.nightly("b.log")
    assert ended.status == 1
    assert message in ended.err
    assert "192.0.2.77" not in ended.err
    assert operator.db.read_bytes() == before
    assert operator.leftovers() == []


def test_a_database_without_enough_memory_asks_for_more(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise duckdb.OutOfMemoryException("failed to pin block of size 192.0.2.77")

    write_log(operator.folder / "a.log")
    monkeypatch.setattr("footfall.pipelines.publishing.merge_days._fill_table", fail)
    ended = operator.nightly("a.log")
    assert ended.status == 1
    assert "(OutOfMemoryException); the old file is unchanged." in ended.err
    assert "run again, with more --memory if it has, such as 3GiB" in ended.err
    assert "192.0.2.77" not in ended.err


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def spoil(whole: bytes) -> bytes:
    middle = len(whole) // 2
    return whole[:middle] + Random(7).randbytes(200) + whole[middle + 200 :]


@pytest.mark.parametrize(("harm", "problem"), [(cut, "cut off before its end"), (spoil, "damaged")])
def test_a_damaged_input_is_refused_or_left_out_as_told(harm: Any, problem: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log", 20)
    assert operator.nightly("a.log").status == 0
    before = operator.db.read_bytes()
    whole = write_log(operator.folder / "b.log", 90_000, day=2).read_bytes()
    (operator.folder / "b.gz").write_bytes(harm(gzip.compress(whole)))
    # Workers in threads print traces of their own.
    ended = operator.run("nightly", "a.log", "b.gz", "--", "--direct_num_workers=2")
    assert ended.status == 1
    assert f"footfall: b.gz: the gzip data is {problem}; repair it, let this user read it, or leave" in ended.err
    told = [line for line in ended.err.splitlines() if "compiling for this machine" not in line]
    assert len(told) == 1, "no trace of an engine"
    assert operator.db.read_bytes() == before
    assert operator.leftovers() == []
    ended = operator.nightly("a.log", "b.gz", "--skip-damaged")
    assert ended.status == 3
    assert f"warning: b.gz: the gzip data is {problem}; left out" in ended.err
    found = operator.query("SELECT input, damaged FROM inputs ORDER BY run_id DESC, input LIMIT 2")
    assert found == [("a.log", False), ("b.gz", True)]
    assert re.search("^lines +20 ", ended.out, re.MULTILINE), "of the input that is whole"


def test_a_damaged_input_alone_leaves_nothing_to_publish(operator: Operator) -> None:
    (operator.folder / "a.gz").write_bytes(gzip.compress(b"x")[:12])
    ended = operator.nightly("a.gz", "--skip-damaged")
    assert ended.status == 1
    assert "nothing to read in a.gz: 0 empty, 1 damaged or unreadable, 0 not access logs" in ended.err
    assert "(the first: a.gz: the gzip data is cut off before its end); check the paths" in ended.err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permissions of this kind")
def test_the_file_keeps_its_permissions(operator: Operator) -> None:
    write_log(operator.folder / "a.log", 20)
    assert operator.nightly("a.log").status == 0
    assert operator.db.stat().st_mode & 0o777 == 0o640
    operator.db.chmod(0o600)
    write_log(operator.folder / "b.log", 20, day=2)
    assert operator.nightly("b.log").status == 0
    assert operator.db.stat().st_mode & 0o777 == 0o600
    write_log(operator.folder / "c.log", 20, day=3)
    assert operator.nightly("c.log", "--mode", "0644").status == 0
    assert operator.db.stat().st_mode & 0o777 == 0o644


def test_days_that_are_too_old_are_gone_from_the_file_and_its_bytes(operator: Operator) -> None:
    (operator.folder / "a.log").write_text("".join(log_line(number, "/gone-and-forgotten") for number in range(20)))
    assert operator.nightly("a.log").status == 0
    age = (datetime.now(UTC).date() - date(2026, 6, 1)).days
    write_log(operator.folder / "b.log", 20, day=2)
    assert operator.nightly("b.log", "--keep-days", str(age)).status == 0
    assert len(hits_by_day(operator)) == 2
    write_log(operator.folder / "c.log", 20, day=3)
    assert operator.nightly("c.log", "--keep-days", str(age - 1)).status == 0
    assert sorted(hits_by_day(operator)) == [date(2026, 6, 2), date(2026, 6, 3)]
    assert b"gone-and-forgotten" not in operator.db.read_bytes()
    assert operator.query("SELECT count(*) FROM runs") == [(2,)]
