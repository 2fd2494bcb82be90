"""The paragraph "Rounded" of the section "Small groups": measures of rows that are published as multiples of k."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.reference.cells import GRAINS, Cell, Row, SiteDays, from_the_smallest, span_of
from tests.reference.cuts import least_cut


@dataclass(frozen=True)
class Wholes:
    """What another table publishes exactly: the whole that a cell is part of, its hits, and its visits where known."""

    of: Callable[[Cell], Hashable]
    hits: Mapping[Hashable, int]
    visits: Mapping[Hashable, int] = field(default_factory=dict)


def round_rows(rows: Iterable[Row], names: Iterable[str], wholes: Iterable[Wholes], k: int) -> dict[Row, Counter[str]]:
    """The measures of each row: rounded half up, or down where rows would reveal what they leave of their wholes."""
    shown = {row: Counter({name: (2 * row.measure(name) + k) // (2 * k) * k for name in names}) for row in rows}
    nearest = {row: shown[row]["visits"] for row in shown}
    for one in wholes:
        others = leave_visits(shown, nearest, one, k)
        parts = {row: Counter[Hashable]() for row in shown}
        for row, of_wholes in parts.items():
            for cell in row.cells:
                of_wholes[one.of(cell)] += cell.measures["hits"]
        hits = {place: one.hits[place] - others[place] for of_wholes in parts.values() for place in of_wholes}
        for row in sorted(shown, key=from_the_smallest):
            more = {other: 2 * (other.measure("hits") - shown[other]["hits"]) + k for other in shown}
            if more[row] < k and least_left(row, parts, hits, more) < k:
                shown[row]["hits"] -= k
    for counts in shown.values():
        for name in counts:
            counts[name] = min(counts[name], counts["hits"])
    return shown


def leave_visits(
    shown: Mapping[Row, Counter[str]], nearest: Mapping[Row, int], wholes: Wholes, k: int
) -> Counter[Hashable]:
    """Limit the visits of a row to those of its wholes; return how many visits of each whole are in no row for sure."""
    sure = Counter(wholes.visits)
    for row in shown:
        of_row = {wholes.of(cell) for cell in row.cells}
        if of_row <= wholes.visits.keys():
            most = sum(wholes.visits[one] for one in of_row)
            shown[row]["visits"] = min(shown[row]["visits"], most // k * k)
        for one in of_row & wholes.visits.keys():
            sure[one] -= nearest[row] + (k - 1) // 2
    return +sure


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


def wholes_of_links(errors: Mapping[Row, set[str]], cells: Iterable[Cell], days: SiteDays) -> list[Wholes]:
    """The rows of `errors`; and those of a day alone with what they leave of its errors of 4xx, or of a week or month.

    `errors` are the rows and the measures that they hide, `cells` all of these errors, and `days` the site's days for
    them.
    """
    visits = {row: row.measure("visits") for row, hidden in errors.items() if "visits" not in hidden}
    return [in_wholes(whole_of, visits) for whole_of in wholes_of_rows(list(errors), list(cells), days)]


def wholes_of_rows(rows: list[Row], cells: list[Cell], days: SiteDays) -> list[dict[Cell, Hashable]]:
    """The rows of cells as wholes; then the rows of a day alone, and what these leave of its sum.

    Then likewise of a week, and of a month. Nothing is known of cells that may not be published in the span.
    """
    found: list[dict[Cell, Hashable]] = [{cell: row for row in rows for cell in row.cells}]
    for grain in GRAINS:
        known = {cell: span for cell in cells if (span := span_of(cell.day, grain)) in days.possible_spans(cell)}
        spans = {row: {known.get(cell) for cell in row.cells} for row in rows}
        row_of = {cell: row for row in rows if len(spans[row]) == 1 and None not in spans[row] for cell in row.cells}
        found.append({cell: row_of.get(cell, span) for cell, span in known.items()})
    return found


def in_wholes(whole_of: Mapping[Cell, Hashable], visits: Mapping[Hashable, int]) -> Wholes:
    """Some errors and their wholes, of which links to the same page are part; of others, hits are not known."""
    places = {(cell.day, cell.key): whole for cell, whole in whole_of.items()}
    hits: defaultdict[Hashable, int] = defaultdict(lambda: 1 << 40)
    for whole in whole_of.values():
        hits[whole] = 0
    for cell, whole in whole_of.items():
        hits[whole] += cell.measures["hits"]
    known = {whole: visits[whole] for whole in hits if whole in visits}
    return Wholes(lambda cell: places.get((cell.day, cell.key[:2]), cell), hits, known)


def wholes_of_downloads(asked: Mapping[date, int]) -> list[Wholes]:
    """The hits of people that asked for files, by day."""
    return [Wholes(lambda cell: cell.day, asked)]
