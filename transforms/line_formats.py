"""Log formats as data: Apache `LogFormat` and nginx `log_format` strings, compiled to what the scanner runs.

A format is a row of fields with literal text between them. Each field fills a *slot*, the meaning that all
formats share; fields without one are read over. Sources: httpd's mod_log_config, nginx's ngx_http_log_module and
ngx_http_core_module (variables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from typing import Final


class FormatError(ValueError):
    """A log format that can't be understood; the message says which part and why."""


class Slot(IntEnum):
    """What a field means. One slot may be filled by several fields: the first that is not `-` counts."""

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


SLOT_COUNT: Final = len(Slot)

TIME_SLOTS: Final = frozenset(Slot(code) for code in range(Slot.TIME_CLF, Slot.ZONE + 1))


@dataclass(frozen=True)
class Field:
    """One field of a line: what it means and where it ends.

    A `quoted` field ends at the next quote that no backslash escapes, any other one at the first occurrence of the
    literal behind it. A field of fixed `width` ends there. `before` names a byte that ends the field and belongs to
    the next one (`$host$request_uri`).
    """

    slot: Slot
    quoted: bool = False
    width: int = 0
    before: bytes = b""


@dataclass(frozen=True)
class LineFormat:
    """A compiled format: `literals[0] fields[0] literals[1] … fields[n-1] literals[n]`.

    With `extras`, further fields may follow, separated by a space. `cookie_name` picks a cookie from a
    Cookie header.
    """

    name: str
    literals: tuple[bytes, ...]
    fields: tuple[Field, ...]
    extras: bool = False

    @property
    def slots(self) -> frozenset[Slot]:
        """The meanings that a line of this format can carry."""
        return frozenset(part.slot for part in self.fields) - {Slot.SKIP}


# What operators call their formats. `combined` and `vhost_combined` let extra fields follow, as servers' do.
#
#   common          192.0.2.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a.gif HTTP/1.0" 200 2326
#   combined        … "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"
#   vhost_combined  www.example.com:443 192.0.2.7 - - […
#   footfall        combined, then "session cookie" and seconds: what `footfall sample` writes
NAMED_FORMATS: Final[dict[str, str]] = {
    "common": '%h %l %u %t "%r" %>s %b',
    "combined": '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    "vhost_combined": '%v:%p %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    "footfall": '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" "$cookie_session" $request_time',
}
WITH_EXTRAS: Final = frozenset({"combined", "vhost_combined"})

# nginx variable → slot. Cookies and headers are matched by prefix below; all others are read over.
NGINX_VARIABLES: Final[dict[str, Slot]] = {
    "remote_addr": Slot.CLIENT,
    "binary_remote_addr": Slot.SKIP,
    "proxy_protocol_addr": Slot.CLIENT,
    "remote_user": Slot.USER,
    "host": Slot.SITE,
    "server_name": Slot.SITE,
    "request": Slot.REQUEST,
    "request_method": Slot.METHOD,
    "request_uri": Slot.URL,
    "uri": Slot.PATH,
    "document_uri": Slot.PATH,
    "args": Slot.QUERY,
    "query_string": Slot.QUERY,
    "server_protocol": Slot.PROTOCOL,
    "status": Slot.STATUS,
    "body_bytes_sent": Slot.BYTES,
    "bytes_sent": Slot.BYTES,
    "request_time": Slot.REQUEST_TIME_S,
    "time_local": Slot.TIME_CLF,
    "time_iso8601": Slot.TIME_ISO,
    "msec": Slot.TIME_S,
}

# Apache directive letter → slot, without and with {argument}. `%u` may be empty quotes, `%h` a host name.
APACHE_DIRECTIVES: Final[dict[str, Slot]] = {
    "a": Slot.CLIENT,
    "h": Slot.CLIENT,
    "u": Slot.USER,
    "v": Slot.SITE,
    "V": Slot.SITE,
    "r": Slot.REQUEST,
    "m": Slot.METHOD,  # "-" for a malformed request
    "U": Slot.PATH,
    "q": Slot.QUERY,
    "H": Slot.PROTOCOL,
    "s": Slot.STATUS,
    "b": Slot.BYTES,
    "B": Slot.BYTES,
    "O": Slot.BYTES,
    "D": Slot.REQUEST_TIME_US,
    "T": Slot.REQUEST_TIME_S,
    "t": Slot.TIME_CLF,
}
APACHE_OTHERS: Final = frozenset("ACIKLPRSXefiklnopx^")
REQUEST_TIME_UNITS: Final = {"s": Slot.REQUEST_TIME_S, "ms": Slot.REQUEST_TIME_MS, "us": Slot.REQUEST_TIME_US}

# Request header, lower case with dashes → slot.
HEADERS: Final[dict[str, Slot]] = {
    "referer": Slot.REFERRER,
    "user-agent": Slot.AGENT,
    "host": Slot.SITE,
    "cookie": Slot.COOKIE_HEADER,
    "x-forwarded-for": Slot.FORWARDED,
}

# strftime conversions → (slot, width); composed ones are spelled out first.
STRFTIME_COMPOSED: Final = {"D": "%m/%d/%y", "F": "%Y-%m-%d", "T": "%H:%M:%S", "R": "%H:%M", "h": "%b"}
STRFTIME: Final[dict[str, tuple[Slot, int]]] = {
    "Y": (Slot.YEAR, 4),
    "m": (Slot.MONTH, 2),
    "b": (Slot.MONTH_NAME, 3),
    "d": (Slot.DAY, 2),
    "e": (Slot.DAY, 2),
    "H": (Slot.HOUR, 2),
    "M": (Slot.MINUTE, 2),
    "S": (Slot.SECOND, 2),
    "z": (Slot.ZONE, 5),
    "a": (Slot.SKIP, 3),
    "Z": (Slot.SKIP, 0),
    "s": (Slot.TIME_S, 0),
}
FRACTIONS: Final = {"msec_frac": 3, "usec_frac": 6}
EPOCHS: Final = {"sec": Slot.TIME_S, "msec": Slot.TIME_MS, "usec": Slot.TIME_US}

_NGINX_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_NGINX_DEFINITION: Final = re.compile(r"^\s*log_format\s+\S+\s+(?:escape=(\w+)\s+)?(.*?);?\s*$", re.DOTALL)
_NGINX_PIECE: Final = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")
_APACHE_DEFINITION: Final = re.compile(r"^\s*LogFormat\s+\"((?:[^\"\\]|\\.)*)\"", re.IGNORECASE | re.DOTALL)
_APACHE_DIRECTIVE: Final = re.compile(r"%(?:(%)|[!\d,]*([<>]?)(?:\{([^}]*)\})?(\^?[a-zA-Z]{1,2}|\^FB|\^FU))")

Part = bytes | Field


@lru_cache(maxsize=256)
def compile_format(text: str) -> LineFormat:
    """The format for a name of `NAMED_FORMATS`, an nginx `log_format` or an Apache `LogFormat` string.

    The whole directive may be given as it stands in a server's configuration. Raises FormatError.

    >>> sorted(slot.name for slot in compile_format('$remote_addr [$time_local] "$request" $status').slots)
    ['CLIENT', 'REQUEST', 'STATUS', 'TIME_CLF']
    """
    pattern = NAMED_FORMATS.get(text, text)
    if "%" in _NGINX_VARIABLE.sub("", pattern) and not _NGINX_DEFINITION.match(pattern):
        parts = list(_apache_parts(_apache_pattern(pattern)))
    elif "$" in pattern:
        parts = list(_nginx_parts(_nginx_pattern(pattern)))
    else:
        raise FormatError(
            f"log format {text!r} is neither a known name ({', '.join(NAMED_FORMATS)}) nor an nginx or Apache format "
            "string with $variables or %directives: give one of those with --log-format"
        )
    return _assemble(text, parts, extras=text in WITH_EXTRAS)


def _nginx_pattern(text: str) -> str:
    """The bare format of an nginx `log_format` directive, its quoted pieces joined."""
    definition = _NGINX_DEFINITION.match(text)
    if definition is None:
        return text
    if definition[1] == "json":
        raise FormatError("log_format with escape=json writes JSON lines, which --log-format doesn't take yet")
    pieces = [single or double for single, double in _NGINX_PIECE.findall(definition[2])]
    return re.sub(r"\\(.)", r"\1", "".join(pieces)) if pieces else definition[2]


def _apache_pattern(text: str) -> str:
    """The bare format of an Apache `LogFormat` directive, its escapes undone."""
    definition = _APACHE_DEFINITION.match(text)
    inner = definition[1] if definition else text
    return inner.replace('\\"', '"').replace("\\t", "\t").replace("\\n", "\n").replace("\\\\", "\\")


def _nginx_parts(pattern: str) -> Iterator[Part]:
    position = 0
    for match in _NGINX_VARIABLE.finditer(pattern):
        yield pattern[position : match.start()].encode()
        yield Field(_nginx_slot(match[1] or match[2]))
        position = match.end()
    yield pattern[position:].encode()


def _nginx_slot(name: str) -> Slot:
    if name.startswith("cookie_"):
        return Slot.COOKIE
    if name.startswith("http_"):
        return HEADERS.get(name[5:].replace("_", "-").lower(), Slot.SKIP)
    return NGINX_VARIABLES.get(name, Slot.SKIP)


def _apache_parts(pattern: str) -> Iterator[Part]:
    position = 0
    for match in _APACHE_DIRECTIVE.finditer(pattern):
        yield pattern[position : match.start()].encode()
        position = match.end()
        if match[1]:
            yield b"%"
        elif match[4] == "t":
            yield from _apache_time(match[3] or "")
        else:
            yield Field(_apache_slot(match[4], match[3]))
            # A second letter that is no directive is text: `%Dus`.
            if len(match[4]) == 2 and not match[4].startswith("^"):
                yield match[4][1:].encode()
    rest = pattern[position:]
    if "%" in pattern[:position].replace("%%", "") and re.search(r"%(?!%)", rest):
        raise FormatError(f"log format: directive {rest[rest.index('%') : rest.index('%') + 8]!r} can't be understood")
    yield rest.encode()


def _apache_slot(letter: str, argument: str | None) -> Slot:
    if letter in ("^FB", "^FU"):
        return Slot.SKIP
    letter = letter[0]
    if letter == "i" and argument:
        return HEADERS.get(argument.lower(), Slot.SKIP)
    if letter == "C":
        return Slot.COOKIE
    if letter == "T" and argument:
        unit = REQUEST_TIME_UNITS.get(argument.lower())
        if unit is None:
            raise FormatError(f"log format: %{{{argument}}}T has an unknown unit, expected s, ms or us")
        return unit
    slot = APACHE_DIRECTIVES.get(letter)
    if slot is None and letter not in APACHE_OTHERS:
        raise FormatError(f"log format: unknown directive %{letter}")
    return Slot.SKIP if slot is None else slot


def _apache_time(argument: str) -> Iterator[Part]:
    """The fields of `%t` or `%{…}t`: a strftime pattern is spelled out into year, month, day and so on."""
    kind = argument.removeprefix("begin:").removeprefix("end:")
    if not kind:
        yield b"["
        yield Field(Slot.TIME_CLF)
        yield b"]"
    elif kind in EPOCHS:
        yield Field(EPOCHS[kind])
    elif kind in FRACTIONS:
        yield Field(Slot.FRACTION, width=FRACTIONS[kind])
    else:
        yield from _strftime_parts(kind)


def _strftime_parts(pattern: str) -> Iterator[Part]:
    for letter, pieces in STRFTIME_COMPOSED.items():
        pattern = pattern.replace("%" + letter, pieces)
    position = 0
    for match in re.finditer(r"%(.)", pattern):
        yield pattern[position : match.start()].encode()
        position = match.end()
        if match[1] == "%":
            yield b"%"
        elif match[1] in STRFTIME:
            slot, width = STRFTIME[match[1]]
            yield Field(slot, width=width)
        else:
            raise FormatError(f"log format: %{match[1]} in a time pattern isn't understood; use {', '.join(STRFTIME)}")
    yield pattern[position:].encode()


@dataclass
class _Assembly:
    literals: list[bytes] = field(default_factory=lambda: [b""])
    fields: list[Field] = field(default_factory=list)


def _assemble(name: str, parts: list[Part], *, extras: bool) -> LineFormat:
    """Join neighbouring literals, tell quoted fields, and settle fields with nothing between them."""
    result = _Assembly()
    for part in parts:
        if isinstance(part, bytes):
            result.literals[-1] += part
            continue
        if result.fields and not result.literals[-1]:
            last = result.fields[-1]
            if last.slot in (Slot.PATH, Slot.URL) and part.slot in (Slot.QUERY, Slot.SKIP):
                # `%U%q`, `$uri$is_args$args`: together they are the url.
                result.fields[-1] = Field(Slot.URL)
                continue
            if not last.width:
                before = {Slot.URL: b"/", Slot.PATH: b"/", Slot.QUERY: b"?"}.get(part.slot)
                if before is None:
                    raise FormatError(
                        f"log format {name!r}: the fields for {last.slot.name} and {part.slot.name} touch, so nobody can "
                        "tell where one ends; put a separator between them"
                    )
                result.fields[-1] = Field(last.slot, before=before)
        result.fields.append(part)
        result.literals.append(b"")
    fields = tuple(
        Field(part.slot, quoted=left.endswith(b'"') and right.startswith(b'"'), width=part.width, before=part.before)
        for part, left, right in zip(result.fields, result.literals[:-1], result.literals[1:], strict=True)
    )
    if not any(part.slot in TIME_SLOTS for part in fields):
        raise FormatError(f"log format {name!r} has no time: add $time_local or %t to what the server writes")
    return LineFormat(name, tuple(result.literals), fields, extras)
