"""Exchanges columns in files between steps, and with the publisher."""

from __future__ import annotations

import uuid
from typing import Any, Final

import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.exchange.stored_files import create_file, is_url, join_path, open_file

# Not compressed: digests are random bytes.
ARROW_OPTIONS: Final = pa.ipc.IpcWriteOptions(use_threads=False)


def write_rows(folder: str, columns: dict[str, NDArray[Any]]) -> str:
    """Write columns to a new file in `folder` as one record batch and return its path."""
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    path = join_path(folder, f"{uuid.uuid4().hex}.arrow")
    with create_arrow(path) as sink, pa.ipc.new_file(sink, table.schema, options=ARROW_OPTIONS) as writer:
        writer.write_table(table)
    return path


def read_rows(path: str) -> pa.Table:
    """Return the columns of a file that `write_rows` wrote."""
    with open_arrow(path) as source, pa.ipc.open_file(source) as reader:
        return reader.read_all()


def create_arrow(path: str) -> Any:
    """Create a file for writing with Arrow."""
    return create_file(path) if is_url(path) else pa.OSFile(path, "wb")


def open_arrow(path: str) -> Any:
    """Open a file for reading with Arrow; one in a store is read at once."""
    if not is_url(path):
        return pa.OSFile(path, "rb")
    with open_file(path) as file:
        return pa.BufferReader(file.read())
