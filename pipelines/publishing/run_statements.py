"""Runs independent tasks on one DuckDB database, two at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import Final, TypeVar

import duckdb

THREADS: Final = 2
"""Of publishing: DuckDB, Arrow and compiled kernels work at the same time in them."""
T = TypeVar("T")


def do_side_by_side(
    connection: duckdb.DuckDBPyConnection, work: Sequence[Callable[[duckdb.DuckDBPyConnection], T]]
) -> list[T]:
    """Call each function of `work` with one of two connections to the same database; return the results in order.

    Publishing consists of hundreds of statements, each too small to gain from two threads.
    """
    free: SimpleQueue[duckdb.DuckDBPyConnection] = SimpleQueue()
    cursors = [connection.cursor() for _ in range(THREADS)]
    for cursor in cursors:
        free.put(cursor)

    def do(one: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        own = free.get()
        try:
            return one(own)
        finally:
            free.put(own)

    try:
        with ThreadPoolExecutor(len(cursors)) as pool:
            return list(pool.map(do, work))
    finally:
        for cursor in cursors:
            cursor.close()


def count_rows(connection: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return the number of rows of a table; SQL conditions may follow its name."""
    ((rows,),) = connection.execute(f"SELECT count(*) FROM {name}").fetchall()
    return int(rows)
