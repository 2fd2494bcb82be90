"""Where the machine code of kernels is kept from one process to the next."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
from pathlib import Path
from typing import Final

from numba.core import config
from numba.misc.appdirs import AppDirs

_SOURCES: Final = Path(__file__).parents[1]
_KERNEL: Final = re.compile(rb"^@(?:inner_|inlined_)?kernel\b|\bnjit\(", re.MULTILINE)
_NAME: Final = "kernels-"


def keep_machine_code() -> None:
    """Let numba keep machine code in a folder for the sources of all kernels as they are; `NUMBA_CACHE_DIR` wins.

    By itself numba looks at a kernel's own file to tell whether its machine code is current, and not at the files of
    kernels that were compiled into it: after an upgrade some would still do what they did before.
    """
    if config.CACHE_DIR:
        return
    with contextlib.suppress(OSError):  # nothing can be written; numba then finds a place or does without
        config.CACHE_DIR = str(find_folder(_SOURCES))


def find_folder(sources: Path) -> Path:
    """The folder for the kernels below `sources`: beside them or, where others own that, in the user's cache.

    It is made if it isn't there; those for earlier sources are removed then. Raises OSError.
    """
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(sources.rglob("*.py")):
        content = path.read_bytes()
        if _KERNEL.search(content):
            digest.update(content)
    compiled = sources / "__pycache__"
    is_ours = os.access(compiled if compiled.exists() else sources, os.W_OK)
    place = compiled if is_ours else Path(AppDirs("footfall", appauthor=False).user_cache_dir)
    folder = place / f"{_NAME}{digest.hexdigest()}"
    if not folder.exists():
        for earlier in place.glob(f"{_NAME}*"):
            shutil.rmtree(earlier, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
    return folder
