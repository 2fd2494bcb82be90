"""The `#Fields` lines of W3C extended logs, which set the format of the following lines."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from typing import Final

from footfall.transforms.formats.fields import FormatError
from footfall.transforms.formats.line_formats import compile_format
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.w3c_formats import FIELDS_DIRECTIVE, parse_fields_line

MAX_FIELDS_LINE_BYTES: Final = 16_384
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def format_from_fields_line(line: bytes) -> str | None:
    """Return the format in a `#Fields` line, None if it is invalid or has no time."""
    text = parse_fields_line(line)
    try:
        # Invalid content of a log is no error of the operator: its lines become rejects.
        return text if text is not None and compile_format(text) else None
    except FormatError:
        return None


def formats_at(path: str, text: str, offsets: Sequence[int]) -> list[str] | None:
    """Return the formats that apply at byte offsets of an uncompressed local file, given in ascending order.

    `text` is the format before the first `#Fields` line. Returns None if a `#Fields` line before the last offset is
    invalid. Raises OSError.
    """
    formats = []
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        mark = _BYTE_ORDER_MARK if content[: len(_BYTE_ORDER_MARK)] == _BYTE_ORDER_MARK else b""
        begin = len(mark) if content[len(mark) : len(mark) + len(FIELDS_DIRECTIVE)] == FIELDS_DIRECTIVE else -1
        if begin < 0:
            begin = content.find(b"\n" + FIELDS_DIRECTIVE) + 1 or len(content)
        current = NAMED_FORMATS.get(text, text)
        for offset in offsets:
            while begin < offset:
                end = content.find(b"\n", begin)
                end = len(content) if end < 0 else end
                following = format_from_fields_line(content[begin : min(end, begin + MAX_FIELDS_LINE_BYTES)])
                if following is None:
                    return None
                current = following
                begin = content.find(b"\n" + FIELDS_DIRECTIVE, end) + 1 or len(content)
            formats.append(current)
    return formats
