"""The registrable domain of a host, so that a person's host at a provider counts as the provider's."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

LOCAL_NAMES: Final = frozenset(
    "corp domain home internal intra intranet invalid lan local localdomain localhost localnet private".split()
)
"""Top-level names of networks that are nobody else's: their hosts are people's devices. RFC 6761, 6762, 8375; the names
that ICANN gives to nobody for that reason (`corp`, `home`, `internal`)."""

_LOCK: Final = threading.Lock()


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
        domain: str | None = _suffixes().privatesuffix(host)
    return domain or host


@cache
def _suffixes() -> PublicSuffixList:
    # Imported and read when the first host needs it: that takes as long as reading ten thousand lines.
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=True)
