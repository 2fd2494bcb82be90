"""What the attack with a solver knows of single tables: every true count is an unknown, and rows have their sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from tests.attacks import lengths
from tests.attacks.atoms import AT_MOST, LINKED_BY_ATOMS, LINKS, MEASURES, WITH_GOALS, Atom, no_link
from tests.attacks.bounds import Equations
from tests.attacks.cells import PEOPLE, Cell, Truth
from tests.attacks.lengths import rows_of_lengths
from tests.attacks.lowered import rows_cut_by_visits, rows_that_may_be_lower
from tests.attacks.published import Published, RowWithCells, rows_with_cells
from tests.attacks.views import GRAINS, LATENCY, month_of, week_of


class Knowledge:
    """Unknowns and equations."""

    def __init__(
        self,
        published: Published,
        truth: Truth,
        k: int,
        *,
        knows_search_pages: bool = False,
        segment_of: Callable[[Cell], int] = lambda _: -1,
        earlier: Published | None = None,
        compares_bounces: bool = True,
    ) -> None:
        self.published, self.truth, self.k = published, truth, k
        self.knows_search_pages = knows_search_pages
        self.compares_bounces = compares_bounces
        """Whether it is known that bounces of a page are entries and exits."""
        self.equations = Equations()
        self.true: list[float] = []
        self.not_understood: Counter[str] = Counter()
        self.rows = rows_with_cells(published, truth, k)
        self.earlier_rows = rows_with_cells(earlier, truth, k) if earlier is not None else []
        """Those of a file of a night before: day by day the same, in place of what a week tells."""
        self.atoms: list[Atom] = []
        self.atom_of: dict[int, Atom] = {}
        rows_of: dict[int, list[int]] = defaultdict(list)
        for number, row in enumerate((*self.rows, *self.earlier_rows)):
            for cell in row.cells:
                rows_of[id(cell)].append(number)
        ranges: dict[int, Any] = dict(self._latency_ranges())
        for number, _, cells in rows_of_lengths(published, truth):
            ranges |= {id(cell): (lengths.TABLE, number) for cell in cells}
        atoms: dict[Any, Atom] = {}
        for quantity, cells in truth.cells.items():
            for cell in cells:
                if quantity in LINKED_BY_ATOMS or (quantity in LINKS and LINKS[quantity](cell) is None):
                    continue
                site, link = published.site_of(cell), LINKS.get(quantity, no_link)(cell)
                if not truth.timed and quantity in ("pages", "midnights"):
                    # Nothing is published about folders.
                    link = (link[0], "") if quantity == "midnights" else ("", link[1])
                place = tuple(rows_of[id(cell)]), ranges.get(id(cell)), segment_of(cell) if quantity == LATENCY else -1
                atom = atoms.setdefault((quantity, cell.day, site, link, place), Atom(quantity, cell.day, site, link))
                atom.cells.append(cell)
                self.atom_of[id(cell)] = atom
        self.groups: list[tuple[str, str, str, list[Atom]]] = []
        """More sums to bound: what, measure, key and atoms."""
        self.no_cells: set[int] = set()
        """Unknowns that are asked for in sums with others alone."""
        self.add(atoms.values())

    def add(self, atoms: Iterable[Atom]) -> None:
        """Add atoms, and an unknown for each measure."""
        for atom in atoms:
            self.atoms.append(atom)
            for measure in self.measures_of(atom.quantity):
                atom.unknowns[measure] = self.unknown((atom, measure), atom.count(measure))

    def measures_of(self, quantity: str) -> tuple[str, ...]:
        """The measures of a quantity, goals among them."""
        return (*MEASURES[quantity], *(self.truth.goals if quantity in WITH_GOALS else ()))

    def unknown(self, name: Any, true: float) -> int:
        """Add an unknown with its true value."""
        self.true.append(true)
        return self.equations.unknown(name)

    def equal(self, source: str, terms: Iterable[int], value: float, minus: Iterable[int] = ()) -> bool:
        """A sum of unknowns, less others, is a value. What contradicts the truth is counted and left out."""
        coefficients: dict[int, float] = defaultdict(float)
        for sign, unknowns in ((1, terms), (-1, minus)):
            for one in unknowns:
                coefficients[one] += sign
        if abs(sum(factor * self.true[one] for one, factor in coefficients.items()) - value) > 0.5:
            self.not_understood[source] += 1
            return False
        if coefficients:
            self.equations.equal(coefficients, value)
        return True

    def at_most(self, terms: Iterable[int], value: float, minus: Iterable[int] = ()) -> None:
        """A sum of unknowns, less others, is at most a value, if that is true."""
        coefficients = dict.fromkeys(terms, 1.0) | dict.fromkeys(minus, -1.0)
        if sum(factor * self.true[one] for one, factor in coefficients.items()) <= value:
            self.equations.at_most(coefficients, value)

    # --- rows ---

    def read_rows(self) -> None:
        """What the published rows say."""
        for rows in (self.rows, self.earlier_rows):
            self._read_version(rows)
        self._read_latency()
        for _, length, cells in rows_of_lengths(self.published, self.truth):
            of_row = {id(atom): atom for cell in cells for atom in [self.atom_of[id(cell)]]}
            self.equal(lengths.TABLE, [atom.unknowns["visits"] for atom in of_row.values()], length["visits"])

    def _read_version(self, rows: Sequence[RowWithCells]) -> None:
        """What the rows of one file say."""
        zeros = {
            name
            for row in rows
            for measure in row.view.measures
            if measure in row.row and row.row[measure] is None
            if not any(cell.counts.get(measure) for cell in row.cells)
            for name in self._sums_of(row, measure)
        }
        # Where a row of such a sum has a value, zeros would be published too.
        zeros -= {
            name
            for row in rows
            for measure in row.view.measures
            if row.view.table != "traffic" and row.row.get(measure) is not None
            for name in self._sums_of(row, measure)
        }
        lower = rows_that_may_be_lower(rows, self.truth, self.k)
        cut = rows_cut_by_visits(rows, self.k)
        for row in rows:
            atoms = list({id(atom): atom for cell in row.cells if (atom := self.atom_of.get(id(cell)))}.values())
            for measure in row.view.measures:
                value = row.row.get(measure)
                if value is None:
                    # Where zeros are hidden too, NULL does not mean that there are some.
                    if not zeros.intersection(self._sums_of(row, measure)):
                        self._read_null(row, atoms, measure)
                    continue
                if not row.is_exact():
                    less = self.k if id(row) in lower and (measure == "hits" or value == row.row["hits"]) else 0
                    if measure == "visits":
                        self._read_visits(row, atoms, value, max(less, self.k if id(row) in cut else 0))
                    else:
                        self._read_rounded(row, atoms, measure, value, less)
                elif measure == "visits" and row.view.counts_visits_once:
                    self._read_visits(row, atoms, value)
                else:
                    self.equal(row.view.table, [atom.unknowns[measure] for atom in atoms], value)

    def _sums_of(self, row: RowWithCells, measure: str) -> list[tuple[Any, ...]]:
        """Names the sums of a measure over a day (week, month) that a row is part of."""
        first, others = row.row["day"], (row.view.table, row.row["site"], row.row.get("traffic_class"), measure)
        spans = ("day", first), week_of(first), month_of(first)
        begin = GRAINS.index(row.row.get("grain", "day"))
        return [(*span, *others) for span in (spans[begin:] if "grain" in row.row else spans[:1])]

    def _read_null(self, row: RowWithCells, atoms: list[Atom], measure: str) -> None:
        """What is NULL in a row is not zero, unless all of the day is hidden."""
        if measure in row.row and any(row.row.get(other) is not None for other in ("visits", "hits")):
            self.at_most([], -1, [atom.unknowns[measure] for atom in atoms])

    def _read_rounded(self, row: RowWithCells, atoms: list[Atom], measure: str, value: int, less: int) -> None:
        """What is rounded half up to a multiple of k, or may be so much `less`."""
        unknowns = [atom.unknowns[measure] for atom in atoms]
        if not -self.k / 2 <= sum(self.true[one] for one in unknowns) - value <= self.k / 2 + less:
            self.not_understood[row.view.table] += 1
        self.at_most(unknowns, value + (self.k - 1) // 2 + less)
        self.at_most([], self.k // 2 - value, unknowns)

    def _read_visits(self, row: RowWithCells, atoms: list[Atom], value: int, less: int | None = None) -> None:
        """Visits of a row in which each counts once: at least those of any atom, at most those of all.

        Where they are rounded, they may be so much `less` than is nearest.
        """
        by_day: dict[date, list[Atom]] = defaultdict(list)
        for atom in atoms:
            by_day[atom.day].append(atom)
        sums = []
        for of_day in by_day.values():
            parts = [atom.unknowns["visits"] for atom in of_day]
            if len(parts) == 1:
                sums += parts
                continue
            true = len(set().union(*(cell.items for atom in of_day for cell in atom.cells)))
            whole = self.unknown((row.name, "visits"), true)
            for part in parts:
                self.at_most([part], 0, [whole])
            self.at_most([whole], 0, parts)
            sums.append(whole)
        most, least = (value, value) if less is None else (value + (self.k - 1) // 2 + less, value - self.k // 2)
        if less is not None and not least <= len({one for cell in row.cells for one in cell.items}) <= most:
            self.not_understood[row.view.table] += 1
        if less is not None or (row.view.table in ("errors", "downloads") and len(by_day) > 1):
            # A visit over midnight may meet errors, or fetch files, on both days.
            for one in sums:
                self.at_most([one], most)
            self.at_most([], -least, sums)
        else:
            self.equal(row.view.table, sums, value)

    # --- latency: rows are ranges of request times ---

    def _latency_rows(self) -> list[tuple[Any, ...]]:
        return [
            (row["day"], row["site"], row["hour"], row["traffic_class"], row.get("from_ms"), row["bucket_ms"], row)
            for row in self.published.tables.get(LATENCY, [])
            if row["traffic_class"] in PEOPLE
        ]

    def _latency_ranges(self) -> dict[int, int]:
        """The number of each cell's row of `latency`."""
        by_hour: dict[Any, list[tuple[float, float, int]]] = defaultdict(list)
        for number, (day, site, hour, traffic_class, begin, end, _) in enumerate(self._latency_rows()):
            begin = end - 1e-9 if begin is None else begin
            by_hour[day, site, hour, traffic_class].append((begin, end, number))
        found = {}
        for cell in self.truth.cells.get(LATENCY, []):
            hour, traffic_class, edge = cell.key
            site = self.published.site_of(cell)
            ranges = by_hour.get((cell.day, site, hour, traffic_class))
            if ranges is None:
                ranges = by_hour.get((cell.day, site, None, traffic_class), [])
            for begin, end, number in ranges:
                if begin < edge <= end:
                    found[id(cell)] = number
        return found

    def _read_latency(self) -> None:
        rows = self._latency_rows()
        members: dict[int, dict[int, Atom]] = defaultdict(dict)
        for cell_id, number in self._latency_ranges().items():
            atom = self.atom_of[cell_id]
            members[number][id(atom)] = atom
        for number, (*_, row) in enumerate(rows):
            self.equal(LATENCY, [atom.unknowns["hits"] for atom in members[number].values()], row["hits"])

    def compare_measures(self) -> None:
        """Which measure of a cell is at most which."""
        for atom in self.atoms:
            for smaller, larger in AT_MOST.get(atom.quantity, ()):
                if larger in ("entries", "exits") and not self.compares_bounces:
                    continue
                self.at_most([atom.unknowns[smaller]], 0, [atom.unknowns[larger]])
            if atom.quantity in WITH_GOALS:
                goals = [atom.unknowns[measure] for measure in self.truth.goals]
                for one in goals:
                    self.at_most([one], 0, [atom.unknowns[WITH_GOALS[atom.quantity]]])
                if atom.quantity == "acquisitions":
                    self.at_most([atom.unknowns["completions"]], 0, goals)
            if atom.quantity == "hours":
                parts = [atom.unknowns[f"hits_{hundred}xx"] for hundred in (2, 3, 4, 5)]
                self.at_most(parts, 0, [atom.unknowns["hits"]])
