"""The merged tables of a run in files, of which a part at a time is in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from footfall.transforms.exchange.stored_files import open_file
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.tables.published import PARTIAL_TABLES


class StoredTables(Mapping[str, pa.Table]):
    """The merged tables of a run by name, in files; only what is asked for is in memory."""

    def __init__(self, paths: Sequence[tuple[str, str]]) -> None:
        self._paths: dict[str, list[str]] = {name: [] for name in PARTIAL_TABLES}
        for name, path in paths:
            self._paths[name].append(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, name: str) -> pa.Table:
        """A table, with its shares concatenated; without rows if no step has made it."""
        return self.batches(name).read_all()

    def batches(self, name: str) -> pa.RecordBatchReader:
        """The same, a share at a time."""
        schema = PARTIAL_TABLES[name].schema
        return pa.RecordBatchReader.from_batches(schema, self._read(name))

    def _read(self, name: str) -> Iterator[pa.RecordBatch]:
        for path in self._paths[name]:
            with open_file(path) as file:
                content = file.read()
            yield from decode_table(content).cast(PARTIAL_TABLES[name].schema).to_batches()


def batches_of(tables: Mapping[str, pa.Table], name: str) -> pa.RecordBatchReader:
    """A table a share at a time, if it is in files."""
    return tables.batches(name) if isinstance(tables, StoredTables) else tables[name].to_reader()
