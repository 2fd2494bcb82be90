"""Minimum cuts, by maximum flow: where to cut what is connected in two, so that it costs least."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

Place = Any


def least_cut(edges: Mapping[tuple[Place, Place], float], start: Place, end: Place) -> tuple[float, set[Place]]:
    """The least cost of cutting `start` off from `end`, and the fewest places around it for which that is all.

    `edges` has what it costs to cut the second place off from the first.
    """
    room: dict[Place, dict[Place, float]] = defaultdict(dict)
    for (one, other), cost in edges.items():
        room[one][other] = cost
    flow = 0.0
    while True:
        before = {start: start}
        waiting = [start]
        for place in waiting:
            for to, free in room[place].items():
                if free > 0 and to not in before:
                    before[to] = place
                    waiting.append(to)
        if end not in before:
            return flow, set(before)
        path = [end]
        while path[-1] != start:
            path.append(before[path[-1]])
        steps = list(zip(path[1:], path[:-1], strict=True))
        passed = min(room[one][to] for one, to in steps)
        flow += passed
        for one, to in steps:
            room[one][to] -= passed
            room[to][one] = room[to].get(one, 0) + passed
