"""Merge tables: partial tables are added up."""

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
    """Tables of one kind, merged whenever enough rows have come together."""

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
    """Adds up partial tables of one key; an accumulator is Arrow tables in memory and bytes wherever it travels."""

    def create_accumulator(self) -> Any:
        """Nothing yet."""
        return None

    def add_input(self, accumulator: _Sum | bytes | None, element: Part) -> Any:
        """One more partial table; `element` is (table, IPC bytes)."""
        table, content = element
        total = self._opened(accumulator) or _Sum(table, [])
        total.add(decode_table(content))
        return total

    def merge_accumulators(self, accumulators: Iterable[_Sum | bytes | None]) -> Any:
        """All of them in one."""
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
        """Bytes that name their table, which any coder carries."""
        if isinstance(accumulator, _Sum):
            return accumulator.table.encode() + b"\0" + encode_table(accumulator.merge())
        return accumulator

    def extract_output(self, accumulator: _Sum | bytes | None) -> bytes:
        """The merged table as IPC bytes; what has travelled is merged already."""
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
        """Wires the combiner, lifted before the shuffle by every runner."""
        return (
            parts
            | "Name" >> beam.Map(name_part).with_output_types(tuple[str, tuple[str, bytes]])
            | "Sum" >> beam.CombinePerKey(MergeTablesFn()).with_output_types(tuple[str, bytes])
        )


def name_part(part: Part) -> tuple[str, tuple[str, bytes]]:
    """The part under its key, with the table's name beside it."""
    key, content = part
    return key, (key.partition("/")[0], content)
