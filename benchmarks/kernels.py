"""Two designs of the kernel that finds the fields of lines, on the same block of a generated log.

python benchmarks/kernels.py [--lines 200000]

`numpy`: positions of line feeds, quotes and spaces in a few passes over all bytes, fields from those of lines with the
usual number of quotes. `numba`: the scanner that Footfall uses, one compiled pass. Both give begins and ends of the
client, time, request, status, size, referrer, agent, cookie and request time; where both understand a line they must
agree. Prints µs a line, one thread, the fastest of five, and the lines that each understood.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.sample.write_sample import write_sample
from footfall.transforms.formats.fields import Meaning
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_blocks import scan_block
from footfall.transforms.vocabulary import ACCEPTED

_QUOTES: Final = 8
"""Of a line of the format `footfall`: request, referrer, agent, cookie."""
_SLOTS: Final = (
    *(Meaning.CLIENT, Meaning.TIME_CLF, Meaning.REQUEST, Meaning.STATUS, Meaning.BYTES),
    *(Meaning.REFERRER, Meaning.AGENT, Meaning.COOKIE, Meaning.REQUEST_TIME_S),
)

Offsets = NDArray[np.int64]
Found = tuple[NDArray[np.bool_], Offsets, Offsets]
"""Which lines were understood; begins and ends of their fields, (fields, lines)."""


def scan_by_numpy(block: NDArray[np.uint8], length: int) -> Found:
    """Fields from the positions of separators; a line with another number of quotes is not understood."""
    content = block[:length]
    feeds = np.flatnonzero(content == ord("\n"))
    quotes = np.flatnonzero(content == ord('"'))
    spaces = np.flatnonzero(content == ord(" "))
    line_begins = np.concatenate([[0], feeds[:-1] + 1])
    first_quote = np.searchsorted(quotes, line_begins)
    count = np.searchsorted(quotes, feeds) - first_quote
    understood = count == _QUOTES
    rows = np.flatnonzero(understood)
    at = quotes[first_quote[rows, None] + np.arange(_QUOTES)]
    begin, end = line_begins[rows], feeds[rows]

    first_space = np.searchsorted(spaces, begin)
    # `client - user [time zone] "`: a user with a space in it, and whatever else, is not understood either.
    is_usual = spaces[np.minimum(first_space + 4, len(spaces) - 1)] == at[:, 0] - 1
    behind_status = spaces[np.minimum(np.searchsorted(spaces, at[:, 1] + 2), len(spaces) - 1)]
    is_usual &= behind_status < at[:, 2]
    begins = np.stack(
        [
            begin,
            spaces[np.minimum(first_space + 2, len(spaces) - 1)] + 2,
            at[:, 0] + 1,
            at[:, 1] + 2,
            behind_status + 1,
            at[:, 2] + 1,
            at[:, 4] + 1,
            at[:, 6] + 1,
            at[:, 7] + 2,
        ]
    )
    ends = np.stack(
        [spaces[first_space], at[:, 0] - 2, at[:, 1], behind_status, at[:, 2] - 1, at[:, 3], at[:, 5], at[:, 7], end]
    )
    understood[rows[~is_usual]] = False
    return understood, begins[:, is_usual], ends[:, is_usual]


def scan_by_numba(block: NDArray[np.uint8], length: int) -> Found:
    """What Footfall does."""
    (lines,) = scan_block(block, length, "footfall").parts
    places = [lines.offsets(meaning) for meaning in _SLOTS]
    return lines.rejects == ACCEPTED, *(np.stack(side).astype(np.int64) for side in zip(*places, strict=True))


def fastest(scan: Callable[[NDArray[np.uint8], int], object], block: NDArray[np.uint8], length: int) -> float:
    """Seconds of the fastest of five runs, after one that compiles."""
    scan(block, length)
    times = []
    for _ in range(5):
        begin = time.perf_counter()
        scan(block, length)
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> int:
    """Measure, compare, print; 1 if the designs disagree about a line that both understand."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=200_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "sample.log"
        write_sample(log, options.lines, 1, 1)
        content = log.read_bytes()
    block, length = padded(content), len(content)

    designs = {"numpy": scan_by_numpy, "numba": scan_by_numba}
    found = {name: scan(block, length) for name, scan in designs.items()}
    seconds = {name: fastest(scan, block, length) for name, scan in designs.items()}
    line_count = len(found["numba"][0])
    print(f"{'':10}{'µs a line':>10}{'x numba':>9}{'understood':>12} of {line_count:,}")
    for name, cost in seconds.items():
        understood = int(found[name][0].sum())
        print(f"{name:10}{cost / line_count * 1e6:10.2f}{cost / seconds['numba']:9.2f}{understood:12,}")

    by_numpy, by_numba = found["numpy"], found["numba"]
    both = by_numpy[0] & by_numba[0]
    own = both[by_numpy[0]]
    # The scanner has no place for `-` and for nothing at all.
    present = by_numba[1][:, both] >= 0
    differing = (by_numpy[1][:, own] != by_numba[1][:, both]) | (by_numpy[2][:, own] != by_numba[2][:, both])
    wrong = int((differing & present).any(axis=0).sum())
    only_numpy = int((by_numpy[0] & ~by_numba[0]).sum())
    print(f"numpy finds other fields in {wrong:,} lines, and takes {only_numpy:,} damaged lines for whole ones")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
