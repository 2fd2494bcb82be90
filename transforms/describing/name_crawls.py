"""Gives codes to the folders of a site, to what each bot requests in them, and to the errors that it gets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Digests, Ints, Words
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.vocabulary import OTHER

ROOT: Final = "/"
"""The group of pages that are in no folder."""
MAX_FOLDERS: Final = 20_000
"""The most folders that a worker distinguishes; bots make some up."""
MAX_CRAWLS: Final = 400_000
MAX_ERROR_PAGES: Final = 500_000
"""The most pages of errors that a worker distinguishes; bots make some up."""
MAX_CRAWL_ERRORS: Final = 2_000_000
_HALF_BITS: Final = np.uint64(32)
_STATUS_AT, _MACHINE_AT = np.uint64(32), np.uint64(42)
_LOWER_BITS: Final = np.uint64((1 << 32) - 1)
_STATUS_BITS: Final = np.uint64((1 << 10) - 1)


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
        """The folders by code; 0 stands for paths in no folder that is distinguished."""
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

    def parts(self, codes: Words) -> tuple[Words, Words]:
        """Return the codes of the machine and of the folder of each pair."""
        pairs = self._pairs.keys[codes]
        return pairs >> _HALF_BITS, pairs & _LOWER_BITS


class CrawlErrors:
    """A machine, the page at which it met an error, and the status, by code; 0 is none. Codes stay valid."""

    def __init__(self) -> None:
        self._pages = KeyTable()
        self._errors = KeyTable()
        for table in (self._pages, self._errors):
            table.intern(np.zeros(1, dtype=np.uint64))
        self._folder_of = np.zeros(1, dtype=np.int32)

    def code(self, machines: Codes, statuses: Ints, pages: Digests, folders: Codes) -> Codes:
        """Return the code of each error; of pages that are too many, nothing but the folder is kept apart."""
        if self._pages.count > MAX_ERROR_PAGES or self._errors.count > MAX_CRAWL_ERRORS:
            # Folders are few, and no digest is as small as their codes.
            pages = folders.astype(np.uint64)
        codes = self._pages.intern(pages)
        known = len(self._folder_of)
        if known < self._pages.count:
            self._folder_of = np.concatenate([self._folder_of, np.zeros(self._pages.count - known, dtype=np.int32)])
            is_new = codes >= known
            self._folder_of[codes[is_new]] = folders[is_new]
        errors: Words = machines.astype(np.uint64) << _MACHINE_AT | statuses.astype(np.uint64) << _STATUS_AT
        return self._errors.intern(errors | codes.astype(np.uint64))

    def parts(self, codes: Words) -> tuple[Words, Words, Digests, Codes]:
        """Return the code of the machine, the status, the digest of the page and the code of its folder, of each."""
        errors = self._errors.keys[codes]
        pages = errors & _LOWER_BITS
        statuses = errors >> _STATUS_AT & _STATUS_BITS
        return errors >> _MACHINE_AT, statuses, self._pages.keys[pages], self._folder_of[pages]
