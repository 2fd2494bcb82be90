"""From a block to the places of its lines' fields, whatever the log's format (step 2 of the path)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.formats.json_formats import is_json_format
from footfall.transforms.formats.log_formats import is_w3c, read_log_format
from footfall.transforms.scanning.rewrite_texts import HASH, rewrite_texts
from footfall.transforms.scanning.scan_json import scan_json
from footfall.transforms.scanning.scan_lines import ScannedBlock, Spans, find_lines, scan_lines
from footfall.transforms.scanning.scan_w3c import W3cScanner
from footfall.transforms.scanning.unwrap_lines import LineUnwrapper
from footfall.transforms.vocabulary import (
    ACCEPTED,
    DUPLICATE,
    REJECT_CUT,
    REJECT_DIRECTIVE,
    REJECT_FORMAT,
    REJECT_JOINED,
    REJECT_TIME,
)

MISFITS: Final = (REJECT_FORMAT, REJECT_CUT, REJECT_JOINED, REJECT_TIME)
"""Why lines are tried as the next format of a mixed log; other servers' objects have no time where it is looked for."""
_IS_MISFIT: Final = np.isin(np.arange(256), MISFITS)


@dataclass(frozen=True)
class ScannedLines:
    """The lines of a block: where they begin (and behind them, where the next would), and parts by format.

    Every line belongs to one part; most blocks have one part.
    """

    line_begins: Offsets
    parts: list[ScannedBlock]

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return len(self.line_begins) - 1

    def leave_out(self, duplicates: NDArray[np.bool_]) -> None:
        """Mark lines that stand in another input too."""
        for part in self.parts:
            part.rejects[duplicates[part.lines]] = DUPLICATE

    def rejects(self) -> NDArray[np.uint8]:
        """The code of each line: final once hits were derived from all parts."""
        codes = np.zeros(self.line_count, dtype=np.uint8)
        for part in self.parts:
            codes[part.lines] = part.rejects
        return codes


HAPROXY_FORMATS = ("haproxy", "haproxy_clf")
"""Whose quotes and control bytes are `#22`, and backslashes just that."""

_Reader = Callable[[Spans, NDArray[np.int64]], list[ScannedBlock]]


def _reader(text: str) -> _Reader:
    """What finds the fields of lines of one format."""
    if is_w3c(text):
        return W3cScanner(text).scan
    if text in HAPROXY_FORMATS:
        return lambda spans, lines: [rewrite_texts(scan_lines(spans, lines, text), {Meaning.REQUEST: HASH})]
    scan = scan_json if is_json_format(text) else scan_lines
    return lambda spans, lines: [scan(spans, lines, text)]


def _reject_timeless(part: ScannedBlock) -> None:
    """Leave objects without a time, such as other servers', to the next format."""
    if part.has(Meaning.TIME_ANY):
        part.rejects[(part.rejects == ACCEPTED) & (part.offsets(Meaning.TIME_ANY)[0] < 0)] = REJECT_TIME


class BlockScanner:
    """Scans the blocks of one input, or of a range of it, in their order."""

    def __init__(self, log_format: str) -> None:
        found = read_log_format(log_format)
        self._unwrapper = LineUnwrapper(found.wrappings)
        self._readers = [_reader(text) for text in found.texts]

    def scan(self, block: Bytes, length: int) -> ScannedLines:
        """The lines of block[:length], which ends at the end of a line and is padded."""
        line_begins = find_lines(block, length)
        lines = np.arange(len(line_begins) - 1, dtype=np.int64)
        unwrapped = self._unwrapper.unwrap(Spans(block, line_begins[:-1], line_begins[1:] - 1))
        spans = contents = unwrapped.spans
        # Lines end with LF; one CR before it is dropped by the scanner.
        parts: list[ScannedBlock] = []
        for reader in self._readers:
            found = reader(spans, lines)
            if len(self._readers) > 1:
                for part in found:
                    _reject_timeless(part)
            if parts:
                found = [part.take(np.isin(part.rejects, (ACCEPTED, REJECT_DIRECTIVE))) for part in found]
                parts = [part.without(np.concatenate([own.lines for own in found])) for part in parts]
            parts += found
            misfits = np.concatenate([part.lines[_IS_MISFIT[part.rejects]] for part in parts])
            if len(misfits) == 0:
                break
            misfits.sort()
            spans, lines = Spans(contents.block, contents.begins[misfits], contents.ends[misfits]), misfits
        parts = [rewrite_texts(part, {}) for number, part in enumerate(parts) if part.line_count or not number]
        for part in parts:
            reasons = unwrapped.reasons[part.lines]
            np.copyto(part.rejects, reasons, where=reasons != ACCEPTED)
        return ScannedLines(line_begins, parts)


def scan_block(block: Bytes, length: int, log_format: str) -> ScannedLines:
    """The lines of a single block; see BlockScanner."""
    return BlockScanner(log_format).scan(block, length)
