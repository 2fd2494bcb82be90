"""Decodes the bytes of a log to text: removes the escapes of Apache and nginx, and accepts invalid UTF-8.

Apache writes `\\"`, `\\\\`, `\\n` and so on, and `\\xhh` for other bytes (util.c, ap_escape_logitem); nginx writes
`\\xHH` for quotes, backslashes, control bytes and bytes above 126 (ngx_http_log_escape). The two do not conflict.
"""

from __future__ import annotations

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_ESCAPE: Final = re.compile(rb'\\(?:x([0-9A-Fa-f]{2})|(["\\bnrtvf]))')
_CONTROLS: Final = {b"b": b"\b", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"f": b"\f"}
_PLAIN: Final = rb"^[ -\[\]-~]*$"


def unescape(raw: bytes) -> bytes:
    """Remove the escapes of a server; an escape that neither server writes is kept.

    >>> unescape(rb'a\\x22b\\"c\\q')
    b'a"b"c\\\\q'
    """
    return _ESCAPE.sub(_unescape_one, raw)


def _unescape_one(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 16)])
    return _CONTROLS.get(match[2], match[2])


def decode_texts(raw: pa.LargeBinaryArray) -> pa.StringArray:
    """Decode texts, one per element of `raw`; bytes that are not UTF-8 become U+FFFD."""
    plain = pc.match_substring_regex(raw, _PLAIN)
    if pc.all(plain, min_count=0).as_py():
        return raw.cast(pa.large_string()).cast(pa.string())
    return pa.array(
        [
            content.decode() if is_plain else unescape(content).decode("utf-8", "replace")
            for content, is_plain in zip(raw.to_pylist(), plain.to_pylist(), strict=True)
        ],
        pa.string(),
    )
