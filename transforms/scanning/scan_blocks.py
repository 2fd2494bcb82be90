"""Scans the lines of a block in any log format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.haproxy_strings import is_haproxy
from footfall.transforms.formats.json_formats import is_json_format
from footfall.transforms.formats.log_formats import is_w3c, read_log_format
from footfall.transforms.formats.named_formats import HEADER_LINES, NO_REQUESTS
from footfall.transforms.scanning.rewrite_texts import HASH, PERCENT, PERCENT_TWICE, PLUS, rewrite_texts
from footfall.transforms.scanning.scan_json import scan_json
from footfall.transforms.scanning.scan_lines import ScannedFields, Spans, find_lines, scan_lines
from footfall.transforms.scanning.scan_w3c import W3cScanner
from footfall.transforms.scanning.unwrap_lines import LineUnwrapper
from footfall.transforms.vocabulary import (
    ACCEPTED,
    DUPLICATE,
    REJECT_CUT,
    REJECT_DIRECTIVE,
    REJECT_FORMAT,
    REJECT_JOINED,
    REJECT_NO_REQUEST,
    REJECT_TIME,
)

MISFITS: Final = (REJECT_FORMAT, REJECT_CUT, REJECT_JOINED, REJECT_TIME, REJECT_NO_REQUEST)
"""Rejects for which a line of a mixed log is tried with the next format. Objects of other servers lack the time."""
_IS_MISFIT: Final = np.isin(np.arange(256), MISFITS)


@dataclass(frozen=True)
class ScannedLines:
    """The lines of a block: their begins, followed by the begin of a next line, and their fields by format.

    Each line belongs to exactly one part. Most blocks have one part.
    """

    line_begins: Offsets
    parts: list[ScannedFields]

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return len(self.line_begins) - 1

    def mark_duplicates(self, duplicates: Flags) -> None:
        """Reject the lines with a flag as DUPLICATE: another input has them too."""
        for part in self.parts:
            part.rejects[duplicates[part.lines]] = DUPLICATE

    def rejects(self) -> Bytes:
        """Return the reject code of each line. The codes are final after hits were derived from all parts."""
        codes = np.zeros(self.line_count, dtype=np.uint8)
        for part in self.parts:
            codes[part.lines] = part.rejects
        return codes


_HAPROXY_FORMATS: Final = ("haproxy", "haproxy_clf")
"""Formats that encode quotes and control bytes as `#22`, in which a backslash is no escape."""

_CAPTURED: Final = "$captured_response_cookie"
"""A variable that only formats like `haproxy` have, here with the headers that it captures."""
_CAPTURED_TEXTS: Final = dict.fromkeys((Meaning.REQUEST, Meaning.SITE, Meaning.REFERRER, Meaning.AGENT), HASH)
JSON_ENCODINGS: Final[dict[str, dict[Meaning, int]]] = {
    "cloudfront_json": {Meaning.AGENT: PERCENT_TWICE, Meaning.COOKIE_HEADER: PERCENT_TWICE, Meaning.REFERRER: PERCENT},
    "akamai": {Meaning.AGENT: PERCENT | PLUS, Meaning.COOKIE_HEADER: PERCENT | PLUS, Meaning.REFERRER: PERCENT},
}
"""JSON formats whose texts are percent-encoded."""

_ScanFunction = Callable[[Spans, Ints], list[ScannedFields]]


def _scan_function(text: str) -> _ScanFunction:
    """Return the function that scans lines of one format."""
    if is_w3c(text):
        return W3cScanner(text).scan
    if text in _HAPROXY_FORMATS or is_haproxy(text):
        return lambda spans, lines: [rewrite_texts(scan_lines(spans, lines, text), {Meaning.REQUEST: HASH})]
    if _CAPTURED in text:
        return lambda spans, lines: [rewrite_texts(scan_lines(spans, lines, text), _CAPTURED_TEXTS)]
    if text in JSON_ENCODINGS:
        return lambda spans, lines: [rewrite_texts(scan_json(spans, lines, text), JSON_ENCODINGS[text])]
    if text in NO_REQUESTS or text in HEADER_LINES:
        return lambda spans, lines: [_reject_others(scan_lines(spans, lines, text), spans, text)]
    scan = scan_json if is_json_format(text) else scan_lines
    return lambda spans, lines: [scan(spans, lines, text)]


def _reject_others(part: ScannedFields, spans: Spans, text: str) -> ScannedFields:
    """Reject lines of a format's server that are no requests, and the names of columns at a file's beginning."""
    if text in NO_REQUESTS:
        is_silent = (part.offsets(Meaning.REQUEST)[0] < 0) & (part.offsets(Meaning.STATUS)[0] < 0)
        part.rejects[is_silent & (part.rejects == ACCEPTED)] = REJECT_NO_REQUEST
    if text in HEADER_LINES:
        header = np.frombuffer(HEADER_LINES[text], dtype=np.uint8)
        # Blocks are padded, so that a short last line has as many bytes behind its begin.
        places = np.minimum(spans.begins[:, None] + np.arange(len(header)), len(spans.block) - 1)
        part.rejects[(spans.block[places] == header).all(axis=1)] = REJECT_DIRECTIVE
    return part


def _reject_timeless(part: ScannedFields) -> None:
    """Reject JSON objects without a time, so that the next format is tried: they may be another server's."""
    if part.has(Meaning.TIME_ANY):
        part.rejects[(part.rejects == ACCEPTED) & (part.offsets(Meaning.TIME_ANY)[0] < 0)] = REJECT_TIME


class BlockScanner:
    """Scans the blocks of an input, or of a range of it, in their order."""

    def __init__(self, log_format: str) -> None:
        parsed = read_log_format(log_format)
        self._unwrapper = LineUnwrapper(parsed.wrappings)
        self._scan_functions = [_scan_function(text) for text in parsed.texts]
        self._absent = parsed.absent

    def scan(self, block: Bytes, length: int) -> ScannedLines:
        """Scan the lines of block[:length], which is padded and ends with a whole line."""
        line_begins = find_lines(block, length)
        lines = np.arange(len(line_begins) - 1, dtype=np.int64)
        unwrapped = self._unwrapper.unwrap(Spans(block, line_begins[:-1], line_begins[1:] - 1))
        spans = contents = unwrapped.spans
        parts: list[ScannedFields] = []
        for scan_function in self._scan_functions:
            new_parts = scan_function(spans, lines)
            if len(self._scan_functions) > 1:
                for part in new_parts:
                    _reject_timeless(part)
            if parts:
                new_parts = [part.take(np.isin(part.rejects, (ACCEPTED, REJECT_DIRECTIVE))) for part in new_parts]
                parts = [part.without(np.concatenate([new.lines for new in new_parts])) for part in parts]
            parts += new_parts
            misfits = np.concatenate([part.lines[_IS_MISFIT[part.rejects]] for part in parts])
            if len(misfits) == 0:
                break
            misfits.sort()
            spans, lines = Spans(contents.block, contents.begins[misfits], contents.ends[misfits]), misfits
        parts = [rewrite_texts(part, {}) for number, part in enumerate(parts) if part.line_count or not number]
        if self._absent:
            parts = [part.drop(self._absent) for part in parts]
        for part in parts:
            reasons = unwrapped.reasons[part.lines]
            np.copyto(part.rejects, reasons, where=reasons != ACCEPTED)
        return ScannedLines(line_begins, parts)


def scan_block(block: Bytes, length: int, log_format: str) -> ScannedLines:
    """Scan the lines of a single block; see BlockScanner."""
    return BlockScanner(log_format).scan(block, length)
