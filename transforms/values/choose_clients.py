"""Chooses the client of each line behind proxies.

A proxy appends the address of its own client to `X-Forwarded-For` or `Forwarded`. Entries further left are from
proxies further away, and the leftmost ones may be forged by the client. Therefore the list is read from the right, and
trusted proxies are skipped, as in nginx (`real_ip_recursive`), Apache (mod_remoteip) and Envoy
(`xff_num_trusted_hops`). See `docs/definitions.md`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets, Words
from footfall.transforms.formats.fields import FORWARDED_MEANINGS, Meaning
from footfall.transforms.kernels.compiled import inner_kernel, kernel
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.delivery_networks import PUBLISHED_NETWORKS
from footfall.transforms.values.read_addresses import (
    CLIENT_ADDRESS,
    CLIENT_BAD,
    CLIENT_NAME,
    CLIENT_NONE,
    is_private,
    is_socket,
    read_addresses,
    read_entry,
    read_list,
)
from footfall.transforms.vocabulary import TrustedProxies

_NOT_SET: Final = -1
_BY_NETWORKS: Final = -2


@dataclass(frozen=True)
class ProxyTrust:
    """The trusted proxies, as the kernel reads them.

    `hops` is their number, _NOT_SET or _BY_NETWORKS. A row of `ranges` is a range of addresses: the halves of the first
    and the last one (first high, first low, last high, last low). Rows are sorted and don't overlap.
    """

    hops: int = _NOT_SET
    ranges: Words = field(default_factory=lambda: np.zeros((0, 4), dtype=np.uint64))

    @classmethod
    def of(cls, trusted: TrustedProxies) -> ProxyTrust:
        """Convert the value of the setting `trusted-proxies`, which must be valid."""
        if trusted is None:
            return TRUST_KNOWN
        return cls(trusted) if isinstance(trusted, int) else cls(_BY_NETWORKS, _ranges(trusted))


def _ranges(networks: Sequence[str]) -> Words:
    parsed = [ip_network(text) for text in networks]
    v4 = [network for network in parsed if isinstance(network, IPv4Network)]
    v6 = [network for network in parsed if isinstance(network, IPv6Network)]
    # IPv4 addresses are the lowest IPv6 numbers here: see `read_addresses`.
    merged: list[IPv4Network | IPv6Network] = [*collapse_addresses(v4), *collapse_addresses(v6)]
    bounds = sorted((int(network.network_address), int(network.broadcast_address)) for network in merged)
    halves = [[half for bound in pair for half in (bound >> 64, bound & 2**64 - 1)] for pair in bounds]
    return np.array(halves, dtype=np.uint64).reshape(-1, 4)


TRUST_KNOWN: Final = ProxyTrust(_NOT_SET, _ranges(PUBLISHED_NETWORKS))
"""Without the setting `trusted-proxies`, private addresses and those of delivery networks are proxies."""


def choose_clients(lines: ScannedFields, trust: ProxyTrust) -> tuple[Words, Words, Bytes, Offsets, Offsets]:
    """Return the client of each line: high and low 64 bits, CLIENT_… kind, begin and end (without the port)."""
    direct = lines.offsets(Meaning.CLIENT if lines.has(Meaning.CLIENT) else Meaning.PEER)
    # The peer adds information only if the client is another field.
    peer = lines.offsets(Meaning.PEER) if lines.has(Meaning.CLIENT) else lines.offsets(Meaning.SKIP)
    forwarded = [lines.offsets(meaning) for meaning in FORWARDED_MEANINGS if lines.has(meaning)]
    if not forwarded and trust.hops == _NOT_SET:
        return read_addresses(lines.block, *direct, True)
    fields = (direct, peer, *forwarded)
    begins = np.stack([begins for begins, _ in fields])
    ends = np.stack([ends for _, ends in fields])
    return _choose_clients(lines.block, begins, ends, trust.hops, trust.ranges)


@kernel
def _choose_clients(
    block: Bytes, begins: Offsets, ends: Offsets, hops: int, ranges: Words
) -> tuple[Words, Words, Bytes, Offsets, Offsets]:
    """Choose clients. Rows of `begins` and `ends`: client, peer, and FORWARDED_MEANINGS that the format has."""
    count = begins.shape[1]
    high = np.zeros(count, dtype=np.uint64)
    low = np.zeros(count, dtype=np.uint64)
    kinds = np.zeros(count, dtype=np.uint8)
    entry_begins = begins[0].copy()
    entry_ends = ends[0].copy()
    for line in range(count):
        kind, entry_high, entry_low, begin, end = _read_list(block, begins[0, line], ends[0, line], hops, ranges)
        kinds[line], high[line], low[line] = kind, entry_high, entry_low
        entry_begins[line], entry_ends[line] = begin, end
        if kind == CLIENT_BAD or hops == 0:
            continue
        if hops == _BY_NETWORKS:
            is_trusted = kind != CLIENT_ADDRESS or _is_in_ranges(entry_high, entry_low, ranges)
            # A socket is local; a host name could be anyone's.
            if not is_trusted or (kind == CLIENT_NAME and not is_socket(block, begin, end)):
                continue
        else:
            if kind == CLIENT_ADDRESS and begins[1, line] >= 0:
                peer, peer_high, peer_low, _, _ = _read_list(block, begins[1, line], ends[1, line], hops, ranges)
                if peer == CLIENT_ADDRESS and (peer_high != entry_high or peer_low != entry_low):
                    continue  # the server has replaced the proxy's address itself
            if hops == _NOT_SET:
                if kind == CLIENT_NAME and not is_socket(block, begin, end):
                    continue
                if (
                    kind == CLIENT_ADDRESS
                    and not is_private(entry_high, entry_low)
                    and not _is_in_ranges(entry_high, entry_low, ranges)
                ):
                    continue  # anyone can send such a header
        best = 0
        for row in range(2, len(begins)):
            kind, entry_high, entry_low, begin, end = _read_list(
                block, begins[row, line], ends[row, line], hops, ranges
            )
            rank = _rank(kind, entry_high, entry_low, hops, ranges)
            if rank > best:
                best = rank
                kinds[line], high[line], low[line] = kind, entry_high, entry_low
                entry_begins[line], entry_ends[line] = begin, end
    return high, low, kinds, entry_begins, entry_ends


@inner_kernel
def _rank(kind: int, high: np.uint64, low: np.uint64, hops: int, ranges: Words) -> int:
    """Rate how likely an entry is the client and not a proxy, from 3 (certain) to 0 (impossible)."""
    if kind != CLIENT_ADDRESS:
        # A private address may be the client's, a trusted one is a proxy's.
        return (2 if hops == _BY_NETWORKS else 1) if kind == CLIENT_NAME else 0
    if hops == _BY_NETWORKS:
        return 1 if _is_in_ranges(high, low, ranges) else 3
    if hops == _NOT_SET and _is_in_ranges(high, low, ranges):
        return 1
    return 2 if hops == _NOT_SET and is_private(high, low) else 3


@inner_kernel
def _read_list(
    block: Bytes, begin: int, end: int, hops: int, ranges: Words
) -> tuple[int, np.uint64, np.uint64, int, int]:
    """Choose the client in a comma-separated list: CLIENT_… kind, high and low 64 bits, begin, end."""
    zero = np.uint64(0)
    if begin < 0:
        return CLIENT_NONE, zero, zero, begin, end
    if begin == end:
        return CLIENT_BAD, zero, zero, begin, end
    if hops == _NOT_SET:
        return read_list(block, np.int64(begin), np.int64(end), True)
    kind, high, low, chosen_begin, chosen_end = CLIENT_NONE, zero, zero, begin, end
    entry_count = 0
    comma = np.int64(end)
    while comma >= begin:
        entry_end = comma
        comma -= 1
        while comma >= begin and block[comma] != 44:
            comma -= 1
        entry = read_entry(block, comma + 1, entry_end)
        if entry[0] == CLIENT_NONE:
            continue
        entry_count += 1
        if entry[0] != CLIENT_BAD or kind == CLIENT_NONE:
            kind, high, low, chosen_begin, chosen_end = entry
        if hops == _BY_NETWORKS:
            if entry[0] != CLIENT_ADDRESS or not _is_in_ranges(high, low, ranges):
                break
        elif entry_count >= hops:
            break
    return kind, high, low, chosen_begin, chosen_end


@inner_kernel
def _is_in_ranges(high: np.uint64, low: np.uint64, ranges: Words) -> bool:
    """Return whether an address is in one of the ranges, by binary search."""
    first, last = 0, len(ranges)
    while first < last:
        middle = (first + last) // 2
        if high > ranges[middle, 2] or (high == ranges[middle, 2] and low > ranges[middle, 3]):
            first = middle + 1
        else:
            last = middle
    if first == len(ranges):
        return False
    return high > ranges[first, 0] or (high == ranges[first, 0] and low >= ranges[first, 1])
