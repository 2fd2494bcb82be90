"""Counts the visitors of the cells of hits in one pass over the hits of each client: see `count_visitors`."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Ints, Words
from footfall.transforms.hits.hit_facts import (
    bucket_of,
    hour_of,
    hundred_of,
    is_page_view,
    kind_of,
    protocol_of,
)
from footfall.transforms.kernels.byte_kernels import trailing_zeros
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.kernels.latency_buckets import NO_LATENCY
from footfall.transforms.tables.visitor_counts import MEASURES_OF_HOURS, WHOLE_DAY
from footfall.transforms.vocabulary import ASKED_KINDS

_HITS, PAGE_VIEWS, _OTHER_STATUS, _LATENCY = (
    MEASURES_OF_HOURS.index(name) for name in ("hits", "page_views", "other_status", "latency")
)
HOURS: Final = 24
PROTOCOLS: Final = 8
_KINDS: Final = 8
_PAGE_VIEW_KIND: Final = ASKED_KINDS.index("page_view")
FIRST_KIND: Final = WHOLE_DAY + 1
_TIMED: Final = FIRST_KIND + _KINDS
"""The number of rows of request times: the hours, WHOLE_DAY, then the kinds."""
_PLACES: Final = HOURS + PROTOCOLS + _KINDS
"""The number of sums of bytes: by hour, then by protocol, then by kind."""
_BUCKETS: Final = NO_LATENCY + 1


@kernel
def order_rows(client: Codes, client_count: int, group: Codes, is_wanted: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the rows of wanted groups ordered by group, then by client, and the end of each group among them."""
    ends = np.zeros(client_count + 1, dtype=np.int64)
    group_ends = np.zeros(len(is_wanted) + 1, dtype=np.int64)
    for row in range(len(client)):
        if is_wanted[group[row]]:
            ends[client[row] + 1] += 1
            group_ends[group[row] + 1] += 1
    # From counts to begins; filling them in moves these to the ends.
    ends, group_ends = np.cumsum(ends), np.cumsum(group_ends)
    by_client = np.empty(ends[-1], dtype=np.int64)
    for row in range(len(client)):
        if is_wanted[group[row]]:
            by_client[ends[client[row]]] = row
            ends[client[row]] += 1
    order = np.empty(len(by_client), dtype=np.int64)
    for row in by_client:
        order[group_ends[group[row]]] = row
        group_ends[group[row]] += 1
    return order, group_ends[:-1]


@kernel
def count_cells(facts: Words, client: Codes, bytes_sent: Ints, ends: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return the cells of each group that have visitors, one row per cell: hours, latency, protocols, kinds, bytes.

    Hits are sorted by group, then by client; `ends` are the ends of the groups.

    - Hours: group, hour, measure, visitors, and those for whom it is the first and the last such hour of the day.
    - Latency: group, hour (or WHOLE_DAY, or FIRST_KIND plus a kind), bucket, visitors, those whose fastest and slowest
      request is in it, and the hits of kinds.
    - Protocols: group, protocol, visitors.
    - Kinds: group, `_cell_of_kind`, visitors.
    - Bytes: the two visitors with the most bytes of each hour, protocol and kind: group, place, bytes.
    """
    measures = len(MEASURES_OF_HOURS)
    most_hours = most_buckets = most_protocols = most_kinds = most_largest = begin = 0
    for end in ends:
        most_largest += min(6 * (end - begin), 2 * _PLACES)
        most_hours += min(4 * (end - begin), HOURS * measures)
        most_buckets += min(3 * (end - begin), _TIMED * _BUCKETS)
        most_protocols += min(end - begin, PROTOCOLS)
        most_kinds += min(end - begin, _KINDS)
        begin = end
    hours = np.empty((most_hours, 6), dtype=np.int64)
    buckets = np.empty((most_buckets, 7), dtype=np.int64)
    protocols = np.empty((most_protocols, 3), dtype=np.int64)
    kinds = np.empty((most_kinds, 3), dtype=np.int64)
    largest = np.empty((most_largest, 3), dtype=np.int64)
    # Of one group: visitors, first and last of each cell; for buckets also the number of the visitor that was counted
    # last, and hits; and the bytes of the two visitors with the most bytes, -1 where there is none.
    of_hours = np.zeros((HOURS, measures, 3), dtype=np.int32)
    of_buckets = np.zeros((_TIMED, _BUCKETS, 5), dtype=np.int32)
    of_protocols, of_kinds = np.zeros(PROTOCOLS, dtype=np.int32), np.zeros(_KINDS, dtype=np.int32)
    of_bytes = np.full((_PLACES, 2), -1, dtype=np.int64)
    touched = np.empty(_TIMED * _BUCKETS, dtype=np.int64)
    group_cells = _GroupCells(of_hours, of_buckets, of_protocols, of_kinds, of_bytes, touched)
    own = _Visitor(
        np.zeros(measures, dtype=np.uint64),
        np.zeros(_PLACES, dtype=np.int64),
        np.full((_TIMED, 2), -1, dtype=np.int64),
        np.empty(_TIMED, dtype=np.int64),
    )
    hour_rows = bucket_rows = protocol_rows = kind_rows = largest_rows = visitor = begin = 0
    for group in range(len(ends)):
        place, touched_count = begin, 0
        begin = ends[group]
        while place < begin:
            end = place + 1
            while end < begin and client[end] == client[place]:
                end += 1
            visitor += 1
            touched_count = _count_visitor(facts, bytes_sent, place, end, visitor, own, group_cells, touched_count)
            place = end
        for of in range(_PLACES):
            for one in of_bytes[of]:
                if one >= 0:
                    largest[largest_rows, 0], largest[largest_rows, 1], largest[largest_rows, 2] = group, of, one
                    largest_rows += 1
        of_bytes[:] = -1
        for hour in range(HOURS):
            for measure in range(measures):
                if of_hours[hour, measure, 0] > 0:
                    hours[hour_rows, 0], hours[hour_rows, 1], hours[hour_rows, 2] = group, hour, measure
                    hours[hour_rows, 3:] = of_hours[hour, measure]
                    hour_rows += 1
        for cell in touched[:touched_count]:
            of, bucket = cell // _BUCKETS, cell % _BUCKETS
            buckets[bucket_rows, 0], buckets[bucket_rows, 1], buckets[bucket_rows, 2] = group, of, bucket
            buckets[bucket_rows, 3:6], buckets[bucket_rows, 6] = of_buckets[of, bucket, :3], of_buckets[of, bucket, 4]
            bucket_rows += 1
            of_buckets[of, bucket] = 0
        for protocol in range(PROTOCOLS):
            if of_protocols[protocol] > 0:
                protocols[protocol_rows, 0], protocols[protocol_rows, 1] = group, protocol
                protocols[protocol_rows, 2] = of_protocols[protocol]
                protocol_rows += 1
        for kind in range(_KINDS):
            if of_kinds[kind] > 0:
                kinds[kind_rows, 0], kinds[kind_rows, 1], kinds[kind_rows, 2] = group, kind, of_kinds[kind]
                kind_rows += 1
        of_hours[:] = 0
        of_protocols[:] = 0
        of_kinds[:] = 0
    kinds, largest = kinds[:kind_rows], largest[:largest_rows]
    return hours[:hour_rows], buckets[:bucket_rows], protocols[:protocol_rows], kinds, largest


class _GroupCells(NamedTuple):
    """The cells of a group: see `count_cells`."""

    of_hours: NDArray[np.int32]
    of_buckets: NDArray[np.int32]
    of_protocols: NDArray[np.int32]
    of_kinds: NDArray[np.int32]
    of_bytes: Ints
    touched: Ints
    """The cells of `of_buckets` that have visitors."""


class _Visitor(NamedTuple):
    """What one visitor of a group did; it is cleared when the visitor has been counted."""

    hours: Words
    """A bit for each hour, by measure."""
    bytes_sent: Ints
    """By hour, protocol and kind."""
    speeds: Ints
    """The fastest and slowest bucket of each hour and kind, -1 where there is none."""
    timed: Ints
    """The hours and kinds that have a bucket."""


@inner_kernel
def _count_visitor(
    facts: Words,
    bytes_sent: Ints,
    begin: int,
    end: int,
    visitor: int,
    own: _Visitor,
    cells: _GroupCells,
    touched_count: int,
) -> int:
    """Count a visitor of a group by its hits, and return the new number of `touched` cells."""
    timed_count = 0
    places = np.uint64(0)
    for row in range(begin, end):
        fact, size = facts[row], bytes_sent[row]
        hour, protocol, kind, bucket = hour_of(fact), protocol_of(fact), _cell_of_kind(fact), bucket_of(fact)
        hundred, is_timed = hundred_of(fact), bucket != NO_LATENCY
        own.hours[_HITS] |= _bit(hour)
        own.hours[hundred if hundred > 0 else _OTHER_STATUS] |= _bit(hour)
        own.hours[PAGE_VIEWS] |= np.uint64(is_page_view(fact)) << np.uint64(hour)
        own.hours[_LATENCY] |= np.uint64(is_timed) << np.uint64(hour)
        for at in (hour, HOURS + protocol, HOURS + PROTOCOLS + kind):
            places |= _bit(at)
            own.bytes_sent[at] += size
        if is_timed:
            cells.of_buckets[FIRST_KIND + kind, bucket, 4] += 1
            for of in (hour, WHOLE_DAY, FIRST_KIND + kind):
                if cells.of_buckets[of, bucket, 3] != visitor:
                    if cells.of_buckets[of, bucket, 3] == 0:
                        cells.touched[touched_count] = of * _BUCKETS + bucket
                        touched_count += 1
                    cells.of_buckets[of, bucket, 3] = visitor
                    cells.of_buckets[of, bucket, 0] += 1
                    if own.speeds[of, 1] < 0:
                        own.timed[timed_count], own.speeds[of, 0] = of, bucket
                        timed_count += 1
                    own.speeds[of, 0] = min(own.speeds[of, 0], bucket)
                    own.speeds[of, 1] = max(own.speeds[of, 1], bucket)
    for measure in range(len(own.hours)):
        hours, hour = own.hours[measure], np.int64(-1)
        while hours > 0:
            is_first, hour = hour < 0, np.int64(trailing_zeros(hours))
            cells.of_hours[hour, measure, 0] += 1
            cells.of_hours[hour, measure, 1] += is_first
            hours &= hours - np.uint64(1)
        if hour >= 0:
            cells.of_hours[hour, measure, 2] += 1
        own.hours[measure] = 0
    for of in own.timed[:timed_count]:
        cells.of_buckets[of, own.speeds[of, 0], 1] += 1
        cells.of_buckets[of, own.speeds[of, 1], 2] += 1
        own.speeds[of, 1] = -1
    while places > 0:
        at = np.int64(trailing_zeros(places))
        if at >= HOURS + PROTOCOLS:
            cells.of_kinds[at - HOURS - PROTOCOLS] += 1
        elif at >= HOURS:
            cells.of_protocols[at - HOURS] += 1
        size, most = own.bytes_sent[at], cells.of_bytes[at, 0]
        cells.of_bytes[at, 1] = max(cells.of_bytes[at, 1], min(most, size))
        cells.of_bytes[at, 0] = max(most, size)
        own.bytes_sent[at] = 0
        places &= places - np.uint64(1)
    return touched_count


@inlined_kernel
def _bit(number: int) -> np.uint64:
    return np.uint64(1) << np.uint64(number)


@inlined_kernel
def _cell_of_kind(fact: np.uint64) -> np.int64:
    """Return the cell of the table `kinds`, an index of ASKED_KINDS."""
    return np.int64(_PAGE_VIEW_KIND) if is_page_view(fact) else kind_of(fact)
