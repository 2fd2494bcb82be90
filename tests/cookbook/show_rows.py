"""Shows the result of a query as a table of Markdown. It runs by itself, in the Python of any client."""

from __future__ import annotations

import json
import sys


def show_value(value: object) -> str:
    """A value as all versions of DuckDB show it: whole numbers without a point, times without zero seconds' parts."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("|", "\\|")


def show_rows(names: list[str], rows: list[tuple[object, ...]]) -> str:
    """The table."""
    lines = [names, ["---"] * len(names), *([show_value(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" if line[0] != "---" else f"|{'---|' * len(line)}" for line in lines)


def run_queries(db: str, queries: list[str]) -> list[str]:
    """What each query gives; an error is shown as its first line."""
    import duckdb

    shown = []
    with duckdb.connect(db, read_only=True) as connection:
        for query in queries:
            try:
                found = connection.execute(query)
                shown.append(show_rows([column[0] for column in found.description], found.fetchall()))
            except duckdb.Error as error:
                shown.append(str(error).partition("\n")[0])
    return shown


if __name__ == "__main__":
    print(json.dumps(run_queries(sys.argv[1], json.load(sys.stdin))))
