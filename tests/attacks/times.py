"""What the attack with a solver knows of request times: three tables have the same requests in ranges of their own.

Between two ends of rows of a day, times can be exchanged for each other: such a range is a *segment*. Nobody knows
which of them are empty: in each hour, and of each kind and folder of a day, there may be requests in any.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Any, Final

from tests.attacks.atoms import Atom
from tests.attacks.cells import Cell, Truth
from tests.attacks.knowledge import Knowledge
from tests.attacks.published import Published, Row
from tests.attacks.shifted import shifted_rows
from tests.attacks.views import LATENCY

TABLES: Final[Mapping[str, tuple[str, str]]] = {
    "kind_times": ("kind_latency", "kind"),
    "page_times": ("page_latency", "page_group"),
}
"""The tables of the quantities, and their key."""
Day = tuple[date, str]


class Segments:
    """The segment of each request time of people."""

    def __init__(self, published: Published, truth: Truth, days: Container[date] | None = None) -> None:
        self.site_of = published.site_of
        ends: dict[Day, set[float]] = defaultdict(set)
        tables = [table for table, _ in TABLES.values()] if truth.timed else []
        rows = [row for table in tables for row in published.tables.get(table, [])]
        chosen = {(row["day"], row["site"]) for row in rows if days is None or row["day"] in days}
        for table in (LATENCY, *tables):
            for row in published.tables.get(table, []):
                if row.get("traffic_class", "human") == "human" and (row["day"], row["site"]) in chosen:
                    ends[row["day"], row["site"]].add(row["bucket_ms"])
        self.ends = {day: sorted(of_day) for day, of_day in ends.items()}

    def of(self, cell: Cell) -> int:
        """The number of the segment of a cell whose last key is the upper end of a bucket; -1 without one."""
        ends = self.ends.get((cell.day, self.site_of(cell)))
        if ends is None or (cell.quantity == LATENCY and cell.key[1] != "human"):
            return -1
        return bisect_left(ends, cell.key[-1])


def all_times(truth: Truth, segments: Segments) -> dict[str, list[Cell]]:
    """The cells of request times, and empty ones for the other segments of each hour, kind and folder of a day."""
    found = {}
    for quantity in (LATENCY, *TABLES):
        cells = found[quantity] = list(truth.cells.get(quantity, []))
        known = {(one.day, segments.site_of(one), one.key[:-1], segments.of(one)) for one in cells}
        for day, site, key in sorted({place[:3] for place in known if place[3] >= 0}):
            for number, end in enumerate(segments.ends[day, site]):
                if (day, site, key, number) not in known:
                    cells.append(Cell(quantity, day, site, (*key, end)))
    return found


def add_times(knowledge: Knowledge, segments: Segments) -> None:
    """Add the request times by kind and by folder."""
    published = knowledge.published
    by_kind = {
        (cell.day, published.site_of(cell), cell.key[0]): atom
        for atom in knowledge.atoms
        if atom.quantity == "kinds" and atom.link[0] == "human"
        for cell in atom.cells
    }
    of_day: dict[Day, dict[str, list[Atom]]] = defaultdict(lambda: defaultdict(list))
    for quantity, (table, column) in TABLES.items():
        cells = knowledge.truth.cells.get(quantity, []) if segments.ends else []
        ranges: dict[Any, list[Row]] = defaultdict(list)
        for row in published.tables.get(table, []):
            ranges[row["day"], row["site"], row[column]].append(row)
        atoms: dict[Any, Atom] = {}
        atoms_of: dict[int, dict[int, Atom]] = defaultdict(dict)
        for cell in cells:
            day = cell.day, published.site_of(cell)
            row = _row_of(ranges[(*day, cell.key[0])], cell.key[-1])
            name = cell.key[0] if quantity == "page_times" else by_kind[(*day, cell.key[0])]
            link = name, segments.of(cell)
            key = day, id(name) if quantity == "kind_times" else name, link[1], id(row)
            if day in segments.ends:
                atom = atoms.setdefault(key, Atom(quantity, *day, link))
                atom.cells.append(cell)
                atoms_of[id(row)][id(atom)] = atom
        knowledge.add(atoms.values())
        rows = [one for own in ranges.values() for one in own]
        # All requests for a published kind or folder are in its rows.
        for key, atom in atoms.items():
            if key[-1] == id(None) and ranges[(*key[0], atom.cells[0].key[0])]:
                knowledge.equal(table, [atom.unknowns["hits"]], 0)
        unknowns = {id(row): [atom.unknowns["hits"] for atom in atoms_of[id(row)].values()] for row in rows}
        lower, higher = shifted_rows(knowledge, rows, {id(row): list(atoms_of[id(row)].values()) for row in rows})
        for row in rows:
            less, more = (knowledge.k if id(row) in some else 0 for some in (lower, higher))
            _read_row(knowledge, table, row["hits"], unknowns[id(row)], less, more)
        for atom in atoms.values():
            of_day[atom.day, atom.site][quantity].append(atom)
    for atom in knowledge.atoms:
        if (atom.day, atom.site) in of_day:
            is_of_people = atom.quantity != LATENCY or atom.link[1] == "human"
            if atom.quantity in ("kinds", "pages", "midnights", LATENCY) and is_of_people:
                of_day[atom.day, atom.site][atom.quantity].append(atom)
    for quantities in of_day.values():
        _link_times(knowledge, quantities, segments)


def _row_of(rows: Iterable[Row], end: float) -> Row | None:
    """The row with times of the bucket with this upper end."""
    return next((row for row in rows if (row["from_ms"] or 0) < end <= row["bucket_ms"]), None)


def _read_row(knowledge: Knowledge, table: str, hits: int, unknowns: list[int], less: int, more: int) -> None:
    """Hits are rounded half up to a multiple of k, or so much `less` or `more`; a weakened build may round nothing."""
    if hits % knowledge.k:
        knowledge.equal(table, unknowns, hits)
        return
    half, true = knowledge.k / 2, sum(knowledge.true[one] for one in unknowns)
    if not -half - more <= true - hits <= half + less:
        knowledge.not_understood[table] += 1
    knowledge.at_most(unknowns, hits + (knowledge.k - 1) // 2 + less)
    knowledge.at_most([], knowledge.k // 2 + more - hits, unknowns)


def _link_times(knowledge: Knowledge, quantities: Mapping[str, list[Atom]], segments: Segments) -> None:
    """Requests of each kind, in each segment and by each folder are the same, however they are divided."""
    kinds, folders = quantities["kind_times"], quantities["page_times"]

    def hits(atoms: Iterable[Atom]) -> list[int]:
        return [atom.unknowns["hits"] for atom in atoms]

    for kind in quantities["kinds"]:
        if kind.link[0] == "human":
            knowledge.equal("times of kinds", hits(one for one in kinds if one.link[0] is kind), 0, hits([kind]))
    views = [one for one in kinds if one.link[0].link == ("human", "page_view")]
    for number in {one.link[1] for one in kinds}:
        of_hours = hits(one for one in quantities[LATENCY] if segments.of(one.cells[0]) == number)
        knowledge.equal("times of hours", hits(one for one in kinds if one.link[1] == number), 0, of_hours)
        of_folders = hits(one for one in folders if one.link[1] == number)
        knowledge.equal("times of page views", of_folders, 0, hits(one for one in views if one.link[1] == number))
    for folder in {one.link[0] for one in folders} | {one.link[0] for one in quantities["pages"]}:
        viewed = [one.unknowns["page_views"] for one in quantities["pages"] if one.link[0] == folder]
        coming, going = (
            [one.unknowns["page_views"] for one in quantities["midnights"] if one.link == (way, folder)]
            for way in ("coming", "going")
        )
        times = hits(one for one in folders if one.link[0] == folder)
        knowledge.equal("times of pages", [*times, *going], 0, [*viewed, *coming])
