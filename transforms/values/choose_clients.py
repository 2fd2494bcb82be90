"""Who the client of a hit is, where proxies stand in front of the server that wrote the line (part of step 3).

A proxy adds the address that it was asked from to the right end of `X-Forwarded-For` or `Forwarded`; what stands
further left came from further away, and in the end from the client itself, which can write there what it likes. So the
list is read from the right, over the proxies that the operator trusts: the rule of nginx (`real_ip_recursive`), Apache
(mod_remoteip) and Envoy (`xff_num_trusted_hops`). `docs/definitions.md` has it in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Offsets, Words
from footfall.transforms.formats.fields import FORWARDED_MEANINGS, Meaning
from footfall.transforms.kernels.compiled import inner_kernel, kernel
from footfall.transforms.scanning.scan_lines import ScannedBlock
from footfall.transforms.values.read_addresses import is_private, is_socket, read_addresses, read_entry, read_list
from footfall.transforms.values.read_fields import CLIENT_ADDRESS, CLIENT_BAD, CLIENT_NAME, CLIENT_NONE
from footfall.transforms.vocabulary import TrustedProxies

"""What may name the client behind a proxy, the most reliable first."""

_UNTOLD: Final = -1
_BY_NETWORKS: Final = -2


@dataclass(frozen=True)
class ProxyTrust:
    """Which proxies are believed, as the kernel reads it.

    `hops` is their number, _UNTOLD or _BY_NETWORKS. A row of `ranges` is a range of addresses: the halves of its first
    and of its last one (first high, first low, last high, last low); rows are sorted and apart.
    """

    hops: int = _UNTOLD
    ranges: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, 4), dtype=np.uint64))

    @classmethod
    def of(cls, trusted: TrustedProxies) -> ProxyTrust:
        """What the setting `trusted-proxies` says, which was checked."""
        if trusted is None or isinstance(trusted, int):
            return cls(_UNTOLD if trusted is None else trusted)
        return cls(_BY_NETWORKS, _ranges(trusted))


ANYONE: Final = ProxyTrust()
"""Where nobody said which proxies there are, whoever names somebody behind is believed."""


def _ranges(networks: Sequence[str]) -> NDArray[np.uint64]:
    read = [ip_network(text) for text in networks]
    v4 = [one for one in read if isinstance(one, IPv4Network)]
    v6 = [one for one in read if isinstance(one, IPv6Network)]
    # IPv4 is the low end of IPv6's numbers here: see `read_addresses`.
    apart: list[IPv4Network | IPv6Network] = [*collapse_addresses(v4), *collapse_addresses(v6)]
    spans = [(int(one.network_address), int(one.broadcast_address)) for one in apart]
    halves = [[part for end in span for part in (end >> 64, end & 2**64 - 1)] for span in sorted(spans)]
    return np.array(halves, dtype=np.uint64).reshape(-1, 4)


def choose_clients(lines: ScannedBlock, trust: ProxyTrust) -> tuple[Words, Words, NDArray[np.uint8], Offsets, Offsets]:
    """The client of each line: high and low 64 bits, CLIENT_… kind, and where it stands (without its port)."""
    direct = lines.offsets(Meaning.CLIENT if lines.has(Meaning.CLIENT) else Meaning.PEER)
    # The peer says more than the client field only where that is another one.
    peer = lines.offsets(Meaning.PEER) if lines.has(Meaning.CLIENT) else lines.offsets(Meaning.SKIP)
    forwarded = [lines.offsets(meaning) for meaning in FORWARDED_MEANINGS if lines.has(meaning)]
    if not forwarded and trust.hops == _UNTOLD:
        return read_addresses(lines.block, *direct, True)
    places = (direct, peer, *forwarded)
    begins = np.stack([begins for begins, _ in places])
    ends = np.stack([ends for _, ends in places])
    return _choose_clients(lines.block, begins, ends, trust.hops, trust.ranges)


@kernel
def _choose_clients(
    block: Bytes, begins: Offsets, ends: Offsets, hops: int, ranges: Words
) -> tuple[Words, Words, NDArray[np.uint8], Offsets, Offsets]:
    """Rows of `begins` and `ends`: client field, peer, then fields that name who is behind, the best first."""
    count = begins.shape[1]
    high = np.zeros(count, dtype=np.uint64)
    low = np.zeros(count, dtype=np.uint64)
    kinds = np.zeros(count, dtype=np.uint8)
    entry_begins = begins[0].copy()
    entry_ends = ends[0].copy()
    for line in range(count):
        kind, own_high, own_low, begin, end = _read_list(block, begins[0, line], ends[0, line], hops, ranges)
        kinds[line], high[line], low[line] = kind, own_high, own_low
        entry_begins[line], entry_ends[line] = begin, end
        if kind == CLIENT_BAD or hops == 0:
            continue
        if hops == _BY_NETWORKS:
            is_trusted = kind != CLIENT_ADDRESS or _is_in(own_high, own_low, ranges)
            # A socket is on the machine itself; a host's name could be anyone's.
            if not is_trusted or (kind == CLIENT_NAME and not is_socket(block, begin, end)):
                continue
        elif kind == CLIENT_ADDRESS and begins[1, line] >= 0:
            peer, peer_high, peer_low, _, _ = _read_list(block, begins[1, line], ends[1, line], hops, ranges)
            if peer == CLIENT_ADDRESS and (peer_high != own_high or peer_low != own_low):
                continue  # the server has looked behind the proxy itself
        best = 0
        for row in range(2, len(begins)):
            kind, own_high, own_low, begin, end = _read_list(block, begins[row, line], ends[row, line], hops, ranges)
            rank = _rank(kind, own_high, own_low, hops, ranges)
            if rank > best:
                best = rank
                kinds[line], high[line], low[line] = kind, own_high, own_low
                entry_begins[line], entry_ends[line] = begin, end
    return high, low, kinds, entry_begins, entry_ends


@inner_kernel
def _rank(kind: int, high: np.uint64, low: np.uint64, hops: int, ranges: Words) -> int:
    """How likely this is the client's and no proxy's: 3 surely, 0 not at all."""
    if kind != CLIENT_ADDRESS:
        # A private address may be the client's, a trusted one is a proxy's.
        return (2 if hops == _BY_NETWORKS else 1) if kind == CLIENT_NAME else 0
    if hops == _BY_NETWORKS:
        return 1 if _is_in(high, low, ranges) else 3
    return 2 if hops == _UNTOLD and is_private(high, low) else 3


@inner_kernel
def _read_list(
    block: Bytes, begin: int, end: int, hops: int, ranges: Words
) -> tuple[int, np.uint64, np.uint64, int, int]:
    """The entry that counts of a comma list: CLIENT_… kind, high and low 64 bits, and where it stands."""
    zero = np.uint64(0)
    if begin < 0:
        return CLIENT_NONE, zero, zero, begin, end
    if begin == end:
        return CLIENT_BAD, zero, zero, begin, end
    if hops == _UNTOLD:
        return read_list(block, np.int64(begin), np.int64(end), True)
    kind, high, low, found_begin, found_end = CLIENT_NONE, zero, zero, begin, end
    passed = 0
    comma = np.int64(end)
    while comma >= begin:
        entry_end = comma
        comma -= 1
        while comma >= begin and block[comma] != 44:
            comma -= 1
        entry = read_entry(block, comma + 1, entry_end)
        if entry[0] == CLIENT_NONE:
            continue
        passed += 1
        if entry[0] != CLIENT_BAD or kind == CLIENT_NONE:
            kind, high, low, found_begin, found_end = entry
        if hops == _BY_NETWORKS:
            if entry[0] != CLIENT_ADDRESS or not _is_in(high, low, ranges):
                break
        elif passed >= hops:
            break
    return kind, high, low, found_begin, found_end


@inner_kernel
def _is_in(high: np.uint64, low: np.uint64, ranges: Words) -> bool:
    """Whether an address lies in one of the ranges, by binary search."""
    first, behind = 0, len(ranges)
    while first < behind:
        middle = (first + behind) // 2
        if high > ranges[middle, 2] or (high == ranges[middle, 2] and low > ranges[middle, 3]):
            first = middle + 1
        else:
            behind = middle
    if first == len(ranges):
        return False
    return high > ranges[first, 0] or (high == ranges[first, 0] and low >= ranges[first, 1])
