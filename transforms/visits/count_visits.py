"""Counts visits for the partial tables that describe people, and lists the items of each visit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Columns, Digests, Flags, Ints, Words
from footfall.transforms.behaviour.own_hosts import OwnHosts, count_as_internal
from footfall.transforms.behaviour.verdicts import JudgedVisits
from footfall.transforms.kernels.group_sums import GroupMinMax, GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.tables.declaring import PartialTable, VisitCounts
from footfall.transforms.tables.partial_tables import Part, parts_by_day
from footfall.transforms.tables.published import ITEM_TABLES, PARTIAL_TABLES
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.cut_visits import Visits
from footfall.transforms.visits.page_pairs import PagePairs, find_entry_exits, find_transitions, sort_views
from footfall.transforms.visits.visit_columns import VisitColumns
from footfall.transforms.visits.visit_lengths import LENGTHS, bucket_of
from footfall.transforms.visits.visit_rows import (
    ASIDE,
    BOUNCE,
    CAN_HAVE_COOKIE,
    COMPLETED,
    CUT,
    DOWNLOAD,
    ENTRY,
    EXIT,
    FALLBACK,
    FIRST_GOAL,
    IN_VISIT,
    LASTING,
    PAGE_VIEW,
    PARTIAL,
    REFINED,
    VISIT_FACTS,
    VISIT_ITEMS,
)
from footfall.transforms.vocabulary import AUDIT_FINDINGS

_REUSED, _SHARED, _LONG, _NEVER_ISSUED = range(len(AUDIT_FINDINGS))
_PARTIAL: Final = 206
"""The status of an answer that is a part of a file."""
_DAY_MS: Final = 86_400_000
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)
_VISIT_COUNTS: Final = [(partial, partial.visits) for partial in PARTIAL_TABLES.values() if partial.visits is not None]


@dataclass(frozen=True)
class VisitWindow:
    """Defines which visits are published: those that begin on a day of [first_day, last_day] (days since 1970).

    A visit whose last hit is less than the timeout before `data_end_ms` may have continued after the end of the data.
    `day_shares` is the number of shares that the days are divided into.
    """

    timezone: str
    first_day: int
    last_day: int
    timeout_ms: int
    data_end_ms: int
    day_shares: int = 1


class VisitCounter:
    """Counts the visits of one bucket; each pair of day and site has a small code.

    A visit that came from a host of `own_hosts` came from within. A visit is a machine's if the client of its entry
    page view is `judged` to be one on the day on which it begins.
    """

    def __init__(
        self, rows: Columns, visits: Visits, window: VisitWindow, judged: JudgedVisits, own_hosts: OwnHosts
    ) -> None:
        days = LocalDays(window.timezone)
        self._visits = visits
        self._window = window
        day = days.local_hours(visits.begin_ms) // 24
        # What a visit came by is that of its entry page view, which no other visit has.
        acquisition = rows["acquisition"].copy()
        acquisition[visits.entry] = count_as_internal(
            acquisition[visits.entry], day, rows["site"][visits.entry], own_hosts
        )
        self._rows = {**rows, "acquisition": acquisition}
        is_machine = judged.are_machines(rows["client"][visits.entry], day)
        self._judged = judged
        self._kept = np.flatnonzero((day >= window.first_day) & (day <= window.last_day) & ~is_machine)
        # The visits of people, of any day: those of machines are none.
        self._visit_of = np.where(np.append(is_machine, False)[visits.visit_of], -1, visits.visit_of)
        self._row_day = days.local_hours(rows["time_ms"]) // 24
        self._sites = KeyTable()
        self._site_codes = self._sites.intern(rows["site"]).astype(np.uint64)
        self._client_codes = KeyTable().intern(rows["client"])
        self._page_names = KeyTable()
        self._page_codes = self._page_names.intern(rows["page"])
        # One dense code of (day, site) per visit.
        self._day_sites = KeyTable()
        self._day_site_code = self._day_sites.intern(
            day.astype(np.uint64) << np.uint64(24) | self._sites.intern(rows["site"][visits.entry]).astype(np.uint64)
        ).astype(np.uint64)

    def tables(self) -> Iterator[Part]:
        """Yield the partial tables of the bucket's visits."""
        for partial, declared in _VISIT_COUNTS:
            yield from self._declared(partial, declared)
        yield from self._lengths()
        yield from self._pages()
        yield from self._page_pairs("transitions", "next_page", self._transitions)
        yield from self._page_pairs("entry_exits", "exit_page", self._entry_exits)
        yield from self._searches()
        yield from self._errors()
        yield from self._broken_links()
        yield from self._downloads()
        yield from self._cookie_audit()
        yield from self._goals()
        yield from self._goals_by("goal_acquisitions", "acquisition")
        yield from self._goals_by("goal_pages", "page")

    def _columns(self) -> VisitColumns:
        kept, visits = self._kept, self._visits
        return VisitColumns(
            self._rows,
            visits.begin_ms[kept],
            visits.end_ms[kept],
            visits.page_views[kept],
            visits.entry[kept],
            visits.exit[kept],
            visits.is_fallback[kept],
            visits.end_ms[kept] > self._window.data_end_ms - self._window.timeout_ms,
            self._goals_of_visits[kept] > 0,
        )

    @cached_property
    def _goal_rows(self) -> tuple[Ints, Ints]:
        """The rows by which visits in the window reached a goal, and these visits."""
        return self._kept_rows(self._rows["goals"] > 0)

    @cached_property
    def _goals_of_visits(self) -> NDArray[np.uint32]:
        """A bit for each goal that a visit reached; of those in the window."""
        goals = np.zeros(len(self._visits), dtype=np.uint32)
        rows, visit = self._goal_rows
        np.bitwise_or.at(goals, visit, self._rows["goals"][rows].astype(np.uint32))
        return goals

    def _declared(self, partial: PartialTable, declared: VisitCounts) -> Iterator[Part]:
        visits = self._columns()
        # Groups begin as day and site; then each pair of a group and a value of the next key becomes a new group.
        groups, tables = self._day_site_code[self._kept], []
        for key in declared.by:
            values, pairs = KeyTable(), KeyTable()
            codes = values.intern(key.values(visits)).astype(np.uint64)
            groups = pairs.intern(groups << _HALF_BITS | codes).astype(np.uint64)
            tables.append((key.column, values, pairs))
        given = {name: None if one.values is None else one.values(visits) for name, one in declared.counted.items()}
        clients = self._client_codes[self._visits.entry[self._kept]]
        summed = [name for name, one in declared.counted.items() if one.merge == "sum"]
        sums = GroupSums(len(summed))
        codes_of_groups = sums.add(groups, *(given[name] for name in summed))
        columns: Columns = {name: sums.measure(row) for row, name in enumerate(summed)}
        for name in declared.counted.keys() - columns.keys():
            spans, values_of_visits = GroupMinMax(), given[name]
            assert values_of_visits is not None, f"{partial.name}.{name}: the largest of nothing"
            spans.add(codes_of_groups, values_of_visits)
            columns[name] = spans.minima if declared.counted[name].merge == "min" else spans.maxima
        columns["least_visitors"] = _count_visitors(codes_of_groups, clients, sums.count)
        for name, one in declared.counted.items():
            if one.counts_visitors:
                values_of_visits = given[name]
                assert values_of_visits is not None, f"{partial.name}.{name}: all visitors; they are counted already"
                part = np.flatnonzero(values_of_visits)
                columns[f"least_{name}"] = _count_visitors(codes_of_groups[part], clients[part], sums.count)
        found = sums.keys
        for column, values, pairs in reversed(tables):
            keys = pairs.keys[found]
            columns[column] = values.keys[keys & _LOW_HALF]
            found = keys >> _HALF_BITS
        yield from self._by_day(partial.name, found, **columns)

    @cached_property
    def _transitions(self) -> PagePairs:
        return find_transitions(self._rows, *self._kept_rows((self._rows["flags"] & PAGE_VIEW) > 0))

    @cached_property
    def _entry_exits(self) -> PagePairs:
        return find_entry_exits(self._rows, self._visits, self._kept)

    def _page_pairs(self, table: str, second: str, found: PagePairs) -> Iterator[Part]:
        """Count visits by a pair of pages, whose second one has a column of that name."""
        pairs, sums = KeyTable(), GroupSums(1)
        pair = pairs.intern(found.digest).astype(np.uint64)
        codes = sums.add(self._day_site_code[found.visit] << _HALF_BITS | pair, None)
        one = np.zeros(pairs.count, dtype=np.int64)
        one[pair.astype(np.int64)] = np.arange(len(pair))
        of_key = one[(sums.keys & _LOW_HALF).astype(np.int64)]
        yield from self._by_day(
            table,
            sums.keys >> _HALF_BITS,
            **{"page": found.first[of_key], second: found.second[of_key]},
            pair=pairs.keys[sums.keys & _LOW_HALF],
            visits=sums.measure(0),
            least_visitors=_count_visitors(codes, self._visit_clients(found.visit), sums.count),
        )

    def _lengths(self) -> Iterator[Part]:
        """Count visits by number of page views and by duration, in buckets."""
        visits, sums = self._columns(), GroupSums(1)
        lengths = {"page_views": visits.page_views, "duration_s": visits.duration_s}
        codes = [
            sums.add(
                self._day_site_code[self._kept] << np.uint64(16)
                | np.uint64(number << 8)
                | bucket_of(measure, lengths[measure]).astype(np.uint64),
                None,
            )
            for number, measure in enumerate(LENGTHS)
        ]
        clients = np.tile(self._visit_clients(self._kept), len(LENGTHS))
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
        day, site = self._unpack(day_sites)
        yield from parts_by_day(table, self._window.day_shares, day, day=day, site=site, **columns)

    def _unpack(self, codes: Words) -> tuple[Ints, Digests]:
        keys = self._day_sites.keys[codes]
        return (keys >> np.uint64(24)).astype(np.int64), self._sites.keys[keys & np.uint64(0xFFFFFF)]

    def _kept_rows(self, wanted: Flags) -> tuple[Ints, Ints]:
        """Return the wanted rows that belong to a visit in the window, and their visits."""
        is_kept = np.zeros(len(self._visits) + 1, dtype=np.bool_)
        is_kept[self._kept] = True
        rows = np.flatnonzero(wanted & is_kept[self._visits.visit_of])
        return rows, self._visits.visit_of[rows]

    @cached_property
    def _pages_of_visits(self) -> tuple[Ints, Ints, NDArray[np.uint32]]:
        """Return a row of each visit's pages, each page once, with its number of views and its flags.

        The flags are ENTRY, EXIT and BOUNCE, where the visit began or ended with the page, or had no other page view;
        and those of the goals of visits that began with it.
        """
        rows, visit = self._kept_rows((self._rows["flags"] & PAGE_VIEW) > 0)
        page = self._page_codes[rows].astype(np.uint64)
        pairs = GroupSums(1)
        codes = pairs.add(visit.astype(np.uint64) << _HALF_BITS | page, None)
        row_of_pair = np.zeros(pairs.count, dtype=np.int64)
        row_of_pair[codes] = rows
        flags = np.zeros(pairs.count, dtype=np.uint32)
        code_of_row = np.zeros(len(self._rows["page"]), dtype=codes.dtype)
        code_of_row[rows] = codes
        kept = self._kept
        bounced = np.where(self._visits.page_views[kept] == 1, np.uint32(BOUNCE), np.uint32(0))
        goals = self._goals_of_visits[kept] << np.uint32(FIRST_GOAL)
        flags[code_of_row[self._visits.entry[kept]]] |= np.uint32(ENTRY) | bounced | goals
        flags[code_of_row[self._visits.exit[kept]]] |= np.uint32(EXIT)
        return row_of_pair, pairs.measure(0), flags

    def _pages(self) -> Iterator[Part]:
        rows, views, flags = self._pages_of_visits
        visit = self._visits.visit_of[rows]
        clients = self._visit_clients(visit)
        parts = {"entries": ENTRY, "exits": EXIT, "bounces": BOUNCE}
        taken = {name: ((flags & bit) > 0).astype(np.int64) for name, bit in parts.items()}
        sums = GroupSums(2 + len(parts))
        page = self._page_codes[rows].astype(np.uint64)
        codes = sums.add(self._day_site_code[visit] << _HALF_BITS | page, views, None, *taken.values())
        columns: Columns = {name: sums.measure(row) for row, name in enumerate(("page_views", "visits", *parts))}
        columns["least_visitors"] = _count_visitors(codes, clients, sums.count)
        for name in parts:
            part = np.flatnonzero(taken[name])
            columns[f"least_{name}"] = _count_visitors(codes[part], clients[part], sums.count)
        yield from self._by_day(
            "pages", sums.keys >> _HALF_BITS, page=self._page_names.keys[sums.keys & _LOW_HALF], **columns
        )

    def _searches(self) -> Iterator[Part]:
        rows, visit, flags = self._searches_of_visits
        names = KeyTable()
        phrase = names.intern(self._rows["phrase"][rows]).astype(np.uint64)
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
            self._day_site_code[visit_of_pair] << _HALF_BITS | pairs.keys & _LOW_HALF,
            pairs.measure(0),
            None,
            *taken.values(),
        )
        columns: Columns = {name: sums.measure(row) for row, name in enumerate(("searches", "visits", *parts))}
        clients = self._visit_clients(visit_of_pair)
        columns["least_visitors"] = _count_visitors(codes, clients, sums.count)
        for name in parts:
            part = np.flatnonzero(taken[name])
            columns[f"least_{name}"] = _count_visitors(codes[part], clients[part], sums.count)
        yield from self._by_day(
            "searches", sums.keys >> _HALF_BITS, phrase=names.keys[sums.keys & _LOW_HALF], **columns
        )

    @cached_property
    def _searches_of_visits(self) -> tuple[Ints, Ints, Bytes]:
        """The page views with a phrase in their order, their visits and their flags: EXIT and REFINED."""
        rows, visit = self._kept_rows(self._rows["phrase"] > 0)
        rows, visit = sort_views(self._rows, rows, visit)
        phrase = self._rows["phrase"][rows]
        flags = np.where(self._visits.exit[visit] == rows, np.uint8(EXIT), np.uint8(0))
        is_refined = (visit[1:] == visit[:-1]) & (phrase[1:] != phrase[:-1])
        flags[:-1] |= np.where(is_refined, np.uint8(REFINED), np.uint8(0))
        return rows, visit, flags

    def _errors(self) -> Iterator[Part]:
        """Count errors of human hits on the day of the hit, inside and outside of visits."""
        rows, visit = self._rows_of_people(self._is_error)
        yield from self._of_hits("human_errors", rows, visit, {"status": self._rows["status"][rows]}, {})

    def _broken_links(self) -> Iterator[Part]:
        """Count those of them that a link led to."""
        rows, visit = self._rows_of_people(self._is_broken_link)
        code = {"status": self._rows["status"][rows]}
        yield from self._of_hits("broken_links", rows, visit, code, {}, ("link", "acquisition"))

    def _downloads(self) -> Iterator[Part]:
        """Count downloads of people, likewise."""
        rows, visit = self._rows_of_people(self._is_download)
        yield from self._of_hits("downloads", rows, visit, {}, {"partial": self._rows["status"][rows] == _PARTIAL})

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
        day = self._row_day[rows]
        day_sites, names = KeyTable(), KeyTable()
        day_site = day_sites.intern(day.astype(np.uint64) << np.uint64(24) | self._site_codes[rows])
        keys = day_site.astype(np.uint64) << np.uint64(42) | names.intern(self._rows[item[1]][rows]).astype(np.uint64)
        for values in code.values():
            keys |= values.astype(np.uint64) << _HALF_BITS
        groups = GroupSums(1 + len(parts))
        group = groups.add(keys, None, *(own.astype(np.int64) for own in parts.values()))
        in_visit = visit >= 0
        met = KeyTable()
        met.intern(group[in_visit].astype(np.uint64) << _HALF_BITS | visit[in_visit].astype(np.uint64))
        columns: Columns = {name: groups.keys >> _HALF_BITS & np.uint64(0x3FF) for name in code}
        columns[item[0]] = names.keys[groups.keys & _LOW_HALF]
        clients = self._client_codes[rows]
        for place, (name, own) in enumerate(parts.items(), start=1):
            columns[name] = groups.measure(place)
            columns[f"least_{name}"] = _count_visitors(group[own], clients[own], groups.count)
        found = day_sites.keys[groups.keys >> np.uint64(42)]
        row_day = (found >> np.uint64(24)).astype(np.int64)
        yield from parts_by_day(
            table,
            self._window.day_shares,
            row_day,
            day=row_day,
            site=self._sites.keys[found & np.uint64(0xFFFFFF)],
            hits=groups.measure(0),
            visits=np.bincount((met.keys >> _HALF_BITS).astype(np.int64), minlength=groups.count),
            least_visitors=_count_visitors(group, clients, groups.count),
            least_visits=_count_visitors(group[in_visit], self._visit_clients(visit[in_visit]), groups.count),
            **columns,
        )

    @property
    def _is_error(self) -> Flags:
        return self._rows["status"] >= 400

    @property
    def _is_broken_link(self) -> Flags:
        return self._is_error & (self._rows["acquisition"] > 0)

    @property
    def _is_download(self) -> Flags:
        return (self._rows["flags"] & DOWNLOAD) > 0

    def _rows_of_people(self, wanted: Flags) -> tuple[Ints, Ints]:
        """Return the wanted rows of people's hits on published days, and their visits, -1 for none."""
        day = self._row_day
        in_window = (day >= self._window.first_day) & (day <= self._window.last_day)
        rows = np.flatnonzero(wanted & in_window)
        rows = rows[~self._judged.are_machines(self._rows["client"][rows], day[rows])]
        return rows, self._visit_of[rows]

    def _cookie_audit(self) -> Iterator[Part]:
        sums = GroupSums(1)
        clients = []
        codes = []
        for finding, visit in self._findings():
            codes.append(sums.add(self._day_site_code[visit] << np.uint64(8) | np.uint64(finding), None))
            clients.append(self._visit_clients(visit))
        yield from self._by_day(
            "cookie_audit",
            sums.keys >> np.uint64(8),
            finding=sums.keys & np.uint64(0xFF),
            visits=sums.measure(0),
            least_visitors=_count_visitors(np.concatenate(codes), np.concatenate(clients), sums.count),
        )

    def _goals(self) -> Iterator[Part]:
        """Count visits and hits by goal; nothing is yielded where none was reached."""
        reached = list(self._reached())
        if not reached:
            return
        times, visits, clients = GroupSums(1), GroupSums(1), []
        codes = []
        for goal, _, visit in reached:
            times.add(self._day_site_code[visit] << np.uint64(8) | np.uint64(goal), None)
            once = np.unique(visit)
            codes.append(visits.add(self._day_site_code[once] << np.uint64(8) | np.uint64(goal), None))
            clients.append(self._visit_clients(once))
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
        completed = np.flatnonzero(self._goals_of_visits)
        if not len(completed):
            return
        of_visits = self._goals_of_visits[completed]
        last = int(np.bitwise_or.reduce(of_visits)).bit_length()
        goal, place = np.nonzero(of_visits >> np.arange(last, dtype=np.uint32)[:, None] & np.uint32(1))
        visit, names, sums = completed[place], KeyTable(), GroupSums(1)
        name = names.intern(self._rows[column][self._visits.entry[visit]]).astype(np.uint64)
        keys = self._day_site_code[visit] << np.uint64(40) | goal.astype(np.uint64) << _HALF_BITS | name
        codes = sums.add(keys, None)
        columns: Columns = {column: names.keys[sums.keys & _LOW_HALF]}
        yield from self._by_day(
            table,
            sums.keys >> np.uint64(40),
            **columns,
            goal=sums.keys >> _HALF_BITS & np.uint64(0xFF),
            visits=sums.measure(0),
            least_visitors=_count_visitors(codes, self._visit_clients(visit), sums.count),
        )

    def _reached(self) -> Iterator[tuple[int, Ints, Ints]]:
        """Yield the number of each goal that was reached, with the rows of the hits that did, and their visits."""
        rows, visit = self._goal_rows
        goals = self._rows["goals"][rows]
        some = int(np.bitwise_or.reduce(goals, initial=0))
        for goal in (number for number in range(some.bit_length()) if some >> number & 1):
            own = (goals >> np.uint16(goal) & np.uint16(1)) > 0
            yield goal, rows[own], visit[own]

    def _visit_clients(self, visit: Ints) -> Codes:
        """Return the codes of the clients of some visits: those of their entry page views."""
        return self._client_codes[self._visits.entry[visit]]

    def visits(self, first_visit: int) -> Columns:
        """Return the visits as columns of VISIT_FACTS, numbered from `first_visit` on.

        Small groups need them: two rare countries of one visitor that are told together have one visitor.
        """
        visits, kept = self._columns(), self._kept
        day, site = self._unpack(self._day_site_code[kept])
        columns = {
            "day": day,
            "site": site,
            "visit": kept + first_visit,
            "client": visits.at_entry("client"),
            "flags": visits.is_bounce * np.uint8(BOUNCE)
            | visits.is_fallback * np.uint8(FALLBACK)
            | visits.is_cut * np.uint8(CUT)
            | (visits.duration_s > 0) * np.uint8(LASTING)
            | visits.is_completed * np.uint8(COMPLETED)
            | self._goals_of_visits[kept] << np.uint32(FIRST_GOAL),
            **{name: visits.at_entry(name) for name in ("location", "technology", "acquisition")},
            "page_views": bucket_of("page_views", visits.page_views),
            "duration_s": bucket_of("duration_s", visits.duration_s),
        }
        return {name: columns[name].astype(dtype) for name, dtype in VISIT_FACTS.items()}

    def items(self, first_visit: int) -> Columns:
        """Return the pages, phrases, errors, downloads, findings and goals of each visit as columns of VISIT_ITEMS."""
        rows, _, flags = self._pages_of_visits
        kinds = [self._items("pages", rows, self._visits.visit_of[rows], self._rows["page"][rows], flags=flags)]
        for table, found in (("transitions", self._transitions), ("entry_exits", self._entry_exits)):
            kinds.append(self._items(table, found.visit, found.visit, found.digest))
        rows, visit, of_phrases = self._searches_of_visits
        kinds.append(self._items("searches", rows, visit, self._rows["phrase"][rows], flags=of_phrases))
        status = self._rows["status"]
        kinds += self._items_of_hits("errors", self._is_error, code=status)
        kinds += self._items_of_hits("broken_links", self._is_broken_link, code=status, item="acquisition")
        kinds += self._items_of_hits("downloads", self._is_download, flags=(status == _PARTIAL) * np.uint8(PARTIAL))
        for finding, visit in self._findings():
            kinds.append(self._items("cookie_audit", visit, visit, np.zeros(len(visit), np.uint64), code=finding))
        for goal, rows, visit in self._reached():
            once, first = np.unique(visit, return_index=True)
            kinds.append(self._items("goals", rows[first], once, np.zeros(len(once), np.uint64), code=goal))
        numbered = np.concatenate([own["visit"] for own in kinds])
        joined = {
            name: np.concatenate([own[name] for own in kinds]).astype(dtype) for name, dtype in VISIT_ITEMS.items()
        }
        joined["visit"] = np.where(numbered >= 0, numbered + first_visit, -1)
        return joined

    def _items_of_hits(
        self, kind: str, wanted: Flags, *, code: Ints | None = None, flags: Bytes | None = None, item: str = "page"
    ) -> Iterator[Columns]:
        """Yield hits by their own clients, in a visit or not, and those in visits by the visits' clients.

        `code` and `flags` have a value for each row; the latter are about the hits' own clients.
        """
        rows, visit = self._rows_of_people(wanted)
        in_visit = np.flatnonzero(visit >= 0)
        clients = self._rows["client"]
        for own, client, bits in (
            (np.arange(len(rows)), clients[rows], 0 if flags is None else flags[rows]),
            (in_visit, clients[self._visits.entry[visit[in_visit]]], ASIDE | IN_VISIT),
        ):
            chosen = rows[own]
            columns = {
                "day": self._row_day[chosen],
                "site": self._rows["site"][chosen],
                "visit": visit[own],
                "client": client,
                "flags": bits,
                "kind": ITEM_TABLES.index(kind),
                "item": self._rows[item][chosen],
                "code": 0 if code is None else code[chosen],
            }
            yield {name: np.broadcast_to(np.asarray(values), len(chosen)) for name, values in columns.items()}

    def _items(
        self,
        kind: str,
        rows: Ints,
        visit: Ints,
        item: Digests,
        *,
        code: NDArray[Any] | int = 0,
        flags: NDArray[Any] | int = 0,
    ) -> Columns:
        """Return items of visits; visits are numbered as in the bucket."""
        day, site = self._unpack(self._day_site_code[visit])
        columns = {
            "day": day,
            "site": site,
            "visit": visit,
            "client": self._rows["client"][self._visits.entry[visit]],
            "flags": flags,
            "kind": ITEM_TABLES.index(kind),
            "item": item,
            "code": code,
        }
        return {name: np.broadcast_to(values, len(rows)) for name, values in columns.items()}

    def _findings(self) -> Iterator[tuple[int, Ints]]:
        """Yield each finding of the cookie audit with the visits in the window that have it."""
        visits, kept = self._visits, self._kept
        can_have_cookie = (self._rows["flags"][visits.entry] & CAN_HAVE_COOKIE) > 0
        findings = {
            _REUSED: visits.is_reused,
            _SHARED: visits.is_shared,
            _LONG: (visits.end_ms - visits.begin_ms > _DAY_MS) & ~visits.is_fallback,
            _NEVER_ISSUED: visits.is_fallback & (visits.page_views >= 2) & can_have_cookie,
        }
        for finding, found in findings.items():
            yield finding, kept[found[kept]]


def _count_visitors(groups: Codes, clients: Codes, group_count: int) -> Ints:
    """Return the number of distinct clients of each group; there is one value of `groups` and `clients` per visit."""
    pairs = KeyTable()
    pairs.intern(groups.astype(np.uint64) << _HALF_BITS | clients.astype(np.uint64))
    return np.bincount((pairs.keys >> _HALF_BITS).astype(np.int64), minlength=group_count)
