"""Assigns hits without a session cookie to a session of the same client."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Ints, Words
from footfall.transforms.kernels.compiled import inner_kernel, kernel
from footfall.transforms.kernels.sort_rows import sort_rows
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.visits.visit_rows import FALLBACK

MAX_COMPARED: Final = 64
"""The number of a cookie's hits before an instant, and after it, that the choice among its cookies considers."""


def adopt_hits(
    without: Columns, codes_without: Codes, with_cookie: Columns, codes: Codes, client_count: int, timeout_ms: int
) -> Columns:
    """Return the hits without a cookie, with `session` and `flags` filled in.

    without: VISIT_ROWS columns; with_cookie: session, time_ms. `codes_without` and `codes` are codes of their clients;
    those below `client_count` have hits without a cookie. A hit gets the session of the next cookie that its client
    sends within the timeout, else of the last one that it sent within the timeout. If there is neither, its session is
    its client, and it gets the flag FALLBACK.
    """
    rows = np.flatnonzero(codes < client_count)
    order, times, ends = sort_rows(codes[rows], client_count, with_cookie["time_ms"][rows])
    own_sessions = take_rows(with_cookie["session"], rows[order])
    sessions = _adopt(codes_without, without["time_ms"], ends, times, own_sessions, timeout_ms)
    fallback = sessions == 0
    return {
        **without,
        "session": np.where(fallback, without["client"], sessions),
        "flags": without["flags"] | np.where(fallback, np.uint8(FALLBACK), np.uint8(0)),
    }


@kernel
def _adopt(
    clients_without: Codes, times_without: Ints, ends: Ints, times: Ints, sessions: Words, timeout_ms: int
) -> Words:
    """Return each hit's adopting session, 0 for none.

    `times` and `sessions` are sorted by client and time; `ends` are where those of each client end.
    """
    adopted = np.zeros(len(times_without), dtype=np.uint64)
    # A cache by the first row of an instant, which limits the time for a log in which one client has all hits.
    adopting = np.zeros(len(times), dtype=np.uint64)
    is_ordered = np.zeros(len(ends), dtype=np.bool_)
    by_session = np.empty(len(times), dtype=np.int64)
    places = np.empty(len(times), dtype=np.int64)
    for row in range(len(times_without)):
        client, time = clients_without[row], times_without[row]
        first, end = ends[client - 1] if client > 0 else 0, ends[client]
        nearest = _find_time(times, first, end, time)
        if nearest == end or times[nearest] - time > timeout_ms:
            if nearest == first or time - times[nearest - 1] > timeout_ms:
                continue
            nearest = _find_time(times, first, nearest, times[nearest - 1])
        if adopting[nearest] == 0:
            adopting[nearest] = sessions[nearest]
            if _is_contested(times, sessions, nearest, end):
                if not is_ordered[client]:
                    _order_by_session(sessions, first, end, by_session, places)
                    is_ordered[client] = True
                adopting[nearest] = _choose_session(
                    times, sessions, by_session[first:end], places, nearest, end, timeout_ms
                )
        adopted[row] = adopting[nearest]
    return adopted


@inner_kernel
def _find_time(times: Ints, first: int, end: int, time: int) -> int:
    """Return the first of the rows [first, end) whose time is not before `time`, `end` if there is none."""
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if times[middle] < time:
            low = middle + 1
        else:
            high = middle
    return low


@inner_kernel
def _is_contested(times: Ints, sessions: Words, nearest: int, end: int) -> bool:
    """Return whether the client sent several cookies at the instant that begins with the row `nearest`."""
    place = nearest + 1
    while place < end and times[place] == times[nearest]:
        if sessions[place] != sessions[nearest]:
            return True
        place += 1
    return False


@kernel
def _order_by_session(sessions: Words, first: int, end: int, by_session: Ints, places: Ints) -> None:
    """Fill `by_session` with one client's rows by session and time, and `places` with the place of each row in it."""
    by_session[first:end] = first + np.argsort(sessions[first:end], kind="mergesort")
    for place in range(end - first):
        places[by_session[first + place]] = place


@inner_kernel
def _choose_session(
    times: Ints, sessions: Words, by_session: Ints, places: Ints, nearest: int, end: int, timeout_ms: int
) -> np.uint64:
    """Choose among the cookies of an instant: the one that the client sent most recently before it, then the one that
    it sends soonest after it, then the one with the most hits at it. `by_session` has only the client's rows.

    The choice does not depend on digests, because these differ between runs. It depends only on hits within the
    timeout, and therefore not on how far back a run reads.
    """
    chosen = nearest
    row = nearest + 1
    while row < end and times[row] == times[nearest]:
        if sessions[row] != sessions[chosen] and _is_nearer(
            times, sessions, by_session, places[row], places[chosen], timeout_ms
        ):
            chosen = row
        row += 1
    return sessions[chosen]


@kernel
def _is_nearer(times: Ints, sessions: Words, by_session: Ints, one: int, other: int, timeout_ms: int) -> bool:
    """Return whether the cookie of the row at the place `one` is preferred to that at the place `other`."""
    own = np.empty(2, dtype=np.int64)
    for direction in (-1, 1):
        own[0] = _behind_instant(times, sessions, by_session, one, direction)
        own[1] = _behind_instant(times, sessions, by_session, other, direction)
        for _ in range(MAX_COMPARED):
            gap = _gap(times, sessions, by_session, one, own[0], timeout_ms)
            other_gap = _gap(times, sessions, by_session, other, own[1], timeout_ms)
            if gap != other_gap:
                return bool(gap < other_gap)
            if gap > timeout_ms:
                break
            own += direction
    hits, other_hits = (
        _hits_at_instant(times, sessions, by_session, one),
        _hits_at_instant(times, sessions, by_session, other),
    )
    if hits != other_hits:
        return bool(hits > other_hits)
    # Both cookies have equal hits within the timeout. This is rare; only here, the result depends on all hits read.
    begin, end = _ends(sessions, by_session, one)
    other_begin, other_end = _ends(sessions, by_session, other)
    first, other_first = times[by_session[begin]], times[by_session[other_begin]]
    if first != other_first:
        return bool(first < other_first)
    last, other_last = times[by_session[end - 1]], times[by_session[other_end - 1]]
    if last != other_last:
        return bool(last < other_last)
    return bool(end - begin < other_end - other_begin)


@inner_kernel
def _ends(sessions: Words, by_session: Ints, place: int) -> tuple[int, int]:
    """Return the begin and end of the places of all rows that have the session of the row at a place."""
    begin, end = place, place + 1
    while begin > 0 and sessions[by_session[begin - 1]] == sessions[by_session[place]]:
        begin -= 1
    while end < len(by_session) and sessions[by_session[end]] == sessions[by_session[place]]:
        end += 1
    return begin, end


@inner_kernel
def _behind_instant(times: Ints, sessions: Words, by_session: Ints, place: int, direction: int) -> int:
    """Return the next place in a direction whose row has another session or time."""
    row = by_session[place]
    while 0 <= place < len(by_session):
        here = by_session[place]
        if sessions[here] != sessions[row] or times[here] != times[row]:
            break
        place += direction
    return place


@inner_kernel
def _gap(times: Ints, sessions: Words, by_session: Ints, origin: int, place: int, timeout_ms: int) -> int:
    """Return the time between two places of a session, `timeout_ms + 1` if it is longer or `place` is outside of it."""
    if place < 0 or place >= len(by_session) or sessions[by_session[place]] != sessions[by_session[origin]]:
        return timeout_ms + 1
    return min(abs(times[by_session[place]] - times[by_session[origin]]), timeout_ms + 1)


@inner_kernel
def _hits_at_instant(times: Ints, sessions: Words, by_session: Ints, place: int) -> int:
    return (
        _behind_instant(times, sessions, by_session, place, 1)
        - _behind_instant(times, sessions, by_session, place, -1)
        - 1
    )
