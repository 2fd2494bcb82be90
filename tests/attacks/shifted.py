"""Which rows of request times may be k hits less, or more, than is nearest: an attacker knows the rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from footfall.transforms.vocabulary import OTHER
from tests.attacks.atoms import Atom
from tests.attacks.cells import Cell
from tests.attacks.knowledge import Knowledge
from tests.attacks.lowered import SPANS, Parts, may_be_lower, nearest_to
from tests.attacks.published import Row
from tests.reference.asked import folder_of
from tests.reference.speeds import least_more


def shifted_rows(
    knowledge: Knowledge, rows: Sequence[Row], atoms_of: Mapping[int, Sequence[Atom]]
) -> tuple[set[int], set[int]]:
    """The `id` of each row of a table that may be less, and of those that may be more."""
    k, shown = knowledge.k, {id(row): row["hits"] for row in rows}
    true = {row: sum(knowledge.true[atom.unknowns["hits"]] for atom in atoms) for row, atoms in atoms_of.items()}
    folders = {id(row): (row["day"], row["site"], row["page_group"]) for row in rows if "page_group" in row}
    parts = [_buckets(knowledge, atoms_of), _others(knowledge, rows)]
    lower, higher = _balanced(rows, true, k)
    times: Counter[Hashable] = Counter()
    for row, folder in folders.items():
        times[folder] += int(true[row])
    for whole_of, hits in _wholes_of_pages(knowledge) if folders else ():
        wholes_of: dict[Hashable, set[Hashable]] = defaultdict(set)
        views: dict[Hashable, Counter[Hashable]] = defaultdict(Counter)
        for cell, whole in whole_of:
            folder = cell.day, knowledge.published.site_of(cell), folder_of(cell.key[0])
            wholes_of[folder].add(whole)
            views[folder][whole] += cell.counts["page_views"]
        parts.append(({row: wholes_of[folder] for row, folder in folders.items() if wholes_of[folder]}, hits))
        total = {folder: own.total() for folder, own in views.items()}
        room: dict[Hashable, float] = Counter()
        for row, folder in folders.items():
            nearest = nearest_to(true[row], k)
            room[folder] += 2 * (nearest - true[row] + (k - 1) // 2)
        for row, folder in folders.items():
            # As if it were k less: with what others may have, would it be raised?
            nearest = nearest_to(true[row], k)
            lowered = room[folder] + 2 * (shown[row] - k - nearest)
            timed = {one: own for one, own in views.items() if total[one] == times[one]}
            if folder in timed and least_more(folder, timed, views, room | {folder: lowered}) < k:
                higher.add(row)
    return may_be_lower(shown, true, parts, k) | lower, higher


def _balanced(rows: Sequence[Row], true: Mapping[int, float], k: int) -> tuple[set[int], set[int]]:
    """The `id` of each row that with k hits more, or less, the exact sum of its kind or folder would reveal."""
    groups: dict[Hashable, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: one["bucket_ms"]):
        groups[tuple(value for name, value in row.items() if name not in ("from_ms", "bucket_ms", "hits"))].append(row)
    lower, higher = set(), set()
    for own in groups.values():
        nearest = [nearest_to(true[id(row)], k) for row in own]
        shown = [row["hits"] for row in own]
        left = sum(true[id(row)] for row in own)
        if len(own) > 1 and 2 * (left - shown[0] - k - sum(nearest[1:])) + len(own) * k < k:
            lower.add(id(own[0]))
        if len(own) > 1 and 2 * (sum(nearest[:-1]) + shown[-1] - k - left + len(own) * ((k - 1) // 2)) < k:
            higher.add(id(own[-1]))
    return lower, higher


def _buckets(knowledge: Knowledge, atoms_of: Mapping[int, Sequence[Atom]]) -> Parts:
    """The buckets of a day, with all requests of people."""
    hits: Counter[Any] = Counter()
    for cell in knowledge.truth.cells.get("kind_times", ()):
        hits[cell.day, knowledge.published.site_of(cell), cell.key[-1]] += cell.counts.get("hits", 0)
    wholes: dict[int, set[Hashable]] = {
        row: {(atom.day, atom.site, cell.key[-1]) for atom in atoms for cell in atom.cells if cell.counts.get("hits")}
        for row, atoms in atoms_of.items()
    }
    return {row: own for row, own in wholes.items() if own}, hits


def _others(knowledge: Knowledge, rows: Sequence[Row]) -> Parts:
    """The rows `(other)` of `kinds`, without page views."""
    hits: Counter[Any] = Counter()
    folded = set()
    for row in knowledge.rows:
        if row.view.table == "kinds" and row.row["traffic_class"] == "human" and row.row["kind"] == OTHER:
            day = row.row["day"], row.row["site"]
            of_others = [cell for cell in row.cells if cell.key[0] != "page_view"]
            folded |= {(*day, cell.key[0]) for cell in of_others}
            hits[day] += sum(cell.counts["hits"] for cell in of_others)
    days = {id(row): (row["day"], row["site"]) for row in rows if "kind" in row}
    return {id(row): {days[id(row)]} for row in rows if "kind" in row and (*days[id(row)], row["kind"]) in folded}, hits


def _wholes_of_pages(knowledge: Knowledge) -> Iterator[tuple[list[tuple[Cell, Hashable]], Counter[Hashable]]]:
    """Rows of `pages`; then those of a day, week or month alone, and what they leave of its page views."""
    row_of = {id(cell): id(row) for row in knowledge.rows if row.view.table == "pages" for cell in row.cells}
    cells = knowledge.truth.cells.get("pages", [])
    yield _with_views([(cell, row_of[id(cell)]) for cell in cells if id(cell) in row_of])
    for span_of in SPANS:
        spans = {id(cell): (span_of(cell.day), knowledge.published.site_of(cell)) for cell in cells}
        found: dict[int, set[Any]] = defaultdict(set)
        for cell in cells:
            found[row_of.get(id(cell), -1)].add(spans[id(cell)])
        own = {
            id(cell): row_of[id(cell)]
            for cell in cells
            if len(found[row_of.get(id(cell), -1)]) == 1 and id(cell) in row_of
        }
        yield _with_views([(cell, own.get(id(cell), spans[id(cell)])) for cell in cells])


def _with_views(whole_of: list[tuple[Cell, Hashable]]) -> tuple[list[tuple[Cell, Hashable]], Counter[Hashable]]:
    """The wholes of cells, and their page views."""
    views: Counter[Hashable] = Counter()
    for cell, whole in whole_of:
        views[whole] += cell.counts["page_views"]
    return whole_of, views
