"""JSON log formats: the paths of fields, from a format name, a mapping, or a guess.

A path is the keys that lead to a value, joined by dots; it also matches a key that contains the dots. Of several paths,
the first one whose value is not null, empty or `-` is used. The values of a list are joined to one text with commas.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from footfall.transforms.formats.application_json_formats import FieldPaths
from footfall.transforms.formats.column_values import COLUMN, guess_columns
from footfall.transforms.formats.fields import FormatError, Meaning
from footfall.transforms.formats.line_formats import check_cookies
from footfall.transforms.formats.named_json_formats import ALIASES, DISTINCTIVE_KEYS, JSON_FORMATS
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
    "answer": Meaning.STATUS,  # a status without which a line tells no request: it is one of several lines for each
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
_ABSOLUTE, _ANSWER = "absolute-url", "answer"
_NAMES: Final = {meaning: name for name, meaning in FIELD_NAMES.items() if name not in (_ABSOLUTE, _ANSWER)}


@dataclass(frozen=True)
class JsonFormat:
    """A JSON format: the paths of each field, the best first.

    With `absolute`, urls include scheme and host. With `answered`, lines without a status tell no request.
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
    """Return whether a log format's text is a JSON format in which lines without a status tell no request."""
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
    return JsonFormat(name, paths, absolute=_ABSOLUTE in mapping, answered=_ANSWER in mapping)


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
    for path, value in _flatten(parsed):
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


def _flatten(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """List the paths and values in an object and its nested objects; of a list, only the first value."""
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _flatten(inner, f"{path}.{key}" if path else key)]
    if isinstance(value, list):
        return _flatten(value[0], path) if value else []
    return [(path, value)]


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
            flat = _flatten(parsed)
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
    if not mapping.keys() & {"request", "method", "url", _ABSOLUTE, "status"}:
        return None
    target = next((mapping[name] for name in ("request", "url", "path", _ABSOLUTE) if name in mapping), None)
    if target and "status" in mapping and not any({target, mapping["status"]} <= paths for paths in paths_of_lines):
        return None  # two lines for each request
    if target and "status" in mapping and any(mapping["status"] not in paths for paths in paths_of_lines):
        mapping[_ANSWER] = mapping.pop("status")  # lines of the same request's begin, or of why it failed
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
            # A server that tells its peer and who is behind it: the peer is its own proxy, at an address of no visitor.
            confirmed = sorted(confirmed, key=lambda found: not _is_visitors(found[1], values_by_path))
        for name, path in itertools.islice(confirmed, 1):
            mapping[name] = path
    if "request" in mapping:
        for part in ("method", "url", _ABSOLUTE, "query", "protocol"):
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
            return _ABSOLUTE
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


__all__ = [
    "FIELD_NAMES",
    "JSON",
    "JSON_FORMATS",
    "JSON_PREFIX",
    "JsonFormat",
    "compile_json_format",
    "guess_json_format",
    "is_answered",
    "is_json_format",
    "json_format_text",
]
