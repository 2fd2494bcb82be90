"""Visits, and the counts that need them (step 8).

All rows of a session come together here, in one bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from transforms.count_visits import VisitCounts, VisitWindow, count_visits
from transforms.cut_visits import cut_visits
from transforms.exchange_rows import read_bucket
from transforms.partial_tables import part_of
from transforms.row_files import write_rows
from transforms.run_options import RunOptions
from transforms.run_steps import Result
from transforms.visit_rows import PARTS, VISIT_ROWS, Columns


class AssignBuckets:
    """(session bucket, references), and the latest time of each piece read → PARTS."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options

    def process(self, element: tuple[int, Iterable[str]], last_hits_ms: Iterable[int]) -> Iterator[Result]:
        """One bucket of sessions."""
        rows = join_shapes(read_bucket(element[1]))
        options = self._options
        data_end_ms = min(options.end_ms, max(last_hits_ms))
        window = VisitWindow(
            options.timezone,
            options.first_day,
            options.last_day,
            options.timeout_ms,
            data_end_ms,
            options.day_shares,
        )
        counts = VisitCounts(rows, cut_visits(rows, window.timeout_ms), window)
        for part in count_visits(counts):
            yield PARTS, part
        items = write_rows(options.folder, counts.items(element[0] << 40))
        yield PARTS, part_of("item_files", 0, path=pa.array([items]))


def join_shapes(shapes: dict[str, Columns]) -> Columns:
    """The rows of all kinds together."""
    return {name: np.concatenate([shape[name] for shape in shapes.values()]) for name in VISIT_ROWS}
