"""Publishing: days are replaced whole, readers are not disturbed, one run at a time, and nothing deleted stays."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.merge_days import choose_days
from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.tables.published import TABLES
from footfall.transforms.tables.views import VIEWS
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
    assert second.books.published == []
    assert len(second.books.unchanged) == 3
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
    assert len(outcome.books.published) == 1


@pytest.mark.parametrize(
    ("hits", "is_published"),
    [
        pytest.param(99, False, id="one hit fewer: the published day stays"),
        pytest.param(100, True, id="as many hits, though other ones: the day is replaced"),
        pytest.param(101, True, id="one hit more: the day is replaced"),
    ],
)
def test_a_day_is_chosen_by_its_hits(hits: int, is_published: bool) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE SCHEMA earlier")
        for schema in ("earlier.", ""):
            for table in TABLES:
                columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
                connection.execute(f"CREATE TABLE {schema}{table.name} ({columns})")
        days = "(day, site, complete, hits) VALUES ('2026-06-01', 'a', true, {}), ('2026-06-02', 'a', true, 5)"
        connection.execute(f"INSERT INTO earlier.days {days.format(100)}")
        connection.execute(f"INSERT INTO days {days.format(hits)}")
        connection.execute("INSERT INTO visits (day, site, visits) VALUES ('2026-06-01', 'a', 7)")
        chosen = choose_days(connection, replace=False)
        day, other = (date(2026, 6, 1), "a"), (date(2026, 6, 2), "a")
        assert chosen.published == ([day] if is_published else [])
        assert chosen.unchanged == [other]
        assert chosen.kept == ([] if is_published else [(*day, 100, hits)])
        assert connection.execute("FROM replaced").fetchall() == chosen.published


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
    publish_logs(tmp_path, {"a.log": sample}, log_format="footfall", k=2)
    with duckdb.connect(str(tmp_path / "traffic.duckdb"), read_only=True) as connection:
        for kind in ("tables", "columns", "views"):
            without = connection.execute(
                f"SELECT * FROM duckdb_{kind}() WHERE comment IS NULL AND NOT internal AND database_name = 'traffic'"
                + (" AND table_name NOT IN ('availability', 'trend')" if kind == "columns" else "")
            ).fetchall()
            assert without == [], kind
        for table in TABLES:
            if table.name != "incidents":  # nine thousand lines need not have one
                assert connection.execute(f"SELECT count(*) FROM {table.name}").fetchone() != (0,), table.name
        for name, _, _ in VIEWS:
            assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() != (0,), name
        shares = connection.execute(
            """SELECT percentile_ms(bucket_ms, hits, 0.5), percentile_ms(bucket_ms, hits, 0.99), max(bucket_ms)
            FROM latency"""
        ).fetchone()
    assert shares is not None and 0 < shares[0] <= shares[1] <= shares[2]
