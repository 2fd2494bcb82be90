"""What behaviour sees of a hit: who asked for what, from where, and when."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import TypeVar
from zoneinfo import ZoneInfo

from footfall.transforms import vocabulary as words
from footfall.transforms.describing.attribute_referrers import attribute_referrers
from footfall.transforms.describing.judge_agents import judge_agents
from footfall.transforms.describing.judge_paths import PATH_KINDS
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.page_keys import name_keyed_pages
from footfall.transforms.describing.registrable_domains import registrable_domain
from tests.reference.describe import DOCUMENTS, Answer, Described, answers, kinds_of_queries, with_query
from tests.reference.lines import EPOCH, ReferenceSettings

FEW = 3
"""What fewer people do may be chance."""
ARRIVALS = ("search", "social", "email", "ai_assistant")
"""Kinds of referrers that people come from, and that few programs make up."""
Client = tuple[str, str, str | None]
Link = tuple[str, str | None, str | None]
"""Site, client and agent."""
Item = TypeVar("Item")
Key = TypeVar("Key")


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
    """Whether the page's name does not show all of the path."""

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
        """Answered with a thing that may be a document or a part by its path."""
        return self.method == "GET" and self.is_answered and not self.is_probe

    @property
    def is_icon(self) -> bool:
        """Asked for by browsers for their tabs and menus, whatever the page."""
        return self.kind == "icon"

    @property
    def is_post(self) -> bool:
        return self.method == "POST"


def is_looked_at(act: Act) -> bool:
    """Whether an act is evidence about clients."""
    return act.is_by_browser or act.is_probe or act.kind == "robots"


def find_floods(acts: Sequence[Act]) -> set[tuple[Client, date]]:
    """The clients with more hits on a day than a browser sends."""
    counted = Counter((act.client, act.local_day) for act in filter(is_looked_at, acts))
    return {client_day for client_day, count in counted.items() if count > words.FLOOD_HITS}


def acts_of(hits: Sequence[Described], settings: ReferenceSettings) -> list[Act]:
    """The hits as behaviour sees them; each text is described once."""
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
        by_query = of_queries[url]["kind"] if (url := with_query(described.hit)) is not None else "nothing"
        acts.append(
            Act(
                described=described,
                local_day=local_day(described.hit.time_ms, settings),
                kind=by_query if kind in DOCUMENTS and by_query != "nothing" else kind,
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
