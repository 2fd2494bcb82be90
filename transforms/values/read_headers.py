"""Reads request headers: whether a visitor opted out, and what a browser asks for."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.formats.fields import ASKING_MEANINGS, OPT_OUT_MEANINGS
from footfall.transforms.formats.line_formats import Meaning
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.scanning.scan_lines import ScannedFields


def read_opt_outs(lines: ScannedFields) -> Flags:
    """Return which lines have a header by which the visitor opts out: `1`, or a list that begins with it."""
    opted_out = np.zeros(lines.line_count, dtype=np.bool_)
    for meaning in OPT_OUT_MEANINGS:
        if lines.has(meaning):
            begins, ends = lines.offsets(meaning)
            first = lines.block[np.maximum(begins, 0)]
            second = lines.block[np.maximum(begins, 0) + 1]
            is_one = (first == ord("1")) & ((ends - begins == 1) | (second == ord(",")))
            opted_out |= (begins >= 0) & (ends > begins) & is_one
    return opted_out


ASKS_UNKNOWN, ASKS_NO_DOCUMENT, ASKS_DOCUMENT = 0, 1, 2
"""Results of `read_asked`: unknown, a part or a background request, a document that a browser opens."""


def read_asked(lines: ScannedFields) -> Bytes:
    """Return what each line asks for by its headers: an ASKS_… code.

    `Sec-Fetch-Dest` decides if the browser sends it. Otherwise, requests of scripts, prefetches, and requests that
    accept or were answered with an image, a style sheet or data are no documents. HTML there decides nothing: scripts
    ask for it as well.
    """
    asked = np.zeros(lines.line_count, dtype=np.uint8)
    for meaning in ASKING_MEANINGS:
        if lines.has(meaning):
            _read_asked(
                lines.block, *lines.offsets(meaning), _BEGINNINGS[meaning], meaning == Meaning.FETCH_DEST, asked
            )
    return asked


def _beginnings(*texts: str) -> tuple[Bytes, Ints]:
    """Return texts in small letters, one behind the other, and where each ends."""
    joined = np.frombuffer("".join(texts).encode(), dtype=np.uint8)
    return joined, np.cumsum([len(text) for text in texts]).astype(np.int64)


_DATA_TYPES: Final = (
    *("image/", "audio/", "video/", "font/", "text/css", "text/javascript", "application/javascript"),
    *("application/x-javascript", "application/json", "application/ld+json", "application/rss", "application/atom"),
    *("text/event-stream", "text/x-component", "application/font", "application/wasm", "application/manifest"),
)
_BEGINNINGS: Final = {
    Meaning.FETCH_DEST: _beginnings("document"),
    Meaning.REQUESTED_WITH: _beginnings("xmlhttprequest"),
    Meaning.PURPOSE: _beginnings("prefetch", "preview"),
    # Old browsers name gif and jpeg first when they open a page.
    Meaning.ACCEPT: _beginnings(*("image/avif", "image/webp", "image/png", "image/svg"), *_DATA_TYPES[1:]),
    Meaning.CONTENT_TYPE: _beginnings(*_DATA_TYPES),
}


@inner_kernel
def _read_asked(
    block: Bytes, begins: Offsets, ends: Offsets, known: tuple[Bytes, Ints], is_destination: bool, asked: Bytes
) -> None:
    """Set the code of lines whose value begins with a known text; of destinations, any other is no document."""
    texts, text_ends = known
    for line in range(len(begins)):
        begin, length = np.int64(begins[line]), np.int64(ends[line] - begins[line])
        if begin < 0 or length <= 0 or asked[line] != ASKS_UNKNOWN:
            continue
        text_begin = 0
        is_known = False
        for text_end in text_ends:
            place = 0
            while (
                place < min(length, text_end - text_begin) and _small(block[begin + place]) == texts[text_begin + place]
            ):
                place += 1
            is_known = is_known or place == text_end - text_begin
            text_begin = text_end
        if is_destination:
            asked[line] = ASKS_DOCUMENT if is_known else ASKS_NO_DOCUMENT
        elif is_known:
            asked[line] = ASKS_NO_DOCUMENT


@inlined_kernel
def _small(byte: np.uint8) -> np.int64:
    """Return the small letter of a letter, any other byte as it is."""
    code = np.int64(byte)
    return code + 32 if 65 <= code <= 90 else code
