"""Writes the merged tables to files, which the publisher loads.

An engine may run an element again while a lost attempt is still writing, and a new attempt has another key. So each
attempt writes its own files, and at the end the names that were passed on are written to a list.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import apache_beam as beam
from apache_beam.pvalue import AsList

from footfall.transforms.exchange.stored_files import (
    create_file,
    is_url,
    join_path,
    match_files,
    open_file,
    write_whole,
)
from footfall.transforms.running.failures import SafeError, hide_values
from footfall.transforms.tables.partial_tables import Part, files_of
from footfall.transforms.tables.stored_tables import StoredTables

_LIST_NAME: Final = "tables.json"


class WriteTablesFn(beam.DoFn):  # type: ignore[misc]
    """(table/share, Arrow bytes) → (table's name, the files' paths): several where it was too large for memory."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @hide_values
    def process(self, part: Part) -> Iterator[tuple[str, list[str]]]:
        """Write one merged table to a new file, if it is not in files already."""
        key, content = part
        paths = files_of(content)
        if not paths:
            paths = [join_path(self._folder, f"table.{key.replace('/', '.')}.{uuid.uuid4().hex}.arrows")]
            with create_file(paths[0]) as file:
                file.write(content)
        yield key.partition("/")[0], paths


class ListTablesFn(beam.DoFn):  # type: ignore[misc]
    """Writes the list of the files of the tables, without files of lost attempts."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @hide_values
    def process(self, _: Any, paths: Sequence[tuple[str, list[str]]]) -> Iterator[str]:
        """Write the list as a whole or not at all; a later attempt replaces it."""
        path = join_path(self._folder, _LIST_NAME)
        write_whole(path, json.dumps(sorted(paths)).encode())
        yield path


class WriteTables(beam.PTransform):  # type: ignore[misc]
    """(table/share, Arrow bytes) → path of the list of the files in `folder`, one file for each element."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._folder = folder

    def expand(self, tables: beam.PCollection[Part]) -> beam.PCollection[str]:
        """Write each table, then the list."""
        paths = tables | "Write" >> beam.ParDo(WriteTablesFn(self._folder))
        once = tables.pipeline | "At the end" >> beam.Impulse()
        return once | "List" >> beam.ParDo(ListTablesFn(self._folder), AsList(paths))


class TablesMissing(SafeError):
    """A pipeline ended, but its tables are not where the publisher looks."""


def read_tables(folder: str) -> StoredTables:
    """Return all merged tables in a folder by name.

    Raises TablesMissing if a pipeline has not left the list of its tables there.
    """
    listed = join_path(folder, _LIST_NAME)
    if not (match_files(listed) if is_url(listed) else Path(listed).is_file()):
        raise TablesMissing(
            f"{folder}: the workers' tables are not there; give a folder with --temp that this host and they share"
        )
    with open_file(listed) as file:
        return StoredTables([(name, paths) for name, paths in json.loads(file.read())])
