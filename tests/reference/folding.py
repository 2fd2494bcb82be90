"""The section "Small groups" of the definitions, for tables with a grain: one function a rule, in that page's order.

Everything is a set of visitors or visits. A set is built anew whenever a rule asks for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from footfall.transforms import vocabulary as words
from tests.reference.chains import OPEN, few_of_days, leave_open
from tests.reference.visits import Client, Visit

Key = tuple[Any, ...]
"""Values of the columns of `COLUMNS`."""

GRAINS = ("day", "week", "month")

COLUMNS: dict[str, tuple[str, ...]] = {
    "pages": ("page",),
    "locations": ("continent", "country", "region"),
    "technology": ("browser", "os", "device"),
    "browser_versions": ("browser", "browser_version"),
    "os_versions": ("os", "os_version"),
    "referrers": ("kind", "source"),
    "campaigns": ("source", "medium", "campaign", "outer_kind", "outer_source"),
    "searches": ("phrase",),
    "errors": ("status", "page"),
    "broken_links": ("status", "page", "referrer"),
    "downloads": ("page",),
    "cookie_audit": ("finding",),
    "goals": ("goal",),
    "transitions": ("page", "next_page"),
    "entry_exits": ("page", "exit_page"),
}
"""The key of each table, without day, site and grain; `outer_…` is that of its row of `referrers`, and not shown."""

FINEST_FIRST: dict[str, tuple[str, ...]] = {
    "pages": ("page",),
    "locations": ("region", "country", "continent"),
    "technology": ("device", "os", "browser"),
    "browser_versions": ("browser_version", "browser"),
    "os_versions": ("os_version", "os"),
    "referrers": ("source", "kind"),
    "campaigns": ("campaign", "medium", "source"),
    "searches": ("phrase",),
    "errors": ("page", "status"),
    "broken_links": ("referrer", "page", "status"),
    "downloads": ("page",),
    "cookie_audit": ("finding",),
    "goals": ("goal",),
    "transitions": ("next_page", "page"),
    "entry_exits": ("exit_page", "page"),
}
"""The columns in the order in which rare cells lose them."""

WITHIN: dict[str, tuple[str, str]] = {
    "browser_versions": ("technology", "browser"),
    "os_versions": ("technology", "os"),
    "campaigns": ("referrers", "source"),
    "transitions": ("pages", "page"),
    "entry_exits": ("pages", "page"),
}
"""Tables that are folded within the rows of another table, and the column that both have."""


CROSSED = ("transitions", "entry_exits")
"""Tables whose sums are known by the second page as well."""

OF_FIRST = {"transitions": {"exits"}, "entry_exits": {"entries", "bounces"}}
"""The measures of a first page that could be calculated if nearly all visits by its pairs were published."""

ROUNDED = frozenset({"broken_links", "downloads"})
"""Tables whose measures are published as multiples of k."""

OWN_DAYS = {"errors": "hits", "searches": "searches", "goals": "visits", "cookie_audit": "visits"}
"""The measure of tables that have small days of their own, since other tables have no sums of theirs."""


# --- cells, spans and rows ---


@dataclass(frozen=True)
class Span:
    """A day, a week (the days of an ISO week that lie in one month) or a month."""

    grain: str
    first_day: date

    @property
    def days(self) -> list[date]:
        """Its days."""
        following = [self.first_day + timedelta(days=i) for i in range(31)]
        return [day for day in following if span_of(day, self.grain) == self]

    def holds(self, other: Span) -> bool:
        """Do all days of another span lie in it? The days of a week lie in one month."""
        is_coarser = GRAINS.index(self.grain) >= GRAINS.index(other.grain)
        return is_coarser and span_of(other.first_day, self.grain) == self


@cache
def span_of(day: date, grain: str) -> Span:
    """The span of a grain in which a day lies."""
    first_of_month = day.replace(day=1)
    monday = day - timedelta(days=day.weekday())
    return Span(grain, {"day": day, "week": max(monday, first_of_month), "month": first_of_month}[grain])


@dataclass(eq=False)
class Cell:
    """What a table has for one day, one site and one finest key; or for the span of a row within which it is folded."""

    span: Span
    key: Key
    visitors: set[Client] = field(default_factory=set)
    visits: set[Visit] = field(default_factory=set)
    measures: Counter[str] = field(default_factory=Counter)
    """All but `visits`."""
    taking_part: dict[str, set[Client]] = field(default_factory=lambda: defaultdict(set))
    """Which visitors take part in each measure, `visits` among them."""
    closed: set[str] = field(default_factory=set)
    """The measures that are NULL in the row within which it is folded."""

    @property
    def day(self) -> date:
        """The first day of its span."""
        return self.span.first_day

    def add(self, visit: Visit, measures: Mapping[str, int]) -> None:
        """Count something of a visit."""
        self.visitors.add(visit.visitor)
        self.visits.add(visit)
        for measure, count in {**measures, "visits": 1}.items():
            if count > 0:
                self.taking_part[measure].add(visit.visitor)
        self.measures.update(measures)


@dataclass(eq=False)
class Row:
    """Some cells of one site and one span that are published together; `step` is the rule that made it."""

    span: Span
    key: Key
    step: int
    cells: list[Cell]

    @property
    def visitors(self) -> set[Client]:
        """Its visitors."""
        return visitors_of(self.cells)

    @property
    def visits(self) -> set[Visit]:
        """Its visits, each once: a visit with two rare pages is one visit of the row `(other)`."""
        return {visit for cell in self.cells for visit in cell.visits}

    def measure(self, name: str) -> int:
        """A measure, whether it may be published or not."""
        return len(self.visits) if name == "visits" else sum(cell.measures[name] for cell in self.cells)

    def taking_part(self, measure: str) -> set[Client]:
        """The visitors that take part in a measure."""
        return {client for cell in self.cells for client in cell.taking_part.get(measure, ())}


def visitors_of(cells: Iterable[Cell]) -> set[Client]:
    """The visitors of some cells, each once."""
    return {client for cell in cells for client in cell.visitors}


def some_but_fewer(visitors: set[Client], k: int) -> bool:
    """Is there anybody, but no group?"""
    return 0 < len(visitors) < k


def smallest(rows: Iterable[Row]) -> Row:
    """The row whose cells have the fewest visits; of equals, the first by its keys as text, then by day and grain."""
    return min(rows, key=from_the_smallest)


def from_the_smallest(row: Row) -> tuple[Any, ...]:
    """Sort key: the visits of its cells, then the order as text."""
    return sum(len(cell.visits) for cell in row.cells), *order_as_text(row)


def order_as_text(row: Row) -> tuple[list[tuple[bool, str]], date, int]:
    """Sort key: the values of the key as text, NULL last; then day and grain."""
    texts = [(value is None, str(value)) for value in row.key]
    return texts, row.span.first_day, GRAINS.index(row.span.grain)


# --- which spans are published, and small days ---


@dataclass(frozen=True)
class SiteDays:
    """The days of one site as the rules see them."""

    k: int
    visitors: Mapping[date, set[Client]]
    """The visitors of the visits of each day with hits."""
    published: frozenset[Span]
    """The weeks and months that are published; days always are."""
    hits: Mapping[date, int] = field(default_factory=dict)
    """The hits (searches, visits) of each day, in tables that have small days of their own."""

    def is_small(self, day: date) -> bool:
        """Have the day's visits fewer than k visitors?"""
        return len(self.visitors.get(day, ())) < self.k

    @cached_property
    def small_days(self) -> list[date]:
        """All small days."""
        return [day for day in self.visitors if self.is_small(day)]

    def are_a_group(self, days: list[date]) -> bool:
        """Are they two or more small days with k visitors together, and not hardly more than one hit each?"""
        is_close = bool(self.hits) and sum(self.hits[day] - 1 for day in days) < self.k / 2
        visitors = {client for day in days for client in self.visitors[day]}
        return len(days) >= 2 and len(visitors) >= self.k and not is_close

    def join_week(self, week: Span) -> bool:
        """Do the small days of a week join it?"""
        return week in self.published and self.are_a_group(
            [day for day in self.small_days if span_of(day, "week") == week]
        )

    def join_month(self, month: Span) -> bool:
        """Do the small days of a month that joined no week join the month?"""
        left = [
            day
            for day in self.small_days
            if span_of(day, "month") == month and not self.join_week(span_of(day, "week"))
        ]
        return month in self.published and self.are_a_group(left)

    @cached_property
    def spans(self) -> dict[date, list[Span]]:
        """The spans in which the cells of each day may be published, finest first; a small day may have none."""
        return {day: self.spans_of(day) for day in self.visitors}

    def possible_spans(self, cell: Cell) -> list[Span]:
        """The spans in which a cell may be published: its own, unless that is a small day, and coarser ones."""
        if cell.span.grain == "day":
            return self.spans[cell.day]
        coarser = [span_of(cell.day, grain) for grain in GRAINS[GRAINS.index(cell.span.grain) + 1 :]]
        return [cell.span, *(span for span in coarser if span in self.published)]

    def spans_of(self, day: date) -> list[Span]:
        """Those of one day; a small day that joined a week goes on like any other."""
        week, month = span_of(day, "week"), span_of(day, "month")
        longer = [span for span in (week, month) if span in self.published]
        if not self.is_small(day):
            return [span_of(day, "day"), *longer]
        if self.join_week(week):
            return longer
        return [month] if self.join_month(month) else []


def own_days(table: str, cells: Iterable[Cell], days: SiteDays) -> SiteDays:
    """The days by the visitors of these cells alone, such as those who searched: other days have none."""
    measure = OWN_DAYS[table]
    visitors: dict[date, set[Client]] = defaultdict(set)
    counts: Counter[date] = Counter()
    for cell in cells:
        visitors[cell.day] |= cell.visitors
        counts[cell.day] += len(cell.visits) if measure == "visits" else cell.measures[measure]
    return SiteDays(days.k, visitors, days.published, counts)


# --- the steps ---


def fold(table: str, cells: list[Cell], days: SiteDays) -> list[Row]:
    """The rows of one site; cells that may not be published are in none."""
    rows: list[Row] = []
    for step, grain in enumerate(GRAINS, start=1):
        for span, of_span in by_span(cells, grain, days).items():
            for rest in {rest_key(table, cell.key) for cell in of_span}:
                rows += fold_span(
                    step, span, [cell for cell in of_span if rest_key(table, cell.key) == rest], rows, days.k
                )
    rows = fold_by_level(table, cells, rows, days)
    rows = fold_rest(table, cells, rows, days)
    rows = break_chains(table, cells, rows, days)
    return cross_sums(table, cells, rows, days) if table in CROSSED else rows


def in_no_row(cells: list[Cell], rows: list[Row]) -> list[Cell]:
    """The cells that are in no row."""
    in_rows = {cell for row in rows for cell in row.cells}
    return [cell for cell in cells if cell not in in_rows]


def fold_span(step: int, span: Span, cells: list[Cell], before: list[Row], k: int) -> list[Row]:
    """Steps 1 to 3: the remaining cells of one key in a span, together of k visitors, are a row."""
    by_key: dict[Key, list[Cell]] = defaultdict(list)
    for cell in in_no_row(cells, before):
        by_key[cell.key].append(cell)
    made = [Row(span, key, step, of_key) for key, of_key in by_key.items() if len(visitors_of(of_key)) >= k]
    return keep_sums(cells, before, made, (*PARTS, lambda cell: span), k)


def by_span(cells: list[Cell], grain: str, days: SiteDays) -> dict[Span, list[Cell]]:
    """Cells that may be published in a span of a grain, by that span."""
    found: dict[Span, list[Cell]] = defaultdict(list)
    for cell in cells:
        for span in days.possible_spans(cell):
            if span.grain == grain:
                found[span].append(cell)
    return found


def week_of(cell: Cell) -> Span:
    """The week in which a cell lies; the month, if it is one of a whole month."""
    return cell.span if cell.span.grain == "month" else span_of(cell.day, "week")


def own_span_of(cell: Cell) -> Span:
    """The cell's own span."""
    return cell.span


PARTS = (week_of, own_span_of)
"""What a span consists of."""


def keep_sums(
    cells: list[Cell], before: list[Row], made: list[Row], parts: Iterable[Callable[[Cell], Span]], k: int
) -> list[Row]:
    """The new rows, but for those that leave too few of a sum that is known.

    These are the sums over days, weeks and the whole span. The rows of one part alone must leave nobody or k visitors
    of it: otherwise the smallest new one of them is withdrawn.
    """
    kept = list(made)
    for part in parts:
        for one in {part(cell) for cell in cells}:
            alone = [row for row in [*before, *kept] if {part(cell) for cell in row.cells} == {one}]
            left = [cell for cell in in_no_row(cells, alone) if part(cell) == one]
            new = [row for row in kept if row in alone]
            if new and some_but_fewer(visitors_of(left), k):
                kept.remove(smallest(new))
    return kept


Rest = tuple[Span, Key]
"""A span, and the key of what remains in it."""


def rest_of(table: str, cell: Cell, days: SiteDays) -> Rest:
    """The rest to which a cell belongs, in the last span in which it may be published."""
    return days.possible_spans(cell)[-1], rest_key(table, cell.key)


def of_rests(table: str, cells: list[Cell], days: SiteDays) -> dict[Rest, list[Cell]]:
    """Cells by the rest to which they belong."""
    found: dict[Rest, list[Cell]] = defaultdict(list)
    for cell in cells:
        if days.possible_spans(cell):
            found[rest_of(table, cell, days)].append(cell)
    return found


def fold_by_level(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> list[Row]:
    """Step 4: level by level, cells with equal keys that have k visitors are a row of their last span.

    Cells whose key equals that of a row of the span join it, however few they are.
    """
    by_key = {(row.span, row.key): row for row in rows}
    for level in range(last_level(table)):
        for (span, rest), of_rest in of_rests(table, cells, days).items():
            equal: dict[Key, list[Cell]] = defaultdict(list)
            for cell in in_no_row(of_rest, list(by_key.values())):
                key = coarser_key(table, cell.key, level)
                if key != rest:
                    equal[key].append(cell)
            made = []
            for key, of_key in equal.items():
                if (span, key) in by_key:
                    by_key[span, key].cells += of_key
                elif len(visitors_of(of_key)) >= days.k:
                    made.append(Row(span, key, 4, of_key))
            kept = keep_sums(of_rest, list(by_key.values()), made, PARTS, days.k)
            by_key |= {(row.span, row.key): row for row in kept}
    return list(by_key.values())


def fold_rest(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> list[Row]:
    """Step 5: what remains in a span is one row, which takes in the smallest others while it must."""
    rows = list(rows)
    for (span, key), remaining in of_rests(table, in_no_row(cells, rows), days).items():
        rest = Row(span, key, 5, remaining)
        # A client can ask for a page that is called like the rest.
        for same in [row for row in rows if (row.span, row.key) == (span, key)]:
            take_in(rest, same, rows)
        while joining := rows_to_take_in(table, rest, rows, days):
            take_in(rest, smallest([row for row in joining if row.step == 4] or joining), rows)
        if len(rest.visitors) >= days.k:
            rows.append(rest)
    return rows


def rows_to_take_in(table: str, rest: Row, rows: list[Row], days: SiteDays) -> list[Row]:
    """The rows of which a rest must take in one.

    That is any row in the span, if the rest has too few visitors. If all cells of the rest are of one day or week, and
    rows of several days or weeks have fewer than k visitors of it, it is any of these rows.
    """
    within = [row for row in rows if rest.span.holds(row.span) and rest_key(table, row.cells[0].key) == rest.key]
    if len(rest.visitors) < days.k:
        return within
    found = []
    for part in PARTS:
        own = {part(cell) for cell in rest.cells}
        if len(own) == 1:
            beside = [row for row in within if own < {part(cell) for cell in row.cells}]
            if len(visitors_of(cell for row in beside for cell in row.cells if part(cell) in own)) < days.k:
                found += beside
    return found


def take_in(rest: Row, row: Row, rows: list[Row]) -> None:
    """Make a row part of another."""
    rest.cells = rest.cells + row.cells
    rows.remove(row)


def break_chains(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> list[Row]:
    """Step 6: the rest takes in rows until no set of days leaves few visitors of its sum."""
    rows = list(rows)
    for place, of_rest in of_rests(table, cells, days).items():
        day_of = days_of_sums(of_rest, lambda cell: cell.visitors, days)
        while True:
            own = [row for row in rows if rest_of(table, row.cells[0], days) == place]
            links = links_of({row: row.cells for row in own}, lambda cell: cell.visitors, day_of)
            leave_open(links, [row for row, day in links if day == OPEN], days.k)
            few = few_of_days(links, days.k)
            if few is None:
                break
            days_of = {row: {day for one, day in links if one is row} for row in own}
            alone = [row for row in own if days_of[row] <= few]
            beside = [row for row in own if days_of[row] & few and row not in alone]
            rest = next((row for row in own if (row.span, row.key) == place), None)
            joining = alone if rest in beside else beside
            if rest is None:
                rest = Row(*place, 5, [])
                rows.append(rest)
            take_in(rest, smallest(joining), rows)
    return rows


def cross_sums(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> list[Row]:
    """The rows but for those that leave less than k/2 visits of what is known of their second page in a span."""
    rows = list(rows)
    spans = (own_span_of, *(lambda cell, grain=grain: span_of(cell.day, grain) for grain in GRAINS[1:]))
    while True:
        for part in spans:
            close = []
            known = [cell for cell in cells if cell.key[1] != words.OTHER and part(cell) in days.possible_spans(cell)]
            for place in dict.fromkeys((part(cell), cell.key[1]) for cell in known):
                own = {cell for cell in known if (part(cell), cell.key[1]) == place}
                alone = [row for row in rows if row.step <= 3 and own.issuperset(row.cells)]
                rounded = sum(len(row.visits) // days.k * days.k for row in alone)
                if rounded and sum(len(cell.visits) for cell in own) - rounded < days.k / 2:
                    close.append(smallest(alone))
            for row in close:
                place = rest_of(table, row.cells[0], days)
                rest = next((one for one in rows if (one.span, one.key) == place), None)
                if rest is None:
                    rest = Row(*place, 5, [])
                    rows.append(rest)
                take_in(rest, row, rows)
            if close:
                break
        else:
            return rows


def rounded_visits(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> dict[Row, int]:
    """The published visits of rows of pairs: rounded down, and k less where they would be nearly all of a first page.

    The latter is only for first pages with a measure that `pages` hides and that could be calculated.
    """
    shown = {row: len(row.visits) // days.k * days.k for row in rows}
    spans = (own_span_of, *(lambda cell, grain=grain: span_of(cell.day, grain) for grain in GRAINS[1:]))
    while True:
        for part in spans:
            close = []
            known = [cell for cell in cells if part(cell) in days.possible_spans(cell)]
            for place in dict.fromkeys((part(cell), rest_key(table, cell.key)) for cell in known):
                own = {cell for cell in known if (part(cell), rest_key(table, cell.key)) == place}
                alone = [row for row in rows if shown[row] and own.issuperset(row.cells)]
                left = sum(len(cell.visits) for cell in own) - sum(shown[row] for row in alone)
                is_hidden = any(cell.closed.intersection(OF_FIRST[table]) for cell in own)
                if is_hidden and alone and left < days.k / 2:
                    close.append(smallest(alone))
            for row in close:
                shown[row] -= days.k
            if close:
                break
        else:
            return shown


def days_of_sums(
    cells: Iterable[Cell], people: Callable[[Cell], set[Client]], days: SiteDays, beside: Iterable[Cell] = ()
) -> dict[Cell, Any]:
    """The day of each cell, in order: its own span, if the sum of that is known, as k of the people are there.

    The other cells of a rest are of one day, as other tables have their sum, and come last. They are open if fewer
    people are there, and so is what is `beside` the table.
    """
    of_span: dict[Span, list[Cell]] = defaultdict(list)
    for cell in (*cells, *beside):
        of_span[cell.span].append(cell)
    found: dict[Cell, Any] = {}
    unknown: dict[Span, list[Cell]] = defaultdict(list)
    for span in sorted(of_span, key=from_the_first):
        own = of_span[span]
        has_sum = any(cell in beside or span in days.possible_spans(cell) for cell in own)
        if has_sum and len({one for cell in own for one in people(cell)}) >= days.k:
            found |= dict.fromkeys(own, span)
            continue
        for cell in own:
            if cell in beside:
                found[cell] = OPEN
            else:
                unknown[days.possible_spans(cell)[-1]].append(cell)
    for span in sorted(unknown, key=lambda span: (GRAINS.index(span.grain), span.first_day)):
        own = unknown[span]
        is_group = len({one for cell in own for one in people(cell)}) >= days.k
        found |= dict.fromkeys(own, ("others", span) if is_group else OPEN)
    return found


def from_the_first(span: Span) -> tuple[date, int]:
    """Sort key: the first day, then the finer grain."""
    return span.first_day, GRAINS.index(span.grain)


def links_of(
    rows: Mapping[Any, Iterable[Cell]], people: Callable[[Cell], set[Client]], day_of: Mapping[Cell, Any]
) -> dict[tuple[Any, Any], set[Client]]:
    """The people that each row has of each day, in the order of days; `rows` have their cells."""
    found: dict[tuple[Any, Any], set[Client]] = {}
    for row, cells in rows.items():
        for cell in cells:
            if people(cell):
                found.setdefault((row, day_of[cell]), set()).update(people(cell))
    order = list(dict.fromkeys(day_of.values()))
    return {link: found[link] for link in sorted(found, key=lambda link: order.index(link[1]))}


# --- tables within others ---


def cells_within(
    table: str,
    outer: Mapping[Row, set[str]],
    key_of: Callable[[Visit], Mapping[str, Any] | None],
    k: int,
    measures_of: Callable[[Visit], Mapping[str, int]],
) -> tuple[list[Cell], list[Cell]]:
    """The cells of a table that is folded within the rows of another, and the visits of those rows that are not in it.

    `outer` has the measures that are NULL in each of these rows. The cells of a row have its span for their own, and
    lose what the row has lost. A row that lost all of its key has no cells that belong only partly to it. Visits of the
    row that have no key are in the rest where they are few, and not in the table otherwise.
    """
    outer_table, shared = WITHIN[table]
    cells: dict[tuple[Span, Key], Cell] = {}
    besides: dict[tuple[Span, Key], Cell] = {}
    for row, closed in outer.items():
        finest = {visit: cell.key for cell in row.cells for visit in cell.visits}
        of_row = dict(zip(COLUMNS[outer_table], row.key, strict=True))
        if table == "campaigns" and of_row["kind"] == words.OTHER:
            continue
        keys = {visit: key_of(visit) for visit in finest}
        beside = {visit.visitor for visit, key in keys.items() if key is None}
        for visit, key in keys.items():
            found = cells
            shown = {f"outer_{column}": value for column, value in of_row.items()} | (key or {})
            own = {column: shown.get(column) for column in COLUMNS[table]}
            if key is None:
                # Visits without a campaign, in a row of visits with one.
                if not any(keys.values()):
                    continue
                if len(beside) >= k:
                    found = besides
                own = dict(zip(own, rest_key(table, tuple(own.values())), strict=True))
            elif row.step > 3 or finest[visit] != row.key:
                own |= {column: words.OTHER for column in key if column in own} | {shared: of_row[shared]}
            values = tuple(own.values())
            cell = found.setdefault((row.span, values), Cell(row.span, values))
            cell.add(visit, measures_of(visit))
            cell.closed |= closed
    return list(cells.values()), list(besides.values())


# --- coarser keys ---


def folder(page: str) -> str:
    """`/a/b/c` and `/a/b/c/` are in `/a/b/…`, `/a?b=c` in `/a?…`; `/a` and what has no slash first are in no folder."""
    path, key, _ = page.partition("?")
    if page.startswith("/") and key:
        return f"{path}?…"
    head = page.removesuffix("/").rpartition("/")[0]
    return f"{head}/…" if page.startswith("/") and head else words.OTHER


def first_folder(page: str) -> str:
    """`/a/b/c` and `/a/b?c=d` are in `/a/…`, `/a?b=c` is in `/a?…`."""
    path, key, _ = page.partition("?")
    path = path if key else path.removesuffix("/")
    second_slash = path.find("/", 1)
    if page.startswith("/") and second_slash > 0:
        return f"{path[:second_slash]}/…"
    return folder(page) if key else words.OTHER


def other(value: Any) -> str:
    """Every text becomes `(other)`."""
    return words.OTHER


def nothing(value: Any) -> None:
    """Every number becomes NULL."""
    return None


def hundred(status: int) -> int:
    """The hundred of a status, which distinguishes rests; it is not published."""
    return status // 100


Coarsen = Callable[[Any], Any]


def levels_of(table: str) -> list[dict[str, Coarsen | None]]:
    """Which columns lose what, level by level."""
    levels: list[dict[str, Coarsen | None]] = []
    for column in FINEST_FIRST[table]:
        if column == "page":
            levels += [{column: folder}, {column: first_folder}]
        levels.append({column: (hundred if table == "errors" else nothing) if column == "status" else other})
    return levels


LEVELS: dict[str, list[dict[str, Coarsen | None]]] = {table: levels_of(table) for table in FINEST_FIRST} | {
    "campaigns": [{"campaign": other}, {"medium": other, "source": None}, {"source": other}],
    "transitions": [{"next_page": other}, {"page": other}],
    "entry_exits": [{"exit_page": other}, {"page": other}],
}
"""None stands for the source of a campaign that becomes the one in `referrers`."""


def coarser_key(table: str, key: Key, level: int) -> Key:
    """A finest key without what it lost up to a level."""
    values = dict(zip(COLUMNS[table], key, strict=True))
    finest = dict(values)
    for losses in LEVELS[table][: level + 1]:
        for column, coarsen in losses.items():
            values[column] = finest[f"outer_{column}"] if coarsen is None else coarsen(finest[column])
    return tuple(values.values())


def last_level(table: str) -> int:
    """The place of the level of the rest: a column shared with another table is not lost by itself."""
    return len(LEVELS[table]) - (2 if table in WITHIN else 1)


@cache
def rest_key(table: str, key: Key) -> Key:
    """The key of the rest that a key belongs to: `(other)` in all columns, except where another table decides."""
    return coarser_key(table, key, last_level(table))
