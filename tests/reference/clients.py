"""The section "The client" of the definitions: whose address counts where proxies stand in front of the server."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from functools import cache

from footfall.transforms.values.delivery_networks import PUBLISHED_NETWORKS

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Trusted = int | tuple[str, ...] | None
"""How many proxies there are, or their networks; None: nobody said."""

HOST_NAME = re.compile(r"[A-Za-z0-9._-]+")
PORT = re.compile(r":([0-9]{1,5}|_[A-Za-z0-9._-]+)$")
QUOTES = re.compile(r'^([ "]|\\"|\\x22)+|(\\"|\\x22|[ "])+$')
"""A quote within a quoted field is escaped, by Apache with a backslash, by nginx with its number."""
NOT_PUBLIC = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"),
)
"""This host, and private, shared and link-local networks."""
KNOWN_PROXIES = (*NOT_PUBLIC, *PUBLISHED_NETWORKS)
"""Peers that are believed where nobody said which."""


def choose_client(fields: Mapping[str, str], trusted: Trusted) -> str | None:
    """The client in its canonical form: an address, a name or `-`; None where the client field is none of those."""
    own_field = fields["client"] if "client" in fields else fields.get("peer") or "-"
    own = pick(own_field, trusted)
    if own is None:
        return None
    if trusted == 0:
        return str(own)
    if isinstance(trusted, tuple):
        believed = is_in(own, trusted) if isinstance(own, Address) else own == "-" or own.startswith("unix:")
        if not believed:
            return str(own)
    elif "client" in fields and fields.get("peer"):
        peer = pick(fields["peer"], trusted)
        if isinstance(own, Address) and isinstance(peer, Address) and own != peer:
            return str(own)
    if trusted is None:
        is_known = is_in(own, KNOWN_PROXIES) if isinstance(own, Address) else own == "-" or own.startswith("unix:")
        if not is_known:
            return str(own)
    best, most = own, 0
    for name in ("edge_client", "proxy_client", "forwarded"):
        found = pick(fields.get(name) or "-", trusted)
        if found is not None and (rank := how_likely(found, trusted)) > most:
            best, most = found, rank
    return str(best)


def how_likely(found: Address | str, trusted: Trusted) -> int:
    """The higher, the more likely this is the client and no proxy."""
    if isinstance(trusted, tuple):
        return (0 if found == "-" else 2) if isinstance(found, str) else 1 if is_in(found, trusted) else 3
    if isinstance(found, str):
        return 0 if found == "-" else 1
    if trusted is None:
        return 1 if is_in(found, PUBLISHED_NETWORKS) else 2 if is_in(found, NOT_PUBLIC) else 3
    return 3


@cache
def is_in(address: Address, networks: tuple[str, ...]) -> bool:
    """Whether an address belongs to one of some networks; one of `::/96` is the IPv4 address with its number."""
    return any(first <= int(address) <= last for first, last in map(read_network, networks))


@cache
def read_network(text: str) -> tuple[int, int]:
    """The numbers of a network's first and last address; the same ones are looked at for every line."""
    network = ipaddress.ip_network(text)
    return int(network.network_address), int(network.broadcast_address)


def pick(field: str, trusted: Trusted) -> Address | str | None:
    """The entry of an address field that counts: an address, a name, `-` for nothing, None for anything else."""
    if field == "":
        return None
    entries = [entry for text in field.split(",") if (entry := read_entry(text)) != "-"]
    if not entries:
        return "-"
    addresses = [entry for entry in entries if isinstance(entry, Address)]
    if trusted is None:
        public = [address for address in addresses if not is_in(address, NOT_PUBLIC)]
        return [*public, *addresses, *entries][0]
    chosen = None
    for place, entry in enumerate(reversed(entries), start=1):
        if isinstance(trusted, int):
            chosen = chosen if entry is None else entry
            if place >= trusted:
                break
        else:
            chosen = chosen if entry is None else entry
            if not isinstance(entry, Address) or not is_in(entry, trusted):
                break
    return chosen


def read_entry(text: str) -> Address | str | None:
    """An address, a name, `-` for nothing, or None for anything else."""
    host = split_entry(text)
    address = read_address(text)
    if address is not None:
        return address
    if host in ("", "-"):
        return "-"
    if host.startswith("unix:"):
        return host
    return host if HOST_NAME.fullmatch(host) and not re.fullmatch(r"[0-9.]+", host) else None


def split_entry(entry: str) -> str:
    """An entry without blanks, quotes and port; of a `Forwarded` entry, what `for` says."""
    for parameter in entry.split(";"):
        name, is_parameter, value = parameter.lstrip(" ").partition("=")
        if is_parameter and name.lower() == "for":
            entry = value
            break
    entry = QUOTES.sub("", entry)
    if entry.count(":") == 1 or re.search(r"\]" + PORT.pattern, entry):
        entry = PORT.sub("", entry) if not entry.startswith(":") else entry
    return entry


def read_address(entry: str) -> Address | None:
    """An address without port, brackets, zone and `::ffff:`, or None; what is left of `::/96` is IPv4, too."""
    text = split_entry(entry)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    try:
        # Only IPv6 has zones.
        address = ipaddress.IPv6Address(text.partition("%")[0]) if ":" in text else ipaddress.IPv4Address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return address
    is_old = 2**16 <= int(address) < 2**32
    return ipaddress.IPv4Address(int(address)) if is_old else address.ipv4_mapped or address
