"""Counts the visitors behind the tables of hits: the distinct clients of each cell.

All hits of a client are in one bucket. The cells of one kind have an order (the hours of a day, the buckets of an
hour). Of each cell is counted how many visitors it has, and for how many of them it is the first or the last one. These
counts add up over buckets, and tell how many visitors several cells have together at least: see
`footfall.pipelines.publishing.tell_hits`. Where bytes are told, the two visitors of a cell with the most are found too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Columns, Digests, HalfDigests, Ints, Words
from footfall.transforms.hits.count_folders import count_folders
from footfall.transforms.hits.hit_facts import (
    CLASS_BITS,
    GROUP_AT,
    NOT_PUBLISHED,
    bucket_of,
    hour_of,
    hundred_of,
    is_page_view,
    kind_of,
    protocol_of,
)
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel, kernel
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.latency_buckets import NO_LATENCY
from footfall.transforms.tables.partial_tables import Part, part_of, parts_by_day
from footfall.transforms.tables.visitor_counts import MEASURES_OF_HOURS, WHOLE_DAY
from footfall.transforms.vocabulary import ASKED_KINDS, AUTOMATED, HUMAN

_HITS, _PAGE_VIEWS, _OTHER_STATUS, _LATENCY = (
    MEASURES_OF_HOURS.index(name) for name in ("hits", "page_views", "other_status", "latency")
)
_HUNDRED_OF_5XX: Final = 5
_GROUP_BITS: Final = np.uint64(64 - GROUP_AT)
_HOURS: Final = 24
_PROTOCOLS: Final = 8
_KINDS: Final = 8
_PAGE_VIEW_KIND: Final = ASKED_KINDS.index("page_view")
_FIRST_KIND: Final = WHOLE_DAY + 1
_TIMED: Final = _FIRST_KIND + _KINDS
"""Of request times: the hours, WHOLE_DAY, then what was asked for."""
_PLACES: Final = _HOURS + _PROTOCOLS + _KINDS
"""Of sums of bytes: the hours, then the protocols, then what was asked for."""
_BUCKETS: Final = NO_LATENCY + 1
_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_MINUTE_MS: Final = 60_000


class VisitorCounter:
    """The rows of a bucket of clients by their day, site and traffic class, which are a group.

    `client` are codes of clients below `client_count`, `site` digests, `facts` of `pack_facts`; `machine` has a digest
    for the last rows, which are those of machines, and `folder` half of one for the first, which are those of people.
    `day_shares` is the number of shares that the days are divided into.
    """

    def __init__(
        self,
        client: Codes,
        client_count: int,
        site: Digests,
        facts: Words,
        bytes_sent: Ints,
        machine: Digests,
        folder: HalfDigests,
        day_shares: int = 1,
    ) -> None:
        self._day_shares = day_shares
        self._client, self._client_count, self._facts = client, client_count, facts
        self._bytes_sent, self._machine, self._folder = bytes_sent, machine, folder
        self._sites, self._groups = KeyTable(), KeyTable()
        self._group = self._groups.intern(
            self._sites.intern(site).astype(np.uint64) << _GROUP_BITS | facts >> np.uint64(GROUP_AT)
        )
        in_group = self._groups.keys & np.uint64((1 << int(_GROUP_BITS)) - 1)
        self._class_of = (in_group & np.uint64((1 << CLASS_BITS) - 1)).astype(np.uint8)
        self._day_of = (in_group >> np.uint64(CLASS_BITS)).astype(np.int64)
        self._site_of = self._sites.keys[(self._groups.keys >> _GROUP_BITS).astype(np.int64)]

    def tables(self) -> Iterator[Part]:
        """Yield the partial tables of visitors."""
        is_people = (self._class_of == HUMAN) | (self._class_of == AUTOMATED)
        order, ends = _order_rows(self._client, self._client_count, self._group, is_people)
        cells = _count_cells(self._facts, self._client, self._bytes_sent, order, ends)
        hours, buckets, protocols, kinds, largest = cells
        yield from self._hours(hours)
        yield from self._latency(buckets)
        group, protocol, visitors = protocols.T
        yield from self._by_day("protocol_visitors", group, protocol=protocol, visitors=visitors)
        group, kind, visitors = kinds.T
        yield from self._by_day("kind_visitors", group, kind=kind, visitors=visitors)
        yield from self._largest(largest)
        yield from self._machines()

    def _hours(self, cells: Ints) -> Iterator[Part]:
        group, hour, measure, visitors, first, last = cells.T
        columns: Columns = {
            "local_hour": self._day_of[group] * _HOURS + hour,
            "measure": measure,
            "visitors": visitors,
            "first": first,
            "last": last,
        }
        yield from self._by_day("hour_visitors", group, **columns)
        # A human client has its first page view of a day in one hour.
        rows = np.flatnonzero((measure == _PAGE_VIEWS) & (first > 0) & (self._class_of[group] == HUMAN))
        yield from self._by_day("visitors", group[rows], visitors=first[rows])

    def _latency(self, cells: Ints) -> Iterator[Part]:
        group, of, bucket, visitors, fastest, slowest, hits = cells.T
        columns: Columns = {"bucket": bucket, "visitors": visitors, "fastest": fastest, "slowest": slowest}
        rows = np.flatnonzero(of <= WHOLE_DAY)
        own = {column: values[rows] for column, values in columns.items()}
        yield from self._by_day("latency_visitors", group[rows], hour=of[rows], **own)
        is_human = self._class_of == HUMAN
        rows = np.flatnonzero((of > WHOLE_DAY) & is_human[group])
        own = {column: values[rows] for column, values in columns.items()}
        yield from self._by_day("kind_latency", group[rows], kind=of[rows] - _FIRST_KIND, hits=hits[rows], **own)
        group, of_folders = count_folders(self._client, self._group, self._facts, self._folder, is_human)
        yield from self._by_day("page_latency", group, **of_folders)

    def _largest(self, cells: Ints) -> Iterator[Part]:
        group, place, bytes_sent = cells.T
        ones = np.ones(len(group), dtype=np.int64)
        parts = np.searchsorted([_HOURS, _HOURS + _PROTOCOLS], place, side="right")
        for part, (name, key) in enumerate(
            (
                ("hour_bytes", {"local_hour": self._day_of[group] * _HOURS + place}),
                ("protocol_bytes", {"protocol": place - _HOURS}),
                ("kind_bytes", {"kind": place - _HOURS - _PROTOCOLS}),
            )
        ):
            rows = np.flatnonzero(parts == part)
            columns: Columns = {**key, "bytes_sent": bytes_sent, "visitors": ones}
            own = {column: values[rows] for column, values in columns.items()}
            yield from self._by_day(name, group[rows], **own)

    def _machines(self) -> Iterator[Part]:
        begin = len(self._client) - len(self._machine)
        rows = begin + np.flatnonzero(self._class_of[self._group[begin:]] != NOT_PUBLISHED)
        machines, names, visitors = KeyTable(), KeyTable(), KeyTable()
        machine = machines.intern(self._machine[rows - begin]).astype(np.uint64)
        name = names.intern(self._group[rows].astype(np.uint64) << _HALF_BITS | machine).astype(np.uint64)
        visitor = visitors.intern(name << _HALF_BITS | self._client[rows].astype(np.uint64))
        sums = GroupSums(1)
        sums.add(visitors.keys >> _HALF_BITS, None)
        found = names.keys[sums.keys]
        yield from self._by_day(
            "machine_visitors",
            (found >> _HALF_BITS).astype(np.int64),
            machine=machines.keys[found & _LOW_HALF],
            visitors=sums.measure(0),
        )
        named = names.keys[(visitors.keys >> _HALF_BITS).astype(np.int64)]
        group = (named >> _HALF_BITS).astype(np.int64)
        bytes_sent = np.zeros(visitors.count, dtype=np.int64)
        np.add.at(bytes_sent, visitor, self._bytes_sent[rows])
        order = np.lexsort((-bytes_sent, named))
        order = order[self._class_of[group[order]] == AUTOMATED]
        # The first two of each name.
        chosen = order[
            np.concatenate([np.ones(min(len(order), 2), dtype=np.bool_), named[order][2:] != named[order][:-2]])
        ]
        yield from self._by_day(
            "machine_bytes",
            group[chosen],
            machine=machines.keys[named[chosen] & _LOW_HALF],
            bytes_sent=bytes_sent[chosen],
            visitors=np.ones(len(chosen), dtype=np.int64),
        )

    def _by_day(self, table: str, group: Ints, **columns: NDArray[Any]) -> Iterator[Part]:
        day = self._day_of[group]
        given: Columns = {"day": day, "site": self._site_of[group], "traffic_class": self._class_of[group], **columns}
        yield from parts_by_day(table, self._day_shares, day, **given)


def count_error_visitors(client: Codes, site: Digests, time_ms: Ints, facts: Words) -> Part:
    """Return the partial table `error_visitors` of human hits: the minutes in which clients met errors of the server.

    A client is counted in each of its minutes, under its minute before that. So the distinct clients of a span of
    minutes are those counted in it under a minute before it.
    """
    rows = np.flatnonzero(_is_5xx(facts))
    return _count_spans("error_visitors", "minute", client[rows], site[rows], time_ms[rows] // _MINUTE_MS)


def count_asking_visitors(client: Codes, site: Digests, time_ms: Ints) -> Part:
    """Return the partial table `asking_visitors` of human hits: the hours of UTC in which clients asked, likewise."""
    return _count_spans("asking_visitors", "hour", client, site, time_ms // (60 * _MINUTE_MS))


def _count_spans(table: str, unit: str, client: Codes, site: Digests, time: Ints) -> Part:
    """Return a table of clients by the times at which they were there, and by their time before that, -1 for none."""
    spans = KeyTable()
    codes = spans.intern(client.astype(np.uint64) << _HALF_BITS | time.astype(np.uint64))
    site_of = np.zeros(spans.count, dtype=np.uint64)
    site_of[codes] = site
    order = np.argsort(spans.keys)
    own = (spans.keys[order] >> _HALF_BITS).astype(np.int64)
    at = (spans.keys[order] & _LOW_HALF).astype(np.int64)
    is_same = np.concatenate([np.zeros(min(len(own), 1), dtype=np.bool_), own[1:] == own[:-1]])
    before = np.where(is_same, np.concatenate([at[:1], at[:-1]]), -1)
    visitors = np.ones(len(own), dtype=np.int64)
    return part_of(table, 0, **{"site": site_of[order], unit: at, f"{unit}_before": before, "visitors": visitors})


@kernel
def _is_5xx(facts: Words) -> NDArray[np.bool_]:
    found = np.zeros(len(facts), dtype=np.bool_)
    for row in range(len(facts)):
        found[row] = hundred_of(facts[row]) == _HUNDRED_OF_5XX
    return found


@kernel
def _order_rows(client: Codes, client_count: int, group: Codes, is_wanted: NDArray[np.bool_]) -> tuple[Ints, Ints]:
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
def _count_cells(
    facts: Words, client: Codes, bytes_sent: Ints, order: Ints, ends: Ints
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Return the cells of each group that have visitors, a row for each: of hours, latency, protocols and kinds.

    Hours: group, hour, measure, visitors, and those for whom it is the first or last such hour of the day. Latency:
    group, hour, WHOLE_DAY or _FIRST_KIND and a kind, bucket, visitors, those whose fastest or slowest request is in it,
    and the hits of kinds. Protocols: group, protocol, visitors. Kinds: group, `cell_of_kind`, visitors. The last are
    the two visitors with the most bytes of each hour, protocol and kind: group, place, bytes.
    """
    measures = len(MEASURES_OF_HOURS)
    most_hours = most_buckets = most_protocols = most_kinds = most_largest = begin = 0
    for end in ends:
        most_largest += min(6 * (end - begin), 2 * _PLACES)
        most_hours += min(4 * (end - begin), _HOURS * measures)
        most_buckets += min(3 * (end - begin), _TIMED * _BUCKETS)
        most_protocols += min(end - begin, _PROTOCOLS)
        most_kinds += min(end - begin, _KINDS)
        begin = end
    hours = np.empty((most_hours, 6), dtype=np.int64)
    buckets = np.empty((most_buckets, 7), dtype=np.int64)
    protocols = np.empty((most_protocols, 3), dtype=np.int64)
    kinds = np.empty((most_kinds, 3), dtype=np.int64)
    largest = np.empty((most_largest, 3), dtype=np.int64)
    # Of one group: visitors, first and last of each cell, the number of the visitor that was counted last, and hits.
    of_hours = np.zeros((_HOURS, measures, 4), dtype=np.int32)
    of_buckets = np.zeros((_TIMED, _BUCKETS, 5), dtype=np.int32)
    of_protocols = np.zeros((_PROTOCOLS, 2), dtype=np.int32)
    of_kinds = np.zeros((_KINDS, 2), dtype=np.int32)
    # The bytes of its two visitors with the most, by hour, protocol and kind; of a visitor -1 where there is no hit.
    of_bytes = np.full((_PLACES, 2), -1, dtype=np.int64)
    own_bytes = np.full(_PLACES, -1, dtype=np.int64)
    touched = np.empty(_TIMED * _BUCKETS, dtype=np.int64)
    # Of one visitor: its first and last hour of each measure, and its fastest and slowest bucket of each hour and kind.
    spans = np.empty((measures, 2), dtype=np.int64)
    speeds = np.empty((_TIMED, 2), dtype=np.int64)
    hour_rows = bucket_rows = protocol_rows = kind_rows = largest_rows = visitor = begin = 0
    for group in range(len(ends)):
        touched_count = 0
        place = begin
        begin = ends[group]
        while place < ends[group]:
            visitor += 1
            own = client[order[place]]
            spans[:, 0], spans[:, 1] = _HOURS, -1
            speeds[:, 0], speeds[:, 1] = _BUCKETS, -1
            before = np.uint64(0xFFFFFFFFFFFFFFFF)
            while place < ends[group] and client[order[place]] == own:
                fact, size = facts[order[place]], bytes_sent[order[place]]
                place += 1
                _add_bytes(own_bytes, hour_of(fact), size)
                _add_bytes(own_bytes, _HOURS + protocol_of(fact), size)
                kind, bucket = cell_of_kind(fact), bucket_of(fact)
                _add_bytes(own_bytes, _HOURS + _PROTOCOLS + kind, size)
                if bucket != NO_LATENCY:
                    of_buckets[_FIRST_KIND + kind, bucket, 4] += 1
                if fact == before:
                    continue
                before = fact
                hour, protocol = hour_of(fact), protocol_of(fact)
                _note_hour(of_hours, spans, hour, _HITS, visitor)
                hundred = hundred_of(fact)
                _note_hour(of_hours, spans, hour, hundred if hundred > 0 else _OTHER_STATUS, visitor)
                if is_page_view(fact):
                    _note_hour(of_hours, spans, hour, _PAGE_VIEWS, visitor)
                if bucket != NO_LATENCY:
                    _note_hour(of_hours, spans, hour, _LATENCY, visitor)
                    for of in (hour, WHOLE_DAY, _FIRST_KIND + kind):
                        if of_buckets[of, bucket, 3] != visitor:
                            if of_buckets[of, bucket, 3] == 0:
                                touched[touched_count] = of * _BUCKETS + bucket
                                touched_count += 1
                            of_buckets[of, bucket, 3] = visitor
                            of_buckets[of, bucket, 0] += 1
                            speeds[of, 0] = min(speeds[of, 0], bucket)
                            speeds[of, 1] = max(speeds[of, 1], bucket)
                if of_protocols[protocol, 1] != visitor:
                    of_protocols[protocol, 1] = visitor
                    of_protocols[protocol, 0] += 1
                if of_kinds[kind, 1] != visitor:
                    of_kinds[kind, 1] = visitor
                    of_kinds[kind, 0] += 1
            for measure in range(measures):
                if spans[measure, 1] >= 0:
                    of_hours[spans[measure, 0], measure, 1] += 1
                    of_hours[spans[measure, 1], measure, 2] += 1
            for of in range(_TIMED):
                if speeds[of, 1] >= 0:
                    of_buckets[of, speeds[of, 0], 1] += 1
                    of_buckets[of, speeds[of, 1], 2] += 1
            for of in range(_PLACES):
                if own_bytes[of] >= 0:
                    of_bytes[of, 1] = max(of_bytes[of, 1], min(of_bytes[of, 0], own_bytes[of]))
                    of_bytes[of, 0] = max(of_bytes[of, 0], own_bytes[of])
                    own_bytes[of] = -1
        for of in range(_PLACES):
            for one in of_bytes[of]:
                if one >= 0:
                    largest[largest_rows, 0], largest[largest_rows, 1], largest[largest_rows, 2] = group, of, one
                    largest_rows += 1
        of_bytes[:] = -1
        for hour in range(_HOURS):
            for measure in range(measures):
                if of_hours[hour, measure, 0] > 0:
                    hours[hour_rows, 0], hours[hour_rows, 1], hours[hour_rows, 2] = group, hour, measure
                    hours[hour_rows, 3:] = of_hours[hour, measure, :3]
                    hour_rows += 1
        for cell in touched[:touched_count]:
            of, bucket = cell // _BUCKETS, cell % _BUCKETS
            buckets[bucket_rows, 0], buckets[bucket_rows, 1], buckets[bucket_rows, 2] = group, of, bucket
            buckets[bucket_rows, 3:6], buckets[bucket_rows, 6] = of_buckets[of, bucket, :3], of_buckets[of, bucket, 4]
            bucket_rows += 1
            of_buckets[of, bucket] = 0
        for protocol in range(_PROTOCOLS):
            if of_protocols[protocol, 0] > 0:
                protocols[protocol_rows, 0], protocols[protocol_rows, 1] = group, protocol
                protocols[protocol_rows, 2] = of_protocols[protocol, 0]
                protocol_rows += 1
        for kind in range(_KINDS):
            if of_kinds[kind, 0] > 0:
                kinds[kind_rows, 0], kinds[kind_rows, 1], kinds[kind_rows, 2] = group, kind, of_kinds[kind, 0]
                kind_rows += 1
        of_hours[:] = 0
        of_protocols[:] = 0
        of_kinds[:] = 0
    kinds, largest = kinds[:kind_rows], largest[:largest_rows]
    return hours[:hour_rows], buckets[:bucket_rows], protocols[:protocol_rows], kinds, largest


@inlined_kernel
def cell_of_kind(fact: np.uint64) -> np.int64:
    """Return the cell of the table `kinds`, an index of ASKED_KINDS."""
    return np.int64(_PAGE_VIEW_KIND) if is_page_view(fact) else kind_of(fact)


@inner_kernel
def _add_bytes(own_bytes: Ints, place: int, size: int) -> None:
    """Add what a visitor was sent in an hour or by a protocol."""
    own_bytes[place] = max(own_bytes[place], 0) + size


@inner_kernel
def _note_hour(of_hours: NDArray[np.int32], spans: Ints, hour: int, measure: int, visitor: int) -> None:
    """Count a visitor in a cell of an hour, unless it is counted in it already."""
    if of_hours[hour, measure, 3] != visitor:
        of_hours[hour, measure, 3] = visitor
        of_hours[hour, measure, 0] += 1
        spans[measure, 0] = min(spans[measure, 0], hour)
        spans[measure, 1] = max(spans[measure, 1], hour)
