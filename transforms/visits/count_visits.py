"""What is counted of visits (part of step 8): by page, place, technology, acquisition, phrase, error and finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.tables.partial_tables import Part, parts_by_day
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.cut_visits import Visits
from footfall.transforms.visits.visit_rows import CAN_HAVE_COOKIE, ITEM_KINDS, PAGE_VIEW, VISIT_ITEMS

_REUSED, _SHARED, _LONG, _NEVER_ISSUED = range(4)
"""Codes of FINDINGS."""
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class VisitWindow:
    """Which visits are published: those that begin on a day of [first_day, last_day] (days since 1970).

    A visit whose last hit is less than the timeout before `data_end_ms` may have gone on unseen. `day_shares` is how
    many parts the days are dealt out to.
    """

    timezone: str
    first_day: int
    last_day: int
    timeout_ms: int
    data_end_ms: int
    day_shares: int = 1


def count_visits(counts: VisitCounts) -> Iterator[Part]:
    """The partial tables of a bucket's visits: all of them that describe people."""
    yield from counts.totals()
    yield from counts.pages()
    for table, column in (("locations", "location"), ("technology", "technology"), ("acquisitions", "acquisition")):
        yield from counts.by_entry(table, column)
    yield from counts.searches()
    yield from counts.errors()
    yield from counts.audit()


class VisitCounts:
    """Counts of the visits of one bucket; a day and a site together have a small code."""

    def __init__(self, rows: Columns, visits: Visits, window: VisitWindow) -> None:
        days = LocalDays(window.timezone)
        self._rows = rows
        self._visits = visits
        self._window = window
        day = days.local_hours(visits.begin_ms) // 24
        self._kept = np.flatnonzero((day >= window.first_day) & (day <= window.last_day))
        self._row_day = days.local_hours(rows["time_ms"]) // 24
        site = rows["site"][visits.entry]
        sites = KeyTable()
        self._site_codes = sites.intern(rows["site"]).astype(np.uint64)
        self._day_site = np.zeros(len(visits), dtype=np.uint64)
        self._day_site[:] = day.astype(np.uint64) << np.uint64(24) | sites.intern(site).astype(np.uint64)
        self._site_of = sites.keys
        # Per visit, a dense code of its (day, site).
        self._day_sites = KeyTable()
        self._day_site_code = self._day_sites.intern(self._day_site).astype(np.uint64)

    def _unpack(self, codes: NDArray[np.uint64]) -> tuple[Ints, Words]:
        keys = self._day_sites.keys[codes]
        return (keys >> np.uint64(24)).astype(np.int64), self._site_of[keys & np.uint64(0xFFFFFF)]

    def totals(self) -> Iterator[Part]:
        visits, kept = self._visits, self._kept
        sums = GroupSums(6)
        duration_s = (visits.end_ms - visits.begin_ms) // 1000
        is_cut = visits.end_ms > self._window.data_end_ms - self._window.timeout_ms
        sums.add(
            self._day_site_code[kept],
            None,
            visits.page_views[kept],
            (visits.page_views[kept] == 1).astype(np.int64),
            duration_s[kept],
            visits.is_fallback[kept].astype(np.int64),
            is_cut[kept].astype(np.int64),
        )
        day, site = self._unpack(sums.keys)
        names = ("visits", "page_views", "bounces", "duration_s", "fallback_visits", "cut_visits")
        yield from parts_by_day(
            "visits",
            self._window.day_shares,
            day,
            day=day,
            site=site,
            **{name: sums.measure(row) for row, name in enumerate(names)},
        )

    def by_entry(self, table: str, column: str) -> Iterator[Part]:
        """Visits and page views by what the entry page view has in `column`."""
        names = KeyTable()
        codes = names.intern(self._rows[column][self._visits.entry[self._kept]]).astype(np.uint64)
        sums = GroupSums(2)
        sums.add(self._day_site_code[self._kept] << np.uint64(32) | codes, None, self._visits.page_views[self._kept])
        day, site = self._unpack(sums.keys >> np.uint64(32))
        yield from parts_by_day(
            table,
            self._window.day_shares,
            day,
            day=day,
            site=site,
            **{column: names.keys[sums.keys & np.uint64(0xFFFFFFFF)]},
            visits=sums.measure(0),
            page_views=sums.measure(1),
        )

    def _kept_rows(self, wanted: NDArray[np.bool_]) -> tuple[Ints, Ints]:
        """The rows that are wanted and belong to a visit of the window, and their visits."""
        is_kept = np.zeros(len(self._visits) + 1, dtype=np.bool_)
        is_kept[self._kept] = True
        rows = np.flatnonzero(wanted & is_kept[self._visits.visit_of])
        return rows, self._visits.visit_of[rows]

    def _once_per_visit(self, visit: Ints, item: Words) -> tuple[Words, Ints]:
        """Each item once for each visit that had it: its code behind the visit's day and site, and how often it did."""
        pairs = GroupSums(1)
        pairs.add(visit.astype(np.uint64) << np.uint64(32) | item, None)
        day_site = self._day_site_code[(pairs.keys >> np.uint64(32)).astype(np.int64)]
        return day_site << np.uint64(32) | pairs.keys & np.uint64(0xFFFFFFFF), pairs.measure(0)

    def pages(self) -> Iterator[Part]:
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
        day_site = self._day_site_code[kept] << np.uint64(32)
        is_bounce = (self._visits.page_views[kept] == 1).astype(np.int64)
        one = zero + 1
        sums.add(day_site | page_of_row[self._visits.entry[kept]], zero, zero, one, zero, is_bounce)
        sums.add(day_site | page_of_row[self._visits.exit[kept]], zero, zero, zero, one, zero)
        day, site = self._unpack(sums.keys >> np.uint64(32))
        measures = ("page_views", "visits", "entries", "exits", "bounces")
        yield from parts_by_day(
            "pages",
            self._window.day_shares,
            day,
            day=day,
            site=site,
            page=names.keys[sums.keys & np.uint64(0xFFFFFFFF)],
            **{name: sums.measure(row) for row, name in enumerate(measures)},
        )

    def searches(self) -> Iterator[Part]:
        rows, visit = self._kept_rows(self._rows["phrase"] > 0)
        names = KeyTable()
        phrase = names.intern(self._rows["phrase"][rows]).astype(np.uint64)
        sums = GroupSums(2)
        keys, hits = self._once_per_visit(visit, phrase)
        sums.add(keys, hits, None)
        day, site = self._unpack(sums.keys >> np.uint64(32))
        yield from parts_by_day(
            "searches",
            self._window.day_shares,
            day,
            day=day,
            site=site,
            phrase=names.keys[sums.keys & np.uint64(0xFFFFFFFF)],
            searches=sums.measure(0),
            visits=sums.measure(1),
        )

    def errors(self) -> Iterator[Part]:
        """Errors of people, on the day of the hit, whether or not it belongs to a visit."""
        day = self._row_day
        in_window = (day >= self._window.first_day) & (day <= self._window.last_day)
        rows = np.flatnonzero((self._rows["status"] >= 400) & in_window)
        day_sites, names = KeyTable(), KeyTable()
        day_site = day_sites.intern(day[rows].astype(np.uint64) << np.uint64(24) | self._site_codes[rows])
        page = names.intern(self._rows["page"][rows]).astype(np.uint64)
        status = self._rows["status"][rows].astype(np.uint64)
        visit = self._visits.visit_of[rows]
        in_visit = visit >= 0
        kinds = GroupSums(2)
        kind = kinds.add(
            day_site.astype(np.uint64) << np.uint64(42) | status << np.uint64(32) | page,
            in_visit.astype(np.int64),
            (~in_visit).astype(np.int64),
        )
        met = KeyTable()
        met.intern(kind[in_visit].astype(np.uint64) << np.uint64(32) | visit[in_visit].astype(np.uint64))
        visits = np.bincount((met.keys >> np.uint64(32)).astype(np.int64), minlength=len(kinds.keys))
        keys = day_sites.keys[kinds.keys >> np.uint64(42)]
        row_day = (keys >> np.uint64(24)).astype(np.int64)
        yield from parts_by_day(
            "human_errors",
            self._window.day_shares,
            row_day,
            day=row_day,
            site=self._site_of[keys & np.uint64(0xFFFFFF)],
            status=kinds.keys >> np.uint64(32) & np.uint64(0x3FF),
            page=names.keys[kinds.keys & np.uint64(0xFFFFFFFF)],
            hits=kinds.measure(0),
            hits_without_visit=kinds.measure(1),
            visits=visits,
        )

    def items(self, first_visit: int) -> Columns:
        """Which visit had which page, phrase, error or finding: each once, columns of VISIT_ITEMS.

        What is folded together is counted in visits, and visits to two rare pages must not count twice. Visits are
        numbered from `first_visit` on.
        """
        kinds: list[tuple[str, Ints, Words, Ints, Words, NDArray[Any]]] = []
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
                np.full(len(visit), ITEM_KINDS.index(kind), dtype=np.uint8),
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
        """Each finding of the cookie audit, and the visits of the window that it holds for."""
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

    def audit(self) -> Iterator[Part]:
        sums = GroupSums(1)
        for finding, visit in self._findings():
            sums.add(self._day_site_code[visit] << np.uint64(8) | np.uint64(finding), None)
        day, site = self._unpack(sums.keys >> np.uint64(8))
        yield from parts_by_day(
            "cookie_audit",
            self._window.day_shares,
            day,
            day=day,
            site=site,
            finding=sums.keys & np.uint64(0xFF),
            visits=sums.measure(0),
        )
