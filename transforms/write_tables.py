"""Writes the merged tables to files, which the publisher loads."""

from __future__ import annotations

from collections.abc import Iterator

import apache_beam as beam
import pyarrow as pa

from footfall.transforms.exchange.stored_files import create_file, join_path, match_files, open_file
from footfall.transforms.running.failures import hide_values
from footfall.transforms.tables.partial_tables import Part, decode_table
from footfall.transforms.tables.published import PARTIAL_TABLES


def table_path(folder: str, key: str) -> str:
    """Return the path of the file of a merged table; a retry overwrites it with the same content."""
    return join_path(folder, f"table.{key.replace('/', '.')}.arrows")


class WriteTablesFn(beam.DoFn):  # type: ignore[misc]
    """(table/share, Arrow bytes) → the file's path."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @hide_values
    def process(self, part: Part) -> Iterator[str]:
        """Write one merged table."""
        key, content = part
        path = table_path(self._folder, key)
        with create_file(path) as file:
            file.write(content)
        yield path


class WriteTables(beam.PTransform):  # type: ignore[misc]
    """(table/share, Arrow bytes) → paths of the files in `folder`, one for each."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    def expand(self, tables: beam.PCollection[Part]) -> beam.PCollection[str]:
        """Write each table."""
        return tables | "Write" >> beam.ParDo(WriteTablesFn(self._folder))


def read_tables(folder: str) -> dict[str, pa.Table]:
    """Return all merged tables in a folder by name, with their shares concatenated; tables without rows are empty."""
    tables: dict[str, list[pa.Table]] = {name: [spec.schema.empty_table()] for name, spec in PARTIAL_TABLES.items()}
    for metadata in match_files(join_path(folder, "table.*")):
        name = metadata.path.rpartition("table.")[2].partition(".")[0]
        with open_file(metadata.path) as file:
            tables[name].append(decode_table(file.read()))
    return {name: pa.concat_tables(own) for name, own in tables.items()}
