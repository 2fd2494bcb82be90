"""Scans W3C extended logs, in which a `#Fields` line sets the format of the following lines."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Ints
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.w3c_formats import FIELDS_DIRECTIVE, has_tabs, is_cloudfront, with_tabs
from footfall.transforms.formats.w3c_headers import MAX_FIELDS_LINE_BYTES, format_from_fields_line
from footfall.transforms.scanning.rewrite_texts import PERCENT, PERCENT_TWICE, PLUS, UNESCAPED, rewrite_texts
from footfall.transforms.scanning.scan_lines import ScannedFields, Spans, scan_lines
from footfall.transforms.vocabulary import ACCEPTED, REJECT_CUT, REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

_HASH: Final = ord("#")
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
                parts += _split_tabbed(part, part_spans, text)
        return parts


def _split_tabbed(part: ScannedFields, spans: Spans, text: str | None) -> list[ScannedFields]:
    """Return the part, and its lines with tabs where the names have spaces between them as a part of their own.

    The draft allows either wherever white space separates fields.
    """
    misfits = np.flatnonzero((part.rejects == REJECT_FORMAT) | (part.rejects == REJECT_CUT))
    if text is None or has_tabs(text) or len(misfits) == 0:
        return [part]
    tabbed = _scan_part(
        Spans(spans.block, spans.begins[misfits], spans.ends[misfits]), part.lines[misfits], with_tabs(text)
    )
    tabbed = tabbed.take(tabbed.rejects == ACCEPTED)
    return [part.without(tabbed.lines), tabbed] if tabbed.line_count else [part]


def _scan_part(spans: Spans, lines: Ints, text: str | None) -> ScannedFields:
    if text is None:
        absent = np.full((2, len(lines)), -1, dtype=np.int32)
        blank = spans.ends <= spans.begins
        rejects = np.where(blank, REJECT_EMPTY, REJECT_FORMAT).astype(np.uint8)
        return ScannedFields(spans.block, lines, absent, absent.copy(), rejects, {})
    scanned = scan_lines(spans, lines, text)
    return rewrite_texts(scanned, _CLOUDFRONT if is_cloudfront(text) else _IIS)
