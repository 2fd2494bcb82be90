"""Files of every earlier version of the tables are read, carried over, and brought under the rules for small groups.

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
from footfall.pipelines.publishing.tighten_days import FIRST_TIGHT_VERSION
from footfall.pipelines.run import RunResult
from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import SCHEMA_VERSION, TABLES, TABLES_BY_NAME
from tests.running import publish_logs

VERSIONS = Path(__file__).parents[2] / "versions"
FIRST_DAY = date(2026, 6, 1)
OPTIONS: dict[str, Any] = {"log_format": "footfall", "site": "www.example.org", "k": 3, "goals": {"home": "/"}}


VERSIONS_WITHOUT_RULES = range(1, FIRST_TIGHT_VERSION)
VERSIONS_WITH_RULES = range(FIRST_TIGHT_VERSION, SCHEMA_VERSION + 1)


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


LATER = date(2026, 7, 1)
K: int = OPTIONS["k"]
Rows = list[tuple[Any, ...]]


def publish_later_days(folder: Path) -> RunResult:
    """Publish three days of July beside the earlier ones."""
    return publish_logs(folder, {"a.log": write_log(folder / "a.log", LATER)}, **OPTIONS)


def earlier_rows(db: Path, table: str, columns: list[str]) -> Rows:
    """Rows of the days before those that were published later."""
    return rows_of(db, table, columns, f"day < DATE '{LATER}'")


TIGHTER: dict[int, dict[str, set[str]]] = {
    3: {
        "traffic": {"page_views", "bytes_sent"},
        "protocols": {"bytes_sent"},
        "bots": {"bytes_sent"},
        "incidents": {"started", "ended"},
    }
}
"""The columns of a version that are not carried over whole, as later rules hide some of their values."""


@pytest.mark.parametrize("version", VERSIONS_WITH_RULES)
def test_days_of_a_version_with_rules_for_small_groups_are_carried_over_whole(version: int, tmp_path: Path) -> None:
    db = open_version(version, tmp_path)
    tables = [table for table in TABLES if table.by_day and table.since <= version]
    tighter = TIGHTER.get(version, {})
    own = {
        table.name: [
            column.name
            for column in table.columns
            if column.since <= version and column.name not in tighter.get(table.name, ())
        ]
        for table in tables
    }
    before = {name: rows_of(db, name, columns) for name, columns in own.items()}
    outcome = publish_later_days(tmp_path)
    assert len(outcome.books.days.published) == 3
    assert {name: earlier_rows(db, name, columns) for name, columns in own.items()} == before


PEOPLE = "traffic_class IN ('human', 'automated')"


def test_days_of_version_3_hide_what_their_rules_for_hits_did_not(tmp_path: Path) -> None:
    db = open_version(3, tmp_path)
    columns = {"traffic": ["page_views", "bytes_sent"], "protocols": ["bytes_sent"], "bots": ["bytes_sent"]}
    before = {name: rows_of(db, name, ["*"], f"NOT {PEOPLE}") for name in columns}
    publish_later_days(tmp_path)
    for name, hidden in columns.items():
        old = f"day < DATE '{LATER}' AND {PEOPLE}"
        assert rows_of(db, name, ["count(*) > 0", f"count(coalesce({', '.join(hidden)}))"], old) == [(True, 0)], name
        assert rows_of(db, name, ["*"], f"day < DATE '{LATER}' AND NOT {PEOPLE}") == before[name], name
    assert set(rows_of(db, "incidents", ["minute(started)", "minute(ended)"], f"day < DATE '{LATER}'")) == {(0, 0)}


@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_rows_of_runs_and_of_machines_of_an_earlier_version_are_carried_over(version: int, tmp_path: Path) -> None:
    db = open_version(version, tmp_path)
    tables = [
        table
        for table in TABLES
        if table.since <= version
        and not table.levels
        and table.name not in ("visits", "days", "incidents", "inputs", "rejects")
    ]

    def rows(table: Table, where: str) -> list[tuple[Any, ...]]:
        machines = f" AND NOT {PEOPLE}" if "traffic_class" in table.column_names else ""
        names = [column.name for column in table.columns if max(column.since, table.since) <= version]
        return rows_of(db, table.name, names, where + machines)

    before = {table.name: rows(table, "true") for table in tables}
    outcome = publish_later_days(tmp_path)
    assert len(outcome.books.days.published) == 3
    for table in tables:
        old = f"day < DATE '{LATER}'" if table.by_day else f"run_id <> '{outcome.record.run_id}'"
        expected = [tuple(map(without_partial_rows, row)) for row in before[table.name]]
        assert rows(table, old) == expected, table.name
    assert rows_of(db, "runs", ["max(schema_version)"]) == [(SCHEMA_VERSION,)]


def without_partial_rows(value: Any) -> Any:
    """A value as it is told now: how many partial rows a run merged told of its visitors."""
    return re.sub("; [0-9,]+ partial rows merged$", "", value) if isinstance(value, str) else value


@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_hits_of_people_of_an_earlier_version_are_told_by_day_alone(version: int, tmp_path: Path) -> None:
    """It is not known how many visitors an hour had, or a program."""
    db = open_version(version, tmp_path)
    sums = rows_of(db, "traffic", ["day", "sum(hits)"], "traffic_class = 'human' GROUP BY day")
    programs = rows_of(db, "traffic", ["day", "sum(hits)"], "traffic_class = 'automated' GROUP BY day")
    days = rows_of(db, "days", ["day", "hits"])
    publish_later_days(tmp_path)
    old = f"day < DATE '{LATER}' AND {PEOPLE}"
    columns = ["day", "hits"]
    assert rows_of(db, "traffic", columns, old) == sums
    told = "traffic_class = 'automated' OR coalesce(hour, page_views, bytes_sent, hits_4xx) IS NOT NULL"
    assert rows_of(db, "traffic", ["*"], f"{old} AND ({told})") == []
    assert rows_of(db, "protocols", columns, f"{old} AND protocol = '(other)'") == (sums if version > 1 else [])
    for table in ("latency", "bots"):
        assert rows_of(db, table, ["*"], old) == [], table
    assert earlier_rows(db, "days", columns) == [(day, hits - dict(programs)[day]) for day, hits in days]


@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_a_file_without_small_groups_is_carried_over_with_its_hours(version: int, tmp_path: Path) -> None:
    db = open_version(version, tmp_path)
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE runs SET k = 1")
    columns = ["day", "hour", "traffic_class", "hits", "page_views", "hits_4xx"]
    before = {"traffic": rows_of(db, "traffic", columns), "days": rows_of(db, "days", ["day", "hits"])}
    publish_logs(tmp_path, {"a.log": write_log(tmp_path / "a.log", LATER)}, **{**OPTIONS, "k": 1})
    after = {"traffic": earlier_rows(db, "traffic", columns), "days": earlier_rows(db, "days", ["day", "hits"])}
    assert after == before


@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_days_of_an_earlier_version_are_brought_under_the_rules_for_small_groups(version: int, tmp_path: Path) -> None:
    """Nothing but their rows is left of them: each visit counts as one visitor, and every day stands alone."""
    db = open_version(version, tmp_path)
    sums = ["sum(visits)", "sum(page_views)"]
    of_locations, of_visits = (rows_of(db, name, sums) for name in ("locations", "visits"))
    publish_later_days(tmp_path)
    for table in TABLES:
        if not table.counts_visits:
            continue
        parts = table.cells.parts if table.cells is not None else {}
        people = "page <> '(other)'" if table.name == "errors" else "true"
        for measure in ("visits", *parts):
            rows = rows_of(db, table.name, [measure], f"day < DATE '{LATER}' AND {people}")
            assert [value for (value,) in rows if value is not None and 0 < value < K] == [], (table.name, measure)
        if table.levels and table.since <= FIRST_TIGHT_VERSION:
            assert set(earlier_rows(db, table.name, ["grain"])) == {("day",)}, table.name
    # What all days add up to is as it was: none of them is small.
    for name in ("locations", "technology", "browser_versions", "os_versions", "referrers"):
        assert earlier_rows(db, name, sums) == of_locations, name
    assert earlier_rows(db, "visits", sums) == of_visits
    assert set(earlier_rows(db, "days", ["told_in", "minute(first_hit)", "second(last_hit)"])) == {("day", 0, 0)}


@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_technology_of_an_earlier_version_is_split_into_versions_of_browsers_and_systems(
    version: int, tmp_path: Path
) -> None:
    db = open_version(version, tmp_path)
    grouped = "SELECT {0}, sum(visits) AS visits FROM technology GROUP BY ALL HAVING sum(visits) >= {1}"
    with duckdb.connect(str(db), read_only=True) as connection:
        known = {
            table: set(connection.execute(grouped.format(f"day, {columns}", K)).fetchall())
            for table, columns in (("browser_versions", "browser, browser_version"), ("os_versions", "os, os_version"))
        }
    publish_later_days(tmp_path)
    for table, rows in known.items():
        columns = [column.name for column in TABLES_BY_NAME[table].keys[3:]]
        named = {row for row in earlier_rows(db, table, ["day", *columns, "visits"]) if "(other)" not in row}
        assert named and named <= rows, table


@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_a_small_day_of_an_earlier_version_is_told_no_longer(version: int, tmp_path: Path) -> None:
    db = open_version(version, tmp_path)
    with duckdb.connect(str(db)) as connection:
        for name in ("visits", "pages", "locations", "technology", "referrers"):
            connection.execute(f"DELETE FROM {name} WHERE day = '{FIRST_DAY}'")
        connection.execute(
            f"""INSERT INTO visits BY NAME SELECT DATE '{FIRST_DAY}' AS day, 'www.example.org' AS site, 2 AS visits,
            3 AS page_views, 1 AS bounces, 2 AS visitors, 40 AS duration_s, 0 AS fallback_visits, 0 AS cut_visits;
            INSERT INTO pages BY NAME SELECT DATE '{FIRST_DAY}' AS day, 'www.example.org' AS site, '(other)' AS page,
            3 AS page_views, 2 AS visits, 2 AS entries, 2 AS exits, 1 AS bounces"""
        )
    publish_later_days(tmp_path)
    first = f"day = DATE '{FIRST_DAY}'"
    assert rows_of(db, "visits", ["visits", "page_views", "visitors", "fallback_visits"], first) == [(None,) * 4]
    assert rows_of(db, "pages", ["page"], first) == []


@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_the_same_logs_again_fill_what_an_earlier_version_lacked(version: int, tmp_path: Path) -> None:
    """Complete days are final unless they are to be replaced; the last day of the log is incomplete."""
    db = open_version(version, tmp_path)
    log = write_log(tmp_path / "a.log")
    publish_logs(tmp_path, {"a.log": log}, **OPTIONS, replace=True)
    (tmp_path / "fresh").mkdir()
    publish_logs(tmp_path / "fresh", {"a.log": log}, **OPTIONS)
    newer = [table for table in TABLES if table.since > version and table.by_day]
    days = {table.name: {row[0] for row in rows_of(db, table.name, ["day"])} for table in newer}
    fresh = tmp_path / "fresh" / "traffic.duckdb"
    assert days == {table.name: {row[0] for row in rows_of(fresh, table.name, ["day"])} for table in newer}
    assert days["protocols" if version == 1 else "browser_versions"] == {date(2026, 6, day) for day in (1, 2, 3)}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"k": 4},
            "its days were published with --k 3, expected --k 4; run with --k 3, or name another file with --db",
        ),
        (
            {"timezone": "Europe/Berlin"},
            "its days were published with --timezone UTC, expected --timezone Europe/Berlin; run with --timezone UTC",
        ),
    ],
)
@pytest.mark.parametrize("version", VERSIONS_WITHOUT_RULES)
def test_k_and_the_time_zone_belong_to_the_file(
    version: int, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    db = open_version(version, tmp_path)
    before = db.read_bytes()
    with pytest.raises(RunError, match=re.escape(f"traffic.duckdb: {message}")):
        publish_logs(tmp_path, {"a.log": write_log(tmp_path / "a.log", LATER)}, **{**OPTIONS, **options}, replace=True)
    assert db.read_bytes() == before


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = {"a.log": write_log(tmp_path / "a.log")}
    publish_logs(tmp_path, log, **OPTIONS)
    monkeypatch.setattr(earlier_file, "SCHEMA_VERSION", SCHEMA_VERSION - 1)
    expected = f"was published by a newer Footfall (version {SCHEMA_VERSION} of the tables, expected at most"
    with pytest.raises(RunError, match=re.escape(expected)):
        publish_logs(tmp_path, log, **OPTIONS)


@pytest.mark.parametrize(
    ("version", "statement", "names"),
    [
        (1, "CREATE TABLE protocols AS SELECT 'GET' AS protocol, 5 AS hits", "table protocols"),
        (1, "CREATE VIEW protocols AS SELECT 'GET' AS protocol, 5 AS hits", "view protocols"),
        (1, "CREATE VIEW pages_by_week AS FROM pages", "view pages_by_week"),
        (
            2,
            "CREATE SCHEMA mine; CREATE TABLE mine.runs AS SELECT 7 AS schema_version",
            "schema mine, table mine.runs",
        ),
        (SCHEMA_VERSION, "CREATE TABLE notes (day DATE, text VARCHAR)", "table notes"),
        (SCHEMA_VERSION, "CREATE MACRO double(x) AS 2 * x; CREATE SEQUENCE number", "macro double, sequence number"),
        (SCHEMA_VERSION, "ALTER TABLE days ADD COLUMN note VARCHAR", "column days.note"),
        (SCHEMA_VERSION, "CREATE INDEX by_page ON pages (page); CREATE TYPE kind AS ENUM ('a')", "index by_page, type"),
        (
            SCHEMA_VERSION,
            "; ".join(f"CREATE VIEW v{number} AS FROM days" for number in range(7)),
            "view v0, view v1, view v2, view v3, view v4 and 2 more",
        ),
    ],
)
def test_what_an_analyst_added_is_refused_by_name_and_never_lost(
    version: int, statement: str, names: str, tmp_path: Path
) -> None:
    db = open_version(version, tmp_path)
    with duckdb.connect(str(db)) as connection:
        connection.execute(statement)
    before = db.read_bytes()
    expected = f"traffic.duckdb: holds what Footfall did not publish, and the next run would remove: {names}"
    with pytest.raises(RunError, match=re.escape(expected)):
        publish_logs(tmp_path, {"a.log": write_log(tmp_path / "a.log", date(2026, 7, 1))}, **OPTIONS)
    assert db.read_bytes() == before


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        publish_logs(Path(place), {"a.log": write_log(Path(place, "a.log"))}, **OPTIONS)
        content = Path(place, "traffic.duckdb").read_bytes()
        (VERSIONS / f"{SCHEMA_VERSION}.duckdb.zst").write_bytes(zstandard.compress(content, 19))
        print(f"version {SCHEMA_VERSION}, {datetime.now():%Y-%m-%d}: {len(content):,} bytes")
