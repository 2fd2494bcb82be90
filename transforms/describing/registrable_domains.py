"""Reads host names: the site, and the registrable domain, so that a person's host counts as its provider's."""

from __future__ import annotations

import re
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LOCAL_NAMES: Final = frozenset(
    "corp domain home internal intra intranet invalid lan local localdomain localhost localnet private".split()
)
"""Top-level names of networks that are nobody else's: their hosts are people's devices. RFC 6761, 6762, 8375; the names
that ICANN gives to nobody for that reason (`corp`, `home`, `internal`)."""

SPECIAL_NAMES: Final = frozenset({"example", "test", "onion"})
"""Top-level names that are no network's own: for documents and tests, and for hosts of Tor. RFC 6761, 7686."""

_LOCK: Final = threading.Lock()
_HOST_NAME: Final = re.compile(
    # No empty label. Not an address, a long hexadecimal token or a UUID: these come from forged Host headers.
    r"(?!.*\.\.)(?!.*\.\d+$)(?!.*[0-9a-f]{16})(?!.*[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
    r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?"
)


def registrable_domain(host: str) -> str | None:
    """The domain that its owner has registered: the public suffix and one label, by the rules of ICANN's section.

    `host` is in lower case. `jane.blogspot.com` is `blogspot.com`: the suffixes that providers have listed themselves
    would make it a domain of its own. A host that is a public suffix is itself. None for a host of one label or of a
    local network, which is a device's name. Needs no network: the list (publicsuffix.org) comes with publicsuffixlist.

    >>> registrable_domain("jane.blogspot.com"), registrable_domain("shop.example.co.uk"), registrable_domain("jane-pc")
    ('blogspot.com', 'example.co.uk', None)
    """
    labels = host.split(".")
    if len(labels) < 2 or labels[-1] in LOCAL_NAMES:
        return None
    if len(labels) == 2:
        return host
    with _LOCK:
        if not labels[-1].startswith("xn--") and labels[-1] not in _top_level_domains():
            return ".".join(labels[-2:])
        domain: str | None = _suffixes(labels[-1]).privatesuffix(host)
    return domain or host


def can_be_site(host: str) -> bool:
    """Whether a host, in lower case, is a name that a site can have: below a top-level domain, or in a local network.

    >>> can_be_site("www.example.org"), can_be_site("shop.local"), can_be_site("jane-doe"), can_be_site("jane.doe")
    (True, True, False, False)
    """
    name, _, top = host.rpartition(".")
    if not name:
        return host == "localhost"
    with _LOCK:
        return top.startswith("xn--") or top in SPECIAL_NAMES | LOCAL_NAMES or top in _top_level_domains()


@cache
def _suffixes(top_level: str) -> PublicSuffixList:
    """The rules of ICANN's section for one top-level domain; for all of them if it is not ASCII.

    All of them take as long to read as ten thousand lines of a log, and hosts are of a few top-level domains.
    """
    import publicsuffixlist

    if top_level.startswith("xn--"):
        return publicsuffixlist.PublicSuffixList(only_icann=True)
    rules = re.findall(rf"^(?:[^/\s]\S*\.)?{re.escape(top_level)}$", _icann_rules(), re.MULTILINE)
    return publicsuffixlist.PublicSuffixList(source=rules)


@cache
def _top_level_domains() -> frozenset[str]:
    return frozenset(re.findall(r"^(?!//).*?([^.\s]+)$", _icann_rules(), re.MULTILINE))


@cache
def _icann_rules() -> str:
    from publicsuffixlist import PSLFILE

    return Path(PSLFILE).read_text("utf-8").partition("// ===END ICANN DOMAINS===")[0]


def site_name(virtual_host: str) -> str | None:
    """The name of the site that a virtual host means, None if it is not a host name."""
    host, _, port = virtual_host.lower().rpartition("@")[2].partition(":")
    site = host.rstrip(".")
    # More than one colon is an IPv6 address without brackets.
    return None if ":" in port or not _HOST_NAME.fullmatch(site) else site
