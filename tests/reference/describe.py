"""What a hit is besides its fields: traffic class, page view, page, acquisition, place and technology.

The rule tables (which agent is a bot, which path is an asset, …) are the product's own; how their answers combine is
written out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geoip2.database
import geoip2.errors
import pyarrow as pa

from footfall.transforms import vocabulary as words
from footfall.transforms.describing.attribute_referrers import attribute_campaign, attribute_referrers
from footfall.transforms.describing.describe_agents import describe_agents
from footfall.transforms.describing.find_probes import find_probes
from footfall.transforms.describing.judge_paths import PATH_KINDS, judge_urls
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.page_keys import name_keyed_pages
from footfall.transforms.describing.read_queries import read_campaigns, read_searches
from tests.reference.asked import asked_for, folder_of
from tests.reference.lines import Address, Hit, ReferenceSettings

Answer = dict[str, Any]
"""A row of a rule table."""

LOCATION_FILE = Path(__file__).parents[2] / "geo_data" / "dbip-country-region.mmdb"


DOCUMENTS = ("document", "form", "text")
"""Kinds of what people read."""


@dataclass(frozen=True)
class Described:
    """A hit and all that the definitions say about it alone."""

    hit: Hit
    traffic_class: str
    class_reason: str
    bot_name: str
    bot_category: str
    has_own_name: bool
    """Whether no list has the name of a machine: a client chose it."""
    page: str
    page_view: bool
    asked: str
    """What it asked for: document, asset, api, background, download or (unknown)."""
    stands_on: str
    """Where the link stands that was followed: a page of the site, or a service or host; empty without one."""
    folder: str
    """The first folder of the page."""
    link: tuple[str, str]
    """The page and `stands_on`, as in rows of broken links."""
    kind: str
    source: str
    campaign: tuple[str, str, str] | None
    """Source, medium, campaign."""
    phrase: str | None
    place: tuple[str, str, str]
    """Continent, country, region."""
    technology: tuple[str, str, str, str, str]
    """Browser, its version, system, its version, device."""

    @property
    def is_counted_only(self) -> bool:
        """Whether the visitor asked not to be counted, so that the hit counts as traffic only."""
        return self.hit.opted_out and self.traffic_class == "human"

    @property
    def client(self) -> tuple[str, str, str | None]:
        """Who asked: site, client address and user agent together."""
        return self.hit.site, self.hit.client, self.hit.agent


def describe_all(hits: list[Hit], has_agent_field: bool, settings: ReferenceSettings) -> list[Described]:
    """Apply the sections "Traffic class", "Page view" and "Referrer" to hits, each by itself."""
    rules = Rules(hits, settings)
    return [describe(hit, has_agent_field, rules) for hit in hits]


def describe(hit: Hit, has_agent_field: bool, rules: Rules) -> Described:
    """Apply them to one hit."""
    agent = rules.agents[hit.agent or ""] if has_agent_field else None
    traffic_class, reason, name, category = classify(hit, agent, rules)
    is_named_by_agent = agent is not None and traffic_class != "probe"
    page, is_document = words.UNKNOWN, False
    if hit.path is not None:
        page, is_document = rules.pages[hit.path]["page"], rules.pages[hit.path]["document"]
        is_opened = hit.asks == "document" and rules.pages[hit.path]["doubtful"]
        is_document = (is_document or is_opened) and hit.asks != "other"
    # That of the path, whatever slashes a key's value has.
    folder = folder_of(page)
    keyed = keyed_page(hit, rules)
    if keyed["page"] is not None:
        page = keyed["page"]
    is_counted = traffic_class == "human" and not hit.opted_out
    is_document = is_document and not is_overruled(hit, rules)
    is_page_view = is_counted and hit.method == "GET" and hit.status in (200, 304) and is_document
    campaign = campaign_of(rules.campaigns[hit.query]) if hit.query else None
    kind, source = arrival_of(hit, campaign, rules)
    technology = (words.UNKNOWN, words.UNKNOWN, words.UNKNOWN, words.UNKNOWN, "other")
    if agent is not None:
        technology = (agent["browser"], agent["browser_version"], agent["os"], agent["os_version"], agent["device"])
    return Described(
        hit=hit,
        traffic_class=traffic_class,
        class_reason=reason,
        bot_name=name,
        bot_category=category,
        has_own_name=is_named_by_agent and agent["has_own_name"],
        page=page,
        page_view=is_page_view,
        asked=what_it_asks_for(hit, rules),
        stands_on=(stands := stands_on(hit, rules)),
        folder=folder,
        link=(page, stands),
        kind=kind,
        source=source,
        campaign=campaign,
        phrase=rules.phrases[hit.query] if is_page_view and hit.query and not keyed["is_search"] else None,
        place=place_of(hit.address) if hit.address is not None else (words.UNKNOWN,) * 3,
        technology=technology,
    )


def what_it_asks_for(hit: Hit, rules: Rules) -> str:
    """Whether it asks for a document, a part of one, or something else."""
    if hit.path is None:
        return words.UNKNOWN
    own = rules.pages[hit.path]
    of_query = "nothing" if hit.query is None else rules.kinds[with_query(hit)]["kind"]
    kind = PATH_KINDS[own["kind"]]
    return asked_for(kind, of_query, is_document=own["document"], is_included=own["included"])


def is_overruled(hit: Hit, rules: Rules) -> bool:
    """Whether the query says that a document by its path is none."""
    return hit.query is not None and rules.kinds[with_query(hit)]["kind"] not in ("nothing", *DOCUMENTS)


def keyed_page(hit: Hit, rules: Rules) -> Answer:
    """The page that a key of the query distinguishes from others of its path, and whether searches have this key."""
    asked = with_query(hit) if hit.path is not None else None
    return {"page": None, "is_search": False} if asked is None else rules.keyed[asked]


def with_query(hit: Hit) -> str | None:
    """Path and query of what was asked for; None if it has no query."""
    return f"{hit.path}?{hit.query}" if hit.query is not None else None


def classify(hit: Hit, agent: Answer | None, rules: Rules) -> tuple[str, str, str, str]:
    """Traffic class, its reason, and the name and category of a hit that is not human."""
    asked = what_was_asked(hit)
    if asked is not None:
        probe, reason = rules.probes[asked]["probe"], rules.probes[asked]["reason"]
        refused = hit.status >= 400 or hit.status == 0
        if probe == 2 or (probe == 1 and refused):
            return "probe", reason, reason, "probe"
    if agent is None:
        return "human", "no agent field", "", ""
    return words.TRAFFIC_CLASSES[agent["traffic_class"]], agent["class_reason"], agent["name"], agent["category"]


def what_was_asked(hit: Hit) -> str | None:
    """The url, or the whole request where it is none."""
    if hit.asked is not None:
        return hit.asked
    return hit.url if hit.method is not None else hit.request


def campaign_of(answer: Answer) -> tuple[str, str, str] | None:
    """Source, medium and campaign, `(none)` where one of them is missing; None where all are."""
    if all(value is None for value in answer.values()):
        return None
    return answer["source"] or words.NONE, answer["medium"] or words.NONE, answer["campaign"] or words.NONE


def arrival_of(hit: Hit, campaign: tuple[str, str, str] | None, rules: Rules) -> tuple[str, str]:
    """Kind and source; the first that holds."""
    if campaign is not None:
        kind, source = attribute_campaign(*campaign[:2])
        return words.REFERRER_KINDS[kind], source
    if hit.referrer is None:
        return "direct", words.NONE
    answer = rules.referrers[hit.referrer]
    kind, host = words.REFERRER_KINDS[answer["kind"]], answer["host"]
    if kind == "internal" or (host and host == hit.site.removeprefix("www.")):
        return "internal", words.NONE
    return kind, answer["source"]


def stands_on(hit: Hit, rules: Rules) -> str:
    """Where the link stands that was followed; nothing where none was, or it came from those who send nobody."""
    if hit.referrer is None:
        return ""
    kind, source = arrival_of(hit, None, rules)
    if kind == "internal":
        return str(rules.referring_keyed[hit.referrer]["page"] or rules.referring_pages[path_of(hit.referrer)]["page"])
    return "" if kind in ("direct", "spam") else source


def path_of(url: str) -> str:
    """The path of a referrer."""
    return re.sub(r"^[a-zA-Z-]+://[^/?#]*|[?#].*$", "", url, flags=re.DOTALL) or "/"


# --- the rule tables and the location file ---


class Rules:
    """What the product's rule tables say about every string that they are asked for here."""

    def __init__(self, hits: list[Hit], settings: ReferenceSettings) -> None:
        queries = [hit.query for hit in hits]
        self.agents = answers(
            lambda texts: describe_agents(texts, settings.app_agents, (settings.site, *settings.own_hosts)),
            [hit.agent or "" for hit in hits],
        )
        self.probes = answers(find_probes, map(what_was_asked, hits))
        self.pages = answers(name_pages, [hit.path for hit in hits])
        self.kinds = kinds_of_queries(hits)
        self.keyed = {
            asked: {"page": answer["page"], "is_search": answer["first_key"] in settings.search_keys}
            for asked, answer in answers(name_keyed_pages, map(with_query, hits)).items()
        }
        self.referring_keyed = answers(name_keyed_pages, [hit.referrer for hit in hits])
        self.referrers = answers(
            lambda texts: attribute_referrers(texts, settings.own_hosts), [hit.referrer for hit in hits]
        )
        self.referring_pages = answers(name_pages, [path_of(hit.referrer) for hit in hits if hit.referrer])
        self.campaigns = answers(read_campaigns, queries)
        phrases = answers(lambda texts: pa.table({"phrase": read_searches(texts, settings.search_keys)}), queries)
        self.phrases: dict[str, str | None] = {query: answer["phrase"] for query, answer in phrases.items()}


def kinds_of_queries(hits: Iterable[Hit]) -> dict[str, Answer]:
    """By path and query, the kind that the query gives."""
    kinds = answers(lambda texts: pa.table({"kind": judge_urls(texts)}), map(with_query, hits))
    return {url: {"kind": PATH_KINDS[answer["kind"]]} for url, answer in kinds.items()}


def answers(rule_table: Callable[[pa.StringArray], pa.Table], texts: Iterable[str | None]) -> dict[str, Answer]:
    """A rule table's answer to each distinct text, asked in one call."""
    distinct = sorted({text for text in texts if text is not None})
    return dict(zip(distinct, rule_table(pa.array(distinct, pa.string())).to_pylist(), strict=True))


@cache
def location_reader() -> geoip2.database.Reader:
    """The embedded location file, opened once."""
    return geoip2.database.Reader(LOCATION_FILE)


@cache
def place_of(address: Address) -> tuple[str, str, str]:
    """Continent code, country code and first subdivision's name."""
    try:
        found = location_reader().city(str(address))
    except geoip2.errors.AddressNotFoundError:
        return (words.UNKNOWN,) * 3
    region = found.subdivisions[0].name if found.subdivisions else None
    return found.continent.code or words.UNKNOWN, found.country.iso_code or words.UNKNOWN, region or words.UNKNOWN
