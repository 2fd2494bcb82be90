"""The rows of tables with a grain: the cells of each site, folded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from tests.reference.asked import KINDS, cell_of_kind
from tests.reference.cells import OWN_DAYS, Cell, SiteDays, Span, own_days, span_of
from tests.reference.folding import fold_files, rounded_visits
from tests.reference.levels import COLUMNS, CROSSED, ROUNDED, Key
from tests.reference.measures import DIVIDED, close_few_of_days, goal_measure, hide_all
from tests.reference.rounded import Wholes, round_rows, wholes_of_downloads, wholes_of_links
from tests.reference.run import Run, TableRow, in_order
from tests.reference.visits import Visit


class FoldedRows:
    """The cells of a table with a grain, kept apart by site."""

    def __init__(self, run: Run, table: str) -> None:
        self.run = run
        self.table = table
        self.cells: dict[str, dict[tuple[Span, Key], Cell]] = defaultdict(dict)

    def cell(self, day: date, site: str, key: Mapping[str, Any], grain: str = "day") -> Cell:
        """The cell of a day, or its week or month, and a finest key; of `key` only the table's columns count."""
        values = tuple(key[column] for column in COLUMNS[self.table])
        span = span_of(day, grain)
        return self.cells[site].setdefault((span, values), Cell(span, values))

    def add_visit(self, visit: Visit, key: Mapping[str, Any], measures: Mapping[str, int]) -> None:
        """Count something of a visit under a key on the visit's day."""
        self.cell(self.run.day(visit.first_ms), visit.site, key).add(visit, measures)

    def folded(self, measures: Iterable[str]) -> list[TableRow]:
        """The rows to publish."""
        named = {
            site: [cell for cell in cells.values() if cell.span.grain != "day" or self.run.is_named(site, cell.day)]
            for site, cells in self.cells.items()
        }
        return fold_sites(self.run, self.table, named, measures)


def fold_sites(
    run: Run,
    table: str,
    cells: Mapping[str, list[Cell]],
    measures: Iterable[str],
    beside: Mapping[str, list[Cell]] | None = None,
) -> list[TableRow]:
    """The rows to publish of the cells of each site."""
    names = [*measures, "visits"]
    published: dict[tuple[Any, ...], TableRow] = {}
    by_goal: dict[tuple[Any, ...], TableRow] = {}
    for site, of_site, days in parts_of(run, table, cells):
        files = fold_files(table, of_site, days)
        rows = files[-1].rows
        if not rows:
            continue
        close_few_of_days(table, of_site, days)
        of_goals = run.rows_of_table["goals"].get(site, ())
        hidden = hide_all(table, files, run.settings.goals, (beside or {}).get(site, ()), of_goals)
        run.rows_of_table[table].setdefault(site, {}).update(
            {row: {name for name in hidden if row in hidden[name]} for row in rows}
        )
        shown = rounded_visits(table, of_site, rows, days) if table in CROSSED else {}
        if table in ROUNDED:
            rounded = round_rows(rows, names, wholes_of(run, table, site), run.settings.k)
        for row in rows:
            if shown.get(row) == 0:
                continue
            span = {"day": row.span.first_day, "site": site, "grain": row.span.grain}
            key = dict(zip(COLUMNS[table], row.key, strict=True))
            if table == "errors" and key["status"] < 100:
                key["status"] = None
            key = {**span, **{column: value for column, value in key.items() if not column.startswith("outer_")}}
            counts = {name: None if row in hidden.get(name, ()) else row.measure(name) for name in names}
            counts |= {"visits": shown[row]} if row in shown else {}
            if table in ROUNDED:
                counts = {name: None if counts[name] is None else rounded[row][name] for name in names}
            same = published.get(tuple(key.values()))
            if same is not None:
                # Campaigns of two rows of `referrers` may look the same, and so do the rests of 4xx and 5xx.
                counts = {name: add_known(counts[name], same[name]) for name in names}
            published[tuple(key.values())] = {**key, **counts}
            for goal in run.settings.goals if table in DIVIDED else ():
                of_goal = {**span, "goal": goal, **{name: key[name] for name in key if name not in span}}
                measure = goal_measure(goal)
                count = None if row in hidden[measure] else row.measure(measure)
                before = by_goal.get(tuple(of_goal.values()), {"visits": 0})["visits"]
                by_goal[tuple(of_goal.values())] = {**of_goal, "visits": add_known(count, before)}
    if table in DIVIDED:
        run.divided[DIVIDED[table][0]] = in_order([row for row in by_goal.values() if row["visits"]])
    return in_order(list(published.values()))


def wholes_of(run: Run, table: str, site: str) -> list[Wholes]:
    """The wholes that other tables publish exactly, of which the rows of a table are part."""
    if table == "broken_links":
        of_4xx = [cell for cell in run.cells_of["errors", site] if cell.key[0] // 100 == 4]
        return wholes_of_links(run.rows_of_table["errors"].get(site, {}), of_4xx, run.error_days[site, 4])
    asked: Counter[date] = Counter()
    for one in run.published_hits:
        if one.hit.site == site and one.traffic_class == "human" and KINDS[cell_of_kind(one)] == "download":
            asked[run.day(one.hit.time_ms)] += 1
    return wholes_of_downloads(asked)


def parts_of(run: Run, table: str, cells: Mapping[str, list[Cell]]) -> Iterator[tuple[str, list[Cell], SiteDays]]:
    """The cells that are folded together: those of each site, and errors of each hundred, with their small days.

    Broken links have those of errors of 4xx.
    """
    for site, of_site in cells.items():
        run.cells_of[table, site] = of_site
        if table == "errors":
            for one in sorted({cell.key[0] // 100 for cell in of_site}):
                of_hundred = [cell for cell in of_site if cell.key[0] // 100 == one]
                run.error_days[site, one] = own_days(table, of_hundred, run.site_days[site])
                yield site, of_hundred, run.error_days[site, one]
        elif of_site and table == "broken_links":
            yield site, of_site, run.error_days[site, 4]
        elif of_site and table in OWN_DAYS:
            yield site, of_site, own_days(table, of_site, run.site_days[site])
        elif of_site:
            yield site, of_site, run.site_days[site]


def add_known(one: int | None, other: int | None) -> int | None:
    """A sum, NULL where a part of it is."""
    return None if one is None or other is None else one + other
