"""Finds the site's own domain by its referrers, where neither the log nor the settings have it.

Parts of a page and posts from it have the page as their referrer; hardly any request from another site's pages does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Digests, Ints, Words
from footfall.transforms.behaviour.evidence import IS_KNOWN, are_answered, kinds_of, methods_of, referrers_of
from footfall.transforms.behaviour.learned import DaysAndSites
from footfall.transforms.behaviour.whole_tables import each_key_once
from footfall.transforms.describing.judge_paths import ICON, PART, STYLE
from footfall.transforms.describing.registrable_domains import registrable_domain
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.names import digest_names, join_parts
from footfall.transforms.tables.declaring import DAY_SITE_KEYS, PartialTable
from footfall.transforms.tables.partial_tables import Part, parts_by_day
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.tables.stored_tables import read_parts
from footfall.transforms.values.read_requests import METHOD_POST
from footfall.transforms.vocabulary import HUMAN, NONE


class OwnHost(NamedTuple):
    """The domain that most parts and posts of a site name on a day."""

    digest: int
    """Half of its digest."""
    name: str
    is_sure: bool
    """Whether so many hits name it that it cannot belong to somebody who merely shows the site's images."""


OwnHosts = dict[tuple[int, int], OwnHost]
"""By (day, digest of the site)."""
_TABLE: Final = PARTIAL_TABLES["own_hosts"]
_OTHERS: Final = 0
_FEW_HITS: Final = 10
_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_IS_PART: Final = np.isin(np.arange(256), (PART, ICON, STYLE))


MAX_HOSTS: Final = 50_000
INTERNAL_NAME: Final = join_parts(["internal", NONE, "", "", ""])
"""The name of an acquisition from within."""
_INTERNAL_DIGEST: Final = digest_names([INTERNAL_NAME])[0]


class HostCounter:
    """Counts how often the parts and posts of a piece name each host."""

    def __init__(self) -> None:
        self._days = KeyTable()
        self._hosts = GroupSums(1)
        self._names: dict[int, str] = {}

    def count(self, hits: Hits, domain_names: Mapping[int, str]) -> None:
        """Count hits of published days; `domain_names` has the names of their referrers' domains."""
        rows = np.flatnonzero((hits.from_host > 0) & (hits.traffic_class == HUMAN) & ~hits.opted_out)
        evidence = hits.evidence[rows]
        names_it = _IS_PART[kinds_of(evidence)] | (methods_of(evidence) == METHOD_POST)
        rows = rows[names_it & are_answered(evidence) & ~IS_KNOWN[referrers_of(evidence)]]
        for host in np.unique(hits.from_host[rows]).tolist():
            self._names[host] = domain_names[host]
        day = (hits.local_hour[rows] // 24).astype(np.uint64)
        code = self._days.intern(day << _HALF_BITS | hits.site[rows].astype(np.uint64))
        self._hosts.add(code.astype(np.uint64) << _HALF_BITS | hits.from_host[rows].astype(np.uint64), None)

    @property
    def is_full(self) -> bool:
        """Whether there are so many hosts that `parts` should be called, and counting begin anew."""
        return len(self._names) > MAX_HOSTS

    def parts(self, site_digests: Digests, day_shares: int) -> Iterator[Part]:
        """Yield the table `own_hosts`; `site_digests` has the digest of each code of a site."""
        found = self._hosts.keys
        days = self._days.keys[(found >> _HALF_BITS).astype(np.int64)]
        yield from parts_by_day(
            "own_hosts",
            day_shares,
            days >> _HALF_BITS,
            day=days >> _HALF_BITS,
            site=site_digests[(days & _LOW_HALF).astype(np.int64)],
            host=found & _LOW_HALF,
            name=pa.array([self._names[host] for host in (found & _LOW_HALF).tolist()], pa.string()),
            hits=self._hosts.measure(0),
        )


def keep_own_hosts(content: bytes, folder: str) -> pa.Table:
    """Return the host of each day and site that most hits name, and as host 0 the number of hits that name others.

    `content` is the element of a share of the table `own_hosts`. A client can make up as many hosts as it sends hits;
    hosts that exceed memory are in files in `folder` meanwhile.
    """
    by_host = PartialTable(_TABLE.name, {**DAY_SITE_KEYS, "host": pa.uint32()}, _TABLE.measures)
    best, totals = by_host.schema.empty_table(), GroupSums(1)
    for part in each_key_once(by_host, content, folder):
        totals.add(_days_and_sites(part), part["hits"].to_numpy())
        best = _most_named(pa.concat_tables([best, part]))
    rest = totals.measure(0)[totals.codes(_days_and_sites(best))] - best["hits"].to_numpy()
    own = KeyTable()
    own.intern(mix_keys(best["host"].to_numpy(), _days_and_sites(best)))
    names = np.full(len(best), "", dtype=object)
    for part in read_parts(content):
        row = own.find(mix_keys(part["host"].to_numpy(), _days_and_sites(part)))
        names[row[row >= 0]] = part.filter(pa.array(row >= 0))["name"].to_pylist()
    others = {"host": np.full(len(best), _OTHERS, dtype=np.uint32), "name": [""] * len(best), "hits": rest}
    kept = best.append_column("name", pa.array(names, pa.string())).select(_TABLE.schema.names)
    return pa.concat_tables(
        [kept, pa.table({"day": best["day"], "site": best["site"], **others}, schema=_TABLE.schema)]
    )


def _most_named(hosts: pa.Table) -> pa.Table:
    """Return the row of each day and site with the most hits; of several, the one with the smallest digest."""
    order = {"day": "ascending", "site": "ascending", "hits": "descending", "host": "ascending"}
    ordered = hosts.sort_by(list(order.items()))
    key = _days_and_sites(ordered)
    return ordered.filter(pa.array(np.append(True, key[1:] != key[:-1])[: len(key)]))


def _days_and_sites(table: pa.Table) -> Words:
    return mix_keys(table["site"].to_numpy(), table["day"].to_numpy())


def choose_own_hosts(tables: Iterable[pa.Table]) -> OwnHosts:
    """Return the host of each day and site that most of the hits name; of several, the one with the smallest digest.

    `tables` are shares of the table `own_hosts`, whole or as of `keep_own_hosts`.
    """
    hosts = pa.concat_tables([_TABLE.schema.empty_table(), *tables])
    totals: Counter[tuple[int, int]] = Counter()
    best: dict[tuple[int, int], tuple[int, int, str]] = {}
    for day, site, host, name, hits in zip(*(column.to_pylist() for column in hosts.columns), strict=True):
        totals[day, site] += hits
        if host == _OTHERS:
            continue
        best[day, site] = max(best.get((day, site), (0, 0, "")), (hits, -host, name))
    return {
        key: OwnHost(-host, name, hits >= _FEW_HITS and hits * 2 > totals[key])
        for key, (hits, host, name) in best.items()
    }


def name_own_hosts(chosen: OwnHosts, known: Iterable[str]) -> list[str]:
    """Return the names of the hosts that are sure, in their order, but for those of `known` hosts."""
    domains = {registrable_domain(host) or host for host in (name.lower().removeprefix("www.") for name in known)}
    return sorted({host.name for host in chosen.values() if host.is_sure} - domains)


def count_as_internal(acquisitions: Digests, days: Ints, sites: Digests, chosen: OwnHosts) -> Digests:
    """Return the acquisitions of visits, where those that came from a sure own host are internal."""
    own = {key: _digest_of_acquisition("other", host.name) for key, host in chosen.items() if host.is_sure}
    if not own:
        return acquisitions
    days_and_sites = DaysAndSites(days, sites)
    elsewhere = days_and_sites.spread([own.get(key, 0) for key in days_and_sites.keys], np.uint64)
    return np.where((acquisitions == elsewhere) & (elsewhere > 0), _INTERNAL_DIGEST, acquisitions)


def name_internal() -> pa.Table:
    """Return the name of acquisitions from within, as a table of names."""
    return pa.table({"id": pa.array([_INTERNAL_DIGEST], pa.uint64()), "text": [INTERNAL_NAME]})


def _digest_of_acquisition(kind: str, source: str) -> int:
    """Return the digest of the name of an acquisition without a campaign."""
    return int(digest_names([join_parts([kind, source, "", "", ""])])[0])
