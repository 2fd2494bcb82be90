"""From what the operator named to inputs: paths, globs, directories, object-store URLs, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from apache_beam.io.filesystems import FileSystems

from pipelines.recognize import Recognition, Unrecognized, recognize
from pipelines.refusals import Refusal, UsageError
from pipelines.settings import AUTO
from pipelines.tell_content import EMPTY
from transforms.formats.log_formats import tell_log_format
from transforms.scanning.read_blocks import STANDARD_INPUT, TO_THE_END, InputError, read_blocks
from transforms.scanning.read_samples import read_sample


@dataclass(frozen=True)
class Input:
    """One file, object or stream to read.

    `size` is in stored bytes, -1 for a stream; `problem` is set if it can't be read, `misfit` if it is no access log.
    """

    path: str
    size: int
    compression: str = "plain"
    recognition: Recognition | None = None
    problem: str | None = None
    misfit: str | None = None
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
    return "://" in given or given == STANDARD_INPUT


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
        matches = FileSystems.match([given])[0].metadata_list
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


def examine_inputs(inputs: list[Input], log_format: str, *, verify: bool) -> list[Input]:
    """Tell each input's compression and log format from some of its lines.

    With `verify` compressed ones are read to their end. An input that can't be read gets a `problem`; an empty one, and
    a file of a folder that is no access log or doesn't fit the format that is named, gets a `misfit`. Raises Refusal
    where a file that the operator named is no access log.
    """
    return [_examine(one, log_format, verify=verify) for one in inputs]


def _examine(one: Input, log_format: str, *, verify: bool) -> Input:
    try:
        compression, sample = read_sample(one.path, one.size)
        if verify and compression != "plain" and one.path != STANDARD_INPUT:
            for _ in read_blocks(one.path, compression, 0, TO_THE_END):
                pass
    except InputError as error:
        return replace(one, problem=error.problem)
    found = recognize(sample, None if log_format == AUTO else log_format)
    if isinstance(found, Unrecognized):
        if one.is_named and not found.is_empty:
            raise Refusal(f"{one.path}: {found.problem}; {found.remedy or 'name the access log instead'}")
        told = f"{found.problem}; {found.remedy}" if found.remedy else found.problem
        return replace(one, compression=compression, misfit=told)
    if found.is_unlikely and not one.is_named:
        fitting = f"{found.fitting:,} of {found.sampled:,} sampled lines fit {tell_log_format(found.log_format)}"
        return replace(one, compression=compression, misfit=f"only {fitting}")
    return replace(one, compression=compression, recognition=found)
