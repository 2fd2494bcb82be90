"""The attack with a solver: who knows all published tables and how they hang together, what can he compute?

Every true count is an unknown from 0 on. Equations say what a published row tells: the sum of its cells. More equations
say what tables share: the visits of a day are the sum over its locations, profiles, acquisitions and entry pages, the
hits of people the sum over hours, protocols, latency and status. The attacker is even told which cells there are and
which row tells each (`published`). Then each count that describes fewer than k visitors is bounded from below and from
above, and so are sums of hidden counts: the rest of every equation, and what is hidden below every key in every day,
week and month. An interval narrower than k/2 is a finding.

Cells that stand in the same equations can be exchanged for each other; they are one unknown, an *atom*.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from tests.attacks import lengths
from tests.attacks.bounds import Answers, Equations, Question
from tests.attacks.cells import PEOPLE, Cell, Truth
from tests.attacks.lengths import rows_of_lengths
from tests.attacks.profiles import all_profiles
from tests.attacks.published import GRAINS, LATENCY, Published, TellingRow, month_of, rows_with_cells, week_of
from tests.reference.measures import goal_measure

MEASURES: Final[Mapping[str, tuple[str, ...]]] = {
    "visits": ("visits", "page_views", "bounces", "duration_s", "fallback_visits", "cut_visits", "completions"),
    "locations": ("visits", "page_views", "bounces", "duration_s", "completions"),
    "profiles": ("visits", "page_views", "bounces", "duration_s", "completions"),
    "acquisitions": ("visits", "page_views", "bounces", "duration_s", "completions"),
    "pages": ("page_views", "visits", "entries", "exits", "bounces"),
    "searches": ("searches", "visits", "exits", "refined"),
    "errors": ("hits", "visits"),
    "downloads": ("hits", "visits", "partial"),
    "refused": ("hits",),
    "lengths": ("visits",),
    "cookie_audit": ("visits",),
    "goals": ("visits", "times"),
    "hours": ("hits", "page_views", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx"),
    "protocols": ("hits",),
    "kinds": ("hits",),
    "bots": ("hits",),
    "latency": ("hits",),
    "midnights": ("page_views",),
}
COUNTED_ONCE: Final = frozenset({"pages", "searches", "errors", "downloads", "cookie_audit", "goals"})
"""Quantities in whose cells one visit may stand several times, so that visits do not add up."""
AT_MOST: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "visits": (
        ("visits", "page_views"),
        ("bounces", "visits"),
        ("fallback_visits", "visits"),
        ("cut_visits", "visits"),
    ),
    "locations": (("visits", "page_views"), ("bounces", "visits"), ("completions", "visits")),
    "profiles": (("visits", "page_views"), ("bounces", "visits"), ("completions", "visits")),
    "acquisitions": (("visits", "page_views"), ("bounces", "visits"), ("completions", "visits")),
    "goals": (("visits", "times"),),
    "pages": (
        ("visits", "page_views"),
        ("entries", "visits"),
        ("exits", "visits"),
        ("bounces", "entries"),
        ("bounces", "exits"),
    ),
    "searches": (("visits", "searches"), ("exits", "visits"), ("refined", "visits")),
    "errors": (("visits", "hits"),),
    "downloads": (("visits", "hits"), ("partial", "hits")),
    "hours": (("page_views", "hits"),),
}
"""Pairs of measures of which the first is at most the second in every cell."""


@dataclass(frozen=True)
class Label:
    """What was bounded."""

    what: str
    measure: str
    day: date
    site: str
    visitors: int
    """How many people it is about."""
    count: int
    """The true count."""
    key: str

    def __str__(self) -> str:
        return (
            f"{self.what} {self.measure} of {self.day} {self.site}: {self.key}: {self.count} of {self.visitors} people"
        )


@dataclass
class Atom:
    """Cells of one day and site that stand in the same equations."""

    quantity: str
    day: date
    site: str
    link: Any
    """What decides in which sums over tables they are."""
    cells: list[Cell] = field(default_factory=list)
    unknowns: dict[str, int] = field(default_factory=dict)

    def people(self, measure: str) -> set[int]:
        """The visitors behind a measure."""
        return set().union(*(cell.people.get(measure, ()) for cell in self.cells))

    def count(self, measure: str) -> int:
        """The true count."""
        if measure == "visits" and self.quantity in COUNTED_ONCE and self.quantity != "cookie_audit":
            return len(set().union(*(cell.items for cell in self.cells)))
        return sum(cell.counts.get(measure, 0) for cell in self.cells)


@dataclass
class Result:
    """What the attack found, and how thoroughly it looked."""

    answers: Answers
    unknowns: int
    not_understood: Counter[str]
    """Published values, by table, that the truth does not explain; they were left out."""
    left_out: int
    """Questions left out of the sample."""

    def narrow(self) -> Counter[tuple[str, str]]:
        """How many findings there are, by what and measure: nothing of what a log says."""
        return Counter((one.label.what, one.label.measure) for one in self.answers.narrow)


def attack(
    db: Path, truth: Truth, k: int, most: int | None = None, *, structure: bool = True, knows_profiles: bool = True
) -> Result:
    """Find the counts of fewer than k visitors that the published file bounds to less than k/2.

    All questions are asked, or of each quantity at most `most`, chosen at random. With `structure` the attacker knows
    as well which measure is at most which (a visit has a page view). Without `knows_profiles` nobody has told him which
    versions of browsers and systems go together: all that are published may.
    """
    published = Published(db)
    if not knows_profiles:
        truth = replace(truth, cells={**truth.cells, "profiles": all_profiles(published, truth)})
    knowledge = _Knowledge(published, truth, k)
    knowledge.read_rows()
    knowledge.link_tables()
    if structure:
        knowledge.compare_measures()
    questions = list(knowledge.questions())
    drawn = random.Random(1)
    by_what: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_what[question.label.what].append(question)
    asked = [
        one
        for some in by_what.values()
        for one in (drawn.sample(some, most) if most is not None and len(some) > most else some)
    ]
    answers = knowledge.equations.answer(asked)
    size = len(knowledge.equations.names)
    return Result(answers, size, knowledge.not_understood, len(questions) - len(asked))


class _Knowledge:
    """Unknowns and equations."""

    def __init__(self, published: Published, truth: Truth, k: int) -> None:
        self.published, self.truth, self.k = published, truth, k
        self.equations = Equations()
        self.true: list[float] = []
        self.not_understood: Counter[str] = Counter()
        self.rows = rows_with_cells(published, truth, k)
        self.atoms: list[Atom] = []
        self.atom_of: dict[int, Atom] = {}
        rows_of: dict[int, list[int]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            for cell in row.cells:
                rows_of[id(cell)].append(number)
        ranges: dict[int, Any] = dict(self._latency_ranges())
        for number, _, cells in rows_of_lengths(published, truth):
            ranges |= {id(cell): (lengths.TABLE, number) for cell in cells}
        atoms: dict[Any, Atom] = {}
        for quantity, cells in truth.cells.items():
            for cell in cells:
                if quantity in _LINKS and _LINKS[quantity](cell) is None:
                    continue
                site, link = published.site_of(cell), _LINKS.get(quantity, _no_link)(cell)
                told = tuple(rows_of[id(cell)]), ranges.get(id(cell))
                atom = atoms.setdefault((quantity, cell.day, site, link, told), Atom(quantity, cell.day, site, link))
                atom.cells.append(cell)
                self.atom_of[id(cell)] = atom
        self.atoms = list(atoms.values())
        for atom in self.atoms:
            for measure in self.measures_of(atom.quantity):
                atom.unknowns[measure] = self.unknown((atom, measure), atom.count(measure))

    def measures_of(self, quantity: str) -> tuple[str, ...]:
        """The measures of a quantity, goals among them."""
        return (*MEASURES[quantity], *(self.truth.goals if quantity in _WITH_GOALS else ()))

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
        zeros = {
            name
            for row in self.rows
            for measure in row.view.measures
            if measure in row.row and row.row[measure] is None
            if not any(cell.counts.get(measure) for cell in row.cells)
            for name in self._sums_of(row, measure)
        }
        # Where a row of such a sum is told, zeros would be.
        zeros -= {
            name
            for row in self.rows
            for measure in row.view.measures
            if row.view.table != "traffic" and row.row.get(measure) is not None
            for name in self._sums_of(row, measure)
        }
        for row in self.rows:
            atoms = list({id(atom): atom for cell in row.cells if (atom := self.atom_of.get(id(cell)))}.values())
            for measure in row.view.measures:
                value = row.row.get(measure)
                if value is None:
                    # Where zeros are untold, too, NULL does not mean that there are some.
                    if not zeros.intersection(self._sums_of(row, measure)):
                        self._read_untold(row, atoms, measure)
                    continue
                if not row.is_exact():
                    self._read_rounded(row, atoms, measure, value)
                elif measure == "visits" and row.view.counts_visits_once:
                    self._read_visits(row, atoms, value)
                else:
                    self.equal(row.view.table, [atom.unknowns[measure] for atom in atoms], value)
        self._read_latency()
        for _, length, cells in rows_of_lengths(self.published, self.truth):
            of_row = {id(atom): atom for cell in cells for atom in [self.atom_of[id(cell)]]}
            self.equal(lengths.TABLE, [atom.unknowns["visits"] for atom in of_row.values()], length["visits"])

    def _sums_of(self, row: TellingRow, measure: str) -> list[tuple[Any, ...]]:
        """Names the sums of a measure over a day (week, month) that a row is part of."""
        first, others = row.row["day"], (row.view.table, row.row["site"], row.row.get("traffic_class"), measure)
        spans = ("day", first), week_of(first), month_of(first)
        begin = GRAINS.index(row.row.get("grain", "day"))
        return [(*span, *others) for span in (spans[begin:] if "grain" in row.row else spans[:1])]

    def _read_untold(self, row: TellingRow, atoms: list[Atom], measure: str) -> None:
        """What is NULL in a row is not zero, unless nothing is told of the day."""
        if measure in row.row and any(row.row.get(other) is not None for other in ("visits", "hits")):
            self.at_most([], -1, [atom.unknowns[measure] for atom in atoms])

    def _read_rounded(self, row: TellingRow, atoms: list[Atom], measure: str, value: int) -> None:
        """What is rounded half up to a multiple of k. Of visits, each of which counts once, that tells nothing more."""
        if measure == "visits":
            return
        unknowns = [atom.unknowns[measure] for atom in atoms]
        if abs(sum(self.true[one] for one in unknowns) - value) > self.k / 2:
            self.not_understood[row.view.table] += 1
        self.at_most(unknowns, value + (self.k - 1) // 2)
        self.at_most([], self.k // 2 - value, unknowns)

    def _read_visits(self, row: TellingRow, atoms: list[Atom], value: int) -> None:
        """Visits of a row in which each counts once: at least those of any atom, at most those of all."""
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
        if row.view.table in ("errors", "downloads") and len(by_day) > 1:
            # A visit over midnight may meet errors, or fetch files, on both days.
            for one in sums:
                self.at_most([one], value)
            self.at_most([], -value, sums)
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
        """The number of the row of `latency` that tells each cell."""
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

    # --- sums that tables share ---

    def link_tables(self) -> None:
        """What tables have in common, day by day."""
        of_day: dict[tuple[date, str], dict[str, list[Atom]]] = defaultdict(lambda: defaultdict(list))
        for atom in self.atoms:
            of_day[atom.day, atom.site][atom.quantity].append(atom)
        machines = self._machine_hits()
        told = {(row["day"], row["site"], row["traffic_class"]) for row in self.published.tables["traffic"]}
        hits_of_days = {(row["day"], row["site"]): row["hits"] for row in self.published.tables["days"]}
        for day, quantities in list(of_day.items()):
            whole = quantities["visits"]
            for quantity, part, total in _SUMS_OF_VISITS:
                if not quantities[quantity] or not whole:
                    continue
                self.equal(
                    f"visits.{total}",
                    [atom.unknowns[part] for atom in quantities[quantity]],
                    0,
                    [atom.unknowns[total] for atom in whole],
                )
            self._link_goals(quantities["goals"], whole)
            self._link_lengths(quantities["lengths"], whole)
            for quantity in _WITH_GOALS:
                for measure in self.truth.goals if quantities[quantity] else ():
                    reached = [atom.unknowns["visits"] for atom in quantities["goals"] if _goal_of(atom) == measure]
                    parts = [atom.unknowns[measure] for atom in quantities[quantity]]
                    self.equal(f"{quantity} of goals", parts, 0, reached)
            hours = quantities["hours"]
            if day in hits_of_days:
                # Hits of a class of few people are in no table of their day.
                people = [atom.unknowns["hits"] for atom in hours if (*day, atom.link[1]) in told]
                self.equal("days.hits", people, hits_of_days[day] - machines[day]["hits"])
            for link in {atom.link for atom in hours}:
                of_hour = [atom.unknowns["hits"] for atom in hours if atom.link == link]
                if self.truth.timed and quantities[LATENCY]:
                    timed = [atom.unknowns["hits"] for atom in quantities[LATENCY] if atom.link == link]
                    self.equal("latency of hours", timed, 0, of_hour)
            for traffic_class in PEOPLE:
                of_class = [atom.unknowns["hits"] for atom in hours if atom.link[1] == traffic_class]
                for quantity in ("protocols", "kinds", "bots"):
                    parts = [a.unknowns["hits"] for a in quantities[quantity] if a.link[0] == traffic_class]
                    if parts:
                        self.equal(f"{quantity} of classes", parts, 0, of_class)
            self._link_views(quantities, of_day[(day[0] + timedelta(days=1), day[1])]["midnights"])
            files = [atom.unknowns["hits"] for atom in quantities["kinds"] if atom.link == ("human", "download")]
            parts = [atom.unknowns["hits"] for name in ("downloads", "refused") for atom in quantities[name]]
            if files:
                self.equal("downloads of kinds", parts, 0, files)
            for hundred in (4, 5):
                measure = f"hits_{hundred}xx"
                if not quantities["errors"]:
                    continue
                errors = {
                    who: [a.unknowns["hits"] for a in quantities["errors"] if a.link == (hundred, who)]
                    for who in (*PEOPLE, "machines")
                }
                for who in PEOPLE:
                    of_class = [atom.unknowns[measure] for atom in hours if atom.link[1] == who]
                    self.equal("errors of people", errors[who], 0, of_class)
                self.equal("errors of machines", errors["machines"], machines[day][measure])
        everybody = [atom.unknowns["hits"] for atom in self.atoms if atom.quantity == "hours"]
        books = [row["hits"] for row in self.published.tables["inputs"]]
        if everybody and None not in books:
            self.equal("inputs.hits", everybody, sum(books) - sum(one["hits"] for one in machines.values()))

    def _link_lengths(self, buckets: list[Atom], whole: list[Atom]) -> None:
        """Each measure has all visits; those of one page view are the bounces."""
        if not buckets:
            return
        for measure in ("page_views", "duration_s"):
            parts = [atom.unknowns["visits"] for atom in buckets if atom.link[0] == measure]
            self.equal(lengths.TABLE, parts, 0, [atom.unknowns["visits"] for atom in whole])
        bounced = [atom.unknowns["visits"] for atom in buckets if atom.link == ("page_views", True)]
        self.equal(f"bounces of {lengths.TABLE}", bounced, 0, [atom.unknowns["bounces"] for atom in whole])

    def _link_views(self, quantities: Mapping[str, list[Atom]], next_midnights: list[Atom]) -> None:
        """Page views by hour and by kind are those of visits, and what comes over a midnight less what goes."""
        viewed = [atom.unknowns["page_views"] for atom in quantities["hours"] if atom.link[1] == "human"]
        coming, going, coming_next = (
            [atom.unknowns["page_views"] for atom in atoms if atom.link == way]
            for way, atoms in (
                ("coming", quantities["midnights"]),
                ("going", quantities["midnights"]),
                ("coming", next_midnights),
            )
        )
        if quantities["visits"] and quantities["hours"]:
            of_visits = [atom.unknowns["page_views"] for atom in quantities["visits"]]
            self.equal("page views by hour", [*viewed, *going], 0, [*of_visits, *coming])
        of_kinds = [atom.unknowns["hits"] for atom in quantities["kinds"] if atom.link == ("human", "page_view")]
        if of_kinds:
            self.equal("page views by kind", of_kinds, 0, viewed)
        if going and sum(self.true[one] for one in going) == sum(self.true[one] for one in coming_next):
            # No visit goes on over a second midnight.
            self.equal("midnights", going, 0, coming_next)

    def _link_goals(self, goals: list[Atom], whole: list[Atom]) -> None:
        """The visits that reached some goal are at least those of each goal, and at most those of all."""
        if whole:
            completions = [atom.unknowns["completions"] for atom in whole]
            for atom in goals:
                self.at_most([atom.unknowns["visits"]], 0, completions)
            self.at_most(completions, 0, [atom.unknowns["visits"] for atom in goals])

    def _machine_hits(self) -> dict[tuple[date, str], Counter[str]]:
        """The published hits of those who are no people, by day and site."""
        sums: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
        for row in self.published.tables["traffic"]:
            if row["traffic_class"] not in PEOPLE:
                for measure in ("hits", "hits_4xx", "hits_5xx"):
                    sums[row["day"], row["site"]][measure] += row[measure]
        return sums

    def compare_measures(self) -> None:
        """Which measure of a cell is at most which."""
        for atom in self.atoms:
            for smaller, larger in AT_MOST.get(atom.quantity, ()):
                self.at_most([atom.unknowns[smaller]], 0, [atom.unknowns[larger]])
            if atom.quantity in _WITH_GOALS:
                goals = [atom.unknowns[measure] for measure in self.truth.goals]
                for one in goals:
                    self.at_most([one], 0, [atom.unknowns[_WITH_GOALS[atom.quantity]]])
                if atom.quantity == "acquisitions":
                    self.at_most([atom.unknowns["completions"]], 0, goals)
            if atom.quantity == "hours":
                parts = [atom.unknowns[f"hits_{hundred}xx"] for hundred in (2, 3, 4, 5)]
                self.at_most(parts, 0, [atom.unknowns["hits"]])

    # --- questions ---

    def questions(self) -> Iterable[Question]:
        """Every count and every hidden sum of fewer than k visitors."""
        asked: set[tuple[int, ...]] = set()
        for what, measure, key, atoms in self._sums():
            unknowns = tuple(sorted({atom.unknowns[measure] for atom in atoms}))
            if not unknowns or unknowns in asked:
                continue
            asked.add(unknowns)
            visitors = set().union(*(atom.people(measure) for atom in atoms))
            if 0 < len(visitors) < self.k:
                count = sum(atom.count(measure) for atom in atoms)
                first = atoms[0]
                label = Label(what, measure, first.day, first.site, len(visitors), count, key)
                yield Question(label, unknowns, self.k / 2)

    def _sums(self) -> Iterable[tuple[str, str, str, list[Atom]]]:
        """What to bound: what it is, a measure, a key and atoms."""
        longer = Counter((one.day, one.site) for one in self.atoms if one.link == _LONGER)
        for atom in self.atoms:
            if atom.link == _LONGER and longer[atom.day, atom.site] == 1:
                # All visits that are no bounces: what a measure leaves of its own row is no cell.
                continue
            for measure in self.measures_of(atom.quantity):
                first = atom.cells[0]
                key = f"{first.key}" + (f" and {len(atom.cells) - 1} more" if len(atom.cells) > 1 else "")
                yield atom.quantity, measure, key, [atom]
        known = self.equations.known()
        for unknowns in self.equations.sums():
            named = [self.equations.names[one] for one in unknowns if one not in known]
            atoms = [name for name, _ in named if isinstance(name, Atom)]
            if len(atoms) == len(named) > 1:
                yield f"rest of a sum of {atoms[0].quantity}", named[0][1], "", atoms
        groups: dict[Any, dict[int, Atom]] = defaultdict(dict)
        for view in self.published.views:
            for atom in self.atoms:
                if atom.quantity != view.quantity or not all(view.shows(cell) for cell in atom.cells):
                    continue
                keys = [set(view.coarser(cell.key)) for cell in atom.cells]
                for common in set.intersection(*keys):
                    for span in (("day", atom.day), week_of(atom.day), month_of(atom.day)):
                        groups[view.table, common, span, atom.site][id(atom)] = atom
        for (table, group, span, _), of_group in groups.items():
            view = next(one for one in self.published.views if one.table == table)
            for measure in view.measures:
                if measure == "visits" and view.counts_visits_once:
                    continue
                hidden = [atom for atom in of_group.values() if atom.unknowns[measure] not in known]
                if len(hidden) > 1:
                    yield f"hidden of {table} by {span[0]}", measure, str(group), hidden


_BOTH: Final = ("visits", "page_views")
_SUMS_OF_VISITS: Final = (
    *(
        (quantity, part, part)
        for quantity in ("locations", "profiles", "acquisitions")
        for part in ("visits", "page_views", "bounces", "duration_s", "completions")
    ),
    ("pages", "page_views", "page_views"),
    ("pages", "entries", "visits"),
    ("pages", "exits", "visits"),
    ("pages", "bounces", "bounces"),
)
"""A quantity, its measure, and the measure of `visits` that it adds up to."""


_WITH_GOALS: Final[Mapping[str, str]] = {"acquisitions": "completions", "pages": "entries"}
"""Quantities whose cells count the visits that reached each goal, and the measure that these are at most."""


def _goal_of(atom: Atom) -> str:
    """The measure of the goal that cells of `goals` are about."""
    return goal_measure(atom.link)


_LONGER: Final = ("page_views", False)
"""The link of visits of two page views or more."""


def _no_link(_: Cell) -> Any:
    return ()


def _of_people(value: Any, traffic_class: str) -> Any:
    return value if traffic_class in PEOPLE else None


_KINDS_ELSEWHERE: Final = ("download", "page_view")
"""Kinds of which other tables tell something."""
_LINKS: Final[Mapping[str, Callable[[Cell], Any]]] = {
    "hours": lambda cell: _of_people(cell.key, cell.key[1]),
    "protocols": lambda cell: _of_people(cell.key[1:], cell.key[1]),
    "kinds": lambda cell: _of_people(
        (cell.key[1], cell.key[0] if cell.key[0] in _KINDS_ELSEWHERE else ""), cell.key[1]
    ),
    "bots": lambda cell: _of_people(cell.key[:1], cell.key[0]),
    "latency": lambda cell: _of_people(cell.key[:2], cell.key[1]),
    "errors": lambda cell: (cell.key[0] // 100, cell.key[2]),
    "goals": lambda cell: cell.key[0],
    "midnights": lambda cell: cell.key[0],
    "lengths": lambda cell: (cell.key[0], cell.key == ("page_views", 1)),
}
"""What decides in which sums over tables a cell is; None leaves it out, as it describes no people."""
