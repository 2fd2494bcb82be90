"""The visits of a bucket, from which partial tables are counted and items are listed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Columns, Digests, Flags, Ints, Words
from footfall.transforms.behaviour.own_hosts import OwnHosts, count_as_internal
from footfall.transforms.behaviour.verdicts import JudgedVisits
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.values.local_days import LocalDays, begins_of_spans
from footfall.transforms.visits.cut_visits import Visits
from footfall.transforms.visits.page_pairs import PagePairs, find_entry_exits, find_transitions, sort_views
from footfall.transforms.visits.visit_columns import VisitColumns
from footfall.transforms.visits.visit_rows import (
    BOUNCE,
    CAN_HAVE_COOKIE,
    DOWNLOAD,
    ENTRY,
    EXIT,
    FIRST_GOAL,
    PAGE_VIEW,
    REFINED,
)
from footfall.transforms.vocabulary import AUDIT_CODES

_REUSED, _SHARED, _LONG, _NEVER_ISSUED, _REUSED_IN_WEEK, _REUSED_IN_MONTH = range(len(AUDIT_CODES))
_DAY_MS: Final = 86_400_000
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)


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


class BucketVisits:
    """The visits of one bucket and what they had; each pair of day and site has a small code.

    A visit that came from a host of `own_hosts` came from within. A visit is a machine's if the client of its entry
    page view is `judged` to be one on the day on which it begins.
    """

    def __init__(
        self, rows: Columns, visits: Visits, window: VisitWindow, judged: JudgedVisits, own_hosts: OwnHosts
    ) -> None:
        days = LocalDays(window.timezone)
        self.visits = visits
        self.window = window
        self.visit_day = day = days.local_hours(visits.begin_ms) // 24
        # What a visit came by is that of its entry page view, which no other visit has.
        acquisition = rows["acquisition"].copy()
        acquisition[visits.entry] = count_as_internal(
            acquisition[visits.entry], day, rows["site"][visits.entry], own_hosts
        )
        self.rows = {**rows, "acquisition": acquisition}
        is_machine = judged.are_machines(rows["client"][visits.entry], day)
        self.judged = judged
        self.kept = np.flatnonzero((day >= window.first_day) & (day <= window.last_day) & ~is_machine)
        # The visits of people, of any day: those of machines are none.
        self.visit_of = np.where(np.append(is_machine, False)[visits.visit_of], -1, visits.visit_of)
        self.row_day = days.local_hours(rows["time_ms"]) // 24
        self.sites = KeyTable()
        self.site_codes = self.sites.intern(rows["site"]).astype(np.uint64)
        self._clients = KeyTable()
        self._client_codes = self._clients.intern(rows["client"][visits.entry])
        self.page_names = KeyTable()
        self.page_codes = self.page_names.intern(rows["page"])
        # One dense code of (day, site) per visit.
        self.day_sites = KeyTable()
        self.day_site_code = self.day_sites.intern(
            day.astype(np.uint64) << np.uint64(24) | self.sites.intern(rows["site"][visits.entry]).astype(np.uint64)
        ).astype(np.uint64)

    def columns(self) -> VisitColumns:
        """Return the visits in the window as columns."""
        kept, visits = self.kept, self.visits
        return VisitColumns(
            self.rows,
            visits.begin_ms[kept],
            visits.end_ms[kept],
            visits.page_views[kept],
            visits.entry[kept],
            visits.exit[kept],
            visits.is_fallback[kept],
            visits.end_ms[kept] > self.window.data_end_ms - self.window.timeout_ms,
            self.goals_of_visits[kept] > 0,
            self._found[_NEVER_ISSUED][kept],
            self._misused(_REUSED, _SHARED, _LONG),
            self._misused(_REUSED, _SHARED, _LONG, _REUSED_IN_WEEK),
            self._misused(_REUSED, _SHARED, _LONG, _REUSED_IN_WEEK, _REUSED_IN_MONTH),
        )

    def _misused(self, *findings: int) -> Flags:
        """Which visits in the window have one of some findings."""
        found: Flags = np.logical_or.reduce([self._found[finding][self.kept] for finding in findings])
        return found

    @cached_property
    def goal_rows(self) -> tuple[Ints, Ints]:
        """The rows by which visits in the window reached a goal, and these visits."""
        return self.kept_rows(self.rows["goals"] > 0)

    @cached_property
    def goals_of_visits(self) -> NDArray[np.uint32]:
        """A bit for each goal that a visit reached; of those in the window."""
        goals = np.zeros(len(self.visits), dtype=np.uint32)
        rows, visit = self.goal_rows
        np.bitwise_or.at(goals, visit, self.rows["goals"][rows].astype(np.uint32))
        return goals

    @cached_property
    def transitions(self) -> PagePairs:
        """Pages and the pages viewed next; of visits in the window."""
        return find_transitions(self.rows, *self.kept_rows((self.rows["flags"] & PAGE_VIEW) > 0))

    @cached_property
    def entry_exits(self) -> PagePairs:
        """Entry and exit pages, likewise."""
        return find_entry_exits(self.rows, self.visits, self.kept)

    def unpack(self, codes: Words) -> tuple[Ints, Digests]:
        """Return day and site of codes of both."""
        keys = self.day_sites.keys[codes]
        return (keys >> np.uint64(24)).astype(np.int64), self.sites.keys[keys & np.uint64(0xFFFFFF)]

    def kept_rows(self, wanted: Flags) -> tuple[Ints, Ints]:
        """Return the wanted rows that belong to a visit in the window, and their visits."""
        is_kept = np.zeros(len(self.visits) + 1, dtype=np.bool_)
        is_kept[self.kept] = True
        rows = np.flatnonzero(wanted & is_kept[self.visits.visit_of])
        return rows, self.visits.visit_of[rows]

    @cached_property
    def pages_of_visits(self) -> tuple[Ints, Ints, NDArray[np.uint32]]:
        """Return a row of each visit's pages, each page once, with its number of views and its flags.

        The flags are ENTRY, EXIT and BOUNCE, where the visit began or ended with the page, or had no other page view;
        and those of the goals of visits that began with it.
        """
        rows, visit = self.kept_rows((self.rows["flags"] & PAGE_VIEW) > 0)
        page = self.page_codes[rows].astype(np.uint64)
        pairs = GroupSums(1)
        codes = pairs.add(visit.astype(np.uint64) << _HALF_BITS | page, None)
        row_of_pair = np.zeros(pairs.count, dtype=np.int64)
        row_of_pair[codes] = rows
        flags = np.zeros(pairs.count, dtype=np.uint32)
        code_of_row = np.zeros(len(self.rows["page"]), dtype=codes.dtype)
        code_of_row[rows] = codes
        kept = self.kept
        bounced = np.where(self.visits.page_views[kept] == 1, np.uint32(BOUNCE), np.uint32(0))
        goals = self.goals_of_visits[kept] << np.uint32(FIRST_GOAL)
        flags[code_of_row[self.visits.entry[kept]]] |= np.uint32(ENTRY) | bounced | goals
        flags[code_of_row[self.visits.exit[kept]]] |= np.uint32(EXIT)
        return row_of_pair, pairs.measure(0), flags

    @cached_property
    def searches_of_visits(self) -> tuple[Ints, Ints, Bytes]:
        """The page views with a phrase in their order, their visits and their flags: EXIT and REFINED."""
        rows, visit = self.kept_rows(self.rows["phrase"] > 0)
        rows, visit = sort_views(self.rows, rows, visit)
        phrase = self.rows["phrase"][rows]
        flags = np.where(self.visits.exit[visit] == rows, np.uint8(EXIT), np.uint8(0))
        is_refined = (visit[1:] == visit[:-1]) & (phrase[1:] != phrase[:-1])
        flags[:-1] |= np.where(is_refined, np.uint8(REFINED), np.uint8(0))
        return rows, visit, flags

    @property
    def is_error(self) -> Flags:
        """Which rows were answered with status 400 or above."""
        return self.rows["status"] >= 400

    @property
    def is_broken_link(self) -> Flags:
        """Which of them a link led to."""
        return self.is_error & (self.rows["acquisition"] > 0)

    @property
    def is_download(self) -> Flags:
        """Which rows are downloads."""
        return (self.rows["flags"] & DOWNLOAD) > 0

    def rows_of_people(self, wanted: Flags) -> tuple[Ints, Ints]:
        """Return the wanted rows of people's hits on published days, and their visits, -1 for none."""
        day = self.row_day
        in_window = (day >= self.window.first_day) & (day <= self.window.last_day)
        rows = np.flatnonzero(wanted & in_window)
        rows = rows[~self.judged.are_machines(self.rows["client"][rows], day[rows])]
        return rows, self.visit_of[rows]

    def reached(self) -> Iterator[tuple[int, Ints, Ints]]:
        """Yield the number of each goal that was reached, with the rows of the hits that did, and their visits."""
        rows, visit = self.goal_rows
        goals = self.rows["goals"][rows]
        some = int(np.bitwise_or.reduce(goals, initial=0))
        for goal in (number for number in range(some.bit_length()) if some >> number & 1):
            own = (goals >> np.uint16(goal) & np.uint16(1)) > 0
            yield goal, rows[own], visit[own]

    def visit_clients(self, visit: Ints) -> Codes:
        """Return the codes of the clients of some visits: those of their entry page views."""
        return self._client_codes[visit]

    def clients_of(self, rows: Ints) -> Codes:
        """Return the codes of the clients of some hits."""
        return self._clients.intern(self.rows["client"][rows])

    @cached_property
    def _found(self) -> dict[int, Flags]:
        """Which visits have each finding of the cookie audit."""
        visits = self.visits
        can_have_cookie = (self.rows["flags"][visits.entry] & CAN_HAVE_COOKIE) > 0
        # Visits of a session follow each other, in the order in which they begin.
        day, week, month = (
            np.append(False, begins[1:] == begins[:-1])[: len(visits)] for begins in begins_of_spans(self.visit_day)
        )
        return {
            _REUSED: visits.is_reused & day,
            # A run may have no lines of other days: what it finds there is no figure of the day.
            _REUSED_IN_WEEK: visits.is_reused & week & ~day,
            _REUSED_IN_MONTH: visits.is_reused & month & ~week,
            _SHARED: visits.is_shared,
            _LONG: (visits.end_ms - visits.begin_ms > _DAY_MS) & ~visits.is_fallback,
            _NEVER_ISSUED: visits.is_fallback & (visits.page_views >= 2) & can_have_cookie,
        }

    def findings(self) -> Iterator[tuple[int, Ints]]:
        """Yield each finding of the cookie audit with the visits in the window that have it."""
        for finding, found in self._found.items():
            yield finding, self.kept[found[self.kept]]
