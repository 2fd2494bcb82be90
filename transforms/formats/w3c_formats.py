"""W3C extended logs: what the names in a `#Fields` line mean, and how their values are written.

`w3c:date time c-ip …` is a format as its `#Fields` line has it. Sources: the W3C working draft WD-logfile, Microsoft's
"W3C Logging" (IIS: UTC, `time-taken` in milliseconds, `+` for a space in headers), Amazon's "Standard logging
reference" (CloudFront: tabs between values though not between names, seconds, headers percent-encoded, formerly twice).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from footfall.transforms.formats.fields import Field, FormatError, Meaning, Part

W3C: Final = "w3c:"
FIELDS_DIRECTIVE: Final = b"#Fields:"
"""A line that begins so names the fields of the lines behind it."""

# Name, lower case → meaning, and rank where another one says it better. Headers stand as `cs(Name)`, or bare.
_FIELDS: Final[dict[str, tuple[Meaning, int]]] = {
    "c-ip": (Meaning.CLIENT, 0),
    "cs-username": (Meaning.USER, 0),
    "x-host-header": (Meaning.SITE, 0),
    "cs-host": (Meaning.SITE, 1),
    "cs(host)": (Meaning.SITE, 1),  # at CloudFront the distribution's, rather than what the client asked for
    "cs-method": (Meaning.METHOD, 0),
    "cs-uri": (Meaning.URL, 0),
    "cs-uri-stem": (Meaning.PATH, 0),
    "cs-uri-query": (Meaning.QUERY, 0),
    "cs-version": (Meaning.PROTOCOL, 0),
    "cs-protocol-version": (Meaning.PROTOCOL, 0),
    "sc-status": (Meaning.STATUS, 0),
    "sc-bytes": (Meaning.BYTES, 0),
}
_TIME_FIELDS: Final = ("date", "time")
_ESSENTIAL: Final = frozenset({*_TIME_FIELDS, "c-ip", "cs-method", "cs-uri", "cs-uri-stem", "sc-status"})
"""A line that ends before one of these is cut; columns behind them may be missing."""
_HEADER: Final = re.compile(r"cs\((.+)\)")
_NAME: Final = re.compile(r"[A-Za-z0-9()_.-]{1,64}")
_MOST_FIELDS: Final = 200
_CLOUDFRONT: Final = "x-edge-location"


def field_names(text: str) -> list[str]:
    """The names in a `#Fields` line's content, in lower case. Raises FormatError, which tells none of them."""
    names = text.split()
    if not 0 < len(names) <= _MOST_FIELDS or not all(_NAME.fullmatch(name) for name in names):
        raise FormatError(
            f"log format: what stands behind {FIELDS_DIRECTIVE.decode()} is no list of W3C field names; expected some "
            "such as date time c-ip cs-method cs-uri-stem sc-status, with spaces between them"
        )
    return [name.lower() for name in names]


def read_fields_line(line: bytes) -> str | None:
    """The format that a `#Fields` line begins, None where the line is none or its names can't be read.

    >>> read_fields_line(b"#Fields: date time c-ip")
    'w3c:date time c-ip'
    """
    if not line.startswith(FIELDS_DIRECTIVE):
        return None
    content = line[len(FIELDS_DIRECTIVE) :].decode("ascii", "replace")
    try:
        return W3C + " ".join(field_names(content))
    except FormatError:
        return None


def is_cloudfront(text: str) -> bool:
    """Whether CloudFront writes this format, with encodings and units of its own."""
    return _CLOUDFRONT in text


def optional_count(text: str) -> int:
    """How many of the last fields may be missing in a line."""
    names = field_names(text.removeprefix(W3C))
    return len(names) - 1 - max((place for place, name in enumerate(names) if name in _ESSENTIAL), default=len(names))


def w3c_parts(text: str, headers: Mapping[str, Meaning]) -> Iterator[Part]:
    """Fields with separators between them; `headers` has the meanings of request headers. Raises FormatError."""
    names = field_names(text.removeprefix(W3C))
    separator = b"\t" if is_cloudfront(text) else b" "
    place = 0
    while place < len(names):
        if place:
            yield separator
        if tuple(names[place : place + 2]) == _TIME_FIELDS and place + 2 < len(names):
            # Side by side they are an ISO time.
            yield Field(Meaning.TIME_ISO, words=2)
            place += 2
            continue
        yield from _field_parts(names[place], separator, headers, seconds=is_cloudfront(text))
        place += 1


def _field_parts(name: str, separator: bytes, headers: Mapping[str, Meaning], *, seconds: bool) -> Iterator[Part]:
    if name == "date":
        yield from (
            Field(Meaning.YEAR, width=4),
            b"-",
            Field(Meaning.MONTH, width=2),
            b"-",
            Field(Meaning.DAY, width=2),
        )
        return
    if name == "time":
        yield from (
            Field(Meaning.HOUR, width=2),
            b":",
            Field(Meaning.MINUTE, width=2),
            b":",
            Field(Meaning.SECOND, width=2),
        )
        return
    header = _HEADER.fullmatch(name)
    meaning, rank = headers.get(header[1] if header else name, Meaning.SKIP), 0
    if name in _FIELDS:
        meaning, rank = _FIELDS[name]
    elif name == "time-taken":
        meaning = Meaning.REQUEST_TIME_S if seconds else Meaning.REQUEST_TIME_MS
    yield Field(meaning, rank=rank, separator=separator)
