"""The section "Goal" of the definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

import pyarrow as pa

from footfall.transforms.describing.goal_rules import Goal, GoalRules
from tests.reference.describe import Described
from tests.reference.visits import Visit


@dataclass(frozen=True)
class ReferenceGoal:
    """A goal of the settings: a glob of paths, conditions on the query, and statuses; without these 200 to 399."""

    path: str
    query: tuple[str, ...] = ()
    status: tuple[int, ...] = ()


Goals = Mapping[str, ReferenceGoal]
"""By name."""


def goals_of_hit(described: Described, goals: Goals) -> set[str]:
    """The goals that a hit of a visit reaches."""
    hit = described.hit
    if hit.method not in ("GET", "POST") or hit.path is None:
        return set()
    return {
        name
        for name, goal in goals.items()
        if is_in(hit.path, goal.path)
        and hit.status in (goal.status or range(200, 400))
        and all(has(hit.query or "", condition) for condition in goal.query)
    }


def times_of_visit(visit: Visit, goals: Goals) -> list[str]:
    """The goals that a visit reached, each as often as hits reached it."""
    return [name for described in visit.hits for name in goals_of_hit(described, goals)]


def has(query: str, condition: str) -> bool:
    """Does the query have a key, or a key with a value?"""
    key, is_valued, value = condition.partition("=")
    pairs = parse_qsl(query, keep_blank_values=True)
    return (key, value) in pairs if is_valued else key in dict(pairs)


@cache
def is_in(path: str, glob: str) -> bool:
    """Is a path, in its one spelling, of a glob? So says the rule table of the product."""
    return bool(GoalRules((Goal(glob),)).match_paths(pa.array([path]))[0])
