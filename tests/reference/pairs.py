"""The section "Pairs of pages" of the definitions: the cells of tables of pairs, within the rows of `pages`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise

from footfall.transforms.vocabulary import OTHER
from tests.reference.cells import GRAINS, Cell, Row, Span, span_of
from tests.reference.levels import Key
from tests.reference.visits import Visit

Pairs = set[tuple[str, str]]


def transitions_of(visit: Visit) -> Pairs:
    """Pages, and the other pages that were viewed directly after them."""
    pages = [view.page for view in visit.page_views]
    return {(one, following) for one, following in pairwise(pages) if one != following}


def ends_of(visit: Visit) -> Pairs:
    """Entry page and exit page, if there are two page views or more."""
    return set() if visit.is_bounce else {(visit.entry.page, visit.exit.page)}


def pair_cells(rows: Mapping[Row, set[str]], pairs_of: Callable[[Visit], Pairs], k: int) -> list[Cell]:
    """The cells of pairs in the rows of `pages` of one site, which have the measures that are hidden in each."""
    named: dict[tuple[date, str], Row] = {}
    for row in rows:
        for cell in row.cells:
            if is_named(row, cell):
                named[cell.day, cell.key[0]] = row
    found: list[tuple[Row, date, Visit, str, str, str, bool]] = []
    of_month: dict[tuple[Span, str, str], set[Visit]] = defaultdict(set)
    for row in rows:
        for cell in row.cells:
            page = cell.key[0]
            for visit in cell.visits:
                for second in (second for first, second in pairs_of(visit) if first == page):
                    other = named.get((cell.day, second))
                    is_shown = is_named(row, cell) and other is not None and grain_of(other) <= grain_of(row)
                    shown = page if is_named(row, cell) else OTHER
                    found.append((row, cell.day, visit, shown, page, second, is_shown))
                    if is_shown:
                        of_month[span_of(cell.day, "month"), page, second].add(visit)
    cells: dict[tuple[Span, Key], Cell] = {}
    for row, day, visit, page, first, second, is_shown in found:
        has_name = is_shown and len(of_month[span_of(day, "month"), page, second]) >= k
        shown = second if has_name else OTHER
        cell = cells.setdefault((row.span, (page, shown)), Cell(row.span, (page, shown)))
        cell.closed |= rows[row]
        cell.visitors.add(visit.visitor)
        # A visit counts for each pair, also where several pairs are one row.
        cell.visits.add((visit, first, second))  # type: ignore[arg-type]
    return list(cells.values())


def is_named(row: Row, cell: Cell) -> bool:
    """Does the row name the page of the cell?"""
    return row.step <= 3 and row.key == cell.key


def grain_of(row: Row) -> int:
    """The place of its grain, the finest first."""
    return GRAINS.index(row.span.grain)
