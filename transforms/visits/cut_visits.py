"""Cuts sessions into visits, at each silence that is longer than the timeout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Columns, Digests, Ints, Words
from footfall.transforms.kernels.compiled import inner_kernel, kernel
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.sort_rows import sort_rows
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.visits.visit_rows import DOWNLOAD, FALLBACK, HAS_COOKIE, INTERNAL, PAGE_VIEW

TIES: Final = ("page", "acquisition", "location", "technology", "phrase")
"""Columns by which page views of the same instant are ordered, those with an internal referrer apart."""
Ties = tuple[Digests, ...]


@dataclass(frozen=True)
class Visits:
    """One row per visit; `entry` and `exit` are row numbers of its first and last page view.

    `visit_of` has one value per input row: the number of its visit, -1 for none.
    """

    begin_ms: Ints
    end_ms: Ints
    page_views: Ints
    entry: Ints
    exit: Ints
    is_fallback: NDArray[np.bool_]
    is_reused: NDArray[np.bool_]
    is_shared: NDArray[np.bool_]
    visit_of: Ints

    def __len__(self) -> int:
        return len(self.begin_ms)


def cut_visits(rows: Columns, timeout_ms: int) -> Visits:
    """Return the visits of complete sessions; `rows` are VISIT_ROWS columns in any order."""
    table = KeyTable()
    sessions = table.intern(rows["session"])
    order, time_ms, _ = sort_rows(sessions, table.count, rows["time_ms"])
    # Column by column: the processor keeps one of them at hand, not all.
    session, client, flags = (take_rows(own, order) for own in (sessions, rows["client"], rows["flags"]))
    ties = tuple(rows[name] for name in TIES)
    return Visits(*_cut(order, session, client, time_ms, flags, ties, timeout_ms))


def keep_counted(rows: Columns, visits: Visits) -> tuple[Columns, Visits]:
    """Return the rows that something is counted from, and the visits by the numbers of these rows.

    Other hits, which are most, only lengthen visits.
    """
    is_counted = (rows["flags"] & (PAGE_VIEW | DOWNLOAD) > 0) | (rows["status"] >= 400) | (rows["goals"] > 0)
    counted = np.flatnonzero(is_counted)
    entry, last = (np.searchsorted(counted, own) for own in (visits.entry, visits.exit))
    of_counted = replace(visits, entry=entry, exit=last, visit_of=visits.visit_of[counted])
    return {name: column[counted] for name, column in rows.items()}, of_counted


@inner_kernel
def _comes_before(place: int, other: int, order: Ints, times: Ints, flags: Bytes, ties: Ties) -> bool:
    """Return whether a page view is before another: by time, then without internal referrer first, then by `ties`."""
    if times[place] != times[other]:
        return times[place] < times[other]
    is_internal, other_internal = flags[place] & INTERNAL, flags[other] & INTERNAL
    if is_internal != other_internal:
        return is_internal < other_internal
    for tie in ties:
        if tie[order[place]] != tie[order[other]]:
            return tie[order[place]] < tie[order[other]]
    return False


@kernel
def _cut(
    order: Ints, sessions: Codes, clients: Words, times: Ints, flags: Bytes, ties: Ties, timeout_ms: int
) -> tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], Ints]:
    """Return the columns of Visits.

    `order` are the rows of hits by session, then by time; all columns but `ties` are in this order.
    """
    count = 0
    for place in range(len(order)):
        count += flags[place] & PAGE_VIEW
    begin_ms = np.empty(count, dtype=np.int64)
    end_ms = np.empty(count, dtype=np.int64)
    page_views = np.zeros(count, dtype=np.int64)
    entry = np.full(count, -1, dtype=np.int64)
    last = np.full(count, -1, dtype=np.int64)
    is_fallback = np.zeros(count, dtype=np.bool_)
    is_reused = np.zeros(count, dtype=np.bool_)
    is_shared = np.zeros(count, dtype=np.bool_)
    visit_of = np.full(len(order), -1, dtype=np.int64)

    visit = 0
    session_had_visit = False
    begin = 0
    while begin < len(order):
        # Find the end of a run of hits of one session without a silence.
        session = sessions[begin]
        end = begin + 1
        while end < len(order) and sessions[end] == session and times[end] - times[end - 1] <= timeout_ms:
            end += 1
        views = 0
        first_view = last_view = -1
        client = np.uint64(0)
        shared = False
        for place in range(begin, end):
            if flags[place] & HAS_COOKIE:
                shared = shared or (client != np.uint64(0) and clients[place] != client)
                client = clients[place]
            if flags[place] & PAGE_VIEW:
                views += 1
                if first_view < 0 or _comes_before(place, first_view, order, times, flags, ties):
                    first_view = place
                if last_view < 0 or not _comes_before(place, last_view, order, times, flags, ties):
                    last_view = place
        if views > 0:
            for place in range(begin, end):
                visit_of[order[place]] = visit
            begin_ms[visit] = times[begin]
            end_ms[visit] = times[end - 1]
            page_views[visit] = views
            entry[visit] = order[first_view]
            last[visit] = order[last_view]
            is_fallback[visit] = (flags[first_view] & FALLBACK) != 0
            is_reused[visit] = session_had_visit and not is_fallback[visit]
            is_shared[visit] = shared
            session_had_visit = True
            visit += 1
        if end < len(order) and sessions[end] != session:
            session_had_visit = False
        begin = end
    return (
        begin_ms[:visit],
        end_ms[:visit],
        page_views[:visit],
        entry[:visit],
        last[:visit],
        is_fallback[:visit],
        is_reused[:visit],
        is_shared[:visit],
        visit_of,
    )
