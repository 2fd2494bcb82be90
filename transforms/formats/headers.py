"""The meanings of request headers and cookies, in whichever server's format string they stand."""

from __future__ import annotations

import re
from typing import Final

from footfall.transforms.formats.fields import Field, Meaning

# Request header, lower case with dashes → meaning.
HEADERS: Final[dict[str, Meaning]] = {
    "referer": Meaning.REFERRER,
    "user-agent": Meaning.AGENT,
    "host": Meaning.SITE,
    "cookie": Meaning.COOKIE_HEADER,
    "sec-gpc": Meaning.SEC_GPC,  # Global Privacy Control (W3C)
    "dnt": Meaning.DNT,  # Tracking Preference Expression (W3C)
    "sec-fetch-dest": Meaning.FETCH_DEST,  # Fetch Metadata (W3C)
    "x-requested-with": Meaning.REQUESTED_WITH,
    "sec-purpose": Meaning.PURPOSE,  # Fetch (WHATWG)
    "purpose": Meaning.PURPOSE,  # the same of older Chrome and Safari
    "x-moz": Meaning.PURPOSE,  # and of Firefox
    "accept": Meaning.ACCEPT,
    "x-forwarded-for": Meaning.FORWARDED,
    "x-original-forwarded-for": Meaning.FORWARDED,  # ingress-nginx: the header of the request
    "forwarded": Meaning.FORWARDED,  # RFC 7239
    "cf-connecting-ip": Meaning.EDGE_CLIENT,  # Cloudflare
    "true-client-ip": Meaning.EDGE_CLIENT,  # Akamai, Cloudflare
    "fastly-client-ip": Meaning.EDGE_CLIENT,
    "fly-client-ip": Meaning.EDGE_CLIENT,
    "x-azure-clientip": Meaning.EDGE_CLIENT,  # Front Door
    "x-appengine-user-ip": Meaning.EDGE_CLIENT,
    "x-real-ip": Meaning.PROXY_CLIENT,
    "x-client-ip": Meaning.PROXY_CLIENT,
    "x-cluster-client-ip": Meaning.PROXY_CLIENT,
}

ANSWER_HEADERS: Final = {"content-type": Meaning.CONTENT_TYPE}
"""Header of the answer, lower case with dashes → meaning."""

SESSION_NAME: Final = re.compile(r"sess|sid", re.IGNORECASE)
"""In the name of a cookie that is likely the session's."""


def cookie_field(name: str) -> Field:
    """Return the field of a cookie; one whose name suggests a session has priority over others."""
    return Field(Meaning.COOKIE, rank=0 if SESSION_NAME.search(name) else 1)
