"""Finds pairs of pages in visits: what was viewed after what, and with which pages visits began and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Columns, Digests, Ints, Words
from footfall.transforms.kernels.intern_strings import KeyTable, first_rows, mix_keys
from footfall.transforms.kernels.sort_rows import sort_rows
from footfall.transforms.visits.cut_visits import TIES, Visits
from footfall.transforms.visits.visit_rows import INTERNAL

_FIRST: Final = np.uint64(0x9E3779B97F4A7C15)
_SECOND: Final = np.uint64(0xC2B2AE3D27D4EB4F)
"""Odd numbers without a pattern."""


@dataclass(frozen=True)
class PagePairs:
    """Pairs of pages, each once for a visit: parallel arrays."""

    visit: Ints
    first: Digests
    second: Digests

    @property
    def digest(self) -> Digests:
        """One digest for the two."""
        return digest_of_pair(self.first, self.second)


def digest_of_pair(first: Digests, second: Digests) -> Digests:
    """Return a digest of two pages in this order.

    >>> one, other = np.array([3], np.uint64), np.array([4], np.uint64)
    >>> bool(digest_of_pair(one, other) != digest_of_pair(other, one))
    True
    """
    mixed = first * _FIRST
    mixed ^= mixed >> np.uint64(29)
    mixed = (mixed + second) * _SECOND
    return mixed ^ mixed >> np.uint64(32)


def find_transitions(rows: Columns, views: Ints, visit: Ints) -> PagePairs:
    """Return the pages of page views with the next page of the visit, where that is another one.

    `views` are the numbers of the rows of page views, `visit` is that of each.
    """
    views, visit = sort_views(rows, views, visit)
    page = rows["page"][views]
    follows = (visit[1:] == visit[:-1]) & (page[1:] != page[:-1])
    return _once(visit[1:][follows], page[:-1][follows], page[1:][follows])


def find_entry_exits(rows: Columns, visits: Visits, kept: Ints) -> PagePairs:
    """Return entry and exit page of the `kept` visits with two page views or more."""
    several = kept[visits.page_views[kept] > 1]
    return PagePairs(several, rows["page"][visits.entry[several]], rows["page"][visits.exit[several]])


def sort_views(rows: Columns, views: Ints, visit: Ints) -> tuple[Ints, Ints]:
    """Return page views and their visits by visit, then in the order in which they were viewed."""
    order, time_ms, _ = sort_rows(visit.astype(np.int32), int(visit.max(initial=-1)) + 1, rows["time_ms"][views])
    views, visit = views[order], visit[order]
    same: NDArray[np.bool_] = (visit[1:] == visit[:-1]) & (time_ms[1:] == time_ms[:-1])
    if same.any():
        # Few are of the same instant: only these are compared by all that decides.
        tied = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
        own = views[tied]
        ties = [rows[name][own] for name in reversed(TIES)]
        is_internal = rows["flags"][own] & INTERNAL
        views[tied] = own[np.lexsort((*ties, is_internal, time_ms[tied], visit[tied]))]
    return views, visit


def _once(visit: Ints, first: Words, second: Words) -> PagePairs:
    """Return each pair of a visit once."""
    pairs = KeyTable()
    codes = pairs.intern(mix_keys(digest_of_pair(first, second), visit))
    chosen = first_rows(codes)
    return PagePairs(visit[chosen], first[chosen], second[chosen])
