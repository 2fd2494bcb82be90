"""How partial tables are exchanged between steps: as (key, Arrow IPC bytes), under the key `table/share`.

Elements are bytes and strings only, which every runner mode carries safely.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.tables.published import PARTIAL_TABLES

Part = tuple[str, bytes]
"""(table/share, one Arrow IPC stream); the stream is replaced by paths of files if a merged table exceeds memory."""


# Counts are small, days and sites few: compression leaves a fifth. Engines hold several copies of it.
_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_MIN_COMPRESSED_ROWS: Final = 100
ALWAYS: Final = 2**32
"""The uses of a name that is kept however few hits have it."""
_FILES: Final = b"files\0"
"""A prefix that no Arrow IPC stream begins with."""


def encode_table(table: pa.Table) -> bytes:
    """Return a table as one Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    options = _COMPRESSED if len(table) >= _MIN_COMPRESSED_ROWS else None
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def decode_table(content: bytes) -> pa.Table:
    """Return the table of an Arrow IPC stream."""
    with pa.ipc.open_stream(content) as reader:
        return reader.read_all()


def encode_files(paths: Sequence[str]) -> bytes:
    """Return the content of an element for a table that is in files; each file has each of its keys once."""
    return _FILES + json.dumps(list(paths)).encode()


def files_of(content: bytes) -> list[str]:
    """Return the paths of the files that a table is in; none if the content is the table itself."""
    return [str(path) for path in json.loads(content[len(_FILES) :])] if content.startswith(_FILES) else []


def part_of(table: str, share: int, /, **columns: NDArray[Any] | pa.Array) -> Part:
    """Return columns of a partial table as an element."""
    schema = PARTIAL_TABLES[table].schema
    arrays = {name: pa.array(columns[name]).cast(schema.field(name).type) for name in schema.names}
    return f"{table}/{share}", encode_table(pa.table(arrays, schema=schema))


def name_parts(shares: int, names: pa.Table) -> Iterator[Part]:
    """Yield the table `names` as elements: each name in the share of its digest, so that equal names are merged.

    Names without `uses` are kept however rare they are. With several `shares`, no worker that merges names needs to
    hold all of them.
    """
    if "uses" not in names.column_names:
        names = names.append_column("uses", pa.array(np.full(len(names), ALWAYS)))
    share = names["id"].to_numpy() % np.uint64(shares)
    for own in np.unique(share).tolist():
        rows = names.filter(pa.array(share == own))
        yield f"names/{own}", encode_table(rows.cast(PARTIAL_TABLES["names"].schema))


def parts_by_day(table: str, shares: int, days: NDArray[Any], /, **columns: NDArray[Any] | pa.Array) -> Iterator[Part]:
    """Yield columns of a partial table as elements of `shares` by `days`: a day, or another number, for each row."""
    share_of = np.asarray(days).astype(np.int64) % shares
    for share in np.unique(share_of).tolist():
        rows = np.flatnonzero(share_of == share)
        own = {
            name: column.take(pa.array(rows)) if isinstance(column, pa.Array) else column[rows]
            for name, column in columns.items()
        }
        yield part_of(table, share, **own)


def grouped_parts(table: str, shares: int, /, *, day: NDArray[Any], **columns: NDArray[Any]) -> Iterator[Part]:
    """Yield rows of a partial table, in which keys may be repeated, as elements that have each key once."""
    partial = PARTIAL_TABLES[table]
    given = {"day": day, **columns}
    arrays = {name: pa.array(given[name]).cast(partial.schema.field(name).type) for name in partial.schema.names}
    merged = partial.merge([pa.table(arrays, schema=partial.schema)])
    days = merged["day"].to_numpy()
    yield from parts_by_day(
        table, shares, days, **{name: merged[name].combine_chunks() for name in merged.column_names}
    )
