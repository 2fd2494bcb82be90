"""Rounds the rows of tables that have part of what other tables have exactly (`docs/definitions.md`, Rounded)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.publishing.fold_cells import Cells, Placement, number, rows_in_order
from footfall.pipelines.publishing.least_cut import Opened, least_cut
from footfall.transforms.arrays import Codes, Ints
from footfall.transforms.tables.declaring import Table

_Place = tuple[int, int]
_ROW, _WHOLE, _END = range(3)


def round_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    cells: Cells,
    placement: Placement,
    row: Codes,
    hits: Ints,
    sums: Mapping[str, Ints],
) -> dict[str, Ints]:
    """Return the measures of rows, rounded half up to multiples of k, or down where they would reveal what is left.

    `row` is the number of the row that covers each cell, -1 for none, and `hits` are those of the cells. Each query of
    `known_by` selects cells and, by number, the `whole` that they are part of, with its `hits` in another table, and
    maybe its `visits` (-1: hidden).
    """
    k, rows = cells.k, len(sums["hits"])
    shown = {name: (2 * values + k) // (2 * k) * k for name, values in sums.items()}
    nearest = shown["visits"]
    visits = np.bincount(row[row >= 0], cells.visits[row >= 0], rows)
    for query in table.known_by:
        read, whole, of_wholes = read_wholes(connection, query, len(row))
        if "visits" in read:
            visits_of = np.full(len(of_wholes), -1, dtype=np.int64)
            visits_of[read["whole"]] = read["visits"]
            most, others = compare_visits(row, whole, visits_of, nearest, k)
            shown["visits"] = np.minimum(shown["visits"], most // k * k)
            of_wholes -= others
        links = Links(row, whole, hits, of_wholes, 2 * (sums["hits"] - shown["hits"]) + k, k)
        may_be_lowered = row >= 0
        may_be_lowered[may_be_lowered] = links.is_close[row[may_be_lowered]]
        links.lower(shown["hits"], rows_in_order(cells, placement, may_be_lowered, row, visits))
    # No other measure exceeds the hits.
    return {name: np.minimum(values, shown["hits"]) for name, values in shown.items()}


def read_wholes(
    connection: duckdb.DuckDBPyConnection, query: str, cells: int
) -> tuple[Mapping[str, NDArray[Any]], Ints, Ints]:
    """Return what a query selects (`cell`, `whole`, `hits`), the whole of each cell (-1: none), and these hits."""
    read = connection.execute(query).fetchnumpy()
    whole = np.full(cells, -1, dtype=np.int64)
    whole[read["cell"]] = read["whole"]
    of_wholes = np.zeros(whole.max(initial=-1) + 1, dtype=np.int64)
    of_wholes[read["whole"]] = read["hits"]
    return read, whole, of_wholes


def compare_visits(row: Codes, whole: Ints, visits: Ints, nearest: Ints, k: int) -> tuple[Ints, Ints]:
    """Return how many visits rows have at most, and how many of each whole are in none of them, as far as is known.

    `row` and `whole` (-1: none) are those of cells, `visits` those of wholes (-1: hidden), `nearest` those of rows,
    rounded half up. A visit may be in several rows.

    >>> compare_visits(np.array([0, 1]), np.array([0, 0]), np.array([48]), np.array([10, 20]), 10)
    (array([48, 48]), array([10]))
    """
    pair, _ = number(row >= 0, row, whole)
    _, first = np.unique(pair, return_index=True)
    first = first[row[first] >= 0]
    rows, wholes = row[first], whole[first]
    is_known = np.append(visits, -1)[wholes] >= 0
    most = np.bincount(rows[is_known], visits[wholes[is_known]], len(nearest)).astype(np.int64)
    most[rows[~is_known]] = np.iinfo(np.int64).max
    of_rows = np.bincount(wholes[is_known], nearest[rows[is_known]] + (k - 1) // 2, len(visits)).astype(np.int64)
    return most, np.maximum(visits - of_rows, 0)


class Links:
    """What rounded rows have of wholes whose hits are known.

    What some rows leave of all their wholes is known to be at most the hits less theirs, and k/2 more for each row. For
    each row, its true hits less the published ones, and k/2, are its `spare`: the bound is what is left, and the spare
    of these rows. Each row of a whole costs its spare if it is one of them, or else what it has of the whole. So hardly
    any rows can leave less than k/2, and only those are checked. All is counted twice over, since k may be odd.
    """

    def __init__(self, row: Ints | Codes, whole: Ints, hits: Ints, of_wholes: Ints, spare: Ints, k: int) -> None:
        self.spare, self.k = spare, k
        link, _ = number((row >= 0) & (whole >= 0), row, whole)
        _, first = np.unique(link, return_index=True)
        first = first[link[first] >= 0]
        self.rows, self.wholes = row[first], whole[first]
        self.hits = np.bincount(link[link >= 0], hits[link >= 0], len(first)).astype(np.int64)
        is_close = spare < k
        is_close[row[(row >= 0) & (whole < 0)]] = False
        while True:
            inside = is_close[self.rows]
            others = of_wholes - np.bincount(self.wholes[inside], self.hits[inside], len(of_wholes)).astype(np.int64)
            least = np.minimum(spare[self.rows], 2 * self.hits)[inside]
            costs = 2 * others + np.bincount(self.wholes[inside], least, len(of_wholes)).astype(np.int64)
            too_many = inside & (costs >= k)[self.wholes]
            if not too_many.any():
                break
            is_close[self.rows[too_many]] = False
        self.is_close = is_close
        """Which rows may be among those that leave less than k/2."""
        self.others = others
        """The hits of each whole that are in none of these rows."""
        self._wholes_of: dict[int, dict[int, int]] = defaultdict(dict)
        self._rows_of: dict[int, list[int]] = defaultdict(list)
        close = (part[inside].tolist() for part in (self.rows, self.wholes, self.hits))
        for one, of_rows, count in zip(*close, strict=True):
            self._wholes_of[one][of_rows] = count
            self._rows_of[of_rows].append(one)

    def lower(self, shown: Ints, rows: Iterable[int]) -> None:
        """Lower the published hits of those rows by k, in their order, that are among some that leave less than k/2."""
        for row in rows:
            if self.is_close[row] and self.leaves_few(row):
                shown[row] -= self.k
                self.spare[row] += 2 * self.k

    def leaves_few(self, row: int) -> bool:
        """Whether a row and some others, or none, leave less than k/2: a minimum cut.

        Who takes a row takes its wholes, and leaves what rows that are not taken have of them.
        """
        return least_cut(Opened(self._room_of), (_ROW, row), (_END, 0), self.k) is not None

    def _room_of(self, place: _Place) -> dict[_Place, float]:
        kind, one = place
        if kind == _ROW:
            room: dict[_Place, float] = {(_WHOLE, of_rows): float("inf") for of_rows in self._wholes_of[one]}
            return room | {(_END, 0): int(self.spare[one])}
        if kind == _WHOLE:
            room = {(_ROW, other): 2 * self._wholes_of[other][one] for other in self._rows_of[one]}
            return room | {(_END, 0): 2 * int(self.others[one])}
        return {}
