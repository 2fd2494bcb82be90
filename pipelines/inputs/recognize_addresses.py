"""Recognises addresses among values, and whether ports follow those of a field.

Python's servers (uvicorn, hypercorn) and nginx's `$remote_addr:$remote_port` write IPv6 addresses without brackets, so
that `2001:db8::1:8080` is one address or another with a port. The other values of the field decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv6Address, ip_address
from typing import Final

_IPV4_AND_PORT: Final = re.compile(r"\d+\.\d+\.\d+\.\d+:\d{1,5}")
_BRACKETS_AND_PORT: Final = re.compile(r"\[[0-9A-Fa-f:.%]+\]:\d{1,5}")
_FORWARDED: Final = re.compile(r'(?:.*[;, ])?for=(?:\\x22|\\?")?(\[[^\]]*\](?::\d+)?|[^;,"\\ ]+).*', re.IGNORECASE)
"""The header Forwarded (RFC 7239), with its last address."""
_ADDRESS_CHARACTERS: Final = re.compile(r"[0-9A-Fa-f]*[:.][0-9A-Fa-f:.]*(?:%.+)?")
_LEAST_PORT: Final = 1024
"""Clients have no port below: these are the servers' own."""
_MOST_PORT: Final = 65535


def have_ports(values: Iterable[str]) -> bool:
    """Return whether all values that say something end in a port, and one at least can be nothing else.

    >>> have_ports(["2001:db8::1:8080", "192.0.2.7:4711"]), have_ports(["2001:db8::1:8080", "192.0.2.7"])
    (True, False)
    """
    kinds = {_kind_of(value) for value in values if value not in ("-", "")}
    return "port" in kinds and kinds <= {"port", "either"}


def may_have_ports(values: Iterable[str]) -> bool:
    """Return whether it is undecidable if the values end in ports.

    >>> may_have_ports(["2001:db8::1:8080"]), may_have_ports(["2001:db8::1:8080", "2001:db8::7"])
    (True, False)
    """
    kind = ""
    for value in values:
        kind = _kind_of(value) if value not in ("-", "") else kind
        if kind not in ("", "either"):
            return False
    return kind == "either"


def _kind_of(value: str) -> str:
    """Return whether an address has a `port`, `none`, or may be read `either` way."""
    if _IPV4_AND_PORT.fullmatch(value) or _BRACKETS_AND_PORT.fullmatch(value):
        return "port"
    host, _, port = value.rpartition(":")
    is_port = port.isdecimal() and port[0] != "0" and _LEAST_PORT <= int(port) <= _MOST_PORT
    if not is_port or ":" not in host or not _is_ipv6(host):
        return "none"
    return "either" if _is_ipv6(value) else "port"


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


def is_address(text: str) -> bool:
    """Return whether a text is an address, perhaps with a port, or a list that begins with one or says `unknown`."""
    text = _FORWARDED.sub(r"\1", text)
    first = next((part for part in text.split(",") if part.strip() not in ("unknown", "-", "")), text).strip()
    for form in (first, first.strip("[]"), re.sub(r":\d+$", "", first).strip("[]"), first.partition("%")[0]):
        if not _ADDRESS_CHARACTERS.fullmatch(form):
            continue  # much faster than the exception, and most values are no addresses
        try:
            ip_address(form)
        except ValueError:
            continue
        return True
    return False


def is_public(text: str) -> bool:
    """Return whether an address, or the first of a list, is public; those of documentation count as such."""
    first = re.sub(r"^(\d+\.\d+\.\d+\.\d+):\d+$", r"\1", text.split(",")[0].strip())
    try:
        return ip_address(first.strip("[]")).is_global or ip_address(first.strip("[]")) in _DOCUMENTATION
    except ValueError:
        return False


class _Documentation:
    """The addresses of documentation, which stand for public ones in examples."""

    def __contains__(self, address: object) -> bool:
        return str(address).startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))


_DOCUMENTATION: Final = _Documentation()


__all__ = ["have_ports", "is_address", "is_public", "may_have_ports"]
