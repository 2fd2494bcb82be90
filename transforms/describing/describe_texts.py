"""Describes the texts of a log: user agents, paths, urls and referrers. Each is described once per process.

The descriptions are those of the texts alone: they are the same for all runs with the same settings.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.behaviour.evidence import pack_agents
from footfall.transforms.describing.attribute_referrers import attribute_referrers
from footfall.transforms.describing.describe_agents import describe_agents
from footfall.transforms.describing.find_probes import find_probes
from footfall.transforms.describing.judge_agents import judge_agents
from footfall.transforms.describing.judge_paths import BACKGROUND, NOTHING, judge_urls
from footfall.transforms.describing.name_pages import name_pages
from footfall.transforms.describing.page_keys import name_keyed_pages
from footfall.transforms.describing.page_rules import NO_PAGE_RULES, PageRules
from footfall.transforms.describing.read_queries import queries_of, read_campaigns, read_searches
from footfall.transforms.describing.registrable_domains import registrable_domain
from footfall.transforms.describing.shape_pages import shape_pages
from footfall.transforms.describing.text_rules import NO_RULES, TextRules
from footfall.transforms.kernels.names import half_digests

MAX_DESCRIPTIONS: Final = 50_000
"""Descriptions of one kind of string that a process keeps until it forgets them all; a busy day has a fifth of that."""
MAX_DESCRIBED_CHARS: Final = 8 * 2**20
"""Their length together, at most: a client can send texts of 65,536 bytes."""

AGENT_COLUMNS: Final = [
    "browser",
    "browser_version",
    "os",
    "os_version",
    "device",
    "traffic_class",
    "class_reason",
    "name",
    "category",
    "has_own_name",
    "facts",
]
"""The columns of `TextDescriptions.agents`; `facts` are words of `pack_agents`."""
Row = tuple[Any, ...]
"""The description of one text: one value per column."""


@dataclass(frozen=True)
class TextDescriptions:
    """Describes texts with the settings of a run; its methods return a row for each text.

    Referrers from `own_hosts` are internal; software that says it asks for one of `names_of_site` is the site's own.
    `search_keys` are the query keys of the site's search, `rules` those for its texts, `app_agents` beginnings of its
    app's agents, `pages` what is said about its pages.
    """

    own_hosts: tuple[str, ...] = ()
    names_of_site: tuple[str, ...] = ()
    search_keys: tuple[str, ...] = ()
    rules: TextRules = NO_RULES
    app_agents: tuple[str, ...] = ()
    pages: PageRules = NO_PAGE_RULES

    def is_busy(self, kind: str) -> bool:
        """Whether a thread describes texts of a kind, the name of a method, right now."""
        return self._rows_of(kind).is_busy

    def agents(self, texts: list[str]) -> list[Row]:
        """AGENT_COLUMNS."""
        return self._rows_of("agents").describe(texts, self._describe_agents)

    def paths(self, texts: list[str]) -> list[Row]:
        """(page, document, included, doubtful, kind of path, does its name hide some, shape, probe, its reason)."""
        return self._rows_of("paths").describe(texts, self._describe_paths)

    def urls(self, texts: list[str]) -> list[Row]:
        """(source, medium, campaign, phrase, kind by the query, page, shape, probe, reason of the probe).

        The page is None where the path alone is the page; its shape is None if the settings call it a document.
        """
        return self._rows_of("urls").describe(texts, self._describe_urls)

    def referrers(self, texts: list[str]) -> list[Row]:
        """(kind, source, host, its domain, page)."""
        return self._rows_of("referrers").describe(texts, self._describe_referrers)

    def _rows_of(self, kind: str) -> _RowCache:
        settings: dict[str, tuple[Any, ...]] = {
            "agents": (self.app_agents, self.names_of_site),
            "paths": (self.rules, self.pages),
            "urls": (self.search_keys, self.rules, self.pages),
            "referrers": (self.own_hosts, self.rules, self.pages),
        }
        return _caches[(kind, *settings[kind])]

    def _describe_agents(self, texts: list[str]) -> Iterable[Row]:
        agents = pa.array(texts, pa.string())
        described = describe_agents(agents, self.app_agents, self.names_of_site)
        facts = pa.array(pack_agents(judge_agents(agents)))
        return _rows(described.append_column("facts", facts).select(AGENT_COLUMNS))

    def _describe_paths(self, texts: list[str]) -> Iterable[Row]:
        array = pa.array(texts, pa.string())
        named = name_pages(array, self.rules, self.pages)
        named = named.select(["page", "document", "included", "doubtful", "kind", "hides"])
        shapes = pa.array(half_digests(shape_pages(named["page"]).to_pylist()))
        probes = find_probes(array).select(["probe", "reason"])
        return _rows(
            pa.table([*named.columns, shapes, *probes.columns], names=[*named.column_names, "shape", "probe", "reason"])
        )

    def _describe_urls(self, texts: list[str]) -> Iterable[Row]:
        array = pa.array(texts, pa.string())
        queries = queries_of(array)
        campaigns = read_campaigns(queries, self.rules).select(["source", "medium", "campaign"])
        probes = find_probes(array).select(["probe", "reason"])
        phrases = read_searches(queries, self.search_keys, self.rules)
        keyed = name_keyed_pages(array, self.rules, self.pages)
        # A key that names the page is no search.
        is_phrase = pc.invert(pc.is_in(keyed["first_key"], pa.array(self.search_keys, pa.string())))
        kinds = pc.if_else(keyed["included"], NOTHING, judge_urls(array))
        described = {
            "phrase": pc.if_else(is_phrase, phrases, None),
            "kind": pc.if_else(keyed["excluded"], BACKGROUND, kinds),
            "page": keyed["page"],
            "shape": _shapes(keyed["page"], pc.and_not(keyed["included"], keyed["excluded"])),
        }
        columns = [*campaigns.columns, *described.values(), *probes.columns]
        return _rows(pa.table(columns, names=[*campaigns.column_names, *described, "probe", "reason"]))

    def _describe_referrers(self, texts: list[str]) -> Iterable[Row]:
        array = pa.array(texts, pa.string())
        attributed = attribute_referrers(array, self.own_hosts).select(["kind", "source", "host"])
        paths = pc.replace_substring_regex(array, r"^[a-zA-Z-]+://[^/?#]*|[?#].*$", "")
        pages = [row[0] for row in self.paths([path or "/" for path in paths.to_pylist()])]
        keyed = name_keyed_pages(array, self.rules, self.pages)["page"].to_pylist()
        pages = [by_key or page for page, by_key in zip(pages, keyed, strict=True)]
        hosts = attributed["host"].to_pylist()
        domains = [registrable_domain(host) or host for host in hosts]
        added = zip(domains, (page if host else "" for page, host in zip(pages, hosts, strict=True)), strict=True)
        return ((*row, *more) for row, more in zip(_rows(attributed), added, strict=True))


class _RowCache:
    """The descriptions of one kind of text, shared by all workers of a process."""

    def __init__(self) -> None:
        self._rows: dict[str, Row] = {}
        self._chars = 0
        self._lock = threading.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether a thread describes texts right now."""
        return self._lock.locked()

    def describe(self, texts: list[str], describe: Callable[[list[str]], Iterable[Row]]) -> list[Row]:
        """Return a row per text; `describe` makes the rows of texts that are not in the cache."""
        with self._lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._rows]
            if missing:
                self._rows.update(zip(missing, describe(missing), strict=True))
                self._chars += sum(map(len, missing))
            rows = [self._rows[text] for text in texts]
            if len(self._rows) > MAX_DESCRIPTIONS or self._chars > MAX_DESCRIBED_CHARS:
                self._rows, self._chars = {}, 0
            return rows


_caches: Final[defaultdict[tuple[Any, ...], _RowCache]] = defaultdict(_RowCache)
"""By the kind of text and the settings that its description depends on."""


def _shapes(pages: pa.StringArray, is_included: pa.BooleanArray) -> pa.Array:
    """Return the half digests of the pages' shapes; what the settings call a document has none: it is no part."""
    has_shape = pc.and_not(pc.is_valid(pages), is_included)
    return pc.if_else(has_shape, pa.array(half_digests(shape_pages(pc.fill_null(pages, "")).to_pylist())), None)


def _rows(table: pa.Table) -> Iterable[Row]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)
