"""What fields of a log line can mean, whatever a server calls them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class FormatError(ValueError):
    """A log format that can't be understood; the message says which part and why."""


class Meaning(IntEnum):
    """What a field means. One meaning may be filled by several fields: the first that is not `-` counts."""

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
    """Who opened the connection, where the client field may be somebody behind it."""
    EDGE_CLIENT = 35
    """The client's address by a delivery network or balancer that saw it connect."""
    PROXY_CLIENT = 36
    """The client's address by the nearest proxy, which may have had another one before it."""
    URL_HOST = 37
    """Filled by no field: urls of the format are absolute, and their host is the site where no field tells it."""
    REQUEST_TIME_NS = 38
    TIME_ANY = 39
    """A time in any form that stands in one field: ISO 8601, Apache's, or since 1970 in any unit."""


@dataclass(frozen=True)
class Field:
    """One field of a line: what it means and where it ends.

    A `quoted` field ends at the next quote that no backslash escapes, any other one at the first occurrence of the
    literal behind it. A field of fixed `width` ends there; one of some `words` has so many, parted by the first byte of
    the literal. `before` names a byte that ends the field and belongs to the next one (`$host$request_uri`). A field
    that a `separator` ends may stand in quotes. Of several with one meaning only those of the lowest `rank` count.
    Urls in an `absolute` field have their host.
    """

    meaning: Meaning
    quoted: bool = False
    width: int = 0
    before: bytes = b""
    rank: int = 0
    words: int = 0
    separator: bytes = b""
    absolute: bool = False


Part = bytes | Field
"""A piece of a log format: literal text, in which a line feed stands for white space of any width, or a field."""


FORWARDED_MEANINGS: Final = (Meaning.EDGE_CLIENT, Meaning.PROXY_CLIENT, Meaning.FORWARDED)
"""That name a client behind a proxy."""


def has_session_field(meanings: Collection[Meaning], cookie_name: str) -> bool:
    """Whether lines of a format can carry a session cookie."""
    return Meaning.COOKIE in meanings or (Meaning.COOKIE_HEADER in meanings and bool(cookie_name))


def has_forwarded_field(meanings: frozenset[Meaning]) -> bool:
    """Whether lines of a format can name a client behind a proxy."""
    return not meanings.isdisjoint(FORWARDED_MEANINGS)
