"""Clean texts before they are published: percent-decoding, placeholders for personal tokens, length.

All kernels take and return Arrow string arrays of the same length, row for row; null stays null. They use RE2 through
pyarrow and NumPy, which leave other threads running; only what RE2 cannot express is done row by row, on the few rows
that look like it.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PLACEHOLDERS: Final = ("{email}", "{uuid}", "{phone}", "{address}", "{token}", "{id}")
"""What stands in a published text instead of a personal token."""

MAX_SCRUBBED_CHARS: Final = 2_000
"""Longer texts are cut before they are searched: none is published at more than a tenth of it."""

_GUARD: Final = "\ue000"
"""Put inside a calendar date while digits are searched, so that they are no run. For private use, so never text."""

_OCTET: Final = "(?:25[0-5]|2[0-4][0-9]|[01][0-9]{2}|[1-9]?[0-9])"
_DIGIT: Final = "[0-9٠-٩۰-۹०-९０-９]"
_HEX: Final = r"[0-9A-Fa-f]"
_AT: Final = r"(?:[@＠]|%(?:25)*40)"
_MONTH: Final = "(?:0[1-9]|1[0-2])"
_DAY: Final = "(?:0[1-9]|[12][0-9]|3[01])"

_DATES: Final = (
    # 20250609, but not inside a hash
    (rf"(^|[^0-9A-Za-z])((?:19|20)[0-9]{{2}})({_MONTH})({_DAY})($|[^0-9A-Za-z])", rf"\1\2{_GUARD}\3{_GUARD}\4\5"),
    # 2025-06-09
    (rf"(^|[^0-9])((?:19|20)[0-9]{{2}}[-._])({_MONTH}[-._])({_DAY})($|[^0-9])", rf"\1\2{_GUARD}\3{_GUARD}\4{_GUARD}\5"),
    # 09.06.2025, 06-09-2025
    (
        r"(^|[^0-9])([0-3]?[0-9][-._])([0-3]?[0-9][-._])((?:19|20)[0-9]{2})($|[^0-9])",
        rf"\1\2{_GUARD}\3{_GUARD}\4{_GUARD}\5",
    ),
)
"""(RE2 pattern, replacement) that guard a calendar date: it is no phone number and no identifier."""


def _email(*, letter: str, number: str, foreign: str) -> str:
    """The pattern of an e-mail address, also with its "@" percent-encoded once or more.

    Before the "@" stands anything but what ends a word in a path or a query, and what is `foreign`; an escape belongs
    to it unless it is an encoded "@". A domain has at least one letter: "vue@3.2.1" is a package with its version.
    """
    local = rf"(?:[^\s/@＠%?&=;,:<>()\[\]{{}}|\\{foreign}]|%(?:[0-35-9A-Fa-f][0-9A-Fa-f]|4[1-9A-Fa-f]))+"
    domain = rf"[{number}._-]*[{letter}][{letter}{number}._-]*"
    return rf"{local}(?:{_AT}{domain})+"


# Letters of all scripts take RE2 forty times as long.
_EMAIL_IN_ASCII: Final = _email(letter="A-Za-z", number="0-9", foreign=r"\x{80}-\x{10ffff}")
_EMAIL: Final = _email(letter=r"\p{L}", number=r"\p{N}", foreign="")

_TOKENS: Final = (
    (rf"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}", "{uuid}"),
    # A phone number with its country code. Before addresses: +1.202.555.0143 would end in one.
    (r"\+[ ]?\(?[0-9](?:[ .()/-]{0,3}[0-9]){6,14}", "{phone}"),
    # IPv4, with a port.
    (r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]{1,5})?", "{address}"),
    # IPv6: all eight groups; two or more before "::"; one with a digit, or a whole word of hex digits, before "::";
    # nothing before it (a bare "::" is no address). "std::vector" is none of these.
    (
        rf"\[?(?:(?:{_HEX}{{1,4}}:){{7}}{_HEX}{{1,4}}"
        rf"|(?:{_HEX}{{1,4}}:){{2,7}}(?::{_HEX}{{1,4}}){{1,6}}|(?:{_HEX}{{1,4}}:){{2,7}}:"
        rf"|(?:\b{_HEX}{{1,4}}|{_HEX}{{0,3}}[0-9]{_HEX}{{0,3}})::(?:{_HEX}{{1,4}}(?::{_HEX}{{1,4}})*)?"
        rf"|::{_HEX}{{1,4}}(?::{_HEX}{{1,4}})+)(?:%[0-9A-Za-z]+)?(?:\](?::[0-9]{{1,5}})?)?",
        "{address}",
    ),
    # IPv4 with dashes, as providers name their customers' hosts: ip-192-0-2-1.
    (rf"(^|[^0-9]){_OCTET}(?:-{_OCTET}){{3}}($|[^0-9])", r"\1{address}\2"),
    # A JSON Web Token, whole or without its signature.
    (r"eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]+){0,4}", "{token}"),
)
"""(RE2 pattern, replacement) for tokens, in the order in which they are tried."""

_NUMBERS: Final = (
    # 202-555-0143, (202) 555-0143, 612 345 678
    (r"\(?[0-9]{3}\)?[ .-]{0,2}[0-9]{3}[ .-][0-9]{3,4}", "{phone}"),
    # National, with the leading zero: 030-2012345, 06 12 34 56 78, (0171) 1234567
    (r"(^|[^0-9])\(?0[0-9]{1,4}\)?[ .-]{1,2}[0-9](?:[ .-]?[0-9]){4,11}", r"\1{phone}"),
    # Card numbers and social security numbers: their groups alone are too short to be noticed.
    (r"[0-9]{4}(?:[ -][0-9]{4}){3,}", "{id}"),
    (r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", "{id}"),
    (r"\b[0-9]{5,}\b", "{id}"),
    (rf"{_HEX}{{16,}}", "{token}"),
    (rf"{_DIGIT}{{5,}}", "{id}"),
)
"""(RE2 pattern, replacement) for numbers, with dates guarded. Hex comes between: a hash has runs of digits in it."""

# A superset of all of the above, cheap on clean texts; only a long run needs a second look.
_SUSPECT: Final = (
    rf"{_AT}|::|:{_HEX}{{1,4}}:|{_DIGIT}{{5}}|{_HEX}{{16}}|(?:{_HEX}{{4}}-){{3}}|eyJ|\+ ?\(?[0-9]"
    r"|[0-9][ .()-]{1,3}[0-9]"
)
_LONG: Final = "[A-Za-z0-9_-]{20}"
# What a piece has that is no word: capitals within, letters after digits, many digits after letters.
_STRANGE: Final = (
    "[a-z][A-Z]|[A-Z]{2}[a-z]|[0-9][A-Z]|[A-Za-z][0-9]+[a-z]|[0-9][a-z]{1,3}[0-9]|[0-9][a-z]{4}|[0-9]{5}[a-z]"
    "|[A-Za-z][0-9]{5}"
)
_RUN: Final = re.compile("[A-Za-z0-9_-]{20,}")
# A word, a word with a number (Windows10), a number with a unit (10km, 2nd), a number.
_WORD: Final = re.compile("(?:[A-Za-z]?[a-z]*|[A-Z]*)[0-9]{0,4}|[0-9]{1,4}[a-z]{0,3}|[0-9]*")
_MAX_STRANGE_CHARS: Final = 10

_HEX_VALUE: Final = np.full(256, -1, np.int16)
for _digit in b"0123456789abcdefABCDEF":
    _HEX_VALUE[_digit] = int(chr(_digit), 16)


def decode_percent(texts: pa.StringArray) -> pa.StringArray:
    """Decode percent-escapes once; bytes that are no UTF-8 become U+FFFD, a "%" that begins no escape stays.

    >>> decode_percent(pa.array(["/caf%C3%A9", "/%ff", "/100%", None])).to_pylist()
    ['/café', '/�', '/100%', None]
    """
    escaped = pc.fill_null(pc.match_substring(texts, "%"), False)
    if not pc.any(escaped).as_py():
        return texts
    return pc.replace_with_mask(texts, escaped, _decode_rows(texts.filter(escaped)))


def _decode_rows(texts: pa.StringArray) -> pa.StringArray:
    _, offset_buffer, data_buffer = texts.buffers()
    offsets = np.frombuffer(offset_buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(data_buffer, np.uint8)[: offsets[-1]].copy()
    at = np.flatnonzero(data == ord("%"))
    ends = offsets[np.searchsorted(offsets, at, "right")] if at.size else at
    at = at[at + 2 < ends]
    high, low = _HEX_VALUE[data[at + 1]], _HEX_VALUE[data[at + 2]]
    escape = (high >= 0) & (low >= 0)
    at = at[escape]
    data[at] = (high[escape] << 4) | low[escape]
    kept = np.ones(len(data), bool)
    kept[at + 1] = kept[at + 2] = False
    kept[: offsets[0]] = False
    new_offsets = (offsets - offsets[0] - 2 * np.searchsorted(at, offsets)).astype(np.int32)
    new_data = np.ascontiguousarray(data[kept])
    binary = pa.Array.from_buffers(pa.binary(), len(texts), [None, pa.py_buffer(new_offsets), pa.py_buffer(new_data)])
    try:
        return binary.cast(pa.string())
    except pa.ArrowInvalid:  # some row is no UTF-8
        return pa.array([row.decode("utf-8", "replace") for row in binary.to_pylist()], pa.string())


def scrub(texts: pa.StringArray) -> pa.StringArray:
    """Replace e-mail addresses, IP addresses, UUIDs, phone numbers, long numbers and tokens by placeholders.

    A number is `{id}` from five digits on, unless it is a calendar date (20250609). A token is 16 hex digits, a JSON
    Web Token, or 20 letters and digits (`-` and `_` included) of which ten or more are in no word. What is scrubbed
    stays as it is when scrubbed again. Texts are cut to `MAX_SCRUBBED_CHARS`.

    >>> scrub(pa.array(["/orders/100234/for/jane@example.org", "/blog/2025/06/ten-tips", "/log/20250609"])).to_pylist()
    ['/orders/{id}/for/{email}', '/blog/2025/06/ten-tips', '/log/20250609']
    """
    texts = pc.utf8_slice_codeunits(texts, 0, MAX_SCRUBBED_CHARS)
    suspect = pc.fill_null(_are_suspect(texts), False)
    # A placeholder can part what hid a second token, so rows that changed are looked at again until they rest.
    while pc.any(suspect).as_py():
        before = texts.filter(suspect)
        after = _scrub_rows(before)
        texts = pc.replace_with_mask(texts, suspect, after)
        again = pc.and_(pc.not_equal(before, after), _are_suspect(after))
        suspect = pc.replace_with_mask(suspect, suspect, again)
    return texts


def _are_suspect(texts: pa.StringArray) -> pa.BooleanArray:
    return pc.or_(pc.match_substring_regex(texts, _SUSPECT), _are_long_runs(texts))


def _are_long_runs(texts: pa.StringArray) -> pa.BooleanArray:
    long = pc.match_substring_regex(texts, _LONG)
    return pc.and_(long, pc.match_substring_regex(texts, _STRANGE)) if pc.any(long).as_py() else long


def _scrub_rows(texts: pa.StringArray) -> pa.StringArray:
    texts = pc.replace_substring(texts, _GUARD, "�")
    has_at = pc.match_substring_regex(texts, _AT)
    if pc.any(has_at).as_py():
        # Patterns that begin anywhere: only where they can match at all.
        is_ascii = pc.string_is_ascii(texts)
        for rows, pattern in (
            (pc.and_(has_at, is_ascii), _EMAIL_IN_ASCII),
            (pc.and_not(has_at, is_ascii), _EMAIL),
        ):
            if pc.any(rows).as_py():
                without = pc.replace_substring_regex(texts.filter(rows), pattern, "{email}")
                texts = pc.replace_with_mask(texts, rows, without)
    for pattern, placeholder in _TOKENS:
        texts = pc.replace_substring_regex(texts, pattern, placeholder)
    mixed = _are_long_runs(texts)
    if pc.any(mixed).as_py():
        rows = texts.filter(mixed).to_pylist()
        texts = pc.replace_with_mask(texts, mixed, pa.array([_RUN.sub(_judge_run, row) for row in rows], pa.string()))
    for pattern, guarded in _DATES:
        texts = pc.replace_substring_regex(texts, pattern, guarded)
    for pattern, placeholder in _NUMBERS:
        texts = pc.replace_substring_regex(texts, pattern, placeholder)
    return pc.replace_substring(texts, _GUARD, "")


def _judge_run(run: re.Match[str]) -> str:
    """Tell a random run from a slug: a slug's pieces are words and short numbers, or nearly all of it is."""
    if not any(c.isdigit() for c in run[0]):
        return run[0]
    strange = sum(len(piece) for piece in re.split("[-_]", run[0]) if not _WORD.fullmatch(piece))
    return "{token}" if strange >= _MAX_STRANGE_CHARS else run[0]


def clip(texts: pa.StringArray, max_chars: int) -> pa.StringArray:
    """Cut texts to `max_chars` characters, and drop a placeholder that the cut went through."""
    longer = pc.fill_null(pc.greater(pc.utf8_length(texts), max_chars), False)
    if not pc.any(longer).as_py():
        return texts
    cut = pc.utf8_slice_codeunits(texts.filter(longer), 0, max_chars)
    return pc.replace_with_mask(texts, longer, pc.replace_substring_regex(cut, r"\{[a-z]*$", ""))
