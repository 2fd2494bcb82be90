"""Many small sets of cells, folded by the definitions: what a solver bounds that knows the row of each cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from tests.attacks.bounds import Equations, Narrow, Question
from tests.reference import folding
from tests.reference.cells import Cell, Row, SiteDays, span_of
from tests.reference.folding import fold
from tests.reference.visits import Visit

SITE = "one.example"
FIRST_DAY = date(2026, 6, 22)
"""A Monday; the last days of a month begin a week later."""
K = 6


@dataclass
class Case:
    """Cells of `locations` and the days of their site; each visit is of another visitor."""

    cells: list[Cell]
    days: SiteDays


def random_case(seed: int) -> Case:
    """Up to nine days with few keys, most of which are rare; a key is of one region, of two countries or continents."""
    random = Random(seed)
    keys = [
        (f"continent-{number % 2}", f"country-{number % 4}", f"region-{number}")
        for number in range(random.choice((2, 3, 5, 8)))
    ]
    visitors: dict[date, set[Any]] = {}
    cells = []
    for number in range(random.choice((1, 2, 7, 9))):
        day = FIRST_DAY + timedelta(days=number)
        visitors[day] = set()
        for key in keys:
            count = random.choice((0, 0, 1, 2, 3, 5, 7, 14) if key != keys[0] else (K, 2 * K, 3 * K))
            if count:
                cell = Cell(span_of(day, "day"), key)
                for place in range(count):
                    client = SITE, f"{day} {key} {place}", None
                    visit = Visit(SITE, (SITE, client[1], ""), [], [])
                    cell.visits.add(visit)
                    cell.visitors.add(client)
                cells.append(cell)
                visitors[day] |= cell.visitors
    spans = dict.fromkeys(span_of(day, grain) for day in visitors for grain in ("week", "month"))
    return Case(cells, SiteDays(K, visitors, frozenset(span for span in spans if random.random() < 0.8)))


def narrow(case: Case, rows: list[Row]) -> list[Narrow]:
    """What a solver bounds too closely: cells, and sums of hidden cells by day, week, month and coarser key."""
    equations = Equations()
    unknown = {cell: equations.unknown(cell) for cell in case.cells}
    for row in rows:
        equations.equal({unknown[cell]: 1 for cell in row.cells}, sum(len(cell.visits) for cell in row.cells))
    for day in case.days.visitors:
        own = [cell for cell in case.cells if cell.day == day]
        # `visits` has the day's sum, unless the day is small.
        if own and not case.days.is_small(day):
            equations.equal({unknown[cell]: 1 for cell in own}, sum(len(cell.visits) for cell in own))
    known = equations.known()
    groups: dict[Any, list[Cell]] = defaultdict(list)
    for cell in case.cells:
        groups[cell].append(cell)
        if unknown[cell] in known:
            continue
        for grain in folding.GRAINS:
            span = span_of(cell.day, grain)
            for level in range(-1, 3):
                key = cell.key if level < 0 else folding.coarser_key("locations", cell.key, level)
                groups[span, key].append(cell)
    questions = [
        Question(f"{len(cells)} cells of {sum(len(cell.visits) for cell in cells)}", places, K / 2)
        for cells in groups.values()
        if 0 < sum(len(cell.visits) for cell in cells) < K
        for places in [tuple(sorted(unknown[cell] for cell in cells))]
    ]
    return equations.answer(questions).narrow


def cases() -> Iterator[tuple[Case, list[Row]]]:
    """The cases, folded."""
    for seed in range(400):
        case = random_case(seed)
        yield case, fold("locations", case.cells, case.days)


def test_no_small_set_of_cells_is_told() -> None:
    assert [seed for seed, (case, rows) in enumerate(cases()) if narrow(case, rows)] == []


@pytest.mark.parametrize(
    ("rules", "fewest"),
    [(("break_chains",), 3), (("rows_to_take_in",), 5), (("keep_sums", "break_chains"), 100)],
)
def test_without_a_rule_some_are(rules: tuple[str, ...], fewest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {
        "keep_sums": lambda cells, before, made, *_: made,
        "rows_to_take_in": lambda *_: [],
        "break_chains": lambda table, cells, rows, *_: rows,
    }
    for rule in rules:
        monkeypatch.setattr(folding, rule, kept[rule])
    assert len([None for case, rows in cases() if narrow(case, rows)]) >= fewest
