"""Splits lists of objects that stand on one line, so that each object is a line.

    [{"time":"…","status":200},{"time":"…","status":200}]
    {"records":[{"time":"…"},{"time":"…"}]}

The first is what `JSON.stringify` and exports write, the second what Azure's event hubs deliver and what its blobs were
until 2018. No byte is added or taken: the comma between two objects becomes a line feed, and what stands around the
list blanks. Lists over several lines stay as they are; `join_objects` reads them.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Ints
from footfall.transforms.kernels.compiled import kernel

_LIST: Final = re.compile(rb'\s*(?:\{[ \t]*"[rR]ecords"[ \t]*:[ \t]*)?\[[ \t]*\{[ \t]*"')
_LOOKED_AT: Final = 256
"""The number of bytes at the beginning of a line that show whether it is such a list."""
_NONE: Final = -1
_DEPTH, _BASE, _IN_TEXT, _COMMA, _IS_WRAPPED = range(5)
"""Of the state: brackets and braces that are open, how many of them are open around an object of the list (_NONE before
the list), whether a text is open (2: behind a backslash), the place of the last comma between objects (_NONE without
one), and whether the list is a member of an object.
"""


def holds_list(head: bytes) -> bool:
    """Return whether an input, or a line of one, begins with a list of objects.

    >>> holds_list(b'{"records": [{"time":"2026'), holds_list(b'[{"a":1}]'), holds_list(b'{"record":1}')
    (True, True, False)
    >>> holds_list(b'[\\n  {\\n    "a": 1')
    False
    """
    return _LIST.match(head[:_LOOKED_AT]) is not None


class ListSplitter:
    """Splits what is read piece by piece from the beginning of a line on; the state is that of the line."""

    def __init__(self) -> None:
        self._state = np.array([0, _NONE, 0, _NONE, 0], dtype=np.int64)

    def split(self, content: Bytes, begin: int, end: int) -> None:
        """Split content[begin:end] in place. All content before it was split, and `moved` was called for its moves."""
        _split(content, begin, end, self._state)

    def moved(self, by: int) -> None:
        """Note that the content moved towards the beginning of its buffer by so many bytes."""
        if self._state[_COMMA] != _NONE:
            self._state[_COMMA] -= by


def split_lists(content: bytes) -> bytes:
    """Return lines with their lists of objects split, if the first one is such a list.

    >>> split_lists(b'{"records":[{"a":[1,{"b":2}]},{"a":"},{"}]}\\n').split(b"\\n")
    [b'            {"a":[1,{"b":2}]}', b'{"a":"},{"}  ', b'']
    """
    if not holds_list(content):
        return content
    copy = np.frombuffer(content, dtype=np.uint8).copy()
    ListSplitter().split(copy, 0, len(copy))
    return copy.tobytes()


@kernel
def _split(content: Bytes, begin: int, end: int, state: Ints) -> None:
    depth, base, in_text, comma, is_wrapped = state[0], state[1], state[2], state[3], state[4]
    for position in range(begin, end):
        byte = content[position]
        if byte == 10:
            comma = -1
            # Between two objects the list goes on in the next line; inside of one, a line was torn.
            if in_text or base < 0 or depth != base:
                depth, base, in_text, is_wrapped = 0, -1, 0, 0
        elif in_text == 2:
            in_text = 1
        elif in_text == 1:
            if byte == 92:
                in_text = 2
            elif byte == 34:
                in_text = 0
            if base < 0 and is_wrapped and depth == 1:
                content[position] = 32  # the name of the member
        elif byte == 34:
            in_text = 1
            if base < 0 and is_wrapped and depth == 1:
                content[position] = 32
        elif byte == 123 or byte == 91:
            if byte == 123 and base < 0 and depth == 0:
                is_wrapped = 1
                content[position] = 32
            elif byte == 91 and base < 0:
                base = depth + 1
                if is_wrapped:
                    content[position] = 32
            elif byte == 123 and depth == base and comma >= 0:
                content[comma] = 10
            comma = -1
            depth += 1
        elif byte == 125 or byte == 93:
            depth -= 1
            if is_wrapped and base >= 0 and depth < base:
                content[position] = 32
        elif byte == 44:
            comma = position if depth == base else -1
        elif byte == 58 and base < 0 and is_wrapped and depth == 1:
            content[position] = 32
    state[0], state[1], state[2], state[3], state[4] = depth, base, in_text, comma, is_wrapped


__all__ = ["ListSplitter", "holds_list", "split_lists"]
