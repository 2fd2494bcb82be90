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
    "campaigns": ("source", "medium", "campaign"),
    "searches": ("phrase",),
    "errors": ("status", "page"),
    "cookie_audit": ("finding",),
}
"""The key of each table, without day, site and grain."""

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
    "cookie_audit": ("finding",),
}
"""The columns in the order in which rare cells lose them."""

MARGINS: dict[str, tuple[str | None, ...]] = {
    "pages": (None,),
    "locations": (None,),
    "technology": (None, "browser", "os"),
    "browser_versions": (None, "browser"),
    "os_versions": (None, "os"),
    "referrers": (None, "kind"),
    "campaigns": (None, "source"),
    "searches": (None,),
    "errors": (None,),
    "cookie_audit": (None,),
}
"""The columns over which sums are known; None: the table's total."""


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
    """What a table has for one day, one site and one finest key."""

    day: date
    key: Key
    visitors: set[Client] = field(default_factory=set)
    visits: set[Visit] = field(default_factory=set)
    measures: Counter[str] = field(default_factory=Counter)
    """All but `visits`."""
    taking_part: dict[str, set[Client]] = field(default_factory=lambda: defaultdict(set))
    """Which visitors take part in each measure, `visits` among them."""


@dataclass(eq=False)
class Row:
    """Some cells of one site and one span, told together; `step` is the rule that made it."""

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
        """A measure, whether it may be told or not."""
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
    return min(rows, key=lambda row: (sum(len(cell.visits) for cell in row.cells), *order_as_text(row)))


def order_as_text(row: Row) -> tuple[list[tuple[bool, str]], date, int]:
    """Sort key: the values of the key as text, NULL last; then day and grain."""
    texts = [(value is None, str(value)) for value in row.key]
    return texts, row.span.first_day, GRAINS.index(row.span.grain)


# --- which spans are told, and small days ---


@dataclass(frozen=True)
class SiteDays:
    """The days of one site as the rules see them."""

    k: int
    visitors: Mapping[date, set[Client]]
    """The visitors of the visits of each day with hits."""
    told: frozenset[Span]
    """The weeks and months that are told; days always are."""

    def is_small(self, day: date) -> bool:
        """Have the day's visits fewer than k visitors?"""
        return len(self.visitors.get(day, ())) < self.k

    @cached_property
    def small_days(self) -> list[date]:
        """All small days."""
        return [day for day in self.visitors if self.is_small(day)]

    def are_a_group(self, days: list[date]) -> bool:
        """Are they two or more small days with k visitors together?"""
        return len(days) >= 2 and len({client for day in days for client in self.visitors[day]}) >= self.k

    def join_week(self, week: Span) -> bool:
        """Do the small days of a week join it?"""
        return week in self.told and self.are_a_group([day for day in self.small_days if span_of(day, "week") == week])

    def join_month(self, month: Span) -> bool:
        """Do the small days of a month that joined no week join the month?"""
        left = [
            day
            for day in self.small_days
            if span_of(day, "month") == month and not self.join_week(span_of(day, "week"))
        ]
        return month in self.told and self.are_a_group(left)

    @cached_property
    def spans(self) -> dict[date, list[Span]]:
        """The spans of which the cells of each day may be told, finest first; of a small day there may be none."""
        return {day: self.spans_of(day) for day in self.visitors}

    def parts(self, span: Span, days: Iterable[date]) -> set[Span]:
        """The days of a week, or weeks of a month, in which some days lie; a day is its own part."""
        return {span_of(day, "week" if span.grain == "month" else "day") for day in days}

    def has_parts(self, span: Span, cells: Iterable[Cell]) -> bool:
        """Do cells lie in two parts of a span, if so many join it?"""
        joining = self.parts(span, [day for day, spans in self.spans.items() if span in spans])
        return len(self.parts(span, [cell.day for cell in cells])) >= min(2, len(joining))

    def spans_of(self, day: date) -> list[Span]:
        """Those of one day; a small day that joined a week goes on like any other."""
        week, month = span_of(day, "week"), span_of(day, "month")
        told = [span for span in (week, month) if span in self.told]
        if not self.is_small(day):
            return [span_of(day, "day"), *told]
        if self.join_week(week):
            return told
        return [month] if self.join_month(month) else []


# --- the steps ---


def fold(table: str, cells: list[Cell], days: SiteDays, closed: set[Closed] | None = None) -> list[Row]:
    """The rows of one site; cells that may not be told are in none.

    Technology adds to `closed` the values whose sums must not be told; the tables of versions leave these open.
    """
    closed = set() if closed is None else closed
    skipping: set[Cell] = set()
    rows: list[Row] = []
    for tell, grain in ((tell_days, "day"), (tell_weeks, "week"), (tell_months, "month")):
        made = tell(not_told(cells, rows), days)
        made = keep_margins(table, grain, cells, rows, made, days)
        made = keep_crossings(table, grain, cells, rows, made, days, closed)
        if table in CLOSED_BY_TECHNOLOGY:
            made = leave_open(table, grain, cells, rows, made, days, closed, skipping)
        rows += made
    rows = tell_coarser_keys(table, [cell for cell in cells if cell not in skipping], rows, days)
    return tell_rest(table, cells, rows, days)


def not_told(cells: list[Cell], rows: list[Row]) -> list[Cell]:
    """The cells that are in no row."""
    told = {cell for row in rows for cell in row.cells}
    return [cell for cell in cells if cell not in told]


def tell_days(cells: list[Cell], days: SiteDays) -> list[Row]:
    """Step 1: a cell of k visitors is a row of its day."""
    return [
        Row(span_of(cell.day, "day"), cell.key, 1, [cell])
        for cell in cells
        if span_of(cell.day, "day") in days.spans[cell.day] and len(cell.visitors) >= days.k
    ]


def tell_weeks(cells: list[Cell], days: SiteDays) -> list[Row]:
    """Step 2: the cells of one key, of two or more days of a told week and together k visitors, are a row."""
    return [
        Row(week, key, 2, of_key)
        for (week, key), of_key in by_span_and_key(cells, "week", days).items()
        if len({cell.day for cell in of_key}) >= 2 and len(visitors_of(of_key)) >= days.k
    ]


def tell_months(cells: list[Cell], days: SiteDays) -> list[Row]:
    """Step 3: likewise, of two or more weeks of a told month."""
    return [
        Row(month, key, 3, of_key)
        for (month, key), of_key in by_span_and_key(cells, "month", days).items()
        if len({span_of(cell.day, "week") for cell in of_key}) >= 2 and len(visitors_of(of_key)) >= days.k
    ]


def by_span_and_key(cells: list[Cell], grain: str, days: SiteDays) -> dict[tuple[Span, Key], list[Cell]]:
    """Cells that may be told of a span of a grain, by that span and their finest key."""
    found: dict[tuple[Span, Key], list[Cell]] = defaultdict(list)
    for cell in cells:
        span = span_of(cell.day, grain)
        if span in days.spans[cell.day]:
            found[span, cell.key].append(cell)
    return found


def tell_coarser_keys(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> list[Row]:
    """Step 4: level by level, what is equal and has k visitors is a row of the last span that its cells may join.

    It tells cells of two parts of the span.

    Cells whose key equals that of a row of the span join it, however few they are.
    """
    by_key = {(row.span, row.key): row for row in rows}
    for level in range(len(LEVELS[table])):
        equal: dict[tuple[Span, Key], list[Cell]] = defaultdict(list)
        for cell in not_told(cells, list(by_key.values())):
            key = coarser_key(table, cell.key, level)
            if days.spans[cell.day] and key != rest_key(table):
                equal[days.spans[cell.day][-1], key].append(cell)
        for (span, key), of_key in equal.items():
            if (span, key) in by_key:
                by_key[span, key].cells += of_key
            elif len(visitors_of(of_key)) >= days.k and days.has_parts(span, of_key):
                by_key[span, key] = Row(span, key, 4, of_key)
    return list(by_key.values())


def tell_rest(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> list[Row]:
    """Step 5: what remains in a span is one row, which takes in the smallest others until it has k visitors."""
    remaining: dict[Span, list[Cell]] = defaultdict(list)
    for cell in not_told(cells, rows):
        if days.spans[cell.day]:
            remaining[days.spans[cell.day][-1]].append(cell)
    rows = list(rows)
    for span, of_span in remaining.items():
        rest = Row(span, rest_key(table), 5, of_span)
        # A client can ask for a page that is called like the rest.
        for same in [row for row in rows if (row.span, row.key) == (rest.span, rest.key)]:
            take_in(rest, same, rows)
        while len(rest.visitors) < days.k or not days.has_parts(span, rest.cells):
            within = [row for row in rows if row.step < 5 and span.holds(row.span)]
            made_by_step_4 = [row for row in within if row.step == 4]
            if len(rest.visitors) >= days.k:
                part = days.parts(span, [cell.day for cell in rest.cells])
                made_by_step_4 = []
                within = [
                    row
                    for row in within
                    if row.span == span and part & days.parts(span, [cell.day for cell in row.cells])
                ]
            if not within:
                break
            take_in(rest, smallest(made_by_step_4 or within), rows)
        if len(rest.visitors) >= days.k:
            rows.append(rest)
    return rows


def take_in(rest: Row, row: Row, rows: list[Row]) -> None:
    """Make a row part of another."""
    rest.cells = rest.cells + row.cells
    rows.remove(row)


# --- margins ---


def keep_margins(
    table: str, grain: str, cells: list[Cell], before: list[Row], made: list[Row], days: SiteDays
) -> list[Row]:
    """The rows of a step without those that would leave too few visitors hidden below a sum that is known.

    Only cells that may be told of a span count as hidden in it.
    """
    hidden: dict[Span, list[Cell]] = defaultdict(list)
    for cell in not_told(cells, [*before, *made]):
        span = span_of(cell.day, grain)
        if span in days.spans[cell.day]:
            hidden[span].append(cell)
    told: dict[Span, list[Row]] = defaultdict(list)
    for row in made:
        told[row.span].append(row)
    return [row for span in told for row in keep_margins_of_span(table, hidden[span], told[span], days.k)]


def keep_margins_of_span(table: str, hidden: list[Cell], told: list[Row], k: int) -> list[Row]:
    """Margin by margin, withdraw the smallest row of a broken one, until none is broken."""
    told, hidden = list(told), list(hidden)
    is_changing = True
    while is_changing:
        is_changing = False
        for column in MARGINS[table]:
            while (row := row_to_withdraw(table, column, hidden, told, k)) is not None:
                told.remove(row)
                hidden += row.cells
                is_changing = True
    return told


def row_to_withdraw(table: str, column: str | None, hidden: list[Cell], told: list[Row], k: int) -> Row | None:
    """The smallest row with a value whose hidden cells have some but fewer than k visitors."""
    hidden_by_value: dict[Any, list[Cell]] = defaultdict(list)
    for cell in hidden:
        hidden_by_value[value_of(table, column, cell.key)].append(cell)
    for value, of_value in hidden_by_value.items():
        told_of_value = [row for row in told if value_of(table, column, row.key) == value]
        if told_of_value and some_but_fewer(visitors_of(of_value), k):
            return smallest(told_of_value)
    return None


def value_of(table: str, column: str | None, key: Key) -> Any:
    """What a key has in the column of a margin; all keys have the same for the total."""
    return None if column is None else key[COLUMNS[table].index(column)]


# --- margins that cross ---

Value = tuple[str, str | None]
"""A column and its value; None for all values whose sums are not known by themselves."""
Pair = tuple[Value, Value]
Closed = tuple[Span, Value]
"""A value whose sum over a span must not be told."""
CLOSED_BY_TECHNOLOGY = ("browser_versions", "os_versions")


def keep_crossings(
    table: str,
    grain: str,
    cells: list[Cell],
    before: list[Row],
    made: list[Row],
    days: SiteDays,
    closed: set[Closed],
) -> list[Row]:
    """The rows of a step without those that would let a hidden cell follow from the sums over two columns."""
    columns = [column for column in MARGINS[table] if column is not None]
    if len(columns) < 2:
        return made
    kept: list[Row] = []
    spans = {span_of(cell.day, grain) for cell in cells}
    hidden = not_told(cells, [*before, *made])
    for span in sorted(spans, key=lambda span: span.first_day):
        of_span = [cell for cell in hidden if span in days.spans[cell.day] and span_of(cell.day, grain) == span]
        told = [row for row in made if row.span == span]
        of_span_kept, values = keep_crossings_of_span(table, columns, of_span, told, days.k)
        kept += of_span_kept
        closed |= {(span, value) for value in values}
    return kept


def leave_open(
    table: str,
    grain: str,
    cells: list[Cell],
    before: list[Row],
    made: list[Row],
    days: SiteDays,
    closed: set[Closed],
    skipping: set[Cell],
) -> list[Row]:
    """The rows of a step without the smallest of each closed value of which nothing is hidden.

    What is hidden of such a value must skip the levels that keep it.
    """
    kept = list(made)
    for span, (column, value) in closed:
        if span.grain != grain or column not in MARGINS[table]:
            continue
        of_value = [row for row in kept if row.span == span and value_of(table, column, row.key) == value]

        def hidden() -> list[Cell]:
            return [
                cell
                for cell in not_told(cells, [*before, *kept])
                if span in days.spans[cell.day] and value_of(table, column, cell.key) == value  # noqa: B023
            ]

        if of_value and not hidden():
            kept.remove(smallest(of_value))
        skipping |= set(hidden())
    return kept


def keep_crossings_of_span(
    table: str, columns: list[str], hidden: list[Cell], told: list[Row], k: int
) -> tuple[list[Row], set[Value]]:
    """Start again after each withdrawal, until each pair of few visitors is on a circle or nothing is left to do.

    Also returns the values of the pairs that are on no circle in the end.
    """
    present = [*hidden, *(cell for row in told for cell in row.cells)]

    def pair(key: Key) -> Pair:
        values = []
        for column in columns:
            value = value_of(table, column, key)
            of_value = [cell for cell in present if value_of(table, column, cell.key) == value]
            values.append((column, value if len(visitors_of(of_value)) >= k else None))
        return values[0], values[1]

    by_pair: dict[tuple[Any, Any], list[Cell]] = defaultdict(list)
    for cell in hidden:
        by_pair[tuple(value_of(table, column, cell.key) for column in columns)].append(cell)  # type: ignore[index]
    few = sorted({pair(of[0].key) for of in by_pair.values() if len(visitors_of(of)) < k}, key=order_of_pair)
    pairs = {pair(cell.key) for cell in hidden}
    told = list(told)
    is_changing = True
    while is_changing:
        is_changing = False
        for own in few:
            row = row_for_circle(own, pairs, [(row, pair(row.key)) for row in told])
            if row is not None:
                told.remove(row)
                pairs.add(pair(row.key))
                is_changing = True
                break
    alone = [own for own in few if own[1] not in connected(own[0], pairs - {own})]
    return told, {value for own in alone for value in own if value[1] is not None}


def row_for_circle(own: Pair, pairs: set[Pair], told: list[tuple[Row, Pair]]) -> Row | None:
    """The smallest row that closes a circle for a pair that is on none, else the smallest connected with it."""
    one, other = (connected(value, pairs - {own}) for value in own)
    if own[1] in one:
        return None
    closing = [row for row, (a, b) in told if (a in one and b in other) or (a in other and b in one)]
    touching = [row for row, (a, b) in told if (a, b) not in pairs and (a in one | other or b in one | other)]
    return smallest(closing or touching) if closing or touching else None


def connected(value: Value, pairs: set[Pair]) -> set[Value]:
    """The values that pairs connect with a value."""
    found = {value}
    while True:
        more = {end for ends in pairs if found & set(ends) for end in ends}
        if more <= found:
            return found
        found |= more


def order_of_pair(pair: Pair) -> list[str]:
    """By the values as text; those that are not known come first."""
    return [value or "" for _, value in pair]


# --- coarser keys ---


def folder(page: str) -> str:
    """`/a/b/c` and `/a/b/c/` are in `/a/b/…`; `/a` and what does not begin with a slash are in no folder."""
    head = page.removesuffix("/").rpartition("/")[0]
    return f"{head}/…" if page.startswith("/") and head else words.OTHER


def first_folder(page: str) -> str:
    """`/a/b/c` is in `/a/…`."""
    path = page.removesuffix("/")
    second_slash = path.find("/", 1)
    return f"{path[:second_slash]}/…" if page.startswith("/") and second_slash > 0 else words.OTHER


def other(value: Any) -> str:
    """Every text becomes `(other)`."""
    return words.OTHER


def nothing(value: Any) -> None:
    """Every number becomes NULL."""
    return None


Coarsen = Callable[[Any], Any]


def levels_of(table: str) -> list[dict[str, Coarsen]]:
    """Which columns lose what, level by level; those of technology but the browser at once."""
    if table == "technology":
        return [{"device": other, "os": other}, {"browser": other}]
    levels: list[dict[str, Coarsen]] = []
    for column in FINEST_FIRST[table]:
        if column == "page":
            levels += [{column: folder}, {column: first_folder}]
        levels.append({column: nothing if column == "status" else other})
    return levels


LEVELS: dict[str, list[dict[str, Coarsen]]] = {table: levels_of(table) for table in FINEST_FIRST}


def coarser_key(table: str, key: Key, level: int) -> Key:
    """A finest key without what it lost up to a level."""
    values = dict(zip(COLUMNS[table], key, strict=True))
    finest = dict(values)
    for losses in LEVELS[table][: level + 1]:
        for column, coarsen in losses.items():
            values[column] = coarsen(finest[column])
    return tuple(values.values())


def rest_key(table: str) -> Key:
    """The key of nothing but `(other)`."""
    return tuple(None if column == "status" else words.OTHER for column in COLUMNS[table])


# --- measures ---


def measures_to_hide(rows: list[Row], measure: str, k: int) -> set[Row]:
    """The rows of one site in which a measure is NULL; days come before weeks, and weeks before months."""
    taking_part = {row: row.taking_part(measure) for row in rows}
    hidden = {row for row in rows if some_but_fewer(taking_part[row], k)}
    for grain in GRAINS:
        for of_span in closed_spans(rows, grain).values():
            behind = {client for row in of_span if row in hidden for client in taking_part[row]}
            told = [row for row in of_span if row not in hidden and row.measure(measure) > 0]
            if some_but_fewer(behind, k) and told:
                hidden.add(min(told, key=lambda row: (row.measure(measure), *order_as_text(row))))
    return hidden


def closed_spans(rows: list[Row], grain: str) -> dict[Span, list[Row]]:
    """The rows that tell the cells of a span, for each span of which no cell is told at a coarser grain."""
    of_span: dict[Span, list[Row]] = defaultdict(list)
    for row in rows:
        for span in {span_of(cell.day, grain) for cell in row.cells}:
            of_span[span].append(row)
    return {span: telling for span, telling in of_span.items() if all(span.holds(row.span) for row in telling)}


def hide_few(value: int, taking_part: set[Client], k: int) -> int | None:
    """A measure, NULL where some but fewer than k visitors take part in it."""
    return None if some_but_fewer(taking_part, k) else value
