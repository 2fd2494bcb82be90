"""Simulates the visitors of the sample site, hour by hour.

The hits of a visit are generated after the visit itself, so that the true figures are known without parsing a log. The
simulation avoids cases that the definitions do not decide:

- hits of a visit are at most 25 minutes apart, and two visits of a client at least 40 minutes;
- two clients differ in address or user agent, unless only their cookies are to distinguish them: then the second one
  arrives while the first one reads, so that each request without a cookie is closest to its own client's requests;
- a cookie that moves to a second client was sent by the first one before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from footfall.pipelines.sample.addresses import Addresses
from footfall.pipelines.sample.agents import Agents
from footfall.pipelines.sample.hits import NO_COOKIE, Hits, Servers
from footfall.pipelines.sample.random_draws import LogNormal, RandomSource, WeightedChoice
from footfall.pipelines.sample.referrers import Referrers
from footfall.pipelines.sample.site import Site
from footfall.transforms.arrays import Flags, Ints, Objects

HITS_PER_VISIT: Final = 6.06
"""Measured average, from which the number of visits per hour follows."""

_VIEWS: Final = WeightedChoice.of([1, 2, 3, 4, 5, 6, 8, 11, 16, 24, 40], [50, 20, 11, 7, 4, 3, 2, 1.3, 0.7, 0.3, 0.1])
_FIRST_ASSETS: Final = WeightedChoice.of([0, 1, 2, 3, 4, 6, 9], [30, 20, 18, 12, 10, 7, 3])
_LATER_ASSETS: Final = WeightedChoice.of([0, 1, 2, 3], [50, 30, 14, 6])
_READING_MS: Final = LogNormal.of(38_000, 1.15, 12_000, 25 * 60_000)
_LONGEST_VISIT_MS: Final = 6 * 3_600_000
_BETWEEN_VISITS_MS: Final = 40 * 60_000
_REMEMBERED: Final = 100_000

RETURNING, KEEPING, REFUSING, SHARING, TWIN, NAT, REDIRECTED = 0.25, 0.03, 0.05, 0.01, 0.015, 0.12, 0.03
"""Shares of visits: by a returning client; of these, with its old cookie; by a client that refuses cookies; whose
cookie moves to a second client; at the same time as another with the same address and user agent; from a shared
address; that begin with a redirect."""


@dataclass(frozen=True)
class Visits:
    """The visits that begin in one hour, and their hits, ordered by visit and time."""

    hits: Hits
    visit: Ints
    """Visit number of each hit."""
    client: Ints
    """Client number of each hit; clients with equal address and user agent have the same number."""
    place: Ints
    """Place number of each hit's client."""
    kept_cookie: Flags
    """Whether each visit's cookie was used in an earlier visit."""
    before_ms: Ints
    """When the client's visit before began, 0 for none."""
    count: int


@dataclass
class _Clients:
    """Clients, one row each."""

    address: Objects
    agent: Ints
    place: Ints
    number: Ints
    first_ms: Ints
    last_ms: Ints
    """First and last hit of the last visit."""
    cookie: Objects
    """The cookie of the last visit if it had page views with that cookie, else `NO_COOKIE`."""

    def take(self, rows: Ints | slice) -> _Clients:
        return _Clients(*(column[rows] for column in vars(self).values()))

    def followed_by(self, more: _Clients) -> _Clients:
        pairs = zip(vars(self).values(), vars(more).values(), strict=True)
        return _Clients(*(np.concatenate(pair) for pair in pairs))


@dataclass(frozen=True)
class _Plan:
    """The visits of an hour, one row each; the second clients of shared cookies are at the end of `clients` only."""

    clients: _Clients
    known_rows: Ints
    """Rows of the returning clients among the known ones; their visits come first."""
    start_ms: Ints
    views: Ints
    kept: Flags
    refusing: Flags
    sharing: Flags
    twin: Flags
    second: Ints
    """Row of the second client, for visits whose cookie moves."""
    cookie: Objects


class Visitors:
    """Simulates the people who visit the site, and remembers clients that may return."""

    def __init__(
        self,
        rng: RandomSource,
        site: Site,
        agents: Agents,
        referrers: Referrers,
        addresses: Addresses,
        servers: Servers,
        format_fields: tuple[bool, bool],
    ) -> None:
        """`format_fields`: whether the log format has a user agent, and whether it has a session cookie."""
        self._rng, self._site, self._agents, self._referrers = rng, site, agents, referrers
        self._addresses, self._servers = addresses, servers
        self._has_agent, self._has_cookie = format_fields
        self._clients_made = 0
        self._known = self._new_clients(0)

    def visit(
        self, begin_ms: int, hour_end_ms: int, data_end_ms: int, visits: int, most_hits: int, over_midnight: bool
    ) -> Visits:
        """The visits that begin in an hour, as many as fit into `most_hits` hits; their hits may be in later hours."""
        rng = self._rng
        plan = self._plan(begin_ms, hour_end_ms, visits, over_midnight, last_hour=hour_end_ms >= data_end_ms)
        requests, times, visit, referrer, bare, step = self._requests(plan)
        keep = (times < data_end_ms) & (times < plan.start_ms[visit] + _LONGEST_VISIT_MS)
        order = np.lexsort((times, visit))
        order = order[keep[order]]
        fits = int(np.searchsorted(np.cumsum(np.bincount(visit[order], minlength=visits)), most_hits, side="right"))
        order = order[visit[order] < fits]
        requests, times, visit, referrer = requests[order], times[order], visit[order], referrer[order]
        bare, step = bare[order], step[order]

        moved = plan.sharing[visit] & (step > 0)
        client = np.where(moved, plan.second[visit], visit)
        clients = plan.clients
        cookie = np.where(bare, NO_COOKIE, plan.cookie[visit])
        status, sizes, times_ms = self._servers.answer(rng, requests, times, by_people=True)
        hits = Hits(
            times, clients.address[client], clients.agent[client], requests, status, sizes, referrer, cookie, times_ms
        )
        made = Visits(
            hits,
            visit,
            clients.number[client],
            clients.place[client],
            plan.kept[:fits],
            plan.clients.first_ms[:fits].copy(),
            fits,
        )
        self._plan_made = plan
        return made

    def remember(self, made: Visits, by_cookie: Flags) -> None:
        """Remember the clients of the visits just generated; `by_cookie`: which visits had page views with a cookie."""
        plan = self._plan_made
        first, last = np.zeros((2, made.count), dtype=np.int64)
        # Ordered by time within a visit: the last one stays.
        last[made.visit] = made.hits.time_ms
        first[made.visit[::-1]] = made.hits.time_ms[::-1]
        clients = plan.clients.take(slice(0, made.count))
        clients.first_ms[:] = first
        clients.last_ms[:] = last
        clients.cookie[:] = np.where(by_cookie, plan.cookie[: made.count], NO_COOKIE)
        old = min(len(plan.known_rows), made.count)
        rows = plan.known_rows[:old]
        self._known.first_ms[rows] = first[:old]
        self._known.last_ms[rows] = last[:old]
        self._known.cookie[rows] = clients.cookie[:old]
        newcomers = np.flatnonzero(~(plan.sharing | plan.twin)[old : made.count]) + old
        self._known = self._known.followed_by(clients.take(newcomers)).take(slice(-_REMEMBERED, None))

    def _new_clients(self, count: int) -> _Clients:
        """New clients; some share an address, with different user agents."""
        rng = self._rng
        agent = rng.pick(self._agents.people, count)
        household = np.arange(count)
        if self._has_agent and count:
            joins = rng.chance(count, NAT)
            joins[0] = False
            household = np.maximum.accumulate(np.where(joins, 0, household))
            _, first = np.unique(household * len(self._agents.texts) + agent, return_index=True)
            alone = np.ones(count, dtype=np.bool_)
            alone[first] = False
            household = np.where(alone, np.arange(count), household)
        address, place = self._addresses.take(count)
        number = np.arange(self._clients_made, self._clients_made + count)
        self._clients_made += count
        nothing = np.full(count, NO_COOKIE, dtype=object)
        first_ms, last_ms = np.zeros((2, count), dtype=np.int64)
        return _Clients(address[household], agent, place[household], number, first_ms, last_ms, nothing)

    def _plan(self, begin_ms: int, hour_end_ms: int, count: int, over_midnight: bool, last_hour: bool) -> _Plan:
        """Decide the visits of an hour: clients, begins, numbers of page views and cookies."""
        rng = self._rng
        free = np.flatnonzero(self._known.last_ms < begin_ms - _BETWEEN_VISITS_MS)
        wanted = int(rng.chance(count, RETURNING).sum())
        rows = np.unique(free[rng.below(wanted, len(free))]) if len(free) else free
        old = self._known.take(rows)
        fresh = self._new_clients(count - len(rows))
        clients = old.followed_by(fresh)
        returning = np.arange(count) < len(rows)
        start = begin_ms + 500 + rng.below(count, max(1, hour_end_ms - begin_ms - 1000))
        views = rng.pick(_VIEWS, count)

        none = np.zeros(count, dtype=np.bool_)
        kept = refusing = sharing = twin = none
        if self._has_cookie:
            kept = returning & rng.chance(count, KEEPING) & (clients.cookie != NO_COOKIE)
            refusing = ~kept & rng.chance(count, REFUSING)
            sharing = ~returning & ~refusing & rng.chance(count, SHARING)
            twin = ~returning & ~refusing & ~sharing & rng.chance(count, TWIN)
            # The second of a pair follows directly after the first.
            twin[1:] &= ~returning[:-1] & ~twin[:-1] & ~refusing[:-1] & ~sharing[:-1]
            twin[:1] = False
            # Not at the end of the data, nor at the visit placed before midnight, as either would split a pair.
            twin[-1:] = False
            if last_hour:
                twin = sharing = none
        first_of_twins = np.append(twin[1:], False) if count else none
        elder = np.flatnonzero(first_of_twins)
        for column in (clients.address, clients.agent, clients.place, clients.number):
            column[elder + 1] = column[elder]
        start[elder + 1] = start[elder] + 5000
        views[sharing | first_of_twins] += 1
        if over_midnight and count:
            start[-1], views[-1] = hour_end_ms - 20_000, 4
        second = np.zeros(count, dtype=np.int64)
        second[sharing] = count + np.arange(int(sharing.sum()))
        clients = clients.followed_by(self._new_clients(int(sharing.sum())))
        cookie = np.empty(count, dtype=object)
        cookie[:] = rng.hex_texts(count, 32) if self._has_cookie else NO_COOKIE
        cookie = np.where(kept, clients.cookie[:count], cookie)
        return _Plan(clients, rows, start, views, kept, refusing, sharing, twin | first_of_twins, second, cookie)

    def _requests(self, plan: _Plan) -> tuple[Ints, Ints, Ints, Ints, Flags, Ints]:
        """Request, time, visit, referrer, absence of a cookie, and page-view index of each hit."""
        rng, site, count = self._rng, self._site, len(plan.start_ms)
        external = len(self._referrers.texts)
        prompt = plan.sharing | plan.twin
        redirected = rng.chance(count, REDIRECTED) & ~prompt & ~plan.kept

        visit = np.repeat(np.arange(count), plan.views)
        firsts = np.cumsum(plan.views) - plan.views
        step = np.arange(len(visit)) - firsts[visit]
        reading = rng.draw(_READING_MS, len(visit))
        reading[firsts] = 0
        elapsed = np.cumsum(reading)
        view_ms = plan.start_ms[visit] + elapsed - elapsed[firsts][visit]
        page = np.where(step == 0, rng.pick(site.entries, len(visit)), rng.pick(site.views, len(visit)))
        by_campaign = rng.chance(count, 0.09)
        page[firsts] = np.where(by_campaign, rng.pick(site.landings, count), page[firsts])
        acquisition = np.where(
            by_campaign, rng.pick(self._referrers.campaigns, count), rng.pick(self._referrers.choice, count)
        )
        acquisition = np.where(rng.chance(count, 0.03), external + rng.pick(site.entries, count), acquisition)
        referrer = external + np.roll(page, 1)
        referrer[firsts] = acquisition
        view_bare = (step == 0) & ~plan.kept[visit] & ~redirected[visit] | plan.refusing[visit]

        assets = np.where(step == 0, rng.pick(_FIRST_ASSETS, len(visit)), rng.pick(_LATER_ASSETS, len(visit)))
        assets = np.maximum(assets, prompt[visit] & (step == 0))
        parent = np.repeat(np.arange(len(visit)), assets)
        delay = rng.between(len(parent), 60, 2500)
        # Browsers request some assets before they have received the cookie.
        early = (delay < 130) & (step[parent] == 0) & ~prompt[visit[parent]] & ~plan.kept[visit[parent]]
        calls = np.flatnonzero(rng.chance(len(visit), 0.2))
        moves = np.flatnonzero(redirected)
        return (
            np.concatenate(
                [
                    page,
                    rng.pick(site.assets, len(parent)),
                    rng.pick(site.apis, len(calls)),
                    rng.pick(site.redirects, len(moves)),
                ]
            ),
            np.concatenate(
                [
                    view_ms,
                    view_ms[parent] + delay,
                    view_ms[calls] + rng.between(len(calls), 150, 2900),
                    plan.start_ms[moves] - 80,
                ]
            ),
            np.concatenate([visit, visit[parent], visit[calls], moves]),
            np.concatenate([referrer, external + page[parent], external + page[calls], acquisition[moves]]),
            np.concatenate(
                [
                    view_bare,
                    early | plan.refusing[visit[parent]],
                    plan.refusing[visit[calls]],
                    np.ones(len(moves), dtype=np.bool_),
                ]
            ),
            np.concatenate([step, step[parent], step[calls], np.zeros(len(moves), dtype=np.int64)]),
        )
