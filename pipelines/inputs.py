"""From what the operator named to inputs: paths, globs, directories, object-store URLs, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from apache_beam.io.filesystems import FileSystems

from pipelines.recognize import Recognition, recognize
from pipelines.refusals import Refusal, UsageError
from pipelines.settings import AUTO
from transforms.read_blocks import STANDARD_INPUT, TO_THE_END, InputError, read_blocks, read_head
from transforms.vocabulary import MAX_LINE_BYTES

SAMPLE_BYTES: Final = 4 * MAX_LINE_BYTES


@dataclass(frozen=True)
class Input:
    """One file, object or stream to read. `size` is in stored bytes, -1 for a stream; `problem` is set if it can't be read."""

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
        if given == STANDARD_INPUT:
            found[STANDARD_INPUT] = Input(STANDARD_INPUT, -1)
            continue
        is_folder = "://" not in given and os.path.isdir(given)
        pattern = os.path.join(given, "*") if is_folder else given
        try:
            matches = FileSystems.match([pattern])[0].metadata_list
        except Exception as error:  # each filesystem raises its own
            raise UsageError(
                f"{pattern}: cannot be listed ({type(error).__name__}); for an object store install Beam's extra, "
                "such as apache-beam[gcp], and check your credentials"
            ) from None
        files = [match for match in matches if "://" in match.path or os.path.isfile(match.path)]
        if not files:
            raise UsageError(f"{pattern}: names no file; give paths, globs, folders, URLs or - for standard input")
        for match in files:
            found.setdefault(match.path, Input(match.path, match.size_in_bytes, is_named=not is_folder))
    return [found[path] for path in sorted(found)]


def examine_inputs(inputs: list[Input], log_format: str, *, verify: bool) -> list[Input]:
    """Tell each input's compression and log format from its first lines; with `verify` read compressed ones to their end.

    An input that can't be read gets a `problem`; a file of a folder in which `auto` finds no format has no
    recognition. Raises Refusal where that is a file the operator named.
    """
    return [_examine(one, log_format, verify=verify) for one in inputs if not one.is_empty]


def _examine(one: Input, log_format: str, *, verify: bool) -> Input:
    try:
        compression, head = read_head(one.path, SAMPLE_BYTES)
        if verify and one.path != STANDARD_INPUT:
            for _ in read_blocks(one.path, compression, 0, one.size if compression == "plain" else TO_THE_END):
                pass
    except InputError as error:
        return replace(one, problem=error.problem)
    recognition = recognize(head, None if log_format == AUTO else log_format)
    if recognition is None and one.is_named:
        raise Refusal(
            f"{one.path}: no known log format fits its first lines; name one with --log-format, or give the server's own "
            'log_format or LogFormat string, such as --log-format \'%h %l %u %t "%r" %>s %b\''
        )
    return replace(one, compression=compression, recognition=recognition)
