"""The meanings of log fields, independent of the names that servers give them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class FormatError(ValueError):
    """A log format is invalid; the message names the part and the reason."""


class Meaning(IntEnum):
    """The meaning of a field. If several fields have the same meaning, the first that is not `-` is used."""

    SKIP = 0
    CLIENT = 1
    FORWARDED = 2
    USER = 3
    SITE = 4
    REQUEST = 5
    METHOD = 6
    URL = 7
    PATH = 8
    QUERY = 9
    PROTOCOL = 10
    STATUS = 11
    BYTES = 12
    REFERRER = 13
    AGENT = 14
    COOKIE = 15
    COOKIE_HEADER = 16
    REQUEST_TIME_S = 17
    REQUEST_TIME_MS = 18
    REQUEST_TIME_US = 19
    TIME_CLF = 20
    TIME_ISO = 21
    TIME_S = 22
    TIME_MS = 23
    TIME_US = 24
    YEAR = 25
    MONTH = 26
    MONTH_NAME = 27
    DAY = 28
    HOUR = 29
    MINUTE = 30
    SECOND = 31
    FRACTION = 32
    ZONE = 33
    PEER = 34
    """The address that opened the connection, if the client field may be an address behind it."""
    EDGE_CLIENT = 35
    """The client's address according to a CDN or load balancer to which it connected."""
    PROXY_CLIENT = 36
    """The client's address according to the nearest proxy, which may be another proxy's."""
    URL_HOST = 37
    """No field: urls of the format are absolute, and their host is the site if no field has it."""
    REQUEST_TIME_NS = 38
    TIME_ANY = 39
    """A time in one field in any form: ISO 8601, Apache's, or a number since 1970 in any unit."""
    DATE = 41
    """The day of a time of which CLOCK has the rest, in JSON; elsewhere the scanner reads YEAR, MONTH and so on."""
    CLOCK = 42
    REQUEST_TIME_SHOWN = 40
    """A duration whose unit its values show: seconds with a decimal point, milliseconds without."""
    SEC_GPC = 43
    """Global Privacy Control: `1` is a visitor who does not want to be counted."""
    DNT = 44
    """Do Not Track: the same, of older browsers."""
    FETCH_DEST = 45
    """What a browser asks for: `document`, `image`, `empty` (a script's own request)."""
    REQUESTED_WITH = 46
    """`XMLHttpRequest` of scripts."""
    PURPOSE = 47
    """`prefetch` of what nobody has opened yet."""
    ACCEPT = 48
    """The media types that the client wants."""
    CONTENT_TYPE = 49
    """The media type of the answer."""


@dataclass(frozen=True)
class Field:
    """One field of a line: its meaning and where it ends.

    A `quoted` field ends at the next quote that no backslash escapes. A field with a `width` has that many bytes, a
    field with `words` has that many words, separated by the first byte of the literal after it. A field with
    `end_byte` ends before that byte, which belongs to the next field (`$host$request_uri`). A field with a `separator`
    ends before it and may be in quotes. Any other field ends at the first occurrence of the literal after it.

    Of several fields with the same meaning, only those with the lowest `rank` are used. Urls in an `absolute` field
    include the host.
    """

    meaning: Meaning
    quoted: bool = False
    width: int = 0
    end_byte: bytes = b""
    rank: int = 0
    words: int = 0
    separator: bytes = b""
    absolute: bool = False


Part = bytes | Field
"""A part of a log format: a field, or literal text, in which a line feed matches white space of any width."""


FORWARDED_MEANINGS: Final = (Meaning.EDGE_CLIENT, Meaning.PROXY_CLIENT, Meaning.FORWARDED)
"""Meanings of fields that name the client behind a proxy, the most reliable first."""


ASKING_MEANINGS: Final = (
    Meaning.FETCH_DEST,
    Meaning.REQUESTED_WITH,
    Meaning.PURPOSE,
    Meaning.ACCEPT,
    Meaning.CONTENT_TYPE,
)
"""Meanings of fields that say whether a document was asked for, or something else."""
OPT_OUT_MEANINGS: Final = (Meaning.SEC_GPC, Meaning.DNT)
"""Meanings of fields that say with `1` that the visitor does not want to be counted."""


def has_session_field(meanings: Collection[Meaning], cookie_name: str) -> bool:
    """Return whether lines of a format can have a session cookie."""
    return Meaning.COOKIE in meanings or (Meaning.COOKIE_HEADER in meanings and bool(cookie_name))


def has_forwarded_field(meanings: frozenset[Meaning]) -> bool:
    """Return whether lines of a format can name a client behind a proxy."""
    return not meanings.isdisjoint(FORWARDED_MEANINGS)
