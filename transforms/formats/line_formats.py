"""Line formats: format strings of nginx, Apache, HAProxy and W3C logs, compiled for the scanner.

A format is a sequence of fields with literal text between them. Each field has a *meaning* that is independent of the
server; fields with the meaning SKIP are skipped. Each server's strings have a module of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

from footfall.transforms.formats.apache_strings import apache_parts, has_apache_time
from footfall.transforms.formats.fields import Field, FormatError, Meaning, Part
from footfall.transforms.formats.haproxy_strings import haproxy_parts, is_haproxy
from footfall.transforms.formats.headers import HEADERS, SESSION_NAME
from footfall.transforms.formats.named_formats import NAMED_FORMATS, OPEN_ENDED, OPTIONAL_COUNTS
from footfall.transforms.formats.named_json_formats import JSON_FORMATS
from footfall.transforms.formats.nginx_strings import NGINX_DEFINITION, nginx_parts, nginx_pattern
from footfall.transforms.formats.time_patterns import TIME_MEANINGS, choose_time
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


_FORMAT_NAMES: Final = (*NAMED_FORMATS, *JSON_FORMATS)
_COOKIES: Final = re.compile(r"\$\{?cookie_(\w+)|%[!<>\d,]*\{([^}]*)\}[!<>\d,]*[Cc]")
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
    if is_haproxy(pattern):
        parts = list(haproxy_parts(pattern))
    elif "$" in pattern and not (has_apache_time(pattern) and not NGINX_DEFINITION.match(pattern)):
        parts = list(nginx_parts(nginx_pattern(pattern)))
    elif "%" in pattern:
        parts = list(apache_parts(pattern))
    else:
        raise FormatError(
            f"log format {text!r} is unknown, expected a name ({', '.join(_FORMAT_NAMES)}) or an nginx, Apache "
            "or HAProxy format string with $variables or %directives: give one of those with --log-format"
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
    likely = {name for name in names if SESSION_NAME.search(name)} or names
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
