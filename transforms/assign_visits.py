"""Visits, and the counts that need them (step 8).

All rows of a session come together here, in one bucket. Rows are sorted by session and time, cut where the silence
is longer than the timeout, and counted by page, place, technology, arrival, phrase and error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from transforms.exchange_rows import read_bucket
from transforms.kernels.group_sums import GroupSums
from transforms.kernels.intern_strings import Codes, KeyTable
from transforms.partial_tables import Part, part_of, parts_by_day
from transforms.row_files import write_rows
from transforms.run_options import RunOptions
from transforms.run_steps import Result
from transforms.values.local_days import LocalDays
from transforms.visit_rows import (
    CAN_HAVE_COOKIE,
    FALLBACK,
    HAS_COOKIE,
    INTERNAL,
    ITEM_KINDS,
    PAGE_VIEW,
    PARTS,
    VISIT_ITEMS,
    VISIT_ROWS,
    Columns,
    Words,
)

Ints = NDArray[np.int64]
Flags = NDArray[np.uint8]

_REUSED, _SHARED, _LONG, _NEVER_ISSUED = range(4)
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class Visits:
    """One row per visit; `entry` and `exit` are row numbers of its first and last page view.

    `visit_of` has one value per row that went in: its visit, -1 for none.
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


def assign_visits(rows: Columns, timeout_ms: int) -> Visits:
    """Build the visits of whole sessions; `rows` are VISIT_ROWS columns in any order."""
    sessions = KeyTable().intern(rows["session"])
    order = np.lexsort((rows["time_ms"], sessions))
    columns = _cut_visits(
        order,
        sessions,
        rows["client"],
        rows["time_ms"],
        rows["flags"],
        np.stack([rows[name] for name in ("page", "arrival", "place", "technology")]),
        timeout_ms,
    )
    return Visits(*columns)


@njit(nogil=True, cache=True)
def _comes_before(row: int, other: int, times: Ints, flags: Flags, ties: NDArray[np.uint64]) -> bool:
    """The order of page views: by time, internal referrers last, then by what they are about."""
    if times[row] != times[other]:
        return times[row] < times[other]
    row_internal, other_internal = flags[row] & INTERNAL, flags[other] & INTERNAL
    if row_internal != other_internal:
        return row_internal < other_internal
    for tie in range(len(ties)):
        if ties[tie, row] != ties[tie, other]:
            return ties[tie, row] < ties[tie, other]
    return False


@njit(nogil=True, cache=True)
def _cut_visits(
    order: Ints, sessions: Codes, clients: Words, times: Ints, flags: Flags, ties: NDArray[np.uint64], timeout_ms: int
) -> tuple[Ints, Ints, Ints, Ints, Ints, NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_], Ints]:
    count = 0
    for row in range(len(order)):
        count += flags[row] & PAGE_VIEW
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
        # One run of hits of a session without a silence.
        session = sessions[order[begin]]
        end = begin + 1
        while (
            end < len(order)
            and sessions[order[end]] == session
            and times[order[end]] - times[order[end - 1]] <= timeout_ms
        ):
            end += 1
        views = 0
        first_view = last_view = -1
        client = np.uint64(0)
        shared = False
        for place in range(begin, end):
            row = order[place]
            if flags[row] & HAS_COOKIE:
                shared = shared or (client != np.uint64(0) and clients[row] != client)
                client = clients[row]
            if flags[row] & PAGE_VIEW:
                views += 1
                if first_view < 0 or _comes_before(row, first_view, times, flags, ties):
                    first_view = row
                if last_view < 0 or not _comes_before(row, last_view, times, flags, ties):
                    last_view = row
        if views > 0:
            for place in range(begin, end):
                visit_of[order[place]] = visit
            begin_ms[visit] = times[order[begin]]
            end_ms[visit] = times[order[end - 1]]
            page_views[visit] = views
            entry[visit] = first_view
            last[visit] = last_view
            is_fallback[visit] = (flags[first_view] & FALLBACK) != 0
            is_reused[visit] = session_had_visit and not is_fallback[visit]
            is_shared[visit] = shared
            session_had_visit = True
            visit += 1
        if end < len(order) and sessions[order[end]] != session:
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


@dataclass(frozen=True)
class VisitWindow:
    """Which visits are published: those that begin on a day of [first_day, last_day] (days since 1970).

    A visit whose last hit is less than the timeout before `data_end_ms` may have gone on unseen.
    """

    timezone: str
    first_day: int
    last_day: int
    timeout_ms: int
    data_end_ms: int


def count_visits(counts: VisitCounts) -> Iterator[Part]:
    """The partial tables of a bucket's visits: all of them that describe people."""
    yield from counts.totals()
    yield from counts.pages()
    for table, column in (("locations", "place"), ("technology", "technology"), ("arrivals", "arrival")):
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
            "visits", day, day=day, site=site, **{name: sums.measure(row) for row, name in enumerate(names)}
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

    def pages(self) -> Iterator[Part]:
        rows, visit = self._kept_rows((self._rows["flags"] & PAGE_VIEW) > 0)
        names = KeyTable()
        page = names.intern(self._rows["page"][rows]).astype(np.uint64)
        # Each page once per visit first, then per day and site.
        in_visit = GroupSums(1)
        in_visit.add(visit.astype(np.uint64) << np.uint64(32) | page, None)
        pair_visit = (in_visit.keys >> np.uint64(32)).astype(np.int64)
        pair_page = in_visit.keys & np.uint64(0xFFFFFFFF)
        sums = GroupSums(5)
        none = np.zeros(len(pair_visit), dtype=np.int64)
        sums.add(
            self._day_site_code[pair_visit] << np.uint64(32) | pair_page, in_visit.measure(0), None, none, none, none
        )
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
        in_visit = GroupSums(1)
        in_visit.add(visit.astype(np.uint64) << np.uint64(32) | phrase, None)
        pair_visit = (in_visit.keys >> np.uint64(32)).astype(np.int64)
        sums = GroupSums(2)
        sums.add(
            self._day_site_code[pair_visit] << np.uint64(32) | in_visit.keys & np.uint64(0xFFFFFFFF),
            in_visit.measure(0),
            None,
        )
        day, site = self._unpack(sums.keys >> np.uint64(32))
        yield from parts_by_day(
            "searches",
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
            "cookie_audit", day, day=day, site=site, finding=sums.keys & np.uint64(0xFF), visits=sums.measure(0)
        )


class AssignBuckets:
    """(session bucket, references), and the latest time of each piece read → PARTS."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options

    def process(self, element: tuple[int, Iterable[str]], last_hits_ms: Iterable[int]) -> Iterator[Result]:
        """One bucket of sessions."""
        rows = join_shapes(read_bucket(element[1]))
        options = self._options
        data_end_ms = min(options.end_ms, max(last_hits_ms))
        window = VisitWindow(options.timezone, options.first_day, options.last_day, options.timeout_ms, data_end_ms)
        counts = VisitCounts(rows, assign_visits(rows, window.timeout_ms), window)
        for part in count_visits(counts):
            yield PARTS, part
        items = write_rows(options.folder, counts.items(element[0] << 40))
        yield PARTS, part_of("item_files", 0, path=pa.array([items]))


def join_shapes(shapes: dict[str, Columns]) -> Columns:
    """The rows of all kinds together."""
    return {name: np.concatenate([shape[name] for shape in shapes.values()]) for name in VISIT_ROWS}
