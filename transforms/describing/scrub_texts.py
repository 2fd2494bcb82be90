"""Cleans texts before they are published: decodes percent-escapes, replaces personal tokens, limits the length.

All functions take and return Arrow string arrays of the same length; null stays null. They use NumPy and pyarrow's RE2,
which release the interpreter lock. Only tokens that RE2 cannot recognize are searched row by row in Python, in the few
rows that may contain one.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

PLACEHOLDERS: Final = ("{email}", "{uuid}", "{phone}", "{address}", "{token}", "{id}")
"""The replacements for personal tokens in published texts."""

MAX_SCRUBBED_CHARS: Final = 2_000
"""Texts are cut to this length before tokens are searched: published texts are at most a tenth as long."""

_GUARD: Final = "\ue000"
"""Separates the digits of calendar dates while numbers are searched. A private-use character, which no text needs."""

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
"""(RE2 pattern, replacement) that put _GUARD into a calendar date, which is no phone number and no identifier."""


def _email(*, letter: str, number: str, foreign: str) -> str:
    """The pattern of an e-mail address whose "@" may be percent-encoded, even several times.

    The local part ends at delimiters of paths and queries and at `foreign` characters; percent-escapes other than "@"
    are part of it. The domain has at least one letter, since "vue@3.2.1" is a package and its version.
    """
    local = rf"(?:[^\s/@＠%?&=;,:<>()\[\]{{}}|\\{foreign}]|%(?:[0-35-9A-Fa-f][0-9A-Fa-f]|4[1-9A-Fa-f]))+"
    domain = rf"[{number}._-]*[{letter}][{letter}{number}._-]*"
    return rf"{local}(?:{_AT}{domain})+"


# With the letters of all scripts, RE2 takes forty times as long.
_EMAIL_IN_ASCII: Final = _email(letter="A-Za-z", number="0-9", foreign=r"\x{80}-\x{10ffff}")
_EMAIL: Final = _email(letter=r"\p{L}", number=r"\p{N}", foreign="")

_TOKENS: Final = (
    (rf"{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}", "{uuid}"),
    # A phone number with a country code; before IPv4, since the end of +1.202.555.0143 looks like an address.
    (r"\+[ ]?\(?[0-9](?:[ .()/-]{0,3}[0-9]){6,14}", "{phone}"),
    # IPv4, with or without a port.
    (r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?::[0-9]{1,5})?", "{address}"),
    # IPv6: eight groups; or two or more groups before "::"; or before it one group that has a digit or is a whole word;
    # or none before it and two or more after it. "std::vector" and a bare "::" are not addresses.
    (
        rf"\[?(?:(?:{_HEX}{{1,4}}:){{7}}{_HEX}{{1,4}}"
        rf"|(?:{_HEX}{{1,4}}:){{2,7}}(?::{_HEX}{{1,4}}){{1,6}}|(?:{_HEX}{{1,4}}:){{2,7}}:"
        rf"|(?:\b{_HEX}{{1,4}}|{_HEX}{{0,3}}[0-9]{_HEX}{{0,3}})::(?:{_HEX}{{1,4}}(?::{_HEX}{{1,4}})*)?"
        rf"|::{_HEX}{{1,4}}(?::{_HEX}{{1,4}})+)(?:%[0-9A-Za-z]+)?(?:\](?::[0-9]{{1,5}})?)?",
        "{address}",
    ),
    # IPv4 with dashes, as in the host names of internet providers: ip-192-0-2-1.
    (rf"(^|[^0-9]){_OCTET}(?:-{_OCTET}){{3}}($|[^0-9])", r"\1{address}\2"),
    # A JSON Web Token, with or without its signature.
    (r"eyJ[A-Za-z0-9_-]{5,}(?:\.[A-Za-z0-9_-]+){0,4}", "{token}"),
)
"""(RE2 pattern, replacement) of tokens, in the order in which they are replaced."""

_NUMBERS: Final = (
    # 202-555-0143, (202) 555-0143, 612 345 678
    (r"\(?[0-9]{3}\)?[ .-]{0,2}[0-9]{3}[ .-][0-9]{3,4}", "{phone}"),
    # National numbers with a leading zero: 030-2012345, 06 12 34 56 78, (0171) 1234567
    (r"(^|[^0-9])\(?0[0-9]{1,4}\)?[ .-]{1,2}[0-9](?:[ .-]?[0-9]){4,11}", r"\1{phone}"),
    # Card numbers and social security numbers, whose groups have fewer than five digits.
    (r"[0-9]{4}(?:[ -][0-9]{4}){3,}", "{id}"),
    (r"\b[0-9]{3}-[0-9]{2}-[0-9]{4}\b", "{id}"),
    (r"\b[0-9]{5,}\b", "{id}"),
    (rf"{_HEX}{{16,}}", "{token}"),
    (rf"{_DIGIT}{{5,}}", "{id}"),
)
"""(RE2 pattern, replacement) of numbers, once dates are guarded. Hexadecimal comes before digits inside words: a hash
contains digits."""

# Matches every text that contains one of the above; fast on clean texts.
_SUSPECT: Final = (
    rf"{_AT}|::|:{_HEX}{{1,4}}:|{_DIGIT}{{5}}|{_HEX}{{16}}|(?:{_HEX}{{4}}-){{3}}|eyJ|\+ ?\(?[0-9]"
    r"|[0-9][ .()-]{1,3}[0-9]"
)
_LONG: Final = "[A-Za-z0-9_-]{20}"
# Parts of a random run that words lack: capitals inside, letters after digits, many digits after letters.
_STRANGE: Final = (
    "[a-z][A-Z]|[A-Z]{2}[a-z]|[0-9][A-Z]|[A-Za-z][0-9]+[a-z]|[0-9][a-z]{1,3}[0-9]|[0-9][a-z]{4}|[0-9]{5}[a-z]"
    "|[A-Za-z][0-9]{5}"
)
_RUN: Final = re.compile("[A-Za-z0-9_-]{20,}")
# A word, a word with a number (Windows10), a number with a unit (10km, 2nd), or a number.
_WORD: Final = re.compile("(?:[A-Za-z]?[a-z]*|[A-Z]*)[0-9]{0,4}|[0-9]{1,4}[a-z]{0,3}|[0-9]*")
_MAX_STRANGE_CHARS: Final = 10

_HEX_VALUE: Final = np.full(256, -1, np.int16)
for _digit in b"0123456789abcdefABCDEF":
    _HEX_VALUE[_digit] = int(chr(_digit), 16)


def decode_percent(texts: pa.StringArray) -> pa.StringArray:
    """Decode percent-escapes once. Invalid UTF-8 becomes U+FFFD; a "%" that begins no escape stays.

    >>> decode_percent(pa.array(["/caf%C3%A9", "/%ff", "/100%", None])).to_pylist()
    ['/café', '/�', '/100%', None]
    """
    escaped = pc.fill_null(pc.match_substring(texts, "%"), False)
    if not pc.any(escaped).as_py():
        return texts
    return pc.replace_with_mask(texts, escaped, _decode_rows(texts.filter(escaped)))


def _decode_rows(texts: pa.StringArray) -> pa.StringArray:
    """Decode texts of which none is null."""
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
    except pa.ArrowInvalid:  # a row is not valid UTF-8
        return pa.array([row.decode("utf-8", "replace") for row in binary.to_pylist()], pa.string())


def scrub(texts: pa.StringArray) -> pa.StringArray:
    """Replace e-mail addresses, IP addresses, UUIDs, phone numbers, long numbers and tokens with placeholders.

    A number of five or more digits becomes `{id}` unless it is a calendar date (20250609). A token has 16 hexadecimal
    digits, or is a JSON Web Token, or has 20 or more letters, digits, `-` and `_`, of which ten or more are not part of
    a word or short number. Scrubbing a scrubbed text does not change it. Texts are cut to `MAX_SCRUBBED_CHARS`.

    >>> scrub(pa.array(["/orders/100234/for/jane@example.org", "/blog/2025/06/ten-tips", "/log/20250609"])).to_pylist()
    ['/orders/{id}/for/{email}', '/blog/2025/06/ten-tips', '/log/20250609']
    """
    texts = pc.utf8_slice_codeunits(texts, 0, MAX_SCRUBBED_CHARS)
    suspect = pc.fill_null(_may_have_tokens(texts), False)
    # A placeholder may uncover another token, so rows are scrubbed until they no longer change.
    while pc.any(suspect).as_py():
        before = texts.filter(suspect)
        after = _scrub_rows(before)
        texts = pc.replace_with_mask(texts, suspect, after)
        again = pc.and_(pc.not_equal(before, after), _may_have_tokens(after))
        suspect = pc.replace_with_mask(suspect, suspect, again)
    return texts


def _may_have_tokens(texts: pa.StringArray) -> pa.BooleanArray:
    """Whether each text may contain a token or number to replace."""
    return pc.or_(pc.match_substring_regex(texts, _SUSPECT), _have_long_runs(texts))


def _have_long_runs(texts: pa.StringArray) -> pa.BooleanArray:
    """Whether each text has a long run of letters and digits that may be random."""
    long = pc.match_substring_regex(texts, _LONG)
    return pc.and_(long, pc.match_substring_regex(texts, _STRANGE)) if pc.any(long).as_py() else long


def _scrub_rows(texts: pa.StringArray) -> pa.StringArray:
    """Replace the tokens and numbers of texts once."""
    texts = pc.replace_substring(texts, _GUARD, "�")
    has_at = pc.match_substring_regex(texts, _AT)
    if pc.any(has_at).as_py():
        # These patterns are slow, so they are applied only to texts with an "@".
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
    has_run = _have_long_runs(texts)
    if pc.any(has_run).as_py():
        rows = texts.filter(has_run).to_pylist()
        texts = pc.replace_with_mask(texts, has_run, pa.array([_RUN.sub(_scrub_run, row) for row in rows], pa.string()))
    for pattern, guarded in _DATES:
        texts = pc.replace_substring_regex(texts, pattern, guarded)
    for pattern, placeholder in _NUMBERS:
        texts = pc.replace_substring_regex(texts, pattern, placeholder)
    return pc.replace_substring(texts, _GUARD, "")


def _scrub_run(run: re.Match[str]) -> str:
    """`{token}` for a random run; a slug, most of which is words and short numbers, stays."""
    if not any(c.isdigit() for c in run[0]):
        return run[0]
    strange = sum(len(piece) for piece in re.split("[-_]", run[0]) if not _WORD.fullmatch(piece))
    return "{token}" if strange >= _MAX_STRANGE_CHARS else run[0]


def clip(texts: pa.StringArray, max_chars: int) -> pa.StringArray:
    """Cut texts to `max_chars` characters, or before a placeholder that would be cut in two."""
    longer = pc.fill_null(pc.greater(pc.utf8_length(texts), max_chars), False)
    if not pc.any(longer).as_py():
        return texts
    cut = pc.utf8_slice_codeunits(texts.filter(longer), 0, max_chars)
    return pc.replace_with_mask(texts, longer, pc.replace_substring_regex(cut, r"\{[a-z]*$", ""))
