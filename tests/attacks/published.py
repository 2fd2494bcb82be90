"""What is published: the rows of a file, and the cells of each row.

The row of a cell follows from the keys that are published (`docs/definitions.md`, Small groups): the row of its day and
finest key; else that of its week, else of its month; else the finest coarser row of the last published span. Tables
within another one begin with the span of the cell's row there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from footfall.transforms.vocabulary import OTHER
from tests.attacks.by_rules import places_by_rules
from tests.attacks.cells import PEOPLE, Cell, Truth
from tests.attacks.views import (
    GRAINS,
    MIN_STATUS,
    OF_ERRORS,
    TECHNOLOGY,
    TECHNOLOGY_1,
    VIEWS,
    Span,
    View,
    days_of,
    month_of,
    week_of,
)
from tests.reference.cells import OWN_DAYS, SiteDays, days_of_spans
from tests.reference.cells import Span as RuleSpan
from tests.reference.levels import LEVELS, ROUNDED
from tests.reference.measures import DIVIDED, goal_measure

Row = dict[str, Any]


@dataclass(frozen=True)
class RowWithCells:
    """A published row and its cells."""

    view: View
    row: Row
    cells: list[Cell]

    @property
    def key(self) -> tuple[Any, ...]:
        """The values of the table's key."""
        return tuple(self.row[column] for column in self.view.columns)

    def surplus(self) -> dict[str, int]:
        """By how much its cells exceed the row, by measure that adds up; empty if they agree."""
        measures = [one for one in self.view.measures if one != "visits" or not self.view.counts_visits_once]
        found = {one: _sum(self.cells, one) - self.row[one] for one in measures if self.row.get(one) is not None}
        if not self.is_exact():
            # One of them may be a unit less.
            found = {one: by for one, by in found.items() if not -1 <= 2 * by / self.view.unit <= 3}
        return found if any(found.values()) else {}

    def is_exact(self) -> bool:
        """Whether it has exact sums; a weakened build may round nothing."""
        return self.view.unit == 1 or any((self.row[one] or 0) % self.view.unit for one in self.view.measures)

    def groups(self) -> list[list[Cell]]:
        """Its cells by what they have in common below its own key, the largest groups first."""
        found: dict[Any, list[Cell]] = defaultdict(list)
        for cell in self.cells:
            finest, *others = self.view.coarser(cell.key)
            if finest == self.key:
                found[cell.day].append(cell)
                continue
            for key in (finest, *others[: others.index(self.key)]):
                found[key].append(cell)
        return sorted(found.values(), key=lambda group: -sum(cell.counts.get("visits", 0) for cell in group))

    @property
    def name(self) -> str:
        """The row in words, without its measures."""
        key = ", ".join(map(str, self.key))
        return f"{self.view.table} {self.row['day']} {self.row.get('grain', 'day')} {self.row['site']}: {key}"


class Published:
    """The rows of a file."""

    def __init__(self, db: Path) -> None:
        with duckdb.connect(str(db), read_only=True) as connection:
            names = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            self.tables: dict[str, list[Row]] = defaultdict(list)
            for (name,) in names:
                cursor = connection.execute(f"FROM {name}")
                columns = [column[0] for column in cursor.description or ()]
                self.tables[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            columns = [name for (name,) in connection.execute("SELECT column_name FROM duckdb_columns()").fetchall()]
        self.has_grain = "grain" in columns
        has_versions = any("browser_version" in row for row in self.tables["technology"][:1])
        views = [TECHNOLOGY_1 if view is TECHNOLOGY and has_versions else view for view in VIEWS]
        self.views = [view for view in views if view.table in self.tables]
        self._read_goals()
        self.days = {(row["day"], row["site"]) for row in self.tables["days"]}
        self.is_complete = {(row["day"], row["site"]): row["complete"] for row in self.tables["days"]}
        self.told_in = {(row["day"], row["site"]): row.get("told_in") for row in self.tables["days"]}

    def _read_goals(self) -> None:
        """Add the published goals to the rows that they divide, as measures."""
        for table, (name, _) in DIVIDED.items():
            goals = list(dict.fromkeys(goal_measure(row["goal"]) for row in self.tables[name]))
            for place in [place for place, view in enumerate(self.views) if view.table == table and goals]:
                view = self.views[place]
                self.views[place] = replace(view, measures=(*view.measures, *goals))
                keys = ("day", "site", "grain", *view.columns)
                rows = {tuple(row[key] for key in keys): row for row in self.tables[table]}
                for row in self.tables[name]:
                    rows[tuple(row[key] for key in keys)][goal_measure(row["goal"])] = row["visits"]

    def site_of(self, cell: Cell) -> str:
        """The name under which a cell's site is published."""
        return cell.site if (cell.day, cell.site) in self.days else OTHER


class Spans:
    """In which spans the cells of a day may be published, for one site."""

    def __init__(self, published: Published, truth: Truth, site: str, k: int) -> None:
        self.published, self.truth, self.site = published, truth, site
        people: dict[date, set[int]] = defaultdict(set)
        for cell in truth.cells.get("visits", []):
            if published.site_of(cell) == site:
                people[cell.day] |= cell.people["visits"]
        rows = [row for row in published.tables["visits"] if row["site"] == site]
        self.people = {day: people[day] for day, of_site in published.days if of_site == site}
        self.small = {row["day"] for row in rows if row["visits"] is None}
        self.small |= {day for day, of_site in published.days if of_site == site} - {row["day"] for row in rows}
        joins: dict[date, list[Span]] = defaultdict(list)
        for place, span_of in enumerate((week_of, month_of)):
            for span in {span_of(day) for day in self.small}:
                waiting = [day for day in days_of(span) if day in self.small and not joins[day]]
                visitors = set().union(*(people[day] for day in waiting))
                if self.is_published(span) and len(waiting) >= 2 and len(visitors) >= k:
                    for day in waiting:
                        # What joined its week goes on to the month like any other day.
                        spans = [week_of(day), month_of(day)][place:]
                        joins[day] = [one for one in spans if self.is_published(one)]
        self.joins = joins

    def by_rules(self, k: int) -> SiteDays:
        """The site's days as the rules see them."""
        spans = {span for day in self.people for span in (week_of(day), month_of(day))}
        published = frozenset(RuleSpan(*span) for span in spans if self.is_published(span))
        return SiteDays(k, self.people, published)  # type: ignore[arg-type]

    def by_own_rules(self, table: str, cells: Sequence[Cell], k: int) -> SiteDays:
        """The days as the rules see them for cells of a table that has small days of its own."""
        visitors: dict[RuleSpan, set[Any]] = defaultdict(set)
        counts: Counter[RuleSpan] = Counter()
        for cell in cells:
            span = RuleSpan(cell.grain, cell.day)
            visitors[span] |= set().union(*cell.people.values())
            counts[span] += cell.counts[OWN_DAYS[table]]
        return days_of_spans(k, visitors, self.by_rules(k).published, counts)

    def is_published(self, span: Span) -> bool:
        """Whether the run read all of a week or month, as far as the published days say."""
        if not self.published.has_grain:
            return False
        told_in = {self.published.told_in.get((day, self.site)) for day in days_of(span)} - {None}
        if told_in:
            return bool(told_in & {span[0], "month"})
        first, last = self.truth.ends
        return all(self.published.is_complete.get((day, self.site), first < day < last) for day in days_of(span))

    def of(self, day: date) -> list[Span]:
        """The spans in which the cells of a day may be published, the last one at the end."""
        if day in self.small and self.published.has_grain:
            # A small day should have no rows of its own; a weakened build has.
            return [("day", day), *self.joins[day]]
        return [("day", day), *(span for span in (week_of(day), month_of(day)) if self.is_published(span))]


def rows_with_cells(published: Published, truth: Truth, k: int) -> list[RowWithCells]:
    """Every published row about people, with its cells; those of other days are in none."""
    days = {day for day, _ in published.days}
    # A week may begin with a day without hits.
    cells = {name: [one for one in own if one.day in days or one.grain != "day"] for name, own in truth.cells.items()}
    truth = replace(truth, cells=cells)
    spans: dict[str, Spans] = {}
    found: list[RowWithCells] = []
    automated: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for cell in truth.cells.get("errors", []):
        automated[cell.day, cell.site, cell.key[0] // 100, cell.key[2]] |= cell.people["hits"]
    outer: dict[str, dict[int, RowWithCells]] = {}
    for view in published.views:
        view = replace(view, unit=k) if view.table in ROUNDED else view
        rows = _rows_of_table(published, truth, k, view, spans, automated, outer.get(view.within))
        if view.within and _wrong(rows):
            # A weakened build may fold the table by itself, or campaigns by the source in their links.
            plain = replace(view, lost=("campaign", "medium", "source")) if view.table == "campaigns" else view
            others = [
                _rows_of_table(published, truth, k, plain, spans, automated, row_of)
                for row_of in (outer[view.within], None)
            ]
            rows = min([rows, *others], key=_wrong)
        if view.table in LEVELS and not view.within and published.has_grain and (view.unit > 1 or _wrong(rows)):
            # Sums that are rounded do not say which of both is right.
            rows = min([_rows_by_rules(published, truth, k, view, spans, rows), rows], key=_wrong)
        outer[view.table] = {id(cell): row for row in rows for cell in row.cells}
        found += [row for row in rows if row.row.get("traffic_class", PEOPLE[0]) in PEOPLE]
    return found


def _wrong(rows: Sequence[RowWithCells]) -> int:
    """How many rows do not have the sums of their cells."""
    return sum(bool(row.surplus()) for row in rows)


def _rows_of_table(
    published: Published,
    truth: Truth,
    k: int,
    view: View,
    spans: dict[str, Spans],
    automated: Mapping[tuple[Any, ...], set[int]],
    outer: Mapping[int, RowWithCells] | None,
) -> list[RowWithCells]:
    """The rows of one table with their cells; `outer` has the rows of the table within which it is folded, by cell."""
    by_key: dict[tuple[Any, ...], RowWithCells] = {}
    for row in published.tables[view.table]:
        key = row["site"], row.get("grain", "day"), row["day"], tuple(row[column] for column in view.columns)
        by_key[key] = RowWithCells(view, row, [])
    has_grain = published.has_grain and any("grain" in row for row in published.tables[view.table][:1])
    beside = _few_beside(truth.cells.get(view.quantity, []), view, outer or {}, k)
    for cell in truth.cells.get(view.quantity, []):
        if not view.shows(cell) and id(cell) not in beside:
            continue
        site = published.site_of(cell)
        is_of_machines = _is_of_machines(view, cell)
        allowed = [("day", cell.day)]
        if has_grain and not is_of_machines:
            if site not in spans:
                spans[site] = Spans(published, truth, site, k)
            allowed = [one for one in spans[site].of(cell.day) if GRAINS.index(one[0]) >= GRAINS.index(cell.grain)]
        finest, *others = view.coarser(cell.key)
        if is_of_machines:
            others = []
            if cell.key[2] == "automated":
                if len(automated[cell.day, cell.site, cell.key[0] // 100, "automated"]) < k:
                    continue
                finest = None, OTHER
        if outer is not None and has_grain:
            if id(cell) not in outer:
                continue
            if outer[id(cell)].row.get("kind") == OTHER:
                continue
            keys = keys_within(view, cell, outer[id(cell)])
            finest, *others = keys[-1:] if id(cell) in beside else keys
            own = outer[id(cell)].row["grain"], outer[id(cell)].row["day"]
            allowed = [own, *(span for span in allowed if GRAINS.index(span[0]) > GRAINS.index(own[0]))]
        tries = [(site, *span, finest) for span in allowed]
        tries += [(site, *allowed[-1], key) for key in others] if allowed else []
        found = next((by_key[one] for one in tries if one in by_key), None)
        if found is not None:
            found.cells.append(cell)
    if view.table == "errors":
        _leave_to_machines(list(by_key.values()))
    _move_taken_in(list(by_key.values()))
    return list(by_key.values())


def _few_beside(cells: Sequence[Cell], view: View, outer: Mapping[int, RowWithCells], k: int) -> set[int]:
    """The visits without a campaign that are in the rest of one: those of few people in a row with campaigns."""
    if view.table != "campaigns":
        return set()
    of_row: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        if id(cell) in outer:
            of_row[id(outer[id(cell)])].append(cell)
    found: set[int] = set()
    for own in of_row.values():
        without = [cell for cell in own if not view.shows(cell)]
        if len(without) < len(own) and len({one for cell in without for one in cell.people["visits"]}) < k:
            found |= {id(cell) for cell in without}
    return found


def _rows_by_rules(
    published: Published, truth: Truth, k: int, view: View, spans: Mapping[str, Spans], rows: Sequence[RowWithCells]
) -> list[RowWithCells]:
    """The rows of a table with their cells by the rules; cells of machines' errors are those in `rows`."""
    by_site: dict[tuple[str, int], list[Cell]] = defaultdict(list)
    for cell in truth.cells.get(view.quantity, []):
        if view.shows(cell) and not _is_of_machines(view, cell):
            # Each hundred of errors is folded by itself.
            hundred = cell.key[0] // 100 if view.table in OF_ERRORS else 0
            by_site[published.site_of(cell), hundred].append(cell)
    made = {
        (row.row["site"], row.row.get("grain", "day"), row.row["day"], row.key): replace(
            row, cells=[cell for cell in row.cells if _is_of_machines(view, cell)]
        )
        for row in rows
    }
    for (site, hundred), cells in by_site.items():
        if site in spans:
            days = spans[site].by_rules(k)
            if view.table in OF_ERRORS:
                of_hundred = [
                    cell
                    for cell in truth.cells["errors"]
                    if (published.site_of(cell), cell.key[0] // 100, cell.key[2]) == (site, hundred, "human")
                ]
                days = spans[site].by_own_rules("errors", of_hundred, k)
            elif view.table in OWN_DAYS:
                days = spans[site].by_own_rules(view.table, cells, k)
            places = places_by_rules(view.table, cells, lambda cell: view.coarser(cell.key)[0], days)
            for cell in cells:
                grain, first_day, key = places.get(id(cell), ("", cell.day, ()))
                # Rests of two hundreds of a status look the same.
                shown = tuple(None if isinstance(one, int) and one < MIN_STATUS else one for one in key)
                if (row := made.get((site, grain, first_day, shown))) is not None:
                    row.cells.append(cell)
    return list(made.values())


def _is_of_machines(view: View, cell: Cell) -> bool:
    return view.table == "errors" and cell.key[2] != "human"


def keys_within(view: View, cell: Cell, row: RowWithCells) -> list[tuple[Any, ...]]:
    """The keys of a table for a cell in a row of another table: it has lost what the row has lost."""
    keys = view.coarser(cell.key)
    rest = keys[-1]
    if row.row[view.shared] == OTHER:
        return [rest]
    if row.key != row.view.coarser(cell.key)[0]:
        return [key for key in keys if key[:1] != rest[:1]][-1:]
    return [key for key in keys if key[:1] != rest[:1]]


def _leave_to_machines(rows: list[RowWithCells]) -> None:
    """Take the errors of people out of rows that are of machines alone."""
    for row in rows:
        of_machines = [cell for cell in row.cells if cell.key[2] != "human"]
        if of_machines and _sum(of_machines, "hits") == row.row["hits"]:
            row.cells[:] = of_machines


def _move_taken_in(rows: list[RowWithCells]) -> None:
    """Move cells to the row of nothing but `(other)` that took their row in, as the sums show."""
    for rest in rows:
        own = [value for column, value in zip(rest.view.columns, rest.key, strict=True) if column != rest.view.shared]
        if not rest.view.lost or not set(own) <= {OTHER, None}:
            continue
        days = set(days_of((rest.row.get("grain", "day"), rest.row["day"])))
        while missing := rest.surplus():
            found = next(
                (
                    (row, group)
                    for row in rows
                    if row is not rest and row.row["site"] == rest.row["site"] and row.row["day"] in days
                    if _has_same_rest(row, rest)
                    if (surplus := row.surplus())
                    for group in row.groups()
                    if all(_sum(group, measure) <= -count for measure, count in missing.items())
                    and all(_sum(group, measure) <= count for measure, count in surplus.items())
                ),
                None,
            )
            if found is None:
                break
            row, group = found
            moved = {id(cell) for cell in group}
            row.cells[:] = [cell for cell in row.cells if id(cell) not in moved]
            rest.cells.extend(group)


def _has_same_rest(row: RowWithCells, rest: RowWithCells) -> bool:
    """Whether a row is of the same value as a rest in the column that both tables show."""
    shared = rest.view.shared
    if rest.view.table == "campaigns" and rest.row[shared] != OTHER:
        return all(cell.key[1] == rest.row[shared] for cell in row.cells)
    return not shared or row.row[shared] == rest.row[shared]


def _sum(cells: list[Cell], measure: str) -> int:
    return sum(cell.counts.get(measure, 0) for cell in cells)
