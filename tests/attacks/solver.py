"""The attack with a solver: what can be computed by somebody who knows all published tables and how they are connected?

Every true count is an unknown from 0 on. A published row is an equation: the sum of its cells. More equations say what
tables share: the visits of a day are the sum over its locations, profiles, acquisitions and entry pages, the hits of
people the sum over hours, protocols, latency and status. The attacker even knows which cells there are and the row of
each (`published`). Then each count that describes fewer than k visitors is bounded from below and from
above, and so are sums of hidden counts: the rest of every equation, and what is hidden below every key in every day,
week and month. An interval narrower than k/2 is a finding.

The unknowns are in `atoms`, what is known of them in `knowledge` and `links`; here it is asked what follows.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from tests.attacks.atoms import LONGER, Atom
from tests.attacks.bounds import Answers, Question
from tests.attacks.cells import Truth
from tests.attacks.knowledge import Knowledge
from tests.attacks.links import link_tables
from tests.attacks.pairs import add_pairs
from tests.attacks.profiles import all_profiles
from tests.attacks.published import Published
from tests.attacks.times import Segments, add_times, all_times
from tests.attacks.views import month_of, week_of


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
    db: Path,
    truth: Truth,
    k: int,
    most: int | None = None,
    *,
    structure: bool = True,
    knows_profiles: bool = True,
    knows_search_pages: bool = False,
    knows_pairs: bool = True,
    pair_days: Collection[date] | None = None,
    knows_times: bool = True,
    time_days: Collection[date] | None = None,
    earlier: Path | None = None,
    compares_bounces: bool = True,
) -> Result:
    """Find the counts of fewer than k visitors that the published file bounds to less than k/2.

    All questions are asked, or of each quantity at most `most`, chosen at random. With `structure` the attacker knows
    as well which measure is at most which (a visit has a page view). Without `knows_profiles` he does not know which
    versions of browsers and systems go together: all that are published may. With `knows_search_pages` he knows which
    pages show results of searches. Without `knows_pairs` he does not look at pairs of pages; with `pair_days` he looks
    at those of these days alone. `knows_times` and `time_days` are the same for request times by kind and folder.
    `earlier` is the file of a night before, which is known as well. Without `compares_bounces` he does not know that
    the bounces of a page are entries and exits.
    """
    published = Published(db)
    if not knows_profiles:
        truth = replace(truth, cells={**truth.cells, "profiles": all_profiles(published, truth)})
    segments = Segments(published, truth, time_days if knows_times else ())
    truth = replace(truth, cells=truth.cells | all_times(truth, segments))
    knowledge = Knowledge(
        published,
        truth,
        k,
        knows_search_pages=knows_search_pages,
        segment_of=segments.of,
        earlier=Published(earlier) if earlier is not None else None,
        compares_bounces=compares_bounces,
    )
    knowledge.read_rows()
    if knows_pairs:
        add_pairs(knowledge, pair_days)
    if knows_times:
        add_times(knowledge, segments)
    link_tables(knowledge)
    if structure:
        knowledge.compare_measures()
    questions = list(questions_of(knowledge))
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


def questions_of(knowledge: Knowledge) -> Iterable[Question]:
    """Every count and every hidden sum of fewer than k visitors."""
    asked: set[tuple[int, ...]] = set()
    for what, measure, key, atoms in _sums(knowledge):
        unknowns = tuple(sorted({atom.unknowns[measure] for atom in atoms}))
        if not unknowns or unknowns in asked or knowledge.no_cells.issuperset(unknowns):
            continue
        asked.add(unknowns)
        visitors = set().union(*(atom.people(measure) for atom in atoms))
        if 0 < len(visitors) < knowledge.k:
            count = sum(atom.count(measure) for atom in atoms)
            first = atoms[0]
            label = Label(what, measure, first.day, first.site, len(visitors), count, key)
            yield Question(label, unknowns, knowledge.k / 2)


def _sums(knowledge: Knowledge) -> Iterable[tuple[str, str, str, list[Atom]]]:
    """What to bound: what it is, a measure, a key and atoms."""
    longer = Counter((one.day, one.site) for one in knowledge.atoms if one.link == LONGER)
    for atom in knowledge.atoms:
        if atom.link == LONGER and longer[atom.day, atom.site] == 1:
            # All visits that are no bounces: what a measure leaves of its own row is no cell.
            continue
        for measure in knowledge.measures_of(atom.quantity):
            first = atom.cells[0]
            key = f"{first.key}" + (f" and {len(atom.cells) - 1} more" if len(atom.cells) > 1 else "")
            yield atom.quantity, measure, key, [atom]
    known = knowledge.equations.known()
    for unknowns in knowledge.equations.sums():
        named = [knowledge.equations.names[one] for one in unknowns if one not in known]
        atoms = [name for name, _ in named if isinstance(name, Atom)]
        if len(atoms) == len(named) > 1:
            yield f"rest of a sum of {atoms[0].quantity}", named[0][1], "", atoms
    yield from knowledge.groups
    groups: dict[Any, dict[int, Atom]] = defaultdict(dict)
    for view in knowledge.published.views:
        for atom in knowledge.atoms:
            if atom.quantity != view.quantity or not all(view.shows(cell) for cell in atom.cells):
                continue
            keys = [set(view.coarser(cell.key)) for cell in atom.cells]
            for common in set.intersection(*keys):
                for span in (("day", atom.day), week_of(atom.day), month_of(atom.day)):
                    groups[view.table, common, span, atom.site][id(atom)] = atom
    for (table, group, span, _), of_group in groups.items():
        view = next(one for one in knowledge.published.views if one.table == table)
        for measure in view.measures:
            if measure == "visits" and view.counts_visits_once:
                continue
            hidden = [atom for atom in of_group.values() if atom.unknowns[measure] not in known]
            if len(hidden) > 1:
                yield f"hidden of {table} by {span[0]}", measure, str(group), hidden
