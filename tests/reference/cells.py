"""Cells, spans and rows, and which spans of a site are published: the section "Small groups" of the definitions."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from typing import Any

from tests.reference.levels import Key
from tests.reference.visits import Client, Visit

GRAINS = ("day", "week", "month")

OWN_DAYS = {"errors": "hits", "searches": "searches", "goals": "visits", "cookie_audit": "visits"}
"""The measure of tables that have small days of their own, since other tables have no sums of theirs."""


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


def spans_of(day: date) -> dict[str, Span]:
    """The spans in which a day lies, by grain."""
    return {grain: span_of(day, grain) for grain in GRAINS}


@dataclass(eq=False)
class Cell:
    """What a table has for one day, one site and one finest key; or for the span of a row within which it is folded.

    `cookie_audit` has cells of weeks and months, too.
    """

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


def in_no_row(cells: list[Cell], rows: list[Row]) -> list[Cell]:
    """The cells that are in no row."""
    in_rows = {cell for row in rows for cell in row.cells}
    return [cell for cell in cells if cell not in in_rows]


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


def order_of_rows(row: Row) -> tuple[Any, ...]:
    """Sort key: the grain, then the first day, then the key as text."""
    texts, first_day, grain = order_as_text(row)
    return grain, first_day, texts


# --- which spans are published, and small days ---


@dataclass(frozen=True)
class SiteDays:
    """The days of one site as the rules see them."""

    k: int
    visitors: Mapping[date, set[Client]]
    """The visitors of the visits of each day with hits."""
    published: frozenset[Span]
    """The weeks and months that are published; days always are."""
    longer: Mapping[Span, set[Client]] = field(default_factory=dict)
    """The visitors of cells of each week or month that are not within rows of another table: it is treated as a day."""
    hits: Mapping[Span, int] = field(default_factory=dict)
    """The hits (searches, visits) of each day, week and month, in tables that have small days of their own."""

    def is_small(self, day: date) -> bool:
        """Have the day's visits fewer than k visitors?"""
        return len(self.visitors.get(day, ())) < self.k

    @cached_property
    def small_days(self) -> list[date]:
        """All small days."""
        return [day for day in self.visitors if self.is_small(day)]

    @cached_property
    def visitors_of(self) -> dict[Span, set[Client]]:
        """The visitors of each span that cells have for their own."""
        return {span_of(day, "day"): visitors for day, visitors in self.visitors.items()} | dict(self.longer)

    @cached_property
    def small(self) -> list[Span]:
        """Those of fewer than k visitors."""
        return [span for span, visitors in self.visitors_of.items() if len(visitors) < self.k]

    def are_a_group(self, spans: list[Span]) -> bool:
        """Are they two or more small days with k visitors together, and not hardly more than one hit each?"""
        is_close = bool(self.hits) and sum(self.hits[span] - 1 for span in spans) < self.k / 2
        visitors = {client for span in spans for client in self.visitors_of[span]}
        return len(spans) >= 2 and len(visitors) >= self.k and not is_close

    def join_week(self, week: Span) -> bool:
        """Do the small days of a week join it?"""
        return week in self.published and self.are_a_group([span for span in self.small if week.holds(span)])

    def join_month(self, month: Span) -> bool:
        """Do the small days of a month that joined no week join the month?"""
        left = [
            span
            for span in self.small
            if month.holds(span) and (span == month or not self.join_week(span_of(span.first_day, "week")))
        ]
        return month in self.published and self.are_a_group(left)

    @cached_property
    def spans(self) -> dict[Span, list[Span]]:
        """The spans in which the cells of each day may be published, finest first; a small day may have none."""
        return {span: self.spans_of(span) for span in self.visitors_of}

    def possible_spans(self, cell: Cell) -> list[Span]:
        """The spans in which a cell may be published: its own, unless that is a small day, and coarser ones."""
        if cell.span in self.spans:
            return self.spans[cell.span]
        coarser = [span_of(cell.day, grain) for grain in GRAINS[GRAINS.index(cell.span.grain) + 1 :]]
        return [cell.span, *(span for span in coarser if span in self.published)]

    def spans_of(self, own: Span) -> list[Span]:
        """Those of one day; a small day that joined a week goes on like any other."""
        week, month = span_of(own.first_day, "week"), span_of(own.first_day, "month")
        longer = [span for span in (week, month) if span in self.published and span.holds(own)]
        if own not in self.small:
            return [own, *longer] if own.grain == "day" else longer
        if own != month and self.join_week(week):
            return longer
        return [month] if self.join_month(month) else []


def own_days(table: str, cells: Iterable[Cell], days: SiteDays) -> SiteDays:
    """The days by the visitors of these cells alone, such as those who searched: other days have none."""
    measure = OWN_DAYS[table]
    visitors: dict[Span, set[Client]] = defaultdict(set)
    counts: Counter[Span] = Counter()
    for cell in cells:
        visitors[cell.span] |= cell.visitors
        counts[cell.span] += len(cell.visits) if measure == "visits" else cell.measures[measure]
    return days_of_spans(days.k, visitors, days.published, counts)


def days_of_spans(
    k: int, visitors: Mapping[Span, set[Client]], published: frozenset[Span], hits: Mapping[Span, int]
) -> SiteDays:
    """The days by the visitors of each span that cells have for their own, and their hits (searches, visits)."""
    of_days = {span.first_day: clients for span, clients in visitors.items() if span.grain == "day"}
    longer = {span: clients for span, clients in visitors.items() if span.grain != "day"}
    return SiteDays(k, of_days, published, longer, hits)
