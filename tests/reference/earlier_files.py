"""What files of earlier nights had of coarser keys: the part "Coarser keys of earlier files" of the definitions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.reference.cells import Cell, Row, Span, in_no_row, span_of
from tests.reference.levels import Key, coarser_key

Rest = tuple[Span, Key]
"""A span, and the key of what remains in it."""


@dataclass(frozen=True)
class Way:
    """A way to compare an earlier file: by a level, the file's grains and rows, and whether it lacks the last span."""

    level: int
    grains: tuple[str, ...]
    rows: list[Row]
    lacks_last: bool


@dataclass(frozen=True)
class Compared:
    """A coarser key, compared with an earlier file."""

    rows: list[Row]
    """Those of the key alone."""
    before: list[set[Cell]]
    """What each row of the file had that was of the key alone."""

    @property
    def gone(self) -> set[Cell]:
        """What it had, and is in no row of the key now."""
        return {cell for row in self.before for cell in row}.difference(*(row.cells for row in self.rows))

    @property
    def come(self) -> set[Cell]:
        """What it had not, and is in a row of the key."""
        return {cell for row in self.rows for cell in row.cells}.difference(*self.before)


def compare(table: str, of_rest: list[Cell], rows: list[Row], place: Rest, way: Way) -> Iterator[Compared]:
    """The coarser keys of a rest, compared in one way."""
    if place[0].grain in way.grains:
        return
    key_of = {
        cell: coarser_key(table, cell.key, way.level)
        for cell in in_no_row(of_rest, [row for row in rows if row.span.grain in way.grains])
    }
    key_of = {cell: key for cell, key in key_of.items() if key != place[1]}
    begins = {cell: span_of(cell.day, way.grains[-1]).first_day for cell in key_of}
    had = {cell for cell in key_of if not way.lacks_last or begins[cell] < max(begins.values())}
    of_rows = [had.intersection(row.cells) for row in way.rows if row.key != place[1]]
    for key in dict.fromkeys(key_of.values()):
        of_key = {cell for cell in key_of if key_of[cell] == key}
        own = [row for row in rows if (row.span, row.key) != place and of_key.issuperset(row.cells)]
        yield Compared(own, [row for row in of_rows if row and row <= of_key])
