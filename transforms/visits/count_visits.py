"""Counts visits for the partial tables that describe people, and lists the items of each visit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Columns, Digests, Flags, Ints, Words
from footfall.transforms.kernels.group_sums import GroupMinMax, GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.tables.declaring import PartialTable, VisitCounts
from footfall.transforms.tables.partial_tables import Part, parts_by_day
from footfall.transforms.tables.published import ITEM_TABLES, PARTIAL_TABLES
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.cut_visits import Visits
from footfall.transforms.visits.visit_columns import VisitColumns
from footfall.transforms.visits.visit_rows import CAN_HAVE_COOKIE, PAGE_VIEW, VISIT_ITEMS
from footfall.transforms.vocabulary import AUDIT_FINDINGS

_REUSED, _SHARED, _LONG, _NEVER_ISSUED = range(len(AUDIT_FINDINGS))
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
    """Counts the visits of one bucket; each pair of day and site has a small code."""

    def __init__(self, rows: Columns, visits: Visits, window: VisitWindow) -> None:
        days = LocalDays(window.timezone)
        self._rows = rows
        self._visits = visits
        self._window = window
        day = days.local_hours(visits.begin_ms) // 24
        self._kept = np.flatnonzero((day >= window.first_day) & (day <= window.last_day))
        self._row_day = days.local_hours(rows["time_ms"]) // 24
        self._sites = KeyTable()
        self._site_codes = self._sites.intern(rows["site"]).astype(np.uint64)
        # One dense code of (day, site) per visit.
        self._day_sites = KeyTable()
        self._day_site_code = self._day_sites.intern(
            day.astype(np.uint64) << np.uint64(24) | self._sites.intern(rows["site"][visits.entry]).astype(np.uint64)
        ).astype(np.uint64)

    def tables(self) -> Iterator[Part]:
        """Yield the partial tables of the bucket's visits."""
        for partial, declared in _VISIT_COUNTS:
            yield from self._declared(partial, declared)
        yield from self._pages()
        yield from self._searches()
        yield from self._errors()
        yield from self._cookie_audit()

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
        )

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
        summed = [name for name, one in declared.counted.items() if one.merge == "sum"]
        sums = GroupSums(len(summed))
        codes_of_groups = sums.add(groups, *(given[name] for name in summed))
        columns: Columns = {name: sums.measure(row) for row, name in enumerate(summed)}
        for name in declared.counted.keys() - columns.keys():
            spans, values_of_visits = GroupMinMax(), given[name]
            assert values_of_visits is not None, f"{partial.name}.{name}: the largest of nothing"
            spans.add(codes_of_groups, values_of_visits)
            columns[name] = spans.minima if declared.counted[name].merge == "min" else spans.maxima
        found = sums.keys
        for column, values, pairs in reversed(tables):
            keys = pairs.keys[found]
            columns[column] = values.keys[keys & _LOW_HALF]
            found = keys >> _HALF_BITS
        yield from self._by_day(partial.name, found, **columns)

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

    def _once_per_visit(self, visit: Ints, item: Words) -> tuple[Words, Ints]:
        """Return each item once for each of its visits, and how often the visit had it.

        The upper half of a returned code is the visit's day and site, the lower half the item.
        """
        pairs = GroupSums(1)
        pairs.add(visit.astype(np.uint64) << _HALF_BITS | item, None)
        day_site = self._day_site_code[(pairs.keys >> _HALF_BITS).astype(np.int64)]
        return day_site << _HALF_BITS | pairs.keys & _LOW_HALF, pairs.measure(0)

    def _pages(self) -> Iterator[Part]:
        rows, visit = self._kept_rows((self._rows["flags"] & PAGE_VIEW) > 0)
        names = KeyTable()
        page = names.intern(self._rows["page"][rows]).astype(np.uint64)
        sums = GroupSums(5)
        keys, views = self._once_per_visit(visit, page)
        none = np.zeros(len(keys), dtype=np.int64)
        sums.add(keys, views, None, none, none, none)
        page_of_row = np.zeros(len(self._rows["page"]), dtype=np.uint64)
        page_of_row[rows] = page
        kept = self._kept
        zero = np.zeros(len(kept), dtype=np.int64)
        day_site = self._day_site_code[kept] << _HALF_BITS
        is_bounce = (self._visits.page_views[kept] == 1).astype(np.int64)
        one = zero + 1
        sums.add(day_site | page_of_row[self._visits.entry[kept]], zero, zero, one, zero, is_bounce)
        sums.add(day_site | page_of_row[self._visits.exit[kept]], zero, zero, zero, one, zero)
        measures = ("page_views", "visits", "entries", "exits", "bounces")
        yield from self._by_day(
            "pages",
            sums.keys >> _HALF_BITS,
            page=names.keys[sums.keys & _LOW_HALF],
            **{name: sums.measure(row) for row, name in enumerate(measures)},
        )

    def _searches(self) -> Iterator[Part]:
        rows, visit = self._kept_rows(self._rows["phrase"] > 0)
        names = KeyTable()
        phrase = names.intern(self._rows["phrase"][rows]).astype(np.uint64)
        sums = GroupSums(2)
        keys, hits = self._once_per_visit(visit, phrase)
        sums.add(keys, hits, None)
        yield from self._by_day(
            "searches",
            sums.keys >> _HALF_BITS,
            phrase=names.keys[sums.keys & _LOW_HALF],
            searches=sums.measure(0),
            visits=sums.measure(1),
        )

    def _errors(self) -> Iterator[Part]:
        """Count errors of human hits on the day of the hit, inside and outside of visits."""
        day = self._row_day
        in_window = (day >= self._window.first_day) & (day <= self._window.last_day)
        rows = np.flatnonzero((self._rows["status"] >= 400) & in_window)
        day_sites, names = KeyTable(), KeyTable()
        day_site = day_sites.intern(day[rows].astype(np.uint64) << np.uint64(24) | self._site_codes[rows])
        page = names.intern(self._rows["page"][rows]).astype(np.uint64)
        status = self._rows["status"][rows].astype(np.uint64)
        visit = self._visits.visit_of[rows]
        in_visit = visit >= 0
        groups = GroupSums(2)
        group = groups.add(
            day_site.astype(np.uint64) << np.uint64(42) | status << _HALF_BITS | page,
            in_visit.astype(np.int64),
            (~in_visit).astype(np.int64),
        )
        met = KeyTable()
        met.intern(group[in_visit].astype(np.uint64) << _HALF_BITS | visit[in_visit].astype(np.uint64))
        visits = np.bincount((met.keys >> _HALF_BITS).astype(np.int64), minlength=len(groups.keys))
        keys = day_sites.keys[groups.keys >> np.uint64(42)]
        row_day = (keys >> np.uint64(24)).astype(np.int64)
        yield from parts_by_day(
            "human_errors",
            self._window.day_shares,
            row_day,
            day=row_day,
            site=self._sites.keys[keys & np.uint64(0xFFFFFF)],
            status=groups.keys >> _HALF_BITS & np.uint64(0x3FF),
            page=names.keys[groups.keys & _LOW_HALF],
            hits=groups.measure(0),
            hits_without_visit=groups.measure(1),
            visits=visits,
        )

    def _cookie_audit(self) -> Iterator[Part]:
        sums = GroupSums(1)
        for finding, visit in self._findings():
            sums.add(self._day_site_code[visit] << np.uint64(8) | np.uint64(finding), None)
        yield from self._by_day(
            "cookie_audit",
            sums.keys >> np.uint64(8),
            finding=sums.keys & np.uint64(0xFF),
            visits=sums.measure(0),
        )

    def items(self, first_visit: int) -> Columns:
        """Return the pages, phrases, errors and findings of each visit, each once, as columns of VISIT_ITEMS.

        Folding needs them: a visit to two rare pages that are folded together must count once. Visits are numbered from
        `first_visit` on.
        """
        kinds: list[tuple[str, Ints, Digests, Ints, Digests, NDArray[Any]]] = []
        for kind, name, wanted in (
            ("pages", "page", (self._rows["flags"] & PAGE_VIEW) > 0),
            ("searches", "phrase", self._rows["phrase"] > 0),
        ):
            rows, visit = self._kept_rows(wanted)
            none = np.zeros(len(visit), dtype=np.int16)
            kinds.append((kind, *self._unpack(self._day_site_code[visit]), visit, self._rows[name][rows], none))
        is_error = (self._rows["status"] >= 400) & (self._visits.visit_of >= 0)
        is_error &= (self._row_day >= self._window.first_day) & (self._row_day <= self._window.last_day)
        rows = np.flatnonzero(is_error)
        site, page, status = (self._rows[name][rows] for name in ("site", "page", "status"))
        kinds.append(("errors", self._row_day[rows], site, self._visits.visit_of[rows], page, status))
        for finding, visit in self._findings():
            no_item, code = np.zeros(len(visit), dtype=np.uint64), np.full(len(visit), finding, dtype=np.int16)
            kinds.append(("cookie_audit", *self._unpack(self._day_site_code[visit]), visit, no_item, code))
        columns = [
            (
                np.full(len(visit), ITEM_TABLES.index(kind), dtype=np.uint8),
                day.astype(np.int32),
                site,
                visit.astype(np.int64) + first_visit,
                item,
                code.astype(np.int16),
            )
            for kind, day, site, visit, item, code in kinds
        ]
        return {name: np.concatenate(own) for name, own in zip(VISIT_ITEMS, zip(*columns, strict=True), strict=True)}

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
