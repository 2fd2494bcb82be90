"""Learns what the clients of a day do: adds up the tables of all buckets, and keeps rows that can decide about clients.

Each step that judges clients looks up the result, so it must be small: none of its tables grows with what clients send.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apache_beam as beam
import pyarrow as pa

from footfall.transforms.behaviour.keep_heaviest import keep_heaviest
from footfall.transforms.merge_tables import AddUpTables, MergeTables
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.running.run_steps import Result, RunStepFn
from footfall.transforms.tables.partial_tables import Part, encode_table, part_of
from footfall.transforms.visits.visit_rows import LEARNED, PARTS


class LearnDays(beam.PTransform):  # type: ignore[misc]
    """Partial tables of what was LEARNED from each bucket → LEARNED of all of them, PARTS."""

    def __init__(self, options: RunOptions) -> None:
        super().__init__()
        self._options = options

    def expand(self, parts: beam.PCollection[Part]) -> Any:
        """Add up the tables, and keep a part of each share."""
        options = self._options
        added_up = parts | "Add up" >> AddUpTables(options) | "Merge" >> MergeTables(options, of_sums=True)
        return added_up | "Keep" >> beam.ParDo(RunStepFn(KeepHeaviest, options)).with_outputs(LEARNED, PARTS)


class KeepHeaviest:
    """(table/share, bytes) of a whole table of LEARNED_TABLES → LEARNED, and in PARTS how much was left out."""

    def __init__(self, options: RunOptions) -> None:
        self._folder = options.folder

    def process(self, part: Part) -> Iterator[Result]:
        """Process one share of a table."""
        key, content = part
        name = key.partition("/")[0]
        kept = keep_heaviest(name, content, self._folder)
        yield LEARNED, (key, encode_table(kept.rows))
        if kept.left_out:
            yield PARTS, part_of("unlearned", 0, what=pa.array([name]), rows=pa.array([kept.left_out]))
