"""Derives hits from the values of lines: their traffic class, and digests in place of personal data.

`derive_hits` replaces each address by a location and a keyed digest; the columns it returns contain no address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Digests, Evidence, Flags, GoalBits, HalfDigests, Ints, Key, Words
from footfall.transforms.behaviour.evidence import are_address_evidence
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.describing.name_links import MISSING
from footfall.transforms.hits.judge_hits import judge_hits
from footfall.transforms.hits.read_lines import ReadLines
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.digests import digest_pair_and_four
from footfall.transforms.kernels.latency_buckets import NO_LATENCY, latency_buckets
from footfall.transforms.kernels.names import join_parts
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.values.read_addresses import CLIENT_ADDRESS
from footfall.transforms.values.read_requests import METHOD_GET, METHOD_NONE, METHOD_POST
from footfall.transforms.vocabulary import BOT, HUMAN, UNKNOWN

ERRORS_OF_BOTS: Final = (4, 5)
"""Statuses of these hundreds are errors of bots."""


class Locations(Protocol):
    """A location database, as in `footfall.geo_data`."""

    def locate(self, high: Words, low: Words) -> Codes:
        """Return the codes of the locations of addresses, 0 for an unknown location."""
        ...

    def locations(self) -> Sequence[Sequence[str]]:
        """Return continent, country and region of each code that has been returned so far."""
        ...


@dataclass(frozen=True)
class Hits:
    """Hits in the order of their lines; every column has one value per hit.

    `lines` are line numbers in their block. Codes are valid only within the worker; digests are 0 for none.

    - All hits: `site`, `machine` and `agent` are codes of `Descriptions.sites`, `.machines` and `.agents`, `kind` is an
      index of ASKED_KINDS (a page view is a document), and `latency_bucket` is NO_LATENCY where no request time was
      logged. `evidence` is a word of `pack_evidence`. `asked`, `from_host` and `from_page` are half digests of the page
      and of the referrer's domain and page; `link` is that of a path and query that may be one person's, under the key.
    - Human hits: `page`, `session`, and the `goals` that they reach. Page views also have `location`, `technology`,
      `acquisition`, `phrase`, and `folder`, a code of `Descriptions.folder_digests`. The `acquisition` of a hit on a
      missing page is the link to it. `opted_out` is set for visitors who do not want to be counted: their hits have no
      latency, are no page views, and nothing but their digests refers to them.
    - `client` and `address` are the run's digests of (address, site, agent) and of the address. They are set for hits
      that are judged by behaviour or are evidence about their address, and for machines whose name is on no list
      (`needs_clients`): such a name is published only if it has enough clients.
    - Hits of bots: `crawl` is a code for `Descriptions.crawl`; `crawl_error` is one for `Descriptions.crawl_error`, 0
      without an error; `robots` is a result of `Descriptions.judge_robots`.
    """

    lines: NDArray[np.int64]
    time_ms: Ints
    local_hour: Ints
    site: Codes
    traffic_class: NDArray[np.uint8]
    machine: Codes
    kind: Bytes
    protocol: Bytes
    status: Ints
    bytes_sent: Ints
    request_us: Ints
    latency_bucket: Ints
    is_page_view: NDArray[np.bool_]
    needs_clients: Flags
    agent: Codes
    client: Digests
    address: Digests
    evidence: Evidence
    asked: HalfDigests
    link: HalfDigests
    from_host: HalfDigests
    from_page: HalfDigests
    session: Digests
    page: Digests
    location: Digests
    technology: Digests
    acquisition: Digests
    is_internal: NDArray[np.bool_]
    phrase: Digests
    shape: HalfDigests
    goals: GoalBits
    opted_out: Flags
    crawl: Codes
    crawl_error: Codes
    folder: Codes
    robots: Bytes

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Hits:
        """Return some of the hits."""
        return Hits(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class HitDeriver:
    """Derives hits from the values of lines, with the lookups and the key that this needs."""

    def __init__(self, descriptions: Descriptions, locations: Locations, days: LocalDays, key: Key) -> None:
        self.descriptions = descriptions
        self._locations = locations
        self._days = days
        self._key = key
        self._location_digests = np.zeros(0, dtype=np.uint64)
        self._no_page = descriptions.names.add([UNKNOWN], keep=True)[0]

    def derive_hits(self, lines: ReadLines) -> Hits:
        """Return one hit for each line."""
        describe = self.descriptions
        describe.describe_new(has_agent_field=lines.has_agent_field)
        paths, urls, agents = lines.path, lines.url, lines.agent
        judged = judge_hits(lines, describe, self._no_page)
        traffic_class, opted_out, page = judged.traffic_class, judged.opted_out, judged.page
        # The address is used only here, for digests and the location.
        clients, addresses = _digest_clients(
            self._key,
            lines.high,
            lines.low,
            lines.site,
            describe.site_digests,
            agents,
            describe.agents["digest"],
            judged.needs_clients | (traffic_class == HUMAN) | are_address_evidence(judged.evidence),
        )
        views = np.flatnonzero(judged.is_page_view)
        locations = self._locate(lines.high[views], lines.low[views], lines.kind[views])
        sources = describe.referrers["source"][lines.referrer[views]]
        acquisitions, internal = describe.describe_acquisitions(sources, urls[views], lines.site[views])
        refused = np.flatnonzero((traffic_class == HUMAN) & ~opted_out & (lines.status >= 400))
        missing = refused[np.isin(lines.status[refused], MISSING)]
        links = describe.name_links(page[missing], lines.referrer[missing], lines.site[missing])
        crawling = np.flatnonzero(traffic_class == BOT)
        crawls = describe.pair_crawls(judged.machine[crawling], paths[crawling])
        robots = describe.judge_robots(*(codes[crawling] for codes in (lines.site, agents, paths, urls)))
        robots[lines.method[crawling] == METHOD_NONE] = 0
        failed = crawling[np.isin(lines.status[crawling] // 100, ERRORS_OF_BOTS)]
        url_pages, path_pages = describe.urls["page"][urls[failed]], describe.paths["page"][paths[failed]]
        failed_pages = np.where(url_pages > 0, url_pages, path_pages)
        failed_pages[lines.method[failed] == METHOD_NONE] = self._no_page
        machines, statuses = judged.machine[failed], lines.status[failed]
        crawl_errors = describe.pair_crawl_errors(machines, statuses, failed_pages, paths[failed])
        latencies = latency_buckets(lines.request_us)
        latencies[opted_out] = NO_LATENCY

        count = len(lines.lines)
        return Hits(
            **judged._asdict(),
            lines=lines.lines,
            time_ms=lines.time_ms,
            local_hour=self._days.local_hours(lines.time_ms),
            site=lines.site,
            protocol=lines.protocol,
            status=lines.status,
            bytes_sent=lines.bytes_sent,
            request_us=lines.request_us,
            latency_bucket=latencies,
            agent=agents,
            client=clients,
            address=addresses,
            location=_spread(views, locations, count),
            acquisition=_spread(views, acquisitions, count) | _spread(missing, links, count),
            is_internal=_spread(views, internal, count),
            goals=self._goals(lines, (traffic_class == HUMAN) & ~opted_out),
            crawl=_spread(crawling, crawls, count),
            crawl_error=_spread(failed, crawl_errors, count),
            robots=_spread(crawling, robots, count),
            folder=_spread(views, describe.paths["folder"][paths[views]], count),
        )

    def _goals(self, lines: ReadLines, is_counted: Flags) -> GoalBits:
        """Return the goals that each human hit reaches by a GET or POST."""
        describe = self.descriptions
        if not describe.goals.goals:
            return np.zeros(len(lines.lines), dtype=np.uint16)
        reached = describe.goals.reached(
            describe.paths["goals"][lines.path], describe.urls["goals"][lines.url], lines.status
        )
        is_asked = (lines.method == METHOD_GET) | (lines.method == METHOD_POST)
        return np.where(is_counted & is_asked, reached, np.uint16(0))

    def _locate(self, high: Words, low: Words, kinds: NDArray[np.uint8]) -> Digests:
        codes = self._locations.locate(high, low)
        codes[kinds != CLIENT_ADDRESS] = 0
        if len(self._location_digests) <= max(int(codes.max(initial=0)), 0):
            texts = [join_parts(location) for location in self._locations.locations()]
            self._location_digests = self.descriptions.names.add(texts, keep=True)
        return self._location_digests[codes]


def _spread(rows: NDArray[np.int64], values: NDArray[Any], count: int) -> NDArray[Any]:
    """Return a column with `values` at `rows` and zero elsewhere."""
    column = np.zeros(count, dtype=values.dtype)
    column[rows] = values
    return column


@kernel
def _digest_clients(
    key: Key,
    high: Words,
    low: Words,
    sites: Codes,
    site_digests: Digests,
    agents: Codes,
    agent_digests: Digests,
    is_wanted: Flags,
) -> tuple[Digests, Digests]:
    """Return the run's digests of (address, site, agent) and of the address, 0 where not wanted."""
    clients = np.zeros(len(high), dtype=np.uint64)
    addresses = np.zeros(len(high), dtype=np.uint64)
    for row in range(len(high)):
        if not is_wanted[row]:
            continue
        address, client = digest_pair_and_four(
            key, high[row], low[row], site_digests[sites[row]], agent_digests[agents[row]]
        )
        clients[row] = max(client, np.uint64(1))
        addresses[row] = max(address, np.uint64(1))
    return clients, addresses
