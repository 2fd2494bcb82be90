"""The section "People and machines" of the definitions: who declares a browser, and is one or only says so.

A client is one address with one exact agent on one site; it is judged for each local day, by the hits of that day and
of the half hour before and after it. First it is learned from all clients what a site's people do (`Day`), then each
client is judged by that (`judge`). Times serve only to tell how far two hits are apart, so that the order of lines
does not matter.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from typing import TypeVar
from zoneinfo import ZoneInfo

from footfall.transforms import vocabulary as words
from footfall.transforms.describing.attribute_referrers import attribute_referrers
from footfall.transforms.describing.find_probes import PROBE_ALWAYS, PROBE_RULES
from footfall.transforms.describing.judge_agents import FAMILIES, judge_agents
from footfall.transforms.describing.judge_paths import PATH_KINDS
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.page_keys import name_keyed_pages
from footfall.transforms.describing.registrable_domains import registrable_domain
from tests.reference.describe import DOCUMENTS, Answer, Described, answers, kinds_of_queries, with_query
from tests.reference.lines import EPOCH, ReferenceSettings
from tests.reference.visits import siphash24

EDGE_MS = words.VISIT_TIMEOUT_S * 1000
"""How far around its day a client is looked at."""
LINK_MS = 10_000
"""A link checker opens a link at most this long before or after its reader: friends need longer to pass it on."""
LOAD_MS = 30_000
"""The same, where referrers don't tell which page a part belongs to."""
HURRIED_PAGES, HURRY_MS = 20, 20_000
"""Nobody looks at so many pages in so long."""
FORM_MS = 4_000
"""Nobody fills in a form in less."""
FEW = 3
"""What fewer people do may be chance."""
MANY_FORMS = 20
"""Nobody sends so many forms and hardly anything else."""
MANY_PAGES = 5
"""No cache has all parts of so many pages that bring parts to most who open them."""
OLD_DAYS = 730
"""How far a browser may be behind those of the site's people."""
STALE_DAYS = 84
"""The same for browsers on desktops that update themselves every four weeks, where there is another sign."""
STALE_PERCENT = 20
"""And where at most so many of the site's people have a browser as old."""
NEEDING_PERCENT = 12
"""A page needs parts if it brings some to so many of those who load parts."""
LOADING_PERCENT = 67
"""Where so many people load, nobody opens several pages without parts."""
LOADING_ONCE_PERCENT = 90
"""Nor one page, or a second one by a link on the first."""

CERTAIN_PROBES = {rule.reason for rule in PROBE_RULES if rule.probe == PROBE_ALWAYS}

ARRIVALS = ("search", "social", "email", "ai_assistant")
"""Kinds of referrers that people come from, and that few programs make up."""

Client = tuple[str, str, str | None]
Link = tuple[str, str | None, str | None]
"""Site, client and agent."""
Item = TypeVar("Item")
Key = TypeVar("Key")


@dataclass(frozen=True)
class Verdict:
    """What a client is on a day, and the first rule that said so."""

    is_person: bool
    reason: str


@dataclass(frozen=True, eq=False)
class Act:
    """A hit as behaviour sees it."""

    described: Described
    local_day: date
    kind: str
    referrer_kind: str
    referrer_host: str
    """Empty if there is no referrer that is a url."""
    referrer_page: str
    """The page of that url."""
    agent: Answer
    """What the agent says about its version."""
    is_hidden: bool
    """Whether the page's name does not tell all of the path."""

    @property
    def client(self) -> Client:
        return self.described.client

    @property
    def site(self) -> str:
        return self.described.hit.site

    @property
    def address(self) -> str:
        return self.described.hit.client

    @property
    def time_ms(self) -> int:
        return self.described.hit.time_ms

    @property
    def page(self) -> str:
        return self.described.page

    @property
    def link(self) -> Link | None:
        """Site, path and query, if these may be a person's: with a query, or if the page's name hides some of them."""
        hit = self.described.hit
        return (hit.site, hit.path, hit.query) if hit.query or self.is_hidden else None

    @property
    def method(self) -> str | None:
        return self.described.hit.method

    @property
    def is_answered(self) -> bool:
        return 200 <= self.described.hit.status < 300 or self.described.hit.status == 304

    @property
    def is_redirected(self) -> bool:
        return 300 <= self.described.hit.status < 400 and self.described.hit.status != 304

    @property
    def is_refused(self) -> bool:
        return self.described.hit.status >= 400 or self.described.hit.status == 0

    @property
    def is_by_browser(self) -> bool:
        """Does the agent declare a browser, and the request no attack?"""
        return self.described.traffic_class == "human" and not self.described.is_counted_only

    @property
    def is_probe(self) -> bool:
        return self.described.traffic_class == "probe"

    @property
    def is_file(self) -> bool:
        """Answered with a thing that may be a document or a part, as far as its path tells."""
        return self.method == "GET" and self.is_answered and not self.is_probe

    @property
    def is_icon(self) -> bool:
        """Asked for by browsers for their tabs and menus, whatever the page."""
        return self.kind == "icon"

    @property
    def is_post(self) -> bool:
        return self.method == "POST"


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
    def told_sites(self) -> set[str]:
        """The sites that are told apart: those with the most answers to clients that nothing tells to be machines."""
        plain = [act for act in self.acts if act.is_by_browser and self.clients[act.client].is_plain]
        answered = Counter(act.site for act in plain if act.is_answered or act.is_redirected)
        return the_most({act.site: answered[act.site] for act in self.acts if act.is_by_browser})

    @cached_property
    def told_agents(self) -> set[tuple[str, str | None]]:
        """Sites and agents that have several clients, and the most."""
        return the_most({key: len(own) for key, own in self.of_agents.items() if len(own) > 1})

    @cached_property
    def told_pages(self) -> set[tuple[str, str]]:
        """Sites and pages that the most clients tell something of: those that load parts, and people."""
        viewers, people = self.needs[0], self.people_of_pages[0]
        known = {key for key in viewers | people if viewers[key] or people[key] >= FEW}
        return the_most({key: viewers[key] + people[key] for key in known})

    def same_agent(self, client: Behaviour) -> list[Behaviour]:
        """The clients with the agent of a client; it alone, where agents are too many to tell of all."""
        key = client.site, client.agent
        return self.of_agents[key] if key in self.told_agents else [client]

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
        """A page, as far as its path tells."""
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
        return {site for site, addresses in walking.items() if len(addresses) >= 3} & self.told_sites

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
        """By site, the clients with a page of which nothing tells yet that they are machines."""
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
        return found & self.told_sites

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
        return found & self.told_sites

    @cached_property
    def has_agents(self) -> bool:
        return any(act.described.hit.agent for act in self.acts if act.is_by_browser and act.site in self.told_sites)

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
    def told_releases(self) -> set[tuple[str, int]]:
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
                if (site, client.released) in self.told_releases
            )
            found[site] = released[len(released) * 3 // 4] if len(released) >= 5 else days_since_1970(self.local_day)
        return found

    @cached_property
    def people_released(self) -> dict[str, list[int]]:
        """When the browsers were released that update themselves on the desktops of people who load parts."""
        people = [client for client in self.clients.values() if client.is_browser and client.parts and client.has_way]
        current = [one for one in people if one.is_kept_current and (one.site, one.released) in self.told_releases]
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
        is_told = (site, page) in self.told_pages
        if is_told and people[site, page] >= FEW and loading[site, page] * 2 < people[site, page]:
            return False
        if is_told and viewers[site, page]:
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


class Behaviour:
    """What one client did on one day."""

    def __init__(self, client: Client, acts: list[Act], day: Day) -> None:
        self.site, _, self.agent = client
        self.address = day.address_of(client)
        self.acts = acts
        self.day = day
        self.is_browser = any(act.is_by_browser for act in acts)
        self.is_impossible: bool = acts[0].agent["impossible"]
        self.released: int = acts[0].agent["released"]
        self.family = FAMILIES[acts[0].agent["family"]]

    def count(self, holds: Callable[[Act], bool]) -> int:
        return sum(holds(act) for act in self.acts)

    @cached_property
    def documents(self) -> list[Act]:
        return [act for act in self.acts if self.day.is_document(act)]

    @cached_property
    def pages(self) -> set[str]:
        return {act.page for act in self.documents}

    @cached_property
    def hurries(self) -> bool:
        """Whether it opened so many different pages so soon after each other as nobody can look at."""
        opened: dict[object, int] = {}
        for act in self.documents:
            page = act.link or act.page
            opened[page] = min(act.time_ms, opened.get(page, act.time_ms))
        times = sorted(opened.values())
        return any(last - first <= HURRY_MS for first, last in zip(times, times[HURRIED_PAGES - 1 :], strict=False))

    @cached_property
    def posts(self) -> int:
        return self.count(lambda act: act.is_post and act.is_by_browser)

    # --- parts ---

    @cached_property
    def parts(self) -> list[Act]:
        return [act for act in self.acts if self.day.is_part(act)]

    @cached_property
    def pages_with_parts(self) -> set[str]:
        """Its pages that brought parts: those that name the page, or else those shortly after it."""
        parts = [act for act in self.parts if not act.is_icon]
        named = {self.day.source(act) for act in parts} - {""}
        if named:
            return named
        return {act.page for act in self.documents if any(0 <= part.time_ms - act.time_ms <= LOAD_MS for part in parts)}

    @cached_property
    def revalidated(self) -> int:
        """How many parts it had already, and asked whether they are still good."""
        kinds = ("part", "icon", "style")
        return self.count(lambda act: act.is_by_browser and act.kind in kinds and act.described.hit.status == 304)

    @cached_property
    def loads(self) -> bool:
        """Whether it loads parts as a browser does: from a page; from nowhere only icons, or many."""
        others = [act for act in self.parts if not act.is_icon]
        if self.revalidated or any(self.day.is_own(act) for act in others):
            return True
        if not self.parts:
            return False
        hides_referrers = len(others) >= 3 and not self.from_elsewhere
        return not others or hides_referrers or self.site not in self.day.with_referrers

    @cached_property
    def own_styles(self) -> int:
        return self.count(
            lambda act: act.is_by_browser and act.kind == "style" and act.is_answered and self.day.is_own(act)
        )

    @cached_property
    def needy(self) -> int:
        """How many of its pages need parts."""
        return sum(self.day.needs_parts(self.site, page) for page in self.pages)

    @cached_property
    def bare_pages(self) -> int:
        """How many of its pages bring parts to most who open them, and brought none to this client."""
        viewers, bringing = self.day.needs
        keys = [(self.site, page) for page in self.pages]
        told = [key for key in keys if key in self.day.told_pages]
        return sum(bringing[key] * 2 >= viewers[key] > 0 for key in told) if not self.parts else 0

    # --- ways ---

    @cached_property
    def steps(self) -> list[str]:
        """For each link followed, or form sent: the page it was on, which its address had opened."""
        opened = self.day.opened_pages[self.address]
        return [
            source
            for act in self.acts
            if ((act.is_by_browser and act.is_post) or self.day.is_document(act))
            and (source := self.day.source(act))
            and (self.site, source) in opened
        ]

    @cached_property
    def false_sources(self) -> int:
        """Documents that are said to be linked on a page of the site that its address did not open."""
        opened = self.day.opened_pages[self.address]
        sources = [self.day.source(act) for act in self.documents]
        if self.site not in self.day.walked_sites:
            return 0
        return sum(source != "" and (self.site, source) not in opened for source in sources)

    @cached_property
    def from_home(self) -> int:
        return sum(self.day.is_own(act) and act.referrer_page == "/" for act in self.documents)

    @cached_property
    def arrivals(self) -> int:
        """Documents found through a search engine, a social network, mail or an assistant."""
        return sum(act.referrer_kind in ARRIVALS for act in self.documents)

    @cached_property
    def from_elsewhere(self) -> int:
        return sum(act.referrer_host != "" and not self.day.is_own(act) for act in self.documents)

    @cached_property
    def direct(self) -> int:
        return sum(act.referrer_kind == "direct" for act in self.documents)

    @property
    def walks(self) -> bool:
        """Whether it follows links on several pages."""
        return len(self.steps) >= 2 and len(set(self.steps)) >= 2 and len(self.documents) >= 2

    @property
    def reads_on(self) -> bool:
        """Whether it did more than to open a page or two."""
        return self.has_way or self.posts > 0 or len(self.pages) > 2

    @property
    def has_way(self) -> bool:
        """Whether it came from somewhere, or went somewhere."""
        return bool(self.steps or self.arrivals)

    # --- what only machines do ---

    @cached_property
    def holes(self) -> int:
        """How many requests there were that nobody makes by mistake."""
        return self.count(lambda act: act.is_probe and act.described.class_reason in CERTAIN_PROBES)

    @cached_property
    def probes(self) -> int:
        """How many different paths it tried."""
        return len({act.page for act in self.acts if act.is_probe})

    @cached_property
    def robots(self) -> int:
        return self.count(lambda act: act.kind == "robots")

    @cached_property
    def goes_on(self) -> bool:
        """Whether it follows a link, or is led, to a page without a form."""
        return any(act.kind == "document" and self.day.source(act) for act in self.documents)

    @cached_property
    def forms(self) -> list[Act]:
        """What it asked for or sent that is a form."""
        return [act for act in self.acts if act.is_by_browser and act.kind == "form"]

    @cached_property
    def sends_fast(self) -> bool:
        """Whether it sent a form that it had opened just before."""
        return any(
            sent.page == opened.page and 0 <= sent.time_ms - opened.time_ms <= FORM_MS
            for sent in self.forms
            if sent.is_post
            for opened in self.documents
        )

    @cached_property
    def is_paired(self) -> bool:
        """Whether it opened a link when its reader, or another checker, did."""
        return any(self.day.link(act) in self.day.checked_links for act in self.documents)

    @property
    def is_reader(self) -> bool:
        """Whether it has a page, and nothing tells yet that it is no browser."""
        return self.is_plain and bool(self.documents)

    @property
    def is_plain(self) -> bool:
        """Whether it declares a browser, and nothing tells yet that it is none."""
        return self.is_browser and not (self.is_impossible or self.robots or self.probes)

    # --- its agent ---

    @property
    def is_text_browser(self) -> bool:
        """Whether it may be a browser without pictures: all others call themselves Mozilla."""
        shows_texts: bool = self.acts[0].agent["shows_texts"]
        return shows_texts

    @property
    def is_web_view(self) -> bool:
        """Whether it is an app that says that it shows pages: a post in it brings many to one page."""
        web_view: bool = self.acts[0].agent["web_view"]
        return web_view

    @property
    def is_mobile(self) -> bool:
        """Whether it is a phone or tablet, whose agents name the model, so that many have one of their own."""
        mobile: bool = self.acts[0].agent["mobile"]
        return mobile

    @property
    def updates_itself(self) -> bool:
        return self.family in ("Chrome", "Firefox") and self.released > 0

    @property
    def behind_days(self) -> int:
        """By how many days its browser is older than those of the site's people."""
        return self.day.typical_release[self.site] - self.released if self.released > 0 else 0

    @property
    def is_old(self) -> bool:
        return self.family in ("Chrome", "Firefox", "Explorer") and self.behind_days >= OLD_DAYS

    @property
    def is_kept_current(self) -> bool:
        """Whether its browser is of a kind that updates itself on desktops."""
        return bool(self.acts[0].agent["updates_itself"])

    @property
    def is_stale(self) -> bool:
        """Whether hardly anybody has a browser that is as old."""
        of_people = self.day.people_released.get(self.site, [])
        as_old = sum(released <= self.released for released in of_people)
        is_rare = len(of_people) >= FEW and as_old * 100 <= STALE_PERCENT * len(of_people)
        return self.is_kept_current and self.behind_days >= STALE_DAYS and is_rare


def judge(client: Behaviour) -> Verdict:
    """The first rule that holds."""
    day = client.day
    if reason := surely_a_machine(client):
        return Verdict(False, reason)
    if not day.has_agents:
        return Verdict(True, "no_agents")
    if client.site in day.with_parts:
        return judge_by_parts(client)
    return judge_by_ways(client)


def surely_a_machine(client: Behaviour) -> str:
    """The reason why a client is a machine whatever else it does; empty if there is none."""
    is_reader = client.loads and client.walks
    if client.is_impossible:
        return "impossible_agent"
    if client.robots:
        return "robots_txt"
    if client.count(lambda act: act.kind == "advice"):
        return "prefetch_proxy"
    if not is_reader and (client.holes or client.probes >= 3 or (client.probes and not client.loads)):
        return "probes"
    asked = [act for act in client.acts if act.is_by_browser]
    if sum(act.method == "HEAD" for act in asked) * 2 >= len(asked) and not client.parts:
        return "head_only"
    sent = sum(act.is_post for act in client.forms)
    if sent >= MANY_FORMS and sent * 10 >= len(asked) * 9:
        return "form_spam"
    return ""


def judge_by_parts(client: Behaviour) -> Verdict:
    """Where people load the parts of pages, those who load none are machines, unless something else speaks for them."""
    if client.loads:
        is_crawl = opens_all_from_nowhere(client) or (client.hurries and client.site not in client.day.hurrying_sites)
        reason = doubt_whole_page(client) or ("crawl" if is_crawl else "")
        return Verdict(False, reason) if reason else Verdict(True, "loads_parts")
    if is_of_a_fleet(client) and not client.arrivals:
        return Verdict(False, "many_addresses")
    if not client.needy:
        return Verdict(False, "bad_address") if is_address_bad(client) else Verdict(True, "browser")
    if is_address_bad(client):
        return Verdict(False, "bad_address")
    if client.is_old:
        return Verdict(False, "outdated_agent")
    if client.count(lambda act: act.is_by_browser and act.described.hit.session is not None):
        return Verdict(True, "gives_back_a_cookie")
    if client.arrivals:
        return Verdict(True, "arrives")
    if client.walks and (client.is_text_browser or client.bare_pages < MANY_PAGES):
        return Verdict(True, "walks")
    same_agent = client.day.same_agent(client)
    if client.own_styles and sum(bool(other.parts) for other in same_agent) * 2 >= len(same_agent):
        return Verdict(True, "cached_parts")
    if is_page_alone(client) and client.is_paired:
        return Verdict(False, "link_checker")
    loading, people = client.day.loaders[client.site]
    is_short = client.needy == 1 or (len(client.pages) == 2 and client.steps)
    is_like_others = 2 * sum(bool(other.parts) for other in same_agent) >= len(same_agent) or client.is_mobile
    may_have_all = is_short and len(client.documents) < MANY_PAGES and is_like_others
    is_usual = loading * 100 >= (LOADING_ONCE_PERCENT if may_have_all else LOADING_PERCENT) * people
    return Verdict(False, "no_parts") if is_usual else judge_by_ways(client)


def is_page_alone(client: Behaviour) -> bool:
    """Whether it opens one page or two that need parts, from nowhere, and does nothing else."""
    is_alone = len(client.pages) <= 2 and not client.posts and not client.has_way and not client.from_elsewhere
    return bool(is_alone and client.needy) and not client.revalidated and not client.false_sources


def doubt_whole_page(client: Behaviour) -> str:
    """The second sign against a client that loads one page wholly, from nowhere, and does nothing else."""
    if not is_page_alone(client):
        return ""
    day = client.day
    same_agent = day.same_agent(client)
    if any(other.probes or other.robots for other in day.of_addresses[client.address]):
        return "bad_address"
    if client.is_paired:
        return "link_checker"
    is_crowd = len(same_agent) >= 4 and not any(other.has_way for other in same_agent)
    if client.site in day.walking_sites and is_crowd and not client.is_web_view:
        return "many_addresses"
    return "outdated_agent" if client.is_stale else ""


def opens_all_from_nowhere(client: Behaviour) -> bool:
    """Whether it tells from which page its parts are, and never where one of very many pages was found."""
    opened = {act.link or act.page for act in client.documents}
    tells_pages = any(client.day.is_own(act) for act in client.parts if not act.is_icon)
    is_from_nowhere = client.direct == len(client.documents) and not client.posts
    return client.site in client.day.walking_sites and len(opened) >= 20 and is_from_nowhere and tells_pages


def judge_by_ways(client: Behaviour) -> Verdict:
    """Where parts tell nothing, the ways do, if the log has them."""
    if reason := doubt_ways(client) if client.site in client.day.with_referrers else "":
        return Verdict(False, reason)
    return Verdict(False, "bad_address") if is_address_bad(client) else Verdict(True, "browser")


def doubt_ways(client: Behaviour) -> str:
    """The reason why a client is a machine by where it comes from, which programs make up; empty if there is none."""
    same_agent = client.day.same_agent(client)
    forms = client.forms
    signs = [client.false_sources > 0, client.sends_fast and not client.goes_on]
    further = [len({act.page for act in forms}) >= 2, len(same_agent) >= 10]
    if any(act.is_post for act in forms) and any(signs) and sum(signs) + sum(further) >= 2:
        return "form_spam"
    if len(same_agent) >= 4 and not client.arrivals:
        documents = sum(len(other.documents) for other in same_agent)
        is_false = documents > 0 and sum(other.false_sources for other in same_agent) * 3 >= documents
        if is_false and sum(other.from_home for other in same_agent) * 2 >= documents:
            return "many_addresses"
    documents = len(client.documents)
    if documents and client.false_sources == documents and (forms or client.from_home == documents >= 2):
        return "false_referrer"
    if (
        len({act.link or act.page for act in client.documents}) >= 10
        and client.direct == documents
        and not client.posts
        and not client.is_mobile
    ):
        return "crawl"
    return "many_addresses" if is_of_a_slow_fleet(client) else ""


def is_of_a_slow_fleet(client: Behaviour) -> bool:
    """Whether nobody with its exact agent comes from anywhere, where half of the others do, and it reads little."""
    same_agent = client.day.same_agent(client)
    readers = client.day.readers[client.site]
    people = sum(bool(one.walks or one.arrivals) for one in readers)
    is_alone = len(client.pages) <= 2 and 0 < len(client.documents) == client.direct and not client.posts
    is_crowd = len(same_agent) >= 10 and not any(one.has_way for one in same_agent)
    others_come = people >= FEW and people * 2 >= len(readers) - len(same_agent)
    return is_alone and is_crowd and others_come and not client.is_mobile and not client.is_web_view


def is_of_a_fleet(client: Behaviour) -> bool:
    """Whether its exact agent comes from many addresses that hardly ever load parts."""
    same_agent = client.day.same_agent(client)
    return len(same_agent) >= 10 and sum(bool(other.parts) for other in same_agent) * 20 < len(same_agent)


def is_address_bad(client: Behaviour) -> bool:
    """Whether its address, which loads nothing, is a machine's by what its other agents do."""
    own = client.day.of_addresses[client.address]
    is_machine = any(other.probes or other.robots for other in own)
    return is_machine and not client.walks and not any(other.parts for other in own)


# --- from hits to verdicts ---


def judge_all(acts: Sequence[Act], settings: ReferenceSettings) -> dict[tuple[Client, date], Verdict]:
    """What each client that declares a browser is on each local day on which it asked for something."""
    return {
        (client, learned.local_day): judge(learned.clients[client])
        for learned in learn_days(acts, settings)
        for client in {act.client for act in learned.acts if act.local_day == learned.local_day and act.is_by_browser}
    }


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


def is_looked_at(act: Act) -> bool:
    """Whether an act tells something about clients."""
    return act.is_by_browser or act.is_probe or act.kind == "robots"


def find_floods(acts: Sequence[Act]) -> set[tuple[Client, date]]:
    """The clients with more hits on a day than a browser sends."""
    counted = Counter((act.client, act.local_day) for act in filter(is_looked_at, acts))
    return {client_day for client_day, count in counted.items() if count > words.FLOOD_HITS}


def find_own_domains(acts: Sequence[Act], settings: ReferenceSettings) -> dict[tuple[str, date], str]:
    """The domain of each site and day that so many parts and posts name that it is the site's own."""
    found = {}
    for day, of_day in group(acts, lambda act: act.local_day).items():
        for site, named in Day(of_day, day, settings.own_hosts).named_domains.items():
            for domain, count in named.items():
                if count >= 10 and count * 2 > named.total():
                    found[site, day] = domain
    return found


def acts_of(hits: Sequence[Described], settings: ReferenceSettings) -> list[Act]:
    """The hits as behaviour sees them; everything that texts tell is asked once for each text."""
    referrers = {text for described in hits if (text := described.hit.referrer) is not None}
    attributed = answers(lambda texts: attribute_referrers(texts, settings.own_hosts), referrers)
    paths = {text: re.sub(r"^[a-zA-Z-]+://[^/?#]*|[?#].*$", "", text, flags=re.DOTALL) or "/" for text in referrers}
    pages = answers(name_pages, paths.values())
    keyed = answers(name_keyed_pages, paths)
    asked = answers(name_pages, [described.hit.path or "" for described in hits])
    of_queries = kinds_of_queries(described.hit for described in hits)
    agents = answers(judge_agents, [described.hit.agent or "" for described in hits])
    acts = []
    for described in hits:
        text = described.hit.referrer
        answer = attributed[text] if text is not None else None
        host = answer["host"] if answer is not None else ""
        own = asked[described.hit.path or ""]
        kind = PATH_KINDS[own["kind"]]
        told = of_queries[url]["kind"] if (url := with_query(described.hit)) is not None else "nothing"
        acts.append(
            Act(
                described=described,
                local_day=local_day(described.hit.time_ms, settings),
                kind=told if kind in DOCUMENTS and told != "nothing" else kind,
                referrer_kind="direct" if answer is None else words.REFERRER_KINDS[answer["kind"]],
                referrer_host=host,
                referrer_page=keyed[text]["page"] or pages[paths[text]]["page"] if text is not None and host else "",
                agent=agents[described.hit.agent or ""],
                is_hidden=own["hides"],
            )
        )
    return acts


@cache
def domain_of(host: str) -> str:
    """The registrable domain of a host; the host itself where it has none, as an address."""
    host = host.lower().rstrip(".")
    return host if re.fullmatch(r"[0-9.]+|\[.*", host) else registrable_domain(host) or host


def the_most(weights: Mapping[Key, int]) -> set[Key]:
    """At most MOST_LEARNED keys: those of the largest weights, and all or none of equal weight."""
    ordered = sorted(weights.values(), reverse=True)
    too_light = ordered[words.MOST_LEARNED] if len(ordered) > words.MOST_LEARNED else -1
    return {key for key, weight in weights.items() if weight > too_light}


def group(items: Iterable[Item], key_of: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    """Items by key; empty for keys that there are none of."""
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key_of(item)].append(item)
    return groups


def local_day(time_ms: int, settings: ReferenceSettings) -> date:
    """The calendar day of an instant."""
    return (EPOCH + timedelta(milliseconds=time_ms)).astimezone(ZoneInfo(settings.timezone)).date()


def start_ms(day: date, settings: ReferenceSettings) -> int:
    """The instant at which a day begins."""
    begin = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(settings.timezone)).astimezone(UTC)
    return int((begin - EPOCH) / timedelta(milliseconds=1))


def days_since_1970(day: date) -> int:
    """The unit of days of release."""
    return (day - date(1970, 1, 1)).days
