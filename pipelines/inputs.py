"""From what the operator named to inputs: paths, globs, directories, object-store URLs, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from apache_beam.io.filesystems import FileSystems

from pipelines.recognize import MIN_SHARE, Recognition, recognize
from pipelines.refusals import Refusal, UsageError
from pipelines.settings import AUTO
from transforms.scanning.read_blocks import STANDARD_INPUT, TO_THE_END, InputError, read_blocks, read_head
from transforms.vocabulary import MAX_LINE_BYTES

SAMPLE_BYTES: Final = 4 * MAX_LINE_BYTES


@dataclass(frozen=True)
class Input:
    """One file, object or stream to read.

    `size` is in stored bytes, -1 for a stream; `problem` is set if it can't be read.
    """

    path: str
    size: int
    compression: str = "plain"
    recognition: Recognition | None = None
    problem: str | None = None
    is_named: bool = True
    """Whether the operator named it, rather than a folder that it lies in."""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read in it."""
        return self.size == 0


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
    """Tell each input's compression and log format from its first lines.

    With `verify` compressed ones are read to their end. An input that can't be read gets a `problem`; a file of a
    folder whose first lines don't fit the format, or any known one, has no recognition. Raises Refusal where `auto`
    finds none for a file that the operator named.
    """
    return [_examine(one, log_format, verify=verify) for one in inputs if not one.is_empty]


def _examine(one: Input, log_format: str, *, verify: bool) -> Input:
    try:
        compression, head = read_head(one.path, SAMPLE_BYTES)
        if verify and compression != "plain" and one.path != STANDARD_INPUT:
            for _ in read_blocks(one.path, compression, 0, TO_THE_END):
                pass
    except InputError as error:
        return replace(one, problem=error.problem)
    recognition = recognize(head, None if log_format == AUTO else log_format)
    if recognition is None and one.is_named:
        raise Refusal(
            f"{one.path}: no known log format fits its first lines; name one with --log-format, or give the server's "
            "own log_format or LogFormat string, such as --log-format '%h %l %u %t \"%r\" %>s %b'"
        )
    if recognition is not None and not one.is_named and recognition.fitting < MIN_SHARE * recognition.sampled:
        recognition = None
    return replace(one, compression=compression, recognition=recognition)
