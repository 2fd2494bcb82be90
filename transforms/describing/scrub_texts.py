"""Cleans texts before they are published: decodes percent-escapes, replaces personal parts, limits the length.

All functions take and return Arrow string arrays of the same length; null stays null. Most texts are clean, and a look
with RE2, which releases the interpreter lock, says so. What is personal without doubt is replaced by RE2 too. Only what
is left and looks suspicious is judged text by text, by the rules of `personal`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.personal.judged_texts import PLACEHOLDERS
from footfall.transforms.describing.personal.look_before import may_be_personal, replace_plain_kinds
from footfall.transforms.describing.personal.rule import Where
from footfall.transforms.describing.personal.rules import scrub_text
from footfall.transforms.describing.text_rules import NO_RULES, TextRules

__all__ = ["MAX_SCRUBBED_CHARS", "PLACEHOLDERS", "clip", "decode_percent", "scrub"]

MAX_SCRUBBED_CHARS: Final = 2_000
"""Texts are cut to this length before they are judged: published texts are at most a tenth as long."""

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


def scrub(texts: pa.StringArray, *, campaigns: bool = False, rules: TextRules = NO_RULES) -> pa.StringArray:
    """Replace what is personal in texts with placeholders.

    A text is a path if it begins with `/`, else a phrase; or all are the names of `campaigns`, whose codes and numbers
    are the site's own. `rules` are those of the settings. What is personal say the rules in `personal/rules.py`;
    docs/texts.md shows how well they do. Texts should have the capitals that the client wrote. Scrubbing a scrubbed
    text does not change it. Texts are cut to `MAX_SCRUBBED_CHARS`. Raises nothing, whatever the text.

    >>> scrub(pa.array(["/orders/100234/for/jane@example.org", "/blog/2025/06/ten-tips", "/log/20250609"])).to_pylist()
    ['/orders/{id}/for/{email}', '/blog/2025/06/ten-tips', '/log/20250609']
    >>> scrub(pa.array(["b11614b226-summer_sale"]), campaigns=True).to_pylist()
    ['b11614b226-summer_sale']
    """
    # Arrow compiles the patterns for each array, which takes as long as a thousand texts.
    if texts.null_count == len(texts):
        return texts
    texts = pc.utf8_slice_codeunits(texts, 0, MAX_SCRUBBED_CHARS)
    suspect = pc.and_not(_is_suspect(texts, rules), rules.keeps(texts))
    # A placeholder may uncover another token, so rows are scrubbed until they no longer change.
    while pc.any(suspect).as_py():
        after, changed = _scrub_rows(texts.filter(suspect), campaigns=campaigns, rules=rules)
        texts = pc.replace_with_mask(texts, suspect, after)
        suspect = pc.replace_with_mask(suspect, suspect, changed)
    return texts


def _is_suspect(texts: pa.StringArray, rules: TextRules) -> pa.BooleanArray:
    return pc.or_(pc.fill_null(may_be_personal(texts), False), rules.may_name(texts))


def _scrub_rows(texts: pa.StringArray, *, campaigns: bool, rules: TextRules) -> tuple[pa.StringArray, pa.BooleanArray]:
    """Scrub suspicious texts, of which none is null. Returns them, and which of them may have to be scrubbed again."""
    if not campaigns:
        texts = replace_plain_kinds(texts)
    # Without their ids and tokens, most of them are the same few.
    distinct = texts.dictionary_encode()
    suspect = _is_suspect(distinct.dictionary, rules)
    if not pc.any(suspect).as_py():
        return texts, pa.repeat(False, len(texts))
    before = distinct.dictionary.filter(suspect)
    after = pa.array(_judge(before.to_pylist(), campaigns=campaigns, rules=rules), pa.string())
    scrubbed = pc.replace_with_mask(distinct.dictionary, suspect, after)
    changed = pc.replace_with_mask(suspect, suspect, pc.not_equal(before, after))
    return scrubbed.take(distinct.indices), changed.take(distinct.indices)


def _judge(texts: Iterable[str], *, campaigns: bool, rules: TextRules) -> list[str]:
    return [scrub_text(text, _where(text, campaigns=campaigns), rules.own_rules) for text in texts]


def _where(text: str, *, campaigns: bool) -> Where:
    return "campaign" if campaigns else "path" if text.startswith("/") else "phrase"


def clip(texts: pa.StringArray, max_chars: int) -> pa.StringArray:
    """Cut texts to `max_chars` characters, or before a placeholder or numbers between dots that would be cut in two.

    Four of five numbers would look like an address to the check before publishing.
    """
    longer = pc.fill_null(pc.greater(pc.utf8_length(texts), max_chars), False)
    if not pc.any(longer).as_py():
        return texts
    cut = pc.utf8_slice_codeunits(texts.filter(longer), 0, max_chars)
    return pc.replace_with_mask(
        texts, longer, pc.replace_substring_regex(cut, r"(?:\{[a-z]*|[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]*)$", "")
    )
