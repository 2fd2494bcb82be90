"""JSON lines: what stands under which keys, read token by token.

More than JSON is taken: any bytes between quotes, any or no text without quotes, a comma behind the last member. The
paths of servers' formats are data, and shared with the product.
"""

from __future__ import annotations

import json
import re

from footfall.transforms.formats.named_json_formats import JSON_FORMATS
from tests.reference.json_texts import TEXT, decode

NAMES = {
    **{name: name for name in ("client", "peer", "forwarded", "user", "site", "request", "method", "url", "path")},
    **{name: name for name in ("query", "protocol", "status", "session")},
    "edge-client": "edge_client",
    "proxy-client": "proxy_client",
    "absolute-url": "url",
    "answer": "status",
    "bytes": "body_bytes",
    "referrer": "referrer",
    "user-agent": "agent",
    "cookies": "cookies",
    "sec-gpc": "gpc",
    "dnt": "dnt",
    "sec-fetch-dest": "dest",
    "x-requested-with": "with",
    "sec-purpose": "purpose",
    "accept": "accept",
    "content-type": "type",
    "time": "time_any",
    "date": "date",
    "clock": "clock",
    "duration-s": "request_s",
    "duration-ms": "request_ms",
    "duration-us": "request_us",
    "duration-ns": "request_ns",
}
"""The reference's names by those of a mapping."""
RECORD = {"request", "method", "url", "path", "status"}
DEEPEST = 64
BLANKS = re.compile(rb"\s*")
BARE = re.compile(rb'(?:[^,{}\[\]"]|,(?!\s*(?:["}]|$)))*')
"""A value without quotes in an object: a comma belongs to it unless a key or the end follows."""
BARE_IN_LIST = re.compile(rb'[^,{}\[\]"]*')
ARRAY = re.compile(rb"[\[\],\s]*")
"""What a list of objects, one a line, puts before and behind them."""
OPENING = re.compile(rb'\{[^"]*"(?:[^"\\]|\\.)*"', re.DOTALL)

Keys = tuple[bytes, ...]
Token = tuple[bytes, bool]
"""A value as it stands there, and whether it has quotes."""
Values = list[tuple[Keys, list[Token] | Token]]


class Cut(Exception):
    """The line ends inside the object."""


class Misfit(Exception):
    """The line is no object."""


def is_json(log_format: str) -> bool:
    """Whether a format is one of JSON lines."""
    return log_format.startswith("json:") or log_format in JSON_FORMATS


def read_mapping(log_format: str) -> dict[str, list[str]]:
    """Paths, the best first, by the reference's names of fields."""
    mapping = JSON_FORMATS.get(log_format) or json.loads(log_format.removeprefix("json:"))
    return {NAMES[name]: [paths] if isinstance(paths, str) else list(paths) for name, paths in mapping.items()}


def is_absolute(log_format: str) -> bool:
    """Whether urls have the site."""
    return "absolute-url" in (JSON_FORMATS.get(log_format) or json.loads(log_format.removeprefix("json:")))


def split_json(line: bytes, log_format: str) -> dict[str, str] | str:
    """The fields of a line by name, `-` where a field is missing; or `cut`, `joined` or `format`."""
    array = ARRAY.match(line)
    assert array is not None, "it also fits nothing"
    line = line[array.end() :]
    if not line:
        return "directive"
    values: Values = []
    try:
        if not line.startswith(b"{"):
            return "format"
        behind = read_object(line, 1, (), values, 0)
        if not ARRAY.fullmatch(line, behind):
            raise Misfit
    except (Cut, Misfit) as problem:
        opening = OPENING.match(line)
        if opening is not None and line.find(opening[0], 1) > 0:
            return "joined"
        return "cut" if isinstance(problem, Cut) else "format"
    mapping = read_mapping(log_format)
    found = {name: pick(name, paths, values) for name, paths in mapping.items()}
    is_answered = '"answer":' in log_format
    if not any(found.get(name) is not None for name in ({"status"} if is_answered else RECORD)):
        return "no_request"
    fields = {name: "-" if text is None else text.decode("latin-1") for name, text in found.items()}
    if found.get("date") is not None and found.get("clock") is not None:
        fields["time_any"] = f"{fields['date']} {fields['clock']}"
    if {"request", "method", "url"} <= fields.keys():
        parts = [found[name] for name in ("method", "url", "protocol") if found.get(name) is not None]
        if found["request"] is None and found["method"] is not None and found["url"] is not None:
            fields["request"] = b" ".join(part for part in parts if part is not None).decode("latin-1")
        for name in ("method", "url", "protocol"):
            fields.pop(name, None)
    return fields


def read_object(line: bytes, position: int, keys: Keys | None, values: Values, depth: int) -> int:
    """Read members up to the closing brace; `keys` lead here, None in a list. Returns the place behind the brace."""
    while True:
        position = skip(line, position)
        if line[position : position + 1] == b"}":
            return position + 1
        if line[position : position + 1] != b'"':
            raise Misfit
        key = TEXT.match(line, position)
        if key is None:
            raise Cut
        position = skip(line, key.end())
        if line[position : position + 1] != b":":
            raise Misfit
        position = skip(line, position + 1)
        inner = None if keys is None else (*keys, key[1])
        position = read_value(line, position, inner, values, depth)
        position = behind_comma(line, position, b"}")


def read_list(line: bytes, position: int, keys: Keys | None, values: Values, depth: int) -> int:
    """Read a list up to its bracket; its own texts and numbers become one value."""
    own: list[Token] = []
    while True:
        position = skip(line, position)
        if line[position : position + 1] == b"]":
            if keys is not None:
                values.append((keys, own))
            return position + 1
        inner: Values = []
        position = read_value(line, position, (), inner, depth, in_list=True)
        own += [value for place, value in inner if place == () and isinstance(value, tuple)]
        position = behind_comma(line, position, b"]")


def read_value(
    line: bytes, position: int, keys: Keys | None, values: Values, depth: int, *, in_list: bool = False
) -> int:
    """Read any value; returns the place behind it."""
    first = line[position : position + 1]
    if first in (b"{", b"["):
        if depth + 1 >= DEEPEST:
            raise Misfit
        if first == b"{":
            return read_object(line, position + 1, keys or None, values, depth + 1)
        return read_list(line, position + 1, keys or None, values, depth + 1)
    if first == b'"':
        text = TEXT.match(line, position)
        if text is None:
            raise Cut
        if keys is not None:
            values.append((keys, (text[1], True)))
        return text.end()
    bare = (BARE_IN_LIST if in_list else BARE).match(line, position)
    assert bare is not None, "it also fits nothing"
    if keys is not None:
        values.append((keys, (bare[0].rstrip(), False)))
    return bare.end()


def skip(line: bytes, position: int) -> int:
    """The next byte that is no blank; Cut where there is none."""
    blanks = BLANKS.match(line, position)
    assert blanks is not None, "it also fits nothing"
    if blanks.end() == len(line):
        raise Cut
    return blanks.end()


def behind_comma(line: bytes, position: int, closing: bytes) -> int:
    """Behind the comma that follows a value, or at what closes the object or list."""
    position = skip(line, position)
    following = line[position : position + 1]
    if following == b",":
        return position + 1
    if following != closing:
        raise Misfit
    return position


def pick(name: str, paths: list[str], values: Values) -> bytes | None:
    """The first value that says something, of the first path that has one."""
    was_empty = False
    for path in paths:
        ways = {tuple(path.encode().split(b".")), (path.encode(),)}
        for keys, value in values:
            if keys in ways and isinstance(value, tuple):
                if says_something(value):
                    return decode(value[0], for_log=True) if value[1] else value[0]
                was_empty = was_empty or value == (b"", True)
            elif keys in ways:
                texts = [decode(text, for_log=True) for text, quoted in value if says_something((text, quoted))]
                if texts:
                    return (b"; " if name == "cookies" else b", ").join(texts)
    return b"" if name == "client" and was_empty else None


def says_something(token: Token) -> bool:
    """Whether a value is not empty, `-` or null."""
    return token[0] not in (b"", b"-") and token != (b"null", False)
