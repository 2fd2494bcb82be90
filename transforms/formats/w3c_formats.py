"""W3C extended logs: the meanings of the names in a `#Fields` line, and the forms of their values.

`w3c:date time c-ip …` is the format with these names in its `#Fields` line; with tabs between the names, there are
tabs between the values too. Sources: the W3C working draft WD-logfile; Microsoft's "W3C Logging" (IIS: UTC,
`time-taken` in milliseconds, `+` for a space in headers); Tomcat's ExtendedAccessLogValve (quotes, seconds with a
fraction); ASP.NET Core's W3CLogger (milliseconds with a fraction); Amazon's "Standard logging reference" (CloudFront:
tabs between values but not between names, seconds, headers percent-encoded, formerly twice) and "Real-time logs".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from footfall.transforms.formats.fields import Field, FormatError, Meaning, Part

W3C: Final = "w3c:"
FIELDS_DIRECTIVE: Final = b"#Fields:"
"""Prefix of a line that names the fields of the following lines."""

# Name in lower case → meaning, and its rank among fields with that meaning. Headers are `cs(Name)`, or `Name` alone.
_FIELDS: Final[dict[str, tuple[Meaning, int]]] = {
    "c-ip": (Meaning.CLIENT, 0),
    "c-dns": (Meaning.CLIENT, 1),
    "s-xff": (Meaning.FORWARDED, 0),  # Imperva
    "cs-username": (Meaning.USER, 0),
    "x-host-header": (Meaning.SITE, 0),
    "cs-host": (Meaning.SITE, 1),
    "cs(host)": (Meaning.SITE, 1),  # CloudFront: the host of the distribution, not of the request
    "cs-method": (Meaning.METHOD, 0),
    "cs-uri": (Meaning.URL, 0),
    "cs-uri-stem": (Meaning.PATH, 0),
    "cs-uri-path": (Meaning.PATH, 1),  # Blue Coat
    "cs-uri-query": (Meaning.QUERY, 0),
    "cs-version": (Meaning.PROTOCOL, 0),
    "cs-protocol-version": (Meaning.PROTOCOL, 0),
    "sc-status": (Meaning.STATUS, 0),
    "c-status": (Meaning.STATUS, 1),
    "sc-bytes": (Meaning.BYTES, 0),
    "bytes": (Meaning.BYTES, 1),
    "cs(referrer)": (Meaning.REFERRER, 1),
    "cs-referer": (Meaning.REFERRER, 1),  # CloudFront's real-time logs
    "cs-user-agent": (Meaning.AGENT, 1),
    "cs-cookie": (Meaning.COOKIE_HEADER, 1),
    "sc-content-type": (Meaning.CONTENT_TYPE, 0),  # CloudFront
    "sc(content-type)": (Meaning.CONTENT_TYPE, 0),
    "rs(content-type)": (Meaning.CONTENT_TYPE, 0),  # Blue Coat: of the origin's answer
    "cs-accept": (Meaning.ACCEPT, 1),
    "c-referrer": (Meaning.REFERRER, 1),  # Edgio's (EdgeCast's)
    "c-user-agent": (Meaning.AGENT, 1),
    "timestamp": (Meaning.TIME_ANY, 0),
}
_TIME_FIELDS: Final = (("date", "time"), ("date-local", "time-local"))
"""Names that stand side by side for one time, the better one first."""
_ESSENTIAL: Final = frozenset(
    {*_TIME_FIELDS[0], *_TIME_FIELDS[1], "timestamp", "c-ip", "cs-method", "cs-uri", "cs-uri-stem", "cs-uri-path"}
    | {"sc-status"}
)
"""A line that ends before one of these is cut off; fields after the last of them may be missing."""
_HEADER: Final = re.compile(r"cs\((.+)\)")
_NAME: Final = re.compile(r"[A-Za-z0-9()_.-]{1,64}|\"(?:date|time)\"")
_MAX_FIELDS: Final = 200
_CLOUDFRONT: Final = "x-edge-location"
_EDGECAST: Final = "x-ec_custom-1"
_TAB: Final = "\t"
_W3CLOGGER: Final = ["sc-status", "time-taken", "cs-version"]
"""ASP.NET Core's W3CLogger writes its columns in this order; others let the administrator choose one."""


def field_names(text: str) -> list[str]:
    """Return the names in a `#Fields` line's content, in lower case. Raises FormatError, which quotes none of them."""
    names = text.split()
    if not 0 < len(names) <= _MAX_FIELDS or not all(_NAME.fullmatch(name) for name in names):
        raise FormatError(
            f"log format: the text after {FIELDS_DIRECTIVE.decode()} is no list of W3C field names, expected names "
            "such as date time c-ip cs-method cs-uri-stem sc-status: separate them with spaces"
        )
    return [name.lower() for name in names]


def parse_fields_line(line: bytes) -> str | None:
    """Return the format in a `#Fields` line, None if the line is no such line or has invalid names.

    >>> parse_fields_line(b"#Fields: date time c-ip")
    'w3c:date time c-ip'
    """
    if not line.startswith(FIELDS_DIRECTIVE):
        return None
    content = line[len(FIELDS_DIRECTIVE) :].decode("ascii", "replace").strip()
    try:
        return W3C + (_TAB if _TAB in content else " ").join(field_names(content))
    except FormatError:
        return None


def with_tabs(text: str) -> str:
    """Return the format with the same names, and tabs between the values."""
    return W3C + _TAB.join(field_names(text.removeprefix(W3C)))


def with_quoted_times(text: str) -> str:
    """Return the format with the same names, and quotes around the values of `date` and `time`."""
    names = field_names(text.removeprefix(W3C))
    return W3C + " ".join(f'"{name}"' if name in _TIME_FIELDS[0] else name for name in names)


def has_tabs(text: str) -> bool:
    """Return whether there are tabs between the values of a format's lines, and not spaces."""
    return is_cloudfront(text) or _TAB in text


def is_cloudfront(text: str) -> bool:
    """Return whether a format is CloudFront's, which has other encodings and units."""
    return _CLOUDFRONT in text


def _time_taken(names: list[str], *, is_cloudfront: bool) -> Meaning:
    """Return the meaning of `time-taken` among these names: with a unit, or one that each value shows."""
    if is_cloudfront:
        return Meaning.REQUEST_TIME_S
    place = names.index("time-taken") if "time-taken" in names else 0
    is_w3clogger = place > 0 and names[place - 1 : place + 2] == _W3CLOGGER
    return Meaning.REQUEST_TIME_MS if is_w3clogger else Meaning.REQUEST_TIME_SHOWN


def count_optional(text: str) -> int:
    """Return how many of the last fields may be missing in a line."""
    names = field_names(text.removeprefix(W3C))
    return len(names) - 1 - max((index for index, name in enumerate(names) if name in _ESSENTIAL), default=len(names))


def w3c_parts(text: str, headers: Mapping[str, Meaning]) -> Iterator[Part]:
    """Return the fields and their separators; `headers` maps request headers to meanings. Raises FormatError."""
    names = field_names(text.removeprefix(W3C))
    separator = b"\t" if has_tabs(text) else b" "
    time_taken = _time_taken(names, is_cloudfront=is_cloudfront(text))
    # UTC is better than local time, which has no zone.
    pair = next((pair for pair in _TIME_FIELDS if set(pair) <= set(names)), _TIME_FIELDS[0])
    index = 0
    while index < len(names):
        if index:
            yield separator
        if tuple(names[index : index + 2]) == pair and index + 2 < len(names):
            # `date time` is an ISO time with a separator for the T.
            yield Field(Meaning.TIME_ISO, words=2)
            index += 2
            continue
        name = names[index]
        if pair != _TIME_FIELDS[0]:
            name = {"date-local": "date", "time-local": "time", "date": "", "time": ""}.get(name, name)
        if name == "sc-status" and _EDGECAST in names:
            yield from (Field(Meaning.SKIP), b"/")  # `TCP_HIT/200`
        if name == "cs-uri-stem" and _EDGECAST in names:
            yield Field(Meaning.URL, separator=separator, absolute=True)
            index += 1
            continue
        yield from _field_parts(name, separator, headers, time_taken)
        index += 1


def _field_parts(name: str, separator: bytes, headers: Mapping[str, Meaning], time_taken: Meaning) -> Iterator[Part]:
    if name in ('"date"', '"time"'):
        yield from (b'"', *_field_parts(name.strip('"'), separator, headers, time_taken), b'"')
        return
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
        meaning = time_taken
    yield Field(meaning, rank=rank, separator=separator)
