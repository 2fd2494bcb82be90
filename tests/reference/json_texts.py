"""The texts of JSON, as they are meant and as logs would escape them."""

from __future__ import annotations

import re

TEXT = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.DOTALL)
ESCAPE = re.compile(
    rb"\\u(?P<high>[dD][89abAB][0-9a-fA-F]{2})\\u(?P<low>[dD][c-fC-F][0-9a-fA-F]{2})"
    rb'|\\u(?P<code>[0-9a-fA-F]{4})|\\(?P<letter>[bfnrt/"\\])'
)
LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def decode(raw: bytes, *, for_log: bool) -> bytes:
    """What stands between quotes without its escapes; what logs escape stays so `for_log`."""

    def replace(match: re.Match[bytes]) -> bytes:
        if match["letter"]:
            kept = for_log and match["letter"] != b"/"
            return match[0] if kept else LETTERS.get(match["letter"], match["letter"])
        if match["high"]:
            return bytes.fromhex((match["high"] + match["low"]).decode()).decode("utf-16-be").encode()
        code = int(match["code"], 16)
        if 0xD800 <= code < 0xE000:
            code = 0xFFFD
        if for_log and code < 0x20:
            return b"\\x%02x" % code
        if for_log and chr(code) in '"\\':
            return b"\\" + bytes([code])
        return chr(code).encode()

    return ESCAPE.sub(replace, raw)
