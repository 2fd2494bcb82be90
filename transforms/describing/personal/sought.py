"""What the check before publishing searches all texts for: shapes that no published text may have."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.describing.personal.common_addresses import LOOK_LIKE_ADDRESSES
from footfall.transforms.describing.personal.rule import Where

ADVERTISERS_DIGEST: Final = 16
ADVERTISERS_NUMBER: Final = f"[0-9]{{16,20}}|(^|[^0-9A-Za-z])[0-9a-f]{{{ADVERTISERS_DIGEST}}}($|[^0-9A-Za-z])"
"""The number or the digest of a campaign or of a group of advertisements, which may be as long as a cookie.

Digests stay beside words only: rules replace those that stand alone.
"""

# RE2 patterns. None may match a text that scrub_texts lets through: otherwise a visitor who requests such a page often
# enough could stop the publication.
SOUGHT: Final[dict[str, tuple[str, str]]] = {
    "no address": (
        # A "v" before four numbers makes them a version, as /download/v1.2.3.4.
        r"(^|[^0-9.vV])((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)($|[^0-9.])"
        r"|(^|[^0-9A-Za-z_:])(([0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
        r"|([0-9A-Fa-f]{1,4}:){2,7}(:[0-9A-Fa-f]{1,4}){1,6}|[0-9A-Fa-f]{1,4}::[0-9A-Fa-f]{1,4})($|[^0-9A-Za-z:])",
        "searched all published texts for IPv4 and IPv6 addresses",
    ),
    "no e-mail address": (
        r"[A-Za-z0-9._+-]+(@|%40)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
        "searched all published texts for e-mail addresses",
    ),
    # Pages begin with a slash; their text comes from a path, not from a user agent.
    "no user agent": (
        r"^[^/]*(Mozilla/\d\.\d|AppleWebKit/\d|Gecko/20100101)|^Mozilla/\d\.\d .*(AppleWebKit|Gecko)/",
        "searched all published texts for parts of raw user agents",
    ),
    "no cookie or other identifier": (
        r"(^|[^0-9A-Za-z])([0-9A-Fa-f]{16,}|[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})($|[^0-9A-Za-z])",
        "searched all published texts for UUIDs and long hexadecimal tokens, as cookies and digests are",
    ),
}
"""Promise → what would break it, and how that is looked for."""

_WITHOUT: Final = re.compile(LOOK_LIKE_ADDRESSES, re.ASCII)
_NUMBER: Final = re.compile(ADVERTISERS_NUMBER)
_PATTERNS: Final = [re.compile(pattern, re.ASCII) for pattern, _ in SOUGHT.values()]


def is_sought(text: str, where: Where) -> bool:
    """Whether the check before publishing would find something in a text.

    It looks at texts without LOOK_LIKE_ADDRESSES, and in campaigns without the advertiser's numbers. Paths are
    published with their capitals, all else without.

    >>> is_sought("/from/192.0.2.17", "path"), is_sought("/router/192.168.1.1", "path")
    (True, False)
    """
    rest = text if where == "path" else text.lower()
    if "." in rest or ":" in rest:
        rest = _WITHOUT.sub("-", rest)
    if where == "campaign":
        rest = _NUMBER.sub("", rest)
    return any(pattern.search(rest) for pattern in _PATTERNS)
