"""Distributes the pieces of the inputs over the workers."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from typing import Any, Final

import apache_beam as beam

from footfall.transforms.exchange.stored_files import create_file, join_path, open_file
from footfall.transforms.running.failures import hide_values
from footfall.transforms.running.run_options import Pieces

MOST_IN_GRAPH: Final = 1_000
"""More pieces go into a file: job servers refuse graphs of some megabytes, and Beam encodes them slowly."""


class ReadPiecesFn(beam.DoFn):  # type: ignore[misc]
    """Path of a file of groups of pieces → groups of pieces."""

    @hide_values
    def process(self, path: str) -> Iterator[Pieces]:
        """Read the file."""
        with open_file(path) as file:
            content = file.read()
        for group in json.loads(content):
            yield tuple(tuple(piece) for piece in group)


class DistributePieces(beam.PTransform):  # type: ignore[misc]
    """Groups of pieces as elements; `folder` takes the file of many."""

    def __init__(self, groups: Sequence[Pieces], folder: str) -> None:
        super().__init__()
        self._groups = groups
        self._folder = folder

    def expand(self, begin: Any) -> beam.PCollection[Pieces]:
        """Put the pieces into the job graph, or into a file that a worker reads."""
        if sum(map(len, self._groups)) <= MOST_IN_GRAPH:
            return begin | "All" >> beam.Create(self._groups)
        path = join_path(self._folder, f"pieces.{uuid.uuid4().hex}.json")
        with create_file(path) as file:
            file.write(json.dumps(self._groups).encode())
        return (
            begin
            | "Where they are" >> beam.Create([path], reshuffle=False)
            | "Read" >> beam.ParDo(ReadPiecesFn())
            | "Deal out" >> beam.Reshuffle()
        )
