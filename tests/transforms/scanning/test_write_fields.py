"""Lines of named columns become objects; what they need grows with the lines, not with the columns of short ones."""

from __future__ import annotations

import tracemalloc

import numpy as np

from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.scanning.scan_lines import Spans, find_lines
from footfall.transforms.scanning.write_fields import CsvWriter
from footfall.transforms.vocabulary import ACCEPTED, REJECT_DIRECTIVE, REJECT_FORMAT


def test_short_lines_below_many_columns_take_no_room_for_the_columns() -> None:
    names = b",".join(b"column_%d" % number for number in range(200))
    log = names + b"\n" + b"a\n" * 20_000 + b",".join([b'"x""y"'] * 200) + b"\n"
    block = padded(log)
    bounds = find_lines(block, len(log))
    reasons = np.full(len(bounds) - 1, ACCEPTED, dtype=np.uint8)
    CsvWriter().write(Spans(block, bounds[:-1], bounds[1:] - 1), reasons.copy())  # loads the compiled kernel
    tracemalloc.start()
    try:
        written = CsvWriter().write(Spans(block, bounds[:-1], bounds[1:] - 1), reasons)
        used = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert used < 20 * len(log) + 1_000_000
    assert reasons[0] == REJECT_DIRECTIVE and set(reasons[1:-1].tolist()) == {REJECT_FORMAT} and reasons[-1] == ACCEPTED
    assert written.block[written.begins[-1] : written.ends[-1]].tobytes().startswith(b'{"column_0":"x\\"y",')
