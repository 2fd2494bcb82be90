"""Adds up what each client of a bucket did on a day, and what that tells about its site, its pages and its agent.

The evidence of a day is what lies in it and in the half hour before and after it, whatever else a run reads. So a hit
close to midnight counts for two days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Codes, Columns, Digests, Evidence, Flags, HalfDigests, Ints
from footfall.transforms.behaviour.evidence import (
    IS_KNOWN,
    are_redirected,
    is_answered,
    is_hole,
    is_not_modified,
    is_probe,
    is_redirected,
    kind_of,
    kinds_of,
    method_of,
    methods_of,
    referrer_of,
    referrers_of,
    unpack_agents,
)
from footfall.transforms.behaviour.learned import DaysAndSites
from footfall.transforms.describing.judge_agents import FAMILIES
from footfall.transforms.describing.judge_paths import ADVICE, DOCUMENT, FORM, ICON, PART, ROBOTS, STYLE
from footfall.transforms.kernels.compiled import inner_kernel, kernel
from footfall.transforms.kernels.group_sums import GroupMinMax, GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.names import digest_names
from footfall.transforms.kernels.sort_rows import sort_rows
from footfall.transforms.tables.partial_tables import Part, grouped_parts
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.values.read_fields import METHOD_GET, METHOD_HEAD, METHOD_POST
from footfall.transforms.vocabulary import REFERRER_KINDS

EDGE_MS: Final = 30 * 60_000
"""How long before and after a day hits count as its evidence, too."""
_WITH_PAGE_MS: Final = 30_000
"""How long after a page its parts are asked for, where no referrer tells whose parts they are."""
_PART_KINDS: Final = (PART, ICON, STYLE)
_MANY_PARTS: Final = 3
"""Whoever loads so many parts from nowhere is told to load them: referrers may be hidden."""
_FAST_POST_MS: Final = 4_000
"""How soon after a form nobody has filled it in."""

UPDATED_FAMILIES: Final = [FAMILIES.index(name) for name in ("Chrome", "Firefox")]
"""Browsers that update themselves, wherever they run."""
_INTERNAL: Final = REFERRER_KINDS.index("internal")
_DIRECT: Final = REFERRER_KINDS.index("direct")
_HOME: Final = np.uint32(digest_names(["/"])[0] & np.uint64(0xFFFFFFFF))

COUNTS: Final = (
    *("hits", "answered", "parts", "plain_parts", "own_parts", "not_modified", "own_styles"),
    *("posts", "form_posts", "fast_posts", "forms", "heads", "probes", "holes", "robots", "advice"),
    *("documents", "known_documents", "external_documents", "direct_documents", "false_documents", "home_documents"),
    *("answered_documents", "referred_documents", "linked_documents", "steps", "inner_steps", "cookies"),
)
"""What is counted of a client on a day; docs/definitions.md defines each."""
(
    _HITS,
    _ANSWERED,
    _PARTS,
    _PLAIN_PARTS,
    _OWN_PARTS,
    _NOT_MODIFIED,
    _OWN_STYLES,
    _POSTS,
    _FORM_POSTS,
    _FAST_POSTS,
    _FORMS,
    _HEADS,
    _PROBES,
    _HOLES,
    _ROBOTS,
    _ADVICE,
    _DOCUMENTS,
    _KNOWN_DOCUMENTS,
    _EXTERNAL_DOCUMENTS,
    _DIRECT_DOCUMENTS,
    _FALSE_DOCUMENTS,
    _HOME_DOCUMENTS,
    _ANSWERED_DOCUMENTS,
    _REFERRED_DOCUMENTS,
    _LINKED_DOCUMENTS,
    _STEPS,
    _INNER_STEPS,
    _COOKIES,
) = range(len(COUNTS))

_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_HALF_BITS: Final = np.uint64(32)


class _Entries(NamedTuple):
    """Hits as evidence of a day, ordered by client and day, then by time; a hit is there for up to two days."""

    group: Codes
    """The client and day."""
    time_ms: Ints
    evidence: Evidence
    asked: HalfDigests
    from_page: HalfDigests
    is_human: Flags
    is_own: Flags
    """Whether the referrer is of the site."""
    was_opened: Flags
    """Whether the client's address opened the page that refers, on the day."""
    link: HalfDigests
    has_cookie: Flags
    """Whether the session's cookie was given back."""


class _Found(NamedTuple):
    """What a pass over all entries finds: COUNTS of each client and day, and which entries are what."""

    counts: NDArray[np.int32]
    is_document: Flags
    has_parts_soon: Flags
    """Whether a part follows the document soon."""
    is_own_part: Flags
    is_step: Flags
    is_form: Flags
    is_probe: Flags


class ClientDays:
    """The clients of a bucket, by day. All clients of a network are in one bucket.

    `rows` are the human hits, `traces` hits of any class that tell something about all clients of their address, and
    `clients` the distinct clients of both, all of them by the names of `visit_rows`. Days from `first_day` to
    `last_day` are published. `own_hosts` maps (day, digest of the site) to the host that refers from within.
    """

    def __init__(
        self,
        rows: Columns,
        traces: Columns,
        clients: Columns,
        days: LocalDays,
        first_day: int,
        last_day: int,
        own_hosts: Mapping[tuple[int, int], int],
    ) -> None:
        human_count = len(rows["client"])
        hits = {name: np.concatenate([rows[name], traces[name]]) for name in ("client", "site", "time_ms", "evidence")}
        hits["asked"] = np.concatenate([rows["asked"], traces["asked"]])
        hits["has_cookie"] = np.concatenate([rows["session"] > 0, np.zeros(len(traces["client"]), dtype=np.bool_)])
        nothing = np.zeros(len(traces["client"]), dtype=np.uint32)
        hits |= {name: np.concatenate([rows[name], nothing]) for name in ("link", "from_host", "from_page")}
        table = KeyTable()
        code = table.intern(hits["client"])
        row, day = _days_of_evidence(hits["time_ms"], days, first_day, last_day)
        self._groups = KeyTable()
        group = self._groups.intern(code[row].astype(np.uint64) << _HALF_BITS | day.astype(np.uint64))
        order = sort_rows(group, self._groups.count, _times_to_sort_by(hits["time_ms"], hits["evidence"])[row])
        row, group = row[order], group[order]
        of_group = table.keys[(self._groups.keys >> _HALF_BITS).astype(np.int64)]
        self._day = (self._groups.keys & _LOW_HALF).astype(np.int64)
        self._site = np.zeros(self._groups.count, dtype=np.uint64)
        self._site[group] = hits["site"][row]
        self._client = _Clients(clients).of(of_group)
        days_and_sites = DaysAndSites(self._day, self._site)
        own_host = days_and_sites.spread([own_hosts.get(key, 0) for key in days_and_sites.keys], np.uint32)
        self._address = self._codes_by_day(self._client["address"])
        self._address_on_site = self._codes_by_day(mix_keys(self._client["address"], self._site))
        asked, from_page = hits["asked"][row], hits["from_page"][row]
        evidence = hits["evidence"][row]
        self._entries = _Entries(
            group,
            hits["time_ms"][row],
            evidence,
            asked,
            from_page,
            row < human_count,
            _is_own(evidence, hits["from_host"][row], own_host[group]),
            _was_opened(self._address_on_site[group], evidence, asked, from_page),
            hits["link"][row],
            hits["has_cookie"][row],
        )
        self._found = _Found(*_add_up(self._entries, self._groups.count))
        self._is_walker = (self._count("steps") > 0) | (self._count("known_documents") > 0)

    def _codes_by_day(self, values: Digests) -> Codes:
        """Return codes of a value of each client, together with the day."""
        codes = KeyTable().intern(values).astype(np.uint64)
        return KeyTable().intern(codes << _HALF_BITS | self._day.astype(np.uint64))

    def _count(self, name: str) -> Ints:
        counted: Ints = self._found.counts[:, COUNTS.index(name)].astype(np.int64)
        return counted

    @cached_property
    def _loads(self) -> tuple[Flags, Flags]:
        """Return which clients load parts as people do: in logs with referrers, and in those without."""
        parts, plain = self._count("parts"), self._count("plain_parts")
        only_icons, many = (parts > 0) & (plain == 0), (plain >= _MANY_PARTS) & (self._count("external_documents") == 0)
        loads = (self._count("own_parts") > 0) | (self._count("not_modified") > 0) | only_icons | many
        return loads, loads | (parts > 0)

    @cached_property
    def _is_person(self) -> Flags:
        """Return who walks or arrives from a known place, and whom nothing tells to be a machine yet."""
        return self._is_plain & (self._count("documents") > 0) & (self._walks | (self._count("known_documents") > 0))

    @cached_property
    def _walks(self) -> Flags:
        """Return who follows links on several pages."""
        sources = self._count_distinct(self._found.is_step, self._entries.from_page)
        return (self._count("steps") >= 2) & (sources >= 2) & (self._count("documents") >= 2)

    @cached_property
    def _is_plain(self) -> Flags:
        """Return which people's clients nothing tells to be machines yet."""
        is_impossible = unpack_agents(self._client["agent_facts"]).impossible
        is_told = is_impossible | (self._count("robots") > 0) | (self._count("probes") > 0)
        return (self._count("hits") > 0) & ~is_told

    @cached_property
    def _people(self) -> Ints:
        """The clients and days with human hits."""
        return np.flatnonzero(self._count("hits") > 0)

    def rows(self) -> Columns:
        """Return what clients are judged by, a row for each client and day with human hits.

        The columns are client, day, site, agent, the facts of the agent, COUNTS, and what is known of the pages, the
        address and the network.
        """
        entries, found = self._entries, self._found
        pages = self._pages
        columns: Columns = {
            **{name: self._client[name] for name in ("client", "agent")},
            "day": self._day.astype(np.int32),
            "site": self._site,
            **unpack_agents(self._client["agent_facts"])._asdict(),
            **{name: found.counts[:, number] for number, name in enumerate(COUNTS)},
            "pages": np.bincount(pages.group, minlength=len(self._day)),
            # A page of many paths stands for each of them.
            "paths": self._count_distinct(found.is_document, np.where(entries.link > 0, entries.link, entries.asked)),
            "probed_pages": self._count_distinct(found.is_probe, entries.asked),
            "walks": self._walks,
            "loading": self._loads[0],
            "loading_bare": self._loads[1],
            "form_pages": self._count_distinct(found.is_form, entries.asked),
            "bad_address": self._of_address((self._count("probes") > 0) | (self._count("robots") > 0)),
            "address_loads": self._of_address(self._count("parts") > 0),
            **self._neighbours(),
        }
        return {name: column[self._people] for name, column in columns.items()}

    def _count_distinct(self, wanted: Flags, values: HalfDigests) -> Ints:
        """Return how many different values the wanted entries of each client and day have."""
        rows = np.flatnonzero(wanted)
        pairs = KeyTable()
        pairs.intern(self._entries.group[rows].astype(np.uint64) << _HALF_BITS | values[rows].astype(np.uint64))
        return np.bincount((pairs.keys >> _HALF_BITS).astype(np.int64), minlength=len(self._day))

    def _of_address(self, holds: Flags) -> Flags:
        """Return for each client whether something holds for any client of its address."""
        return np.bincount(self._address, weights=holds)[self._address] > 0

    def _neighbours(self) -> Columns:
        """Return the numbers of people's clients in the network, and of those among them that walk."""
        network = self._codes_by_day(mix_keys(self._client["network"], self._site))
        is_person = self._count("hits") > 0
        clients = np.bincount(network, weights=is_person).astype(np.int64)
        walkers = np.bincount(network, weights=is_person & self._is_walker).astype(np.int64)
        return {"neighbours": clients[network], "walking_neighbours": walkers[network]}

    @cached_property
    def _pages(self) -> _Pages:
        """The documents of each client and day, each once, and whether some of its parts were loaded with it."""
        entries, found = self._entries, self._found
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
        has_own_parts = np.zeros(len(self._day), dtype=np.bool_)
        has_own_parts[entries.group[own_parts]] = True
        is_loaded = np.where(has_own_parts[of_page], loaded.intern(soon.keys) < loaded_count, soon.measure(0) > 0)
        return _Pages(of_page, (soon.keys & _LOW_HALF).astype(np.uint32), is_loaded)

    def pages(self) -> Columns:
        """Return the documents of each client and day with human hits: client, day and page, each once."""
        is_person = (self._count("hits") > 0)[self._pages.group]
        group = self._pages.group[is_person]
        columns = {"client": self._client["client"][group], "day": self._day[group].astype(np.int32)}
        return {**columns, "page": self._pages.page[is_person]}

    def learned(self, day_shares: int) -> Iterator[Part]:
        """Yield the LEARNED_TABLES but for `own_hosts`; `day_shares` is the number of shares of the days."""
        own = self._people
        day, agent = self._day[own], self._client["agent"][own]
        count = {name: self._count(name)[own] for name in COUNTS}
        is_loader = count["parts"] > 0
        agents = unpack_agents(self._client["agent_facts"][own])
        is_plain = self._is_plain[own]
        is_reader = is_plain & (count["documents"] > 0)
        loads = [rule[own] for rule in self._loads]
        is_person = self._is_person[own]
        of_site: Columns = {"day": day, "site": self._site[own]}
        yield from grouped_parts(
            "site_habits",
            day_shares,
            **of_site,
            **{name: np.where(is_plain, count[name], 0) for name in ("answered", "parts")},
            **_loading("readers", is_reader, *loads),
            **_loading("people", is_person, *loads),
            documents=count["answered_documents"],
            referred=count["referred_documents"],
            with_agent=np.where(agent > 0, count["hits"], 0),
            loaders=is_loader.astype(np.int64),
            walking_loaders=(is_loader & self._is_walker[own]).astype(np.int64),
            walking_addresses=_count_once(self._address_on_site[own], count["inner_steps"] > 0),
        )
        released = agents.released
        known = np.flatnonzero(is_loader & (released > 0) & np.isin(agents.family, UPDATED_FAMILIES))
        yield from grouped_parts(
            "releases",
            day_shares,
            **{name: column[known] for name, column in of_site.items()},
            released=released[known],
            loaders=np.ones(len(known), dtype=np.int64),
        )
        yield from grouped_parts(
            "agent_habits",
            day_shares,
            **of_site,
            agent=agent,
            clients=np.ones(len(own), dtype=np.int64),
            loaders=is_loader.astype(np.int64),
            walkers=self._is_walker[own].astype(np.int64),
            **{name: count[name] for name in ("documents", "false_documents", "home_documents")},
        )
        yield from self._page_needs(day_shares)
        yield from self._openings(day_shares)

    def _page_needs(self, day_shares: int) -> Iterator[Part]:
        """Yield the table `page_needs`."""
        pages = self._pages
        is_loader = (self._count("parts") > 0) & (self._count("hits") > 0)
        seen = np.flatnonzero((is_loader | self._is_person)[pages.group])
        group = pages.group[seen]
        yield from grouped_parts(
            "page_needs",
            day_shares,
            day=self._day[group],
            site=self._site[group],
            page=pages.page[seen],
            viewers=is_loader[group].astype(np.int64),
            loaders=(is_loader[group] & pages.is_loaded[seen]).astype(np.int64),
            **_loading("people", self._is_person[group], *(rule[group] for rule in self._loads)),
        )

    def _openings(self, day_shares: int) -> Iterator[Part]:
        """Yield the table `openings`; no client and no address is in another bucket."""
        entries = self._entries
        opened = np.flatnonzero(self._found.is_document & (entries.link > 0))
        group, link, time = entries.group[opened], entries.link[opened], entries.time_ms[opened]
        links = mix_keys(link, self._site[group], self._day[group])
        spans, clients, addresses = GroupSums(0), KeyTable(), KeyTable()
        codes = spans.add(links)
        clients.intern(codes.astype(np.uint64) << _HALF_BITS | group.astype(np.uint64))
        addresses.intern(codes.astype(np.uint64) << _HALF_BITS | self._address[group].astype(np.uint64))
        times = GroupMinMax()
        times.add(codes, time)
        row_of = np.zeros(spans.count, dtype=np.int64)
        row_of[codes] = np.arange(len(codes))
        yield from grouped_parts(
            "openings",
            day_shares,
            day=self._day[group[row_of]],
            site=self._site[group[row_of]],
            link=link[row_of],
            clients=np.bincount((clients.keys >> _HALF_BITS).astype(np.int64), minlength=spans.count),
            addresses=np.bincount((addresses.keys >> _HALF_BITS).astype(np.int64), minlength=spans.count),
            first_ms=times.minima,
            last_ms=times.maxima,
        )

    def links(self) -> Columns:
        """Return the links that may be a person's of clients with human hits: client, day and link, each once."""
        entries = self._entries
        opened = np.flatnonzero(self._found.is_document & (entries.link > 0))
        pairs = KeyTable()
        pairs.intern(entries.group[opened].astype(np.uint64) << _HALF_BITS | entries.link[opened].astype(np.uint64))
        group = (pairs.keys >> _HALF_BITS).astype(np.int64)
        columns = {"client": self._client["client"][group], "day": self._day[group].astype(np.int32)}
        return {**columns, "link": (pairs.keys & _LOW_HALF).astype(np.uint32)}


def _loading(name: str, holds: Flags, loads: Flags, loads_bare: Flags) -> Columns:
    """Return columns of ones: clients for which something holds, and those of them that load parts by either rule."""
    return {
        name: holds.astype(np.int64),
        f"loading_{name}": (holds & loads).astype(np.int64),
        f"loading_{name}_bare": (holds & loads_bare).astype(np.int64),
    }


def _count_once(codes: Codes, holds: Flags) -> Ints:
    """Return 1 for the first row of each code among those for which something holds, else 0."""
    rows = np.flatnonzero(holds)
    once = np.zeros(len(codes), dtype=np.int64)
    once[rows[np.unique(codes[rows], return_index=True)[1]]] = 1
    return once


class _Pages(NamedTuple):
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


def _days_of_evidence(times_ms: Ints, days: LocalDays, first_day: int, last_day: int) -> tuple[Ints, Ints]:
    """Return the rows that count as evidence of published days, and the days, in no order."""
    own = days.local_hours(times_ms) // 24
    rows, found = [np.arange(len(times_ms))], [own]
    for shift in (-EDGE_MS, EDGE_MS):
        other = days.local_hours(np.maximum(times_ms + shift, 0)) // 24
        near = np.flatnonzero(other != own)
        rows.append(near)
        found.append(other[near])
    row, day = np.concatenate(rows), np.concatenate(found)
    is_published = (day >= first_day) & (day <= last_day)
    return row[is_published], day[is_published]


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
    is_part = np.isin(kinds, _PART_KINDS)
    known = KeyTable()
    rows = np.flatnonzero((asked > 0) & ~is_part & ~are_redirected(evidence))
    known.intern(address[rows].astype(np.uint64) << _HALF_BITS | asked[rows].astype(np.uint64))
    count = known.count
    found = np.zeros(len(asked), dtype=np.bool_)
    rows = np.flatnonzero((from_page > 0) & (~is_part | (methods_of(evidence) == METHOD_POST)))
    keys = address[rows].astype(np.uint64) << _HALF_BITS | from_page[rows].astype(np.uint64)
    found[rows] = known.intern(keys) < count
    return found


@kernel
def _add_up(entries: _Entries, group_count: int) -> tuple[NDArray[np.int32], Flags, Flags, Flags, Flags, Flags, Flags]:
    """Return the columns of _Found."""
    counts = np.zeros((group_count, len(COUNTS)), dtype=np.int32)
    length = len(entries.group)
    is_document, has_parts_soon = np.zeros(length, dtype=np.bool_), np.zeros(length, dtype=np.bool_)
    is_own_part, is_step = np.zeros(length, dtype=np.bool_), np.zeros(length, dtype=np.bool_)
    is_form, is_probing = np.zeros(length, dtype=np.bool_), np.zeros(length, dtype=np.bool_)
    next_group, next_part_ms = -1, np.int64(0)
    for place in range(length - 1, -1, -1):
        group, time = entries.group[place], entries.time_ms[place]
        own = counts[group]
        evidence = entries.evidence[place]
        kind, method = kind_of(evidence), method_of(evidence)
        if is_probe(evidence):
            is_probing[place] = True
            own[_PROBES] += 1
            own[_HOLES] += is_hole(evidence)
        if kind == ROBOTS:
            own[_ROBOTS] += 1
        if not entries.is_human[place]:
            continue
        has_it = is_not_modified(evidence)
        is_ok = is_answered(evidence)
        is_got = is_ok and method == METHOD_GET
        is_own = entries.is_own[place]
        own[_HITS] += 1
        own[_COOKIES] += entries.has_cookie[place]
        own[_ANSWERED] += is_ok or is_redirected(evidence)
        own[_ADVICE] += kind == ADVICE
        own[_HEADS] += method == METHOD_HEAD
        own[_POSTS] += method == METHOD_POST
        if kind in (PART, ICON):
            own[_NOT_MODIFIED] += has_it
            if is_got:
                own[_PARTS] += 1
                own[_PLAIN_PARTS] += kind == PART
                own[_OWN_PARTS] += kind == PART and is_own
                if kind == PART:
                    is_own_part[place] = is_own and entries.from_page[place] != entries.asked[place]
                    next_group, next_part_ms = group, time
        elif kind == STYLE:
            own[_NOT_MODIFIED] += has_it
            own[_OWN_STYLES] += is_ok and is_own
        elif kind == FORM:
            is_form[place] = True
            own[_FORMS] += 1
            own[_FORM_POSTS] += method == METHOD_POST
            if method == METHOD_POST and _is_fast(entries, place):
                own[_FAST_POSTS] += 1
        referrer = referrer_of(evidence)
        is_sourced = is_own and entries.from_page[place] != entries.asked[place]
        if kind in (DOCUMENT, FORM):
            own[_ANSWERED_DOCUMENTS] += is_ok
            own[_REFERRED_DOCUMENTS] += is_ok and referrer != _DIRECT
            if is_got:
                is_document[place] = True
                has_parts_soon[place] = next_group == group and next_part_ms - time <= _WITH_PAGE_MS
                own[_DOCUMENTS] += 1
                own[_KNOWN_DOCUMENTS] += IS_KNOWN[referrer]
                own[_DIRECT_DOCUMENTS] += referrer == _DIRECT
                own[_EXTERNAL_DOCUMENTS] += referrer != _DIRECT and not is_own and entries.from_page[place] != 0
                own[_FALSE_DOCUMENTS] += is_sourced and not entries.was_opened[place]
                own[_LINKED_DOCUMENTS] += is_sourced and kind == DOCUMENT
                own[_HOME_DOCUMENTS] += is_own and entries.from_page[place] == _HOME
        is_sent = is_document[place] or method == METHOD_POST
        if is_sent and is_sourced and entries.was_opened[place]:
            is_step[place] = True
            own[_STEPS] += 1
            own[_INNER_STEPS] += entries.from_page[place] != _HOME
    return counts, is_document, has_parts_soon, is_own_part, is_step, is_form, is_probing


@inner_kernel
def _is_fast(entries: _Entries, post: int) -> bool:
    """Return whether a form was sent so soon after its client got it that nobody has filled it in."""
    place = post - 1
    while (
        place >= 0
        and entries.group[place] == entries.group[post]
        and entries.time_ms[post] - entries.time_ms[place] <= _FAST_POST_MS
    ):
        evidence = entries.evidence[place]
        if (
            entries.is_human[place]
            and (kind_of(evidence) == DOCUMENT or kind_of(evidence) == FORM)
            and entries.asked[place] == entries.asked[post]
            and method_of(evidence) == METHOD_GET
            and is_answered(evidence)
        ):
            return True
        place -= 1
    return False
