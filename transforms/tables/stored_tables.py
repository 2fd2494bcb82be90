"""The merged tables of a run in files, read into memory a part at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from footfall.transforms.exchange.stored_files import open_file
from footfall.transforms.tables.partial_tables import decode_table, files_of
from footfall.transforms.tables.published import PARTIAL_TABLES


class StoredTables(Mapping[str, pa.Table]):
    """The merged tables of a run by name, in files; only what is asked for is in memory."""

    def __init__(self, paths: Sequence[tuple[str, Sequence[str]]]) -> None:
        self._paths: dict[str, list[str]] = {name: [] for name in PARTIAL_TABLES}
        self._divided = {name for name, own in paths if len(own) > 1}
        for name, own in paths:
            self._paths[name] += own

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, name: str) -> pa.Table:
        """A table, with its shares concatenated; without rows if no step has made it."""
        table = self.batches(name).read_all()
        return PARTIAL_TABLES[name].merge([table]) if self.is_divided(name) else table

    def is_divided(self, name: str) -> bool:
        """Whether the table was too large for memory, so that several of its files may have a key."""
        return name in self._divided

    def batches(self, name: str) -> pa.RecordBatchReader:
        """Return a reader of the table, a share or file at a time; if it is divided, keys may be repeated."""
        schema = PARTIAL_TABLES[name].schema
        return pa.RecordBatchReader.from_batches(schema, self._read(name))

    def _read(self, name: str) -> Iterator[pa.RecordBatch]:
        for path in self._paths[name]:
            yield from read_table(path).cast(PARTIAL_TABLES[name].schema).to_batches()


def read_table(path: str) -> pa.Table:
    """Return the table in a file."""
    with open_file(path) as file:
        return decode_table(file.read())


def read_parts(content: bytes) -> Iterator[pa.Table]:
    """Yield a received table, file by file if it is in files; several files may have the same key."""
    paths = files_of(content)
    yield from map(read_table, paths) if paths else (decode_table(content),)


def batches_of(tables: Mapping[str, pa.Table], name: str) -> pa.RecordBatchReader:
    """Return a reader of a table, a share at a time if it is in files."""
    return tables.batches(name) if isinstance(tables, StoredTables) else tables[name].to_reader()


def sum_of(tables: Mapping[str, pa.Table], name: str, batches: str) -> str:
    """Return SQL for the rows of a table from those of its `batches`, each key once."""
    if not isinstance(tables, StoredTables) or not tables.is_divided(name):
        return f"FROM {batches}"
    partial = PARTIAL_TABLES[name]
    added = (f"{how}({measure})::BIGINT AS {measure}" for measure, how in partial.measures.items())
    return f"SELECT {', '.join([*partial.keys, *added])} FROM {batches} GROUP BY ALL"
