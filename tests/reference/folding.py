"""The section "Small groups" of the definitions, for tables with a grain: one function a rule, in that page's order.

Everything is a set of visitors or visits. A set is built anew whenever a rule asks for it.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from footfall.transforms import vocabulary as words
from tests.reference.cells import (
    GRAINS,
    Cell,
    Row,
    SiteDays,
    Span,
    from_the_smallest,
    in_no_row,
    smallest,
    some_but_fewer,
    span_of,
    visitors_of,
)
from tests.reference.chains import OPEN, few_of_days, leave_open
from tests.reference.earlier_files import Rest, Way, compare
from tests.reference.levels import COLUMNS, CROSSED, OF_FIRST, WITHIN, Key, coarser_key, last_level, rest_key
from tests.reference.visits import Client, Visit


@dataclass(frozen=True)
class File:
    """What a file has of one site: rows of some grains, under the days as they were seen when it was made."""

    grains: tuple[str, ...]
    days: SiteDays
    rows: list[Row]


def fold(table: str, cells: list[Cell], days: SiteDays) -> list[Row]:
    """The rows of one site; cells that may not be published are in none."""
    return fold_files(table, cells, days)[-1].rows


def fold_files(table: str, cells: list[Cell], days: SiteDays) -> list[File]:
    """This file, which comes last, and those that may have been before it, without months, and without weeks."""
    files: list[File] = []
    for grains in (GRAINS[:1], GRAINS[:2], GRAINS):
        had = frozenset(span for span in days.published if span.grain in grains)
        if grains == GRAINS or had != days.published:
            known = [cell for cell in cells if cell.span.grain in grains]
            then = replace(days, published=had)
            files.append(File(grains, then, fold_file(table, known, files, then)))
    return files


def fold_file(table: str, cells: list[Cell], earlier: list[File], days: SiteDays) -> list[Row]:
    """The rows of a file."""
    rows: list[Row] = []
    for step, grain in enumerate(GRAINS, start=1):
        for span, of_span in by_span(cells, grain, days).items():
            for rest in {rest_key(table, cell.key) for cell in of_span}:
                of_rest = [cell for cell in of_span if rest_key(table, cell.key) == rest]
                rows += fold_span(step, span, of_rest, rows, days.k)
    rows = fold_by_level(table, cells, rows, days)
    rows = fold_rest(table, cells, rows, days)
    ways = ways_to_compare(table, earlier)
    rows = break_chains(table, cells, rows, ways, days)
    while True:
        kept = keep_visits(table, cells, rows, days)
        kept = keep_coarser_keys(table, cells, kept, ways, days)
        if contents(kept) == contents(rows):
            break
        rows = break_chains(table, cells, kept, ways, days)
    return cross_sums(table, cells, rows, days) if table in CROSSED else rows


def contents(rows: list[Row]) -> set[tuple[Span, Key, frozenset[Cell]]]:
    """What the rows cover."""
    return {(row.span, row.key, frozenset(row.cells)) for row in rows}


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
            take_in(rest, first_to_join([row for row in joining if row.step == 4] or joining), rows)
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


def first_to_join(rows: Iterable[Row]) -> Row:
    """The smallest of the rows of the longest span; those of shorter ones are in earlier files."""
    return min(rows, key=lambda row: (-GRAINS.index(row.span.grain), from_the_smallest(row)))


def keep_visits(table: str, cells: list[Cell], rows: list[Row], days: SiteDays) -> list[Row]:
    """Step 6, of pages: each rest has nobody or k visitors beside days of which it has everybody, or takes in a row."""
    rows = list(rows)
    for place, of_rest in of_rests(table, cells, days).items():
        rest = next((row for row in rows if (row.span, row.key) == place), None)
        if rest is None or table != "pages":
            continue
        day_of = days_of_sums(of_rest, lambda cell: cell.visitors, days)
        whole = set()
        for day in {day_of[cell] for cell in rest.cells} - {OPEN}:
            of_day, in_rest = ([cell for cell in some if day_of[cell] == day] for some in (of_rest, rest.cells))
            if visitors_of(of_day) == visitors_of(in_rest) and all(len(one.visitors) < days.k for one in of_day):
                whole.add(day)
        left = [cell for cell in rest.cells if day_of[cell] not in whole]
        beside = [
            row
            for row in rows
            if row is not rest
            and row.span == place[0]
            and rest_of(table, row.cells[0], days) == place
            and any(day_of[cell] not in whole for cell in row.cells)
        ]
        if whole and beside and some_but_fewer(visitors_of(left), days.k):
            take_in(rest, smallest(beside), rows)
    return rows


def keep_coarser_keys(table: str, cells: list[Cell], rows: list[Row], ways: list[Way], days: SiteDays) -> list[Row]:
    """Step 6: rests take in finest keys until coarser keys of earlier files reveal no few beside longer rows."""
    while contents(kept := leave_one_key(table, cells, rows, ways, days)) != contents(rows):
        rows = kept
    return rows


def leave_one_key(table: str, cells: list[Cell], rows: list[Row], ways: list[Way], days: SiteDays) -> list[Row]:
    """The rows, less the smallest finest key of those that are too close, which goes to the rest."""
    rows = [Row(row.span, row.key, row.step, row.cells) for row in rows]
    for place, of_rest in of_rests(table, cells, days).items():
        of_keys: dict[Key, set[Cell]] = defaultdict(set)
        for way in ways:
            for one in compare(table, of_rest, rows, place, way):
                if bool(one.gone) != bool(one.come) and some_but_fewer(visitors_of(one.gone | one.come), days.k):
                    for cell in [cell for row in one.rows if row.span == place[0] for cell in row.cells]:
                        of_keys[cell.key].add(cell)
        if of_keys:
            rows = leave(rows, place, of_keys, days)
    return fold_rest(table, cells, rows, days)


def leave(rows: list[Row], place: Rest, of_keys: Mapping[Key, set[Cell]], days: SiteDays) -> list[Row]:
    """The rows without the cells of the smallest finest key, and of rows of which too few remain."""
    leaving = set(smallest(Row(place[0], key, 4, list(of_key)) for key, of_key in of_keys.items()).cells)
    for row in rows:
        if leaving.intersection(row.cells):
            kept = [cell for cell in row.cells if cell not in leaving]
            row.cells = kept if len(visitors_of(kept)) >= days.k else []
    return [row for row in rows if row.cells]


def ways_to_compare(table: str, earlier: list[File]) -> list[Way]:
    """All of them."""
    choices = itertools.product(range(last_level(table)), earlier, (False, True))
    return [Way(level, file.grains, file.rows, lacks_last) for level, file, lacks_last in choices]


def break_chains(table: str, cells: list[Cell], rows: list[Row], ways: list[Way], days: SiteDays) -> list[Row]:
    """Step 6: the rest takes in rows until no set of days leaves few visitors of its sum."""
    for place, of_rest in of_rests(table, cells, days).items():
        while True:
            before = contents(rows)
            for way in (None, *ways):
                rows = break_chains_of(table, of_rest, rows, place, way, days)
            if contents(rows) == before:
                break
    return rows


def break_chains_of(
    table: str, of_rest: list[Cell], rows: list[Row], place: Rest, way: Way | None, days: SiteDays
) -> list[Row]:
    """The same for one rest, by its rows, or by what they and rows of an earlier file have in one way."""
    rows = [Row(row.span, row.key, row.step, row.cells) for row in rows]
    day_of = days_of_sums(of_rest, lambda cell: cell.visitors, days)
    while True:
        own = [row for row in rows if rest_of(table, row.cells[0], days) == place]
        pieces: dict[Any, list[Cell]] = {row: row.cells for row in own}
        exact = [] if way is None else [one for one in compare(table, of_rest, own, place, way) if not one.gone]
        for number, one in enumerate(exact):
            for row in one.rows:
                del pieces[row]
            pieces |= {(number, before): list(row) for before, row in enumerate(one.before)}
            pieces |= {(number, None): list(one.come)} if one.come else {}
        links = links_of(pieces, lambda cell: cell.visitors, day_of)
        leave_open(links, [piece for piece, day in links if day == OPEN], days.k)
        few = few_of_days(links, days.k)
        if few is None:
            return rows
        days_of = {piece: {day for other, day in links if other == piece} for piece in pieces}
        alone = [piece for piece in pieces if days_of[piece] <= few]
        beside = [piece for piece in pieces if days_of[piece] & few and piece not in alone]
        rest = next((row for row in own if (row.span, row.key) == place), None)
        joining = {cell for piece in (alone if rest in beside else beside) for cell in pieces[piece]}
        of_keys: dict[Key, set[Cell]] = defaultdict(set)
        for cell in {cell for row in own if row.span == place[0] for cell in row.cells} & joining:
            of_keys[cell.key].add(cell)
        if way is not None and of_keys:
            rows = fold_rest(table, of_rest, leave(rows, place, of_keys, days), days)
            continue
        if rest is None:
            rest = Row(*place, 5, [])
            rows.append(rest)
        take_in(rest, first_to_join(row for row in own if joining.intersection(row.cells)), rows)


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

    The other cells of a rest are of one day for each span that they joined, as other tables have their sum, and come
    last. They are open if fewer people are there, and so is what is `beside` the table.
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
                unknown[days.possible_spans(cell)[0]].append(cell)
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
