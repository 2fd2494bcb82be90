"""Counts the visitors behind the tables of hits: the distinct clients of each cell.

All hits of a client are in one bucket. The cells of one kind have an order (the hours of a day, the buckets of an
hour). For each cell, its visitors are counted, and those for whom it is the first or the last cell. These counts add up
over buckets, and give a lower bound of the visitors that several cells have together: see
`footfall.pipelines.publishing.make_hit_tables`. In cells with bytes, the two visitors with the most bytes are found as
well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Columns, Digests, HalfDigests, Ints, Words
from footfall.transforms.hits.count_cells import FIRST_KIND, HOURS, PAGE_VIEWS, PROTOCOLS, count_cells, order_rows
from footfall.transforms.hits.count_folders import count_folders
from footfall.transforms.hits.hit_facts import (
    CLASS_BITS,
    GROUP_AT,
    NOT_PUBLISHED,
    hundred_of,
)
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.tables.partial_tables import Part, part_of, parts_by_day
from footfall.transforms.tables.visitor_counts import WHOLE_DAY
from footfall.transforms.vocabulary import AUTOMATED, HUMAN

_GROUP_BITS: Final = np.uint64(64 - GROUP_AT)
_HUNDRED_OF_5XX: Final = 5
_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_MINUTE_MS: Final = 60_000


class VisitorCounter:
    """The rows of a bucket of clients by group: day, site and traffic class.

    `client` are codes of clients below `client_count`, `site` digests, `facts` words of `pack_facts`. The first rows
    are those of people and have a half digest in `folder`; the last are those of machines and have a digest in
    `machine`. `day_shares` is the number of shares that the days are divided into.
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
        order, ends = order_rows(self._client, self._client_count, self._group, is_people)
        # Column by column: one column fits into the processor's cache, all of them do not.
        facts, client, bytes_sent = (take_rows(own, order) for own in (self._facts, self._client, self._bytes_sent))
        cells = count_cells(facts, client, bytes_sent, ends)
        hours, buckets, protocols, kinds, largest = cells
        yield from self._hours(hours)
        yield from self._latency(buckets)
        folder = take_rows(np.append(self._folder, np.uint32(0)), np.minimum(order, len(self._folder)))
        group_of = np.repeat(np.arange(len(ends), dtype=np.int32), np.diff(ends, prepend=0))
        group, of_folders = count_folders(client, group_of, facts, folder, self._class_of == HUMAN)
        yield from self._by_day("page_latency", group, **of_folders)
        group, protocol, visitors = protocols.T
        yield from self._by_day("protocol_visitors", group, protocol=protocol, visitors=visitors)
        group, kind, visitors = kinds.T
        yield from self._by_day("kind_visitors", group, kind=kind, visitors=visitors)
        yield from self._largest(largest)
        yield from self._machines()

    def _hours(self, cells: Ints) -> Iterator[Part]:
        group, hour, measure, visitors, first, last = cells.T
        columns: Columns = {
            "local_hour": self._day_of[group] * HOURS + hour,
            "measure": measure,
            "visitors": visitors,
            "first": first,
            "last": last,
        }
        yield from self._by_day("hour_visitors", group, **columns)
        # A human client has its first page view of a day in one hour.
        rows = np.flatnonzero((measure == PAGE_VIEWS) & (first > 0) & (self._class_of[group] == HUMAN))
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
        yield from self._by_day("kind_latency", group[rows], kind=of[rows] - FIRST_KIND, hits=hits[rows], **own)

    def _largest(self, cells: Ints) -> Iterator[Part]:
        group, place, bytes_sent = cells.T
        ones = np.ones(len(group), dtype=np.int64)
        parts = np.searchsorted([HOURS, HOURS + PROTOCOLS], place, side="right")
        for part, (name, key) in enumerate(
            (
                ("hour_bytes", {"local_hour": self._day_of[group] * HOURS + place}),
                ("protocol_bytes", {"protocol": place - HOURS}),
                ("kind_bytes", {"kind": place - HOURS - PROTOCOLS}),
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

    A client is counted in each of its minutes, by its previous such minute. So the distinct clients of a span of
    minutes are those that are counted in it with a previous minute before it.
    """
    rows = np.flatnonzero(_is_5xx(facts))
    return _count_spans("error_visitors", "minute", client[rows], site[rows], time_ms[rows] // _MINUTE_MS)


def count_asking_visitors(client: Codes, site: Digests, time_ms: Ints) -> Part:
    """Return the partial table `asking_visitors` of human hits: likewise the hours of UTC in which clients had hits."""
    return _count_spans("asking_visitors", "hour", client, site, time_ms // (60 * _MINUTE_MS))


def _count_spans(table: str, unit: str, client: Codes, site: Digests, time: Ints) -> Part:
    """Return a table of clients by the times of their hits and by their previous time, -1 for none."""
    spans = KeyTable()
    codes = spans.intern(client.astype(np.uint64) << _HALF_BITS | time.astype(np.uint64))
    site_of = np.zeros(spans.count, dtype=np.uint64)
    site_of[codes] = site
    order = np.argsort(spans.keys)
    own = (spans.keys[order] >> _HALF_BITS).astype(np.int64)
    at = (spans.keys[order] & _LOW_HALF).astype(np.int64)
    is_same = np.concatenate([np.zeros(min(len(own), 1), dtype=np.bool_), own[1:] == own[:-1]])
    before = np.where(is_same, np.concatenate([at[:1], at[:-1]]), -1)
    site, sums = site_of[order], GroupSums(1)
    cell = sums.add(mix_keys(site, at, before), None)
    row = np.zeros(sums.count, dtype=np.int64)
    row[cell] = np.arange(len(cell))
    columns: Columns = {"site": site[row], unit: at[row], f"{unit}_before": before[row]}
    return part_of(table, 0, **columns, visitors=sums.measure(0))


@kernel
def _is_5xx(facts: Words) -> NDArray[np.bool_]:
    found = np.zeros(len(facts), dtype=np.bool_)
    for row in range(len(facts)):
        found[row] = hundred_of(facts[row]) == _HUNDRED_OF_5XX
    return found
