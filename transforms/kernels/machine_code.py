"""The folder in which numba caches the machine code of kernels."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path
from typing import Final

from numba.core import config
from numba.misc.appdirs import AppDirs

_PACKAGE: Final = Path(__file__).parents[2]
_KERNEL_FOLDERS: Final = ("transforms", "geo_data")
"""Folders of the package that hold kernels. The first one holds the cache."""
_KERNEL: Final = re.compile(rb"^@(?:inner_|inlined_)?kernel\b|\bnjit\(", re.MULTILINE)
_CONSTANTS: Final = "vocabulary.py"
"""A file without kernels whose constants are compiled into kernels."""
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
        config.CACHE_DIR = str(temporary_folder(Path(tempfile.gettempdir())))


def temporary_folder(parent: Path) -> Path:
    """Return a folder of this user alone below `parent`, which others may write to; the next process finds it again.

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

    It is in `transforms/__pycache__`, or in the user's cache folder if that is not writable. Creating it removes the
    folders for earlier sources. Raises OSError.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(path for name in _KERNEL_FOLDERS for path in (package / name).rglob("*.py")):
        content = path.read_bytes()
        if path.name == _CONSTANTS or _KERNEL.search(content):
            digest.update(content)
    first = package / _KERNEL_FOLDERS[0]
    compiled = first / "__pycache__"
    is_writable = os.access(compiled if compiled.exists() else first, os.W_OK)
    parent = compiled if is_writable else Path(AppDirs("footfall", appauthor=False).user_cache_dir)
    folder = parent / f"{_PREFIX}{digest.hexdigest()}"
    if not folder.exists():
        for earlier in parent.glob(f"{_PREFIX}*"):
            shutil.rmtree(earlier, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    return folder
