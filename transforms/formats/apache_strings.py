"""Apache's `LogFormat` strings, and those of servers that borrow its directives.

Sources: httpd's mod_log_config; Tomcat's AccessLogValve; Jetty's CustomRequestLog; gunicorn's `access_log_format`
(`%(h)s`), aiohttp's and varnishncsa's strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from footfall.transforms.formats.fields import Field, FormatError, Meaning, Part
from footfall.transforms.formats.headers import ANSWER_HEADERS, HEADERS, cookie_field
from footfall.transforms.formats.time_patterns import apache_time

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
# Directives whose meaning an argument does not change. With any other argument a directive is something else, such as
# Tomcat's `%{x}r`, an attribute of the request, and is skipped.
APACHE_ARGUMENTS: Final[dict[tuple[str, str], tuple[Meaning, int]]] = {
    ("a", "c"): (Meaning.PEER, 0),  # the other end of the connection, which may be a proxy
    ("h", "c"): (Meaning.PEER, 0),
    ("a", "client"): (Meaning.CLIENT, 0),  # Jetty
    ("a", "remote"): (Meaning.CLIENT, 0),
    ("O", "clf"): (Meaning.BYTES, 2),
    ("T", "s"): (Meaning.REQUEST_TIME_S, 0),
    ("T", "ms"): (Meaning.REQUEST_TIME_MS, 0),
    ("T", "us"): (Meaning.REQUEST_TIME_US, 0),
}
APACHE_IGNORED: Final = frozenset("ACFIKLMPRSXcefiklnopx")

_APACHE_DEFINITION: Final = re.compile(r"^\s*LogFormat\s+\"((?:[^\"\\]|\\.)*)\"", re.IGNORECASE | re.DOTALL)
# `%`, then in any order: statuses for which it is written, `<` or `>`, {argument}; then the directive.
_APACHE_DIRECTIVE: Final = re.compile(r"%((?:[!<>\d,]|\{[^}]*\})*)(%|\^[a-zA-Z]{2}|[a-zA-Z])")
_OF_TOMCAT: Final = re.compile(r"%\{[^}]*\}[rsc]")
"""Directives that only Tomcat has: attributes of the request and the session, and cookies by a small letter."""
_OF_GUNICORN: Final = re.compile(r"%\(([^)]*)\)s")
_GUNICORN_ATOMS: Final = {"f": "%{Referer}i", "a": "%{User-Agent}i", "M": "%{ms}T", "L": "%T"}
"""Gunicorn's names that are not Apache's letters; `%(L)s` is seconds with a fraction."""


def has_apache_time(pattern: str) -> bool:
    """Return whether a format string has Apache's directive for the time."""
    return any(match[2] == "t" for match in _APACHE_DIRECTIVE.finditer(_as_apache(pattern)))


def apache_parts(text: str) -> Iterator[Part]:
    """Return the parts of an Apache format string, or of the whole `LogFormat` directive. Raises FormatError."""
    pattern = _as_apache(_bare(text))
    position = 0
    directives = list(_APACHE_DIRECTIVE.finditer(pattern))
    has_time = any(match[2] == "t" and not _is_conditional(match) for match in directives)
    is_tomcat = _OF_TOMCAT.search(pattern) is not None
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
        elif match[2] == "D" and is_tomcat:
            yield Field(Meaning.REQUEST_TIME_MS)
        else:
            yield _apache_field(match[2], argument, modifiers[-1:])
    yield _apache_text(pattern[position:])


def _bare(text: str) -> str:
    """Return the format string in an Apache `LogFormat` directive, without escapes."""
    definition = _APACHE_DEFINITION.match(text)
    inner = definition[1] if definition else text
    return re.sub(r"\\(.)", lambda match: {"t": "\t", "n": "\n"}.get(match[1], match[1]), inner)


def _as_apache(pattern: str) -> str:
    """Return a string in which gunicorn's `%(h)s` and aiohttp's `%Tf` are Apache's directives."""

    def name(match: re.Match[str]) -> str:
        atom = match[1]
        return "%" + atom if atom.startswith("{") else _GUNICORN_ATOMS.get(atom, "%" + atom[:1])

    return re.sub(r"%Tf(?![a-z])", "%T", _OF_GUNICORN.sub(name, pattern))


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
    elif letter == "o":
        meaning, rank = ANSWER_HEADERS.get(argument.lower(), Meaning.SKIP), 0
    elif letter == "C" or (letter == "c" and argument):
        return cookie_field(argument)
    elif argument and letter == "T" and (letter, argument.lower()) not in APACHE_ARGUMENTS:
        raise FormatError(f"log format: %{{{argument}}}T has an unknown unit, expected s, ms or us: correct it")
    elif argument and letter in APACHE_DIRECTIVES:
        meaning, rank = APACHE_ARGUMENTS.get((letter, argument.lower()), (Meaning.SKIP, 0))
    elif letter in APACHE_DIRECTIVES:
        meaning, rank = APACHE_DIRECTIVES[letter]
    elif letter in APACHE_IGNORED:
        meaning, rank = Meaning.SKIP, 0
    else:
        raise FormatError(
            f"log format: %{letter} is unknown, expected a directive of Apache's mod_log_config: remove it"
        )
    # After an internal redirect, the final status (`%>s`) is the client's; for other directives no modifier is usual.
    usual = ">" if letter == "s" else ""
    return Field(meaning, rank=rank + (modifier != usual))
