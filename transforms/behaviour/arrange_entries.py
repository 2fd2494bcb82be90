"""Arranges the hits of a bucket as evidence: by client and day, then by time.

The evidence of a day is the hits of the day and of the half hour before and after it, whatever else a run reads. So a
hit close to midnight counts for two days.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Evidence, Flags, HalfDigests, Ints
from footfall.transforms.behaviour.add_up import Entries
from footfall.transforms.behaviour.evidence import INTERNAL, IS_KNOWN, is_redirected, kind_of, method_of, referrer_of
from footfall.transforms.describing.judge_paths import ICON, PART, STYLE
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.intern_strings import KeyTable, pack_pairs
from footfall.transforms.kernels.sort_rows import sort_rows
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.values.read_requests import METHOD_POST

EDGE_MS: Final = 30 * 60_000
"""How long before and after a day hits count as its evidence, too."""
_IS_PART: Final = np.isin(np.arange(256), (PART, ICON, STYLE))
_LATE_BITS: Final = 2


class ObservedHits(NamedTuple):
    """Hits of a bucket: human ones without a session cookie, then those with one, then traces.

    Traces are hits of any class that are evidence about all clients of their address.
    """

    columns: Columns
    """OBSERVED_COLUMNS."""
    human_count: int
    cookie_count: int
    """How many of the human hits have a cookie."""


class Arranged(NamedTuple):
    """Which hits are the evidence of which client's day; a client and day is a group."""

    row: Ints
    """The hits by group, then by time; within an instant, parts come after documents and posts come last."""
    group: Codes
    time_ms: Ints
    ends: Ints
    """Where the rows of each group end."""
    client: Codes
    """The client of each group."""
    day: Ints
    """Its day."""
    own_hits: Ints
    """How many hits of each group lie in the day itself."""


def arrange_hits(
    client: Codes, client_count: int, hits: Columns, days: LocalDays, first_day: int, last_day: int
) -> Arranged:
    """Arrange hits (time_ms, evidence) of clients, whose codes are below a count; from first to last published day.

    Groups are numbered in the order of their first hits.
    """
    time_ms = hits["time_ms"]
    row, day, own_count = _days_of_evidence(time_ms, days, first_day, last_day)
    group, client_of, day_of, own_hits = _number_days(client, client_count, row, day, own_count)
    count = len(day_of)
    order, times, ends = sort_rows(group, count, _times_to_sort_by(row, time_ms, hits["evidence"]))
    by_group = np.repeat(np.arange(count, dtype=np.int32), np.diff(ends, prepend=0))
    return Arranged(take_rows(row, order), by_group, times >> _LATE_BITS, ends, client_of, day_of, own_hits)


def _days_of_evidence(times_ms: Ints, days: LocalDays, first_day: int, last_day: int) -> tuple[Ints, Ints, int]:
    """Return the rows that count as evidence of published days, the days, and how many of them are a row's own.

    These come first, and are in no order otherwise.
    """
    own, at_night = _days_and_nights(days.local_hours(times_ms))
    rows, found = [np.arange(len(times_ms))], [own]
    for shift in (-EDGE_MS, EDGE_MS):
        other = days.days_of(np.maximum(times_ms[at_night] + shift, 0))
        is_near = other != own[at_night]
        rows.append(at_night[is_near])
        found.append(other[is_near])
    row, day = np.concatenate(rows), np.concatenate(found)
    is_published = (day >= first_day) & (day <= last_day)
    if is_published.all():
        return row, day, len(times_ms)
    return row[is_published], day[is_published], int(np.count_nonzero(is_published[: len(times_ms)]))


@kernel
def _days_and_nights(hours: Ints) -> tuple[Ints, Ints]:
    """Return the day of each local hour, and the rows of hours that are close to another day.

    Close is the width of the edge and one hour more: where clocks change at midnight, its neighbours are two hours
    apart.
    """
    day, at_night = np.empty(len(hours), dtype=np.int64), np.empty(len(hours), dtype=np.int64)
    count = 0
    for row in range(len(hours)):
        day[row] = hours[row] // 24
        hour = hours[row] - day[row] * 24
        if hour < 2 or hour >= 22:
            at_night[count] = row
            count += 1
    return day, at_night[:count].copy()


@kernel
def _number_days(
    client: Codes, client_count: int, row: Ints, day: Ints, own_count: int
) -> tuple[Codes, Codes, Ints, Ints]:
    """Return the group of each row and day, and of each group its client, its day and how many of its rows are own."""
    group = np.empty(len(row), dtype=np.int32)
    client_of, day_of = np.empty(len(row), dtype=np.int32), np.empty(len(row), dtype=np.int64)
    own_hits = np.zeros(len(row), dtype=np.int64)
    # The groups of a client are a chain that begins with the one of its last row: the next row is mostly of that, too.
    first, after = np.full(client_count, -1, dtype=np.int32), np.empty(len(row), dtype=np.int32)
    count = 0
    for place in range(len(row)):
        own = client[row[place]]
        before, found = np.int32(-1), first[own]
        while found >= 0 and day_of[found] != day[place]:
            before, found = found, after[found]
        if found < 0:
            found = np.int32(count)
            client_of[found], day_of[found], after[found] = own, day[place], first[own]
            first[own] = found
            count += 1
        elif before >= 0:
            after[before], after[found], first[own] = after[found], first[own], found
        group[place] = found
        own_hits[found] += place < own_count
    return group, client_of[:count].copy(), day_of[:count].copy(), own_hits[:count].copy()


@kernel
def _times_to_sort_by(row: Ints, times_ms: Ints, evidence: Evidence) -> Ints:
    """Return numbers that order rows by time; within an instant, parts come after documents and posts come last."""
    found = np.empty(len(row), dtype=np.int64)
    for place in range(len(row)):
        kind, method = kind_of(evidence[row[place]]), method_of(evidence[row[place]])
        is_late = (kind in (PART, ICON)) + 2 * (method == METHOD_POST)
        found[place] = (times_ms[row[place]] << _LATE_BITS) + is_late
    return found


def arrange_entries(observed: ObservedHits, arranged: Arranged, own_host: HalfDigests, place_of: Codes) -> Entries:
    """Return the entries of hits.

    Of each group, `own_host` is the host that refers from within, and `place_of` a code of its address, day and site.
    """
    hits, human_count, cookie_count = observed
    rows, group = arranged.row, arranged.group
    # Column by column: one column fits into the processor's cache, all of them do not.
    evidence, asked, from_page, link, shape = (
        take_rows(hits[name], rows) for name in ("evidence", "asked", "from_page", "link", "shape")
    )
    is_own = _are_own(evidence, hits["from_host"], rows, own_host, group)
    was_opened = _were_opened(take_rows(place_of, group), evidence, asked, from_page, is_own)
    is_human = rows < human_count
    has_cookie = is_human & (rows >= human_count - cookie_count)
    return Entries(
        group, arranged.time_ms, evidence, asked, from_page, is_human, is_own, was_opened, link, has_cookie, shape
    )


@kernel
def _are_own(evidence: Evidence, from_host: HalfDigests, rows: Ints, own_host: HalfDigests, group: Codes) -> Flags:
    """Return whether each referrer is of the site: its host is the site's, or the one that refers from within."""
    found = np.empty(len(rows), dtype=np.bool_)
    for place in range(len(rows)):
        referrer, host = referrer_of(evidence[place]), own_host[group[place]]
        is_within = host > 0 and from_host[rows[place]] == host and not IS_KNOWN[referrer]
        found[place] = referrer == INTERNAL or is_within
    return found


def _were_opened(place: Codes, evidence: Evidence, asked: HalfDigests, from_page: HalfDigests, is_own: Flags) -> Flags:
    """Return whether each document or post comes from a page of the site that its address opened on the day.

    `place` is a code of the address, the day and the site.
    """
    opened, coming = _opened_and_coming(evidence, asked, from_page, is_own)
    pages = KeyTable()
    pages.intern(pack_pairs(place, asked, opened))
    found = np.zeros(len(place), dtype=np.bool_)
    found[coming] = pages.find(pack_pairs(place, from_page, coming)) >= 0
    return found


@kernel
def _opened_and_coming(
    evidence: Evidence, asked: HalfDigests, from_page: HalfDigests, is_own: Flags
) -> tuple[Ints, Ints]:
    """Return the rows of pages, and those of documents and posts that come from pages of the site.

    A page that redirects has no links, and neither has a part.
    """
    opened, coming = np.empty(len(evidence), dtype=np.int64), np.empty(len(evidence), dtype=np.int64)
    opened_count = coming_count = 0
    for row in range(len(evidence)):
        is_page = not _IS_PART[kind_of(evidence[row])]
        is_sent = is_page or method_of(evidence[row]) == METHOD_POST
        # Written first and counted then, without a branch, which processors could not predict.
        opened[opened_count] = coming[coming_count] = row
        opened_count += is_page & (asked[row] > 0) & (not is_redirected(evidence[row]))
        coming_count += is_sent & (from_page[row] > 0) & is_own[row]
    return opened[:opened_count].copy(), coming[:coming_count].copy()
