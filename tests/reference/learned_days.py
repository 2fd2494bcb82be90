"""What is learned of a day from all clients, before each is judged by it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cached_property

from footfall.transforms import vocabulary as words
from tests.reference.acts import (
    ARRIVALS,
    FEW,
    Act,
    Client,
    Link,
    days_since_1970,
    domain_of,
    find_floods,
    group,
    is_looked_at,
    start_ms,
    the_most,
)
from tests.reference.clients_of_a_day import Behaviour
from tests.reference.lines import ReferenceSettings
from tests.reference.visits import siphash24

EDGE_MS = words.VISIT_TIMEOUT_S * 1000
"""How far around its day a client is looked at."""
LINK_MS = 10_000
"""A link checker opens a link at most this long before or after its reader: friends need longer to pass it on."""
NEEDING_PERCENT = 12
"""A page needs parts if it brings some to so many of those who load parts."""


class Day:
    """What is learned of one day from all that was asked for on it."""

    def __init__(
        self, acts: Sequence[Act], local_day: date, own_hosts: Iterable[str], flooding: Sequence[Act] = ()
    ) -> None:
        counted = Counter(act.address for act in acts if act.local_day == local_day)
        self.crowds = {address for address, count in counted.items() if count > words.CROWD_HITS}
        self.acts = acts
        self.flooding = flooding
        self.local_day = local_day
        self.own_hosts = {host.lower().removeprefix("www.") for host in own_hosts}

    def address_of(self, client: Client) -> str | Client:
        """The address of a client; from a crowd each client is taken to have one of its own."""
        return client if client[1] in self.crowds else client[1]

    # --- what is left out where there is too much ---

    @cached_property
    def kept_sites(self) -> set[str]:
        """The sites that are kept: those with the most answers to clients that nothing has shown to be machines."""
        plain = [act for act in self.acts if act.is_by_browser and self.clients[act.client].is_plain]
        answered = Counter(act.site for act in plain if act.is_answered or act.is_redirected)
        return the_most({act.site: answered[act.site] for act in self.acts if act.is_by_browser})

    @cached_property
    def kept_agents(self) -> set[tuple[str, str | None]]:
        """Sites and agents that have several clients, and the most."""
        return the_most({key: len(own) for key, own in self.of_agents.items() if len(own) > 1})

    @cached_property
    def kept_pages(self) -> set[tuple[str, str]]:
        """Sites and pages that have the most clients that load parts, and people."""
        viewers, people = self.needs[0], self.people_of_pages[0]
        known = {key for key in viewers | people if viewers[key] or people[key] >= FEW}
        return the_most({key: viewers[key] + people[key] for key in known})

    def same_agent(self, client: Behaviour) -> list[Behaviour]:
        """The clients with the agent of a client; it alone, where there are too many agents to keep all."""
        key = client.site, client.agent
        return self.of_agents[key] if key in self.kept_agents else [client]

    # --- sites ---

    @cached_property
    def of_sites(self) -> dict[str, list[Act]]:
        return group(self.acts, lambda act: act.site)

    @cached_property
    def named_domains(self) -> dict[str, Counter[str]]:
        """How often the referrers of a site's parts, and of what is posted to it, name each domain on the day."""
        return {
            site: Counter(
                domain_of(act.referrer_host)
                for act in acts
                if act.is_by_browser and act.is_answered and act.local_day == self.local_day
                if act.referrer_host and act.referrer_kind not in ARRIVALS
                if act.kind in ("part", "icon", "style") or act.is_post
            )
            for site, acts in group((*self.acts, *self.flooding), lambda act: act.site).items()
        }

    @cached_property
    def own_domains(self) -> dict[str, str]:
        """The domain that they name most often."""
        domains = {}
        for site, named in self.named_domains.items():
            most = max(named.values(), default=0)
            # Of several with as many, the one with the smallest digest.
            best = [domain for domain in named if named[domain] == most]
            domains[site] = min(best, key=lambda domain: siphash24(domain.encode()) % 2**32, default="")
        return domains

    def is_own(self, act: Act) -> bool:
        """Does the referrer name a page of the site?"""
        host = act.referrer_host
        if host in {act.site.removeprefix("www."), *self.own_hosts} - {""}:
            return True
        return host != "" and act.referrer_kind not in ARRIVALS and domain_of(host) == self.own_domains[act.site]

    def source(self, act: Act) -> str:
        """The page of the site that the referrer names; empty if it names none, or the thing itself."""
        return act.referrer_page if self.is_own(act) and act.referrer_page != act.page else ""

    def is_part(self, act: Act) -> bool:
        """An image, script or font."""
        return act.is_by_browser and act.is_file and act.kind in ("part", "icon")

    def is_document(self, act: Act) -> bool:
        """A page by its path."""
        return act.is_by_browser and act.is_file and act.kind in ("document", "form")

    @cached_property
    def walked_sites(self) -> set[str]:
        """The sites whose log has the pages that people come from: three addresses had opened what they name.

        The home page does not count: browsers name nothing else to other hosts.
        """
        walking = defaultdict(set)
        for act in self.acts:
            is_sent = self.is_document(act) or (act.is_by_browser and act.is_post)
            source = self.source(act) if is_sent else ""
            if source not in ("", "/") and (act.site, source) in self.opened_pages[self.address_of(act.client)]:
                walking[act.site].add(self.address_of(act.client))
        return {site for site, addresses in walking.items() if len(addresses) >= 3} & self.kept_sites

    @cached_property
    def loaders(self) -> dict[str, tuple[int, int]]:
        """How many of a site's people load parts, and how many there are: readers that walk or arrive, or else all."""
        found = {}
        for site in self.of_sites:
            walkers = [client for client in self.readers[site] if client.walks or client.arrivals]
            people = walkers if len(walkers) >= FEW else self.readers[site]
            found[site] = sum(client.loads for client in people), len(people)
        return found

    @cached_property
    def readers(self) -> dict[str, list[Behaviour]]:
        """By site, the clients with a page that nothing has shown yet to be machines."""
        return group((client for client in self.clients.values() if client.is_reader), lambda client: client.site)

    @cached_property
    def with_parts(self) -> set[str]:
        """The sites whose logs have the parts of pages: two of a hundred hits, and a quarter of all readers load some;
        of those that walk or arrive half, unless they are few.
        """
        found = set()
        for site, every_act in self.of_sites.items():
            acts = [act for act in every_act if act.is_by_browser and self.clients[act.client].is_plain]
            parts = sum(self.is_part(act) for act in acts)
            answers = sum(act.is_answered or act.is_redirected for act in acts)
            loading, people = self.loaders[site]
            readers = self.readers[site]
            is_read_so = sum(client.loads for client in readers) * 4 >= len(readers) > 0
            are_few = sum(bool(client.walks or client.arrivals) for client in readers) < FEW
            if parts * 100 >= 2 * answers and parts and is_read_so and (are_few or loading * 2 >= people):
                found.add(site)
        return found & self.kept_sites

    @cached_property
    def people_of_pages(self) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
        """How many people viewed a page, and how many of them load parts, here or elsewhere."""
        people: Counter[tuple[str, str]] = Counter()
        loading: Counter[tuple[str, str]] = Counter()
        for client in self.clients.values():
            if client.is_reader and (client.walks or client.arrivals):
                keys = [(client.site, page) for page in client.pages]
                people.update(keys)
                loading.update(keys if client.loads else ())
        return people, loading

    @cached_property
    def with_referrers(self) -> set[str]:
        """The sites whose logs have referrers: with at least three of ten documents."""
        found = set()
        for site, acts in self.of_sites.items():
            documents = [act for act in acts if act.is_by_browser and self.is_document(act)]
            if sum(act.referrer_kind != "direct" for act in documents) * 10 >= 3 * len(documents) > 0:
                found.add(site)
        return found & self.kept_sites

    @cached_property
    def has_agents(self) -> bool:
        return any(act.described.hit.agent for act in self.acts if act.is_by_browser and act.site in self.kept_sites)

    @cached_property
    def opened_pages(self) -> dict[str | Client, set[tuple[str, str]]]:
        """By address, what it asked for and got, or was refused: a page that only redirects has no links."""
        found = defaultdict(set)
        for act in self.acts:
            if not act.is_redirected and act.kind not in ("part", "icon", "style"):
                found[self.address_of(act.client)].add((act.site, act.page))
        return found

    # --- clients ---

    @cached_property
    def clients(self) -> dict[Client, Behaviour]:
        return {client: Behaviour(client, acts, self) for client, acts in group(self.acts, lambda a: a.client).items()}

    @cached_property
    def kept_releases(self) -> set[tuple[str, int]]:
        """Sites and days of release of the browsers that update themselves, and load parts there: the most."""
        browsers = [client for client in self.clients.values() if client.is_browser and client.parts]
        return the_most(Counter((one.site, one.released) for one in browsers if one.updates_itself))

    @cached_property
    def typical_release(self) -> dict[str, int]:
        """The day of release that a quarter of the site's browsers that load parts reach; else the day itself."""
        found = {}
        for site in self.of_sites:
            released = sorted(
                client.released
                for client in self.clients.values()
                if client.site == site and client.is_browser and client.parts and client.updates_itself
                if (site, client.released) in self.kept_releases
            )
            found[site] = released[len(released) * 3 // 4] if len(released) >= 5 else days_since_1970(self.local_day)
        return found

    @cached_property
    def people_released(self) -> dict[str, list[int]]:
        """When the browsers were released that update themselves on the desktops of people who load parts."""
        people = [client for client in self.clients.values() if client.is_browser and client.parts and client.has_way]
        current = [one for one in people if one.is_kept_current and (one.site, one.released) in self.kept_releases]
        return {site: [one.released for one in own] for site, own in group(current, lambda one: one.site).items()}

    @cached_property
    def walking_sites(self) -> set[str]:
        """Sites most of whose browsers that load parts come from somewhere or go somewhere."""
        found = set()
        for site in self.of_sites:
            own = [client for client in self.clients.values() if client.site == site]
            loaders = [client for client in own if client.is_browser and client.parts]
            if sum(client.has_way for client in loaders) * 2 >= len(loaders):
                found.add(site)
        return found

    @cached_property
    def hurrying_sites(self) -> set[str]:
        """Sites of which a tenth of the readers open more pages at once than anybody looks at."""
        return {
            site
            for site in self.of_sites
            if sum(client.hurries for client in self.readers.get(site, [])) * 10 >= len(self.readers.get(site, []))
        }

    @cached_property
    def needs(self) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
        """How many clients that load parts viewed a page, and with how many of them it brought some."""
        viewers: Counter[tuple[str, str]] = Counter()
        bringing: Counter[tuple[str, str]] = Counter()
        for client in self.clients.values():
            if client.is_browser and client.parts:
                viewers.update((client.site, page) for page in client.pages)
                bringing.update((client.site, page) for page in client.pages & client.pages_with_parts)
        return viewers, bringing

    def needs_parts(self, site: str, page: str) -> bool:
        """Whether a browser that opens the page has to ask for parts, unless it has them."""
        viewers, bringing = self.needs
        people, loading = self.people_of_pages
        is_kept = (site, page) in self.kept_pages
        if is_kept and people[site, page] >= FEW and loading[site, page] * 2 < people[site, page]:
            return False
        if is_kept and viewers[site, page]:
            return bringing[site, page] * 100 >= NEEDING_PERCENT * viewers[site, page]
        of_site = sum(count for (own, _), count in viewers.items() if own == site)
        return sum(count for (own, _), count in bringing.items() if own == site) * 2 >= of_site > 0

    # --- agents, addresses, links ---

    @cached_property
    def of_agents(self) -> dict[tuple[str, str | None], list[Behaviour]]:
        browsers = [client for client in self.clients.values() if client.is_browser]
        return group(browsers, lambda client: (client.site, client.agent))

    @cached_property
    def of_addresses(self) -> dict[str | Client, list[Behaviour]]:
        return group(self.clients.values(), lambda client: client.address)

    @cached_property
    def checked_links(self) -> set[Link | None]:
        """The links that two or three clients opened within seconds, one of whom reads on, and nobody else that day."""
        found, openers_of = set(), {}
        for link, acts in group((act for act in self.acts if self.is_document(act)), self.link).items():
            times = [act.time_ms for act in acts]
            openers = {act.client for act in acts}
            are_few = 2 <= len(openers) <= 3 and len({self.address_of(act.client) for act in acts}) >= 2
            is_read = any(self.clients[opener].reads_on for opener in openers)
            if link is not None and are_few and is_read:
                openers_of[link] = len(openers)
                if max(times) - min(times) <= LINK_MS:
                    found.add(link)
        return found & the_most(openers_of)

    def link(self, act: Act) -> Link | None:
        """The link of a document if it may be a person's, or was opened from nowhere by somebody who loads parts."""
        is_mailed = act.referrer_kind == "direct" and self.clients[act.client].parts
        return act.link or ((act.site, act.page, None) if is_mailed else None)


def learn_days(acts: Sequence[Act], settings: ReferenceSettings) -> Iterator[Day]:
    """Each local day, with what was asked for on it and shortly before and after it, but for what floods did."""
    floods = find_floods(acts)
    others, flooding = [], []
    for act in filter(is_looked_at, acts):
        (flooding if (act.client, act.local_day) in floods else others).append(act)
    for day in sorted({act.local_day for act in others}):
        begin, end = (start_ms(day + timedelta(days=after), settings) for after in (0, 1))
        around = [act for act in others if begin - EDGE_MS <= act.time_ms < end + EDGE_MS]
        yield Day(around, day, settings.own_hosts, flooding)


def find_own_domains(acts: Sequence[Act], settings: ReferenceSettings) -> dict[tuple[str, date], str]:
    """The domain of each site and day that so many parts and posts name that it is the site's own."""
    found = {}
    for day, of_day in group(acts, lambda act: act.local_day).items():
        for site, named in Day(of_day, day, settings.own_hosts).named_domains.items():
            for domain, count in named.items():
                if count >= 10 and count * 2 > named.total():
                    found[site, day] = domain
    return found
