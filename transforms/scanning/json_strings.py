"""Kernels that decode JSON strings, optionally with the escapes of log formats."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel

_BACKSLASH: Final = np.uint8(92)
_HEX: Final = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


@inlined_kernel
def _hex_value(block: Bytes, begin: int, end: int) -> int:
    """Return the value of the four hexadecimal digits at `begin`, or -1."""
    if begin + 4 > end:
        return -1
    value = 0
    for index in range(begin, begin + 4):
        byte = int(block[index])
        if 48 <= byte <= 57:
            digit = byte - 48
        elif 97 <= byte <= 102:
            digit = byte - 87
        elif 65 <= byte <= 70:
            digit = byte - 55
        else:
            return -1
        value = value * 16 + digit
    return value


@inner_kernel
def _write_character(out: Bytes, used: int, code: int, for_log: bool) -> int:
    """Write a character as UTF-8. Returns the end of the output.

    With `for_log`, quotes, backslashes and control characters are escaped as by Apache.
    """
    if for_log and (code == 34 or code == 92):
        out[used] = _BACKSLASH
        out[used + 1] = code
        return used + 2
    if for_log and code < 32:
        out[used] = _BACKSLASH
        out[used + 1] = np.uint8(120)
        out[used + 2] = _HEX[code >> 4]
        out[used + 3] = _HEX[code & 15]
        return used + 4
    if code < 0x80:
        out[used] = code
        return used + 1
    if code < 0x800:
        out[used] = 0xC0 | code >> 6
        out[used + 1] = 0x80 | code & 63
        return used + 2
    if code < 0x10000:
        out[used] = 0xE0 | code >> 12
        out[used + 1] = 0x80 | code >> 6 & 63
        out[used + 2] = 0x80 | code & 63
        return used + 3
    out[used] = 0xF0 | code >> 18
    out[used + 1] = 0x80 | code >> 12 & 63
    out[used + 2] = 0x80 | code >> 6 & 63
    out[used + 3] = 0x80 | code & 63
    return used + 4


@inner_kernel
def decode_string(block: Bytes, begin: int, end: int, out: Bytes, used: int, for_log: bool) -> int:
    """Write the content of a JSON string, without its quotes, to out[used:]. Returns the end of the output.

    The output is at most as long as the input. With `for_log`, characters that logs escape stay escaped (`\\"`, `\\\\`,
    `\\n`, `\\x00`), as the readers of fields expect. An unpaired surrogate becomes U+FFFD; escapes that JSON does not
    have (`\\x22`) are copied.
    """
    index = begin
    while index < end:
        byte = block[index]
        if byte != _BACKSLASH or index + 1 >= end:
            out[used] = byte
            used += 1
            index += 1
            continue
        escape = block[index + 1]
        index += 2
        if escape == 117:  # u
            code = _hex_value(block, index, end)
            if code < 0:
                out[used] = _BACKSLASH
                out[used + 1] = escape
                used += 2
                continue
            index += 4
            if 0xD800 <= code < 0xE000:
                low = -1
                if code < 0xDC00 and index + 6 <= end and block[index] == _BACKSLASH and block[index + 1] == 117:
                    low = _hex_value(block, index + 2, end)
                if 0xDC00 <= low < 0xE000:
                    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)
                    index += 6
                else:
                    code = 0xFFFD
            used = _write_character(out, used, code, for_log)
        elif escape == 47 or (not for_log and (escape == 34 or escape == 92)):  # / " \
            out[used] = escape
            used += 1
        elif not for_log and _control(escape) > 0:
            out[used] = _control(escape)
            used += 1
        else:
            out[used] = _BACKSLASH
            out[used + 1] = escape
            used += 2
    return used


@inlined_kernel
def _control(escape: np.uint8) -> int:
    """Return the control character for a letter after a backslash, 0 if there is none."""
    if escape == 110:
        return 10
    if escape == 116:
        return 9
    if escape == 114:
        return 13
    if escape == 98:
        return 8
    return 12 if escape == 102 else 0
