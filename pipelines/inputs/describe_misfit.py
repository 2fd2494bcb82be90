"""Finds the format nearest to lines that fit none, and where they differ from it, without quoting them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from footfall.transforms.formats.fields import Field, Meaning
from footfall.transforms.formats.line_formats import compile_format
from footfall.transforms.formats.named_formats import CANDIDATES, NAMED_FORMATS, PLAIN_CANDIDATES
from footfall.transforms.formats.w3c_formats import W3C

_MAX_LINES: Final = 50
_MIN_FIELDS: Final = 3
"""Lines that follow a format for fewer fields only begin alike by chance."""
_NAMES: Final = {
    Meaning.CLIENT: "the client",
    Meaning.USER: "the user",
    Meaning.SITE: "the host",
    Meaning.REQUEST: "the request",
    Meaning.METHOD: "the method",
    Meaning.URL: "the url",
    Meaning.STATUS: "the status",
    Meaning.BYTES: "the size",
    Meaning.REFERRER: "the referrer",
    Meaning.AGENT: "the user agent",
    Meaning.COOKIE: "the session cookie",
    Meaning.REQUEST_TIME_S: "the request time",
    Meaning.REQUEST_TIME_MS: "the request time",
    Meaning.TIME_CLF: "the time",
    Meaning.TIME_ISO: "the time",
    Meaning.TIME_S: "the time",
}
# What a field has to look like before the next one is tried.
_SHAPES: Final = {
    Meaning.TIME_CLF: rb"\d\d/[A-Za-z]{3}/\d{4}:\d\d:\d\d:\d\d[^\]]*",
    Meaning.TIME_ISO: rb"\d{4}-\d\d-\d\d[T ][^\] ]*",
    Meaning.TIME_S: rb"\d{9,11}(?:\.\d+)?",
    Meaning.STATUS: rb"\d{3}|-|0",
    Meaning.BYTES: rb"\d+|-",
    Meaning.CLIENT: rb"[A-Za-z0-9._:%\[\]-]+(?:, ?[A-Za-z0-9._:%\[\]-]+)*",
}


def describe_misfit(lines: Sequence[bytes]) -> str:
    """Return the nearest format, and where most lines differ from it; "" where none is near."""
    best = ("", 0.0, 0)
    for name in (*reversed(PLAIN_CANDIDATES), *CANDIDATES):
        if NAMED_FORMATS[name].startswith(W3C):
            continue
        line_format = compile_format(name)
        reached = Counter(_count_fields(line, line_format.literals, line_format.fields) for line in lines[:_MAX_LINES])
        count = reached.most_common(1)[0][0] if reached else 0
        share = count / len(line_format.fields)
        # Of two formats that lines follow equally far, the one with fewer fields behind is nearer.
        if count >= _MIN_FIELDS and (count, share) > (best[2], best[1]):
            best = (name, share, count)
    name, _, count = best
    if not name:
        return ""
    fields = compile_format(name).fields
    if count == len(fields):
        return f"{name}, up to {_name(fields[-1])}; but a field holds something else, or more follows"
    return f"{name}, up to {_name(fields[count - 1])}; {_name(fields[count])} should follow, and something else does"


def _count_fields(line: bytes, literals: Sequence[bytes], fields: Sequence[Field]) -> int:
    """Return how many of a format's first fields a line has, each with the characters around it."""
    pattern = b""
    for count, (literal, field, behind) in enumerate(zip(literals, fields, literals[1:], strict=False)):
        shape = _SHAPES.get(field.meaning, rb'(?:[^"\\]|\\.)*?' if field.quoted else rb"\S*?")
        pattern += re.escape(literal).replace(b"\\\n", rb"\s*") + b"(?:" + shape + b")"
        end = re.escape(behind[:1]) if behind else rb"(?:\s|$)"
        if re.match(pattern + end.replace(b"\\\n", rb"\s"), line) is None:
            return count
    return len(fields)


def _name(field: Field) -> str:
    name = _NAMES.get(field.meaning, "another field")
    return f"{name} in quotes" if field.quoted else name
