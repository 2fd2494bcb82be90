"""Examines many inputs on the workers of a cluster.

Each takes up to two megabytes and some 70 ms of a processor: 50,000 of them keep one host busy for an hour.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import apache_beam as beam

from footfall.pipelines.engine.choose_engine import Engine
from footfall.pipelines.engine.run_pipeline import EngineFailure, run_pipeline
from footfall.pipelines.engine.try_workers import try_workers
from footfall.pipelines.errors import RunError
from footfall.pipelines.inputs.examine_inputs import Asked, Examination, examine_in_threads
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import Recognition
from footfall.transforms.exchange.stored_files import create_file, join_path, open_file, write_whole
from footfall.transforms.running.failures import hide_values

EXAMINED_HERE: Final = 256
"""So many inputs are examined sooner by this host than by a job."""
THREADS_HERE: Final = 16
"""Most of it is waiting for a store."""
_THREADS_OF_WORKER: Final = 4
_MAX_SHARES: Final = 256
_SHARE: Final = 16
"""Inputs of a share at least: it costs a worker some seconds by itself."""


class ExamineFn(beam.DoFn):  # type: ignore[misc]
    """Number of a share of the inputs → nothing; what was found out is in a file."""

    def __init__(self, folder: str, name: str, how: Examination) -> None:
        self._folder = folder
        self._name = name
        self._how = how

    @hide_values
    def process(self, number: int) -> Iterator[Any]:
        """Read the list of the share, examine its inputs, and write down what was found."""
        with open_file(_path_of(self._folder, self._name, number, "asked")) as file:
            asked = decode_asked(file.read())
        found = examine_in_threads(self._how, asked, _THREADS_OF_WORKER)
        # Each attempt finds the same, so that any of them may be the last to write.
        content = encode_asked([(one, None) for one in found])
        write_whole(_path_of(self._folder, self._name, number, "found"), content)
        yield from ()


@dataclass
class Workers:
    """The workers of a cluster before the main job: they are tried once, and examine inputs."""

    engine: Engine
    folder: str
    """Shared with the workers."""
    work: Path
    """For what a job server writes."""
    paths: tuple[str, ...] = ()
    """Files that workers must be able to open, beside inputs."""
    is_tried: bool = False

    def try_once(self, path: str) -> None:
        """Raise RunError with the first fault of a worker, which also must be able to open `path`."""
        if not self.is_tried:
            try_workers(self.engine, self.folder, (path, *self.paths), self.work)
        self.is_tried = True

    def examine(self, how: Examination, asked: Sequence[Asked]) -> list[Input]:
        """Examine inputs, many of them or those that are read to the end by a job. Raises RunError if it fails."""
        if len(asked) <= EXAMINED_HERE and not (how.verify and asked):
            return examine_in_threads(how, asked, THREADS_HERE)
        self.try_once(asked[0][0].path)
        shares = list(share_out(asked))
        name = f"inputs-{uuid.uuid4().hex[:12]}"
        for number, share in enumerate(shares):
            with create_file(_path_of(self.folder, name, number, "asked")) as file:
                file.write(encode_asked(share))

        def build(pipeline: beam.Pipeline) -> Any:
            numbers = pipeline | "Shares" >> beam.Create(range(len(shares))) | "Deal out" >> beam.Reshuffle()
            return numbers | "Examine" >> beam.ParDo(ExamineFn(self.folder, name, how))

        try:
            run_pipeline(self.engine, build, self.work)
            return [one for number in range(len(shares)) for one in self._read(name, number)]
        except (EngineFailure, OSError) as error:
            problem = error if isinstance(error, EngineFailure) else f"{self.folder}: what workers found is not there"
            raise RunError(f"{problem}; nothing was published, the old file is unchanged") from None

    def _read(self, name: str, number: int) -> list[Input]:
        with open_file(_path_of(self.folder, name, number, "found")) as file:
            return [one for one, _ in decode_asked(file.read())]


def share_out(asked: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    """Divide inputs into the shares that workers examine one by one."""
    size = max(_SHARE, -(-len(asked) // _MAX_SHARES))
    for begin in range(0, len(asked), size):
        yield asked[begin : begin + size]


def _path_of(folder: str, name: str, number: int, kind: str) -> str:
    return join_path(folder, f"{name}.{number}.{kind}")


def encode_asked(asked: Sequence[Asked]) -> bytes:
    """Inputs and recognitions as JSON: a file in a shared folder should be no program."""
    return json.dumps([(asdict(one), elder and asdict(elder)) for one, elder in asked]).encode()


def decode_asked(content: bytes) -> list[Asked]:
    """The same inputs and recognitions."""
    return [
        (Input(**{**one, "recognition": _recognition(one["recognition"])}), _recognition(elder))
        for one, elder in json.loads(content)
    ]


def _recognition(fields: dict[str, Any] | None) -> Recognition | None:
    if fields is None:
        return None
    return Recognition(**{**fields, "by_format": tuple(fields["by_format"]), "hints": tuple(fields["hints"])})
