"""The paragraph "Rounded" of the section "Small groups": measures of rows that are told as multiples of k."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from tests.reference.folding import GRAINS, Cell, Row, Span, smallest, span_of


@dataclass(frozen=True)
class Wholes:
    """What another table tells exactly: the whole of which a cell is part, and the hits of each."""

    of: Callable[[Cell], Hashable]
    hits: Mapping[Hashable, int]


def round_rows(rows: Iterable[Row], names: Iterable[str], wholes: Iterable[Wholes], k: int) -> dict[Row, Counter[str]]:
    """The measures of each row: rounded half up, or of one row down, where they would tell what is left of a whole."""
    shown = {row: Counter({name: (2 * row.measure(name) + k) // (2 * k) * k for name in names}) for row in rows}
    for one in wholes:
        within: dict[Hashable, list[Row]] = defaultdict(list)
        for row in shown:
            places = {one.of(cell) for cell in row.cells}
            if len(places) == 1:
                within[places.pop()].append(row)
        for place, own in within.items():
            at_most_left = one.hits[place] - sum(shown[row]["hits"] for row in own) + len(own) * k / 2
            if at_most_left < k / 2:
                shown[smallest(own)]["hits"] -= k
    for counts in shown.values():
        for name in counts:
            counts[name] = min(counts[name], counts["hits"])
    return shown


def wholes_of_links(errors: Iterable[Row]) -> list[Wholes]:
    """The rows of `errors`."""
    row_of = {(cell.day, cell.key): row for row in errors for cell in row.cells}
    hits: Mapping[Hashable, int] = {row: row.measure("hits") for row in errors}
    return [Wholes(lambda cell: row_of.get((cell.day, cell.key[:2]), cell), _or_many(hits))]


def wholes_of_downloads(asked: Mapping[date, int]) -> list[Wholes]:
    """The hits of people that asked for files, by day, week and month; `asked` has those of days."""
    found = []
    for grain in GRAINS:
        hits: Counter[Hashable] = Counter()
        for day, count in asked.items():
            hits[span_of(day, grain)] += count
        found.append(Wholes(partial(_span_of_cell, grain), hits))
    return found


def _span_of_cell(grain: str, cell: Cell) -> Span:
    return span_of(cell.day, grain)


def _or_many(hits: Mapping[Hashable, int]) -> Mapping[Hashable, int]:
    """What no row tells has no known number of hits."""
    return defaultdict(lambda: 1 << 40, hits)
