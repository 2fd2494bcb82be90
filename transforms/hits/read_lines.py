"""Reads numbers from scanned lines: values, codes of texts, digests of cookies.

The results do not refer to the block. Blocks can therefore be small enough for the processor's cache, while texts are
described for many blocks at once. Cookies are replaced by digests here. Addresses become numbers here, and digests in
`derive_hits`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Digests, Flags, Ints, Key, Offsets, Words
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.formats.fields import Meaning, has_session_field
from footfall.transforms.hits.met_identifiers import MetIdentifiers
from footfall.transforms.kernels.byte_kernels import find_byte, same_bytes
from footfall.transforms.kernels.compiled import inner_kernel, kernel
from footfall.transforms.kernels.digests import digest_bytes
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.choose_clients import TRUST_KNOWN, ProxyTrust, choose_clients
from footfall.transforms.values.read_addresses import CLIENT_ADDRESS, CLIENT_BAD, CLIENT_NAME
from footfall.transforms.values.read_headers import read_asked, read_opt_outs
from footfall.transforms.values.read_numbers import BAD_NUMBER, read_counts, read_request_times, read_statuses
from footfall.transforms.values.read_requests import (
    METHOD_GET,
    METHOD_NONE,
    find_hosts,
    read_methods,
    read_protocols,
    split_requests,
    split_urls,
)
from footfall.transforms.values.read_times import read_times
from footfall.transforms.vocabulary import ACCEPTED, REJECT_CLIENT, REJECT_NUMBER, REJECT_STATUS, REJECT_TIME

NAME_MARK: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
"""The lower half of the address of a client with a name instead of an address; the upper half is the name's digest."""


@dataclass(frozen=True)
class ReadLines:
    """The values of lines that are hits; every column has one value per line.

    `lines` are line numbers in their block. `high`, `low` are the client's address, `kind` a CLIENT_… code, `session`
    the run's digest of the cookie (0 for none), `method` a METHOD_… code, `protocol` one of PROTOCOLS. `site`, `path`,
    `url`, `agent` and `referrer` are codes of texts in the worker's `Descriptions`; `url` is 0 if it equals the path.
    """

    lines: NDArray[np.int64]
    time_ms: Ints
    status: Ints
    bytes_sent: Ints
    request_us: Ints
    high: Words
    low: Words
    kind: NDArray[np.uint8]
    session: Digests
    site: Codes
    method: NDArray[np.uint8]
    protocol: Bytes
    path: Codes
    url: Codes
    agent: Codes
    referrer: Codes
    opted_out: Flags
    """Whether the visitor asked not to be counted, and the settings heed that."""
    asks: Bytes
    """What the headers say is asked for: an ASKS_… code."""
    has_agent_field: bool
    can_have_cookie: bool
    """Whether the format of the lines has a field for a session cookie."""

    def take(self, rows: Ints) -> ReadLines:
        """Return some of the lines."""
        return replace(self, **{name: getattr(self, name)[rows] for name in _COLUMNS})


_COLUMNS: Final = [one.name for one in fields(ReadLines)][:-2]


def join_lines(parts: Sequence[ReadLines]) -> ReadLines:
    """Concatenate lines of formats with the same fields."""
    columns: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS}
    return replace(parts[0], **columns)


class LineReader:
    """Reads values from scanned lines; their texts become codes of `descriptions`.

    `key` is the run's; `cookie_name` is the session's cookie in the Cookie header, if the format has that header.
    Without `heeds_opt_outs`, no visitor counts as one who opted out. Identifiers of visitors in the lines are added to
    `met` if it is given.
    """

    def __init__(
        self,
        descriptions: Descriptions,
        key: Key,
        cookie_name: str,
        trust: ProxyTrust = TRUST_KNOWN,
        time_unit: str = "",
        *,
        heeds_opt_outs: bool = True,
        met: MetIdentifiers | None = None,
    ) -> None:
        self.met = met or MetIdentifiers(key)
        self._collects = met is not None
        self._heeds_opt_outs = heeds_opt_outs
        self._descriptions = descriptions
        self._key = key
        self._trust = trust
        self._time_unit = time_unit
        self._cookie = cookie_name
        self._cookie_name = np.frombuffer(cookie_name.encode() + b"=" + bytes(16), dtype=np.uint8)
        self._cookie_name_length = len(cookie_name.encode()) + 1 if cookie_name else 0

    def read_lines(self, lines: ScannedFields) -> ReadLines:
        """Return the lines of a block that are hits; the others get a reject code in `lines.rejects`."""
        block = lines.block
        describe = self._descriptions
        (high, low, kinds, *names), times, statuses, sizes, request_us = read_values(
            lines, self._trust, self._time_unit
        )
        methods, paths, urls, site_names = self._targets(lines)
        sites = self._sites(lines, site_names)
        _digest_names(self._key, block, kinds, *names, high, low)
        sessions = self.session_offsets(lines)
        read = ReadLines(
            lines=lines.lines,
            time_ms=times,
            status=statuses,
            bytes_sent=np.maximum(sizes, 0),
            request_us=request_us,
            high=high,
            low=low,
            kind=kinds,
            session=_digest_cookies(self._key, block, describe.site_digests[sites], *sessions),
            site=sites,
            method=methods,
            protocol=read_protocols(lines, methods),
            path=paths,
            url=urls,
            agent=describe.agents.intern(block, *lines.offsets(Meaning.AGENT)),
            referrer=describe.referrers.intern(block, *lines.offsets(Meaning.REFERRER)),
            opted_out=read_opt_outs(lines) if self._heeds_opt_outs else np.zeros(lines.line_count, dtype=np.bool_),
            asks=read_asked(lines),
            has_agent_field=lines.has(Meaning.AGENT),
            can_have_cookie=has_session_field(lines.row_of.keys(), self._cookie),
        )
        hits = np.flatnonzero(lines.rejects == ACCEPTED)
        if self._collects:
            self._collect(lines, read, hits, names, sessions)
        return read if len(hits) == len(times) else read.take(hits)

    def _collect(
        self,
        lines: ScannedFields,
        read: ReadLines,
        hits: Ints,
        names: Sequence[Offsets],
        sessions: tuple[Offsets, Offsets],
    ) -> None:
        """Add what identifies the visitors of the hits: addresses, names of hosts and users, cookies."""
        block = lines.block
        kinds = read.kind[hits]
        self.met.add_addresses(read.high, read.low, hits[kinds == CLIENT_ADDRESS])
        self.met.add_values(block, names[0], names[1], hits[kinds == CLIENT_NAME])
        self.met.add_sessions(read.session, block, *sessions, hits)
        if lines.has(Meaning.USER):
            begins, ends = lines.offsets(Meaning.USER)
            self.met.add_values(block, begins, ends, hits[begins[hits] >= 0])
        if lines.has(Meaning.COOKIE_HEADER):
            self.met.add_header_cookies(block, *lines.offsets(Meaning.COOKIE_HEADER), hits)

    def _targets(self, lines: ScannedFields) -> tuple[NDArray[np.uint8], Codes, Codes, tuple[Offsets, Offsets]]:
        """Return methods, codes of paths, codes of URLs (0 if equal to the path), and offsets of the sites' names."""
        block = lines.block
        if lines.has(Meaning.REQUEST):
            methods, begins, ends = split_requests(block, *lines.offsets(Meaning.REQUEST))
        else:
            begins, ends = lines.offsets(Meaning.URL if lines.has(Meaning.URL) else Meaning.PATH)
            methods = np.full(lines.line_count, METHOD_GET, dtype=np.uint8)
            if lines.has(Meaning.METHOD):
                methods = read_methods(block, *lines.offsets(Meaning.METHOD))
            methods[begins < 0] = METHOD_NONE
        path_begins, path_ends, query_begins, query_ends = split_urls(block, begins, ends)
        site = lines.offsets(Meaning.SITE)
        if lines.has(Meaning.URL_HOST):
            hosts = find_hosts(block, begins, ends)
            site = np.where(site[0] >= 0, site[0], hosts[0]), np.where(site[0] >= 0, site[1], hosts[1])
            # If every URL has a host, scheme and host do not belong to the request target.
            begins = np.where(path_begins >= 0, path_begins, np.maximum(query_begins - 1, -1).astype(np.int32))
            ends = np.maximum(path_ends, query_ends)
        paths = self._descriptions.paths.intern(block, path_begins, path_ends)
        # The URL has a query, or a scheme and host: `GET http://www.google.com/` is a proxy request.
        longer = np.where((path_begins != begins) | (path_ends != ends), begins, np.int32(-1))
        return methods, paths, self._descriptions.urls.intern(block, longer, ends), site

    def _sites(self, lines: ScannedFields, names: tuple[Offsets, Offsets]) -> Codes:
        if not lines.has(Meaning.SITE):
            return np.zeros(lines.line_count, dtype=np.int32)
        return self._descriptions.describe_sites(lines.block, *names)

    def session_offsets(self, lines: ScannedFields) -> tuple[Offsets, Offsets]:
        """Return the begin and end of the session cookie's value in each line, -1 for none."""
        if lines.has(Meaning.COOKIE_HEADER) and not lines.has(Meaning.COOKIE) and self._cookie_name_length:
            return _find_cookies(
                lines.block, *lines.offsets(Meaning.COOKIE_HEADER), self._cookie_name, self._cookie_name_length
            )
        return lines.offsets(Meaning.COOKIE)

    def clients(self, lines: ScannedFields) -> tuple[Words, Words, NDArray[np.uint8], Offsets, Offsets]:
        """Return the client of each line; see `choose_clients`."""
        return choose_clients(lines, self._trust)


Clients = tuple[Words, Words, NDArray[np.uint8], Offsets, Offsets]
"""What `choose_clients` returns."""


def read_values(lines: ScannedFields, trust: ProxyTrust, time_unit: str = "") -> tuple[Clients, Ints, Ints, Ints, Ints]:
    """Return clients, times, statuses, sizes and request times; set the reject code of lines without valid ones.

    Recognition reads sample lines so too: what it counts as fitting is what is read.
    """
    clients = choose_clients(lines, trust)
    times = read_times(lines)
    statuses = read_statuses(lines.block, *lines.offsets(Meaning.STATUS))
    sizes = read_counts(lines.block, *lines.offsets(Meaning.BYTES))
    request_us = read_request_times(lines, time_unit)
    _reject(lines.rejects, clients[2] == CLIENT_BAD, REJECT_CLIENT)
    # Packed keys hold only times since 1970; an earlier time means a clock that was not set.
    _reject(lines.rejects, times < 0, REJECT_TIME)
    _reject(lines.rejects, statuses == BAD_NUMBER, REJECT_STATUS)
    _reject(lines.rejects, (sizes == BAD_NUMBER) | (request_us == BAD_NUMBER), REJECT_NUMBER)
    return clients, times, statuses, sizes, request_us


def _reject(rejects: NDArray[np.uint8], where: NDArray[np.bool_], reason: int) -> None:
    rejects[where & (rejects == ACCEPTED)] = reason


@inner_kernel
def _digest_names(
    key: Key, block: Bytes, kinds: NDArray[np.uint8], begins: Offsets, ends: Offsets, high: Words, low: Words
) -> None:
    """Set the addresses of clients that have only a name to the run's digest of the name."""
    for row in range(len(kinds)):
        if kinds[row] == CLIENT_NAME:
            high[row] = digest_bytes(key, np.uint64(0), False, block, np.int64(begins[row]), np.int64(ends[row]))
            low[row] = NAME_MARK


@kernel
def _digest_cookies(key: Key, block: Bytes, sites: Digests, begins: Offsets, ends: Offsets) -> Digests:
    """Return the run's digests of (site, cookie), 0 without a cookie."""
    digests = np.zeros(len(begins), dtype=np.uint64)
    for row in range(len(begins)):
        if begins[row] >= 0:
            digest = digest_bytes(key, sites[row], True, block, np.int64(begins[row]), np.int64(ends[row]))
            digests[row] = max(digest, np.uint64(1))
    return digests


@kernel
def _find_cookies(
    block: Bytes, begins: Offsets, ends: Offsets, wanted: Bytes, wanted_length: int
) -> tuple[Offsets, Offsets]:
    """Return the offsets of one cookie's value in Cookie headers (`a=1; session=2`); the value `-` counts as none."""
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
