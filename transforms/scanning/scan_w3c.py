"""Scans W3C extended logs, in which a `#Fields` line sets the format of the following lines."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Ints
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.w3c_formats import (
    FIELDS_DIRECTIVE,
    has_tabs,
    is_cloudfront,
    with_quoted_times,
    with_tabs,
)
from footfall.transforms.formats.w3c_headers import MAX_FIELDS_LINE_BYTES, format_from_fields_line
from footfall.transforms.scanning.bare_hosts import skip_bare_hosts
from footfall.transforms.scanning.rewrite_texts import PERCENT, PERCENT_TWICE, PLUS, UNESCAPED, rewrite_texts
from footfall.transforms.scanning.scan_lines import ScannedFields, Spans, scan_lines
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

_HASH: Final = ord("#")
_TAB: Final = ord("\t")
_QUOTE: Final = ord('"')
_UNESCAPED_TEXTS: Final = dict.fromkeys(
    (Meaning.USER, Meaning.SITE, Meaning.URL, Meaning.PATH, Meaning.QUERY, Meaning.PROTOCOL, Meaning.REFERRER),
    UNESCAPED,
)
_IIS: Final = _UNESCAPED_TEXTS | dict.fromkeys((Meaning.AGENT, Meaning.COOKIE_HEADER, Meaning.FORWARDED), PLUS)
_CLOUDFRONT: Final = _UNESCAPED_TEXTS | {
    Meaning.AGENT: PERCENT_TWICE,
    Meaning.COOKIE_HEADER: PERCENT_TWICE,
    Meaning.REFERRER: PERCENT,
    Meaning.FORWARDED: PERCENT,
}
"""Encodings of each server's fields. IIS writes `+` for a space, except in urls, where a `+` is a `+`; a text that has
spaces, since it stands in quotes, is not so encoded."""


class W3cScanner:
    """Scans the lines of a W3C log in their order, and keeps the format from one block to the next.

    `text` is the format before the first `#Fields` line.
    """

    def __init__(self, text: str) -> None:
        self._text: str | None = NAMED_FORMATS.get(text, text)

    def scan(self, spans: Spans, lines: Ints) -> list[ScannedFields]:
        """Scan lines into one part per format.

        `#` lines are rejected as `directive`, lines after an invalid `#Fields` line as `format`.
        """
        is_directive = (spans.ends > spans.begins) & (spans.block[spans.begins] == _HASH)
        texts: list[str | None] = [self._text]
        text_indexes = np.zeros(len(lines), dtype=np.int64)
        for row in np.flatnonzero(is_directive).tolist():
            begin = int(spans.begins[row])
            end = min(int(spans.ends[row]), begin + MAX_FIELDS_LINE_BYTES)
            line = spans.block[begin:end].tobytes()
            if not line.startswith(FIELDS_DIRECTIVE):
                continue
            text = format_from_fields_line(line)
            if text not in texts:
                texts.append(text)
            text_indexes[row:] = texts.index(text)
            self._text = text
        parts = []
        for number, text in enumerate(texts):
            in_part = text_indexes == number
            if in_part.any() or len(lines) == 0:
                part_spans = Spans(spans.block, spans.begins[in_part], spans.ends[in_part])
                part = _scan_part(part_spans, lines[in_part], text)
                directives = is_directive[in_part]
                part.rejects[directives] = REJECT_DIRECTIVE
                part.begins[:, directives] = -1
                part.ends[:, directives] = -1
                parts += _split_variants(part, part_spans, text)
        return parts


def _split_variants(part: ScannedFields, spans: Spans, text: str | None) -> list[ScannedFields]:
    """Return the part, and its lines that are written otherwise than the names as parts of their own.

    The draft allows tabs and blanks wherever white space separates fields; Imperva puts dates and times in quotes too.
    """
    if text is None or has_tabs(text):
        return [part]
    parts = []
    tabs = np.flatnonzero(spans.block == _TAB)
    # A line with tabs may have as many blanks within its values, and fit by chance.
    holds_tab = np.searchsorted(tabs, spans.begins) < np.searchsorted(tabs, spans.ends)
    begins_quoted = (spans.ends > spans.begins) & (spans.block[spans.begins] == _QUOTE)
    for is_variant, variant in ((holds_tab, with_tabs), (begins_quoted, with_quoted_times)):
        misfits = np.flatnonzero(is_variant & (part.rejects != REJECT_DIRECTIVE))
        if len(misfits) == 0:
            continue
        own = Spans(spans.block, spans.begins[misfits], spans.ends[misfits])
        found = _scan_part(own, part.lines[misfits], variant(text))
        parts.append(found.take(found.rejects == ACCEPTED))
    for found in parts:
        part = part.without(found.lines)
    return [part, *(found for found in parts if found.line_count)]


def _scan_part(spans: Spans, lines: Ints, text: str | None) -> ScannedFields:
    if text is None:
        absent = np.full((2, len(lines)), -1, dtype=np.int32)
        blank = spans.ends <= spans.begins
        rejects = np.where(blank, REJECT_EMPTY, REJECT_FORMAT).astype(np.uint8)
        return ScannedFields(spans.block, lines, absent, absent.copy(), rejects, {})
    scanned = scan_lines(spans, lines, text)
    skip_bare_hosts(scanned.block, *scanned.offsets(Meaning.URL))
    return rewrite_texts(scanned, _CLOUDFRONT if is_cloudfront(text) else _IIS)
