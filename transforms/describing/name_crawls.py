"""Names the folders of the site in which people and bots ask, and which bot asks where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.vocabulary import OTHER

ROOT: Final = "/"
"""The group of pages that are in no folder."""
MAX_FOLDERS: Final = 20_000
"""Folders that a worker tells apart; bots make some up."""
MAX_CRAWLS: Final = 400_000
_HALF_BITS: Final = np.uint64(32)


def first_folder(page: str) -> str:
    """Return the first folder of a page.

    >>> first_folder("/a/b/c"), first_folder("/a"), first_folder("(unknown)")
    ('/a/…', '/', '(other)')
    """
    if not page.startswith("/"):
        return OTHER
    folder, slash, _ = page[1:].partition("/")
    return f"/{folder}/…" if slash else ROOT


class Crawls:
    """Pairs of a machine and a folder by code; 0 is none. Codes stay valid."""

    def __init__(self) -> None:
        self._folders = [OTHER, ROOT]
        self._codes = {OTHER: 0, ROOT: 1}
        self._pairs = KeyTable()
        self._pairs.intern(np.zeros(1, dtype=np.uint64))

    def fold(self, pages: Sequence[str]) -> Codes:
        """Return the code of the first folder of each page."""
        return np.array([self._code(first_folder(page)) for page in pages], dtype=np.int32)

    @property
    def folders(self) -> Sequence[str]:
        """The folders by code; 0 stands for what is in none that is told apart."""
        return self._folders

    def _code(self, folder: str) -> int:
        code = self._codes.get(folder)
        if code is None:
            if len(self._folders) > MAX_FOLDERS:
                return 0
            code = self._codes[folder] = len(self._folders)
            self._folders.append(folder)
        return code

    def pair(self, machines: Codes, folders: Codes) -> Codes:
        """Return the code of each pair of codes."""
        if self._pairs.count > MAX_CRAWLS:
            folders = np.zeros_like(folders)
        return self._pairs.intern(machines.astype(np.uint64) << _HALF_BITS | folders.astype(np.uint64))

    def name(self, code: int) -> tuple[int, str]:
        """Return the code of the machine, and the folder."""
        key = int(self._pairs.keys[code])
        return key >> 32, self._folders[key & 0xFFFFFFFF]
