"""The section "Tables of hits" of the definitions: the visitors behind the cells of a table, and what is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence, Set
from typing import Any

from tests.reference.describe import Described

PEOPLE = ("human", "automated")
Cells = Mapping[Any, set[Hashable]]
"""The visitors of each cell; the keys of the cells are their order."""


def visitors_by(hits: Iterable[Described], key_of: Callable[[Described], Any]) -> dict[Any, set[Hashable]]:
    """The visitors of each cell of some hits; hits whose key is None are in no cell."""
    cells: dict[Any, set[Hashable]] = defaultdict(set)
    for described in hits:
        key = key_of(described)
        if key is not None:
            cells[key].add(described.client)
    return dict(cells)


def begun_in(cells: Cells) -> dict[Any, int]:
    """How many visitors have their first cell in each cell."""
    first = {client: min(key for key in cells if client in cells[key]) for client in set().union(*cells.values())}
    return {key: sum(own == key for own in first.values()) for key in cells}


def ended_in(cells: Cells) -> dict[Any, int]:
    """How many visitors have their last cell in each cell."""
    last = {client: max(key for key in cells if client in cells[key]) for client in set().union(*cells.values())}
    return {key: sum(own == key for own in last.values()) for key in cells}


def is_dominated(cells: Iterable[Mapping[Hashable, int]], k: int) -> bool:
    """Does one visitor dominate the bytes of some cells of one row? Each cell has them by visitor.

    The p% rule with p = 100: all but the two with the most have less than the one with the most. The two of each cell
    are taken to be others. With k = 1 nothing is hidden.
    """
    most = [sorted(cell.values(), reverse=True)[:2] for cell in cells]
    others = sum(sum(cell.values()) for cell in cells) - sum(map(sum, most))
    return k > 1 and others < sum(own[0] for own in most if own)


def known(cells: Cells, chosen: Collection[Any]) -> int:
    """How many visitors the chosen cells are known to have together, at least."""
    if not any(key in chosen for key in cells):
        return 0
    begun, ended = begun_in(cells), ended_in(cells)
    found = max(
        max(len(cells[key]) for key in cells if key in chosen),
        sum(begun[key] for key in cells if key in chosen),
        sum(ended[key] for key in cells if key in chosen),
        sum(begun.values()) - sum(len(cells[key]) for key in cells if key not in chosen),
    )
    assert found <= len(set().union(*(cells[key] for key in cells if key in chosen)))
    return found


def joined_cells(cells: Cells, k: int, joined: Collection[Any] = ()) -> set[Any]:
    """The cells that lose their key: those with few visitors, and the smallest other one if these are still few."""
    together = {key for key in cells if len(cells[key]) < k or key in joined}
    others = sorted((key for key in cells if key not in together), key=lambda key: (len(cells[key]), key))
    if together and others and known(cells, together) < k:
        together.add(others[0])
    return together


def folded_to_other(
    cells: Cells, of_day: int, k: int, other: Any, last: Sequence[Any] = (), aside: Set[Any] = frozenset()
) -> set[Any]:
    """The cells of a day that are folded to `other`: those with few visitors, and the smallest if these are still few.

    The cells `last` are taken in this order where there is no other. Those `aside` are folded too, but the others that
    are folded must have k visitors without them.
    """
    folded = {key for key in cells if len(cells[key]) < k or key == other} | aside

    def order(key: Any) -> tuple[int, int, Any]:
        return last.index(key) if key in last else -1, len(cells[key]), key

    named = sorted((key for key in cells if key not in folded), key=order)
    visitors = max((len(cells[key]) for key in folded - aside), default=0)
    if folded and named and max(visitors, of_day - sum(len(cells[key]) for key in (*named, *aside))) < k:
        folded.add(named[0])
    return folded


def join_neighbours(buckets: list[tuple[int, int, int, int]], k: int) -> list[list[int]]:
    """Buckets that are joined to rows. `buckets` are (bucket, visitors, fastest, slowest) of an hour, in order."""
    rows: list[list[int]] = [[]]
    most = fast = slow = 0
    for bucket, visitors, fastest, slowest in buckets:
        rows[-1].append(bucket)
        most, fast, slow = max(most, visitors), fast + fastest, slow + slowest
        if max(most, fast, slow) >= k:
            rows.append([])
            most = fast = slow = 0
    left_over = rows.pop()
    if not rows:
        return [left_over]
    rows[-1] += left_over
    return rows
