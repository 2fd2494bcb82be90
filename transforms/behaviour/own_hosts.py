"""Finds the host that refers to a site from within, where neither the log nor the settings tell it.

The parts of a page name the page as their referrer, and so do posts from it: hardly anybody else's page does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Digests
from footfall.transforms.behaviour.evidence import IS_KNOWN, are_answered, kinds_of, methods_of, referrers_of
from footfall.transforms.describing.judge_paths import ICON, PART, STYLE
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.tables.partial_tables import Part, decode_table, parts_by_day
from footfall.transforms.values.read_fields import METHOD_POST
from footfall.transforms.vocabulary import HUMAN

OwnHosts = dict[tuple[int, int], int]
"""(day, digest of the site) → half of the digest of the host."""
_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)
_PARTS: Final = (PART, ICON, STYLE)


class HostCounter:
    """Counts how often the parts and posts of a piece name each host."""

    def __init__(self) -> None:
        self._days = KeyTable()
        self._hosts = GroupSums(1)

    def count(self, hits: Hits) -> None:
        """Count hits of published days."""
        kinds = kinds_of(hits.evidence)
        rows = np.flatnonzero(
            (np.isin(kinds, _PARTS) | (methods_of(hits.evidence) == METHOD_POST))
            & are_answered(hits.evidence)
            & (hits.from_host > 0)
            & ~IS_KNOWN[referrers_of(hits.evidence)]
            & (hits.traffic_class == HUMAN)
            & ~hits.opted_out
        )
        day = (hits.local_hour[rows] // 24).astype(np.uint64)
        code = self._days.intern(day << _HALF_BITS | hits.site[rows].astype(np.uint64))
        self._hosts.add(code.astype(np.uint64) << _HALF_BITS | hits.from_host[rows].astype(np.uint64), None)

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
            hits=self._hosts.measure(0),
        )


def choose_own_hosts(tables: Mapping[str, bytes]) -> OwnHosts:
    """Return the host of each day and site that most of the hits name; of several, the one with the smallest digest."""
    chosen: OwnHosts = {}
    if not tables:
        return chosen
    hosts = pa.concat_tables([decode_table(content) for content in tables.values()])
    ordered = hosts.sort_by([("hits", "ascending"), ("host", "descending")])
    for day, site, host in zip(*(ordered[name].to_pylist() for name in ("day", "site", "host")), strict=True):
        chosen[day, site] = host
    return chosen
