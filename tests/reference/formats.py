"""Log formats of Apache and nginx, translated into a sequence of literals and fields.

A format is read from the left: a literal must stand in the line as it is, a field goes on to what ends it (a closing
quote, a bracket, a space). Nothing is ever tried twice, so a line fits in exactly one way or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

NAMED_FORMATS = {
    "common": '%h %l %u %t "%r" %>s %b',
    "combined": '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    "vhost_combined": '%v:%p %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"',
    "footfall": '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" "$cookie_session" $request_time',
}
WITH_EXTRAS = {"combined", "vhost_combined"}
"""Formats that administrators extend at the end: more fields may follow the user agent."""

APACHE_FIELDS = {
    "h": "client",
    "a": "client",
    "u": "user",
    "t": "time_local",
    "r": "request",
    "s": "status",
    "b": "body_bytes",
    "B": "body_bytes",
    "O": "all_bytes",
    "D": "request_us",
    "T": "request_s",
    "v": "site",
    "V": "site",
    "m": "method",
    "H": "protocol",
}
APACHE_FIELDS_WITH_ARGUMENT = {
    ("a", "c"): "client",
    ("i", "referer"): "referrer",
    ("i", "user-agent"): "agent",
    ("i", "host"): "site",
    ("i", "x-forwarded-for"): "forwarded",
    ("t", "sec"): "time_s",
    ("t", "msec"): "time_ms",
    ("t", "usec"): "time_us",
    ("T", "s"): "request_s",
    ("T", "ms"): "request_ms",
    ("T", "us"): "request_us",
}
NGINX_FIELDS = {
    "remote_addr": "client",
    "remote_user": "user",
    "time_local": "time_local",
    "time_iso8601": "time_iso",
    "msec": "time_s",
    "request": "request",
    "status": "status",
    "body_bytes_sent": "body_bytes",
    "bytes_sent": "all_bytes",
    "http_referer": "referrer",
    "http_user_agent": "agent",
    "http_x_forwarded_for": "forwarded",
    "host": "site",
    "http_host": "site",
    "server_name": "site",
    "request_time": "request_s",
    "upstream_response_time": "upstream_s",
    "request_method": "method",
    "request_uri": "url",
    "server_protocol": "protocol",
}
TIME_FIELDS = ("time_local", "time_iso", "time_s", "time_ms", "time_us")

_APACHE_DIRECTIVE = re.compile(r"%(?:[!\d,]*)[<>]?(?:\{([^}]*)\})?([a-zA-Z%])")
_NGINX_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")

_IN_QUOTES = re.compile(rb'(?:[^"\\]|\\.)*', re.DOTALL)
"""An escaped character, or any but a quote and a backslash: a bare quote ends the field."""
_LIST = re.compile(rb"[^ ]*(?:(?<=,) [^ ]*)*")
"""Up to a space, but "192.0.2.1, 192.0.2.2" is one field."""
_UPSTREAM_LIST = re.compile(rb"[^ ]*(?:(?:(?<=,) | : )[^ ]*)*")
"""nginx also writes "0.010, 0.020 : 0.030" when a request moved on to another group of servers."""


@dataclass(frozen=True)
class Piece:
    """A literal (`pattern` is None, `text` stands in the line) or a field called `text` ("" = not used)."""

    text: str
    pattern: re.Pattern[bytes] | None


@dataclass(frozen=True)
class LineFormat:
    """A translated log format."""

    pieces: tuple[Piece, ...]
    extras: bool

    @property
    def fields(self) -> list[str]:
        """Names of the fields that are used, in their order."""
        return [piece.text for piece in self.pieces if piece.pattern is not None and piece.text]


@cache
def compile_format(log_format: str) -> LineFormat:
    """Translate a format's name, an nginx `log_format` or an Apache `LogFormat` string.

    ValueError: the format has no time, or two fields with nothing between them.
    """
    text = NAMED_FORMATS.get(log_format, log_format)
    tokens = _read_nginx(text) if "$" in text else _read_apache(text.replace('\\"', '"'))
    merged: list[tuple[bool, str]] = []
    for is_field, value in tokens:
        if merged and not is_field and not merged[-1][0]:
            merged[-1] = (False, merged[-1][1] + value)
        elif merged and is_field and merged[-1][0]:
            raise ValueError("log format: two fields with nothing between them; put a separator there")
        else:
            merged.append((is_field, value))
    pieces = []
    for i, (is_field, value) in enumerate(merged):
        follows = merged[i + 1][1][:1] if i + 1 < len(merged) else ""
        quotes_before = sum(literal.count('"') for is_other, literal in merged[:i] if not is_other)
        pieces.append(Piece(value, _field_pattern(value, follows, quotes_before % 2 == 1) if is_field else None))
    result = LineFormat(tuple(pieces), log_format in WITH_EXTRAS)
    if not set(result.fields) & set(TIME_FIELDS):
        raise ValueError("log format: no field for the time; add $time_local or %t")
    return result


def _field_pattern(name: str, follows: str, in_quotes: bool) -> re.Pattern[bytes]:
    """What a field may consist of, from the character that follows it in the format ("" = end of line)."""
    if follows == '"':
        return _IN_QUOTES
    if follows not in ("", " "):
        return re.compile(rb"[^" + re.escape(follows.encode()) + rb"]*")
    if in_quotes:
        return re.compile(rb'[^ "]*')
    return _UPSTREAM_LIST if name == "upstream_s" else _LIST


def _read_apache(text: str) -> list[tuple[bool, str]]:
    """(is it a field, its name or the literal text) of an Apache LogFormat."""
    tokens: list[tuple[bool, str]] = []
    position = 0
    for match in _APACHE_DIRECTIVE.finditer(text):
        tokens.append((False, text[position : match.start()]))
        position = match.end()
        argument, letter = match[1], match[2]
        if letter == "%":
            tokens.append((False, "%"))
        elif argument is None and letter == "t":  # Apache writes the brackets itself
            tokens += [(False, "["), (True, "time_local"), (False, "]")]
        elif argument is None:
            tokens.append((True, APACHE_FIELDS.get(letter, "")))
        elif letter == "C":
            tokens.append((True, "session"))
        else:
            tokens.append((True, APACHE_FIELDS_WITH_ARGUMENT.get((letter, argument.lower()), "")))
    tokens.append((False, text[position:]))
    return [token for token in tokens if token != (False, "")]


def _read_nginx(text: str) -> list[tuple[bool, str]]:
    """(is it a field, its name or the literal text) of an nginx log_format."""
    tokens: list[tuple[bool, str]] = []
    position = 0
    for match in _NGINX_VARIABLE.finditer(text):
        tokens.append((False, text[position : match.start()]))
        position = match.end()
        name = match[1] or match[2]
        tokens.append((True, "session" if name.startswith("cookie_") else NGINX_FIELDS.get(name, "")))
    tokens.append((False, text[position:]))
    return [token for token in tokens if token != (False, "")]
