"""JSON log formats: where each field may stand, by a server's name, a mapping, or a guess.

A path names the keys that lead to a value, joined by dots; it also fits a key that has the dots itself. Of several
paths the first one counts under which something stands (not null, empty or `-`). A list's values are one text with
commas between them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from footfall.transforms.formats.fields import FormatError, Meaning
from footfall.transforms.formats.line_formats import check_cookies, nginx_field, nginx_pattern
from footfall.transforms.formats.named_json_formats import ALIASES, JSON_FORMATS, MARKS, Mapped
from footfall.transforms.formats.time_patterns import WHOLE_TIMES

JSON: Final = "json"
"""What settings call the format whose fields `[json-fields]` names."""
PREFIX: Final = "json:"
"""Begins the text of a format that a mapping gives: `json:{"client":["ip"],"time":["ts"],…}`."""

RECORD_SLOTS: Final = (Meaning.REQUEST, Meaning.METHOD, Meaning.URL, Meaning.PATH, Meaning.STATUS)
"""What a record of a request has, and no other message of a server."""

FIELD_NAMES: Final[dict[str, Meaning]] = {
    "client": Meaning.CLIENT,
    "peer": Meaning.PEER,
    "edge-client": Meaning.EDGE_CLIENT,
    "proxy-client": Meaning.PROXY_CLIENT,
    "forwarded": Meaning.FORWARDED,
    "user": Meaning.USER,
    "site": Meaning.SITE,
    "request": Meaning.REQUEST,
    "method": Meaning.METHOD,
    "url": Meaning.URL,
    "absolute-url": Meaning.URL,  # with scheme and host, which is the site if no field tells it
    "path": Meaning.PATH,
    "query": Meaning.QUERY,
    "protocol": Meaning.PROTOCOL,
    "status": Meaning.STATUS,
    "bytes": Meaning.BYTES,
    "referrer": Meaning.REFERRER,
    "user-agent": Meaning.AGENT,
    "session": Meaning.COOKIE,
    "cookies": Meaning.COOKIE_HEADER,
    "time": Meaning.TIME_ANY,
    "duration-s": Meaning.REQUEST_TIME_S,
    "duration-ms": Meaning.REQUEST_TIME_MS,
    "duration-us": Meaning.REQUEST_TIME_US,
    "duration-ns": Meaning.REQUEST_TIME_NS,
}
"""What a mapping calls the fields."""
_ABSOLUTE: Final = "absolute-url"
_NAMES: Final = {meaning: name for name, meaning in FIELD_NAMES.items() if name != _ABSOLUTE}


@dataclass(frozen=True)
class JsonFormat:
    """A JSON format: for each field the paths where it may stand, the best first.

    With `absolute` the url has a scheme and a host.
    """

    name: str
    paths: dict[Meaning, tuple[str, ...]]
    absolute: bool = False

    @property
    def meanings(self) -> frozenset[Meaning]:
        """The meanings that a line of this format can carry."""
        return frozenset(self.paths) | ({Meaning.URL_HOST, Meaning.SITE} if self.absolute else set())

    @property
    def record_slots(self) -> list[Meaning]:
        """Fields of which a line has one, if it is the record of a request."""
        return [meaning for meaning in RECORD_SLOTS if meaning in self.paths]


def is_json_format(text: str) -> bool:
    """Whether a log format's text is one of a JSON format."""
    return text in JSON_FORMATS or text == JSON or text.startswith(PREFIX) or _nginx_object(text) is not None


@lru_cache(maxsize=256)
def compile_json_format(text: str) -> JsonFormat:
    """The format for a name of `JSON_FORMATS`, a mapping's text, or an nginx `log_format` that writes an object.

    Raises FormatError.
    """
    if text in JSON_FORMATS:
        return _compile(text, JSON_FORMATS[text])
    if text == JSON:
        raise FormatError(
            "log format json: needs the keys under which the fields stand; name them with [json-fields] in "
            f"footfall.toml, or give one of {', '.join(JSON_FORMATS)}"
        )
    if text.startswith(PREFIX):
        try:
            mapping = json.loads(text.removeprefix(PREFIX))
        except ValueError:
            mapping = None
        if not isinstance(mapping, dict):
            raise FormatError(
                'log format json:…: expected an object such as json:{"client":"ip","time":"ts","url":"uri"}'
            )
        return _compile(JSON, mapping)
    pattern = _nginx_object(text)
    if pattern is None:
        raise FormatError(f"log format {text!r} is no JSON format; expected one of {', '.join(JSON_FORMATS)}")
    check_cookies(text)
    return _compile(JSON, _map_variables(pattern))


def json_format_text(mapping: Mapped) -> str:
    """The text of the format with these paths by field name. Raises FormatError."""
    layout = _compile(JSON, mapping)
    names = {**_NAMES, Meaning.URL: _ABSOLUTE} if layout.absolute else _NAMES
    return PREFIX + json.dumps(
        {names[meaning]: paths for meaning, paths in layout.paths.items()}, separators=(",", ":")
    )


def _compile(name: str, mapping: Mapped) -> JsonFormat:
    paths: dict[Meaning, tuple[str, ...]] = {}
    for field_name, given in mapping.items():
        meaning = FIELD_NAMES.get(field_name.replace("_", "-"))
        if meaning is None or meaning in paths:
            raise FormatError(
                f"JSON fields: {field_name!r} is no field, or there twice; expected some of {', '.join(FIELD_NAMES)}"
            )
        own = tuple(given) if isinstance(given, list | tuple) else (given,)
        if not own or not all(isinstance(path, str) and path for path in own):
            raise FormatError(f"JSON fields: {field_name}: expected a key, as in a.b, or a list of keys")
        paths[meaning] = own
    taken: dict[str, Meaning] = {}
    for meaning, own in paths.items():
        for path in own:
            if taken.setdefault(path, meaning) != meaning:
                raise FormatError(
                    f"JSON fields: {path!r} is both {_NAMES[taken[path]]} and {_NAMES[meaning]}; a key has one meaning"
                )
    if Meaning.TIME_ANY not in paths:
        raise FormatError('JSON fields: none is the time; add one such as time = "ts"')
    if not any(meaning in paths for meaning in RECORD_SLOTS):
        raise FormatError('JSON fields: none tells a request; add request, or method and url, and status = "…"')
    return JsonFormat(name, paths, absolute=_ABSOLUTE in mapping)


_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\$\{?(\w+)\}?')
_ONE_VARIABLE: Final = re.compile(r"\[?\$\{?(\w+)\}?\]?")
_SEVERAL_VARIABLES: Final = (
    (re.compile(r"\$request_method \$(request_uri|uri\$is_args\$args|uri)( \$server_protocol)?"), Meaning.REQUEST),
    (re.compile(r"(\$scheme://\$\w+)?\$(request_uri|uri\$is_args\$args)"), Meaning.URL),
)


@lru_cache(maxsize=256)
def _nginx_object(text: str) -> dict[str, Any] | None:
    """The object that an nginx `log_format` writes, its variables as texts `$name`; None if it writes none."""
    pattern = nginx_pattern(text).strip()
    if not (pattern.startswith("{") and pattern.endswith("}") and "$" in pattern):
        return None
    # A variable without quotes stands for a number.
    quoted = _STRING.sub(lambda match: match[0] if match[2] is None else f'"${match[2]}"', pattern)
    try:
        written = json.loads(quoted)
    except ValueError:
        return None
    return written if isinstance(written, dict) else None


def _map_variables(written: dict[str, Any]) -> dict[str, list[str]]:
    """Paths by field name, for the object that an nginx `log_format` writes; the best variable comes first."""
    found: dict[Meaning, list[tuple[int, str]]] = {}
    for path, value in _leaves(written):
        if isinstance(value, str):
            meaning, rank = _meaning(value)
            if meaning in _NAMES:
                found.setdefault(meaning, []).append((rank, path))
    # Another cookie doesn't stand in for the session's.
    found[Meaning.COOKIE] = sorted(found.get(Meaning.COOKIE, []))[:1]
    ordered = {meaning: sorted(paths, key=lambda one: one[0]) for meaning, paths in found.items() if paths}
    return {_NAMES[meaning]: [path for _, path in paths] for meaning, paths in ordered.items()}


def _meaning(value: str) -> tuple[Meaning, int]:
    """What one or several variables between quotes mean, and how well they say it."""
    match = _ONE_VARIABLE.fullmatch(value)
    if match is None:
        return next((meaning for form, meaning in _SEVERAL_VARIABLES if form.fullmatch(value)), Meaning.SKIP), 0
    field = nginx_field(match[1])
    return (Meaning.TIME_ANY if field.meaning in WHOLE_TIMES else field.meaning), field.rank


def _leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """The values of an object, and of those in it, with their paths; of a list the first value."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{path}.{key}" if path else key)]
    if isinstance(value, list):
        return _leaves(value[0], path) if value else []
    return [(path, value)]


_TIME_FORMS: Final = re.compile(
    r"\[?(\d{4}[-/]\d\d[-/]\d\d[Tt ]\d\d:\d\d:\d\d.*|\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]?"
)
_UNITS: Final = (
    (re.compile(r"(ms|msec|millis|milliseconds)$"), "duration-ms"),
    (re.compile(r"(us|usec|micros|microseconds)$"), "duration-us"),
    (re.compile(r"(ns|nsec|nanos|nanoseconds)$"), "duration-ns"),
    (re.compile(r"(sec|secs|seconds|_s|-s)$"), "duration-s"),
)
_IN_SECONDS: Final = frozenset({"requesttime", "upstreamresponsetime"})
"""nginx's variables."""
_FIRST_TIME_S, _LAST_TIME_S = 10**8, 10**11
"""1973, and the year 5138: what lies between may be seconds since 1970."""
_SAMPLED: Final = 200


def guess_json_format(sample_lines: Sequence[bytes]) -> str | None:
    """The text of the JSON format that the objects among some lines follow, None where it can't be told.

    A known server is told by its keys; else each field by what its key is usually called, times by their values too.
    At least a time, a client and a request or a status must be there.
    """
    found: dict[str, list[Any]] = {}
    for line in sample_lines[:_SAMPLED]:
        try:
            written = json.loads(line.decode("utf-8", "replace"), strict=False)
        except (ValueError, RecursionError):
            continue
        if isinstance(written, dict):
            for path, value in _leaves(written):
                values = found.setdefault(path, [])
                if value not in (None, "", "-"):
                    values.append(value)
    for name, marks in MARKS.items():
        if all(any(path == mark or path.startswith(mark + ".") for path in found) for mark in marks):
            return name
    mapping = _guess_fields(found)
    if "time" not in mapping or not mapping.keys() & {"client", "edge-client", "proxy-client", "forwarded"}:
        return None
    if not mapping.keys() & {"request", "method", "url", _ABSOLUTE, "status"}:
        return None
    return json_format_text(mapping)


def _guess_fields(found: dict[str, list[Any]]) -> dict[str, str]:
    """A path for each field that can be told, by the values that stand under each path."""
    names = {path: _plain(path) for path in found}
    mapping: dict[str, str] = {}
    for field_name, aliases in ALIASES.items():
        for alias in aliases.split():
            fitting = [path for path, plain in names.items() if alias in plain and path not in mapping.values()]
            told = next(
                (
                    (told, path)
                    for path in sorted(fitting, key=_by_depth)
                    if (told := _tell(field_name, path, found[path]))
                ),
                None,
            )
            if told is not None:
                mapping[told[0]] = told[1]
                break
    if "request" in mapping:
        for part in ("method", "url", _ABSOLUTE, "query", "protocol"):
            mapping.pop(part, None)
    elif "query" in mapping and "url" in mapping:
        if any("?" in str(value) for value in found[mapping["url"]]):
            del mapping["query"]
        else:
            mapping["path"] = mapping.pop("url")
    return mapping


def _by_depth(path: str) -> int:
    return path.count(".")


def _plain(path: str) -> set[str]:
    """A path and its last key without case, punctuation and, for a duration, its unit."""
    texts = {path, path.rpartition(".")[2]}
    texts |= {pattern.sub("", text) for text in list(texts) for pattern, _ in _UNITS}
    return {re.sub(r"[^a-z0-9]", "", text.lower()) for text in texts}


def _tell(field_name: str, path: str, values: list[Any]) -> str | None:
    """The field's name, with its unit if it has one, if the values could be of it."""
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
            return _ABSOLUTE
        return field_name if any(text.startswith("/") for text in texts) else None
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
    return _TIME_FORMS.fullmatch(text) is not None


def _duration_unit(path: str, values: list[Any]) -> str | None:
    """The field with the unit of some durations, None where it can't be told: better none than a wrong one."""
    texts = [str(value) for value in values]
    if not texts or not all(
        re.fullmatch(r"-?[0-9.]+(e[+-]?\d+)?(s|ms|us|µs|ns)?(, [0-9.]+| : [0-9.]+)*", text) for text in texts
    ):
        return None
    for pattern, name in _UNITS:
        if pattern.search(path):
            return name
    if _plain(path) & _IN_SECONDS or any(text.endswith("s") for text in texts):
        return "duration-s"
    is_fraction = any("." in text or "e" in text for text in texts)
    return "duration-s" if is_fraction and max(float(text) for text in texts if _is_number(text)) < 1000 else None


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[0-9.]+(e[+-]?\d+)?", text) is not None


__all__ = [
    "FIELD_NAMES",
    "JSON",
    "JSON_FORMATS",
    "PREFIX",
    "JsonFormat",
    "compile_json_format",
    "guess_json_format",
    "is_json_format",
    "json_format_text",
]
