"""From scanned lines to hits: the values, the traffic class, and digests instead of people (steps 3 to 5).

This is where addresses and cookies end. `derive_hits` reads them from the block, turns them into a place and keyed
digests, and returns columns in which neither is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo_data.locations import LocationDatabase
from transforms.describing.describe_hits import Descriptions, Digests
from transforms.formats.line_formats import Slot
from transforms.kernels.byte_kernels import Bytes, Places, find_byte, same_bytes
from transforms.kernels.digests import Key, digest_bytes, digest_words
from transforms.kernels.intern_strings import Codes
from transforms.kernels.name_texts import join_parts
from transforms.scanning.scan_lines import ScannedBlock
from transforms.values.choose_clients import ANYONE, ProxyTrust, choose_clients
from transforms.values.local_days import LocalDays
from transforms.values.read_fields import (
    BAD_NUMBER,
    CLIENT_ADDRESS,
    CLIENT_BAD,
    CLIENT_NAME,
    METHOD_GET,
    METHOD_NONE,
    Ints,
    Words,
    find_hosts,
    read_counts,
    read_methods,
    read_request_times,
    read_statuses,
    split_requests,
    split_urls,
)
from transforms.values.read_times import NO_TIME, read_times
from transforms.vocabulary import (
    ACCEPTED,
    HUMAN,
    PROBE,
    REJECT_CLIENT,
    REJECT_NUMBER,
    REJECT_STATUS,
    REJECT_TIME,
    UNKNOWN,
)

_NAME_MARK: Final = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True)
class Hits:
    """The hits of a block in the order of their lines; every column has one value per hit.

    `lines` are numbers of lines in the block. Codes are the worker's own; digests are 0 for none. `site` is a code of
    `Descriptions.sites`, `machine` one of `Descriptions.machines`. `page`, `client`, `session` are set for human hits,
    `place`, `technology`, `arrival` and `phrase` for page views. `address_bucket` is eight bits of a digest of a human
    hit's address: enough to see whether there are many.
    """

    lines: NDArray[np.int64]
    time_ms: Ints
    local_hour: Ints
    site: Codes
    traffic_class: NDArray[np.uint8]
    machine: Codes
    status: Ints
    bytes_sent: Ints
    request_us: Ints
    is_page_view: NDArray[np.bool_]
    address_bucket: NDArray[np.uint8]
    client: Digests
    session: Digests
    page: Digests
    place: Digests
    technology: Digests
    arrival: Digests
    is_internal: NDArray[np.bool_]
    phrase: Digests

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Hits:
        """Some of the hits."""
        return Hits(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


class HitDeriver:
    """Derives hits from scanned lines, with all that a worker needs for it.

    `cookie_name` picks the session from a whole Cookie header, where the format has that.
    """

    def __init__(
        self,
        descriptions: Descriptions,
        locations: LocationDatabase,
        days: LocalDays,
        key: Key,
        cookie_name: str,
        trust: ProxyTrust = ANYONE,
    ) -> None:
        self.descriptions = descriptions
        self._locations = locations
        self._days = days
        self._key = key
        self._trust = trust
        self._cookie_name = np.frombuffer(cookie_name.encode() + b"=" + bytes(16), dtype=np.uint8)
        self._cookie_name_length = len(cookie_name.encode()) + 1 if cookie_name else 0
        self._place_digests = np.zeros(0, dtype=np.uint64)
        self._no_page = descriptions.names.add([UNKNOWN])[0]

    def derive_hits(self, lines: ScannedBlock) -> Hits:
        """The hits of a block. Lines that turn out to be none get their reason in `lines.rejects`."""
        block = lines.block
        describe = self.descriptions
        describe.make_room()

        high, low, kinds, *names = self.clients(lines)
        times = read_times(lines)
        statuses = read_statuses(block, *lines.places(Slot.STATUS))
        sizes = read_counts(block, *lines.places(Slot.BYTES))
        request_us = read_request_times(lines)
        _reject(lines.rejects, kinds == CLIENT_BAD, REJECT_CLIENT)
        # Packed keys hold times from 1970 on; an earlier one is a clock that was never set.
        _reject(lines.rejects, times < 0, REJECT_TIME)
        _reject(lines.rejects, statuses == BAD_NUMBER, REJECT_STATUS)
        _reject(lines.rejects, (sizes == BAD_NUMBER) | (request_us == BAD_NUMBER), REJECT_NUMBER)
        rows = np.flatnonzero(lines.rejects == ACCEPTED)

        methods, paths, urls, site_names = self._targets(lines)
        agents = describe.describe_agents(block, *lines.places(Slot.AGENT), has_field=lines.has(Slot.AGENT))
        sites = self._sites(lines, site_names)
        is_probe, probe_machine = describe.probes(paths, urls, statuses)
        traffic_class = np.where(is_probe, np.uint8(PROBE), describe.agents["traffic_class"][agents])
        machine = np.where(is_probe, probe_machine, describe.agents["machine"][agents])
        is_human = traffic_class == HUMAN
        is_page_view = (
            is_human
            & (methods == METHOD_GET)
            & ((statuses == 200) | (statuses == 304))
            & describe.paths["is_document"][paths]
            & (lines.rejects == ACCEPTED)
        )

        # From here on an address is a place and a digest.
        clients, address_buckets = _digest_clients(
            self._key,
            block,
            describe.site_digests[sites],
            high,
            low,
            kinds,
            *names,
            describe.agents["digest"][agents],
            is_human,
        )
        sessions = _digest_cookies(
            self._key, block, describe.site_digests[sites], *self.session_places(lines), is_human
        )
        views = np.flatnonzero(is_page_view)
        places = _spread(views, self._places(high[views], low[views], kinds[views]), lines.line_count)
        sources = describe.describe_referrers(block, *lines.places(Slot.REFERRER))
        arrivals, internal = describe.describe_arrivals(sources[views], urls[views], sites[views])

        hits = Hits(
            lines=lines.lines,
            time_ms=times,
            local_hour=_local_hours(self._days, times),
            site=sites,
            traffic_class=traffic_class,
            machine=machine,
            status=statuses,
            bytes_sent=np.maximum(sizes, 0),
            request_us=request_us,
            is_page_view=is_page_view,
            address_bucket=address_buckets,
            client=clients,
            session=sessions,
            page=np.where(
                is_human, np.where(methods == METHOD_NONE, self._no_page, describe.paths["page"][paths]), np.uint64(0)
            ),
            place=places,
            technology=np.where(is_page_view, describe.agents["technology"][agents], np.uint64(0)),
            arrival=_spread(views, arrivals, lines.line_count),
            is_internal=_spread(views, internal, lines.line_count),
            phrase=np.where(is_page_view, describe.urls["phrase"][urls], np.uint64(0)),
        )
        return hits if len(rows) == lines.line_count else hits.take(rows)

    def _targets(self, lines: ScannedBlock) -> tuple[NDArray[np.uint8], Codes, Codes, tuple[Places, Places]]:
        """Method, codes of path and (where it is more than the path) url, and place of the site's name."""
        block = lines.block
        if lines.has(Slot.REQUEST):
            methods, begins, ends = split_requests(block, *lines.places(Slot.REQUEST))
        else:
            begins, ends = lines.places(Slot.URL if lines.has(Slot.URL) else Slot.PATH)
            methods = np.full(lines.line_count, METHOD_GET, dtype=np.uint8)
            if lines.has(Slot.METHOD):
                methods = read_methods(block, *lines.places(Slot.METHOD))
            methods[begins < 0] = METHOD_NONE
        path_begins, path_ends, query_begins, query_ends = split_urls(block, begins, ends)
        site = lines.places(Slot.SITE)
        if lines.has(Slot.URL_HOST):
            hosts = find_hosts(block, begins, ends)
            site = np.where(site[0] >= 0, site[0], hosts[0]), np.where(site[0] >= 0, site[1], hosts[1])
            # Where every url has a host, it says nothing about what was asked for.
            begins = np.where(path_begins >= 0, path_begins, np.maximum(query_begins - 1, -1).astype(np.int32))
            ends = np.maximum(path_ends, query_ends)
        paths = self.descriptions.describe_paths(block, path_begins, path_ends)
        # A query, but a scheme and host too: `GET http://www.google.com/` asks for a proxy.
        longer = np.where((path_begins != begins) | (path_ends != ends), begins, np.int32(-1))
        return methods, paths, self.descriptions.describe_urls(block, longer, ends), site

    def _sites(self, lines: ScannedBlock, names: tuple[Places, Places]) -> Codes:
        if not lines.has(Slot.SITE):
            return np.zeros(lines.line_count, dtype=np.int32)
        return self.descriptions.describe_sites(lines.block, *names)

    def session_places(self, lines: ScannedBlock) -> tuple[Places, Places]:
        """Where the session cookie's value stands in each line, -1 where there is none."""
        if lines.has(Slot.COOKIE_HEADER) and not lines.has(Slot.COOKIE) and self._cookie_name_length:
            return _find_cookies(
                lines.block, *lines.places(Slot.COOKIE_HEADER), self._cookie_name, self._cookie_name_length
            )
        return lines.places(Slot.COOKIE)

    def clients(self, lines: ScannedBlock) -> tuple[Words, Words, NDArray[np.uint8], Places, Places]:
        """Who asked, in each line: see `choose_clients`."""
        return choose_clients(lines, self._trust)

    def _places(self, high: Words, low: Words, kinds: NDArray[np.uint8]) -> Digests:
        codes = self._locations.locate(high, low)
        codes[kinds != CLIENT_ADDRESS] = 0
        if len(codes) and int(codes.max()) >= len(self._place_digests):
            texts = [join_parts(place) for place in self._locations.places()]
            self._place_digests = self.descriptions.names.add(texts)
        elif len(self._place_digests) == 0:
            self._place_digests = self.descriptions.names.add([join_parts(place) for place in self._locations.places()])
        return self._place_digests[codes]


def _reject(rejects: NDArray[np.uint8], where: NDArray[np.bool_], reason: int) -> None:
    rejects[where & (rejects == ACCEPTED)] = reason


def _local_hours(days: LocalDays, times: Ints) -> Ints:
    hours = np.zeros(len(times), dtype=np.int64)
    known = times != NO_TIME
    hours[known] = days.local_hours(times[known])
    return hours


def _spread(rows: NDArray[np.int64], values: NDArray[Any], count: int) -> NDArray[Any]:
    """`values` at `rows`, zero elsewhere."""
    column = np.zeros(count, dtype=values.dtype)
    column[rows] = values
    return column


@njit(nogil=True, cache=True)
def _digest_clients(
    key: Key,
    block: Bytes,
    sites: Digests,
    high: Words,
    low: Words,
    kinds: NDArray[np.uint8],
    begins: Places,
    ends: Places,
    agents: Digests,
    wanted: NDArray[np.bool_],
) -> tuple[Digests, NDArray[np.uint8]]:
    """The run's digest of (site, address, agent), and eight bits of the one of the address alone.

    A client without an address is known by its name.
    """
    digests = np.zeros(len(high), dtype=np.uint64)
    buckets = np.zeros(len(high), dtype=np.uint8)
    for row in range(len(high)):
        if not wanted[row]:
            continue
        first, second = high[row], low[row]
        if kinds[row] == CLIENT_NAME:
            first = digest_bytes(key, np.uint64(0), False, block, np.int64(begins[row]), np.int64(ends[row]))
            second = _NAME_MARK
        digests[row] = max(digest_words(key, sites[row], first, second, agents[row]), np.uint64(1))
        buckets[row] = np.uint8(digest_words(key, np.uint64(0), first, second, _NAME_MARK) & np.uint64(0xFF))
    return digests, buckets


@njit(nogil=True, cache=True)
def _digest_cookies(
    key: Key, block: Bytes, sites: Digests, begins: Places, ends: Places, wanted: NDArray[np.bool_]
) -> Digests:
    """The run's digest of (site, cookie), 0 without a cookie."""
    digests = np.zeros(len(begins), dtype=np.uint64)
    for row in range(len(begins)):
        if wanted[row] and begins[row] >= 0:
            digest = digest_bytes(key, sites[row], True, block, np.int64(begins[row]), np.int64(ends[row]))
            digests[row] = max(digest, np.uint64(1))
    return digests


@njit(nogil=True, cache=True)
def _find_cookies(
    block: Bytes, begins: Places, ends: Places, wanted: Bytes, wanted_length: int
) -> tuple[Places, Places]:
    """The place of one cookie's value in Cookie headers `a=1; session=2`; a value of `-` is none."""
    found_begins = np.full(len(begins), -1, dtype=np.int32)
    found_ends = np.full(len(begins), -1, dtype=np.int32)
    for row in range(len(begins)):
        index = np.int64(begins[row])
        end = np.int64(ends[row])
        while 0 <= index < end:
            stop = find_byte(block, index, end, np.uint8(59))
            if stop - index > wanted_length and same_bytes(block, index, wanted, 0, wanted_length):
                is_dash = stop - index == wanted_length + 1 and block[stop - 1] == 45
                if not is_dash:
                    found_begins[row] = index + wanted_length
                    found_ends[row] = stop
                break
            index = stop + 1
            while index < end and block[index] == 32:
                index += 1
    return found_begins, found_ends
