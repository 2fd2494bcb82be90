"""JSON log formats: the paths of fields, from a format name or a mapping.

A path is the keys that lead to a value, joined by dots; it also matches a key that contains the dots. Of several paths,
the first one whose value is not null, empty or `-` is used. The values of a list are joined to one text with commas.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from footfall.transforms.formats.application_json_formats import FieldPaths
from footfall.transforms.formats.fields import FormatError, Meaning
from footfall.transforms.formats.line_formats import check_cookies
from footfall.transforms.formats.named_json_formats import JSON_FORMATS
from footfall.transforms.formats.nginx_strings import nginx_field, nginx_pattern
from footfall.transforms.formats.time_patterns import WHOLE_TIMES

JSON: Final = "json"
"""The format name in settings that give the fields as `[json-fields]`."""
JSON_PREFIX: Final = "json:"
"""Prefix of the text of a format with a mapping: `json:{"client":["ip"],"time":["ts"],…}`."""

REQUEST_MEANINGS: Final = (Meaning.REQUEST, Meaning.METHOD, Meaning.URL, Meaning.PATH, Meaning.STATUS)
"""Meanings of fields that only records of requests have, not other messages of a server."""

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
    "absolute-url": Meaning.URL,  # with scheme and host, which is the site if no field has it
    "path": Meaning.PATH,
    "query": Meaning.QUERY,
    "protocol": Meaning.PROTOCOL,
    "status": Meaning.STATUS,
    "answer": Meaning.STATUS,  # a status; lines without one are no requests: the server writes several lines for each
    "bytes": Meaning.BYTES,
    "referrer": Meaning.REFERRER,
    "user-agent": Meaning.AGENT,
    "sec-gpc": Meaning.SEC_GPC,
    "dnt": Meaning.DNT,
    "sec-fetch-dest": Meaning.FETCH_DEST,
    "x-requested-with": Meaning.REQUESTED_WITH,
    "sec-purpose": Meaning.PURPOSE,
    "accept": Meaning.ACCEPT,
    "content-type": Meaning.CONTENT_TYPE,
    "session": Meaning.COOKIE,
    "cookies": Meaning.COOKIE_HEADER,
    "time": Meaning.TIME_ANY,
    "date": Meaning.DATE,
    "clock": Meaning.CLOCK,
    "duration": Meaning.REQUEST_TIME_SHOWN,  # seconds with a fraction, milliseconds without one
    "duration-s": Meaning.REQUEST_TIME_S,
    "duration-ms": Meaning.REQUEST_TIME_MS,
    "duration-us": Meaning.REQUEST_TIME_US,
    "duration-ns": Meaning.REQUEST_TIME_NS,
}
"""Field name in a mapping → meaning."""
ABSOLUTE_URL, ANSWER = "absolute-url", "answer"
"""Names of fields that are read in a way of their own: a url with scheme and host; a status that requests must have."""
_NAMES: Final = {meaning: name for name, meaning in FIELD_NAMES.items() if name not in (ABSOLUTE_URL, ANSWER)}


@dataclass(frozen=True)
class JsonFormat:
    """A JSON format: the paths of each field, the best first.

    With `absolute`, urls include scheme and host. With `answered`, lines without a status are no requests.
    """

    name: str
    paths: dict[Meaning, tuple[str, ...]]
    absolute: bool = False
    answered: bool = False

    @property
    def meanings(self) -> frozenset[Meaning]:
        """The meanings of the fields that a line can have."""
        meanings = frozenset(self.paths) | ({Meaning.URL_HOST, Meaning.SITE} if self.absolute else set())
        return meanings | {Meaning.TIME_ANY} if Meaning.DATE in meanings else meanings

    @property
    def request_meanings(self) -> list[Meaning]:
        """Meanings of which the record of a request has at least one field."""
        return [Meaning.STATUS] if self.answered else [one for one in REQUEST_MEANINGS if one in self.paths]


def is_json_format(text: str) -> bool:
    """Return whether a log format's text is a JSON format."""
    return text in JSON_FORMATS or text == JSON or text.startswith(JSON_PREFIX) or _nginx_object(text) is not None


def is_answered(text: str) -> bool:
    """Return whether a log format's text is a JSON format in which lines without a status are no requests."""
    return is_json_format(text) and text != JSON and compile_json_format(text).answered


@lru_cache(maxsize=256)
def compile_json_format(text: str) -> JsonFormat:
    """Compile a name of `JSON_FORMATS`, the text of a mapping, or an nginx `log_format` that writes an object.

    Raises FormatError.
    """
    if text in JSON_FORMATS:
        return _compile(text, JSON_FORMATS[text])
    if text == JSON:
        raise FormatError(
            "log format json: the keys of the fields are missing; expected a mapping: add [json-fields] to "
            f"footfall.toml, or name one of {', '.join(JSON_FORMATS)}"
        )
    if text.startswith(JSON_PREFIX):
        try:
            mapping = json.loads(text.removeprefix(JSON_PREFIX))
        except ValueError:
            mapping = None
        if not isinstance(mapping, dict):
            raise FormatError(
                "log format json:…: the mapping is no JSON object; expected one such as "
                'json:{"client":"ip","time":"ts","url":"uri"}: correct it'
            )
        return _compile(JSON, mapping)
    pattern = _nginx_object(text)
    if pattern is None:
        raise FormatError(
            f"log format {text!r} is no JSON format, expected one of {', '.join(JSON_FORMATS)}: name one of these"
        )
    check_cookies(text)
    return _compile(JSON, _map_variables(pattern))


def json_format_text(mapping: FieldPaths) -> str:
    """Return the text of the format with these paths by field name. Raises FormatError."""
    json_format = _compile(JSON, mapping)
    names = _NAMES | {meaning: name for name, meaning in FIELD_NAMES.items() if name in mapping}
    return JSON_PREFIX + json.dumps(
        {names[meaning]: paths for meaning, paths in json_format.paths.items()}, separators=(",", ":")
    )


def _compile(name: str, mapping: FieldPaths) -> JsonFormat:
    paths: dict[Meaning, tuple[str, ...]] = {}
    for field_name, given in mapping.items():
        meaning = FIELD_NAMES.get(field_name.replace("_", "-"))
        if meaning is None or meaning in paths:
            raise FormatError(
                f"JSON fields: {field_name!r} is unknown or duplicate, expected some of {', '.join(FIELD_NAMES)}: "
                "correct the name"
            )
        field_paths = tuple(given) if isinstance(given, list | tuple) else (given,)
        if not field_paths or not all(isinstance(path, str) and path for path in field_paths):
            raise FormatError(
                f"JSON fields: {field_name} has an invalid value, expected a key or a list of keys: "
                'write "key", "object.key" or ["key", "key"]'
            )
        paths[meaning] = field_paths
    meaning_of_path: dict[str, Meaning] = {}
    for meaning, field_paths in paths.items():
        for path in field_paths:
            if meaning_of_path.setdefault(path, meaning) != meaning:
                raise FormatError(
                    f"JSON fields: {path!r} is both {_NAMES[meaning_of_path[path]]} and {_NAMES[meaning]}, "
                    "expected one field per key: remove one"
                )
    if (Meaning.DATE in paths) != (Meaning.CLOCK in paths):
        raise FormatError("JSON fields: of date and clock one is missing: add it, or name the time")
    if Meaning.TIME_ANY not in paths and Meaning.DATE not in paths:
        raise FormatError('JSON fields: the time is missing: add a field such as time = "ts"')
    if not any(meaning in paths for meaning in REQUEST_MEANINGS):
        raise FormatError('JSON fields: the request is missing: add request, or method and url, and status = "…"')
    return JsonFormat(name, paths, absolute=ABSOLUTE_URL in mapping, answered=ANSWER in mapping)


_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\$\{?(\w+)\}?')
_ONE_VARIABLE: Final = re.compile(r"\[?\$\{?(\w+)\}?\]?")
_SEVERAL_VARIABLES: Final = (
    (re.compile(r"\$request_method \$(request_uri|uri\$is_args\$args|uri)( \$server_protocol)?"), Meaning.REQUEST),
    (re.compile(r"(\$scheme://\$\w+)?\$(request_uri|uri\$is_args\$args)"), Meaning.URL),
)


@lru_cache(maxsize=256)
def _nginx_object(text: str) -> dict[str, Any] | None:
    """Return the object that an nginx `log_format` writes, with variables as texts `$name`; None if it writes none."""
    pattern = nginx_pattern(text).strip()
    if not (pattern.startswith("{") and pattern.endswith("}") and "$" in pattern):
        return None
    # A variable without quotes is a number: quote it, to make the pattern valid JSON.
    quoted = _STRING.sub(lambda match: match[0] if match[2] is None else f'"${match[2]}"', pattern)
    try:
        parsed = json.loads(quoted)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _map_variables(parsed: dict[str, Any]) -> dict[str, list[str]]:
    """Return the paths by field name for the object that an nginx `log_format` writes, the best variable first."""
    ranked_paths: dict[Meaning, list[tuple[int, str]]] = {}
    for path, value in flatten(parsed):
        if isinstance(value, str):
            meaning, rank = _meaning_of(value)
            if meaning in _NAMES:
                ranked_paths.setdefault(meaning, []).append((rank, path))
    # Another cookie is no substitute for the session's.
    ranked_paths[Meaning.COOKIE] = sorted(ranked_paths.get(Meaning.COOKIE, []))[:1]
    ordered = {meaning: sorted(paths, key=lambda ranked: ranked[0]) for meaning, paths in ranked_paths.items() if paths}
    return {_NAMES[meaning]: [path for _, path in paths] for meaning, paths in ordered.items()}


def _meaning_of(value: str) -> tuple[Meaning, int]:
    """Return the meaning and rank of a quoted value of one or several variables."""
    match = _ONE_VARIABLE.fullmatch(value)
    if match is None:
        return next((meaning for form, meaning in _SEVERAL_VARIABLES if form.fullmatch(value)), Meaning.SKIP), 0
    field = nginx_field(match[1])
    return (Meaning.TIME_ANY if field.meaning in WHOLE_TIMES else field.meaning), field.rank


def flatten(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """List the paths and values in an object and its nested objects; of a list, only the first value."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in flatten(inner, f"{path}.{key}" if path else key)]
    if isinstance(value, list):
        return flatten(value[0], path) if value else []
    return [(path, value)]


__all__ = [
    "ABSOLUTE_URL",
    "ANSWER",
    "FIELD_NAMES",
    "JSON",
    "JSON_FORMATS",
    "JSON_PREFIX",
    "JsonFormat",
    "compile_json_format",
    "flatten",
    "is_answered",
    "is_json_format",
    "json_format_text",
]
