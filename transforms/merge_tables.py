"""Merges the partial tables of all workers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import apache_beam as beam
import pyarrow as pa

from footfall.transforms.tables.partial_tables import Part, decode_table, encode_table
from footfall.transforms.tables.published import PARTIAL_TABLES

_MERGE_AFTER_ROWS: Final = 200_000


@dataclass
class _Sum:
    """Partial tables of one kind, which are merged whenever there are enough rows."""

    table: str
    tables: list[pa.Table]
    rows: int = 0
    merged_rows: int = 0

    def add(self, table: pa.Table) -> None:
        self.tables.append(table)
        self.rows += len(table)
        if self.rows > 2 * self.merged_rows + _MERGE_AFTER_ROWS or len(self.tables) > 256:
            self.merge()

    def merge(self) -> pa.Table:
        merged = PARTIAL_TABLES[self.table].merge(self.tables)
        self.tables, self.rows, self.merged_rows = [merged], len(merged), len(merged)
        return merged


class MergeTablesFn(beam.CombineFn):  # type: ignore[misc]
    """Merges the partial tables of one key; accumulators are Arrow tables in memory, and bytes between workers."""

    def create_accumulator(self) -> Any:
        """Return an empty accumulator."""
        return None

    def add_input(self, accumulator: _Sum | bytes | None, element: Part) -> Any:
        """Add a partial table; `element` is (table, Arrow IPC bytes)."""
        table, content = element
        total = self._opened(accumulator) or _Sum(table, [])
        total.add(decode_table(content))
        return total

    def merge_accumulators(self, accumulators: Iterable[_Sum | bytes | None]) -> Any:
        """Merge accumulators into one."""
        some = [accumulator for accumulator in accumulators if accumulator is not None]
        if len(some) == 1:
            return some[0]
        total: _Sum | None = None
        for opened in filter(None, map(self._opened, some)):
            if total is None:
                total = opened
            else:
                for table in opened.tables:
                    total.add(table)
        return total

    def compact(self, accumulator: _Sum | bytes | None) -> Any:
        """Return bytes with the table's name and content, which any coder can encode."""
        if isinstance(accumulator, _Sum):
            return accumulator.table.encode() + b"\0" + encode_table(accumulator.merge())
        return accumulator

    def extract_output(self, accumulator: _Sum | bytes | None) -> bytes:
        """Return the merged table as Arrow IPC bytes; an accumulator of bytes is already merged."""
        if isinstance(accumulator, bytes):
            return accumulator.partition(b"\0")[2]
        return b"" if accumulator is None else encode_table(accumulator.merge())

    @staticmethod
    def _opened(accumulator: _Sum | bytes | None) -> _Sum | None:
        if isinstance(accumulator, bytes):
            table, _, content = accumulator.partition(b"\0")
            opened = _Sum(table.decode(), [])
            opened.add(decode_table(content))
            return opened
        return accumulator


class MergeTables(beam.PTransform):  # type: ignore[misc]
    """(table/share, bytes) of partial tables → (table/share, bytes) of whole ones, each key once."""

    def expand(self, parts: beam.PCollection[Part]) -> beam.PCollection[Part]:
        """Apply the combiner; all runners lift it before the shuffle."""
        return (
            parts
            | "Name" >> beam.Map(name_part).with_output_types(tuple[str, tuple[str, bytes]])
            | "Sum" >> beam.CombinePerKey(MergeTablesFn()).with_output_types(tuple[str, bytes])
        )


def name_part(part: Part) -> tuple[str, tuple[str, bytes]]:
    """Return the part's key, and the table's name with the content."""
    key, content = part
    return key, (key.partition("/")[0], content)
