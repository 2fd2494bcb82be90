"""Opens files by path or URL: local files directly, those in S3-compatible stores with Arrow, others through Beam."""

from __future__ import annotations

import os
import shutil
import uuid
from typing import Any

from footfall.transforms.exchange.object_stores import (
    RangeReader,
    create_object,
    is_object,
    list_objects,
    open_object,
    remove_objects_below,
)


def is_url(path: str) -> bool:
    """Return whether a path is a URL, which Beam's filesystems open."""
    return "://" in path


def join_path(folder: str, name: str) -> str:
    """Return the path of a file in a folder."""
    if is_object(folder):
        return f"{folder.rstrip('/')}/{name}"
    return _filesystems().join(folder, name) if is_url(folder) else os.path.join(folder, name)  # type: ignore[no-any-return]


def open_file(path: str) -> Any:
    """Open a file for reading, without decompression. Each filesystem raises its own errors."""
    if is_object(path):
        return open_object(path)
    return _filesystems().open(path, compression_type=_AS_STORED) if is_url(path) else open(path, "rb")


def open_range(path: str, end: int | None = None) -> Any:
    """Open a file that is read in long runs, up to `end` or little more: of an object, as much is read ahead."""
    return RangeReader(open_object(path), end) if is_object(path) else open_file(path)


def create_file(path: str) -> Any:
    """Create a file for writing, without compression."""
    if is_object(path):
        return create_object(path)
    return _filesystems().create(path, compression_type=_AS_STORED) if is_url(path) else open(path, "wb")


def write_whole(path: str, content: bytes) -> None:
    """Write a file that others see as a whole or not at all; a later one replaces it."""
    # An object is there once it is closed; a file is there while it is written.
    target = path if is_url(path) else f"{path}.{uuid.uuid4().hex}"
    with create_file(target) as file:
        file.write(content)
    if target != path:
        os.replace(target, path)


def remove_files(folder: str, ending: str) -> None:
    """Delete the files in a folder whose names end with `ending`; `remove_folder` deletes objects, many at a time."""
    if not is_url(folder):
        for entry in os.scandir(folder):
            if entry.name.endswith(ending):
                os.remove(entry.path)
    elif not is_object(folder) and (found := match_files(join_path(folder, f"*{ending}"))):
        _filesystems().delete([match.path for match in found])


def remove_file(path: str) -> None:
    """Delete a file that no step needs any more; those in stores stay until their folder is removed."""
    if not is_url(path):
        os.remove(path)


def match_files(pattern: str) -> list[Any]:
    """Return the metadata (`path`, `size_in_bytes`) of files that match. Each filesystem raises its own errors."""
    if is_object(pattern):
        return list(list_objects(pattern))
    found: list[Any] = _filesystems().match([pattern])[0].metadata_list
    return found


def make_private_folder(folder: str) -> None:
    """Create a folder that only this user may enter; object stores have none."""
    if not is_url(folder):
        os.mkdir(folder, 0o700)


def remove_folder(folder: str) -> None:
    """Delete a folder with all that is in it, if it is there."""
    if not is_url(folder):
        # Under another name, workers that still write can't put new files into it meanwhile.
        gone = f"{folder}.gone"
        shutil.rmtree(gone, ignore_errors=True)
        if os.path.isdir(folder):
            os.rename(folder, gone)
            shutil.rmtree(gone)
    elif is_object(folder):
        remove_objects_below(folder)
    elif found := match_files(join_path(folder, "**")):
        # An object store has objects, and no folder that could be deleted with them.
        _filesystems().delete([match.path for match in found])


_AS_STORED = "uncompressed"
"""Beam's `CompressionTypes.UNCOMPRESSED`."""


def use_options(options: Any) -> None:
    """Let this process open files in stores with Beam's options, as workers do that an engine starts."""
    _filesystems().set_options(options)


def _filesystems() -> Any:
    """Import Beam only here: the import takes a second, and `footfall parse` needs it only for URLs."""
    from apache_beam.io.filesystems import FileSystems

    return FileSystems
