"""Exchanges columns in files between steps, and with the publisher."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import pyarrow as pa

from footfall.transforms.arrays import Columns
from footfall.transforms.exchange.stored_files import create_file, is_url, join_path, open_file

# Not compressed: digests are random bytes.
ARROW_OPTIONS: Final = pa.ipc.IpcWriteOptions(use_threads=False)

ROWS_TOGETHER: Final = 100_000
"""Of fewer rows, a statement that reads them takes longer to begin than to run."""


def write_rows(folder: str, tables: Iterable[Columns]) -> str:
    """Write tables of the same columns to a new file in `folder`, a record batch for each, and return its path.

    There is at least one. They are not in memory all at once, if they come one by one.
    """
    path = join_path(folder, f"{uuid.uuid4().hex}.arrow")
    batches = (pa.RecordBatch.from_pydict({name: pa.array(one) for name, one in own.items()}) for own in tables)
    first = next(batches)
    with create_arrow(path) as sink, pa.ipc.new_file(sink, first.schema, options=ARROW_OPTIONS) as writer:
        writer.write_batch(first)
        del first
        for batch in batches:
            writer.write_batch(batch)
    return path


def read_rows(path: str, columns: Sequence[str] | None = None, *, number: int = 0) -> pa.Table:
    """Return the columns of the table with this number in a file that `write_rows` wrote, or only some of them."""
    with open_arrow(path) as source:
        schema = pa.ipc.open_file(source).schema
        wanted = [schema.get_field_index(name) for name in columns or schema.names]
        # Only the bytes of these columns are read.
        with pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=wanted)) as reader:
            return pa.Table.from_batches([reader.get_batch(number)])


def read_together(
    paths: Iterable[str], columns: Sequence[str], *, number: int = 0, rows: int = ROWS_TOGETHER
) -> Iterator[pa.Table]:
    """Yield what `read_rows` returns for each of the files; of short ones for several at once, of `rows` or more."""
    some: list[pa.Table] = []
    for path in paths:
        some.append(read_rows(path, columns, number=number))
        if sum(map(len, some)) >= rows:
            yield pa.concat_tables(some)
            some = []
    if some:
        yield pa.concat_tables(some)


def create_arrow(path: str) -> Any:
    """Create a file for writing with Arrow."""
    return create_file(path) if is_url(path) else pa.OSFile(path, "wb")


def open_arrow(path: str) -> Any:
    """Open a file for reading with Arrow; one in a store is read at once."""
    if not is_url(path):
        return pa.OSFile(path, "rb")
    with open_file(path) as file:
        return pa.BufferReader(file.read())
