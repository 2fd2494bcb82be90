"""Finds what must stay hidden where the sums over two columns of a table are known (`docs/definitions.md`, Crossing).

The hidden cells of a span are the edges of a graph whose nodes are the values of both columns. A cell follows from the
sums if and only if its edge is on no circle (Gusfield 1988, A graph theoretic approach to statistical data security).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Node = tuple[int, str]
"""(0 or 1 for the column, value); "" stands for all values whose sum is not known."""


@dataclass(frozen=True, order=True)
class Row:
    """A row that is told: its visits, its key as text, and its nodes."""

    visits: int
    key: tuple[str, ...]
    one: Node
    other: Node


def choose_withdrawn(
    few: Iterable[tuple[Node, Node]], many: Iterable[tuple[Node, Node]], told: list[Row]
) -> tuple[list[Row], list[tuple[Node, Node]]]:
    """Return the rows to withdraw so that no hidden pair of few visitors follows from the sums, and the pairs that do.

    `few` are the hidden pairs of fewer than k visitors, `many` the other hidden pairs. As long as one of `few` is on no
    circle of hidden pairs, the smallest row that closes one is withdrawn, or else the smallest that is connected with
    it. Pairs that still follow from the sums are on no circle, and nothing is left to withdraw.
    """
    small = sorted(set(few))
    hidden = {*small, *many}
    left, withdrawn, open_pairs = sorted(told), [], []
    place = 0
    while place < len(small):
        pair = small[place]
        side, opposite = _reach(hidden - {pair}, pair[0]), _reach(hidden - {pair}, pair[1])
        both = side | opposite
        chosen = None
        if pair[1] not in side:
            closing = (row for row in left if _connects(row, side, opposite))
            touching = (
                row for row in left if (row.one, row.other) not in hidden and (row.one in both or row.other in both)
            )
            chosen = next(closing, None) or next(touching, None)
        if chosen is None:
            if pair[1] not in side:
                open_pairs.append(pair)
            place += 1
            continue
        left.remove(chosen)
        withdrawn.append(chosen)
        hidden.add((chosen.one, chosen.other))
        place = 0
        open_pairs = []
    return withdrawn, open_pairs


def _connects(row: Row, side: set[Node], opposite: set[Node]) -> bool:
    return (row.one in side and row.other in opposite) or (row.one in opposite and row.other in side)


def _reach(pairs: set[tuple[Node, Node]], start: Node) -> set[Node]:
    """Return the nodes that are connected with `start`, itself included."""
    neighbours: dict[Node, list[Node]] = {}
    for one, other in pairs:
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    reached, new = {start}, [start]
    while new:
        for node in neighbours.get(new.pop(), ()):
            if node not in reached:
                reached.add(node)
                new.append(node)
    return reached
