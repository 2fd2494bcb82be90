"""Adds up what each client of a bucket did on a day.

The evidence of a day is what lies in it and in the half hour before and after it, whatever else a run reads. So a hit
close to midnight counts for two days.
"""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Digests, Evidence, Flags, HalfDigests, Ints
from footfall.transforms.behaviour.add_up import COUNTS, Entries, Found, add_up
from footfall.transforms.behaviour.evidence import (
    IS_KNOWN,
    are_redirected,
    kinds_of,
    methods_of,
    referrers_of,
    unpack_agents,
)
from footfall.transforms.behaviour.learned import DaysAndSites
from footfall.transforms.behaviour.own_hosts import OwnHosts
from footfall.transforms.describing.judge_paths import ICON, PART, STYLE
from footfall.transforms.kernels.frequent_keys import NONE_FREQUENT, Frequent
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.sort_rows import sort_rows
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.values.read_requests import METHOD_POST
from footfall.transforms.vocabulary import CROWD_HITS, REFERRER_KINDS

EDGE_MS: Final = 30 * 60_000
"""How long before and after a day hits count as its evidence, too."""
HURRIED_PAGES: Final = 20
HURRY_MS: Final = 20_000
"""Nobody looks at so many pages within so long; browsers that fetch pages ahead do it for many readers of a site."""
_IS_PART: Final = np.isin(np.arange(256), (PART, ICON, STYLE))
_MANY_PARTS: Final = 3
"""Whoever loads so many parts from nowhere is told to load them: referrers may be hidden."""
_INTERNAL: Final = REFERRER_KINDS.index("internal")
_DIRECT: Final = REFERRER_KINDS.index("direct")
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)


class ClientDays:
    """The clients of a bucket, by day. All clients of an address are in one bucket.

    `rows` are the human hits, `traces` hits of any class that tell something about all clients of their address, and
    `clients` the distinct clients of both, all of them by the names of `visit_rows`. Days from `first_day` to
    `last_day` are published. `own_hosts` maps (day, digest of the site) to the host that refers from within. `crowds`
    are addresses and days that are known to be crowds, of whose clients some may be elsewhere.
    """

    def __init__(
        self,
        rows: Columns,
        traces: Columns,
        clients: Columns,
        days: LocalDays,
        first_day: int,
        last_day: int,
        own_hosts: OwnHosts,
        crowds: Frequent = NONE_FREQUENT,
    ) -> None:
        human_count = len(rows["client"])
        hits = {name: np.concatenate([rows[name], traces[name]]) for name in ("client", "site", "time_ms", "evidence")}
        hits["asked"] = np.concatenate([rows["asked"], traces["asked"]])
        hits["has_cookie"] = np.concatenate([rows["session"] > 0, np.zeros(len(traces["client"]), dtype=np.bool_)])
        nothing = np.zeros(len(traces["client"]), dtype=np.uint32)
        hits |= {name: np.concatenate([rows[name], nothing]) for name in ("link", "from_host", "from_page", "shape")}
        table = KeyTable()
        code = table.intern(hits["client"])
        row, day, own_count = _days_of_evidence(hits["time_ms"], days, first_day, last_day)
        self._groups = KeyTable()
        group = self._groups.intern(code[row].astype(np.uint64) << _HALF_BITS | day.astype(np.uint64))
        hits_of_day = np.bincount(group[:own_count], minlength=self._groups.count)
        order = sort_rows(group, self._groups.count, _times_to_sort_by(hits["time_ms"], hits["evidence"])[row])[0]
        row, group = row[order], group[order]
        of_group = table.keys[(self._groups.keys >> _HALF_BITS).astype(np.int64)]
        self.day = (self._groups.keys & _LOW_HALF).astype(np.int64)
        self.site = np.zeros(self._groups.count, dtype=np.uint64)
        self.site[group] = hits["site"][row]
        self.client = _Clients(clients).of(of_group)
        days_and_sites = DaysAndSites(self.day, self.site)
        own_host = days_and_sites.spread(
            [own_hosts[key].digest if key in own_hosts else 0 for key in days_and_sites.keys], np.uint32
        )
        address = self._without_crowds(hits_of_day, crowds)
        self.address = self._codes_by_day(address)
        self.address_on_site = self._codes_by_day(mix_keys(address, self.site))
        asked, from_page = hits["asked"][row], hits["from_page"][row]
        evidence = hits["evidence"][row]
        self.entries = Entries(
            group,
            hits["time_ms"][row],
            evidence,
            asked,
            from_page,
            row < human_count,
            _is_own(evidence, hits["from_host"][row], own_host[group]),
            _was_opened(self.address_on_site[group], evidence, asked, from_page),
            hits["link"][row],
            hits["has_cookie"][row],
        )
        self.shapes: HalfDigests = hits["shape"][row]
        """The shape of what would be a page view, 0 of other entries."""
        self.found = Found(*add_up(self.entries, self._groups.count))
        self.has_way = (self.count("steps") > 0) | (self.count("known_documents") > 0)

    def _without_crowds(self, hits_of_day: Ints, crowds: Frequent) -> Digests:
        """Return the address of each client; where this is a crowd on the day, the client stands in for it."""
        address = self.client["address"]
        code = self._codes_by_day(address)
        is_crowd = (np.bincount(code, weights=hits_of_day) > CROWD_HITS)[code] | crowds.have(address, self.day)
        return np.where(is_crowd, self.client["client"], address)

    def _codes_by_day(self, values: Digests) -> Codes:
        """Return codes of a value of each client, together with the day."""
        codes = KeyTable().intern(values).astype(np.uint64)
        return KeyTable().intern(codes << _HALF_BITS | self.day.astype(np.uint64))

    def count(self, name: str) -> Ints:
        counted: Ints = self.found.counts[:, COUNTS.index(name)].astype(np.int64)
        return counted

    @cached_property
    def loads(self) -> tuple[Flags, Flags]:
        """Return which clients load parts as people do: in logs with referrers, and in those without."""
        parts, plain = self.count("parts"), self.count("plain_parts")
        only_icons, many = (parts > 0) & (plain == 0), (plain >= _MANY_PARTS) & (self.count("external_documents") == 0)
        loads = (self.count("own_parts") > 0) | (self.count("not_modified") > 0) | only_icons | many
        return loads, loads | (parts > 0)

    @cached_property
    def is_person(self) -> Flags:
        """Return who walks or arrives from a known place, and whom nothing tells to be a machine yet."""
        return self.is_plain & (self.count("documents") > 0) & (self.walks | (self.count("known_documents") > 0))

    @cached_property
    def walks(self) -> Flags:
        """Return who follows links on several pages."""
        sources = self._count_distinct(self.found.is_step, self.entries.from_page)
        return (self.count("steps") >= 2) & (sources >= 2) & (self.count("documents") >= 2)

    @cached_property
    def is_plain(self) -> Flags:
        """Return which people's clients nothing tells to be machines yet."""
        is_impossible = unpack_agents(self.client["agent_facts"]).impossible
        is_told = is_impossible | (self.count("robots") > 0) | (self.count("probes") > 0)
        return (self.count("hits") > 0) & ~is_told

    @cached_property
    def asking(self) -> Ints:
        """The clients and days with human hits."""
        return np.flatnonzero(self.count("hits") > 0)

    def rows(self) -> Columns:
        """Return what clients are judged by, a row for each client and day with human hits.

        The columns are client, address, agent, day, site, the facts of the agent, COUNTS, and what is known of the
        pages and the address.
        """
        entries, found = self.entries, self.found
        pages = self.opened
        columns: Columns = {
            **{name: self.client[name] for name in ("client", "address", "agent")},
            "day": self.day.astype(np.int32),
            "site": self.site,
            **unpack_agents(self.client["agent_facts"])._asdict(),
            **{name: found.counts[:, number] for number, name in enumerate(COUNTS)},
            "pages": np.bincount(pages.group, minlength=len(self.day)),
            # A page of many paths stands for each of them.
            "paths": self._count_distinct(found.is_document, np.where(entries.link > 0, entries.link, entries.asked)),
            "probed_pages": self._count_distinct(found.is_probe, entries.asked),
            "walks": self.walks,
            "hurries": self.hurries,
            "loading": self.loads[0],
            "loading_bare": self.loads[1],
            "form_pages": self._count_distinct(found.is_form, entries.asked),
            "bad_address": self._of_address((self.count("probes") > 0) | (self.count("robots") > 0)),
            "address_loads": self._of_address(self.count("parts") > 0),
        }
        return {name: column[self.asking] for name, column in columns.items()}

    def _count_distinct(self, wanted: Flags, values: HalfDigests) -> Ints:
        """Return how many different values the wanted entries of each client and day have."""
        rows = np.flatnonzero(wanted)
        pairs = KeyTable()
        pairs.intern(self.entries.group[rows].astype(np.uint64) << _HALF_BITS | values[rows].astype(np.uint64))
        return np.bincount((pairs.keys >> _HALF_BITS).astype(np.int64), minlength=len(self.day))

    @cached_property
    def hurries(self) -> Flags:
        """Return who opens so many different pages so soon after each other as nobody can look at."""
        entries = self.entries
        page = np.where(entries.link > 0, entries.link, entries.asked)
        rows = np.flatnonzero(self.found.is_document)
        keys = entries.group[rows].astype(np.uint64) << _HALF_BITS | page[rows].astype(np.uint64)
        rows = np.sort(rows[np.unique(keys, return_index=True)[1]])
        group, time = entries.group[rows], entries.time_ms[rows]
        first, last = slice(None, 1 - HURRIED_PAGES), slice(HURRIED_PAGES - 1, None)
        is_fast = (group[first] == group[last]) & (time[last] - time[first] <= HURRY_MS)
        return np.bincount(group[first][is_fast], minlength=len(self.day)) > 0

    def _of_address(self, holds: Flags) -> Flags:
        """Return for each client whether something holds for any client of its address."""
        return np.bincount(self.address, weights=holds)[self.address] > 0

    @cached_property
    def opened(self) -> OpenedPages:
        """The documents of each client and day, each once, and whether some of its parts were loaded with it."""
        entries, found = self.entries, self.found
        group = entries.group.astype(np.uint64) << _HALF_BITS
        loaded = KeyTable()
        own_parts = np.flatnonzero(found.is_own_part)
        loaded.intern(group[own_parts] | entries.from_page[own_parts].astype(np.uint64))
        loaded_count = loaded.count
        documents = np.flatnonzero(found.is_document)
        soon = GroupSums(1)
        soon.add(
            group[documents] | entries.asked[documents].astype(np.uint64),
            found.has_parts_soon[documents].astype(np.int64),
        )
        of_page = (soon.keys >> _HALF_BITS).astype(np.int64)
        has_own_parts = np.zeros(len(self.day), dtype=np.bool_)
        has_own_parts[entries.group[own_parts]] = True
        is_loaded = np.where(has_own_parts[of_page], loaded.intern(soon.keys) < loaded_count, soon.measure(0) > 0)
        return OpenedPages(of_page, (soon.keys & _LOW_HALF).astype(np.uint32), is_loaded)

    def pages(self) -> Columns:
        """Return the documents of each client and day with human hits: client, day and page, each once."""
        is_person = (self.count("hits") > 0)[self.opened.group]
        group = self.opened.group[is_person]
        columns = {"client": self.client["client"][group], "day": self.day[group].astype(np.int32)}
        return {**columns, "page": self.opened.page[is_person]}

    @cached_property
    def openings(self) -> tuple[Ints, HalfDigests]:
        """Return the entries that open a link which may be a person's, and the links.

        Such is a link with a query or with a part that the name of its page hides; and what somebody who loads parts
        opens from nowhere, as from a mail.
        """
        entries = self.entries
        is_mailed = (referrers_of(entries.evidence) == _DIRECT) & (self.count("parts") > 0)[entries.group]
        link = np.where((entries.link == 0) & is_mailed, entries.asked, entries.link)
        rows = np.flatnonzero(self.found.is_document & (link > 0))
        return rows, link[rows]

    def links(self) -> Columns:
        """Return the links that may be a person's of clients with human hits: client, day and link, each once."""
        rows, link = self.openings
        pairs = KeyTable()
        pairs.intern(self.entries.group[rows].astype(np.uint64) << _HALF_BITS | link.astype(np.uint64))
        group = (pairs.keys >> _HALF_BITS).astype(np.int64)
        columns = {"client": self.client["client"][group], "day": self.day[group].astype(np.int32)}
        return {**columns, "link": (pairs.keys & _LOW_HALF).astype(np.uint32)}


class OpenedPages(NamedTuple):
    """The documents of each client and day, each once."""

    group: Ints
    page: HalfDigests
    is_loaded: Flags
    """Whether some of its parts were loaded with it."""


class _Clients:
    """The columns of clients, looked up by their digests."""

    def __init__(self, clients: Columns) -> None:
        table = KeyTable()
        codes = table.intern(clients["client"])
        first = np.zeros(table.count, dtype=np.int64)
        first[codes] = np.arange(len(codes))
        self._table, self._columns = table, {name: column[first] for name, column in clients.items()}

    def of(self, digests: Digests) -> Columns:
        """Return the columns of these clients."""
        codes = self._table.intern(digests)
        return {name: column[codes] for name, column in self._columns.items()}


def _times_to_sort_by(times_ms: Ints, evidence: Evidence) -> Ints:
    """Return numbers that order hits by time; within an instant, parts come after documents and posts come last."""
    kind, method = kinds_of(evidence), methods_of(evidence)
    return times_ms * 4 + ((kind == PART) | (kind == ICON)) + 2 * (method == METHOD_POST)


def _days_of_evidence(times_ms: Ints, days: LocalDays, first_day: int, last_day: int) -> tuple[Ints, Ints, int]:
    """Return the rows that count as evidence of published days, the days, and how many of them are a row's own.

    These come first, and are in no order otherwise.
    """
    hours = days.local_hours(times_ms)
    own = hours // 24
    rows, found = [np.arange(len(times_ms))], [own]
    # By an hour more than the edge is wide: where clocks change at midnight, its neighbours are two hours apart.
    at_night = np.flatnonzero((hours + 2) % 24 < 4)
    for shift in (-EDGE_MS, EDGE_MS):
        other = days.local_hours(np.maximum(times_ms[at_night] + shift, 0)) // 24
        is_near = other != own[at_night]
        rows.append(at_night[is_near])
        found.append(other[is_near])
    row, day = np.concatenate(rows), np.concatenate(found)
    is_published = (day >= first_day) & (day <= last_day)
    return row[is_published], day[is_published], int(np.count_nonzero(is_published[: len(times_ms)]))


def _is_own(evidence: Evidence, from_host: HalfDigests, own_host: HalfDigests) -> Flags:
    """Return whether each referrer is of the site: its host is the site's, or the one that refers from within."""
    referrer = referrers_of(evidence)
    own: Flags = (referrer == _INTERNAL) | ((from_host == own_host) & (from_host > 0) & ~IS_KNOWN[referrer])
    return own


def _was_opened(address: Codes, evidence: Evidence, asked: HalfDigests, from_page: HalfDigests) -> Flags:
    """Return whether the address opened the page that refers to each document or post on the day.

    A page that redirects has no links, and neither has a part.
    """
    kinds = kinds_of(evidence)
    is_part = _IS_PART[kinds]
    known = KeyTable()
    rows = np.flatnonzero((asked > 0) & ~is_part & ~are_redirected(evidence))
    known.intern(address[rows].astype(np.uint64) << _HALF_BITS | asked[rows].astype(np.uint64))
    count = known.count
    found = np.zeros(len(asked), dtype=np.bool_)
    rows = np.flatnonzero((from_page > 0) & (~is_part | (methods_of(evidence) == METHOD_POST)))
    keys = address[rows].astype(np.uint64) << _HALF_BITS | from_page[rows].astype(np.uint64)
    found[rows] = known.intern(keys) < count
    return found
