"""Which rows of `visit_lengths` have the visits of each length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from tests.attacks.cells import Cell, Truth
from tests.attacks.published import Published, Row

TABLE: Final = "visit_lengths"


def rows_of_lengths(published: Published, truth: Truth) -> Iterator[tuple[int, Row, list[Cell]]]:
    """Yield the rows, numbered, with their cells: those from the least length of the row to that of the next."""
    cells: dict[Any, list[Cell]] = defaultdict(list)
    for cell in truth.cells.get("lengths", []):
        cells[cell.day, published.site_of(cell), cell.key[0]].append(cell)
    for number, row in enumerate(published.tables[TABLE]):
        last = float("inf") if row["at_most"] is None else row["at_most"]
        of_day = cells[row["day"], row["site"], row["measure"]]
        yield number, row, [cell for cell in of_day if row["at_least"] <= cell.key[1] <= last]
