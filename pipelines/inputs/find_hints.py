"""Finds what the operator should know about sampled lines beside their format: proxies, and fields that are never
filled."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

import numpy as np

from footfall.pipelines.inputs.recognize_addresses import may_have_ports
from footfall.transforms.formats.fields import FORWARDED_MEANINGS, Meaning
from footfall.transforms.formats.log_formats import ABSENT_FIELDS
from footfall.transforms.scanning.scan_lines import ScannedFields
from footfall.transforms.values.choose_clients import TRUST_KNOWN, choose_clients
from footfall.transforms.values.delivery_networks import DELIVERY_NETWORKS
from footfall.transforms.values.read_addresses import CLIENT_ADDRESS, read_addresses

MIN_LINES: Final = 3
"""With fewer lines, clients are of one network by chance."""
_PRIVATE: Final = [
    *map(ip_network, ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12")),
    *map(ip_network, ("192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")),
]
MIN_ABSENT_LINES: Final = 10
"""With fewer lines, only machines may have come that send no user agent, or no Host header."""
_LEFT_OUT_BY_DEFAULT: Final = ("traefik", "rails")
"""Formats that have no headers unless a server is configured to log them."""


def find_hints(parts: Sequence[ScannedFields], *, knows_proxies: bool) -> Iterator[str]:
    """Yield hints about lines that fit their format; `knows_proxies` is whether settings name the proxies."""
    if not knows_proxies:
        ignored = sum(map(_count_ignored, parts))
        if ignored:
            yield (
                f"{ignored:,} of the sampled lines name a client behind an address that is no known proxy's; the "
                "address counts, since anyone can send such a header; if it is your proxy's, name it with "
                "--trusted-proxies"
            )
    if may_have_ports(_client_texts(parts)):
        yield (
            "it is unknown whether the IPv6 addresses of the sampled lines end in ports, as Python's servers write "
            "them; they are read as addresses without; if they do, give the server's format string with "
            "$remote_addr:$remote_port for the client"
        )
    network = _find_network(parts)
    if network:
        yield (
            f"all clients of the sampled lines are addresses of {network}, which are proxies before the server, so "
            f"that visitors are located there; log the header {DELIVERY_NETWORKS[network].header} in addition to the "
            "address"
        )


def _client_texts(parts: Sequence[ScannedFields]) -> Iterator[str]:
    """Yield the client of each line as it stands there, but of those whose port is a field of its own."""
    for part in parts:
        if part.has(Meaning.CLIENT):
            text = part.block.tobytes()
            for begin, end in zip(*(offsets.tolist() for offsets in part.offsets(Meaning.CLIENT)), strict=True):
                if begin >= 0 and text[end : end + 1] != b":":
                    yield text[begin:end].decode("latin-1")


def find_absent(
    parts: Sequence[ScannedFields], formats: Sequence[str], in_siblings: Container[str] | None = None
) -> list[str]:
    """Return the ABSENT_FIELDS that the formats have but no line fills: the server does not log them.

    Some lines must say so, or siblings of the log: `in_siblings` are the fields that these lack.
    """
    count = sum(part.line_count for part in parts)
    is_left_out = all(name.startswith(_LEFT_OUT_BY_DEFAULT) for name in formats)
    least = 1 if is_left_out or in_siblings is not None else MIN_ABSENT_LINES
    return [
        mark
        for mark, meaning in ABSENT_FIELDS.items()
        if (in_siblings is None or mark in in_siblings)
        and count >= least
        and any(part.has(meaning) for part in parts)
        and not _is_filled(parts, meaning)
    ]


def _is_filled(parts: Sequence[ScannedFields], meaning: Meaning) -> bool:
    """Return whether any line has a field, or the host of its url in place of a site."""
    if meaning == Meaning.SITE and any(part.has(Meaning.URL_HOST) for part in parts):
        return True
    for part in parts:
        if part.has(meaning):
            begins, ends = part.offsets(meaning)
            is_dash = (ends - begins == 1) & (part.block[begins] == ord("-"))
            if ((begins >= 0) & (ends > begins) & ~is_dash).any():
                return True
    return False


def _count_ignored(part: ScannedFields) -> int:
    """Return the number of lines that name another client, whose own address is public and no known proxy's."""
    has_peer_too = part.has(Meaning.PEER) and part.has(Meaning.CLIENT)  # then the server has looked behind it itself
    if has_peer_too or not any(part.has(meaning) for meaning in FORWARDED_MEANINGS):
        return 0
    high, low, kinds, *_ = choose_clients(part, TRUST_KNOWN)
    own = read_addresses(part.block, *part.offsets(Meaning.CLIENT if part.has(Meaning.CLIENT) else Meaning.PEER), True)
    is_own = (own[2] == CLIENT_ADDRESS) & (kinds == CLIENT_ADDRESS) & (own[0] == high) & (own[1] == low)
    names_another = np.zeros(part.line_count, dtype=np.bool_)
    for meaning in FORWARDED_MEANINGS:
        if part.has(meaning):
            other = read_addresses(part.block, *part.offsets(meaning), True)
            differs = (other[0] != high) | (other[1] != low)
            names_another |= (other[2] == CLIENT_ADDRESS) & differs
    return int((is_own & names_another).sum())


def _find_network(parts: Sequence[ScannedFields]) -> str | None:
    """Return the delivery network to which all public clients belong, None if there is none."""
    left = _delivery_networks()
    count = 0
    for address in _public_clients(parts):
        left = {name: ranges for name, ranges in left.items() if any(address in one for one in ranges)}
        count += 1
        if not left:
            return None
    return next(iter(left)) if count >= MIN_LINES else None


@cache
def _delivery_networks() -> dict[str, list[IPv4Network | IPv6Network]]:
    """Return the ranges of each delivery network."""
    return {name: [ip_network(text) for text in one.networks] for name, one in DELIVERY_NETWORKS.items()}


def _public_clients(parts: Sequence[ScannedFields]) -> Iterator[IPv4Address | IPv6Address]:
    for part in parts:
        high, low, kinds, *_ = choose_clients(part, TRUST_KNOWN)
        for line in np.flatnonzero(kinds == CLIENT_ADDRESS).tolist():
            number = int(high[line]) << 64 | int(low[line])
            address = IPv4Address(number) if number < 1 << 32 else IPv6Address(number)
            if not any(address in one for one in _PRIVATE):
                yield address
