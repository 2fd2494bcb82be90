"""Published files and truths made by hand: a few cells of one site in June 2026, and their rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tests.attacks.cells import Cell, Truth
from tests.attacks.views import View

SITE = "www.example.org"
Key = tuple[Any, ...]


def day(number: int) -> date:
    """A day of June 2026, whose first is a Monday."""
    return date(2026, 6, number)


class HandMade:
    """Cells and rows; visitors are others in every cell unless they are named."""

    def __init__(self, days: Iterable[int] = (1,)) -> None:
        self.days = [day(number) for number in days]
        self.cells: dict[str, list[Cell]] = {}
        self.tables: dict[str, list[dict[str, Any]]] = {
            "days": [{"day": one, "site": SITE, "complete": True, "hits": 0} for one in self.days],
        }
        self._clients = 0

    def cell(self, quantity: str, key: Key, visits: int, number: int = 1, **counts: int) -> None:
        """A cell of that many visits, each of one visitor with one page view."""
        people = set(range(self._clients, self._clients + visits))
        self._clients += visits
        cell = Cell(quantity, day(number), SITE, key)
        for measure, count in {"visits": visits, "page_views": visits, **counts}.items():
            cell.counts[measure] = count
            cell.people[measure] = set(list(people)[:count])
        cell.items = set(people)
        self.cells.setdefault(quantity, []).append(cell)

    def row(self, table: str, key: Mapping[str, Any], visits: int | None, number: int = 1, **others: Any) -> None:
        """A published row."""
        row = {"day": day(number), "site": SITE, **key, "visits": visits, "page_views": visits, **others}
        self.tables.setdefault(table, []).append(row)

    def publish(self, folder: Path) -> tuple[Path, Truth]:
        """Write the file; the cells of `visits` are what the locations add up to, unless they are given."""
        db = folder / "traffic.duckdb"
        with duckdb.connect(str(db)) as connection:
            for name, rows in self.tables.items():
                connection.register("rows", pa.Table.from_pylist(rows))
                connection.execute(f"CREATE TABLE {name} AS FROM rows")
                connection.unregister("rows")
        return db, Truth(self.cells, timed=False, ends=(day(1), day(30)))


def values(view: View, *key: Any) -> dict[str, Any]:
    """The columns of a table by their names."""
    return dict(zip(view.columns, key, strict=True))
