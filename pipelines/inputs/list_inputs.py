"""From what the operator named to inputs: paths, globs, directories, object-store URLs, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from footfall.pipelines.errors import UsageError
from footfall.pipelines.inputs.identify_content import EMPTY
from footfall.pipelines.inputs.recognition import Recognition
from footfall.transforms.exchange.stored_files import is_url, match_files
from footfall.transforms.running.run_options import STANDARD_INPUT


@dataclass(frozen=True)
class Input:
    """One file, object or stream to read.

    `size` is in stored bytes, -1 for a stream; `problem` is set if it can't be read, `misfit` if it is no access log,
    `refusal` if that ends the run.
    """

    path: str
    size: int
    compression: str = "plain"
    recognition: Recognition | None = None
    problem: str | None = None
    misfit: str | None = None
    refusal: str | None = None
    is_named: bool = True
    """Whether the operator named it, rather than a folder that it lies in."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read in it."""
        return self.misfit == EMPTY


def list_inputs(patterns: Iterable[str]) -> list[Input]:
    """The inputs that patterns name, each once, sorted by path. Raises UsageError where a pattern names nothing."""
    found: dict[str, Input] = {}
    for given in patterns:
        for one in _match(given):
            place = one.path if _is_elsewhere(one.path) else os.path.realpath(one.path)
            # The name that was given wins over that of a folder.
            if place not in found or (one.is_named and not found[place].is_named):
                found[place] = one
    return sorted(found.values(), key=lambda one: one.path)


def _is_elsewhere(given: str) -> bool:
    """Whether it is a URL, or standard input, rather than a path."""
    return is_url(given) or given == STANDARD_INPUT


def _match(given: str) -> list[Input]:
    """The inputs of one pattern; a file whose name looks like a glob is still a file."""
    if given == STANDARD_INPUT:
        return [Input(STANDARD_INPUT, -1)]
    if not _is_elsewhere(given) and os.path.isfile(given):
        return [Input(given, os.path.getsize(given))]
    if not _is_elsewhere(given) and os.path.isdir(given):
        found = list(_list_folder(given))
        if not found:
            raise UsageError(f"{given}: this folder holds no file; name another one, or the logs themselves")
        return found
    try:
        matches = match_files(given)
    except Exception as error:  # each filesystem raises its own
        raise UsageError(
            f"{given}: cannot be listed ({type(error).__name__}); for an object store install Beam's extra, "
            "such as apache-beam[gcp], and check your credentials"
        ) from None
    files = [match for match in matches if _is_elsewhere(match.path) or os.path.isfile(match.path)]
    if not files:
        raise UsageError(f"{given}: names no file; give paths, globs, folders, URLs or - for standard input")
    return [Input(match.path, match.size_in_bytes) for match in files]


def _list_folder(folder: str) -> Iterator[Input]:
    """The files of a folder, those of its folders aside, and hidden ones."""
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise UsageError(f"{folder}: cannot be listed ({type(error).__name__}); check its permissions") from None
    for entry in entries:
        if entry.is_file() and not entry.name.startswith("."):
            yield Input(entry.path, entry.stat().st_size, is_named=False)
