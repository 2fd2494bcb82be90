"""Work on one database: what reads a table begins when the table is there, and rows in memory are read in place."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import cast

import duckdb
import pyarrow as pa
import pytest

from footfall.pipelines.publishing.run_statements import (
    do_side_by_side,
    do_when_ready,
    execute_over,
    put_into_files,
)


def test_work_begins_when_what_it_reads_is_made() -> None:
    """The slow one is begun first, ends last, and others do not wait for it."""
    with duckdb.connect() as connection:
        others = threading.Event()

        def make_slow(own: duckdb.DuckDBPyConnection) -> str:
            assert others.wait(60), "nothing else was done meanwhile"
            own.execute("CREATE TABLE slow AS SELECT 1 AS one")
            return "slow"

        def make_page(own: duckdb.DuckDBPyConnection) -> str:
            own.execute("CREATE TABLE pages AS SELECT 2 AS one")
            return "page"

        def read_page(own: duckdb.DuckDBPyConnection) -> str:
            found = own.execute("SELECT one FROM pages").fetchall()
            others.set()
            return f"read {found[0][0]}"

        def read_both(own: duckdb.DuckDBPyConnection) -> str:
            return f"both {own.execute('SELECT sum(one) FROM (FROM slow UNION ALL FROM pages)').fetchall()[0][0]}"

        done = do_when_ready(
            connection,
            {"slow": make_slow, "both": read_both, "read": read_page, "pages": make_page},
            {"read": ["pages"], "both": ["slow", "pages"]},
        )
    assert done == {"slow": "slow", "pages": "page", "read": "read 2", "both": "both 3"}


def test_of_what_can_begin_the_first_begins_first() -> None:
    """Two are under way, and what became ready goes before what stands behind it."""
    begun: list[str] = []
    with duckdb.connect() as connection:

        def begin(name: str) -> None:
            begun.append(name)

        names = ("first", "follows first", "third", "fourth", "fifth")
        work = {name: (lambda _, name=name: begin(name)) for name in names}
        do_when_ready(connection, work, {"follows first": ["first"]})
    assert begun.index("follows first") < begun.index("fifth")


def test_a_failure_is_raised_and_what_needs_it_does_not_begin() -> None:
    """So that no table is made from half of another."""
    begun: list[str] = []
    with duckdb.connect() as connection:

        def fail(own: duckdb.DuckDBPyConnection) -> None:
            own.execute("SELECT nothing")

        with pytest.raises(duckdb.BinderException):
            do_when_ready(
                connection, {"fails": fail, "follows": lambda _: begun.append("follows")}, {"follows": ["fails"]}
            )
    assert begun == []


def test_results_come_in_order() -> None:
    """Whichever ended first."""
    with duckdb.connect() as connection:
        assert do_side_by_side(connection, [lambda _, n=n: n for n in range(7)]) == list(range(7))


def test_rows_in_memory_are_read_by_two_at_once() -> None:
    """Each statement reads the rows that it was given, a table or batches, and leaves no name behind."""
    with duckdb.connect() as connection:
        rows = [pa.table({"n": [place]}) for place in range(20)]

        def load(own: duckdb.DuckDBPyConnection, place: int) -> None:
            given = rows[place] if place % 2 else rows[place].to_reader()
            execute_over(own, given, f"CREATE TABLE t{place} AS FROM in_memory")

        do_side_by_side(connection, [lambda own, place=place: load(own, place) for place in range(20)])
        read = [connection.execute(f"FROM t{place}").fetchall() for place in range(20)]
        assert connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall() == []
    assert read == [[(place,)] for place in range(20)]


@pytest.mark.parametrize("limit", ["256MB", "1GB", "2GiB"])
def test_the_database_may_use_all_of_its_memory_again(limit: str) -> None:
    with duckdb.connect(config={"memory_limit": limit}) as connection:
        before = connection.execute("SELECT current_setting('memory_limit')").fetchall()
        for _ in range(3):
            put_into_files(connection)
        assert connection.execute("SELECT current_setting('memory_limit')").fetchall() == before


def test_the_database_puts_into_files_what_it_keeps(tmp_path: Path) -> None:
    with duckdb.connect(config={"memory_limit": "100MB", "temp_directory": str(tmp_path), "threads": 1}) as connection:
        connection.execute("CREATE TABLE many AS SELECT hash(range) AS number FROM range(11_000_000)")
        before = used(connection)
        put_into_files(connection)
        assert used(connection) <= 75_000_000 < before


def used(connection: duckdb.DuckDBPyConnection) -> int:
    """Bytes in memory."""
    ((size,),) = connection.execute("SELECT sum(memory_usage_bytes) FROM duckdb_memory()").fetchall()
    return int(size)


def test_what_others_are_using_stays() -> None:
    executed: list[str] = []

    class Busy:
        def execute(self, sql: str) -> Busy:
            executed.append(sql)
            if "183" in sql:
                raise duckdb.OutOfMemoryException("could not free up enough memory for the new limit")
            return self

        def fetchall(self) -> list[tuple[str]]:
            return [("244.1 MiB",)]

    put_into_files(cast(duckdb.DuckDBPyConnection, Busy()))
    assert float(executed[-1].split("'")[1].split()[0]) == pytest.approx(244.15)
