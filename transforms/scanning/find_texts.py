"""Kernels that look for a fixed text in a line."""

from __future__ import annotations

from footfall.transforms.arrays import Bytes
from footfall.transforms.kernels.byte_kernels import find_byte
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel


@inlined_kernel
def is_text_at(block: Bytes, position: int, end: int, text: Bytes) -> bool:
    """Return whether block[position:end] begins with a text; a negative position is nowhere."""
    if position < 0 or position + len(text) > end:
        return False
    index = 0
    while index < len(text) and block[position + index] == text[index]:
        index += 1
    return index == len(text)


@inner_kernel
def find_text(block: Bytes, begin: int, end: int, text: Bytes) -> int:
    """Return the offset of the first occurrence of a text in block[begin:end], or -1."""
    position = find_byte(block, begin, end, text[0])
    while position < end:
        if is_text_at(block, position, end, text):
            return int(position)
        position = find_byte(block, position + 1, end, text[0])
    return -1


__all__ = ["find_text", "is_text_at"]
