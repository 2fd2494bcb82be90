"""Adds up what each client of a bucket did on a day."""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Columns, Digests, Flags, HalfDigests, Ints
from footfall.transforms.behaviour.add_up import COUNTS, add_up
from footfall.transforms.behaviour.arrange_entries import ObservedHits, arrange_entries, arrange_hits
from footfall.transforms.behaviour.evidence import (
    referrers_of,
    unpack_agents,
)
from footfall.transforms.behaviour.learned import DaysAndSites
from footfall.transforms.behaviour.own_hosts import OwnHosts
from footfall.transforms.kernels.frequent_keys import NONE_FREQUENT, Frequent
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, first_rows, mix_keys, pack_pairs
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.vocabulary import CROWD_HITS, REFERRER_KINDS

HURRIED_PAGES: Final = 20
HURRY_MS: Final = 20_000
"""No person looks at so many pages in this time; where many readers of a site do, their browsers fetch pages ahead."""
_MANY_PARTS: Final = 3
"""A client with so many parts without referrers counts as one that loads parts: browsers may hide referrers."""
_DIRECT: Final = REFERRER_KINDS.index("direct")
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)


class ClientDays:
    """The clients of a bucket, by day. All clients of an address are in one bucket.

    `clients` are the distinct clients of the `observed` hits, by the names of `visit_rows`. Days from `first_day` to
    `last_day` are published. `own_hosts` maps (day, digest of the site) to the host that refers from within. `crowds`
    are addresses and days that are known to be crowds, of whose clients some may be elsewhere.
    """

    def __init__(
        self,
        observed: ObservedHits,
        clients: Columns,
        days: LocalDays,
        first_day: int,
        last_day: int,
        own_hosts: OwnHosts,
        crowds: Frequent = NONE_FREQUENT,
    ) -> None:
        hits, table = observed.columns, KeyTable()
        codes = table.intern(clients["client"])
        arranged = arrange_hits(table.intern(hits["client"]), table.count, hits, days, first_day, last_day)
        row_of = np.zeros(table.count, dtype=np.int64)
        row_of[codes] = np.arange(len(codes))
        self.client = {name: take_rows(column, row_of[arranged.client]) for name, column in clients.items()}
        self.day = arranged.day
        # Of a client with hits on several sites, the day is one of the site that it came to last.
        self.site = hits["site"][arranged.row[arranged.ends - 1]]
        days_and_sites = DaysAndSites(self.day, self.site)
        own_host = days_and_sites.spread(
            [own_hosts[key].digest if key in own_hosts else 0 for key in days_and_sites.keys], np.uint32
        )
        address = self._without_crowds(arranged.own_hits, crowds)
        self.address = self._codes_by_day(address)
        self.address_on_site = self._codes_by_day(mix_keys(address, self.site))
        self.entries = arrange_entries(observed, arranged, own_host, self.address_on_site)
        self.found = add_up(self.entries, len(self.day))
        self.has_way = (self.count("steps") > 0) | (self.count("known_documents") > 0)

    def _without_crowds(self, hits_of_day: Ints, crowds: Frequent) -> Digests:
        """Return the address of each client; where this is a crowd on the day, the client stands in for it."""
        address = self.client["address"]
        code = self._codes_by_day(address)
        is_crowd = (np.bincount(code, weights=hits_of_day) > CROWD_HITS)[code] | crowds.have(address, self.day)
        return np.where(is_crowd, self.client["client"], address)

    def _codes_by_day(self, values: Digests) -> Codes:
        """Return codes of a value of each client, together with the day."""
        return KeyTable().intern(mix_keys(values, self.day))

    def count(self, name: str) -> NDArray[np.int32]:
        """Return one of COUNTS of each client and day."""
        counted: NDArray[np.int32] = self.found.counts[COUNTS.index(name)]
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
        """Return which clients walk or arrive from a known place, and are not known to be machines yet."""
        return self.is_plain & (self.count("documents") > 0) & (self.walks | (self.count("known_documents") > 0))

    @cached_property
    def walks(self) -> Flags:
        """Return who follows links on several pages."""
        sources = self._count_distinct(self.found.is_step, self.entries.from_page)
        return (self.count("steps") >= 2) & (sources >= 2) & (self.count("documents") >= 2)

    @cached_property
    def is_plain(self) -> Flags:
        """Return which clients with human hits are not known to be machines yet."""
        is_impossible = unpack_agents(self.client["agent_facts"]).impossible
        is_machine = is_impossible | (self.count("robots") > 0) | (self.count("probes") > 0)
        return (self.count("hits") > 0) & ~is_machine

    @cached_property
    def asking(self) -> Ints:
        """The clients and days with human hits."""
        return np.flatnonzero(self.count("hits") > 0)

    def rows(self) -> Columns:
        """Return the table by which clients are judged: a row for each client and day with human hits.

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
            **{name: self.count(name) for name in COUNTS},
            "pages": np.bincount(pages.group, minlength=len(self.day)),
            "paths": np.bincount(entries.group[self._first_documents], minlength=len(self.day)),
            "probed_pages": self._count_distinct(found.is_probe, entries.asked),
            "walks": self.walks,
            "hurries": self.hurries,
            "loading": self.loads[0],
            "loading_bare": self.loads[1],
            "form_pages": self._count_distinct(found.is_form, entries.asked),
            "bad_address": self._of_address((self.count("probes") > 0) | (self.count("robots") > 0)),
            "address_loads": self._of_address(self.count("parts") > 0),
        }
        return {name: take_rows(column, self.asking) for name, column in columns.items()}

    def _count_distinct(self, wanted: Flags, values: HalfDigests) -> Ints:
        """Return the number of different values in the wanted entries of each client and day."""
        rows = np.flatnonzero(wanted)
        pairs = KeyTable()
        pairs.intern(pack_pairs(self.entries.group, values, rows))
        return np.bincount((pairs.keys >> _HALF_BITS).astype(np.int64), minlength=len(self.day))

    @cached_property
    def hurries(self) -> Flags:
        """Return which clients open more different pages in a short time than a person can look at."""
        group, time = (column[self._first_documents] for column in (self.entries.group, self.entries.time_ms))
        first, last = slice(None, 1 - HURRIED_PAGES), slice(HURRIED_PAGES - 1, None)
        is_fast = (group[first] == group[last]) & (time[last] - time[first] <= HURRY_MS)
        return np.bincount(group[first][is_fast], minlength=len(self.day)) > 0

    @cached_property
    def _first_documents(self) -> Ints:
        """The entries that open a page which the client has not opened before on the day.

        If a page has many paths, each path counts.
        """
        rows = np.flatnonzero(self.found.is_document)
        link = self.entries.link[rows]
        page = np.where(link > 0, link, self.entries.asked[rows])
        codes = KeyTable().intern(self.entries.group[rows].astype(np.uint64) << _HALF_BITS | page.astype(np.uint64))
        return rows[first_rows(codes)]

    def _of_address(self, holds: Flags) -> Flags:
        """Return for each client whether something holds for any client of its address."""
        return np.bincount(self.address, weights=holds)[self.address] > 0

    @cached_property
    def opened(self) -> OpenedPages:
        """The documents of each client and day, each once, and whether some of its parts were loaded with it."""
        entries, found = self.entries, self.found
        loaded, soon = KeyTable(), GroupSums(1)
        own_parts, documents = np.flatnonzero(found.is_own_part), np.flatnonzero(found.is_document)
        loaded.intern(pack_pairs(entries.group, entries.from_page, own_parts))
        soon.add(pack_pairs(entries.group, entries.asked, documents), found.has_parts_soon[documents].astype(np.int64))
        of_page = (soon.keys >> _HALF_BITS).astype(np.int64)
        has_own_parts = np.zeros(len(self.day), dtype=np.bool_)
        has_own_parts[entries.group[own_parts]] = True
        is_loaded = np.where(has_own_parts[of_page], loaded.find(soon.keys) >= 0, soon.measure(0) > 0)
        return OpenedPages(of_page, (soon.keys & _LOW_HALF).astype(np.uint32), is_loaded)

    def pages(self) -> Columns:
        """Return the documents of each client and day with human hits, each once: its number in `rows`, the page."""
        row = self._row_of[self.opened.group]
        own = np.flatnonzero(row >= 0)
        return {"row": row[own], "page": self.opened.page[own]}

    @property
    def _row_of(self) -> Codes:
        """The number of each client and day in `rows`, -1 for those without human hits."""
        rows = np.full(len(self.day), -1, dtype=np.int32)
        rows[self.asking] = np.arange(len(self.asking))
        return rows

    @cached_property
    def openings(self) -> tuple[Ints, HalfDigests]:
        """Return the entries that open a link that may be one person's, and the links.

        Such a link has a query or a part that the name of its page hides, or a client that loads parts opens it without
        a referrer, as from a mail.
        """
        entries, rows = self.entries, np.flatnonzero(self.found.is_document)
        link = entries.link[rows]
        is_direct = referrers_of(entries.evidence[rows]) == _DIRECT
        is_mailed = (link == 0) & is_direct & (self.count("parts") > 0)[entries.group[rows]]
        link = np.where(is_mailed, entries.asked[rows], link)
        is_open = np.flatnonzero(link)
        return rows[is_open], link[is_open]

    def links(self) -> Columns:
        """Return the links that may be a person's of clients with human hits, each once: as of `pages`, the link."""
        rows, link = self.openings
        pairs = KeyTable()
        pairs.intern(self.entries.group[rows].astype(np.uint64) << _HALF_BITS | link.astype(np.uint64))
        row = self._row_of[(pairs.keys >> _HALF_BITS).astype(np.int64)]
        return {"row": row, "link": (pairs.keys & _LOW_HALF).astype(np.uint32)}


class OpenedPages(NamedTuple):
    """The documents of each client and day, each once."""

    group: Ints
    page: HalfDigests
    is_loaded: Flags
    """Whether some of its parts were loaded with it."""
