"""Publishing: days are replaced whole, readers are not disturbed, one run at a time, and nothing deleted stays."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import duckdb
import pytest
from filelock import FileLock

from footfall.pipelines.display.summary import as_record, print_summary
from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.merge_days import AskedDays, decide_days
from footfall.pipelines.run import RunResult
from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.tables.published import TABLES
from footfall.transforms.tables.views import VIEWS
from tests.attacks.logs import publish
from tests.attacks.search import draw_log
from tests.commands import log_line
from tests.running import publish_logs, read_published


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A generated log of three days."""
    path = tmp_path_factory.mktemp("sample") / "sample.log"
    write_sample(path, 9_000, seed=3, days=3)
    return path.read_bytes()


def test_a_second_run_changes_nothing_but_its_own_rows(tmp_path: Path, sample: bytes) -> None:
    first = publish_logs(tmp_path, {"a.log": sample}, log_format="footfall")
    before = read_published(tmp_path / "traffic.duckdb", of_run=first.record.run_id)
    second = publish_logs(tmp_path, {"a.log": sample}, log_format="footfall")
    assert second.books.days.published == []
    assert len(second.books.days.unchanged) == 3
    after = read_published(tmp_path / "traffic.duckdb", of_run=first.record.run_id)
    for table in TABLES:
        assert sorted(after[table.name], key=repr) == sorted(before[table.name], key=repr), table.name
    with duckdb.connect(str(tmp_path / "traffic.duckdb"), read_only=True) as connection:
        runs = connection.execute("SELECT DISTINCT run_id FROM days").fetchall()
    assert runs == [(first.record.run_id,)]


def test_a_day_is_not_replaced_by_one_of_fewer_hits_unless_told_to(tmp_path: Path, sample: bytes) -> None:
    publish_logs(tmp_path, {"a.log": sample}, log_format="footfall")
    db = tmp_path / "traffic.duckdb"
    before = db.read_bytes()
    lines = sample.splitlines(keepends=True)
    (tmp_path / "less").mkdir()
    with pytest.raises(RunError, match="--replace"):
        publish_logs(tmp_path / "less", {"a.log": b"".join(lines[:1500])}, log_format="footfall", db=db)
    assert db.read_bytes() == before
    outcome = publish_logs(
        tmp_path / "less", {"a.log": b"".join(lines[:1500])}, log_format="footfall", db=db, replace=True
    )
    assert len(outcome.books.days.published) == 1


@dataclass(frozen=True)
class SomeDay:
    """What two files hold of a day: the published one before, and this run."""

    hits: int
    complete: bool = True
    visitors: int | None = 50
    cut_visits: int | None = 0
    told: tuple[tuple[str, int], ...] = ()
    """Classes and hits in `traffic`."""
    version: str = "2"
    """Of Footfall, which is now 2."""


FULL = SomeDay(100)
PART = SomeDay(100, complete=False, cut_visits=12)
K = 10


def decision_of(before: SomeDay | None, now: SomeDay, asked: AskedDays = AskedDays()) -> str:  # noqa: B008
    """What is decided about a day."""
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA earlier")
        for schema in ("earlier.", ""):
            for table in TABLES:
                columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
                connection.execute(f"CREATE TABLE {schema}{table.name} ({columns})")
        connection.execute("INSERT INTO earlier.runs (run_id, version) VALUES ('one', ?)", [before and before.version])
        connection.execute("CREATE TABLE this_run AS SELECT * REPLACE ('2' AS version) FROM earlier.runs")
        for schema, day in (("earlier.", before), ("", now)):
            if day is not None:
                connection.execute(
                    f"INSERT INTO {schema}days (day, site, complete, hits, run_id) VALUES ('2026-06-01', 'a', ?, ?, ?)",
                    [day.complete, day.hits, "one"],
                )
                connection.execute(
                    f"INSERT INTO {schema}visits (day, site, visitors, cut_visits) VALUES ('2026-06-01', 'a', ?, ?)",
                    [day.visitors, day.cut_visits],
                )
                for told in day.told:
                    connection.execute(
                        f"""INSERT INTO {schema}traffic (day, site, traffic_class, hits)
                        VALUES ('2026-06-01', 'a', ?, ?)""",
                        told,
                    )
        connection.execute("CREATE TABLE visitor_counts AS SELECT day, site, visitors FROM visits WHERE visitors > 0")
        connection.execute("CREATE TABLE published_traffic AS FROM traffic")
        decide_days(connection, asked, K)
        ((decision,),) = connection.execute("SELECT decision FROM decided").fetchall()
    return str(decision)


@pytest.mark.parametrize(
    ("before", "now", "decision"),
    [
        pytest.param(None, FULL, "own", id="a new day"),
        pytest.param(None, PART, "own", id="a new day that is incomplete"),
        pytest.param(FULL, FULL, "same", id="the same hits"),
        pytest.param(PART, PART, "same", id="the same hits, as incomplete as before"),
        pytest.param(FULL, PART, "same", id="the same hits of logs that end earlier"),
        pytest.param(SomeDay(100, version="1"), FULL, "moved", id="the same hits by other rules"),
        pytest.param(SomeDay(100, version="1"), SomeDay(101), "final", id="more hits, and other rules"),
        pytest.param(FULL, SomeDay(99), "fewer", id="one hit fewer"),
        pytest.param(PART, SomeDay(99), "fewer", id="one hit fewer than of an incomplete day"),
        pytest.param(FULL, SomeDay(101, visitors=90), "final", id="more hits of a complete day"),
        pytest.param(PART, SomeDay(101, visitors=60), "own", id="more hits and k visitors more"),
        pytest.param(PART, SomeDay(101, visitors=59), "waiting", id="more hits, fewer than k visitors more"),
        pytest.param(PART, SomeDay(101, visitors=40), "waiting", id="more hits and fewer visitors"),
        pytest.param(PART, SomeDay(100), "own", id="the last k visits have ended"),
        pytest.param(SomeDay(100, False), SomeDay(100), "own", id="no visit was open"),
        pytest.param(
            SomeDay(100, False, cut_visits=None), SomeDay(100), "waiting", id="how many visits were open is not told"
        ),
        pytest.param(
            SomeDay(100, False, visitors=None, cut_visits=None), SomeDay(100, visitors=9), "own", id="a small day ends"
        ),
        pytest.param(
            SomeDay(100, False, visitors=None, cut_visits=None),
            SomeDay(101, False, visitors=9),
            "own",
            id="a small day that stays small tells nothing",
        ),
        pytest.param(
            SomeDay(100, False, visitors=None, cut_visits=None),
            SomeDay(101, visitors=10),
            "own",
            id="a small day that has become a large one",
        ),
        pytest.param(
            SomeDay(100, False, None, None, (("human", 40), ("bot", 60))),
            SomeDay(102, False, 9, None, (("human", 42), ("bot", 60))),
            "waiting",
            id="few saw pages, and the hits of all people are told",
        ),
        pytest.param(
            SomeDay(100, False, None, None, (("automated", 40), ("bot", 60))),
            SomeDay(142, True, 50, 0, (("automated", 42), ("bot", 60), ("human", 40))),
            "waiting",
            id="nobody knows how many more machines came",
        ),
        pytest.param(
            SomeDay(100, False, None, None, (("human", 40), ("bot", 60))),
            SomeDay(110, False, 9, None, (("human", 40), ("bot", 70))),
            "own",
            id="more hits of bots",
        ),
    ],
)
def test_what_is_done_with_a_day(before: SomeDay | None, now: SomeDay, decision: str) -> None:
    assert decision_of(before, now) == decision
    assert decision_of(before, now, AskedDays(replace=True)) == "own"
    alone = decision_of(before, now, AskedDays(complete_only=True))
    assert alone == ("incomplete" if before is None and not now.complete else decision)


# --- whole runs: complete and incomplete days ---


def day_of(day: int, visitors: Iterable[int], path: str = "/") -> str:
    """A day of June 2026 on which so many clients view a page each, at ten o'clock."""
    return "".join(log_line(number, path, day=day) for number in visitors)


def machine(day: int, hour: int = 10) -> str:
    """A machine's line, which ends or begins what was read."""
    return log_line(999, day=day, hour=hour, agent="curl/8.0")


FIRST = machine(31).replace("31/Jun", "31/May")
"""From before June."""


def published_by(folder: Path, content: str, **options: Any) -> RunResult:
    return publish_logs(folder, {"a.log": content.encode()}, log_format="combined", **options)


def figures(folder: Path, what: str = "day, visits", of: str = "visits") -> list[tuple[Any, ...]]:
    """Rows of June in the published file; of days only their number."""
    columns = what.replace("day,", "day(day),")
    june_alone = "WHERE day BETWEEN '2026-06-01' AND '2026-06-30'"
    with duckdb.connect(str(folder / "traffic.duckdb"), read_only=True) as connection:
        return connection.execute(f"SELECT {columns} FROM {of} {june_alone} ORDER BY ALL").fetchall()


def summary_of(result: RunResult, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    print_summary(result, Path("traffic.duckdb"))
    return capsys.readouterr().out


def test_a_complete_day_is_final_unless_it_is_to_be_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A late visit would be told by the difference of two versions."""
    published_by(tmp_path, FIRST + day_of(1, range(20)) + machine(2))
    late = FIRST + day_of(1, range(40)) + machine(2)
    result = published_by(tmp_path, late)
    assert figures(tmp_path) == [(1, 20), (2, None)]
    assert result.books.days.final == [(date(2026, 6, 1), "default", 20, 40)]
    expected = (
        "final                  40  hits on 2026-06-01 of default, published complete from 20: final, not replaced"
    )
    assert expected in summary_of(result, capsys)
    assert as_record(result, Path("x"))["final"] == [
        {"day": "2026-06-01", "site": "default", "published_hits": 20, "hits": 40}
    ]
    published_by(tmp_path, late, replace=True)
    assert figures(tmp_path)[0] == (1, 40)


def test_an_incomplete_day_waits_for_k_visitors_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    published_by(tmp_path, FIRST + day_of(1, range(20)))
    result = published_by(tmp_path, FIRST + day_of(1, range(29)))
    assert figures(tmp_path) == [(1, 20)]
    assert result.books.days.waiting == [(date(2026, 6, 1), "default", 20, 29)]
    expected = "waiting                29  hits on 2026-06-01 of default, published from 20: not replaced until 10 vis"
    assert expected in summary_of(result, capsys)
    assert [day["hits"] for day in as_record(result, Path("x"))["waiting"]] == [29]
    published_by(tmp_path, FIRST + day_of(1, range(30)))
    assert figures(tmp_path) == [(1, 30)]


def test_one_visitor_with_many_cookies_is_no_k_visitors_more(tmp_path: Path) -> None:
    published_by(tmp_path, FIRST + day_of(1, range(20)))
    again = "".join(log_line(0, hour=hour) for hour in range(11, 24))
    result = published_by(tmp_path, FIRST + day_of(1, range(20)) + again)
    assert [day[2:] for day in result.books.days.waiting] == [(20, 33)]


def test_only_complete_days_are_published_where_these_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = FIRST + day_of(1, range(20)) + day_of(2, range(30))
    result = published_by(tmp_path, log, complete_days=True)
    assert figures(tmp_path) == [(1, 20)]
    # 31 May, whose begin the log does not hold, and 2 June, whose end it does not.
    assert "incomplete              1  day of default, not published: the logs end before" in summary_of(result, capsys)
    assert as_record(result, Path("x"))["incomplete"] == [
        {"day": day, "site": "default", "why": why, "published": False}
        for day, why in (
            ("2026-05-31", "the logs begin after it began"),
            ("2026-06-02", "the logs end before it is over and the visit timeout has passed"),
        )
    ]
    published_by(tmp_path, log + machine(3), complete_days=True)
    assert figures(tmp_path) == [(1, 20), (2, 30)]


# --- whole runs: weeks and months ---


def june(days: Iterable[int]) -> str:
    """Days of June 2026, which begins on a Monday: 20 visitors of one page, and others too rare for a day or a week."""
    lines = ""
    for day in days:
        rare = {"/rare": 4, "/odd": 6} | ({"/seldom": 5, "/scarce": 7} if day in (3, 10, 17) else {})
        lines += day_of(day, range(20))
        for place, (path, visitors) in enumerate(rare.items()):
            lines += day_of(day, range(1000 * day + 10 * place, 1000 * day + 10 * place + visitors), path)
    return lines


JUNE: Final = FIRST + june(range(1, 31)) + machine(1).replace("Jun", "Jul")
Published = dict[str, list[tuple[Any, ...]]]


def of_people(folder: Path) -> Published:
    """The rows of tables with a grain, of `visits`, and what `days` say."""
    found = {table.name: figures(folder, "*", table.name) for table in TABLES if table.levels or table.name == "visits"}
    return {**found, "days": figures(folder, "day, site, complete, hits, told_in", "days")}


@pytest.fixture(scope="module")
def all_june(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """What a run on the whole month publishes."""
    folder = tmp_path_factory.mktemp("june")
    published_by(folder, JUNE, first_day=date(2026, 6, 1), last_day=date(2026, 6, 30))
    return of_people(folder)


@pytest.fixture(scope="module")
def first_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a run on the first week publishes."""
    folder = tmp_path_factory.mktemp("week")
    published_by(folder, FIRST + june(range(1, 8)) + machine(8), last_day=date(2026, 6, 7))
    return folder


def told(published: Published, page: str) -> set[tuple[str, int]]:
    """Grain and first day of the rows of a page."""
    return {(row[2], row[0].day) for row in published["pages"] if row[3] == page}


def test_a_month_is_told_by_days_weeks_and_itself(all_june: Published) -> None:
    assert told(all_june, "/") == {("day", day) for day in range(1, 31)}
    assert told(all_june, "/rare") == told(all_june, "/odd") == {("week", day) for day in (1, 8, 15, 22)}
    assert told(all_june, "/seldom") == told(all_june, "/scarce") == {("month", 1)}
    assert told(all_june, "(other)") == {("month", 1)}


def test_the_nights_that_end_a_week_or_month_publish_what_one_run_does(tmp_path: Path, all_june: Published) -> None:
    for day in (7, 14, 21, 28, 30):
        result = published_by(tmp_path, JUNE, first_day=date(2026, 6, day), last_day=date(2026, 6, day))
        if day == 7:
            assert [own.day for own, _ in result.books.days.published] == list(range(1, 8))
            # The rest of the week, of one day alone, has taken in the rare page.
            assert told(of_people(tmp_path), "/odd") == told(of_people(tmp_path), "(other)") == {("week", 1)}
    assert of_people(tmp_path) == all_june


def test_the_night_that_ends_a_month_alone_publishes_all_of_it(tmp_path: Path, all_june: Published) -> None:
    published_by(tmp_path, JUNE, first_day=date(2026, 6, 30), last_day=date(2026, 6, 30))
    assert of_people(tmp_path) == all_june


@pytest.mark.parametrize("seed", [1, 17])
def test_what_days_have_by_themselves_stays_when_their_week_is_told(seed: int, tmp_path: Path) -> None:
    """Of these logs, request times of pages were rounded otherwise beside the rows of the week."""
    drawn = draw_log(seed, K, 7, whole_week=True)
    tables = [table.name for table in TABLES if table.by_day and not table.has_grain and table.name != "days"]
    of_nights = []
    for first, last in ((1, 6), (7, 7)):
        publish(tmp_path, drawn.log, first, last, **drawn.options)
        rows = read_published(tmp_path / "traffic.duckdb")
        of_nights.append({name: [row for row in rows[name] if is_before(row, SUNDAY)] for name in tables})
    assert set(figures(tmp_path, "told_in", "days")) == {("week",)}
    assert of_nights[0]["page_latency"]
    assert of_nights[1] == of_nights[0]


SUNDAY: Final = date(2026, 6, 7)


def is_before(row: Mapping[str, Any], day: date) -> bool:
    """Is it of an earlier day?"""
    began: date = row["day"] if "day" in row else row["started_local"].date()
    return began < day


def test_a_week_is_told_later_when_the_logs_hold_it(tmp_path: Path, first_week: Path) -> None:
    for days in (range(1, 4), range(3, 8)):
        before = FIRST if days[0] == 1 else june([days[0] - 1])
        dates = {"first_day": date(2026, 6, days[0]), "last_day": date(2026, 6, days[-1])}
        published_by(tmp_path, before + june(days) + machine(days[-1] + 1), **dates)
    assert set(figures(tmp_path, "told_in", "days")) == {("day",)}
    assert told(of_people(tmp_path), "(other)") == {("day", day) for day in range(1, 8)}
    dates = {"first_day": date(2026, 6, 1), "last_day": date(2026, 6, 7)}
    result = published_by(tmp_path, FIRST + june(range(1, 8)) + machine(8), **dates)
    assert len(result.books.days.published) == 7
    assert of_people(tmp_path) == of_people(first_week)


@pytest.mark.parametrize("visitors", [range(0), range(70, 99)], ids=["as it was", "with late visits"])
def test_a_week_stays_when_one_of_its_days_is_read_again(
    visitors: Iterable[int], tmp_path: Path, first_week: Path
) -> None:
    shutil.copy(first_week / "traffic.duckdb", tmp_path)
    result = published_by(tmp_path, FIRST + june(range(3, 5)) + day_of(4, visitors) + machine(5))
    assert result.books.days.published == []
    assert [day.day for day, *_ in result.books.days.kept] == [5]
    assert of_people(tmp_path) == of_people(first_week)


def test_a_day_that_is_told_with_its_week_is_not_replaced_alone(tmp_path: Path, first_week: Path) -> None:
    shutil.copy(first_week / "traffic.duckdb", tmp_path)
    before = (tmp_path / "traffic.duckdb").read_bytes()
    expected = (
        "of site default: its rare values are published together with those of its week; to replace it, give the logs "
        "of that whole week, and days that include it"
    )
    with pytest.raises(RunError, match="2026-06-04 " + re.escape(expected)):
        published_by(tmp_path, june([4]), replace=True)
    # Nor with all others but one, which would be lost in the week's rows.
    with pytest.raises(RunError, match="2026-06-01 " + re.escape(expected)):
        published_by(tmp_path, FIRST + june(range(1, 7)) + machine(8), replace=True, last_day=date(2026, 6, 7))
    assert (tmp_path / "traffic.duckdb").read_bytes() == before
    smaller = FIRST + june(range(1, 7)) + day_of(7, range(15)) + machine(8)
    published_by(tmp_path, smaller, replace=True, last_day=date(2026, 6, 7))
    assert figures(tmp_path) == [(1, 30), (2, 30), (3, 42), (4, 30), (5, 30), (6, 30), (7, 15)]
    assert told(of_people(tmp_path), "/odd") == {("week", 1)}


def test_a_week_of_which_a_day_was_published_from_other_lines_is_not_told(tmp_path: Path) -> None:
    published_by(tmp_path, FIRST + june(range(1, 4)) + machine(4), last_day=date(2026, 6, 3))
    late = FIRST + june(range(1, 8)) + day_of(2, range(70, 99)) + machine(8)
    result = published_by(tmp_path, late, last_day=date(2026, 6, 7))
    assert [day.day for day, *_ in result.books.days.final] == [2]
    assert set(figures(tmp_path, "told_in", "days")) == {("day",)}
    assert len(figures(tmp_path)) == 7


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ("geo_built_on = '2020-01-01'", "location data"),
        ("version = '0.0.9'", "rules"),
        ("options_digest = '7'", "settings"),
    ],
)
def test_a_week_is_not_told_by_other_rules_than_its_days(
    changed: str, what: str, tmp_path: Path, first_week: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = FIRST + june(range(1, 8)) + machine(8)
    first = published_by(tmp_path, log, first_day=date(2026, 6, 1), last_day=date(2026, 6, 6))
    with duckdb.connect(str(tmp_path / "traffic.duckdb")) as connection:
        connection.execute(f"UPDATE runs SET {changed}")
    before = read_published(tmp_path / "traffic.duckdb", of_run=first.record.run_id)
    result = published_by(tmp_path, log, first_day=date(2026, 6, 7), last_day=date(2026, 6, 7))
    assert result.books.days.published == [(date(2026, 6, 7), "default")]
    assert set(figures(tmp_path, "told_in", "days")) == {("day",)}
    after = read_published(tmp_path / "traffic.duckdb", of_run=first.record.run_id)
    for name, rows in after.items():
        of_days = [row for row in rows if row.get("day") != date(2026, 6, 7)]
        assert sorted(of_days, key=repr) == sorted(before[name], key=repr), name
    expected = f"week from 2026-06-01 on of default, published by day only: days of it were published with other {what}"
    assert expected in summary_of(result, capsys)
    span = {"grain": "week", "day": "2026-06-01", "site": "default", "changed": [what]}
    assert as_record(result, Path("x"))["by_day"] == [span]

    again = published_by(tmp_path, log, first_day=date(2026, 6, 6), last_day=date(2026, 6, 6))
    assert (again.books.days.published, again.books.days.by_day) == ([], [])
    assert len(again.books.days.unchanged) == 1
    whole = published_by(tmp_path, log, replace=True, last_day=date(2026, 6, 7))
    assert whole.books.days.by_day == []
    assert of_people(tmp_path) == of_people(first_week)
    # What is published by week already stays, whatever changes then.
    with duckdb.connect(str(tmp_path / "traffic.duckdb")) as connection:
        connection.execute(f"UPDATE runs SET {changed}")
    late = published_by(tmp_path, log, first_day=date(2026, 6, 7), last_day=date(2026, 6, 7))
    assert (late.books.days.published, late.books.days.by_day) == ([], [])
    assert of_people(tmp_path) == of_people(first_week)


def test_the_days_before_the_one_asked_for_are_nothing_to_publish_by_themselves(tmp_path: Path) -> None:
    """A Sunday without hits, in a week with some."""
    result = published_by(tmp_path, FIRST + june([5, 6]), first_day=date(2026, 6, 7), last_day=date(2026, 6, 7))
    expected = (
        r"no hits on the requested days: \d+ lines read, \d+ hits of other days, 0 rejected; if the night was not quiet"
    )
    assert re.match(expected, result.books.nothing)
    assert not (tmp_path / "traffic.duckdb").exists()


# --- other runs and readers ---


def test_a_run_beside_another_one_says_so_and_leaves(tmp_path: Path, sample: bytes) -> None:
    publish_logs(tmp_path, {"a.log": sample}, log_format="footfall")
    before = (tmp_path / "traffic.duckdb").read_bytes()
    with FileLock(tmp_path / ".traffic.duckdb.lock"), pytest.raises(RunError, match="another run"):
        publish_logs(tmp_path, {"a.log": sample}, log_format="footfall")
    assert (tmp_path / "traffic.duckdb").read_bytes() == before


def test_an_open_reader_keeps_its_snapshot_and_a_new_one_sees_the_new_day(tmp_path: Path, sample: bytes) -> None:
    lines = sample.splitlines(keepends=True)
    publish_logs(tmp_path, {"a.log": b"".join(lines[:4000])}, log_format="footfall")
    count = "SELECT sum(hits) FROM days"
    reader = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys\n"
            f"c = duckdb.connect({str(tmp_path / 'traffic.duckdb')!r}, read_only=True)\n"
            f"print(c.execute({count!r}).fetchone()[0], flush=True)\n"
            "sys.stdin.readline()\n"
            f"print(c.execute({count!r}).fetchone()[0], flush=True)\n",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    first = reader.stdout.readline()
    publish_logs(tmp_path, {"a.log": sample}, log_format="footfall")
    output, _ = reader.communicate("\n", timeout=60)
    assert output == first
    with duckdb.connect(str(tmp_path / "traffic.duckdb"), read_only=True) as connection:
        now = connection.execute(count).fetchone()
    assert now is not None and now[0] > int(first)


def test_what_was_replaced_is_gone_and_leaves_no_free_space_behind(tmp_path: Path, sample: bytes) -> None:
    db = tmp_path / "traffic.duckdb"
    gone = "SELECT count(*) FROM pages WHERE page = '/gone-for-good'"
    marked = sample.replace(b'"GET / ', b'"GET /gone-for-good ')
    publish_logs(tmp_path, {"a.log": marked}, log_format="footfall", k=1, replace=True)
    with duckdb.connect(str(db), read_only=True) as connection:
        assert connection.execute(gone).fetchone() != (0,)
    sizes = []
    for _ in range(2):
        publish_logs(tmp_path, {"a.log": sample}, log_format="footfall", k=1, replace=True)
        sizes.append(db.stat().st_size)
        with duckdb.connect(str(db), read_only=True) as connection:
            assert connection.execute(gone).fetchone() == (0,)
            # A file that was changed in place would keep the old rows in blocks that are free but not empty.
            assert connection.execute("SELECT free_blocks FROM pragma_database_size()").fetchone() == (0,)
    assert sizes[0] == sizes[1]


def test_a_cut_compressed_log_stops_the_run_or_is_left_out(tmp_path: Path, sample: bytes) -> None:
    import gzip

    good = publish_logs(tmp_path, {"a.log": sample}, log_format="footfall")
    before = (tmp_path / "traffic.duckdb").read_bytes()
    cut = gzip.compress(sample)[:-2000]
    with pytest.raises(RunError, match="cut off"):
        publish_logs(tmp_path, {"b.log.gz": cut}, log_format="footfall")
    assert (tmp_path / "traffic.duckdb").read_bytes() == before
    outcome = publish_logs(tmp_path, {"a.log": sample, "b.log.gz": cut}, log_format="footfall", skip_damaged=True)
    assert outcome.status == 3
    assert outcome.books.hits == good.books.hits
    with duckdb.connect(str(tmp_path / "traffic.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM inputs WHERE damaged").fetchone() == (1,)


def test_every_table_and_column_and_view_has_a_comment_and_is_filled(tmp_path: Path, sample: bytes) -> None:
    publish_logs(tmp_path, {"a.log": sample}, log_format="footfall", k=2, goals={"read": {"path": "/products/**"}})
    with duckdb.connect(str(tmp_path / "traffic.duckdb"), read_only=True) as connection:
        for kind in ("tables", "columns", "views"):
            without = connection.execute(
                f"SELECT * FROM duckdb_{kind}() WHERE comment IS NULL AND NOT internal AND database_name = 'traffic'"
                + (" AND table_name NOT IN (SELECT view_name FROM duckdb_views())" if kind == "columns" else "")
            ).fetchall()
            assert without == [], kind
        for table in TABLES:
            # Nine thousand lines need not have an incident, and the sample has no downloads.
            if table.name not in ("incidents", "downloads"):
                assert connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() != (0,), table.name
        for name, _, _ in VIEWS:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() != (0,), name
        shares = connection.execute(
            """SELECT percentile_ms(bucket_ms, hits, 0.5), percentile_ms(bucket_ms, hits, 0.99), max(bucket_ms)
            FROM latency"""
        ).fetchone()
    assert shares is not None and 0 < shares[0] <= shares[1] <= shares[2]
