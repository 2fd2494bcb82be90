"""Counts the visits of a bucket for the partial tables that describe people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Columns, Flags, Ints, Words
from footfall.transforms.kernels.group_sums import DistinctValues, GroupMinMax, GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.tables.declaring import PartialTable, VisitCounts
from footfall.transforms.tables.partial_tables import Part, parts_by_day
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.visits.bucket_visits import BucketVisits
from footfall.transforms.visits.page_pairs import PagePairs
from footfall.transforms.visits.visit_lengths import LENGTHS, bucket_of
from footfall.transforms.visits.visit_rows import (
    BOUNCE,
    ENTRY,
    EXIT,
    PARTIAL_STATUS,
    REFINED,
)

_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_PAIR_SHARES: Final = 32
"""The most shares of a table of pairs of pages; each bucket has a part of each."""
_HALF_BITS: Final = np.uint64(32)
_VISIT_COUNTS: Final = [(partial, partial.visits) for partial in PARTIAL_TABLES.values() if partial.visits is not None]


class VisitCounter:
    """Counts the visits of one bucket."""

    def __init__(self, bucket: BucketVisits) -> None:
        self._bucket = bucket

    def tables(self) -> Iterator[Part]:
        """Yield the partial tables of the bucket's visits."""
        for partial, declared in _VISIT_COUNTS:
            yield from self._declared(partial, declared)
        yield from self._lengths()
        yield from self._pages()
        yield from self._page_pairs("transitions", "next_page", self._bucket.transitions)
        yield from self._page_pairs("entry_exits", "exit_page", self._bucket.entry_exits)
        yield from self._searches()
        yield from self._errors()
        yield from self._broken_links()
        yield from self._downloads()
        yield from self._cookie_audit()
        yield from self._goals()
        yield from self._goals_by("goal_acquisitions", "acquisition")
        yield from self._goals_by("goal_pages", "page")

    def _declared(self, partial: PartialTable, declared: VisitCounts) -> Iterator[Part]:
        visits = self._bucket.columns()
        # Groups begin as day and site; then each pair of a group and a value of the next key becomes a new group.
        groups, tables = self._bucket.day_site_code[self._bucket.kept], []
        for key in declared.by:
            values, pairs = KeyTable(), KeyTable()
            codes = values.intern(key.values(visits)).astype(np.uint64)
            groups = pairs.intern(groups << _HALF_BITS | codes).astype(np.uint64)
            tables.append((key.column, values, pairs))
        given = {name: None if one.values is None else one.values(visits) for name, one in declared.counted.items()}
        clients = self._bucket.visit_clients(self._bucket.kept)
        summed = [name for name, one in declared.counted.items() if one.merge == "sum"]
        sums = GroupSums(len(summed))
        codes_of_groups = sums.add(groups, *(given[name] for name in summed))
        columns: Columns = {name: sums.measure(row) for row, name in enumerate(summed)}
        for name in declared.counted.keys() - columns.keys():
            spans, values_of_visits = GroupMinMax(), given[name]
            assert values_of_visits is not None, f"{partial.name}.{name}: the largest of nothing"
            spans.add(codes_of_groups, values_of_visits)
            columns[name] = spans.minima if declared.counted[name].merge == "min" else spans.maxima
        visitors = DistinctValues(codes_of_groups, clients, sums.count)
        columns["least_visitors"] = visitors.count()
        for name, one in declared.counted.items():
            if one.counts_visitors:
                values_of_visits = given[name]
                assert values_of_visits is not None, f"{partial.name}.{name}: all visitors; they are counted already"
                columns[f"least_{name}"] = visitors.count_among(values_of_visits > 0)
        found = sums.keys
        for column, values, pairs in reversed(tables):
            keys = pairs.keys[found]
            columns[column] = values.keys[keys & _LOW_HALF]
            found = keys >> _HALF_BITS
        yield from self._by_day(partial.name, found, **columns)

    def _page_pairs(self, table: str, second: str, found: PagePairs) -> Iterator[Part]:
        """Count visits by a pair of pages, whose second one has a column of that name."""
        pairs, sums = KeyTable(), GroupSums(1)
        pair = pairs.intern(found.digest).astype(np.uint64)
        codes = sums.add(self._bucket.day_site_code[found.visit] << _HALF_BITS | pair, None)
        one = np.zeros(pairs.count, dtype=np.int64)
        one[pair.astype(np.int64)] = np.arange(len(pair))
        of_key = one[(sums.keys & _LOW_HALF).astype(np.int64)]
        day, site = self._bucket.unpack(sums.keys >> _HALF_BITS)
        digest = pairs.keys[sums.keys & _LOW_HALF]
        # By pair: those of a single day may be too many for one share.
        shares = min(self._bucket.window.day_shares, _PAIR_SHARES)
        yield from parts_by_day(
            table,
            shares,
            digest % np.uint64(shares),
            **{"page": found.first[of_key], second: found.second[of_key]},
            day=day,
            site=site,
            pair=digest,
            visits=sums.measure(0),
            least_visitors=_count_visitors(codes, self._bucket.visit_clients(found.visit), sums.count),
        )

    def _lengths(self) -> Iterator[Part]:
        """Count visits by number of page views and by duration, in buckets."""
        visits, sums = self._bucket.columns(), GroupSums(1)
        lengths = {"page_views": visits.page_views, "duration_s": visits.duration_s}
        codes = [
            sums.add(
                self._bucket.day_site_code[self._bucket.kept] << np.uint64(16)
                | np.uint64(number << 8)
                | bucket_of(measure, lengths[measure]).astype(np.uint64),
                None,
            )
            for number, measure in enumerate(LENGTHS)
        ]
        clients = np.tile(self._bucket.visit_clients(self._bucket.kept), len(LENGTHS))
        yield from self._by_day(
            "visit_lengths",
            sums.keys >> np.uint64(16),
            measure=sums.keys >> np.uint64(8) & np.uint64(0xFF),
            bucket=sums.keys & np.uint64(0xFF),
            visits=sums.measure(0),
            least_visitors=_count_visitors(np.concatenate(codes), clients, sums.count),
        )

    def _by_day(self, table: str, day_sites: Words, **columns: NDArray[Any]) -> Iterator[Part]:
        """Yield the parts of a table whose rows have these codes of day and site."""
        day, site = self._bucket.unpack(day_sites)
        yield from parts_by_day(table, self._bucket.window.day_shares, day, day=day, site=site, **columns)

    def _pages(self) -> Iterator[Part]:
        rows, views, flags = self._bucket.pages_of_visits
        visit = self._bucket.visits.visit_of[rows]
        clients = self._bucket.visit_clients(visit)
        parts = {"entries": ENTRY, "exits": EXIT, "bounces": BOUNCE}
        taken = {name: ((flags & bit) > 0).astype(np.int64) for name, bit in parts.items()}
        sums = GroupSums(2 + len(parts))
        page = self._bucket.page_codes[rows].astype(np.uint64)
        codes = sums.add(self._bucket.day_site_code[visit] << _HALF_BITS | page, views, None, *taken.values())
        columns: Columns = {name: sums.measure(row) for row, name in enumerate(("page_views", "visits", *parts))}
        visitors = DistinctValues(codes, clients, sums.count)
        columns["least_visitors"] = visitors.count()
        for name in parts:
            columns[f"least_{name}"] = visitors.count_among(taken[name] > 0)
        yield from self._by_day(
            "pages", sums.keys >> _HALF_BITS, page=self._bucket.page_names.keys[sums.keys & _LOW_HALF], **columns
        )

    def _searches(self) -> Iterator[Part]:
        rows, visit, flags = self._bucket.searches_of_visits
        names = KeyTable()
        phrase = names.intern(self._bucket.rows["phrase"][rows]).astype(np.uint64)
        parts = {"exits": EXIT, "refined": REFINED}
        pairs = GroupSums(1)
        of_pair = pairs.add(visit.astype(np.uint64) << _HALF_BITS | phrase, None)
        visit_of_pair = (pairs.keys >> _HALF_BITS).astype(np.int64)
        taken = {
            name: (np.bincount(of_pair[flags & bit > 0], minlength=pairs.count) > 0).astype(np.int64)
            for name, bit in parts.items()
        }
        sums = GroupSums(2 + len(parts))
        codes = sums.add(
            self._bucket.day_site_code[visit_of_pair] << _HALF_BITS | pairs.keys & _LOW_HALF,
            pairs.measure(0),
            None,
            *taken.values(),
        )
        columns: Columns = {name: sums.measure(row) for row, name in enumerate(("searches", "visits", *parts))}
        clients = self._bucket.visit_clients(visit_of_pair)
        visitors = DistinctValues(codes, clients, sums.count)
        columns["least_visitors"] = visitors.count()
        for name in parts:
            columns[f"least_{name}"] = visitors.count_among(taken[name] > 0)
        yield from self._by_day(
            "searches", sums.keys >> _HALF_BITS, phrase=names.keys[sums.keys & _LOW_HALF], **columns
        )

    def _errors(self) -> Iterator[Part]:
        """Count errors of human hits on the day of the hit, inside and outside of visits."""
        rows, visit = self._bucket.rows_of_people(self._bucket.is_error)
        yield from self._of_hits("human_errors", rows, visit, {"status": self._bucket.rows["status"][rows]}, {})

    def _broken_links(self) -> Iterator[Part]:
        """Count those of them that a link led to."""
        rows, visit = self._bucket.rows_of_people(self._bucket.is_broken_link)
        code = {"status": self._bucket.rows["status"][rows]}
        yield from self._of_hits("broken_links", rows, visit, code, {}, ("link", "acquisition"))

    def _downloads(self) -> Iterator[Part]:
        """Count downloads of people, likewise."""
        rows, visit = self._bucket.rows_of_people(self._bucket.is_download)
        yield from self._of_hits(
            "downloads", rows, visit, {}, {"partial": self._bucket.rows["status"][rows] == PARTIAL_STATUS}
        )

    def _of_hits(
        self,
        table: str,
        rows: Ints,
        visit: Ints,
        code: Mapping[str, Ints],
        parts: Mapping[str, Flags],
        item: tuple[str, str] = ("page", "page"),
    ) -> Iterator[Part]:
        """Count hits by day, site, item and a `code` of at most 10 bits, and those of them that are in `parts`.

        `item` is the name of a column of digests of names in the table, and that in the rows.
        """
        day = self._bucket.row_day[rows]
        day_sites, names = KeyTable(), KeyTable()
        day_site = day_sites.intern(day.astype(np.uint64) << np.uint64(24) | self._bucket.site_codes[rows])
        keys = day_site.astype(np.uint64) << np.uint64(42) | names.intern(self._bucket.rows[item[1]][rows]).astype(
            np.uint64
        )
        for values in code.values():
            keys |= values.astype(np.uint64) << _HALF_BITS
        groups = GroupSums(1 + len(parts))
        group = groups.add(keys, None, *(own.astype(np.int64) for own in parts.values()))
        in_visit = visit >= 0
        met = KeyTable()
        met.intern(group[in_visit].astype(np.uint64) << _HALF_BITS | visit[in_visit].astype(np.uint64))
        columns: Columns = {name: groups.keys >> _HALF_BITS & np.uint64(0x3FF) for name in code}
        columns[item[0]] = names.keys[groups.keys & _LOW_HALF]
        clients = self._bucket.clients_of(rows)
        for place, (name, own) in enumerate(parts.items(), start=1):
            columns[name] = groups.measure(place)
            columns[f"least_{name}"] = _count_visitors(group[own], clients[own], groups.count)
        found = day_sites.keys[groups.keys >> np.uint64(42)]
        row_day = (found >> np.uint64(24)).astype(np.int64)
        yield from parts_by_day(
            table,
            self._bucket.window.day_shares,
            row_day,
            day=row_day,
            site=self._bucket.sites.keys[found & np.uint64(0xFFFFFF)],
            hits=groups.measure(0),
            visits=np.bincount((met.keys >> _HALF_BITS).astype(np.int64), minlength=groups.count),
            least_visitors=_count_visitors(group, clients, groups.count),
            least_visits=_count_visitors(group[in_visit], self._bucket.visit_clients(visit[in_visit]), groups.count),
            **columns,
        )

    def _cookie_audit(self) -> Iterator[Part]:
        sums = GroupSums(1)
        clients = []
        codes = []
        for finding, visit in self._bucket.findings():
            codes.append(sums.add(self._bucket.day_site_code[visit] << np.uint64(8) | np.uint64(finding), None))
            clients.append(self._bucket.visit_clients(visit))
        yield from self._by_day(
            "cookie_audit",
            sums.keys >> np.uint64(8),
            finding=sums.keys & np.uint64(0xFF),
            visits=sums.measure(0),
            least_visitors=_count_visitors(np.concatenate(codes), np.concatenate(clients), sums.count),
        )

    def _goals(self) -> Iterator[Part]:
        """Count visits and hits by goal; nothing is yielded where none was reached."""
        reached = list(self._bucket.reached())
        if not reached:
            return
        times, visits, clients = GroupSums(1), GroupSums(1), []
        codes = []
        for goal, _, visit in reached:
            times.add(self._bucket.day_site_code[visit] << np.uint64(8) | np.uint64(goal), None)
            once = np.unique(visit)
            codes.append(visits.add(self._bucket.day_site_code[once] << np.uint64(8) | np.uint64(goal), None))
            clients.append(self._bucket.visit_clients(once))
        order = np.argsort(times.keys)
        place = order[np.searchsorted(times.keys[order], visits.keys)]
        yield from self._by_day(
            "goals",
            visits.keys >> np.uint64(8),
            goal=visits.keys & np.uint64(0xFF),
            times=times.measure(0)[place],
            visits=visits.measure(0),
            least_visitors=_count_visitors(np.concatenate(codes), np.concatenate(clients), visits.count),
        )

    def _goals_by(self, table: str, column: str) -> Iterator[Part]:
        """Count visits by goal and what their first page view has in a column; likewise."""
        completed = np.flatnonzero(self._bucket.goals_of_visits)
        if not len(completed):
            return
        of_visits = self._bucket.goals_of_visits[completed]
        last = int(np.bitwise_or.reduce(of_visits)).bit_length()
        goal, place = np.nonzero(of_visits >> np.arange(last, dtype=np.uint32)[:, None] & np.uint32(1))
        visit, names, sums = completed[place], KeyTable(), GroupSums(1)
        name = names.intern(self._bucket.rows[column][self._bucket.visits.entry[visit]]).astype(np.uint64)
        keys = self._bucket.day_site_code[visit] << np.uint64(40) | goal.astype(np.uint64) << _HALF_BITS | name
        codes = sums.add(keys, None)
        columns: Columns = {column: names.keys[sums.keys & _LOW_HALF]}
        yield from self._by_day(
            table,
            sums.keys >> np.uint64(40),
            **columns,
            goal=sums.keys >> _HALF_BITS & np.uint64(0xFF),
            visits=sums.measure(0),
            least_visitors=_count_visitors(codes, self._bucket.visit_clients(visit), sums.count),
        )


def _count_visitors(groups: Codes, clients: Codes, group_count: int) -> Ints:
    """Return the number of distinct clients of each group; there is one value of `groups` and `clients` per visit."""
    return DistinctValues(groups, clients, group_count).count()
