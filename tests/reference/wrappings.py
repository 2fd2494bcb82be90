"""What log collectors put around lines, taken off with regular expressions, line after line.

Each function takes the lines of an input from its first to its last; its result has, for each line, the content or the
reason why it has none. It follows "Wrappings" of `docs/formats.md`.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Opened = bytes | str
"""The content of a line, or a reason of `words.REJECT_REASONS`."""

ISO_TIME = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[^ ]*"
BSD_TIME = rb"[A-Za-z]{3} [ \d]\d \d\d:\d\d:\d\d[^ ]*"
CRI = re.compile(rb"%b (std...) ([FP])(?::[^ ]*)?(?: (.*)|$)" % ISO_TIME, re.DOTALL)
RFC3164 = re.compile(rb"(?:<\d{1,3}>)?(?:%b|%b) (?:[^ ]*[^ :] )?[^ ]*:(?: (.*)|$)" % (BSD_TIME, ISO_TIME), re.DOTALL)
ELEMENT = rb'\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\]'
RFC5424 = re.compile(
    rb"(?:<\d{1,3}>)?1 (?:%b|-[^ ]*) [^ ]* [^ ]* [^ ]* [^ ]* (?:-|(?:%b)+)(?: (?:\xef\xbb\xbf)?(.*)|$)"
    % (ISO_TIME, ELEMENT),
    re.DOTALL,
)
IS_NEW = re.compile(rb"(?:<\d{1,3}>)?1 ")
FIELD = re.compile(rb"([A-Z0-9_]+)=(.*)", re.DOTALL)


def open_cri(lines: Iterable[Opened]) -> Iterator[Opened]:
    """`time stream F content`; parts (`P`) are put before what their stream says next."""
    parts = {True: b"", False: b""}
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
        elif match := CRI.fullmatch(line):
            is_error, content = match[1][3:4] == b"e", match[3] or b""
            if match[2] == b"P":
                parts[is_error] += content
                yield "directive"
            else:
                yield parts[is_error] + content
                parts[is_error] = b""
        else:
            yield "format"


def open_syslog(lines: Iterable[Opened]) -> Iterator[Opened]:
    """RFC 5424 where a `1 ` follows the priority, else RFC 3164."""
    for line in lines:
        if isinstance(line, str) or not line.strip():
            yield line if isinstance(line, str) else "empty"
        elif line.startswith(b"-- "):
            yield "directive"
        else:
            match = (RFC5424 if IS_NEW.match(line) else RFC3164).fullmatch(line)
            yield (match[1] or b"") if match else "format"


def open_journal(lines: Iterable[bytes]) -> Iterator[Opened]:
    """`MESSAGE=` among other fields; a name alone is followed by the length and the bytes of a value."""
    rest = b""
    is_binary = False
    for line in lines:
        if is_binary:
            rest += line + b"\n"
            length = struct.unpack("<q", rest[:8])[0] if len(rest) >= 8 else 0
            # A length beyond reason is damage, and the line after it a field again.
            is_binary = len(rest) < 8 or (0 <= length <= 2**26 and len(rest) < 8 + length + 1)
            yield "directive"
        elif line == b"":
            yield "directive"
        elif match := FIELD.fullmatch(line):
            yield match[2] if match[1] == b"MESSAGE" else "directive"
        elif re.fullmatch(rb"[A-Z0-9_]+", line):
            rest, is_binary = b"", True
            yield "format" if line == b"MESSAGE" else "directive"
        else:
            yield "format"


def open_docker(lines: Iterable[Opened]) -> Iterator[Opened]:
    """`{"log":"…\\n","stream":"stdout"}`; a string without a line end is a part of what its stream says next."""
    parts = {True: b"", False: b""}
    for line in lines:
        member = line if isinstance(line, str) else read_member(line, "log")
        if isinstance(member, str):
            yield member
            continue
        document = read_object(line)
        is_error = isinstance(document, dict) and document.get("stream") == "stderr"
        if member.endswith(b"\n"):
            yield parts[is_error] + member[:-1]
            parts[is_error] = b""
        else:
            parts[is_error] += member
            yield "directive"


def open_journal_json(lines: Iterable[Opened]) -> Iterator[Opened]:
    """The member MESSAGE, a string or an array of bytes."""
    for line in lines:
        yield line if isinstance(line, str) else read_member(line, "MESSAGE")


def read_object(line: bytes) -> dict[str, Any] | str:
    """A JSON object, or why there is none; bytes that are no UTF-8 become lone surrogates."""
    text = line.decode("utf-8", "surrogateescape")
    try:
        document = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        return "cut" if text.lstrip().startswith("{") and at_end else "format"
    return document if isinstance(document, dict) else "format"


def read_member(line: bytes, name: str) -> Opened:
    """A member of an object: a string, or an array of bytes."""
    document = read_object(line) if line.strip() else "empty"
    if isinstance(document, str):
        return document
    if name not in document:
        return "directive"
    value = document[name]
    if isinstance(value, list) and value and all(type(one) is int and 0 <= one < 256 for one in value):
        return bytes(value)
    if not isinstance(value, str):
        return "format"
    # Other lone surrogates were escaped, and stand for nothing.
    told = "".join("\ufffd" if "\ud800" <= one < "\udc80" else one for one in value)
    return told.encode("utf-8", "surrogateescape")


WRAPPINGS: dict[str, Callable[..., Iterator[Opened]]] = {
    "cri": open_cri,
    "syslog": open_syslog,
    "journal": open_journal,
    "journal-json": open_journal_json,
    "docker": open_docker,
}


def open_lines(lines: Iterable[bytes], wrappings: Iterable[str]) -> list[Opened]:
    """The contents of an input's lines, the outermost wrapping first."""
    opened: Iterable[Opened] = lines
    for name in wrappings:
        opened = WRAPPINGS[name](opened)
    return [one.removesuffix(b"\r") if isinstance(one, bytes) else one for one in opened]
