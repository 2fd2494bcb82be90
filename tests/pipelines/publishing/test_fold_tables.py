"""Small groups are folded as the definitions say: random cells by themselves, and whole runs on small sites."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import numpy as np
import pytest

from footfall.pipelines.publishing import fold_cells, hide_measures, hide_parts
from footfall.pipelines.publishing.fold_cells import Cells
from footfall.pipelines.publishing.fold_tables import place_cells, sum_rows
from footfall.pipelines.publishing.hide_in_sets import Before, Sums, sums_of_days
from footfall.pipelines.publishing.measures import Measure
from footfall.pipelines.publishing.place_rows import Placed
from footfall.transforms.arrays import Codes
from footfall.transforms.tables.declaring import Table
from footfall.transforms.tables.published import TABLES, TABLES_BY_NAME
from footfall.transforms.visits.visit_rows import ASIDE, FIRST_GOAL
from footfall.transforms.vocabulary import OTHER
from tests.commands import log_line
from tests.reference import ReferenceSettings, compute
from tests.reference.cells import GRAINS, OWN_DAYS, Cell, Row, SiteDays, Span, own_days, span_of
from tests.reference.folded_tables import add_known
from tests.reference.folding import File, fold_files, rounded_visits
from tests.reference.goals import ReferenceGoal
from tests.reference.levels import COLUMNS, CROSSED, LEVELS, WITHIN, Key, coarser_key, rest_key
from tests.reference.measures import (
    DIVIDED,
    SUMMED_BY_VISITS,
    close_few_of_days,
    goal_measure,
    hide_all,
)
from tests.reference.visits import Client, Visit
from tests.running import Rows, compare, publish_logs, published_tables, read_published
from tests.small_groups_logs import small_site

SITE = "one.example"
FIRST_DAY = date(2026, 6, 22)
"""A Monday; the week that begins on 29 June is cut by the end of the month."""
FOLDED = tuple(COLUMNS)
WITH_ITEMS = ("pages", "searches", "errors", "broken_links", "downloads", "cookie_audit", "goals")
"""Tables in which one visit may stand in several rows."""
GOALS = ("first", "second")
Found = Counter[tuple[Any, ...]]


def person(number: int) -> Client:
    return SITE, f"client {number}", None


def some_visit() -> Visit:
    """A visit of which nothing matters but that it is one."""
    return Visit(SITE, (SITE, "cookie", ""), [], [])


# --- random cells ---


@dataclass
class Case:
    """Cells of one site and its days."""

    table: str
    cells: list[Cell]
    days: SiteDays
    beside: list[Cell] = field(default_factory=list)
    """What the rows within which the table is told have beside it."""


def random_case(table: str, seed: int) -> Case:
    """Some weeks of a site: frequent and rare keys, people who come again, large, small and empty days."""
    random = Random(f"{table} {seed}")
    k = random.choice((2, 3, 5, 10))
    crowd = [person(number) for number in range(random.choice((2 * k, 6 * k, 20 * k)))]
    # On some sites nearly all visits are bounces.
    share = random.choice((0.4, 0.4, 0.97))
    visitors: dict[date, set[Client]] = {}
    cells: dict[tuple[date | Span, Key], Cell] = {}
    for number in range(random.choice((1, 9, 16))):
        day = FIRST_DAY + timedelta(days=number)
        visitors[day] = set()
        for _ in range(random.choice((0, k // 2, 2 * k, 2 * k, 5 * k))):
            client, visit = random.choice(crowd), some_visit()
            visitors[day].add(client)
            for _ in range(random.choice((1, 1, 2, 4)) if table in WITH_ITEMS else 1):
                key = tuple(some_value(random, column) for column in COLUMNS[table])
                add(random, cells.setdefault((day, key), Cell(span_of(day, "day"), key)), client, visit, share)
        if table in ("errors", "broken_links", "downloads"):
            # People without a visit, and visits whose page view came from another client.
            for _ in range(random.randrange(2 * k)):
                key = tuple(some_value(random, column) for column in COLUMNS[table])
                cell = cells.setdefault((day, key), Cell(span_of(day, "day"), key))
                cell.visitors.add(random.choice(crowd))
                cell.measures["hits"] += 1
    spans = dict.fromkeys(span_of(day, grain) for day in visitors for grain in ("week", "month"))
    told = frozenset(span for span in spans if random.random() < 0.8)
    # All weeks of a month are told that is.
    told |= {span for span in spans if span_of(span.first_day, "month") in told}
    days = SiteDays(k, visitors, told)
    if table == "cookie_audit":
        # What is known only of a week or month.
        for span in spans:
            for _ in range(random.choice((0, k // 2, 2 * k))):
                key = tuple(some_value(random, column) for column in COLUMNS[table])
                cell = cells.setdefault((span, key), Cell(span, key))
                add(random, cell, random.choice(crowd), some_visit(), share)
    if table in WITHIN:
        within = within_some_rows(random, table, cells.values(), days)
        return Case(table, within, days, close_and_add(random, table, within, k))
    return Case(table, list(cells.values()), days)


def within_some_rows(random: Random, table: str, cells: Iterable[Cell], days: SiteDays) -> list[Cell]:
    """The same visits in cells of which some lie within rows of a week or month, or lost what those have lost."""
    found: dict[tuple[Span, Key], Cell] = {}
    _, shared = WITHIN[table]
    for cell in cells:
        if not days.possible_spans(cell):
            continue
        span, lost = random.choice(days.possible_spans(cell)), random.choice((None, None, None, "own", "all"))
        key = rest_key(table, cell.key) if lost else cell.key
        if lost == "all":
            key = tuple(
                "(other)" if column in (shared, f"outer_{shared}") else value
                for column, value in zip(COLUMNS[table], key, strict=True)
            )
        one = found.setdefault((span, key), Cell(span, key))
        one.visitors |= cell.visitors
        one.visits |= cell.visits
        one.measures += cell.measures
        for measure, clients in cell.taking_part.items():
            one.taking_part[measure] |= clients
    return list(found.values())


def close_and_add(random: Random, table: str, cells: Iterable[Cell], k: int) -> list[Cell]:
    """Let some rows within which cells are told hide their bounces; the result is what others of them have beside."""
    closed: dict[tuple[Span, Key], set[str]] = {}
    beside = []
    if not parts_of(table) and table not in CROSSED:
        return []
    for cell in cells:
        row = cell.span, rest_key(table, cell.key)
        if row not in closed:
            is_hidden = random.random() < (0.5 if table in CROSSED else 0.1)
            closed[row] = {random.choice(("bounces", "exits", goal_measure(GOALS[0])))} if is_hidden else set()
            if table == "campaigns" and random.random() < 0.3:
                other = Cell(*row)
                for number in range(2 * k):
                    add(random, other, person(-10 - number), some_visit(), share=random.choice((0.02, 0.1, 0.4)))
                beside.append(other)
        cell.closed = closed[row]
    return beside


def some_value(random: Random, column: str) -> str | int:
    """A value of a column, small numbers more often than great ones; a few columns have `(other)` of their own."""
    number = min(random.randrange(8), random.randrange(8))
    if column == "status":
        return (400, 404, 503)[number // 3]
    if column == "page":
        return "/".join(("", *("abc"[min(random.randrange(3), random.randrange(3))] for _ in range(1 + number % 4))))
    return f"{column}-{number}" if number else "(other)"


def add(random: Random, cell: Cell, client: Client, visit: Visit, share: float = 0.4) -> None:
    """Let a visit count in a cell, with some of the table's measures."""
    cell.visits.add(visit)
    cell.visitors.add(client)
    for measure in ("page_views", "searches", "hits", "times"):
        cell.measures[measure] += random.randrange(1, 4)
    measures = ("entries", "exits", "bounces", "duration_s", "completions", "partial", "refined")
    taking_part = [random.random() < share for _ in measures]
    is_bounce = taking_part[2]
    for measure, takes_part in zip(measures, taking_part, strict=True):
        # Who bounces begins and ends there.
        if takes_part or (is_bounce and measure in ("entries", "exits")):
            cell.measures[measure] += random.randrange(1, 100) if measure == "duration_s" else 1
            cell.taking_part[measure].add(client)
            # What reached a goal is some of the entries, and of the completions.
            for goal in GOALS[: random.randrange(3)] if measure in ("entries", "completions") else ():
                if cell.measures[goal_measure(goal)] < cell.measures[measure]:
                    cell.measures[goal_measure(goal)] += 1
                    cell.taking_part[goal_measure(goal)].add(client)
    cell.taking_part["visits"].add(client if random.random() < 0.9 else person(-1))


def parts_of(table: str) -> Mapping[str, int]:
    """The measures in which only some visitors take part, with their bits."""
    cells = TABLES_BY_NAME[table].cells
    assert cells is not None
    return cells.parts


def names_of(table: str) -> list[str]:
    """The columns of a table without day and site, which are told by span."""
    return [name for name in TABLES_BY_NAME[table].column_names if name not in ("day", "site")]


def by_definition(case: Case) -> Found:
    """The rows of the definitions: first day, then the other columns."""
    if case.table == "errors":
        return of_hundreds(case)
    if case.table in OWN_DAYS:
        case = replace(case, days=own_days(case.table, case.cells, case.days))
    files = fold_files(case.table, case.cells, case.days)
    rows, hidden = files[-1].rows, hide_by_definition(case, files)
    found: Found = Counter()
    shown = rounded_visits(case.table, case.cells, rows, case.days) if case.table in CROSSED else {}
    for row in rows:
        values = dict(zip(COLUMNS[case.table], row.key, strict=True)) | {"grain": row.span.grain}
        for measure in (column.name for column in TABLES_BY_NAME[case.table].measures):
            values[measure] = None if row in hidden.get(measure, ()) else shown.get(row, row.measure(measure))
        found[(row.span.first_day, *(values[name] for name in names_of(case.table)))] += 1
    if case.table != "campaigns":
        return found
    # Rows of two rows of `referrers` may look the same.
    size = len(TABLES_BY_NAME[case.table].measures)
    sums: dict[tuple[Any, ...], list[int | None]] = {}
    for values in found.elements():
        key, counts = values[:-size], values[-size:]
        sums[key] = [add_known(one, other) for one, other in zip(sums.get(key, [0] * size), counts, strict=True)]
    return Counter({(*key, *counts): 1 for key, counts in sums.items()})


def hide_by_definition(case: Case, files: list[File]) -> dict[str, set[Row]]:
    """The rows of the last file in which each measure is hidden."""
    close_few_of_days(case.table, case.cells, case.days)
    return hide_all(case.table, files, GOALS, case.beside, rows_of_goals(case))


def rows_of_goals(case: Case) -> list[Row]:
    """Rows of `goals`: most goals are named by day, others by week or month, or not; some are in no row."""
    rows: dict[tuple[Span, str], Row] = {}
    for day in sorted({cell.day for cell in case.cells}):
        for goal in GOALS:
            drawn = Random(f"{case.table} {day} {goal}")
            span, name = span_of(day, drawn.choice((*GRAINS, "day"))), drawn.choice((goal, OTHER))
            if drawn.random() < 0.9:
                row = rows.setdefault((span, name), Row(span, (name,), 1, []))
                row.cells.append(Cell(span_of(day, "day"), (goal,)))
    return list(rows.values())


def of_hundreds(case: Case) -> Found:
    """The same of errors, of which each hundred is told by itself; the status of their rests is not told."""
    counts: dict[tuple[Any, ...], list[int | None]] = {}
    for one in (4, 5):
        cells = [cell for cell in case.cells if cell.key[0] // 100 == one]
        days = own_days(case.table, cells, case.days)
        files = fold_files(case.table, cells, days)
        hidden = hide_all(case.table, files, ())
        for row in files[-1].rows:
            status, page = row.key
            key = row.span.first_day, row.span.grain, status if status >= 100 else None, page
            own = [row.measure("hits"), None if row in hidden["visits"] else row.measure("visits")]
            counts[key] = [add_known(*both) for both in zip(counts.get(key, (0, 0)), own, strict=True)]
    return Counter({(*key, *own): 1 for key, own in counts.items()})


def goals_by_definition(case: Case) -> Found:
    """What the definitions tell of the rows by goal: first day, grain, goal, key and visits."""
    files = fold_files(case.table, case.cells, case.days)
    rows, hidden = files[-1].rows, hide_by_definition(case, files)
    visits: dict[tuple[Any, ...], int | None] = {}
    for row in rows:
        shown = [value for column, value in zip(COLUMNS[case.table], row.key, strict=True) if "outer" not in column]
        for goal in map(goal_measure, GOALS):
            key = row.span.first_day, row.span.grain, goal.partition(" ")[2], *shown
            visits[key] = add_known(visits.get(key, 0), None if row in hidden[goal] else row.measure(goal))
    return Counter({(*key, count): 1 for key, count in visits.items() if count})


def by_database(case: Case) -> Found:
    """The same rows from the product's statements."""
    return Counter(made_by_database(case, f"SELECT day, {', '.join(names_of(case.table))} FROM {case.table}"))


def made_by_database(case: Case, query: str) -> list[tuple[Any, ...]]:
    """What a query says about the tables that are made of the cells."""
    # How rows are rounded depends on what other tables tell.
    table = replace(TABLES_BY_NAME[case.table], known_by=())
    if table.small_as:
        table = replace(table, small_by="", small_as="")
    with duckdb.connect(config={"threads": 1}) as connection:
        load_case(connection, table, case)
        sum_rows(connection, table, place_cells(connection, table, case.days.k))
        return connection.execute(query).fetchall()


def load_case(connection: duckdb.DuckDBPyConnection, table: Table, case: Case) -> None:
    """Create the tables that folding begins with; cells of k visitors are known to have them."""
    k, parts, columns = case.days.k, parts_of(table.name), COLUMNS[table.name]
    measures = [column.name for column in table.measures]
    own = {cell.span: case.days.possible_spans(cell) for cell in case.cells} if table.within else case.days.spans
    spans = [
        [
            span.first_day,
            SITE,
            GRAINS.index(span.grain),
            *(span_of(span.first_day, grain).first_day for grain in GRAINS),
        ]
        + [any(one.grain == grain for one in told) for grain in GRAINS]
        for span, told in own.items()
    ]
    for row in spans:
        row.append(next((one for one in ("month", "week") if span_of(row[0], one) in case.days.published), "day"))
        # Within the row of a month there are no weeks.
        row[4] = row[0] if row[2] == 2 else row[4]
    create(
        connection,
        f"{table.name}_spans" if table.within else "spans",
        "day DATE, site VARCHAR, own TINYINT, own_day DATE, week DATE, month DATE, joins_day BOOLEAN, "
        "joins_week BOOLEAN, joins_month BOOLEAN, told_in VARCHAR",
        spans,
    )
    create(
        connection,
        "visit_totals",
        "day DATE, site VARCHAR, visits BIGINT, bounces BIGINT, duration_s BIGINT",
        [
            [
                day,
                SITE,
                None if case.days.is_small(day) else 1,
                *(
                    None if measure in SUMMED_BY_VISITS.get(case.table, ()) and is_of_few(case, day, measure) else 1
                    for measure in ("bounces", "duration_s")
                ),
            ]
            for day in {cell.day for cell in case.cells}
        ],
    )
    numbers: dict[Any, int] = {}

    def number(thing: Any) -> int:
        return numbers.setdefault(thing if isinstance(thing, tuple) else id(thing), len(numbers))

    goals = [*map(goal_measure, GOALS)] if table.name in DIVIDED else []
    bits = {**parts, **{measure: 1 << (FIRST_GOAL + goal) for goal, measure in enumerate(goals)}}
    if table.crossed:
        bits |= parts_of("pages")
    cells, members, reached = [], [], []
    for place, cell in enumerate([*case.cells, *case.beside]):
        sure = [len(cell.taking_part[part]) >= k for part in parts]
        counts = [len(cell.visits) if measure == "visits" else cell.measures[measure] for measure in measures]
        cells.append([place, cell.day, SITE, GRAINS.index(cell.span.grain), *cell.key, *counts])
        closed = sum(bit for part, bit in bits.items() if part in cell.closed)
        cells[-1] += [len(cell.visitors) >= k, cell in case.beside, closed, *sure]
        # Who had which visit does not matter here.
        clients, visits = sorted(cell.visitors), list(cell.visits)
        for at in range(max(len(clients), len(visits))):
            visit = number(visits[at]) if at < len(visits) else -1
            members.append([place, visit, number(clients[min(at, len(clients) - 1)]), 0])
        for part, bit in bits.items():
            members += [[place, -1, number(client), ASIDE | bit] for client in cell.taking_part[part]]
        for goal, measure in enumerate(goals):
            if cell.measures[measure]:
                reached.append([place, goal, cell.measures[measure], len(cell.taking_part[measure]) >= k])
    kinds = {column.name: column.type for column in table.columns}
    create(
        connection,
        f"{table.name}_cells",
        ", ".join(
            (
                "cell BIGINT, day DATE, site VARCHAR, own TINYINT",
                *(f"{name} {kinds.get(name, 'VARCHAR')}" for name in (*columns, *measures)),
                "sure BOOLEAN, is_out BOOLEAN, closed UINTEGER",
                *(f"{part}_sure BOOLEAN" for part in parts),
            )
        ),
        cells,
    )
    create(connection, f"{table.name}_members", "cell BIGINT, visit BIGINT, client UBIGINT, flags UINTEGER", members)
    create(connection, f"{table.name}_goals", "cell BIGINT, goal UTINYINT, visits BIGINT, sure BOOLEAN", reached)
    create(connection, "goal_names", "goal UTINYINT, name VARCHAR", [*enumerate(GOALS)])
    if table.name != "goals":
        counted = [(at, row, cell) for at, row in enumerate(rows_of_goals(case)) for cell in row.cells]
        of_goals = [[place, cell.day, SITE, *cell.key] for place, (*_, cell) in enumerate(counted)]
        create(connection, "goals_cells", "cell BIGINT, day DATE, site VARCHAR, goal VARCHAR", of_goals)
        placed = [
            [place, at, GRAINS.index(row.span.grain), int(row.key != cell.key)]
            for place, (at, row, cell) in enumerate(counted)
        ]
        create(connection, "goals_placed", "cell BIGINT, row BIGINT, grain TINYINT, level TINYINT", placed)


def is_of_few(case: Case, day: date, measure: str) -> bool:
    """Whether some, but fewer than k visitors of a day take part in a measure."""
    takers = {client for cell in case.cells if cell.day == day for client in cell.taking_part.get(measure, ())}
    return 0 < len(takers) < case.days.k


def create(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    """Create a table with rows."""
    connection.execute(f"CREATE TABLE {name} ({columns})")
    texts = (", ".join(literal(value) for value in row) for row in rows)
    if rows:
        connection.execute(f"INSERT INTO {name} VALUES {', '.join(f'({text})' for text in texts)}")


def literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, date):
        return f"DATE '{value}'"
    return f"'{value}'" if isinstance(value, str) else str(value)


def differences_of(case: Case) -> list[str]:
    """The rows that the product has too many or too few."""
    own, expected = by_database(case), by_definition(case)
    return [f"missing {row}" for row in (expected - own).elements()] + [
        f"unexpected {row}" for row in (own - expected).elements()
    ]


SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("table", FOLDED)
def test_random_cells_are_told_as_the_definitions_say(table: str, seed: int) -> None:
    assert differences_of(random_case(table, seed)) == []


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("table", DIVIDED)
def test_random_rows_are_divided_by_goal_as_the_definitions_say(table: str, seed: int) -> None:
    case = random_case(table, seed)
    shown = [column for column in COLUMNS[table] if "outer" not in column]
    query = f"SELECT day, grain, goal, {', '.join(shown)}, visits FROM {table}_by_goal"
    assert Counter(made_by_database(case, query)) == goals_by_definition(case)


def test_random_rows_have_goals_that_are_told_and_goals_that_are_not() -> None:
    cases = [random_case(table, seed) for table in DIVIDED for seed in range(8)]
    assert sum(len(goals_by_definition(case)) for case in cases) > 20
    hidden = [hide_all(case.table, fold_files(case.table, case.cells, case.days), GOALS) for case in cases]
    assert sum(len(own[goal_measure(goal)]) for own in hidden for goal in GOALS) > 20


@cache
def random_cases() -> list[Case]:
    return [random_case(table, seed) for table in FOLDED for seed in SEEDS]


@pytest.mark.parametrize(
    ("what", "is_there"),
    [
        ("rows of weeks", lambda row: "week" in row),
        ("rows of months", lambda row: "month" in row),
        ("folders", lambda row: any("…" in str(value) for value in row)),
        ("measures of too few", lambda row: row[-1] is None),
        ("a rest", lambda row: "(other)" in row),
    ],
)
def test_random_cells_have_all_that_the_rules_are_about(what: str, is_there: Any) -> None:
    assert any(is_there(row) for case in random_cases() for row in by_definition(case)), what


# --- broken rules are noticed ---


def without_sums(*_: Any) -> None:
    """Withdraw nothing."""


def in_no_row(placed: Placed, before: Placed) -> Codes:
    """Find no row of an earlier file again."""
    return np.full(placed.rows, -1, dtype=np.int64)


def sums_of_rows(placed: Placed, before: Before, measure: Measure) -> Sums:
    """Know what the rows themselves say of days, and nothing of earlier files."""
    return sums_of_days(placed.cells, measure)


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        pytest.param(fold_cells, "keep_sums", without_sums, id="sums that give the hidden rest away"),
        pytest.param(Cells, "parts", (), id="a week's row of one day"),
        pytest.param(Cells, "have_k", lambda self, group, groups: np.ones(groups, dtype=np.bool_), id="rows of few"),
        pytest.param(fold_cells, "fold_rest", without_sums, id="a rest that is lost"),
        pytest.param(fold_cells, "GRAINS", ("day", "week"), id="no months"),
        pytest.param(hide_parts, "_same_rows", in_no_row, id="rows that show what an earlier file hid"),
        pytest.param(hide_measures, "sums_of_earlier", sums_of_rows, id="sums that an earlier file gives away"),
    ],
)
def test_a_broken_rule_is_noticed(owner: Any, name: str, broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, name, broken)
    assert any(differences_of(case) for case in random_cases())


# --- whole runs ---


GOALS_OF_SITES = {"shop": "/shop/**", "contact": "/contact"}


def some_seeds() -> Iterable[int]:
    """Small sites that together have all formats, several sites, weeks, months, small days, dates and other zones."""
    return (0, 1, 6, 13, 16, 21, 26, 32, 38)


@pytest.mark.parametrize("seed", some_seeds())
def test_a_run_on_a_small_site_publishes_what_the_definitions_say(seed: int, tmp_path: Path) -> None:
    published, expected = run_and_reference(seed, tmp_path)
    found = {
        table: (missing[:3], unexpected[:3])
        for table, (missing, unexpected) in compare(published, expected).items()
        if missing or unexpected
    }
    assert found == {}, "table: rows missing, rows unexpected"


def run_and_reference(seed: int, folder: Path) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """The tables with a grain, `visits`, and what is told of days, as published and as the definitions say."""
    site = small_site(seed, most_lines=1_000)
    dates: dict[str, Any] = {"first_day": site.first_day, "last_day": site.last_day}
    known: dict[str, Any] = {"site": site.sites[0], "timezone": site.timezone, "k": site.k, **dates}
    publish_logs(folder, {"a.log": site.content}, log_format=site.log_format, goals=GOALS_OF_SITES, **known)
    of_reference = {name: ReferenceGoal(path) for name, path in GOALS_OF_SITES.items()}
    settings = ReferenceSettings(log_format=site.log_format, goals=of_reference, **known)
    tables = compute({"a.log": site.content}, settings)
    days = [{name: row[name] for name in ("day", "site", "complete", "told_in")} for row in tables["days"]]
    published = read_published(folder / "traffic.duckdb")
    published["days"] = [{name: row[name] for name in days[0]} for row in published["days"]]
    divided = [name for name, _ in DIVIDED.values()]
    return published, {**{name: tables[name] for name in ("visits", "visit_lengths", *FOLDED, *divided)}, "days": days}


def test_a_page_that_is_withdrawn_brings_all_its_visits_to_the_rest() -> None:
    """Of the twelve visits of / only one ends there: of that one alone the run has listed who it was."""
    paths = [["/"], ["/", "/a"], *[["/", "/big"]] * 10, *[["/big"]] * 5]
    lines = [log_line(60 * number, path) for number, pages in enumerate(paths) for path in pages]
    lines = [line.replace(":00 +0000", ":30 +0000") if " /big " in line or " /a " in line else line for line in lines]
    published = published_tables({"a.log": "".join(lines).encode()}, k=2)
    found = {row["page"]: (row["visits"], row["page_views"], row["exits"]) for row in published["pages"]}
    assert found == {"/big": (15, 15, 15), "(other)": (12, 13, 2)}


def test_errors_of_machines_leave_it_untold_how_many_visits_met_an_error() -> None:
    """Of 12 people who met 404 only three were in a visit; a machine met it too."""
    lines = [log_line(number) for number in range(12)]
    lines += [
        log_line(number, f"/{number}").replace(" 200 ", " 404 ").replace("GET", "GET" if number < 12 else "POST")
        for number in range(9, 21)
    ]
    lines.append(log_line(99, agent="Googlebot/2.1").replace(" 200 ", " 404 "))
    published = published_tables({"a.log": "".join(lines).encode()}, k=10)
    found = [(row["status"], row["page"], row["hits"], row["visits"]) for row in published["errors"]]
    assert found == [(404, "(other)", 13, None)]


# --- declarations ---


def test_the_levels_are_those_of_the_definitions() -> None:
    tables = [table for table in TABLES if table.levels]
    assert {table.name: tuple(table.cell_columns) for table in tables} == COLUMNS
    assert {table.name: table.within.name for table in tables if table.within} == {
        table: outer for table, (outer, _) in WITHIN.items()
    }
    assert {table.name: [list(level) for level in table.levels] for table in tables} == {
        table: [list(level) for level in levels] for table, levels in LEVELS.items()
    }


@pytest.mark.parametrize(
    "page",
    ["/a/b/c/d", "/a/b/c", "/a/b", "/a/b/", "/a", "/a/", "/", "//", "/a//", "//a", "a/b", "(unknown)", "(other)"],
)
def test_a_page_loses_what_the_definitions_say(page: str) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        found, at_level = page, []
        for level in TABLES_BY_NAME["pages"].levels:
            ((column, sql),) = level.items()
            ((found,),) = connection.execute(f"SELECT {sql} FROM (SELECT ? AS {column})", [found]).fetchall()
            at_level.append((found,))
    assert at_level == [coarser_key("pages", (page,), level) for level in range(len(at_level))]
