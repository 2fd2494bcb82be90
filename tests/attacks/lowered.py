"""Which rounded rows may tell k less than is nearest: an attacker knows the rule, and to which rows it may apply."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from tests.attacks.cells import Cell, Truth
from tests.attacks.published import TellingRow, month_of, week_of


def rows_that_may_be_lower(rows: Iterable[TellingRow], truth: Truth, k: int) -> set[int]:
    """The `id` of each row of a whole whose hits others tell, of which k hits more would tell what is left of it."""
    rows = list(rows)
    row_of = {id(cell): row for row in rows if row.view.table == "errors" for cell in row.cells}
    errors = {(cell.day, cell.site, *cell.key[:2]): cell for cell in truth.cells.get("errors", ())}
    hits: Counter[Hashable] = Counter({id(row): row.row["hits"] for row in row_of.values()})
    for cell in truth.cells.get("kinds", ()):
        if cell.key == ("download", "human"):
            hits.update(dict.fromkeys(_spans(cell), cell.counts["hits"]))
    found: set[int] = set()
    for places in (_spans_at(0), _spans_at(1), _spans_at(2), lambda cell: _error(cell, errors, row_of)):
        within: dict[Any, list[TellingRow]] = defaultdict(list)
        for row in rows:
            if row.view.unit > 1 and row.row["hits"] is not None:
                own = {places(cell) for cell in row.cells}
                if len(own) == 1 and own <= hits.keys():
                    within[own.pop()].append(row)
        for place, own_rows in within.items():
            told = sum(row.row["hits"] for row in own_rows)
            if told + k > hits[place] + (len(own_rows) - 1) * k / 2:
                found |= {id(row) for row in own_rows}
    return found


def _spans(cell: Cell) -> list[Hashable]:
    """The day, the week and the month of a cell, of its site."""
    return [(*span, cell.site) for span in (("day", cell.day), week_of(cell.day), month_of(cell.day))]


def _spans_at(place: int) -> Any:
    return lambda cell: _spans(cell)[place] if cell.quantity == "downloads" else None


def _error(cell: Cell, errors: Any, row_of: Any) -> Hashable:
    """The row of `errors` that tells the hits of a link."""
    if cell.quantity != "broken_links":
        return None
    found = errors.get((cell.day, cell.site, *cell.key[:2]))
    return id(row_of[id(found)]) if found is not None and id(found) in row_of else None
