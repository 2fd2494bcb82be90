"""Merges the partial tables of all workers.

A log in which each hit asks for another page has tables as long as itself. So long sums are written to files, and the
elements have the paths of these files. A key may be in several of them: DuckDB, which can use a disk, adds them up at
the end.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

import apache_beam as beam
import pyarrow as pa
from apache_beam.transforms.window import GlobalWindows

from footfall.transforms.exchange.stored_files import create_file, join_path
from footfall.transforms.running.failures import hide_values
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.tables.partial_tables import Part, decode_table, encode_files, encode_table, files_of
from footfall.transforms.tables.published import PARTIAL_TABLES
from footfall.transforms.tables.stored_tables import read_table

_MERGE_AFTER_ROWS: Final = 200_000
MOST_ROWS: Final = 250_000
"""The most rows of a sum in memory: some 20 MB. A day of ten million hits has tens of thousands of pages."""
MOST_BYTES: Final = 8 * 2**20
"""The most bytes of the sums of one table in memory, all shares together, of which a large run has many."""
MOST_TABLES: Final = 12
"""The most tables of a sum that wait to be merged: a short one takes more for its columns than for its rows."""
MOST_CARRIED: Final = 64 * 2**10
"""The most bytes of a sum in an element: engines hold several copies of the elements of all tables."""
_LEAST_BYTES: Final = 2**20
"""The most files of sums of one share: more would cost more than they save."""


@dataclass
class _Sum:
    """Partial tables of one kind, which are merged whenever there are enough rows."""

    table: str
    folder: str | None
    """The folder of the files of long sums; None keeps sums in memory."""
    shares: int = 1
    """How many sums the table has: one for each share."""
    tables: list[pa.Table] = field(default_factory=list)
    rows: int = 0
    merged_rows: int = 0
    size: int = 0
    """In bytes."""
    paths: list[str] = field(default_factory=list)

    def add(self, content: bytes) -> None:
        """Add a partial table, or the files of one. A single file has each key once, like a table in memory."""
        paths = files_of(content)
        if len(paths) > 1:
            self.paths += paths
        else:
            self.add_table(read_table(paths[0]) if paths else decode_table(content))

    def add_table(self, table: pa.Table) -> None:
        self.tables.append(table)
        self.rows += len(table)
        self.size += table.nbytes
        are_many = self.rows > 2 * self.merged_rows + _MERGE_AFTER_ROWS or len(self.tables) > MOST_TABLES
        most_bytes = max(_LEAST_BYTES, MOST_BYTES // self.shares)
        if are_many or (self.size > most_bytes and self.folder is not None):
            self.merge()
            if self.folder is not None and (self.merged_rows > MOST_ROWS or self.size > most_bytes // 2):
                self.paths += self._put_aside(self.folder)

    def join(self, other: _Sum) -> None:
        """Add another sum."""
        self.paths += other.paths
        for table in other.tables:
            self.add_table(table)

    def merge(self) -> pa.Table:
        if len(self.tables) == 1 and self.rows == self.merged_rows:
            return self.tables[0]
        merged = PARTIAL_TABLES[self.table].merge(self.tables)
        self.tables = [merged]
        self.rows = self.merged_rows = len(merged)
        self.size = merged.nbytes
        return merged

    def content(self) -> bytes:
        """Return the content of an element: the merged table, or the paths of its files."""
        merged = self.merge() if self.tables or not self.paths else None
        if merged is not None and self.folder is not None and (self.paths or self.size > MOST_CARRIED):
            self.paths += self._put_aside(self.folder)
        return encode_files(self.paths) if self.paths or merged is None else encode_table(merged)

    @hide_values
    def _put_aside(self, folder: str) -> Iterator[str]:
        """Write the merged rows to a new file, yield its path, and begin anew."""
        path = join_path(folder, f"sum.{self.table}.{uuid.uuid4().hex}.arrows")
        with create_file(path) as file:
            file.write(encode_table(self.tables[0]))
        self.tables, self.rows, self.merged_rows, self.size = [], 0, 0, 0
        yield path


class MergeTablesFn(beam.CombineFn):  # type: ignore[misc]
    """Merges the partial tables of one key; accumulators are Arrow tables in memory, and bytes between workers.

    Long sums go to files in `folder`, if there is one. `shares` is the number of keys that a table has. If each table
    has its keys once (`of_sums`), a single table of a key is passed on unchanged.
    """

    def __init__(self, folder: str | None = None, shares: int = 1, *, of_sums: bool = False) -> None:
        self._folder = folder
        self._shares = shares
        self._of_sums = of_sums

    def create_accumulator(self) -> Any:
        """Return an empty accumulator."""
        return None

    def add_input(self, accumulator: _Sum | bytes | None, element: Part) -> Any:
        """Add a partial table; `element` is (table, content)."""
        table, content = element
        if accumulator is None and self._of_sums:
            return _pack(table, content)
        total = self._opened(accumulator) or _Sum(table, self._folder, self._shares)
        total.add(content)
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
                total.join(opened)
        return total

    def compact(self, accumulator: _Sum | bytes | None) -> Any:
        """Return bytes with the table's name and content, which any coder can encode."""
        if isinstance(accumulator, _Sum):
            return _pack(accumulator.table, accumulator.content())
        return accumulator

    def extract_output(self, accumulator: _Sum | bytes | None) -> bytes:
        """Return the content of the merged table; an accumulator of bytes is already merged."""
        if isinstance(accumulator, bytes):
            return accumulator.partition(b"\0")[2]
        return b"" if accumulator is None else accumulator.content()

    def _opened(self, accumulator: _Sum | bytes | None) -> _Sum | None:
        if isinstance(accumulator, bytes):
            table, _, content = accumulator.partition(b"\0")
            opened = _Sum(table.decode(), self._folder, self._shares)
            opened.add(content)
            return opened
        return accumulator


def _pack(table: str, content: bytes) -> bytes:
    """Return a sum as an accumulator that any coder can encode."""
    return table.encode() + b"\0" + content


class AddUpTablesFn(beam.DoFn):  # type: ignore[misc]
    """(table/share, bytes) of partial tables → the same, each key once for each bundle.

    While the threads of a step work, the thread that Beam calls gathers the tables; at the end, all threads add them
    up.
    """

    def __init__(self, combine: MergeTablesFn, threads: int = 1) -> None:
        self._combine = combine
        self._threads = threads

    def start_bundle(self) -> None:
        """Begin with no sums."""
        self._sums: dict[str, Any] = {}

    @hide_values
    def process(self, part: Part) -> Iterator[Part]:
        """Add one partial table."""
        key, element = name_part(part)
        self._sums[key] = self._combine.add_input(self._sums.get(key), element)
        yield from ()

    @hide_values
    def finish_bundle(self) -> Iterator[Any]:
        """Yield the sums."""
        with ThreadPoolExecutor(self._threads) as threads:
            contents = threads.map(self._combine.extract_output, self._sums.values())
            for sum_of_key in zip(self._sums, contents, strict=True):
                yield GlobalWindows.windowed_value(sum_of_key)


class AddUpTables(beam.PTransform):  # type: ignore[misc]
    """(table/share, bytes) of partial tables of one step → fewer and shorter ones, of the same keys and sums.

    Engines combine values before a shuffle, but not before tables of several steps are gathered: the counts of each
    step would stay in memory until the last step ends.
    """

    def __init__(self, options: RunOptions) -> None:
        super().__init__()
        self._fn = AddUpTablesFn(MergeTablesFn(options.folder, options.day_shares), options.threads)

    def expand(self, parts: beam.PCollection[Part]) -> beam.PCollection[Part]:
        """Add up the tables in the stage that yields them."""
        return parts | beam.ParDo(self._fn).with_output_types(tuple[str, bytes])


class MergeTables(beam.PTransform):  # type: ignore[misc]
    """(table/share, bytes) of partial tables → (table/share, bytes) of whole ones, each key once.

    Tables that are too large for memory are in files in the folder of `options`, in which a key may be repeated.
    `of_sums` says that the parts are those of AddUpTables, which have each key once.
    """

    def __init__(self, options: RunOptions, *, of_sums: bool = False) -> None:
        super().__init__()
        self._fn = MergeTablesFn(options.folder, options.day_shares, of_sums=of_sums)

    def expand(self, parts: beam.PCollection[Part]) -> beam.PCollection[Part]:
        """Apply the combiner; all runners lift it before the shuffle."""
        return (
            parts
            | "Name" >> beam.Map(name_part).with_output_types(tuple[str, tuple[str, bytes]])
            | "Sum" >> beam.CombinePerKey(self._fn).with_output_types(tuple[str, bytes])
        )


def name_part(part: Part) -> tuple[str, tuple[str, bytes]]:
    """Return the part's key, and the table's name with the content."""
    key, content = part
    return key, (key.partition("/")[0], content)
