"""Log formats in the languages of Apache and nginx, translated into a sequence of literals and fields.

Only the table of names is the product's own: what the formats in it mean is worked out here anew.

A format is read from the left: a literal must stand in the line as it is, a field goes on to the closing quote or to
the literal behind it. Nothing is ever tried twice, so a line fits in exactly one way or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from footfall.transforms.formats.named_formats import NAMED_FORMATS, OPEN_ENDED, OPTIONAL_COUNTS
from tests.reference.json_lines import is_absolute, is_json, read_mapping
from tests.reference.w3c import name_fields

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
    ("a", "c"): "peer",
    ("h", "c"): "peer",
    ("i", "referer"): "referrer",
    ("i", "user-agent"): "agent",
    ("i", "host"): "site",
    ("i", "sec-gpc"): "gpc",
    ("i", "dnt"): "dnt",
    ("i", "sec-fetch-dest"): "dest",
    ("i", "x-requested-with"): "with",
    ("i", "sec-purpose"): "purpose",
    ("i", "accept"): "accept",
    ("o", "content-type"): "type",
    ("i", "x-forwarded-for"): "forwarded",
    ("i", "forwarded"): "forwarded",
    ("i", "cf-connecting-ip"): "edge_client",
    ("i", "true-client-ip"): "edge_client",
    ("i", "x-real-ip"): "proxy_client",
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
    "http_sec_gpc": "gpc",
    "http_dnt": "dnt",
    "http_sec_fetch_dest": "dest",
    "http_x_requested_with": "with",
    "http_sec_purpose": "purpose",
    "http_accept": "accept",
    "sent_http_content_type": "type",
    "http_x_forwarded_for": "forwarded",
    "http_forwarded": "forwarded",
    "http_cf_connecting_ip": "edge_client",
    "http_true_client_ip": "edge_client",
    "http_x_real_ip": "proxy_client",
    "realip_remote_addr": "peer",
    "host": "site",
    "http_host": "site",
    "server_name": "site",
    "request_time": "request_s",
    "upstream_response_time": "upstream_s",
    "request_method": "method",
    "request_uri": "url",
    "uri": "path",
    "args": "query",
    "server_protocol": "protocol",
    "processing_times": "request_s",
    "request_time_ms": "request_ms",
    "request_time_us": "request_us",
    "time_ms": "time_ms",
    "time_us": "time_us",
    "absolute_request": "request",
    "absolute_uri": "url",
}
UNCOVERED = frozenset(
    {
        *("uwsgi", "odoo", "gin", "chi", "tornado", "jupyter", "vertx", "glassfish"),
        *("oauth2_proxy", "iis", "bitbucket", "rails_log", "php", "gitea", "render", "render_syslog"),
        *("fastly", "synapse", "gorouter_cli"),
    }
)
"""Named formats that are not read here: those with a time in several fields, with several words at the end, or with
fields that nothing separates. Their golden lines and rows of tests say what they mean."""
WORDS = {"processing_times": 3}
"""Fields that are so many words long."""
ABSOLUTE = {"absolute_request", "absolute_uri"}
"""Fields whose url has the site."""
TIME_FIELDS = ("time_local", "time_iso", "time_s", "time_ms", "time_us", "time_any")

_APACHE_DIRECTIVE = re.compile(r"%(?:[!\d,]*)[<>]?(?:\{([^}]*)\})?([a-zA-Z%])")
_NGINX_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class Piece:
    """A literal that stands in the line, or a field called `text` ("" = not used)."""

    text: str
    is_field: bool
    in_quotes: bool = False
    """Whether a field has a quote before and behind it."""
    words: int = 1


@dataclass(frozen=True)
class LineFormat:
    """A translated log format: fields with literals between them."""

    pieces: tuple[Piece, ...]
    extras: bool
    optional: int
    """How many of the last fields may be missing."""
    is_absolute: bool
    """Whether urls have the site."""

    @property
    def fields(self) -> list[str]:
        """Names of the fields that are used, in their order."""
        return [piece.text for piece in self.pieces if piece.is_field and piece.text]

    def may_end_behind(self, place: int) -> bool:
        """Whether all fields behind the one at a place may be missing, and there are some."""
        behind = sum(piece.is_field for piece in self.pieces[place + 1 :])
        return 0 < behind <= self.optional

    def literal_behind(self, place: int) -> bytes:
        """The literal behind the field at a place, empty at the end of the line."""
        return self.pieces[place + 1].text.encode() if place + 1 < len(self.pieces) else b""


@cache
def compile_format(log_format: str) -> LineFormat:
    """Translate a format's name, an nginx `log_format` or an Apache `LogFormat` string.

    ValueError: the format has no time, or two fields with nothing between them.
    """
    text = NAMED_FORMATS.get(log_format, log_format)
    if text.startswith("w3c:"):
        return LineFormat(tuple(Piece(name, True) for name in name_fields(text)), False, 0, False)
    if is_json(log_format):
        pieces = tuple(Piece(name, True) for name in read_mapping(log_format))
        return LineFormat(pieces, False, 0, is_absolute(log_format))
    tokens = _read_nginx(text) if "$" in text else _read_apache(text.replace('\\"', '"'))
    names = re.findall(r"\$\{?(\w+)", text)
    merged: list[tuple[bool, str]] = []
    for is_field, value in tokens:
        if merged and not is_field and not merged[-1][0]:
            merged[-1] = (False, merged[-1][1] + value)
        elif merged and is_field and merged[-1][0]:
            raise ValueError("log format: two fields with nothing between them; put a separator there")
        else:
            merged.append((is_field, value))
    parts = []
    for i, (is_field, value) in enumerate(merged):
        before = merged[i - 1][1] if i else ""
        behind = merged[i + 1][1] if i + 1 < len(merged) else ""
        in_quotes = is_field and before.endswith('"') and behind.startswith('"')
        name, _, words = value.partition("*") if is_field else (value, "", "")
        parts.append(Piece(name, is_field, in_quotes, int(words or 1)))
    has_site = not ABSOLUTE.isdisjoint(names)
    result = LineFormat(tuple(parts), log_format in OPEN_ENDED, OPTIONAL_COUNTS.get(log_format, 0), has_site)
    if not set(result.fields) & set(TIME_FIELDS):
        raise ValueError("log format: no field for the time; add $time_local or %t")
    return result


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
        is_cookie = name.startswith("cookie_") and name != "cookie_header"
        words = f"*{WORDS[name]}" if name in WORDS else ""
        tokens.append((True, "session" if is_cookie else NGINX_FIELDS.get(name, "") + words))
    tokens.append((False, text[position:]))
    return [token for token in tokens if token != (False, "")]
