"""Attributes referrers to a kind (search, social, …) and a source (Google, a host, …)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.listed_referrers import LISTED
from footfall.transforms.describing.referrer_sources import ALIASES, SOURCE_PATTERNS, SOURCES
from footfall.transforms.describing.registrable_domains import registrable_domain
from footfall.transforms.describing.scrub_texts import scrub
from footfall.transforms.vocabulary import NONE, REFERRER_KINDS, UNKNOWN

MAX_SOURCE_CHARS: Final = 100
"""A longer host is `(unknown)`."""

_DIRECT, _OTHER = REFERRER_KINDS.index("direct"), REFERRER_KINDS.index("other")
_INTERNAL: Final = REFERRER_KINDS.index("internal")
_CAMPAIGN, _EMAIL = REFERRER_KINDS.index("campaign"), REFERRER_KINDS.index("email")
_SPAM: Final = REFERRER_KINDS.index("spam")
_LISTED: Final = [
    (host, (REFERRER_KINDS.index(kind), name))
    for kind, lines in LISTED.items()
    for name, _, hosts in (line.partition(": ") for line in lines.strip().splitlines())
    for host in hosts.split()
]
_BY_HOST: Final = dict(_LISTED) | {
    host: (REFERRER_KINDS.index(kind), name)
    for kind, names in SOURCES.items()
    for name, hosts in names.items()
    for host in hosts
}
_KINDS_BY_NAME: Final = {
    name.lower(): (REFERRER_KINDS.index(kind), name)
    for kind, names in SOURCES.items()
    if kind not in ("other", "spam")
    for name in names
}
_BY_NAME: Final = _KINDS_BY_NAME | {alias: _KINDS_BY_NAME[name.lower()] for alias, name in ALIASES.items()}
_MAIL_WORDS: Final = frozenset({"email", "e-mail", "mail", "newsletter", "mailing"})
PAID_MEDIUM: Final = re.compile(
    r"(?:.*[^a-z])?(?:cp[acmv]|ppc|paid.*|.*[^a-z]paid|sem|ads?|adwords|display|banner|retargeting)"
)
"""What campaigns call the medium of an advertisement."""
_BY_PATTERN: Final = tuple((REFERRER_KINDS.index(k), name, re.compile(p)) for k, name, p in SOURCE_PATTERNS)

# Scheme, user and password (not captured), host. Browsers treat "\" like "/".
_URL: Final = (
    r"^(?i:(?P<app>android-app)|https?)://(?:[^/?#\\]*@)?(?P<host>[0-9A-Za-z._-]+)\.?(?::[0-9]*)?(?:[/?#\\]|$)"
)
_HOST_NAME: Final = re.compile(r"(?:[0-9a-z_](?:[0-9a-z_-]{0,61}[0-9a-z_])?\.)*[a-z](?:[0-9a-z_-]{0,61}[0-9a-z])?")


def attribute_referrers(referrers: pa.StringArray, own_hosts: Collection[str]) -> pa.Table:
    """Attribute each referrer to a kind and a source.

    `referrers` are URLs as logged; null, empty and `-` mean that there is none. Referrers from `own_hosts`, with or
    without `www.`, are internal. The kind `campaign` does not occur: campaigns are in the query of the page.

    Returns three columns with a row per referrer: `kind` (int8, an index of `REFERRER_KINDS`), `source` (string: the
    name of a service, a registrable domain, `(none)` or `(unknown)`) and `host` (string: in lower case without `www.`
    and port, empty if the URL has no valid host name). Nothing else of the URL is returned, so no user and password.

    >>> attribute_referrers(pa.array(["https://www.google.co.uk/", "-", "http://u:p@blog.example/"]), []).to_pydict()
    {'kind': [2, 0, 7], 'source': ['Google', '(none)', 'blog.example'], 'host': ['google.co.uk', '', 'blog.example']}
    """
    own = {_strip_host(host) for host in own_hosts}
    parts = pc.extract_regex(referrers, _URL)
    hosts = pc.utf8_lower(parts.field("host"))
    # "app:" marks the package name of an app. In `distinct`, a missing referrer is empty and an invalid one null.
    hosts = pc.if_else(pc.equal(parts.field("app"), ""), hosts, pc.binary_join_element_wise("app:", hosts, ""))
    is_missing = pc.is_in(pc.utf8_trim_whitespace(pc.fill_null(referrers, "")), pa.array(["", "-"]))
    distinct = pc.if_else(is_missing, "", pc.if_else(pc.is_valid(parts), hosts, None)).dictionary_encode()

    rows = [_attribute(host, own) for host in distinct.dictionary.to_pylist()]
    kinds, sources, stripped = zip(*rows, strict=True) if rows else ((), (), ())
    scrubbed = scrub(pa.array(sources, pa.string()))
    # A domain that holds something personal names no source, not even in part.
    scrubbed = pc.if_else(pc.equal(scrubbed, pa.array(sources, pa.string())), scrubbed, UNKNOWN)
    published = pc.if_else(pc.equal(pa.array(kinds, pa.int8()), _OTHER), scrubbed, pa.array(sources, pa.string()))
    at = distinct.indices
    return pa.table(
        {
            "kind": pc.fill_null(pa.array(kinds, pa.int8()).take(at), _OTHER),
            "source": pc.fill_null(published.take(at), UNKNOWN),
            "host": pc.fill_null(pa.array(stripped, pa.string()).take(at), ""),
        }
    )


def attribute_campaign(source: str, medium: str) -> tuple[int, str]:
    """Kind and source of a visit with a campaign, by its `utm_source` and `utm_medium`, as `read_campaigns` has them.

    A source that is known keeps its kind, be it named (`chatgpt`, `fb`) or a host (`chatgpt.com`), unless the visit was
    paid for: then, and where the source is not known, the kind is `campaign`.

    >>> attribute_campaign("chatgpt.com", ""), attribute_campaign("google", "cpc"), attribute_campaign("fair", "qr")
    ((5, 'ChatGPT'), (6, 'google'), (6, 'fair'))
    """
    if PAID_MEDIUM.fullmatch(medium):
        return _CAMPAIGN, source
    if source in _MAIL_WORDS:
        return _EMAIL, source
    if source in _BY_NAME:
        return _BY_NAME[source]
    kind, name, _ = _attribute(source, ()) if "." in source else (_OTHER, "", "")
    return (_CAMPAIGN, source) if kind in (_OTHER, _SPAM) else (kind, name)


def _attribute(host: str, own: Collection[str]) -> tuple[int, str, str]:
    """Kind, source and published host of one host in lower case, which is empty if there is no referrer."""
    if not host:
        return _DIRECT, NONE, ""
    is_app = host.startswith("app:")
    stripped = _strip_host(host.removeprefix("app:"))
    if len(stripped) > MAX_SOURCE_CHARS or not _HOST_NAME.fullmatch(stripped):
        return _OTHER, UNKNOWN, ""
    if stripped.endswith(".arpa"):
        # An address backwards, of which the domain has a part.
        return _OTHER, UNKNOWN, ""
    if is_app:
        kind, name = _BY_HOST.get(host, (_OTHER, stripped))
        return kind, name, ""
    if stripped in own:
        return _INTERNAL, NONE, stripped
    for domain in _domains_of(stripped):
        if domain in _BY_HOST:
            return *_BY_HOST[domain], stripped
    for kind, name, pattern in _BY_PATTERN:
        if pattern.fullmatch(stripped):
            return kind, name, stripped
    return _OTHER, registrable_domain(stripped) or UNKNOWN, stripped


def _domains_of(host: str) -> Iterator[str]:
    """The host itself, then each domain that contains it, the smallest first."""
    while host:
        yield host
        host = host.partition(".")[2]


def _strip_host(host: str) -> str:
    """A host name in lower case without port, trailing dot and `www.`."""
    return host.lower().partition(":")[0].rstrip(".").removeprefix("www.")
