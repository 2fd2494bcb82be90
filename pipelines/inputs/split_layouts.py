"""Splits lines into fields by quotes, brackets and blanks, and finds time, request and status among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

_TOKEN: Final = re.compile(
    r'(?P<name>[\w.-]+[=:])?"(?P<quoted>(?:[^"\\]|\\.)*)"(?=\s|"|$)'
    # API Gateway has no blank between time and request.
    r'|\[(?P<bracketed>[^\]]*)\](?=\s|"|$)'
    r"|\((?P<braced>[^)]*)\)(?=\s|$)"
    r"|(?P<moment>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d+)?(?: [+-]\d{4}|[+-]\d\d:\d\d|Z)?)(?=\s|$)"
    r"|(?P<clf>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})(?=\s|$)"
    # The words of a list are one field.
    r'|(?P<bare>[^\s"](?:(?<=,)\s|\S)*)'
)
CLF: Final = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d:\d\d(\.\d+)?( [+-]\d{4})?")
ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*( [+-]\d{4})?")
ISO_AND_WORDS: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* .*[A-Za-z].*")
"""Of env_logger in Rust: `2026-06-01T10:00:00Z INFO  actix_web::middleware::logger`."""
_METHOD: Final = re.compile(r"GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|REPORT")
_TARGET: Final = re.compile(r"/\S*|\*|https?://\S+")
_PROTOCOL: Final = re.compile(r"HTTP/\d(?:\.\d)?")
EPOCH: Final = re.compile(r"1\d{9}\.\d{3}")
"""nginx's `$msec`, from 2001 on."""
REQUEST: Final = re.compile(r"[A-Za-z][A-Za-z_-]* \S.*")
STATUS: Final = re.compile(r"[1-5]\d\d|0|000|-")
_PHRASES: Final = frozenset(status.phrase for status in HTTPStatus) | {"Ok", "Request Entity Too Large"}
"""What HTTP calls a status; uvicorn writes it behind the number."""
_BLANKS: Final = re.compile(r"\s*")
_MAX_TOKENS: Final = 60


@dataclass(frozen=True)
class Token:
    """A field of a line: its value, the characters around it, and the white space before it."""

    kind: str
    value: str
    name: str
    blank: str


def split_fields(text: str) -> tuple[list[Token], bool]:
    """Return the fields of a line, none if it has another form, and whether the whole line is in quotes."""
    in_quotes = re.match(r'"[^"\s]+ ', text) is not None and text.endswith('"')
    if in_quotes:
        # OpenLiteSpeed puts the line in quotes, with all quotes inside as they are.
        text = text[1:-1]
    tokens: list[Token] = []
    position = 0
    while position < len(text) and len(tokens) < _MAX_TOKENS:
        blank = _BLANKS.match(text, position)
        assert blank is not None
        match = _TOKEN.match(text, blank.end())
        if match is None:
            return tokens, in_quotes
        kind = match.lastgroup or "bare"
        if kind == "name":
            kind = "quoted"
        value = match[kind]
        name = match["name"] or ""
        # `rt=` may be empty; of an identifier in Base64, `=` is the end.
        if kind == "bare" and (named := re.match(r"([\w.-]+=)([^=]+)$|([a-z_.-]+=)$", value)):
            name, value = named[1] or named[3], named[2] or ""
        tokens.append(Token(kind, value, name, blank[0]))
        position = match.end()
    return _join_words(tokens), in_quotes


def _join_words(tokens: list[Token]) -> list[Token]:
    """Return the fields with a request without quotes, and the words that HTTP has for a status, as one each."""
    joined: list[Token] = []
    place = 0
    has_quoted = any(token.kind == "quoted" and REQUEST.fullmatch(token.value) for token in tokens)
    while place < len(tokens):
        token = tokens[place]
        count = 0 if has_quoted or token.name else _count_request(tokens[place : place + 3])
        kind = "request"
        if not count and joined and _is_status(joined[-1]):
            kind = "phrase"
            phrases = [" ".join(one.value for one in tokens[place : place + words]) for words in range(5)]
            count = max((words for words, phrase in enumerate(phrases) if phrase in _PHRASES), default=0)
        if count:
            token = Token(kind, " ".join(one.value for one in tokens[place : place + count]), "", token.blank)
        joined.append(token)
        place += max(count, 1)
    return joined


def _count_request(tokens: Sequence[Token]) -> int:
    """Return of how many fields the request consists that begins with the first one: method, target, protocol."""
    forms = (_METHOD, _TARGET, _PROTOCOL)
    fits = [
        token.kind == "bare" and len(token.blank) <= 1 + (place == 0) and form.fullmatch(token.value) is not None
        for place, (token, form) in enumerate(zip(tokens, forms, strict=False))
    ]
    return 0 if fits[:2] != [True, True] else sum(fits)


def _is_status(token: Token) -> bool:
    return token.kind == "bare" and STATUS.fullmatch(token.value) is not None


def find_core(tokens: Sequence[Token]) -> tuple[int, int] | None:
    """Return the places of the time and of the request, which status and size follow."""
    times = [
        (token.kind != "bracketed", place)
        for place, token in enumerate(tokens)
        if ISO.fullmatch(token.value)
        or token.kind == "clf"
        or (token.kind == "bracketed" and (CLF.fullmatch(token.value) or ISO_AND_WORDS.fullmatch(token.value)))
    ]
    if not times:
        times = [(False, place) for place, token in enumerate(tokens[:2]) if EPOCH.fullmatch(token.value)]
    if not times:
        return None
    time = min(times)[1]  # one in brackets is the server's, one without them may be a log collector's
    status = next(
        (
            place
            for place in range(time + 2, len(tokens))
            if tokens[place - 1].kind in ("quoted", "request") and _is_status(tokens[place])
        ),
        None,
    )
    if status is None:
        return None
    quoted = [place for place in range(time + 1, status) if tokens[place].kind in ("quoted", "request")]
    return time, next((place for place in quoted if REQUEST.fullmatch(tokens[place].value)), quoted[-1])
