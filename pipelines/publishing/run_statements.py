"""Runs independent tasks on one DuckDB database, two at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter
from queue import SimpleQueue
from typing import Final, TypeVar

import duckdb
import pyarrow as pa

THREADS: Final = 2
"""Of publishing: DuckDB, Arrow and compiled kernels work at the same time in them."""
T = TypeVar("T")
Work = Callable[[duckdb.DuckDBPyConnection], T]
"""A task, which is called with a connection of its own."""


def do_side_by_side(connection: duckdb.DuckDBPyConnection, work: Sequence[Work[T]]) -> list[T]:
    """Call each function of `work` with one of two connections to the same database; return the results in order.

    Publishing consists of hundreds of statements, each too small to gain from two threads.
    """
    results = do_when_ready(connection, dict(enumerate(work)), {})
    return [results[place] for place in range(len(work))]


K = TypeVar("K")


def do_when_ready(
    connection: duckdb.DuckDBPyConnection, work: Mapping[K, Work[T]], after: Mapping[K, Collection[K]]
) -> dict[K, T]:
    """The same for work of which some comes `after` other work; of what can begin, what stands first begins first.

    Raises what a function raises, once those that have begun have ended.
    """
    places = {name: place for place, name in enumerate(work)}
    order = TopologicalSorter({name: after.get(name, ()) for name in work})
    order.prepare()
    cursors = [connection.cursor() for _ in range(THREADS)]
    free = SimpleQueue[duckdb.DuckDBPyConnection]()
    for cursor in cursors:
        free.put(cursor)

    def do(one: Work[T]) -> T:
        own = free.get()
        try:
            return one(own)
        finally:
            free.put(own)

    results: dict[K, T] = {}
    waiting: list[K] = []
    begun: dict[Future[T], K] = {}
    try:
        with ThreadPoolExecutor(THREADS) as threads:
            while order.is_active():
                waiting = sorted([*waiting, *order.get_ready()], key=places.__getitem__)
                while waiting and len(begun) < THREADS:
                    name = waiting.pop(0)
                    begun[threads.submit(do, work[name])] = name
                for ended in wait(begun, return_when=FIRST_COMPLETED).done:
                    name = begun.pop(ended)
                    results[name] = ended.result()
                    order.done(name)
    finally:
        for cursor in cursors:
            cursor.close()
    return results


def execute_over(
    connection: duckdb.DuckDBPyConnection, in_memory: pa.Table | pa.RecordBatchReader, statement: str
) -> None:
    """Execute a statement that reads rows in memory as `in_memory`.

    DuckDB finds them here, as a variable of the caller; to register them for one statement takes as long as many a one.
    """
    connection.execute(statement)


def put_into_files(connection: duckdb.DuckDBPyConnection) -> None:
    """Let the database put into files what it keeps beyond three quarters of its memory; it may use all of it again.

    It keeps what it has read as long as there is room. To leave it less for longer would end statements that need more.
    """
    ((limit,),) = connection.execute("SELECT current_setting('memory_limit')").fetchall()
    number, unit = limit.split()
    # Statements that run meanwhile may be using more, which then stays.
    with contextlib.suppress(duckdb.OutOfMemoryException):
        connection.execute(f"SET memory_limit = '{float(number) * 3 / 4} {unit}'")
    # Of the number, further digits are cut off: it stays the same each time.
    connection.execute(f"SET memory_limit = '{float(number) + 0.05} {unit}'")


def count_rows(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return the number of rows of a table; SQL conditions may follow its name."""
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {name}").fetchall()
    return int(rows)
