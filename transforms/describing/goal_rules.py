"""Finds the goals of the settings that a request can reach, once for each distinct path and query.

Goals are bits: that of the first one is 1. A request reaches those that its path, its query and its status all allow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.arrays import GoalBits, Ints
from footfall.transforms.describing.page_rules import PageRules
from footfall.transforms.describing.scrub_texts import decode_percent
from footfall.transforms.describing.spell_paths import AFTER_PATHS, spell_paths

MAX_GOALS: Final = 16
"""As many as there are bits in GoalBits."""
STATUSES: Final = 1000
"""One more than the largest status."""
DONE: Final = range(200, 400)
"""The statuses of requests that were answered, by a page or by the way to one."""


@dataclass(frozen=True)
class Goal:
    """A glob of paths as in `PageRules`; conditions on the query, `key` or `key=value`; statuses, DONE if empty."""

    path: str
    query: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()


@dataclass(frozen=True)
class GoalRules:
    """The goals of the settings, MAX_GOALS at most; with `ignores_case` paths are in lower case."""

    goals: tuple[Goal, ...] = ()
    ignores_case: bool = False

    def match_paths(self, paths: pa.StringArray) -> GoalBits:
        """Return the goals of each path, which is percent-encoded and has no scheme and host.

        Globs are of what was asked for, in its one spelling: other names for pages and placeholders do not matter.

        >>> GoalRules((Goal("/done"), Goal("/*"))).match_paths(pa.array(["/done/", "/a;sid=1", "/a/b"])).tolist()
        [3, 2, 0]
        """
        if not self.goals:
            return np.zeros(len(paths), dtype=np.uint16)
        spelled = spell_paths(pc.replace_substring_regex(decode_percent(paths), AFTER_PATHS, ""))
        return _as_bits(
            len(paths),
            (PageRules(include=(goal.path,), ignores_case=self.ignores_case).included(spelled) for goal in self.goals),
        )

    def match_queries(self, queries: pa.StringArray) -> GoalBits:
        """Return the goals whose conditions each query fulfils; queries are percent-encoded, without the `?`.

        Conditions are compared with the decoded query (`+` is a space).

        >>> goals = GoalRules((Goal("/", ("step=2",)), Goal("/")))
        >>> goals.match_queries(pa.array(["a=1&step=2", "step=21", ""])).tolist()
        [3, 2, 2]
        """
        if not self.goals:
            return np.zeros(len(queries), dtype=np.uint16)
        decoded = decode_percent(pc.replace_substring(queries, "+", " "))
        return _as_bits(len(queries), (_fulfil(decoded, goal.query) for goal in self.goals))

    @cached_property
    def by_status(self) -> GoalBits:
        """The goals that each status allows, with STATUSES elements."""
        allowed = np.zeros(STATUSES, dtype=np.uint16)
        for number, goal in enumerate(self.goals):
            allowed[list(goal.statuses or DONE)] |= np.uint16(1 << number)
        return allowed

    def reached(self, of_path: GoalBits, of_query: GoalBits, status: Ints) -> GoalBits:
        """Return the goals that hits reach, by those of their paths and queries."""
        reached: GoalBits = of_path & of_query & self.by_status[np.clip(status, 0, STATUSES - 1)]
        return reached


NO_GOALS: Final = GoalRules()


def _fulfil(queries: pa.StringArray, conditions: Sequence[str]) -> pa.BooleanArray:
    fulfilled = pa.repeat(True, len(queries))
    for condition in conditions:
        after = "(?:&|$)" if "=" in condition else "(?:=|&|$)"
        pattern = f"(?:^|[&;])(?:amp;)?{re.escape(condition)}{after}"
        fulfilled = pc.and_(fulfilled, pc.match_substring_regex(queries, pattern))
    return fulfilled


def _as_bits(count: int, matches: Iterable[pa.BooleanArray]) -> GoalBits:
    bits = np.zeros(count, dtype=np.uint16)
    for number, match in enumerate(matches):
        matched = pc.fill_null(match, False)
        chunks = matched.combine_chunks() if isinstance(matched, pa.ChunkedArray) else matched
        bits |= chunks.to_numpy(zero_copy_only=False).astype(np.uint16) << np.uint16(number)
    return bits
