"""Columns in files of their own, which stages leave for each other and for the publisher."""

from __future__ import annotations

import uuid
from typing import Any, Final

import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.exchange.stored_files import create_file, is_url, join_path, open_file

# Not compressed: digests are random bytes.
ARROW_OPTIONS: Final = pa.ipc.IpcWriteOptions(use_threads=False)


def write_rows(folder: str, columns: dict[str, NDArray[Any]]) -> str:
    """Write columns to a new file of `folder` as one batch; returns its path."""
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    path = join_path(folder, f"{uuid.uuid4().hex}.arrow")
    with create_arrow(path) as sink, pa.ipc.new_file(sink, table.schema, options=ARROW_OPTIONS) as writer:
        writer.write_table(table)
    return path


def read_rows(path: str) -> pa.Table:
    """The columns of a file of `write_rows`."""
    with open_arrow(path) as source, pa.ipc.open_file(source) as reader:
        return reader.read_all()


def create_arrow(path: str) -> Any:
    """A new file for Arrow to write to."""
    return create_file(path) if is_url(path) else pa.OSFile(path, "wb")


def open_arrow(path: str) -> Any:
    """A file for Arrow to read from."""
    return open_file(path) if is_url(path) else pa.OSFile(path, "rb")
