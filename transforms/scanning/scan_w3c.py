"""W3C extended logs, whose lines follow the `#Fields` line before them (part of step 2)."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.named_formats import NAMED_FORMATS
from footfall.transforms.formats.w3c_formats import FIELDS_DIRECTIVE, is_cloudfront
from footfall.transforms.formats.w3c_headers import MOST_NAMES_BYTES, read_fields
from footfall.transforms.scanning.rewrite_texts import PERCENT, PERCENT_TWICE, PLAIN, PLUS, rewrite_texts
from footfall.transforms.scanning.scan_lines import ScannedBlock, Spans, scan_lines
from footfall.transforms.vocabulary import REJECT_DIRECTIVE, REJECT_EMPTY, REJECT_FORMAT

_HASH: Final = ord("#")
_PLAIN_TEXTS: Final = dict.fromkeys(
    (Meaning.USER, Meaning.SITE, Meaning.URL, Meaning.PATH, Meaning.QUERY, Meaning.PROTOCOL, Meaning.REFERRER), PLAIN
)
_IIS: Final = _PLAIN_TEXTS | dict.fromkeys((Meaning.AGENT, Meaning.COOKIE_HEADER, Meaning.FORWARDED), PLUS)
_CLOUDFRONT: Final = _PLAIN_TEXTS | {
    Meaning.AGENT: PERCENT_TWICE,
    Meaning.COOKIE_HEADER: PERCENT_TWICE,
    Meaning.REFERRER: PERCENT,
    Meaning.FORWARDED: PERCENT,
}
"""How each writer puts texts: IIS writes `+` for a space, and a url's own `+` as it is."""


class W3cScanner:
    """Scans a W3C log's lines in their order, and remembers the fields from one block to the next.

    `text` is the format that holds before the first `#Fields` line.
    """

    def __init__(self, text: str) -> None:
        self._text: str | None = NAMED_FORMATS.get(text, text)

    def scan(self, spans: Spans, lines: NDArray[np.int64]) -> list[ScannedBlock]:
        """One part for each set of fields; a `#` line is a directive, a line of unreadable fields fits no format."""
        is_directive = (spans.ends > spans.begins) & (spans.block[spans.begins] == _HASH)
        texts: list[str | None] = [self._text]
        text_of = np.zeros(len(lines), dtype=np.int64)
        for row in np.flatnonzero(is_directive).tolist():
            begin = int(spans.begins[row])
            end = min(int(spans.ends[row]), begin + MOST_NAMES_BYTES)
            line = spans.block[begin:end].tobytes()
            if not line.startswith(FIELDS_DIRECTIVE):
                continue
            text = read_fields(line)
            if text not in texts:
                texts.append(text)
            text_of[row:] = texts.index(text)
            self._text = text
        parts = []
        for number, text in enumerate(texts):
            own = text_of == number
            if own.any() or len(lines) == 0:
                parts.append(_scan_run(Spans(spans.block, spans.begins[own], spans.ends[own]), lines[own], text))
                directives = is_directive[own]
                parts[-1].rejects[directives] = REJECT_DIRECTIVE
                parts[-1].begins[:, directives] = -1
                parts[-1].ends[:, directives] = -1
        return parts


def _scan_run(spans: Spans, lines: NDArray[np.int64], text: str | None) -> ScannedBlock:
    if text is None:
        absent = np.full((2, len(lines)), -1, dtype=np.int32)
        blank = spans.ends <= spans.begins
        rejects = np.where(blank, REJECT_EMPTY, REJECT_FORMAT).astype(np.uint8)
        return ScannedBlock(spans.block, lines, absent, absent.copy(), rejects, {})
    found = scan_lines(spans, lines, text)
    return rewrite_texts(found, _CLOUDFRONT if is_cloudfront(text) else _IIS)
