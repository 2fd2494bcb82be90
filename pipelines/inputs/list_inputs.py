"""Expands what the operator named into inputs: paths, globs, folders, object-store URLs, standard input."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from footfall.pipelines.errors import UsageError
from footfall.pipelines.inputs.identify_content import EMPTY
from footfall.pipelines.inputs.recognition import Recognition
from footfall.transforms.exchange.stored_files import is_url, match_files
from footfall.transforms.running.failures import kind_of
from footfall.transforms.running.run_options import STANDARD_INPUT


@dataclass(frozen=True)
class Input:
    """One file, object or stream to read.

    `size` is in stored (compressed) bytes, -1 for a stream. `read_error`, `skip_reason` and `format_error` say why an
    input is not read.
    """

    path: str
    size: int
    compression: str = "plain"
    recognition: Recognition | None = None
    read_error: str | None = None
    """It cannot be read to its end: the run ends, or leaves it out with --skip-damaged."""
    skip_reason: str | None = None
    """It is empty, or a file of a folder that is not an access log: it is left out."""
    format_error: str | None = None
    """The operator named it, but it is not an access log: the run ends."""
    is_named: bool = True
    """Whether the operator named the file itself rather than its folder."""

    @property
    def is_empty(self) -> bool:
        """Whether it has no lines."""
        return self.skip_reason == EMPTY


def list_inputs(patterns: Iterable[str]) -> list[Input]:
    """The inputs that match the patterns, each once, sorted by path. Raises UsageError if a pattern matches none.

    A pattern behind a folder that this user may not look into is an input with a `read_error`.
    """
    found: dict[str, Input] = {}
    for given in patterns:
        for one in _match(given):
            _refuse_undecodable(one.path)
            place = one.path if _is_no_path(one.path) else os.path.realpath(one.path)
            # A file that is named and also in a named folder counts as named.
            if place not in found or (one.is_named and not found[place].is_named):
                found[place] = one
    return sorted(found.values(), key=lambda one: one.path)


def _refuse_undecodable(path: str) -> None:
    """Raise UsageError for a path that cannot be published: `inputs` names each input."""
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = os.fsencode(path).decode("utf-8", "backslashreplace")
        raise UsageError(
            f"{shown}: the name is not valid UTF-8, as the published list of inputs needs it; rename the file, or give "
            "a link to it with another name"
        ) from None


def _is_no_path(given: str) -> bool:
    """Whether it is a URL or standard input."""
    return is_url(given) or given == STANDARD_INPUT


def _match(given: str) -> list[Input]:
    """The inputs that match one pattern; the name of an existing file is not read as a glob."""
    if given == STANDARD_INPUT:
        return [Input(STANDARD_INPUT, -1)]
    if not _is_no_path(given) and os.path.isfile(given):
        return [Input(given, os.path.getsize(given))]
    if not _is_no_path(given) and os.path.isdir(given):
        try:
            found = list(_list_folder(given))
        except OSError as error:
            return [Input(given, 0, read_error=f"cannot be listed ({kind_of(error)})")]
        if not found:
            raise UsageError(f"{given}: the folder has no files; give another folder, or the logs themselves")
        return found
    if is_url(given) and given.endswith("/"):
        return [replace(one, is_named=False) for one in _match(f"{given}*")]
    try:
        # Without a folder, Beam looks nowhere.
        is_bare = not _is_no_path(given) and not os.path.dirname(given)
        matches = match_files(os.path.join(os.curdir, given) if is_bare else given)
    except Exception as error:  # each file system raises its own exceptions
        raise UsageError(
            f"{given}: cannot be listed ({kind_of(error)}); for an object store, check its address and the "
            "credentials, and that its extra is installed: footfall[gcp] for gs://, footfall[azure] for abfs://"
        ) from None
    files = [match for match in matches if _is_no_path(match.path) or os.path.isfile(match.path)]
    if not files:
        if not is_url(given) and (closed := _closed_folder(given)):
            return [Input(given, 0, read_error=f"cannot be read: this user may not look into {closed}")]
        if os.path.exists(given):
            raise UsageError(f"{given}: is a pipe, socket or device; give a file, or - for standard input")
        raise UsageError(f"{given}: no such file; give paths, globs, folders, URLs or - for standard input")
    return [Input(os.path.basename(one.path) if is_bare else one.path, one.size_in_bytes) for one in files]


def _list_folder(folder: str) -> Iterator[Input]:
    """The files in a folder, without subfolders and hidden files. Raises OSError if it cannot be listed."""
    for entry in list(os.scandir(folder)):
        # Not `entry.is_file()`, which raises an error for links that lead to themselves.
        if os.path.isfile(entry.path) and not entry.name.startswith("."):
            yield Input(entry.path, os.path.getsize(entry.path), is_named=False)


def _closed_folder(given: str) -> str | None:
    """The last folder of a path or glob that is known to exist, if this user may not list it or open what is in it."""
    folder = os.path.dirname(given) or os.curdir
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder) or os.curdir
    return None if os.access(folder, os.R_OK | os.X_OK) else folder
