"""The paragraph "Measures" of the section "Small groups": which measures of a row are NULL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from typing import Any

from tests.reference.cells import (
    GRAINS,
    Cell,
    Row,
    SiteDays,
    Span,
    in_no_row,
    order_as_text,
    some_but_fewer,
    span_of,
)
from tests.reference.chains import OPEN, few_of_days, leave_open
from tests.reference.folding import days_of_sums, links_of
from tests.reference.goals_together import GoalOfRow, hide_of_sum, known_sums, links_of_sums
from tests.reference.levels import WITHIN, Key, rest_key
from tests.reference.visits import Client

ENGAGEMENT = ("bounces", "duration_s", "completions")
"""Measures of how the pages of visits were read, and whether they reached a goal."""

OF_VISITS = ("bounces", "completions", "entries", "exits", "refined")
"""The measures that count some of the visits of a row."""

OF_ENDS: dict[tuple[str, str], tuple[str, ...]] = {("pages", "bounces"): ("entries", "exits")}
"""The measures of tables that count some of what others count, too: who bounces began and ended there."""

DIVIDED: dict[str, tuple[str, str]] = {
    "referrers": ("goal_sources", "visits"),
    "campaigns": ("goal_campaigns", "visits"),
    "pages": ("goal_entries", "entries"),
}
"""The tables whose rows are divided by goals: the table of the parts, and the measure that they are parts of."""

MEASURES_OF_SOME: dict[str, tuple[str, ...]] = {
    "pages": ("entries", "exits", "bounces"),
    "searches": ("exits", "refined"),
    "errors": ("visits",),
    "broken_links": ("visits",),
    "downloads": ("visits", "partial"),
    "locations": ENGAGEMENT,
    "technology": ENGAGEMENT,
    "referrers": ENGAGEMENT,
    "campaigns": ENGAGEMENT,
}
"""The measures in which only some of the visitors of a row take part. In others all of them do."""


SUMMED_BY_VISITS: dict[str, tuple[str, ...]] = {
    "pages": ("bounces",),
    **dict.fromkeys(("locations", "technology", "referrers"), ("bounces", "duration_s")),
}
"""The measures of tables whose sums `visits` has for each day, except for days on which few take part."""


def close_few_of_days(table: str, cells: list[Cell], days: SiteDays) -> None:
    """Hide a measure in every row of one of these cells, where it is of a day on which few take part in it."""
    for measure in SUMMED_BY_VISITS.get(table, ()):
        takers: dict[object, set[Client]] = defaultdict(set)
        for cell in cells:
            takers[cell.day] |= cell.taking_part.get(measure, set())
        for cell in cells:
            if cell.measures[measure] > 0 and some_but_fewer(takers[cell.day], days.k) and not days.is_small(cell.day):
                cell.closed.add(measure)


def measures_to_hide(
    table: str,
    rows: list[Row],
    measure: str,
    days: SiteDays,
    beside: Iterable[Cell] = (),
    also: Iterable[Row] = (),
) -> set[Row]:
    """The rows of one site in which a measure is NULL, `also` are.

    Days come first, then those of several that hang together, then weeks, then months.

    The sum over all rows of a rest, and of the visits of the other table's rows that are not in them, is known for each
    span. What rows of the span alone leave of it must be of k visitors, and not hardly more than one for each NULL.
    """
    k = days.k
    hidden = {row for row in rows if some_but_fewer(row.taking_part(measure), k)}
    hidden |= {row for row in rows if any(measure in cell.closed for cell in row.cells)} | set(also)
    cells = [cell for row in rows for cell in row.cells]
    finest = [row for row in rows if row.step <= LAST_FINEST]
    of_finest = [cell for row in finest for cell in row.cells]
    for grain in ("own", *GRAINS[1:]):
        for own in by_sum(table, of_finest, [], grain, days):
            alone = {row for row in finest if own.issuperset(row.cells)}
            own = {cell for row in alone for cell in row.cells}
            hidden |= hidden_of_sum(table, measure, own, alone, hidden, k)
    for grain in ("own", "chain", *GRAINS[1:]):
        for own in (
            by_chain(table, rows, list(beside), days)
            if grain == "chain"
            else by_sum(table, cells, list(beside), grain, days)
        ):
            alone = {row for row in rows if own.issuperset(row.cells)}
            hidden |= hidden_of_sum(table, measure, own, alone, hidden, k)
        if grain == "own":
            hidden |= hide_in_sets(table, rows, hidden, measure, list(beside), days)
            longer = [row for row in rows if any(row.span != cell.span for cell in row.cells)]
            hidden |= hide_in_sets(table, longer, hidden, measure, list(beside), days)
    return hidden


LAST_FINEST = 3
"""The last step that makes rows of finest keys."""


def hidden_of_sum(table: str, measure: str, own: set[Cell], alone: set[Row], before: set[Row], k: int) -> set[Row]:
    """The rows that hide a measure for the sake of a sum over some cells; `alone` are the rows of these cells only."""
    hidden = set(before)
    shown = alone - hidden
    left = in_no_row(list(own), list(shown))
    behind = {client for cell in left for client in cell.taking_part.get(measure, ())}
    not_zero = [row for row in shown if row.measure(measure) > 0]
    nulls = {row for row in alone & hidden if row.measure(measure) > 0}
    is_close = bool(nulls) and sum(amount(cell, measure) for cell in left) - len(nulls) < k / 2
    if not_zero and (some_but_fewer(behind, k) or is_close):
        hidden.add(min(not_zero, key=lambda row: order_of_hiding(row, measure)))
    elif is_close:
        hidden |= shown
    if wholes := wholes_of(table, measure):
        hidden |= nearly_all(own, alone, hidden, measure, wholes, k)
    return hidden


def order_of_hiding(row: Row, measure: str) -> tuple[object, ...]:
    """Sort key: rows of finest keys come last, of these the ones of days; then the value, then the order as text."""
    return -min(row.step, LAST_FINEST + 1), row.measure(measure), *order_as_text(row)


def hide_in_sets(
    table: str, rows: list[Row], hidden: set[Row], measure: str, beside: list[Cell], days: SiteDays
) -> set[Row]:
    """The rows that hide a measure until no set of days leaves some of it by fewer than k visitors."""
    hidden = set(hidden)
    if not any(row.span != cell.span for row in rows for cell in row.cells):
        return hidden

    def people(cell: Cell) -> set[Client]:
        return cell.taking_part.get(measure, set())

    def group_of(cell: Cell) -> tuple[Span, Key]:
        return span_of(cell.day, "month"), rest_key(table, cell.key)

    takers = [cell for row in rows for cell in row.cells if people(cell)]
    others = [cell for cell in beside if people(cell)]
    for group in dict.fromkeys(map(group_of, [*takers, *others])):
        own, out = ([cell for cell in some if group_of(cell) == group] for some in (takers, others))
        of_rows: dict[Any, list[Cell]] = {row: [cell for cell in row.cells if cell in own] for row in rows}
        links = links_of(of_rows | {cell: [cell] for cell in out}, people, days_of_sums(own, people, days, out))
        hide_while_few(links, hidden, out, lambda row: order_of_hiding(row, measure), days.k)
    return hidden


def hide_while_few(
    links: dict[tuple[Any, Any], set[Client]],
    hidden: set[Any],
    beside: Collection[Any],
    order: Callable[[Any], tuple[object, ...]],
    k: int,
) -> None:
    """Add rows to `hidden` until no set of the sums that `links` are about leaves few; `beside` are no rows."""
    leave_open(links, [row for row, _ in links if row in hidden or row in beside], k)
    while (few := few_of_days(links, k)) is not None:
        sums_of = {row: {one for other, one in links if other == row} for row, _ in links}
        within = [row for row in sums_of if sums_of[row] <= few]
        crossing = [row for row in sums_of if sums_of[row] & few and row not in within]
        shown = [row for row in (crossing if OPEN in few else within) if row not in hidden and row not in beside]
        row = min(shown, key=order)
        hidden.add(row)
        leave_open(links, [row], k)


def hide_all(
    table: str,
    rows: list[Row],
    goals: Iterable[str],
    days: SiteDays,
    beside: Iterable[Cell] = (),
    rows_of_goals: Iterable[Row] = (),
) -> dict[str, set[Row]]:
    """The rows of one site in which each measure is NULL, those of goals among them: the part "Goals of rows"."""
    hidden = {
        measure: measures_to_hide(table, rows, measure, days, beside)
        for measure in MEASURES_OF_SOME.get(table, ())
        if measure != "completions"
    }
    of_goals = {}
    if table in DIVIDED:
        closed = hidden.get(DIVIDED[table][1], set())
        of_goals = {
            goal: measures_to_hide(table, rows, goal, days, beside, closed) for goal in map(goal_measure, goals)
        }
        if table not in WITHIN:
            of_goals = hide_goals_together(rows, of_goals, list(rows_of_goals), days.k)
    if "completions" in MEASURES_OF_SOME.get(table, ()):
        some = {row for own in of_goals.values() for row in own}
        hidden["completions"] = measures_to_hide(table, rows, "completions", days, beside, some)
        of_goals = {goal: own | hidden["completions"] - some for goal, own in of_goals.items()}
    return hidden | of_goals


def hide_goals_together(
    rows: list[Row], hidden: dict[str, set[Row]], rows_of_goals: list[Row], k: int
) -> dict[str, set[Row]]:
    """The rows that hide each goal, where few would be left of several that `goals` counts as one.

    `hidden` are the rows that hide each of them for its own sake.
    """
    names = [measure.removeprefix(goal_measure("")) for measure in hidden]
    goals = {name: goal_measure(name) for name in names}
    parts = [GoalOfRow(row, name, goals[name]) for row in rows for name in names if row.measure(goals[name])]
    nulls = {part for part in parts if part.row in hidden[part.measure]}

    def order(part: GoalOfRow) -> tuple[object, ...]:
        return *order_of_hiding(part.row, part.measure), names.index(part.goal)

    for sums in known_sums({place for part in parts for place, _ in part.cells}, rows_of_goals):
        for own in sums:
            hide_of_sum(parts, nulls, own, order, k)
        for links in links_of_sums(parts, sums, k):
            hide_while_few(links, nulls, (), order, k)
    return {goal: own | {part.row for part in nulls if part.measure == goal} for goal, own in hidden.items()}


def goal_measure(goal: str) -> str:
    """The name of the measure of the visits that reached a goal."""
    return f"goal {goal}"


def wholes_of(table: str, measure: str) -> tuple[str, ...]:
    """The measures of which another one is a part, where all are published."""
    if table in DIVIDED and measure.startswith(goal_measure("")):
        return (DIVIDED[table][1],)
    return (*OF_ENDS.get((table, measure), ()), "visits") if measure in OF_VISITS else ()


def nearly_all(
    own: set[Cell], alone: set[Row], hidden: set[Row], measure: str, wholes: tuple[str, ...], k: int
) -> set[Row]:
    """The rows that are hidden, too, because the measure is open, and nearly all is counted that may be."""

    def others_of_cell(cell: Cell) -> int:
        return min(amount(cell, whole) for whole in wholes) - amount(cell, measure)

    def others_of_row(row: Row) -> int:
        return min(map(row.measure, wholes)) - row.measure(measure)

    shown, nulls = alone - hidden, alone & hidden
    beside = in_no_row(list(own), list(alone))
    others = sum(map(others_of_cell, beside)) + sum(map(others_of_row, nulls))
    if not nulls or others >= k / 2:
        return set()
    enough = [row for row in shown if others_of_row(row) >= k / 2]
    if not enough:
        return shown
    return {min(enough, key=lambda row: order_of_hiding(row, measure))}


def by_sum(table: str, cells: list[Cell], beside: list[Cell], grain: str, days: SiteDays) -> list[set[Cell]]:
    """The cells of each rest and span of a grain whose sum is known, with what is beside them; `own` is the cells' own.

    A cell's own span is a day, unless it is in a coarser row of the other table.
    """
    found: dict[object, set[Cell]] = defaultdict(set)
    for cell in cells:
        span = cell.span if grain == "own" else span_of(cell.day, grain)
        if span in days.possible_spans(cell):
            found[span, rest_key(table, cell.key)].add(cell)
    for cell in beside:
        span = cell.span if grain == "own" else span_of(cell.day, grain)
        if (span, rest_key(table, cell.key)) in found:
            found[span, rest_key(table, cell.key)].add(cell)
    return list(found.values())


def by_chain(table: str, rows: list[Row], beside: list[Cell], days: SiteDays) -> list[set[Cell]]:
    """The cells of each rest and of several days that are linked by rows, if the sums of all of them are known."""
    chains: list[set[object]] = []
    for row in rows:
        joined: set[object] = {(cell.span, rest_key(table, cell.key)) for cell in row.cells}
        chains, met = [one for one in chains if not one & joined], [one for one in chains if one & joined]
        chains.append(joined.union(*met))
    found = []
    for chain in chains:
        own = {cell for row in rows for cell in row.cells if (cell.span, rest_key(table, cell.key)) in chain}
        if len(chain) > 1 and all(cell.span in days.possible_spans(cell) for cell in own):
            found.append(own | {cell for cell in beside if (cell.span, rest_key(table, cell.key)) in chain})
    return found


def amount(cell: Cell, measure: str) -> int:
    """A measure of a cell."""
    return len(cell.visits) if measure == "visits" else cell.measures[measure]


def hide_few(value: int, taking_part: set[Client], k: int) -> int | None:
    """A measure, NULL where some but fewer than k visitors take part in it."""
    return None if some_but_fewer(taking_part, k) else value
