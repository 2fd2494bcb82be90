"""Folding in the database is folding as the definitions say, on random tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import duckdb
import pytest

from footfall.pipelines.publishing.fold_tables import fold_table
from footfall.transforms.tables.published import TABLES, TABLES_BY_NAME
from tests.reference.folding import FINEST_FIRST, Row, fold

SITE = "shop.example"
WITH_ITEMS = ("pages", "searches", "errors", "cookie_audit")
"""Tables in which one visit may stand in several rows."""


@dataclass(frozen=True, eq=False)
class SomeVisit:
    """A visit of which nothing matters but that it is one."""


def random_rows(random: Random, table: str) -> list[Row]:
    """Rows of one day: popular and rare keys, and in some tables visits that stand in several rows."""
    columns = TABLES_BY_NAME[table].fold_columns
    visits = [SomeVisit() for _ in range(random.choice((3, 20, 60)))]
    rows: dict[tuple[Any, ...], Row] = {}
    for visit in visits:
        for _ in range(random.choice((1, 1, 2, 4)) if table in WITH_ITEMS else 1):
            key = tuple(value(random, column) for column in columns)
            row = rows.setdefault(key, Row(dict(zip(columns, key, strict=True))))
            row.visits.add(visit)  # type: ignore[arg-type]
            for measure in measures_of(table):
                row.measures[measure] += random.randrange(4)
    return list(rows.values())


def value(random: Random, column: str) -> str | int:
    """A value of a column, small numbers more often than great ones; a few columns have `(other)` of their own."""
    number = min(random.randrange(12), random.randrange(12))
    if column == "status":
        return 400 + number // 3
    return f"{column}-{number}" if number else "(other)"


def measures_of(table: str) -> list[str]:
    """The columns of a table that are added up."""
    return [
        column
        for column in TABLES_BY_NAME[table].column_names
        if column not in ("day", "site", "visits", *TABLES_BY_NAME[table].fold)
    ]


def fold_in_database(table: str, days: dict[date, list[Row]], k: int) -> tuple[set[tuple[Any, ...]], int]:
    """The folded rows as sets of (column, value), and how many were folded."""
    own = TABLES_BY_NAME[table]
    columns = own.fold_columns
    kinds = {column.name: column.type for column in own.columns}
    numbers: dict[int, int] = {}
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} {kinds[name]}' for name in own.column_names)})")
        keys = ", ".join(f"{name} {kinds[name]}" for name in ("day", "site", *columns))
        if table in WITH_ITEMS:
            connection.execute(f"CREATE TABLE {table}_items ({keys}, visit BIGINT)")
        for day, rows in days.items():
            for row in rows:
                values = {"day": day, "site": SITE, **row.key, "visits": len(row.visits)}
                values |= {measure: row.measures[measure] for measure in measures_of(table)}
                marks = ", ".join("?" for _ in own.column_names)
                connection.execute(f"INSERT INTO {table} VALUES ({marks})", [values[name] for name in own.column_names])
                for visit in row.visits if table in WITH_ITEMS else ():
                    item = [day, SITE, *row.key.values(), numbers.setdefault(id(visit), len(numbers))]
                    connection.execute(f"INSERT INTO {table}_items VALUES ({', '.join('?' for _ in item)})", item)
        folded = fold_table(connection, own, k)
        names = [name for name in own.column_names if name != "site"]
        published = connection.execute(f"SELECT {', '.join(names)} FROM {table}").fetchall()
    found = [tuple(sorted(zip(names, row, strict=True), key=str)) for row in published]
    assert len(found) == len(set(found))
    return set(found), folded


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("table", FINEST_FIRST)
def test_random_tables_are_folded_as_the_definitions_say(table: str, seed: int) -> None:
    random = Random(f"{table} {seed}")
    k = random.choice((1, 2, 5, 10))
    days = {date(2026, 6, 1) + timedelta(days=number): random_rows(random, table) for number in range(3)}
    before = sum(len(rows) for rows in days.values())
    found, folded = fold_in_database(table, days, k)
    expected = set()
    for day, rows in days.items():
        for row in fold(table, rows, k):
            own = {"day": day, **row.key, "visits": len(row.visits)}
            own |= {measure: row.measures[measure] for measure in measures_of(table)}
            expected.add(tuple(sorted(own.items(), key=str)))
    assert found == expected
    assert folded == before - len(found)


def test_the_columns_that_a_small_row_loses_are_those_of_the_definitions() -> None:
    assert {table.name: table.fold for table in TABLES if table.fold} == FINEST_FIRST
