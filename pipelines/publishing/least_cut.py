"""Finds the cheapest way to cut what is connected in two: a minimum cut, by maximum flow along shortest paths."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

Place = TypeVar("Place", bound=Hashable)


class Opened(dict[Place, dict[Place, float]]):
    """The room of places, each of which is looked up when it is first reached.

    Most paths are short. Where thousands of places are linked, only those around the beginning are ever looked up.
    """

    def __init__(self, open_place: Callable[[Place], dict[Place, float]]) -> None:
        super().__init__()
        self._open_place = open_place

    def __missing__(self, place: Place) -> dict[Place, float]:
        self[place] = self._open_place(place)
        return self[place]


def least_cut(room: dict[Place, dict[Place, float]], begin: Place, end: Place, limit: float) -> set[Place] | None:
    """Return the fewest places around `begin` that cost least to cut off from `end`; None if that costs `limit`.

    `room[a][b]` is what it costs to cut b off from a, a whole number or infinity; every place has an entry. It is
    changed. No path from `begin` to `end` may cost infinitely much everywhere.
    """
    flow = 0.0
    while flow < limit:
        came = {begin: begin}
        waiting = [begin]
        for place in waiting:
            reached = [to for to, free in room[place].items() if free > 0 and to not in came]
            came.update(dict.fromkeys(reached, place))
            waiting += reached
            if end in came:
                break
        if end not in came:
            return set(came)
        path = [end]
        while path[-1] != begin:
            path.append(came[path[-1]])
        steps = list(zip(path[1:], path, strict=False))
        passed = min(room[one][other] for one, other in steps)
        for one, other in steps:
            room[one][other] -= passed
            room[other][one] = room[other].get(one, 0) + passed
        flow += passed
    return None
