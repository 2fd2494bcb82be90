"""Learns the habits at sites, pages, agents and links from the clients of a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Flags, Ints
from footfall.transforms.behaviour.client_days import ClientDays
from footfall.transforms.behaviour.evidence import unpack_agents
from footfall.transforms.describing.judge_agents import FAMILIES
from footfall.transforms.kernels.group_sums import GroupMinMax, GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, first_rows, mix_keys
from footfall.transforms.tables.partial_tables import Part, grouped_parts, parts_by_day

UPDATED_FAMILIES: Final = [FAMILIES.index(name) for name in ("Chrome", "Firefox")]
"""Browsers that update themselves, wherever they run."""
_COUNTED: Final = (
    *("hits", "answered", "parts", "inner_steps", "documents", "false_documents", "home_documents"),
    *("answered_documents", "referred_documents"),
)
"""What is learned of COUNTS."""
_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)


def learn_habits(clients: ClientDays, day_shares: int) -> Iterator[Part]:
    """Yield the LEARNED_TABLES but for `own_hosts`; `day_shares` is the number of shares of the days."""
    own = clients.asking
    day, agent = clients.day[own], clients.client["agent"][own]
    count = {name: clients.count(name)[own] for name in _COUNTED}
    is_loader = count["parts"] > 0
    agents = unpack_agents(clients.client["agent_facts"][own])
    is_plain = clients.is_plain[own]
    is_reader = is_plain & (count["documents"] > 0)
    loads = [rule[own] for rule in clients.loads]
    is_person = clients.is_person[own]
    of_site: Columns = {"day": day, "site": clients.site[own]}
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
        walking_loaders=(is_loader & clients.has_way[own]).astype(np.int64),
        hurried=(is_reader & clients.hurries[own]).astype(np.int64),
        walking_addresses=_count_once(clients.address_on_site[own], count["inner_steps"] > 0),
        **{name: counted[own] for name, counted in _count_views(clients).items()},
    )
    released = agents.released
    known = np.flatnonzero(is_loader & (released > 0) & np.isin(agents.family, UPDATED_FAMILIES))
    yield from grouped_parts(
        "releases",
        day_shares,
        **{name: column[known] for name, column in of_site.items()},
        released=released[known],
        loaders=np.ones(len(known), dtype=np.int64),
        walkers=(clients.has_way[own] & agents.is_updated)[known].astype(np.int64),
    )
    yield from grouped_parts(
        "agent_habits",
        day_shares,
        **of_site,
        agent=agent,
        clients=np.ones(len(own), dtype=np.int64),
        loaders=is_loader.astype(np.int64),
        walkers=clients.has_way[own].astype(np.int64),
        **{name: count[name] for name in ("documents", "false_documents", "home_documents")},
    )
    yield from _page_needs(clients, day_shares)
    yield from _openings(clients, day_shares)


def _count_views(clients: ClientDays) -> Columns:
    """Return for each client that loads parts how many pages it viewed, and with how many of them it loaded parts."""
    pages, count = clients.opened, len(clients.day)
    is_loader = clients.count("parts") > 0
    return {
        "views": np.where(is_loader, np.bincount(pages.group, minlength=count), 0),
        "loaded_views": np.where(is_loader, np.bincount(pages.group[pages.is_loaded], minlength=count), 0),
    }


def _page_needs(clients: ClientDays, day_shares: int) -> Iterator[Part]:
    """Yield the table `page_needs`."""
    pages = clients.opened
    is_loader = (clients.count("parts") > 0) & (clients.count("hits") > 0)
    seen = np.flatnonzero((is_loader | clients.is_person)[pages.group])
    group = pages.group[seen]
    yield from grouped_parts(
        "page_needs",
        day_shares,
        day=clients.day[group],
        site=clients.site[group],
        page=pages.page[seen],
        viewers=is_loader[group].astype(np.int64),
        loaders=(is_loader[group] & pages.is_loaded[seen]).astype(np.int64),
        **_loading("people", clients.is_person[group], *(rule[group] for rule in clients.loads)),
    )


def _openings(clients: ClientDays, day_shares: int) -> Iterator[Part]:
    """Yield the table `openings`; each client and each address is in one bucket only."""
    entries = clients.entries
    opened, link = clients.openings
    group, time = entries.group[opened], entries.time_ms[opened]
    pages = np.bincount(clients.opened.group, minlength=len(clients.day))
    is_reader = clients.has_way | (clients.count("posts") > 0) | (pages > 2)
    links = mix_keys(link, clients.site[group], clients.day[group])
    spans, openers, addresses = GroupSums(0), KeyTable(), KeyTable()
    codes = spans.add(links)
    openers.intern(codes.astype(np.uint64) << _HALF_BITS | group.astype(np.uint64))
    addresses.intern(codes.astype(np.uint64) << _HALF_BITS | clients.address[group].astype(np.uint64))
    times = GroupMinMax()
    times.add(codes, time)
    link_of, group_of = ((openers.keys >> shift & _LOW_HALF).astype(np.int64) for shift in (_HALF_BITS, np.uint64(0)))
    row_of = first_rows(codes)
    day = clients.day[group[row_of]]
    yield from parts_by_day(
        "openings",
        day_shares,
        day,
        day=day,
        site=clients.site[group[row_of]],
        link=link[row_of],
        clients=np.bincount(link_of, minlength=spans.count),
        addresses=np.bincount((addresses.keys >> _HALF_BITS).astype(np.int64), minlength=spans.count),
        readers=np.bincount(link_of, weights=is_reader[group_of], minlength=spans.count).astype(np.int64),
        first_ms=times.minima,
        last_ms=times.maxima,
    )


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
