"""Line formats: Apache `LogFormat` and nginx `log_format` strings, compiled for the scanner.

A format is a sequence of fields with literal text between them. Each field has a *meaning* that is independent of the
server; fields with the meaning SKIP are skipped. Sources: httpd's mod_log_config, nginx's ngx_http_log_module and
ngx_http_core_module (variables).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from footfall.transforms.formats.fields import Field, FormatError, Meaning, Part
from footfall.transforms.formats.named_formats import EXTRA_VARIABLES, NAMED_FORMATS, OPEN_ENDED, OPTIONAL_COUNTS
from footfall.transforms.formats.named_json_formats import JSON_FORMATS
from footfall.transforms.formats.time_patterns import TIME_MEANINGS, apache_time, choose_time
from footfall.transforms.formats.w3c_formats import W3C, count_optional, w3c_parts


@dataclass(frozen=True)
class LineFormat:
    """A compiled format: `literals[0] fields[0] literals[1] … fields[n-1] literals[n]`.

    With `open_ended`, further fields may follow after a space. The last `optional_count` fields may be missing.
    """

    name: str
    literals: tuple[bytes, ...]
    fields: tuple[Field, ...]
    open_ended: bool = False
    optional_count: int = 0

    @property
    def meanings(self) -> frozenset[Meaning]:
        """The meanings of the fields that a line can have."""
        meanings = {part.meaning for part in self.fields}
        if any(part.absolute for part in self.fields):
            meanings |= {Meaning.URL_HOST, Meaning.SITE}
        return frozenset(meanings) - {Meaning.SKIP}


# nginx variable → meaning, and its rank among fields with that meaning. `nginx_field` handles cookies and headers by
# their prefixes; all other variables are skipped.
NGINX_VARIABLES: Final[dict[str, tuple[Meaning, int]]] = {
    "remote_addr": (Meaning.CLIENT, 0),
    "realip_remote_addr": (Meaning.PEER, 0),
    "proxy_protocol_addr": (Meaning.EDGE_CLIENT, 0),
    "proxy_add_x_forwarded_for": (Meaning.FORWARDED, 1),  # with the peer at the end
    "remote_user": (Meaning.USER, 0),
    "host": (Meaning.SITE, 0),
    "server_name": (Meaning.SITE, 0),
    "request": (Meaning.REQUEST, 0),
    "request_method": (Meaning.METHOD, 0),
    "request_uri": (Meaning.URL, 0),
    "uri": (Meaning.PATH, 0),
    "document_uri": (Meaning.PATH, 0),
    "args": (Meaning.QUERY, 0),
    "query_string": (Meaning.QUERY, 0),
    "server_protocol": (Meaning.PROTOCOL, 0),
    "status": (Meaning.STATUS, 0),
    "body_bytes_sent": (Meaning.BYTES, 0),
    "bytes_sent": (Meaning.BYTES, 1),  # with the header
    "request_time": (Meaning.REQUEST_TIME_S, 0),
    "upstream_response_time": (Meaning.REQUEST_TIME_S, 1),  # excludes sending to the client; a list after retries
    "time_local": (Meaning.TIME_CLF, 0),
    "time_iso8601": (Meaning.TIME_ISO, 0),
    "msec": (Meaning.TIME_S, 0),
}

# Apache directive letter → meaning and rank. `%u` may be empty quotes, `%h` a host name.
APACHE_DIRECTIVES: Final[dict[str, tuple[Meaning, int]]] = {
    "a": (Meaning.CLIENT, 0),
    "h": (Meaning.CLIENT, 2),  # a name, with HostnameLookups
    "u": (Meaning.USER, 0),
    "v": (Meaning.SITE, 0),
    "V": (Meaning.SITE, 0),
    "r": (Meaning.REQUEST, 0),
    "m": (Meaning.METHOD, 0),  # "-" for a malformed request
    "U": (Meaning.PATH, 0),
    "q": (Meaning.QUERY, 0),
    "H": (Meaning.PROTOCOL, 0),
    "s": (Meaning.STATUS, 0),
    "b": (Meaning.BYTES, 0),
    "B": (Meaning.BYTES, 0),
    "O": (Meaning.BYTES, 2),  # with the header
    "D": (Meaning.REQUEST_TIME_US, 0),
    "T": (Meaning.REQUEST_TIME_S, 0),
}
APACHE_IGNORED: Final = frozenset("ACIKLPRSXcefiklnopx")
REQUEST_TIME_UNITS: Final = {"s": Meaning.REQUEST_TIME_S, "ms": Meaning.REQUEST_TIME_MS, "us": Meaning.REQUEST_TIME_US}

# Request header, lower case with dashes → meaning.
HEADERS: Final[dict[str, Meaning]] = {
    "referer": Meaning.REFERRER,
    "user-agent": Meaning.AGENT,
    "host": Meaning.SITE,
    "cookie": Meaning.COOKIE_HEADER,
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

_NGINX_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_NGINX_DEFINITION: Final = re.compile(r"^\s*log_format\s+\S+\s+(?:escape=(\w+)\s+)?(.*?);?\s*$", re.DOTALL)
_NGINX_PIECE: Final = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\")")
_APACHE_DEFINITION: Final = re.compile(r"^\s*LogFormat\s+\"((?:[^\"\\]|\\.)*)\"", re.IGNORECASE | re.DOTALL)
# `%`, then in any order: statuses for which it is written, `<` or `>`, {argument}; then the directive.
_APACHE_DIRECTIVE: Final = re.compile(r"%((?:[!<>\d,]|\{[^}]*\})*)(%|\^[a-zA-Z]{2}|[a-zA-Z])")
_FORMAT_NAMES: Final = (*NAMED_FORMATS, *JSON_FORMATS)
_COOKIES: Final = re.compile(r"\$\{?cookie_(\w+)|%[!<>\d,]*\{([^}]*)\}[!<>\d,]*C")
_SESSION_NAME: Final = re.compile(r"sess|sid", re.IGNORECASE)
_TEN_DIGITS: Final = 10
"""Width of seconds since 1970, from 2001 to 2286."""


@lru_cache(maxsize=256)
def compile_format(text: str) -> LineFormat:
    """Compile a name of `NAMED_FORMATS`, `w3c:` and fields, an nginx `log_format`, or an Apache `LogFormat`.

    The text may be the whole directive from a server's configuration. Raises FormatError.

    >>> sorted(meaning.name for meaning in compile_format('$remote_addr [$time_local] "$request" $status').meanings)
    ['CLIENT', 'REQUEST', 'STATUS', 'TIME_CLF']
    """
    pattern = NAMED_FORMATS.get(text, text)
    if pattern.startswith(W3C):
        fields = _choose_fields(choose_time(list(w3c_parts(pattern, HEADERS))))
        return replace(assemble(text, fields), optional_count=count_optional(pattern))
    is_apache = any(match[2] == "t" for match in _APACHE_DIRECTIVE.finditer(pattern))
    if "$" in pattern and not (is_apache and not _NGINX_DEFINITION.match(pattern)):
        parts = list(_nginx_parts(nginx_pattern(pattern)))
    elif "%" in pattern:
        parts = list(_apache_parts(_apache_pattern(pattern)))
    else:
        raise FormatError(
            f"log format {text!r} is unknown, expected a name ({', '.join(_FORMAT_NAMES)}) or an nginx or Apache "
            "format string with $variables or %directives: give one of those with --log-format"
        )
    check_cookies(pattern)
    return replace(
        assemble(text, _choose_fields(choose_time(parts))),
        open_ended=text in OPEN_ENDED,
        optional_count=OPTIONAL_COUNTS.get(text, 0),
    )


def check_cookies(pattern: str) -> None:
    """Raise FormatError if any of several cookies could be the session's."""
    names = {match[1] or match[2] for match in _COOKIES.finditer(pattern)}
    likely = {name for name in names if _SESSION_NAME.search(name)} or names
    if len(likely) > 1:
        raise FormatError(
            f"log format: any of the cookies {', '.join(sorted(likely))} could be the session's, expected one whose "
            "name contains sess or sid: name the session's with --session-cookie"
        )


def choose_cookie(text: str, name: str) -> str:
    """Return a format that skips all cookies except the one of this name, if the format has that one.

    >>> choose_cookie("$cookie_a $cookie_b %{a}C", "b")
    '$other_cookie_a $cookie_b %{a}n'
    """
    if name not in {match[1] or match[2] for match in _COOKIES.finditer(text)}:
        return text

    def skip_others(match: re.Match[str]) -> str:
        if name in (match[1], match[2]):
            return match[0]
        # `%{…}n`, a note of the request, is skipped.
        return match[0].replace("cookie_", "other_cookie_", 1) if match[1] else match[0][:-1] + "n"

    return _COOKIES.sub(skip_others, text)


def nginx_pattern(text: str) -> str:
    """Return the format string in an nginx `log_format` directive, with its quoted pieces joined."""
    definition = _NGINX_DEFINITION.match(text)
    if definition is None:
        return text
    pieces = [single or double for single, double in _NGINX_PIECE.findall(definition[2])]
    return re.sub(r"\\(.)", r"\1", "".join(pieces)) if pieces else definition[2]


def _apache_pattern(text: str) -> str:
    """Return the format string in an Apache `LogFormat` directive, without escapes."""
    definition = _APACHE_DEFINITION.match(text)
    inner = definition[1] if definition else text
    return re.sub(r"\\(.)", lambda match: {"t": "\t", "n": "\n"}.get(match[1], match[1]), inner)


def _nginx_parts(pattern: str) -> Iterator[Part]:
    position = 0
    for match in _NGINX_VARIABLE.finditer(pattern):
        yield pattern[position : match.start()].encode()
        yield nginx_field(match[1] or match[2])
        position = match.end()
    yield pattern[position:].encode()


def nginx_field(name: str) -> Field:
    """Return the field of an nginx variable."""
    if name in EXTRA_VARIABLES:
        return EXTRA_VARIABLES[name]
    if name.startswith("cookie_"):
        return _cookie_field(name.removeprefix("cookie_"))
    if name.startswith("http_"):
        return Field(HEADERS.get(name[5:].replace("_", "-").lower(), Meaning.SKIP))
    meaning, rank = NGINX_VARIABLES.get(name, (Meaning.SKIP, 0))
    return Field(meaning, rank=rank)


def _cookie_field(name: str) -> Field:
    """Return the field of a cookie; one whose name suggests a session has priority over others."""
    return Field(Meaning.COOKIE, rank=0 if _SESSION_NAME.search(name) else 1)


def _apache_parts(pattern: str) -> Iterator[Part]:
    position = 0
    directives = list(_APACHE_DIRECTIVE.finditer(pattern))
    has_time = any(match[2] == "t" and not _is_conditional(match) for match in directives)
    for match in directives:
        yield _apache_text(pattern[position : match.start()])
        position = match.end()
        arguments = re.findall(r"\{([^}]*)\}", match[1])
        argument = arguments[-1] if arguments else ""
        modifiers = re.sub(r"\{[^}]*\}|[!\d,]", "", match[1])
        if match[2] == "%":
            yield b"%"
        elif match[2] == "t" and has_time and _is_conditional(match) and match.end() == len(pattern):
            # A second time at the end that is `-` for most statuses.
            yield Field(Meaning.SKIP)
        elif match[2] == "t":
            yield from apache_time(argument)
        elif match[2].startswith("^"):
            yield Field(Meaning.SKIP)
        else:
            yield _apache_field(match[2], argument, modifiers[-1:])
    yield _apache_text(pattern[position:])


def _is_conditional(match: re.Match[str]) -> bool:
    """Return whether a directive is written for some statuses only."""
    return bool(re.search(r"\d", re.sub(r"\{[^}]*\}", "", match[1])))


def _apache_text(text: str) -> bytes:
    if "%" in text:
        directive = text[text.index("%") :][:8]
        raise FormatError(
            f"log format: {directive!r} is no Apache directive, expected % and a letter: write %% for a percent sign"
        )
    return text.encode()


def _apache_field(letter: str, argument: str, modifier: str) -> Field:
    if letter == "i":
        meaning, rank = HEADERS.get(argument.lower(), Meaning.SKIP), 0
    elif letter == "C":
        return _cookie_field(argument)
    elif letter == "T" and argument:
        unit = REQUEST_TIME_UNITS.get(argument.lower())
        if unit is None:
            raise FormatError(f"log format: %{{{argument}}}T has an unknown unit, expected s, ms or us: correct it")
        meaning, rank = unit, 0
    elif letter in APACHE_DIRECTIVES:
        meaning, rank = APACHE_DIRECTIVES[letter]
    elif letter in APACHE_IGNORED:
        meaning, rank = Meaning.SKIP, 0
    else:
        raise FormatError(
            f"log format: %{letter} is unknown, expected a directive of Apache's mod_log_config: remove it"
        )
    if letter in "ah" and argument == "c":
        meaning = Meaning.PEER  # the other end of the connection, which may be a proxy
    # After an internal redirect, the final status (`%>s`) is the client's; for other directives no modifier is usual.
    usual = ">" if letter == "s" else ""
    return Field(meaning, rank=rank + (modifier != usual))


def _choose_fields(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with SKIP for each field that has a higher rank than another one with the same meaning."""
    best: dict[Meaning, int] = {}
    for part in parts:
        if isinstance(part, Field):
            best[part.meaning] = min(part.rank, best.get(part.meaning, part.rank))
    return [
        replace(part, meaning=Meaning.SKIP) if isinstance(part, Field) and part.rank > best[part.meaning] else part
        for part in parts
    ]


@dataclass
class _Assembly:
    literals: list[bytes] = field(default_factory=lambda: [b""])
    fields: list[Field] = field(default_factory=list)


def assemble(name: str, parts: Sequence[Part]) -> LineFormat:
    """Join adjacent literals, mark quoted fields, and resolve adjacent fields. Raises FormatError."""
    result = _Assembly()
    for part in parts:
        if isinstance(part, bytes):
            result.literals[-1] += part
            continue
        if result.fields and not result.literals[-1]:
            last = result.fields[-1]
            if last.meaning in (Meaning.PATH, Meaning.URL) and part.meaning in (Meaning.QUERY, Meaning.SKIP):
                # `%U%q`, `$uri$is_args$args`: together these are the url.
                result.fields[-1] = Field(Meaning.URL)
                continue
            if last.meaning == Meaning.TIME_S and part.meaning == Meaning.FRACTION:
                result.fields[-1] = replace(last, width=_TEN_DIGITS)
            elif not last.width:
                end_byte = {Meaning.URL: b"/", Meaning.PATH: b"/", Meaning.QUERY: b"?"}.get(part.meaning)
                if end_byte is None:
                    raise FormatError(
                        f"log format {name!r}: {last.meaning.name} and {part.meaning.name} are adjacent, expected "
                        "literal text between them: add a separator"
                    )
                result.fields[-1] = Field(last.meaning, end_byte=end_byte)
        result.fields.append(part)
        result.literals.append(b"")
    fields = tuple(
        replace(part, quoted=left.endswith(b'"') and right.startswith(b'"'))
        for part, left, right in zip(result.fields, result.literals[:-1], result.literals[1:], strict=True)
    )
    if not any(part.meaning in TIME_MEANINGS for part in fields):
        raise FormatError(
            f"log format {name!r} has no time, expected one with at least a day and an hour (%H): "
            "add $time_local or %t to the server's format"
        )
    return LineFormat(name, tuple(result.literals), fields)


__all__ = [
    "NAMED_FORMATS",
    "OPEN_ENDED",
    "Field",
    "FormatError",
    "LineFormat",
    "Meaning",
    "assemble",
    "check_cookies",
    "choose_cookie",
    "compile_format",
]
