"""Runs `by_hand.sql` over one log into a new DuckDB file: python by_hand.py LOG DB."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb


def run(log: Path, database: Path) -> None:
    """Makes the tables of the script; an existing file is replaced."""
    database.unlink(missing_ok=True)
    script = Path(__file__).with_name("by_hand.sql").read_text(encoding="utf-8")
    with duckdb.connect(database) as connection:
        quoted = str(log).replace("'", "''")
        connection.execute(f"SET VARIABLE log = '{quoted}'")
        connection.execute(script)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
