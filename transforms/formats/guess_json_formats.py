"""Guesses the JSON format of sample lines, by their keys and values."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from footfall.transforms.formats.column_values import COLUMN, guess_columns
from footfall.transforms.formats.json_formats import (
    ABSOLUTE_URL,
    ANSWER,
    flatten,
    json_format_text,
)
from footfall.transforms.formats.named_json_formats import ALIASES, DISTINCTIVE_KEYS

_TIME_TEXT: Final = re.compile(
    r"\[?(\d{4}[-/]\d\d[-/]\d\d[Tt ]\d\d:\d\d:\d\d.*"
    r"|\d\d/[A-Z][a-z]{2}/\d{4}[: ]\d\d:\d\d:\d\d(\.\d+)?( [+-]\d{4})?)\]?"
)
_UNITS: Final = (
    (re.compile(r"(ms|msec|millis|millisec|milliseconds)$", re.IGNORECASE), "duration-ms"),
    (re.compile(r"(us|usec|micros|microsec|microseconds)$", re.IGNORECASE), "duration-us"),
    (re.compile(r"(ns|nsec|nanos|nanoseconds)$", re.IGNORECASE), "duration-ns"),
    (re.compile(r"(sec|secs|seconds|_s|-s)$", re.IGNORECASE), "duration-s"),
)
_IN_SECONDS: Final = frozenset({"requesttime", "upstreamresponsetime"})
"""Durations without a unit in the key that are seconds: nginx's variables."""
_ADDRESS: Final = re.compile(r"\d+\.\d+\.\d+\.\d+|[0-9A-Fa-f:]*:[0-9A-Fa-f]*:[0-9A-Fa-f:]*")
_OWN_ADDRESS: Final = re.compile(
    r"\[?(?:::ffff:)?(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|\[?(?:::1\b|f[cd][0-9a-f]{2}:)",
    re.IGNORECASE,
)
"""Of private networks and of the machine itself."""
_DURATION: Final = re.compile(r"-?[0-9.]+(e[+-]?\d+)?( ?(s|ms|us|µs|\u03bcs|ns))?(, [0-9.]+| : [0-9.]+)*")
_FIRST_TIME_S, _LAST_TIME_S = 10**8, 10**11
"""The years 1973 and 5138: numbers between these may be seconds since 1970."""
_NO_ACCESS_LOG: Final = ("webaclId", "httpRequest.clientIp")
"""AWS WAF judges requests before they are answered: there is no status, and headers are a list of names and values."""
_MAX_SAMPLE_LINES: Final = 200


def guess_json_format(sample_lines: Sequence[bytes]) -> str | None:
    """Guess the JSON format of sample lines. Returns its text, or None.

    The keys identify a known server. Otherwise the usual names identify the fields, and times also by their values. A
    format needs at least a time, a client, and a request or a status.
    """
    values_by_path: dict[str, list[Any]] = {}
    paths_of_lines: set[frozenset[str]] = set()
    for line in sample_lines[:_MAX_SAMPLE_LINES]:
        parsed = _parse(line.decode("utf-8", "replace").strip(" \t\r[],"))
        if isinstance(parsed, dict):
            flat = flatten(parsed)
            paths_of_lines.add(frozenset(path for path, _ in flat))
            for path, value in flat:
                values = values_by_path.setdefault(path, [])
                if value not in (None, "", "-"):
                    values.append(value)
    if any(_has_marks(paths, _NO_ACCESS_LOG) for paths in paths_of_lines):
        return None
    for name, marks in DISTINCTIVE_KEYS.items():
        if any(_has_marks(paths, marks) for paths in paths_of_lines):
            return name
    if values_by_path and all(path.startswith(COLUMN) for path in values_by_path):
        mapping = guess_columns(values_by_path, _is_time)
    else:
        mapping = _guess_fields(values_by_path)
    if not mapping.keys() & {"time", "date"} or not mapping.keys() & {
        "client",
        "edge-client",
        "proxy-client",
        "forwarded",
    }:
        return None
    if not mapping.keys() & {"request", "method", "url", ABSOLUTE_URL, "status"}:
        return None
    target = next((mapping[name] for name in ("request", "url", "path", ABSOLUTE_URL) if name in mapping), None)
    if target and "status" in mapping and not any({target, mapping["status"]} <= paths for paths in paths_of_lines):
        return None  # two lines for each request
    if target and "status" in mapping and any(mapping["status"] not in paths for paths in paths_of_lines):
        mapping[ANSWER] = mapping.pop("status")  # lines of the same request's begin, or of why it failed
    return json_format_text(mapping)


def _has_marks(paths: Collection[str], marks: Sequence[str]) -> bool:
    """Return whether a line has all keys of a server; Fastify writes request and answer into two."""
    return all(any(path == mark or path.startswith(mark + ".") for path in paths) for mark in marks)


_BARE: Final = re.compile(r"(\s*:\s*)([^{}\[\]]*?)(\s*(?:,\s*)?(?:[}\]].*)?)", re.DOTALL)
"""What stands between a key and the next text, if the value between them has no quotes."""
_BARE_LIST: Final = re.compile(r"(\s*:\s*\[)([^{}\[\]]+)(\].*)", re.DOTALL)
_LITERAL: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?|true|false|null")
_TEXT: Final = re.compile(r'("(?:[^"\\]|\\.)*")')


def _parse(text: str) -> Any:
    """Return the value of a JSON text, or of one that lacks quotes around some values; None if there is none."""
    for form in (text, _quote_bare(text)):
        try:
            return json.loads(form, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _quote_bare(text: str) -> str:
    """Return a text with quotes around values that are no JSON, as in servers' formats that are written by hand."""
    pieces = _TEXT.split(text)
    for place, piece in enumerate(pieces):
        if place % 2:
            # Escapes that JSON does not have, `\\x22`.
            pieces[place] = re.sub(r'\\(?![\\"/bfnrtu])', r"\\\\", piece)
        elif piece.strip() != ":" and (match := _BARE.fullmatch(piece)):
            pieces[place] = match[1] + _quote(match[2]) + match[3]
        elif match := _BARE_LIST.fullmatch(piece):
            pieces[place] = match[1] + ",".join(map(_quote, match[2].split(","))) + match[3]
    # A comma behind the last member.
    return "".join(piece if place % 2 else re.sub(r",(\s*[}\]])", r"\1", piece) for place, piece in enumerate(pieces))


def _quote(value: str) -> str:
    value = value.strip()
    return value if _LITERAL.fullmatch(value) else json.dumps(value)


def _guess_fields(values_by_path: dict[str, list[Any]]) -> dict[str, str]:
    """Return the path of each field that the keys and values identify."""
    names = {path: _normalized_names(path) for path in values_by_path}
    mapping: dict[str, str] = {}
    for field_name, aliases in ALIASES.items():
        free = {path: names[path] for path in names if path not in mapping.values()}
        confirmed: Iterable[tuple[str, str]] = (
            (name, path)
            for alias in aliases.split()
            for path in sorted((path for path in free if alias in free[path]), key=_depth)
            if (name := _confirm_field(field_name, path, values_by_path[path]))
        )
        if field_name == "client":
            # A server that logs its peer and who is behind it: the peer is its proxy, at an address of no visitor.
            confirmed = sorted(confirmed, key=lambda found: not _is_visitors(found[1], values_by_path))
        for name, path in itertools.islice(confirmed, 1):
            mapping[name] = path
    if "request" in mapping:
        for part in ("method", "url", ABSOLUTE_URL, "query", "protocol"):
            mapping.pop(part, None)
    elif "query" in mapping and "url" in mapping:
        if any("?" in str(value) for value in values_by_path[mapping["url"]]):
            del mapping["query"]
        else:
            mapping["path"] = mapping.pop("url")
    return mapping


def _is_visitors(path: str, values_by_path: dict[str, list[Any]]) -> bool:
    """Return whether any address there is neither private nor of the machine itself; `host` may be the server's."""
    is_host = path.rpartition(".")[2].lower() == "host"
    return not is_host and not all(map(_OWN_ADDRESS.match, map(str, values_by_path[path])))


def _depth(path: str) -> int:
    return path.count(".")


def _normalized_names(path: str) -> set[str]:
    """Return a path and its last key in lower case, without punctuation, with and without a unit of durations."""
    texts = {path, path.rpartition(".")[2]}
    if any(pattern.fullmatch(path.rpartition(".")[2]) for pattern, _ in _UNITS):
        texts.add(path.split(".")[-2] if "." in path else path)  # `latency.ms`
    texts |= {pattern.sub("", text) for text in list(texts) for pattern, _ in _UNITS}
    return {re.sub(r"[^a-z0-9]", "", text.lower()) for text in texts}


def _confirm_field(field_name: str, path: str, values: list[Any]) -> str | None:
    """Return the field's name, for a duration with its unit, if the values are plausible for it, else None."""
    texts = [str(value) for value in values]
    if field_name == "time":
        return field_name if texts and all(map(_is_time, texts)) else None
    if field_name == "duration":
        return _duration_unit(path, values)
    if field_name == "status":
        return field_name if all(re.fullmatch(r"\d{3}|0", text) for text in texts) else None
    if field_name == "request":
        return field_name if any(" " in text for text in texts) else None
    if field_name == "url":
        if texts and all(re.match(r"https?://", text) for text in texts):
            return ABSOLUTE_URL
        return field_name if any(text.startswith("/") for text in texts) else None
    if field_name == "site" and path.rpartition(".")[2].lower() in ("host", "hostname"):
        # A single word is the machine that wrote the line.
        return field_name if not texts or any(re.search(r"[.:]|^localhost$", text) for text in texts) else None
    if field_name == "client" and path.rpartition(".")[2].lower() == "host":
        # Nearly always the site's; in LTSV the client's.
        return field_name if texts and all(map(_ADDRESS.fullmatch, texts)) else None
    if field_name == "client":
        return (
            field_name
            if texts and all(re.search(r"[.:]", text) and " " not in text.replace(", ", "") for text in texts)
            else None
        )
    return field_name


def _is_time(text: str) -> bool:
    if re.fullmatch(r"\d+(\.\d+)?", text):
        number = float(text)
        while number >= _LAST_TIME_S:
            number /= 1000
        return number >= _FIRST_TIME_S
    return _TIME_TEXT.fullmatch(text) is not None


def _duration_unit(path: str, values: list[Any]) -> str | None:
    """Return the name of the duration field for these values, or None if the unit is uncertain.

    No duration is better than a wrong one.
    """
    texts = [str(value) for value in values]
    if not texts or not all(map(_DURATION.fullmatch, texts)):
        return None
    for pattern, name in _UNITS:
        if pattern.search(path):
            return name
    if _normalized_names(path) & _IN_SECONDS or any(text.endswith("s") for text in texts):
        return "duration-s"
    is_fraction = any("." in text or "e" in text for text in texts)
    return "duration-s" if is_fraction and max(float(text) for text in texts if _is_number(text)) < 1000 else None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+(e[+-]?\d+)?", text) is not None
