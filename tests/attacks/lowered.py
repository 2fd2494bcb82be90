"""Which rounded rows may be k less than is nearest: an attacker knows the rule, and to which rows it may apply."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping

from tests.attacks.cells import Cell, Truth
from tests.attacks.published import RowWithCells
from tests.attacks.views import month_of, week_of
from tests.reference.cuts import least_cut

Wholes = tuple[Callable[[Cell], Hashable], Mapping[Hashable, int]]
"""The whole that a cell is part of, None where nothing is known of it; and the hits of each."""
Parts = tuple[Mapping[int, set[Hashable]], Mapping[Hashable, int]]
"""The wholes of each row, by its number; and the hits of each."""
SPANS = (lambda day: ("day", day), week_of, month_of)


def rows_that_may_be_lower(rows: Iterable[RowWithCells], truth: Truth, k: int) -> set[int]:
    """The `id` of each row that with k hits more, and with some others, would reveal what is left of its wholes."""
    every = list(rows)
    rounded = [row for row in every if row.view.unit > 1 and row.row["hits"] is not None]
    others = _sure_others(every, k)
    parts = [
        (_parts_of(rounded, whole_of), {whole: count - others.get(whole, 0) for whole, count in hits.items()})
        for whole_of, hits in _wholes(every, truth)
    ]
    true = {id(row): sum(cell.counts["hits"] for cell in row.cells) for row in rounded}
    return may_be_lower({id(row): row.row["hits"] for row in rounded}, true, parts, k)


def rows_cut_by_visits(rows: Iterable[RowWithCells], k: int) -> set[int]:
    """The `id` of each row of links that with k visits more would exceed the rows of `errors` that it is part of."""
    visits, wholes = _visits_of_errors(rows)
    return {
        id(row)
        for row, of_row in wholes
        if row.row["visits"] is not None and of_row <= visits.keys()
        if row.row["visits"] + k > sum(visits[whole] for whole in of_row)
    }


def _sure_others(rows: Iterable[RowWithCells], k: int) -> Counter[Hashable]:
    """How many visits of each row of `errors` came without a link for sure, whatever rows of links have."""
    visits, wholes = _visits_of_errors(rows)
    others = Counter(visits)
    for row, of_row in wholes:
        true = len({one for cell in row.cells for one in cell.items})
        for whole in of_row & visits.keys():
            others[whole] -= (2 * true + k) // (2 * k) * k + (k - 1) // 2
    return +others


def _visits_of_errors(
    rows: Iterable[RowWithCells],
) -> tuple[dict[Hashable, int], list[tuple[RowWithCells, set[Hashable]]]]:
    """The visits of each row of `errors` that has them, of 4xx alone; and the row that each row of links is part of."""
    every = list(rows)
    of_people = [
        (row, [cell for cell in row.cells if cell.key[2] == "human" and 400 <= cell.key[0] < 500])
        for row in every
        if row.view.table == "errors"
    ]
    row_of = {(cell.day, cell.site, *cell.key[:2]): id(row) for row, cells in of_people for cell in cells}
    # Where rests of 4xx and of 5xx are one row, NULL may be for the latter.
    visits: dict[Hashable, int] = {
        id(row): len({one for cell in cells for one in cell.items})
        for row, cells in of_people
        if row.row["visits"] is not None or row.row["status"] is None
    }
    links = [row for row in every if row.view.table == "broken_links"]
    return visits, [(row, {row_of.get((cell.day, cell.site, *cell.key[:2])) for cell in row.cells}) for row in links]


def may_be_lower(shown: Mapping[int, int], true: Mapping[int, float], parts: Iterable[Parts], k: int) -> set[int]:
    """The numbers of such rows; `shown` and `true` have their hits. Somebody may know which others are lower."""
    nearest = {row: nearest_to(true[row], k) for row in shown}
    return {
        row
        for of_rows, hits in parts
        for row in of_rows
        if _least_left(row, of_rows, hits, nearest | {row: shown[row]}, k) < k
    }


def nearest_to(hits: float, k: int) -> int:
    """The multiple of k to which hits are rounded, half of it up."""
    return int((2 * hits + k) // (2 * k) * k)


def _wholes(rows: Iterable[RowWithCells], truth: Truth) -> Iterator[Wholes]:
    """Days of downloads; rows of `errors`, and those of a day, week or month alone with what they leave of its 4xx."""
    asked: Counter[Hashable] = Counter()
    for cell in truth.cells.get("kinds", ()):
        if cell.key == ("download", "human"):
            asked[cell.day, cell.site] += cell.counts["hits"]
    yield lambda cell: (cell.day, cell.site) if cell.quantity == "downloads" else None, asked
    of_people = [cell for cell in truth.cells.get("errors", ()) if cell.key[2] == "human" and 400 <= cell.key[0] < 500]
    row_of = {id(cell): row for row in rows if row.view.table == "errors" for cell in row.cells}
    yield _of_errors({cell: id(row_of[id(cell)]) for cell in of_people if id(cell) in row_of})
    for span_of in SPANS:
        own = {id(cell): (span_of(cell.day), cell.site) for cell in of_people}
        alone = {
            id(row)
            for row in row_of.values()
            if len({own.get(id(cell)) for cell in row.cells if cell.key[2] == "human"}) == 1
        }
        rows = {cell: id(row_of[id(cell)]) for cell in of_people if id(cell) in row_of}
        yield _of_errors({cell: rows[cell] if rows.get(cell) in alone else own[id(cell)] for cell in of_people})


def _of_errors(whole_of: Mapping[Cell, Hashable]) -> Wholes:
    """The wholes of some errors, of which links to the same page are part."""
    places = {(cell.day, cell.site, *cell.key[:2]): whole for cell, whole in whole_of.items()}
    hits: Counter[Hashable] = Counter()
    for cell, whole in whole_of.items():
        hits[whole] += cell.counts["hits"]
    return (
        lambda cell: places.get((cell.day, cell.site, *cell.key[:2])) if cell.quantity == "broken_links" else None,
        hits,
    )


def _parts_of(rows: Iterable[RowWithCells], whole_of: Callable[[Cell], Hashable]) -> dict[int, set[Hashable]]:
    """The wholes of each row that has no cell outside them."""
    found = {id(row): {whole_of(cell) for cell in row.cells} for row in rows}
    return {row: wholes for row, wholes in found.items() if wholes and None not in wholes}


def _least_left(
    row: int, parts: Mapping[int, set[Hashable]], hits: Mapping[Hashable, int], shown: Mapping[int, int], k: int
) -> float:
    """Twice what a row of k hits more leaves, with some others, of their wholes and the k/2 that each may be less.

    Rows that are taken for their hits bring their wholes with them: a minimum cut.
    """
    waiting, edges, gained = [row], {}, 0.0
    rows_of: dict[Hashable, list[int]] = defaultdict(list)
    for one, wholes in parts.items():
        for whole in wholes:
            rows_of[whole].append(one)
    for one in waiting:
        gain = 2 * shown[one] - k
        if one != row and gain > 0:
            edges["begin", one] = float(gain)
            gained += gain
        for whole in parts[one]:
            edges[one, ("whole", whole)] = float("inf")
            edges[("whole", whole), "end"] = 2.0 * hits[whole]
            waiting += [other for other in rows_of[whole] if other not in waiting]
    edges["begin", row] = float("inf")
    cost, _ = least_cut(edges, "begin", "end")
    return cost - gained - (2 * shown[row] + k)
