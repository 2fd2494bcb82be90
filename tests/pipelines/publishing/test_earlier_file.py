"""Files of every earlier version of the tables are read, and carried over whole.

`python -m tests.pipelines.publishing.test_earlier_file` keeps a file of today's version beside those of earlier ones.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import zstandard

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing import earlier_file
from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES
from tests.running import publish_logs

VERSIONS = Path(__file__).parents[2] / "versions"
FIRST_DAY = date(2026, 6, 1)
OPTIONS: dict[str, Any] = {"log_format": "footfall", "site": "www.example.org", "k": 3}


def write_log(path: Path, first_day: date = FIRST_DAY) -> bytes:
    """The log that files of all versions were published from, or one of other days."""
    write_sample(path, 3_000, 5, 3, start=first_day)
    return path.read_bytes()


def open_version(version: int, folder: Path) -> Path:
    """A file of a version of the tables."""
    db = folder / "traffic.duckdb"
    db.write_bytes(zstandard.decompress((VERSIONS / f"{version}.duckdb.zst").read_bytes()))
    return db


def rows_of(db: Path, table: str, columns: list[str], where: str = "true") -> list[tuple[Any, ...]]:
    """Rows of a table, sorted."""
    with duckdb.connect(str(db), read_only=True) as connection:
        return sorted(
            connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE {where}").fetchall(), key=repr
        )


def test_a_file_of_every_version_is_kept() -> None:
    assert sorted(int(path.name.partition(".")[0]) for path in VERSIONS.iterdir()) == [*range(1, SCHEMA_VERSION + 1)]


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_days_of_an_earlier_version_are_carried_over_whole(version: int, tmp_path: Path) -> None:
    db = open_version(version, tmp_path)
    before = {
        table.name: rows_of(db, table.name, names)
        for table in TABLES
        if table.since <= version
        for names in [[column.name for column in table.columns if column.since <= version]]
    }
    outcome = publish_logs(tmp_path, {"a.log": write_log(tmp_path / "a.log", date(2026, 7, 1))}, **OPTIONS)
    assert len(outcome.books.published) == 3
    for table in TABLES:
        old = "day < DATE '2026-07-01'" if table.by_day else f"run_id <> '{outcome.record.run_id}'"
        lacking = [column.name for column in table.columns if max(column.since, table.since) > version]
        names = [name for name in table.column_names if name not in lacking]
        if table.since > version:
            assert rows_of(db, table.name, table.column_names, old) == []
            continue
        assert rows_of(db, table.name, names, old) == before[table.name], table.name
        assert {value for row in rows_of(db, table.name, lacking or ["NULL"], old) for value in row} <= {None}
    assert rows_of(db, "runs", ["max(schema_version)"]) == [(SCHEMA_VERSION,)]


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_the_same_logs_again_fill_the_tables_that_an_earlier_version_lacked(version: int, tmp_path: Path) -> None:
    db = open_version(version, tmp_path)
    publish_logs(tmp_path, {"a.log": write_log(tmp_path / "a.log")}, **OPTIONS)
    for table in TABLES:
        if table.since > version:
            assert {row[0] for row in rows_of(db, table.name, ["day"])} == {date(2026, 6, day) for day in (1, 2, 3)}


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = {"a.log": write_log(tmp_path / "a.log")}
    publish_logs(tmp_path, log, **OPTIONS)
    monkeypatch.setattr(earlier_file, "SCHEMA_VERSION", SCHEMA_VERSION - 1)
    expected = f"was published by a newer Footfall (version {SCHEMA_VERSION} of the tables, expected at most"
    with pytest.raises(RunError, match=re.escape(expected)):
        publish_logs(tmp_path, log, **OPTIONS)


def test_a_file_with_unfinished_changes_is_refused(tmp_path: Path) -> None:
    db = open_version(SCHEMA_VERSION, tmp_path)
    (tmp_path / "traffic.duckdb.wal").write_bytes(b"of a program that was killed")
    before = db.read_bytes()
    with pytest.raises(RunError, match=re.escape("unfinished (traffic.duckdb.wal lies beside it)")):
        publish_logs(tmp_path, {"a.log": write_log(tmp_path / "a.log", date(2026, 7, 1))}, **OPTIONS)
    assert db.read_bytes() == before


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE protocols AS SELECT 'GET' AS protocol, 5 AS hits",
        "CREATE VIEW protocols AS SELECT 'GET' AS protocol, 5 AS hits",
        "CREATE SCHEMA mine; CREATE TABLE mine.protocols AS SELECT 1 AS hits",
        "CREATE SCHEMA mine; CREATE TABLE mine.runs AS SELECT 7 AS schema_version",
    ],
)
def test_what_an_analyst_added_is_not_taken_for_ours(statement: str, tmp_path: Path) -> None:
    db = open_version(1, tmp_path)
    with duckdb.connect(str(db)) as connection:
        connection.execute(statement)
    publish_logs(tmp_path, {"a.log": write_log(tmp_path / "a.log", date(2026, 7, 1))}, **OPTIONS)
    assert {row[0] for row in rows_of(db, "protocols", ["day"])} == {date(2026, 7, day) for day in (1, 2, 3)}


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        publish_logs(Path(place), {"a.log": write_log(Path(place, "a.log"))}, **OPTIONS)
        content = Path(place, "traffic.duckdb").read_bytes()
        (VERSIONS / f"{SCHEMA_VERSION}.duckdb.zst").write_bytes(zstandard.compress(content, 19))
        print(f"version {SCHEMA_VERSION}, {datetime.now():%Y-%m-%d}: {len(content):,} bytes")
