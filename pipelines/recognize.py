"""Telling a log's format from its first lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from transforms.formats.line_formats import Slot
from transforms.kernels.byte_kernels import padded
from transforms.scanning.scan_blocks import scan_block
from transforms.values.read_fields import read_statuses
from transforms.values.read_times import read_times
from transforms.vocabulary import ACCEPTED, REJECT_EMPTY

CANDIDATES: Final = ("combined", "vhost_combined", "common")
"""No line fits two of them. `footfall` is none: its cookie could be any quoted field behind a combined line."""
MIN_SHARE: Final = 0.5
"""A log whose first lines fit less often is something else, or needs its own format string."""
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Recognition:
    """A format and the share of the sample's lines that fit it."""

    log_format: str
    fitting: int
    sampled: int


def recognize(head: bytes, log_format: str | None) -> Recognition | None:
    """The format of a log by its first bytes, None if no known one fits at least half of the lines.

    With `log_format` that one is taken in any case.
    """
    sample = head.removeprefix(_BYTE_ORDER_MARK)
    # A line that the sample cuts off says nothing.
    if b"\n" in sample:
        sample = sample[: sample.rfind(b"\n") + 1]
    found = [_try_format(sample, name) for name in ((log_format,) if log_format else CANDIDATES)]
    best = max(found, key=lambda one: one.fitting)
    if log_format is None and best.fitting < MIN_SHARE * best.sampled:
        return None
    return best


def _try_format(sample: bytes, log_format: str) -> Recognition:
    lines = scan_block(padded(sample), len(sample), log_format)
    fitting = 0
    for part in lines.parts:
        fits = (part.rejects == ACCEPTED) & (read_times(part) >= 0)
        fits &= read_statuses(part.block, *part.places(Slot.STATUS)) >= 0
        fitting += int(fits.sum())
    return Recognition(log_format, fitting, int(np.sum(lines.rejects() != REJECT_EMPTY)))
