"""The paragraph "Rounded" of the section "Small groups": measures of rows that are told as multiples of k."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reference.cuts import least_cut
from tests.reference.folding import GRAINS, Cell, Row, SiteDays, from_the_smallest, span_of


@dataclass(frozen=True)
class Wholes:
    """What another table tells exactly: the whole of which a cell is part, and the hits of each."""

    of: Callable[[Cell], Hashable]
    hits: Mapping[Hashable, int]


def round_rows(rows: Iterable[Row], names: Iterable[str], wholes: Iterable[Wholes], k: int) -> dict[Row, Counter[str]]:
    """The measures of each row: rounded half up, or down, where rows would tell what they leave of their wholes."""
    shown = {row: Counter({name: (2 * row.measure(name) + k) // (2 * k) * k for name in names}) for row in rows}
    for one in wholes:
        parts = {row: Counter[Hashable]() for row in shown}
        for row, of_wholes in parts.items():
            for cell in row.cells:
                of_wholes[one.of(cell)] += cell.measures["hits"]
        for row in sorted(shown, key=from_the_smallest):
            more = {other: 2 * (other.measure("hits") - shown[other]["hits"]) + k for other in shown}
            if more[row] < k and least_left(row, parts, one.hits, more) < k:
                shown[row]["hits"] -= k
    for counts in shown.values():
        for name in counts:
            counts[name] = min(counts[name], counts["hits"])
    return shown


def least_left(
    row: Hashable, parts: Mapping[Any, Counter[Hashable]], hits: Mapping[Hashable, int], more: Mapping[Any, int]
) -> float:
    """Twice what a row and some others leave of all wholes that they are part of, as far as is known: the least.

    `parts` has the hits that rows have of wholes, `hits` those of wholes, and `more` what is known less of each row.
    A minimum cut: who has a row has its wholes, and other rows or nobody what is left of these.
    """
    edges: dict[tuple[Any, Any], float] = {}
    left = {place: hits[place] for of_row in parts.values() for place in of_row}
    for one, of_row in parts.items():
        edges[one, "end"] = more[one]
        for place, count in of_row.items():
            edges[one, ("whole", place)] = float("inf")
            edges[("whole", place), one] = 2 * count
            left[place] -= count
    for place, count in left.items():
        edges[("whole", place), "end"] = 2 * count
    return least_cut(edges, row, "end")[0]


def wholes_of_links(errors: Iterable[Row], cells: Iterable[Cell], days: SiteDays) -> list[Wholes]:
    """The rows of `errors`; and those of a day alone with what they leave of its errors of 4xx, or of a week or month.

    `cells` are all of these errors, and `days` those of the site as they tell of them.
    """
    return [in_wholes(whole_of) for whole_of in wholes_of_rows(list(errors), list(cells), days)]


def wholes_of_rows(rows: list[Row], cells: list[Cell], days: SiteDays) -> list[dict[Cell, Hashable]]:
    """The rows of a table that tell cells, as wholes; then those of a day alone, and what these leave of its sum.

    Then likewise of a week, and of a month. Of cells that may not be told of the span nothing is known.
    """
    found: list[dict[Cell, Hashable]] = [{cell: row for row in rows for cell in row.cells}]
    for grain in GRAINS:
        known = {cell: span for cell in cells if (span := span_of(cell.day, grain)) in days.may_tell(cell)}
        spans = {row: {known.get(cell) for cell in row.cells} for row in rows}
        told = {cell: row for row in rows if len(spans[row]) == 1 and None not in spans[row] for cell in row.cells}
        found.append({cell: told.get(cell, span) for cell, span in known.items()})
    return found


def in_wholes(whole_of: Mapping[Cell, Hashable]) -> Wholes:
    """Some errors and their wholes, of which links to the same page are part; of others, hits are not known."""
    places = {(cell.day, cell.key): whole for cell, whole in whole_of.items()}
    hits: defaultdict[Hashable, int] = defaultdict(lambda: 1 << 40)
    for whole in whole_of.values():
        hits[whole] = 0
    for cell, whole in whole_of.items():
        hits[whole] += cell.measures["hits"]
    return Wholes(lambda cell: places.get((cell.day, cell.key[:2]), cell), hits)


def wholes_of_downloads(asked: Mapping[date, int]) -> list[Wholes]:
    """The hits of people that asked for files, by day."""
    return [Wholes(lambda cell: cell.day, asked)]
