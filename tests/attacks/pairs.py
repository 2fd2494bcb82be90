"""What the attack with a solver knows of pairs of pages: their rows are rounded down, and pages have sums of them.

Nobody knows which pairs there are: from each page of a day visits may have gone on to any other, though none did.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from datetime import date
from typing import Any, Final

from footfall.transforms.vocabulary import OTHER
from tests.attacks.atoms import Atom
from tests.attacks.cells import Cell
from tests.attacks.knowledge import Knowledge
from tests.attacks.published import Row, RowWithCells, Spans
from tests.attacks.views import GRAINS, days_of, month_of, week_of
from tests.reference import folding

PAIRS: Final[Mapping[str, str]] = {"transitions": "next_page", "entry_exits": "exit_page"}
"""The tables, and their column of the second page."""
Place = tuple[str, str, date, tuple[str, str]]
"""Site, grain, first day and key of a row."""


def add_pairs(knowledge: Knowledge, days: Container[date] | None = None) -> None:
    """Add the visits by pairs of pages, or those of some `days`: rows that have other days as well are left out."""
    of_page = {
        (cell.day, knowledge.published.site_of(cell), cell.key[0]): atom
        for atom in knowledge.atoms
        if atom.quantity == "pages" and (days is None or atom.day in days)
        for cell in atom.cells
    }
    for table, column in PAIRS.items():
        if table not in knowledge.published.tables:
            continue
        cells = knowledge.truth.cells.get(table, [])
        rows = {
            (row["site"], row["grain"], row["day"], (row["page"], row[column])): row
            for row in knowledge.published.tables[table]
        }
        places = _places_of(knowledge, table, cells, rows)
        atoms: dict[Any, Atom] = {}
        for cell in cells:
            site = knowledge.published.site_of(cell)
            link = tuple(of_page.get((cell.day, site, page)) for page in cell.key)
            if None in link:
                continue
            place = places.get(id(cell))
            key = (*(id(one) for one in link), place)
            atom = atoms.setdefault(key, Atom(table, cell.day, site, link))
            atom.cells.append(cell)
            knowledge.atom_of[id(cell)] = atom
        knowledge.add(atoms.values())
        pages = list({id(atom): atom for atom in of_page.values()}.values())
        others = _add_others(knowledge, table, pages)
        if days is not None:
            rows = {place: row for place, row in rows.items() if all(day in days for day in days_of(place[1:3]))}
        _read_rows(knowledge, table, rows, places, cells, _rests(knowledge, pages, others[0], rows))
        for place in (0, 1):
            _link_pages(knowledge, table, place, pages, atoms.values(), others[place], places)


def _add_others(knowledge: Knowledge, table: str, pages: Iterable[Atom]) -> tuple[dict[int, int], dict[int, int]]:
    """Unknowns for pairs that nobody knows to be absent: by the `id` of their first and of their second page."""
    of_day: dict[Any, list[Atom]] = defaultdict(list)
    for page in pages:
        of_day[page.day, page.site].append(page)
    first, second = (
        {id(page): knowledge.unknown((table, page, number), 0) for own in of_day.values() for page in own}
        for number in (1, 2)
    )
    for own in of_day.values():
        knowledge.equal(table, [first[id(page)] for page in own], 0, [second[id(page)] for page in own])
    return first, second


def _rests(
    knowledge: Knowledge, pages: Iterable[Atom], others: Mapping[int, int], rows: Mapping[Place, Row]
) -> dict[Place, list[int]]:
    """The unknowns of such pairs by the row that would have them."""
    named, shown = _named_pages(knowledge)
    spans: dict[str, Spans] = {}
    found: dict[Place, list[int]] = defaultdict(list)
    for page in pages:
        place = page.day, page.site, page.cells[0].key[0]
        if page.site not in spans:
            spans[page.site] = Spans(knowledge.published, knowledge.truth, page.site, knowledge.k)
        if place in shown:
            name = page.cells[0].key[0] if place in named else OTHER
            for grain, day in _spans_of(page.day, shown[place], spans[page.site])[-1:]:
                if (page.site, grain, day, (name, OTHER)) in rows:
                    found[page.site, grain, day, (name, OTHER)].append(others[id(page)])
    return found


def _spans_of(day: date, row: RowWithCells, spans: Spans) -> list[tuple[str, date]]:
    """The spans in which the pairs of a row of `pages` may be published."""
    coarser = [one for one in (week_of(day), month_of(day)) if spans.is_published(one)]
    return [
        (row.row["grain"], row.row["day"]),
        *(one for one in coarser if GRAINS.index(one[0]) > GRAINS.index(row.row["grain"])),
    ]


def _places_of(knowledge: Knowledge, table: str, cells: Iterable[Cell], rows: Mapping[Place, Row]) -> dict[int, Place]:
    """The row of each cell by the rules, or by the published keys where these fit better, as on a weakened build."""
    named, of_pages = _named_pages(knowledge)
    by_site: dict[str, list[tuple[Cell, RowWithCells, bool]]] = defaultdict(list)
    visits: dict[Any, set[int]] = defaultdict(set)
    for cell in cells:
        site = knowledge.published.site_of(cell)
        row = of_pages.get((cell.day, site, cell.key[0]))
        if row is None:
            continue
        first, second = (named.get((cell.day, site, page)) for page in cell.key)
        may_be_named = first is not None and second is not None and _grain(second) <= _grain(first)
        by_site[site].append((cell, row, may_be_named))
        if may_be_named:
            visits[site, month_of(cell.day), cell.key] |= cell.items
    found: dict[int, Place] = {}
    for site, own in by_site.items():
        spans = Spans(knowledge.published, knowledge.truth, site, knowledge.k)
        keys: dict[int, tuple[list[tuple[str, date]], tuple[str, str]]] = {}
        for cell, row, may_be_named in own:
            page = cell.key[0] if (cell.day, site, cell.key[0]) in named else OTHER
            is_shown = may_be_named and len(visits[site, month_of(cell.day), cell.key]) >= knowledge.k
            keys[id(cell)] = _spans_of(cell.day, row, spans), (page, cell.key[1] if is_shown else OTHER)
        of_site = [cell for cell, _, _ in own]
        by_rules = _by_rules(table, site, of_site, keys, spans.by_rules(knowledge.k))
        by_keys = _by_keys(site, of_site, keys, rows)
        found |= min((by_rules, by_keys), key=lambda places: _wrong(rows, places, of_site, knowledge.k))
    return found


def _named_pages(knowledge: Knowledge) -> tuple[dict[Any, RowWithCells], dict[Any, RowWithCells]]:
    """The rows of `pages` that name each page of a day, and those that have it at all."""
    named, shown = {}, {}
    for row in knowledge.rows:
        for cell in row.cells if row.view.table == "pages" else ():
            shown[cell.day, row.row["site"], cell.key[0]] = row
            if row.key == cell.key:
                named[cell.day, row.row["site"], cell.key[0]] = row
    return named, shown


def _grain(row: RowWithCells) -> int:
    return GRAINS.index(row.row["grain"])


def _by_rules(
    table: str, site: str, cells: Iterable[Cell], keys: Mapping[int, Any], days: folding.SiteDays
) -> dict[int, Place]:
    """The rows by the rules."""
    made: dict[Any, folding.Cell] = {}
    members: dict[int, list[Cell]] = defaultdict(list)
    for cell in cells:
        (span, *_), key = keys[id(cell)]
        one = made.setdefault((span, key), folding.Cell(folding.Span(*span), key))
        one.visitors |= cell.people["visits"]  # type: ignore[arg-type]
        one.visits |= {(visit, *cell.key) for visit in cell.items}  # type: ignore[arg-type]
        members[id(one)].append(cell)
    return {
        id(cell): (site, row.span.grain, row.span.first_day, row.key)  # type: ignore[misc]
        for row in folding.fold(table, list(made.values()), days)
        for one in row.cells
        for cell in members[id(one)]
    }


def _by_keys(site: str, cells: Iterable[Cell], keys: Mapping[int, Any], rows: Mapping[Place, Row]) -> dict[int, Place]:
    """The finest published rows that have the key of a cell, or its page."""
    found = {}
    for cell in cells:
        allowed, key = keys[id(cell)]
        tries = [(site, *span, key) for span in allowed] + [(site, *allowed[-1], (key[0], OTHER))]
        found |= {id(cell): place for place in [one for one in tries if one in rows][:1]}
    return found


def _wrong(rows: Mapping[Place, Row], places: Mapping[int, Place], cells: Iterable[Cell], k: int) -> int:
    """How many rows do not have the sums of their cells."""
    sums = _sums(places, cells)
    return sum(not 0 <= sums.get(place, 0) - row["visits"] < 2 * k for place, row in rows.items())


def _sums(places: Mapping[int, Place], cells: Iterable[Cell]) -> dict[Place, int]:
    sums: dict[Place, int] = defaultdict(int)
    for cell in cells:
        if id(cell) in places:
            sums[places[id(cell)]] += cell.counts["visits"]
    return sums


def _read_rows(
    knowledge: Knowledge,
    table: str,
    rows: Mapping[Place, Row],
    places: Mapping[int, Place],
    cells: Iterable[Cell],
    others: Mapping[Place, list[int]],
) -> None:
    """The rows: sums rounded down to a multiple of k, or k less; a weakened build may round nothing."""
    k, members = knowledge.k, defaultdict(dict)
    for cell in cells:
        if id(cell) in places and id(cell) in knowledge.atom_of:
            atom = knowledge.atom_of[id(cell)]
            members[places[id(cell)]][atom.unknowns["visits"]] = atom
    for place, row in rows.items():
        unknowns, visits = [*members[place], *others.get(place, ())], row["visits"]
        if visits % k:
            knowledge.equal(table, unknowns, visits)
        elif not 0 <= sum(knowledge.true[one] for one in unknowns) - visits < 2 * k:
            knowledge.not_understood[table] += 1
        else:
            knowledge.at_most(unknowns, visits + 2 * k - 1)
            knowledge.at_most([], -visits, unknowns)


def _link_pages(
    knowledge: Knowledge,
    table: str,
    place: int,
    pages: Iterable[Atom],
    atoms: Iterable[Atom],
    others: Mapping[int, int],
    places: Mapping[int, Place],
) -> None:
    """Visits by the first or the second page are those that go on from it, or come to it; ends those that do not."""
    of_page: dict[int, list[Atom]] = defaultdict(list)
    for atom in atoms:
        of_page[id(atom.link[place])].append(atom)
    begun, ended = ("exits", "entries") if table == "transitions" else ("entries", "exits")
    measure = (begun, ended)[place]
    hidden: dict[Any, list[Atom]] = defaultdict(list)
    for page in pages:
        own, pairs = page.unknowns, [atom.unknowns["visits"] for atom in of_page[id(page)]]
        pairs.append(others[id(page)])
        if table == "entry_exits" and not knowledge.compares_bounces:
            knowledge.at_most(pairs, 0, [own[measure]])
        elif table == "entry_exits":
            # Those that saw the page alone are no pair.
            knowledge.equal(f"{table} of pages", [*pairs, own["bounces"]], 0, [own[measure]])
        else:
            knowledge.at_most([*pairs, own[measure]], 0, [own["page_views"]])
            knowledge.at_most([own["visits"]], 0, [*pairs, own[measure]])
        others_of = "page_views" if table == "transitions" else measure
        less = measure if table == "transitions" else "bounces"
        if 2 * (page.count(others_of) - page.count(less)) < knowledge.k:
            # What a measure leaves of its own row is no cell, nor is a part of it.
            knowledge.no_cells |= set(pairs)
        names = tuple(cell.key for cell in page.cells)
        for atom in of_page[id(page)]:
            row = places.get(id(atom.cells[0]))
            if row is None or row[3][1] == OTHER:
                for span in (("day", page.day), week_of(page.day), month_of(page.day)):
                    hidden[span, page.site, names].append(atom)
    for (span, _, names), own_atoms in hidden.items():
        what = f"hidden of {table} by {span[0]}"
        knowledge.groups.append((what, "visits", f"{names[0]} and {len(names) - 1} more", own_atoms))
