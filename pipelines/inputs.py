"""From what the operator named to inputs: paths, globs, directories, object-store URLs, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pipelines.recognition import Recognition
from pipelines.refusals import Refusal, UsageError
from pipelines.tell_content import EMPTY
from transforms.failures import StageFailure, find_failure
from transforms.run_options import STANDARD_INPUT
from transforms.run_steps import Step, run_each
from transforms.stored_files import is_url, match_files


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


def examine_inputs(inputs: list[Input], log_format: str, *, verify: bool) -> list[Input]:
    """Tell each input's compression and log format from some of its lines.

    With `verify` compressed ones are read to their end. An input that can't be read gets a `problem`; an empty one, and
    a file of a folder that is no access log or doesn't fit the format that is named, gets a `misfit`. Raises Refusal
    where a file that the operator named is no access log.
    """
    step = Step("pipelines.examine_inputs:ExamineInputs", (log_format, verify))
    try:
        examined = [found for ((_, found),) in run_each(step, inputs)]
    except StageFailure as failure:
        raise Refusal(str(find_failure(str(failure)))) from None
    for one in examined:
        if one.refusal:
            raise Refusal(f"{one.path}: {one.refusal}")
    return examined
