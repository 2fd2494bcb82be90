"""Finds lines that servers write between those of requests: WEBrick's referrers, and the connections of PHP's server.

    - -> /a
    [Mon Jun  1 10:00:00 2026] 192.0.2.7:4711 Accepted

Sources: WEBrick's `WEBrick::AccessLog::REFERER_LOG_FORMAT`; PHP's `php_cli_server.c`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import find_byte
from footfall.transforms.kernels.compiled import inner_kernel
from footfall.transforms.scanning.find_texts import is_text_at
from footfall.transforms.scanning.scan_lines import is_blank
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_EMPTY

_ARROW: Final = np.frombuffer(b" -> /", dtype=np.uint8)
_ACCEPTED: Final = np.frombuffer(b" Accepted", dtype=np.uint8)
_CLOSING: Final = np.frombuffer(b" Closing", dtype=np.uint8)
_SPACE = np.uint8(32)


@inner_kernel
def skip_asides(block: Bytes, begins: Offsets, ends: Offsets, reasons: Bytes) -> None:
    """Set the reason of such lines among those whose reason is ACCEPTED to `directive`."""
    for line in range(len(begins)):
        begin, end = np.int64(begins[line]), np.int64(ends[line])
        if reasons[line] != ACCEPTED:
            continue
        stop = end - 1 if end > begin and block[end - 1] == 13 else end
        if is_blank(block, begin, end):
            reasons[line] = REJECT_EMPTY
            begins[line] = end
        elif (
            is_text_at(block, find_byte(block, begin, stop, _SPACE), stop, _ARROW)
            or (block[begin] == 91 and is_text_at(block, stop - len(_ACCEPTED), stop, _ACCEPTED))
            or (block[begin] == 91 and is_text_at(block, stop - len(_CLOSING), stop, _CLOSING))
        ):
            reasons[line] = REJECT_DIRECTIVE
            begins[line] = end


__all__ = ["skip_asides"]
