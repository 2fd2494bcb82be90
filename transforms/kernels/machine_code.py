"""The folder in which numba caches the machine code of kernels."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from numba.core import config
from numba.misc.appdirs import AppDirs

_PACKAGE: Final = Path(__file__).parents[2]
_KERNEL_FOLDERS: Final = ("transforms", "geo_data")
"""Folders of the package that hold kernels. The first one holds the cache."""
_KERNEL: Final = re.compile(rb"^@(?:inner_|inlined_)?kernel\b|\bnjit\(", re.MULTILINE)
_CONSTANTS: Final = "vocabulary.py"
"""A file without kernels; its constants are compiled into kernels."""
_PREFIX: Final = "kernels-"


def set_cache_folder() -> None:
    """Make numba cache machine code in a folder named after the sources of all kernels; `NUMBA_CACHE_DIR` overrides it.

    By default numba checks only the file of a kernel, not the files of the kernels compiled into it: after an upgrade
    some kernels would still run old code.
    """
    if config.CACHE_DIR:
        return
    try:
        config.CACHE_DIR = str(cache_folder(_PACKAGE))
    except OSError:
        # A service user may have no home: numba would raise an error for want of any folder.
        folder = temporary_folder(Path(tempfile.gettempdir())) / f"{_PREFIX}{_digest_sources(_PACKAGE)}"
        config.CACHE_DIR = str(_make_folder(folder, _PACKAGE / _KERNEL_FOLDERS[0] / "__pycache__" / folder.name))


def temporary_folder(parent: Path) -> Path:
    """Return a folder of this user alone below `parent`, which others may write to. The next process finds it again.

    Code is loaded from it, so a folder that somebody else made or may write to is not used: then a new one is made.
    """
    if hasattr(os, "getuid"):
        folder = parent / f"footfall-kernels-{os.getuid()}"
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, exist_ok=True)
            found = folder.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
                return folder
    return Path(tempfile.mkdtemp(prefix="footfall-kernels-", dir=parent))


def cache_folder(package: Path) -> Path:
    """Return the cache folder for the kernels of a package, and create it if it is missing.

    It is in `transforms/__pycache__`, or where that is not writable in the first of these that is: the user's cache
    folder (`XDG_CACHE_HOME`), the folders that systemd gives a service (`CACHE_DIRECTORY`, `STATE_DIRECTORY`). There
    it begins with what was compiled in the package by somebody who may write to it. Creating it removes the folders for
    earlier sources. Raises OSError if there is no such folder.
    """
    name = f"{_PREFIX}{_digest_sources(package)}"
    first = package / _KERNEL_FOLDERS[0]
    compiled = first / "__pycache__"
    if os.access(compiled if compiled.exists() else first, os.W_OK):
        return _make_folder(compiled / name, None)
    for parent in _writable_parents():
        with contextlib.suppress(OSError):
            return _make_folder(parent / name, compiled / name)
    raise PermissionError(f"{package}: no folder for the machine code of its kernels can be written to")


def _digest_sources(package: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(path for name in _KERNEL_FOLDERS for path in (package / name).rglob("*.py")):
        content = path.read_bytes()
        if path.name == _CONSTANTS or _KERNEL.search(content):
            digest.update(content)
    return digest.hexdigest()


def _writable_parents() -> Iterator[Path]:
    """Yield folders that may be this user's. Without a home, the user's cache folder is a relative path."""
    given = [AppDirs("footfall", appauthor=False).user_cache_dir]
    for variable in ("CACHE_DIRECTORY", "STATE_DIRECTORY"):
        # systemd separates several by colons.
        given += [os.path.join(one, "footfall") for one in os.environ.get(variable, "").split(":")[:1] if one]
    yield from (Path(one) for one in given if os.path.isabs(one))


def _make_folder(folder: Path, installed: Path | None) -> Path:
    """Create a cache folder with a copy of the code that is `installed`, if any, or check that it is writable."""
    if folder.exists():
        tempfile.TemporaryFile(dir=folder).close()
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    for earlier in folder.parent.glob(f"{_PREFIX}*"):
        shutil.rmtree(earlier, ignore_errors=True)
    # Renamed when it is complete: another process may begin at the same time.
    begun = Path(tempfile.mkdtemp(prefix=".begun-", dir=folder.parent))
    if installed is None:
        # The package's: other users, who may not write to it, copy from it.
        begun.chmod(0o755)
    else:
        _copy_code(installed, begun)
    try:
        begun.rename(folder)
    except OSError:
        shutil.rmtree(begun, ignore_errors=True)
    return folder


def _copy_code(source: Path, target: Path) -> None:
    """Copy the machine code in a folder of numba's cache to files of this user; do nothing if it is not readable."""
    with contextlib.suppress(OSError):
        for path in source.glob("*/*.nb?"):
            own = target / path.parent.name
            own.mkdir(exist_ok=True)
            shutil.copyfile(path, own / path.name)
