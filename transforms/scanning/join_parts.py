"""Joins lines that belong to one record: parts that a container runtime cut, objects over lines, pairs of lines."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Flags, Ints, Offsets
from footfall.transforms.kernels.byte_kernels import PADDING
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.scanning.scan_lines import Spans
from footfall.transforms.vocabulary import ACCEPTED, MAX_LINE_BYTES, REJECT_DIRECTIVE

_STREAMS: Final = 2
"""Standard output and standard error, whose parts may be interleaved."""


class PartJoiner:
    """Joins lines that a container runtime split into parts; the record replaces its last part.

    The parts before the last one become directives. Parts without a last one are dropped.
    """

    def __init__(self, streams: int = _STREAMS) -> None:
        # One byte more than the limit suffices to reject a record as too long.
        self._pending = np.zeros((streams, MAX_LINE_BYTES + 1), dtype=np.uint8)
        self._lengths = np.zeros(streams, dtype=np.int64)

    def join(self, spans: Spans, reasons: Bytes, streams: Bytes, is_part: Flags, is_anew: Flags | None = None) -> Spans:
        """Return spans with the joined records, in a longer block; `is_part` flags parts that another one follows.

        Parts before a line that `is_anew` come to nothing.
        """
        if not is_part.any() and not self._lengths.any():
            return spans
        sizes = np.where(reasons == ACCEPTED, spans.ends - spans.begins, 0)
        # Parts are from this block, or pending from earlier ones.
        base = len(spans.block)
        block = np.zeros(base + int(sizes.sum()) + int(self._lengths.sum()) + PADDING, dtype=np.uint8)
        block[:base] = spans.block
        used = _join_parts(
            block,
            base,
            spans.begins,
            spans.ends,
            reasons,
            streams,
            is_part,
            np.zeros(len(reasons), dtype=np.bool_) if is_anew is None else is_anew,
            self._pending,
            self._lengths,
        )
        return Spans(block[: used + PADDING], spans.begins, spans.ends)


@kernel
def _join_parts(
    block: Bytes,
    base: int,
    begins: Offsets,
    ends: Offsets,
    reasons: Bytes,
    streams: Bytes,
    is_part: Flags,
    is_anew: Flags,
    pending: Bytes,
    lengths: Ints,
) -> int:
    """Write joined records to block[base:], and update begins, ends and reasons. Returns the end of the output."""
    used = base
    max_length = pending.shape[1]
    for line in range(len(begins)):
        if is_anew[line]:
            lengths[streams[line]] = 0
        if reasons[line] != ACCEPTED:
            continue
        stream = streams[line]
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        kept = lengths[stream]
        if is_part[line]:
            more = min(end - begin, max_length - kept)
            pending[stream, kept : kept + more] = block[begin : begin + more]
            lengths[stream] = kept + more
            reasons[line] = REJECT_DIRECTIVE
            begins[line] = ends[line]
        elif kept > 0:
            block[used : used + kept] = pending[stream, :kept]
            block[used + kept : used + kept + end - begin] = block[begin:end]
            lengths[stream] = 0
            begins[line] = used
            used += kept + end - begin
            ends[line] = used
    return used


__all__ = ["PartJoiner"]
