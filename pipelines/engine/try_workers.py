"""A first tiny job on a cluster: do its workers have this Footfall and this Python, and see the shared folder?"""

from __future__ import annotations

import hashlib
import platform
import uuid
from collections.abc import Iterator
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import apache_beam as beam

from footfall.pipelines.engine.choose_engine import Engine
from footfall.pipelines.engine.run_pipeline import EngineFailure, run_pipeline
from footfall.pipelines.errors import RunError
from footfall.transforms.exchange.stored_files import create_file, join_path, match_files, open_file
from footfall.transforms.running.failures import SafeError, hide_values, kind_of

_TRIES: Final = 16
"""Elements, dealt out over the workers: with fewer than that many, each is likely to get one."""
_ENDING: Final = ".try"


class WorkerMisfit(SafeError):
    """A worker can't run the steps of this run."""


@cache
def describe_software() -> tuple[str, str, str]:
    """The versions of Python and Footfall, and a digest of Footfall's own files, which differ between its states."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[2]
    for folder in ("geo_data", "pipelines", "transforms"):
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return ".".join(platform.python_version_tuple()[:2]), version("footfall"), digest.hexdigest()[:16]


def compare_software(given: tuple[str, ...], own: tuple[str, ...]) -> None:
    """Raise WorkerMisfit if a worker's software (`own`) is not that of the run."""
    for name, here, there in zip(("Python", "Footfall"), given, own, strict=False):
        if here != there:
            raise WorkerMisfit(f"a worker has {name} {there} and this run {name} {here}; install the same on each host")
    if given != own:
        raise WorkerMisfit(
            f"a worker has another build of Footfall {own[1]} than this run; install the same on each host"
        )


class TryWorkerFn(beam.DoFn):  # type: ignore[misc]
    """Number → nothing; it checks its worker, and writes a file to the shared folder."""

    def __init__(self, folder: str, name: str, software: tuple[str, ...], paths: tuple[str, ...]) -> None:
        self._folder = folder
        self._name = name
        self._software = software
        self._paths = paths

    @hide_values
    def process(self, number: int) -> Iterator[Any]:
        """Raise WorkerMisfit if the worker differs from the host that publishes."""
        compare_software(self._software, describe_software())
        try:
            with open_file(join_path(self._folder, self._name)) as file:
                file.read()
            with create_file(join_path(self._folder, f"{self._name}.{number}{_ENDING}")) as file:
                file.write(b"seen")
        except Exception as error:  # each file system raises its own exceptions
            raise WorkerMisfit(
                f"a worker can't use {self._folder} ({kind_of(error)}); give a folder with --temp that this host "
                "and all workers share, and let them run as the same user"
            ) from None
        for path in self._paths:
            try:
                open_file(path).close()
            except Exception as error:
                raise WorkerMisfit(
                    f"{path}: a worker can't open it ({kind_of(error)}); it must be at the same path on each host"
                ) from None
        yield from ()


def try_workers(engine: Engine, folder: str, paths: tuple[str, ...], work: Path) -> None:
    """Run the job. `folder` is for rows passed between stages, `paths` are files that workers must be able to open.

    Raises RunError with the first fault found, in one sentence.
    """
    name = f"run-{uuid.uuid4().hex[:12]}"
    with create_file(join_path(folder, name)) as file:
        file.write(b"shared")

    def build(pipeline: beam.Pipeline) -> Any:
        numbers = pipeline | "Numbers" >> beam.Create(range(_TRIES)) | "Deal out" >> beam.Reshuffle()
        return numbers | "Try worker" >> beam.ParDo(TryWorkerFn(folder, name, describe_software(), paths))

    try:
        run_pipeline(engine, build, work)
    except EngineFailure as error:
        raise RunError(f"{error}; nothing was read, the old file is unchanged") from None
    if not match_files(join_path(folder, f"{name}.*{_ENDING}")):
        raise RunError(
            f"{folder}: this host does not see the files that workers write there; give a folder with --temp that this "
            "host and all workers share; nothing was read, the old file is unchanged"
        )
