"""Skips hosts before paths in urls that have no scheme: `www.example.org/a?b=c`, as Imperva writes `cs-uri`."""

from __future__ import annotations

import numpy as np

from footfall.transforms.arrays import Bytes, Offsets
from footfall.transforms.kernels.byte_kernels import find_byte
from footfall.transforms.kernels.compiled import inlined_kernel, kernel


@kernel
def skip_bare_hosts(block: Bytes, begins: Offsets, ends: Offsets) -> None:
    """Move the begins of urls (-1: none) that begin with a host to the slash or question mark behind it.

    A request's target begins with a slash or a scheme (RFC 9112, 3.2), so what has labels with dots before its first
    slash can only begin with a host. `*`, `host:443` of CONNECT and what is no url stay as they are.
    """
    for line in range(len(begins)):
        begin = np.int64(begins[line])
        if begin < 0 or block[begin] == 47:
            continue
        end = np.int64(ends[line])
        stop = find_byte(block, begin, find_byte(block, begin, end, np.uint8(47)), np.uint8(63))
        if stop < end and _is_host(block, begin, stop):
            begins[line] = stop


@inlined_kernel
def _is_host(block: Bytes, begin: int, end: int) -> bool:
    """Return whether block[begin:end] is labels with dots between them, perhaps with a port behind them."""
    dots = np.int64(0)
    port = np.int64(-1)
    is_label = False
    for position in range(begin, end):
        byte = block[position]
        if 48 <= byte <= 57 or (port < 0 and (65 <= byte & 0xDF <= 90 or byte == 45 or byte == 95)):
            is_label = True
        elif is_label and port < 0 and (byte == 46 or byte == 58):
            dots += byte == 46
            port = np.int64(position) if byte == 58 else port
            is_label = False
        else:
            return False
    return bool(is_label and dots > 0)


__all__ = ["skip_bare_hosts"]
