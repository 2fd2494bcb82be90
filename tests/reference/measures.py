"""The paragraph "Measures" of the section "Small groups": which measures of a row are NULL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from tests.reference.cells import (
    GRAINS,
    Cell,
    Row,
    SiteDays,
    Span,
    in_no_row,
    order_as_text,
    order_of_rows,
    some_but_fewer,
    span_of,
)
from tests.reference.chains import OPEN, few_of_days, leave_open
from tests.reference.earlier_files import Rest
from tests.reference.folding import File, days_of_sums, from_the_first, links_of, rest_of
from tests.reference.goals_together import GoalOfRow, Place, hide_of_sum, known_sums, links_of_sums
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
    earlier: Sequence[tuple[File, set[Row]]] = (),
) -> set[Row]:
    """The rows of one site in which a measure is NULL; those of `also` are, and those that were in earlier files.

    Days come first, then those of several that hang together, then weeks, then months.

    The sum over all rows of a rest, and of the visits of the other table's rows that are not in them, is known for each
    span. What rows of the span alone leave of it must be of k visitors, and not hardly more than one for each NULL.
    """
    k = days.k
    hidden = {row for row in rows if some_but_fewer(row.taking_part(measure), k)}
    hidden |= {row for row in rows if any(measure in cell.closed for cell in row.cells)} | set(also)
    covered = {frozenset(row.cells) for _, hidden_before in earlier for row in hidden_before}
    hidden |= {row for row in rows if frozenset(row.cells) in covered}
    cells = [cell for row in rows for cell in row.cells]
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
            for before, hidden_before in earlier:
                hidden |= hide_beside(table, rows, hidden, measure, before, hidden_before, list(beside), days)
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


def hide_beside(
    table: str,
    rows: list[Row],
    hidden: set[Row],
    measure: str,
    before: File,
    hidden_before: set[Row],
    beside: list[Cell],
    days: SiteDays,
) -> set[Row]:
    """The same for sums that an earlier file had of what is in other rows now: what its rows by day (week) showed.

    What rows hid there is one sum for each rest, if no other rows of its span hid it. What the file did not have is
    like the small days of a week.
    """
    hidden = set(hidden)
    same = {frozenset(row.cells) for row in rows} & {frozenset(row.cells) for row in before.rows}
    moved = [row for row in rows if frozenset(row.cells) not in same]
    if not any(row.span != cell.span for row in rows for cell in row.cells):
        return hidden

    def people(cell: Cell) -> set[Client]:
        return cell.taking_part.get(measure, set())

    def group_of(cell: Cell) -> Rest:
        return span_of(cell.day, "month"), rest_key(table, cell.key)

    def in_groups(cells: Iterable[Cell], place: Callable[[Cell], Rest]) -> dict[Rest, list[Cell]]:
        found: dict[Rest, list[Cell]] = defaultdict(list)
        for cell in filter(people, cells):
            found[place(cell)].append(cell)
        return {
            one: found[one] for one in sorted(found, key=lambda one: (*reversed(from_the_first(one[0])), str(one[1])))
        }

    def are_many(cells: Iterable[Cell]) -> bool:
        return len({client for cell in cells for client in people(cell)}) >= days.k

    had = [row for row in sorted(before.rows, key=order_of_rows) if frozenset(row.cells) not in same]
    of_rows_before = [cell for row in had for cell in row.cells]
    day_of: dict[Cell, Any] = {cell: row.span for row in had if row not in hidden_before for cell in row.cells}
    closed = [cell for row in hidden_before if frozenset(row.cells) in same for cell in row.cells]
    rest_before = partial(rest_of, table, days=before.days)
    of_closed = in_groups(closed, rest_before)
    for place, own in in_groups(in_no_day(of_rows_before, day_of), rest_before).items():
        is_known = place not in of_closed and are_many(own) and not beside
        day_of |= dict.fromkeys(own, place if is_known else OPEN)
    new = in_no_day([cell for row in moved for cell in row.cells], day_of)
    for place, own in in_groups(new, lambda cell: (days.possible_spans(cell)[0], rest_key(table, cell.key))).items():
        day_of |= dict.fromkeys(own, ("others", place) if are_many(own) else OPEN)
    for group in in_groups(day_of, group_of):
        of_rows: dict[Any, list[Cell]] = {row: [cell for cell in row.cells if group_of(cell) == group] for row in moved}
        lost = [cell for cell in in_no_row(of_rows_before, rows) if group_of(cell) == group]
        links = links_of(of_rows | {"in no row": lost}, people, day_of)
        hide_while_few(links, hidden, ["in no row"] if lost else [], lambda row: order_of_hiding(row, measure), days.k)
    return hidden


def in_no_day(cells: Iterable[Cell], day_of: Mapping[Cell, Any]) -> list[Cell]:
    """The cells that have no day yet."""
    return [cell for cell in cells if cell not in day_of]


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
    files: Iterable[File],
    goals: Collection[str],
    beside: Collection[Cell] = (),
    rows_of_goals: Collection[Row] = (),
) -> dict[str, set[Row]]:
    """The rows of the last file in which each measure is NULL, those of goals among them; it has one site.

    A row that covers the same cells as one of an earlier file hides what that one hid.
    """
    earlier: list[tuple[File, dict[str, set[Row]]]] = []
    for file in files:
        earlier.append((file, hide_in_file(table, file, earlier, goals, beside, rows_of_goals)))
    return earlier[-1][1]


def hide_in_file(
    table: str,
    file: File,
    earlier: Sequence[tuple[File, Mapping[str, set[Row]]]],
    goals: Iterable[str],
    beside: Iterable[Cell],
    rows_of_goals: Iterable[Row],
) -> dict[str, set[Row]]:
    """The rows of a file in which each measure is NULL. Of goals: "Goals of rows"."""

    def hide(measure: str, also: Iterable[Row] = ()) -> set[Row]:
        before = [(other, hidden_of[measure]) for other, hidden_of in earlier]
        return measures_to_hide(table, file.rows, measure, file.days, beside, also, before)

    hidden = {measure: hide(measure) for measure in MEASURES_OF_SOME.get(table, ()) if measure != "completions"}
    of_goals = {}
    if table in DIVIDED:
        closed = hidden.get(DIVIDED[table][1], set())
        of_goals = {goal: hide(goal, closed) for goal in map(goal_measure, goals)}
        if table not in WITHIN:
            of_goals = hide_goals_together(file, of_goals, list(rows_of_goals))
    if "completions" in MEASURES_OF_SOME.get(table, ()):
        some = {row for own in of_goals.values() for row in own}
        hidden["completions"] = hide("completions", some)
        of_goals = {goal: own | hidden["completions"] - some for goal, own in of_goals.items()}
    return hidden | of_goals


def hide_goals_together(file: File, hidden: dict[str, set[Row]], rows_of_goals: list[Row]) -> dict[str, set[Row]]:
    """The rows of a file that hide each goal, where few would be left of several that `goals` counts as one.

    `hidden` are the rows that hide each of them for its own sake.
    """
    names = [measure.removeprefix(goal_measure("")) for measure in hidden]
    goals = {name: goal_measure(name) for name in names}
    parts = [GoalOfRow(row, name, goals[name]) for row in file.rows for name in names if row.measure(goals[name])]
    nulls = {part for part in parts if part.row in hidden[part.measure]}

    def order(part: GoalOfRow) -> tuple[object, ...]:
        return *order_of_hiding(part.row, part.measure), names.index(part.goal)

    k = file.days.k

    def are_many(sums: set[Place]) -> bool:
        return len({client for part in parts for client in part.people(sums)}) >= k

    for sums in known_sums({place for part in parts for place, _ in part.cells}, rows_of_goals, file.grains, are_many):
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
