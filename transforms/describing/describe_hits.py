"""Describes the distinct strings of a log: user agents, paths, urls, referrers and virtual hosts.

Each string is described once. A `Descriptions` belongs to one worker and keeps raw strings in memory; it returns only
codes and digests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.arrays import Bytes, Codes, Digests, Flags, HalfDigests, Ints, Key, Offsets, Words
from footfall.transforms.behaviour.evidence import pack_agents
from footfall.transforms.describing.acquisitions import Acquisitions
from footfall.transforms.describing.describe_texts import Row, TextDescriptions
from footfall.transforms.describing.described_strings import DescribedStrings
from footfall.transforms.describing.goal_rules import NO_GOALS, GoalRules
from footfall.transforms.describing.judge_agents import judge_agents
from footfall.transforms.describing.judge_paths import DOCUMENT
from footfall.transforms.describing.name_crawls import CrawlErrors, Crawls
from footfall.transforms.describing.name_links import name_links
from footfall.transforms.describing.page_rules import NO_PAGE_RULES, PageRules
from footfall.transforms.describing.read_queries import has_query, queries_of
from footfall.transforms.describing.registrable_domains import can_be_site, site_name
from footfall.transforms.describing.robots_rules import ASKED, FORBIDDEN, ROBOTS_TXT, RobotsRules
from footfall.transforms.describing.scrub_texts import scrub
from footfall.transforms.describing.text_rules import NO_RULES, TextRules
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.names import NameDictionary, digest_names, half_digests, join_parts
from footfall.transforms.vocabulary import HUMAN, REFERRER_KINDS, UNKNOWN

NO_AGENT_FIELD: Final = "no agent field"
"""The reason for the traffic class `human` if the log format has no field for the user agent."""
MAX_NEW_STRINGS: Final = 150_000
MAX_NEW_BYTES: Final = 8 * 2**20
"""Strings that a worker keeps before it describes them, which takes several times their size."""
MAX_LASTING: Final = 50_000
"""Sites and machines together; a day of most servers has some dozens, and a log of made-up hosts has millions."""
_UNKNOWN_SITE: Final = 1
"""The code of the site UNKNOWN; 0 is the default site."""
_DIRECT: Final = REFERRER_KINDS.index("direct")
_INTERNAL: Final = REFERRER_KINDS.index("internal")
_SPAM: Final = REFERRER_KINDS.index("spam")
_HALVES: Final = ("host", "domain", "page")
_HALF_BITS: Final = np.uint64(32)
"""Columns of referrers that are halves of digests."""


class Descriptions:
    """The distinct strings that one worker has read, their codes and their descriptions.

    `key` is the key of the run. `default_site` is the site of log formats without a field for it. Referrers from
    `own_hosts` are internal. `search_keys` are the query keys of the site's search, `rules` those for its texts,
    `app_agents` beginnings of its app's agents, `pages` what is said about its pages, `goals` what visits may reach,
    `robots` the texts of robots.txt by site.
    """

    def __init__(
        self,
        key: Key,
        default_site: str,
        own_hosts: tuple[str, ...],
        search_keys: tuple[str, ...],
        rules: TextRules = NO_RULES,
        app_agents: tuple[str, ...] = (),
        pages: PageRules = NO_PAGE_RULES,
        goals: GoalRules = NO_GOALS,
        robots: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.names = NameDictionary()
        self.sites: list[str] = [default_site, UNKNOWN]
        """The names of sites by code."""
        self.site_digests = self.names.add(self.sites, keep=True)
        self.site_hosts = half_digests([site.removeprefix("www.") for site in self.sites])
        """Halves of the digests of the hosts that refer to sites from within, by code."""
        self._site_codes = {default_site: 0, UNKNOWN: _UNKNOWN_SITE}
        self._key = key
        names_of_site = (default_site, *own_hosts)
        self._own_sites = pa.array([host.lower().removeprefix("www.") for host in names_of_site])
        self._texts = TextDescriptions(own_hosts, names_of_site, search_keys, rules, app_agents, pages)
        self.goals = goals
        self._robots = RobotsRules(robots)
        self._robots_txt = digest_names([ROBOTS_TXT])[0]
        zero = np.uint64(0)
        self.agents = DescribedStrings(
            traffic_class=np.uint8(HUMAN),
            technology=zero,
            machine=np.int32(0),
            has_own_name=np.False_,
            digest=zero,
            facts=pack_agents(judge_agents(pa.array([None], pa.string())))[0],
        )
        self.agent_rows: list[tuple[str | int, ...]] = []
        self.machines: list[tuple[str, str]] = [("", "")]
        """(name, category) of bots, monitors and programs, and (reason, "probe") of probes, by code."""
        self.machine_digests = self.names.add([join_parts(self.machines[0])], keep=True)
        """The digests of the names of machines, by code."""
        self._machine_codes = {("", ""): 0}
        self._crawls = Crawls()
        self._crawl_errors = CrawlErrors()
        self.folder_digests = half_digests(["", *self._crawls.folders[1:]])
        """Halves of the digests of folders, by the column `folder` of `paths`, 0 for none."""
        kind, no_machine = np.uint8(0), np.int32(0)
        probe: dict[str, np.generic] = {"link": np.uint32(0), "probe": np.uint8(0), "probe_machine": no_machine}
        self.paths = DescribedStrings(
            page=zero,
            folder=np.int32(1),
            is_document=np.False_,
            is_included=np.False_,
            is_doubtful=np.False_,
            kind=kind,
            shape=np.uint32(0),
            goals=np.uint16(0),
            **probe,
        )
        without_query = goals.match_queries(pa.array([""]))[0]
        self.urls = DescribedStrings(
            campaign=np.int32(0),
            phrase=zero,
            kind=kind,
            page=zero,
            shape=np.uint32(0),
            goals=without_query,
            **probe,
        )
        self.referrers = DescribedStrings(source=np.int32(0), kind=kind, **dict.fromkeys(_HALVES, np.uint32(0)))
        self._virtual_hosts = DescribedStrings(site=np.int32(_UNKNOWN_SITE))
        self._acquisitions = Acquisitions(self.names, self.sites)
        self._referrer_pages = [""]
        self.domain_names: dict[int, str] = {}
        """The domains of referrers, by the column `domain`."""

    @property
    def is_full(self) -> bool:
        """Whether a limit has been passed, so that `make_room` should be called."""
        return self.names.is_full or any(one.strings.is_full for one in self._tables())

    @property
    def has_many_lasting(self) -> bool:
        """Whether there are so many sites and machines, whose codes last, that descriptions should begin anew."""
        return len(self.sites) + len(self.machines) > MAX_LASTING

    @property
    def has_many_new(self) -> bool:
        """Whether so many strings wait for their description that `describe_new` is due."""
        waiting = [(one.strings, one.described) for one in self._tables()]
        return (
            sum(strings.count - described for strings, described in waiting) > MAX_NEW_STRINGS
            or sum(strings.bytes_from(described) for strings, described in waiting) > MAX_NEW_BYTES
        )

    def make_room(self) -> None:
        """Clear the tables of strings that have passed their limit; clear all of them if there are too many names.

        The codes of strings in a cleared table become invalid. If there were too many names, so do the digests of all
        names but sites, machines and locations. The codes of sites and machines stay valid.
        """
        too_many_names = self.names.is_full
        for table in self._tables():
            if too_many_names or table.strings.is_full:
                table.clear()
                if table is self.referrers:
                    self._acquisitions.forget_sources()
                    self._referrer_pages = [""]
                    self.domain_names = {}
                if table is self.urls:
                    self._acquisitions.forget_campaigns()
                if table is self.agents:
                    self.agent_rows = []
        if too_many_names:
            self.names.clear()

    def _tables(self) -> tuple[DescribedStrings, ...]:
        return self.agents, self.paths, self.urls, self.referrers, self._virtual_hosts

    def describe_new(self, *, has_agent_field: bool) -> None:
        """Describe all strings that are new since the last call, which fills these columns:

        - `agents`: traffic_class, technology, machine (0 for human agents), has_own_name (of a machine: no list has
          it), digest (of the string, with the run's key), facts
          (of `judge_agents`)
        - `paths`: page, folder (a code for `pair_crawls` and `folder_digests`), is_document, is_included (by the
          settings), is_doubtful, kind (of `judge_paths`), link (0 if the page has all of it), shape (half a digest, 0
          for included ones), goals (of the path), probe, probe_machine
        - `urls`, which have more than a path: campaign, phrase (0 for none), kind (of `judge_urls`), page and shape (0
          where the path has them), link (0 without a query), goals (that the query allows), probe, probe_machine
        - `referrers`: source, a code for `describe_acquisitions`; kind; host, domain and page (halves of digests)

        Without a user agent a hit is automated if the log format has a field for it, otherwise human.
        """
        steps: dict[str, Callable[[], None]] = {
            "agents": lambda: self._describe_agents(has_field=has_agent_field),
            "paths": self._describe_paths,
            "urls": self._describe_urls,
            "referrers": self._describe_referrers,
        }
        # While another thread describes one kind, this one begins with the others.
        for kind in sorted(steps, key=self._texts.is_busy):
            steps[kind]()

    def _describe_agents(self, *, has_field: bool) -> None:
        texts = self.agents.new_texts()
        if texts is not None:
            rows = self._texts.agents(texts.to_pylist())
            self.agent_rows += rows
            technologies = [join_parts(str(part) for part in row[:5]) for row in rows]
            self.agents.append(
                traffic_class=np.array([row[5] for row in rows], dtype=np.uint8),
                technology=self.names.add(technologies),
                machine=np.array([self.machine_code(str(row[7]), str(row[8])) for row in rows], dtype=np.int32),
                has_own_name=np.array([row[9] for row in rows], dtype=np.bool_),
                digest=self.agents.new_digests(self._key),
                facts=np.array([row[10] for row in rows], dtype=np.uint64),
            )
        absent = self._texts.agents([""])[0]
        self.agents["traffic_class"][0] = absent[5] if has_field else HUMAN
        self.agents["technology"][0] = self.names.add([join_parts(str(part) for part in absent[:5])])[0]
        self.agents["machine"][0] = self.machine_code(str(absent[7]), str(absent[8])) if has_field else 0

    def machine_code(self, name: str, category: str) -> int:
        """The code of a machine in `machines`, 0 for none."""
        if not name:
            return 0
        code = self._machine_codes.get((name, category))
        if code is None:
            code = self._machine_codes[name, category] = len(self.machines)
            self.machines.append((name, category))
            digest = self.names.add([join_parts((name, category))], keep=True)
            self.machine_digests = np.concatenate([self.machine_digests, digest])
        return code

    def _probe_machines(self, rows: list[Row]) -> Codes:
        """The machine of each row whose last column is the reason of a probe, 0 for no probe."""
        return np.array([self.machine_code(row[-1] or "", "probe") for row in rows], dtype=np.int32)

    def _links(self, strings: DescribedStrings, is_link: Flags) -> HalfDigests:
        """Return halves of the keyed digests of the strings that are new, 0 for those that are no link."""
        digests = np.maximum(strings.new_digests(self._key).astype(np.uint32), np.uint32(1))
        return np.where(is_link, digests, np.uint32(0))

    def _describe_paths(self) -> None:
        texts = self.paths.new_texts()
        if texts is not None:
            rows = self._texts.paths(texts.to_pylist())
            self.paths.append(
                page=self.names.add([row[0] for row in rows]),
                folder=self._crawls.fold([row[0] for row in rows]),
                is_document=np.array([row[1] for row in rows], dtype=np.bool_),
                is_included=np.array([row[2] for row in rows], dtype=np.bool_),
                is_doubtful=np.array([row[3] for row in rows], dtype=np.bool_),
                kind=np.array([row[4] for row in rows], dtype=np.uint8),
                link=self._links(self.paths, np.array([row[5] for row in rows], dtype=np.bool_)),
                # What the settings call a document is no part, whatever happens.
                shape=np.array([0 if row[2] else row[6] for row in rows], dtype=np.uint32),
                goals=self.goals.match_paths(texts),
                probe=np.array([row[7] for row in rows], dtype=np.uint8),
                probe_machine=self._probe_machines(rows),
            )
        known = len(self.folder_digests)
        if known < len(self._crawls.folders):
            digests = half_digests(self._crawls.folders[known:])
            self.folder_digests = np.concatenate([self.folder_digests, digests])
        # An absolute url without a path means the root.
        if self.paths["page"][0] == 0:
            self.paths["page"][0] = self.names.add(["/"])[0]
            self.paths["is_document"][0] = True
            self.paths["kind"][0] = DOCUMENT
            self.paths["goals"][0] = self.goals.match_paths(pa.array(["/"]))[0]

    def _describe_urls(self) -> None:
        texts = self.urls.new_texts()
        if texts is not None:
            rows = self._texts.urls(texts.to_pylist())
            self.urls.append(
                campaign=np.array([self._acquisitions.campaign_code(*row[:3]) for row in rows], dtype=np.int32),
                phrase=self._name_some([row[3] for row in rows]),
                kind=np.array([row[4] for row in rows], dtype=np.uint8),
                page=self._name_some([row[5] for row in rows]),
                shape=np.array([row[6] or 0 for row in rows], dtype=np.uint32),
                goals=self.goals.match_queries(queries_of(texts)),
                link=self._links(self.urls, np.array([has_query(text) for text in texts.to_pylist()], dtype=np.bool_)),
                probe=np.array([row[7] for row in rows], dtype=np.uint8),
                probe_machine=self._probe_machines(rows),
            )

    def _name_some(self, texts: Sequence[str | None]) -> Digests:
        """Return the digest of each name, 0 for None."""
        digests = np.zeros(len(texts), dtype=np.uint64)
        is_name = np.array([text is not None for text in texts], dtype=np.bool_)
        if is_name.any():
            digests[is_name] = self.names.add([text for text in texts if text is not None])
        return digests

    def _describe_referrers(self) -> None:
        texts = self.referrers.new_texts()
        if texts is not None:
            rows = self._texts.referrers(texts.to_pylist())
            kinds, _, hosts, domains, pages = zip(*rows, strict=True)
            self._referrer_pages += pages
            domain = half_digests(domains)
            self.domain_names.update(zip(domain.tolist(), domains, strict=True))
            self.referrers.append(
                source=np.array([self._acquisitions.source_code(*row[:3]) for row in rows], dtype=np.int32),
                kind=np.array(kinds, dtype=np.uint8),
                host=half_digests(hosts),
                domain=domain,
                page=half_digests(pages),
            )

    def describe_sites(self, block: Bytes, begins: Offsets, ends: Offsets) -> Codes:
        """The code of each line's virtual host: an index of `sites` and `site_digests`."""
        codes = self._virtual_hosts.intern(block, begins, ends)
        texts = self._virtual_hosts.new_texts()
        if texts is not None:
            names = pa.array([site_name(text) for text in texts.to_pylist()], pa.string())
            # Any client can write a Host header: a word, or what is personal, names no site.
            own = pc.is_in(pc.replace_substring_regex(names, r"^www\.", ""), self._own_sites)
            possible = pa.array([name is not None and can_be_site(name) for name in names.to_pylist()])
            is_harmless = pc.or_(own, pc.and_(pc.equal(scrub(names), names), possible))
            names = pc.if_else(is_harmless, names, None)
            self._virtual_hosts.append(site=self._codes_of_sites(names.to_pylist()))
        sites: Codes = self._virtual_hosts["site"][codes]
        return sites

    def _codes_of_sites(self, names: list[str | None]) -> Codes:
        """The codes of the sites of these names, _UNKNOWN_SITE for None."""
        new = [name for name in dict.fromkeys(names) if name is not None and name not in self._site_codes]
        if new:
            self._site_codes.update(zip(new, range(len(self.sites), len(self.sites) + len(new)), strict=True))
            self.sites += new
            self.site_digests = np.concatenate([self.site_digests, self.names.add(new, keep=True)])
            hosts = half_digests([site.removeprefix("www.") for site in new])
            self.site_hosts = np.concatenate([self.site_hosts, hosts])
        codes = [_UNKNOWN_SITE if name is None else self._site_codes[name] for name in names]
        return np.array(codes, dtype=np.int32)

    def describe_acquisitions(self, sources: Codes, urls: Codes, sites: Codes) -> tuple[Digests, Flags]:
        """The acquisition of each page view: the digest of its kind, source and campaign, and whether it is internal.

        `sources` are values of the column `source` of `referrers`; `urls` and `sites` are codes.
        """
        return self._acquisitions.describe(sources, self.urls["campaign"][urls], sites)

    def pair_crawls(self, machines: Codes, paths: Codes) -> Codes:
        """The code of what each bot asked for, see `crawls`."""
        return self._crawls.pair(machines, self.paths["folder"][paths])

    def judge_robots(self, sites: Codes, agents: Codes, paths: Codes, urls: Codes) -> Bytes:
        """What each hit of a bot asks for: ASKED, FORBIDDEN by the robots.txt of the settings, or else 0."""
        asks = (self.paths["page"][paths] == self._robots_txt).astype(np.uint8) * np.uint8(ASKED)
        if self._robots:
            askers, targets = KeyTable(), KeyTable()
            asker = askers.intern(sites.astype(np.uint64) << _HALF_BITS | agents.astype(np.uint64)).astype(np.uint64)
            target = np.where(urls > 0, urls.astype(np.int64) * 2 + 1, paths.astype(np.int64) * 2).astype(np.uint64)
            asked = targets.intern(asker << _HALF_BITS | target)
            _, first = np.unique(asked, return_index=True)
            distinct = zip(*(codes[first].tolist() for codes in (sites, agents, paths, urls)), strict=True)
            is_forbidden = np.array([self._is_forbidden(*codes) for codes in distinct], dtype=np.bool_)[asked]
            asks[is_forbidden & (asks != ASKED)] = FORBIDDEN
        return asks

    def _is_forbidden(self, site: int, agent: int, path: int, url: int) -> bool:
        target = self.urls.strings.bytes_of(url) if url else self.paths.strings.bytes_of(path)
        texts = (text.decode("utf-8", "replace") for text in (self.agents.strings.bytes_of(agent), target or b"/"))
        return self._robots.is_forbidden(self.sites[site], *texts)

    @property
    def folders(self) -> Sequence[str]:
        """The folders by the column `folder` of `paths`."""
        return self._crawls.folders

    def crawls(self, codes: Words) -> tuple[Words, Words]:
        """The codes of the bot and of the first folder of what it asked for, of each code of `pair_crawls`."""
        return self._crawls.parts(codes)

    def pair_crawl_errors(self, machines: Codes, statuses: Ints, pages: Digests, paths: Codes) -> Codes:
        """The code of the error that each bot met at a page, see `crawl_errors`."""
        return self._crawl_errors.code(machines, statuses, pages, self.paths["folder"][paths])

    def crawl_errors(self, codes: Words) -> tuple[Words, Words, Digests, Codes]:
        """The code of the bot, the status, the digest of the page and the code of its folder, of each error's code."""
        return self._crawl_errors.parts(codes)

    def name_links(self, pages: Digests, referrers: Codes, sites: Codes) -> Digests:
        """The digest of the name of each link that a hit followed to a page, 0 for none; see `name_links`."""
        return name_links(self.names, pages, referrers, sites, self._stands_on)

    def _stands_on(self, referrer: int, site_code: int) -> str:
        """The page of the site, or the service or host, on which a link stands; nothing if none was followed."""
        kind, source = self._acquisitions.attribute(int(self.referrers["source"][referrer]), 0, site_code)
        if kind == _INTERNAL:
            return self._referrer_pages[referrer]
        return "" if kind in (_DIRECT, _SPAM) else source
