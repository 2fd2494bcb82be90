"""The headers of W3C extended logs: which fields the lines behind a `#Fields` line have."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from typing import Final

from footfall.transforms.formats.fields import FormatError
from footfall.transforms.formats.line_formats import compile_format
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.w3c_formats import FIELDS_DIRECTIVE, read_fields_line

MOST_NAMES_BYTES: Final = 16_384
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def read_fields(line: bytes) -> str | None:
    """The format that a `#Fields` line begins, None where the line is none or tells no time, or can't be read."""
    text = read_fields_line(line)
    try:
        # What a log says of itself is no error of the operator's.
        return text if text is not None and compile_format(text) else None
    except FormatError:
        return None


def fields_at(path: str, text: str, places: Sequence[int]) -> list[str] | None:
    """The formats that hold for the lines of a plain local file from some places on, in ascending order.

    `text` holds before the first `#Fields` line. None where one of those can't be read: its lines are of no format.
    Raises OSError.
    """
    found = []
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        mark = _BYTE_ORDER_MARK if content[: len(_BYTE_ORDER_MARK)] == _BYTE_ORDER_MARK else b""
        begin = len(mark) if content[len(mark) : len(mark) + len(FIELDS_DIRECTIVE)] == FIELDS_DIRECTIVE else -1
        if begin < 0:
            begin = content.find(b"\n" + FIELDS_DIRECTIVE) + 1 or len(content)
        current = NAMED_FORMATS.get(text, text)
        for place in places:
            while begin < place:
                end = content.find(b"\n", begin)
                end = len(content) if end < 0 else end
                readable = read_fields(content[begin : min(end, begin + MOST_NAMES_BYTES)])
                if readable is None:
                    return None
                current = readable
                begin = content.find(b"\n" + FIELDS_DIRECTIVE, end) + 1 or len(content)
            found.append(current)
    return found
