"""What the settings say about pages: which are documents, other names for them, and letter case.

Globs are of whole paths, decoded and spelled as pages are: `*` stands for any characters of one segment, `**` for any
characters, `?` for one character of a segment. A `/**` at the end also stands for the folder itself. Where keys of the
query tell pages apart (`page_keys`), globs are of the whole name: `/?page=*`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from footfall.transforms.describing.spell_paths import spell_paths

_WILDCARDS: Final = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True)
class PageRules:
    """Rules of the site's own.

    What is in `include` is a document, whatever its conventions and the evidence say, unless it is in `exclude`: that
    is none. `alias` and then `group` are pairs of a glob and the page's name; the first that matches counts. With
    `ignores_case` pages, and what globs match, are in lower case. `keys` of the query distinguish pages of a path.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    alias: tuple[tuple[str, str], ...] = ()
    group: tuple[tuple[str, str], ...] = ()
    ignores_case: bool = False
    keys: tuple[str, ...] = ()

    def included(self, paths: pa.StringArray) -> pa.BooleanArray:
        """Whether each path, spelled as a page, is a document by the settings."""
        return _matches(self._cased(paths), self._pattern_of_included)

    def excluded(self, paths: pa.StringArray) -> pa.BooleanArray:
        """Whether each path, spelled as a page, is no document by the settings."""
        return _matches(self._cased(paths), self._pattern_of_excluded)

    def rename(self, paths: pa.StringArray) -> pa.StringArray:
        """Return the names by which the settings call paths, spelled as pages; they are to be scrubbed."""
        paths = self._cased(paths)
        for renamed in (self.alias, self.group):
            names, is_open = paths, pa.repeat(True, len(paths))
            for glob, name in renamed:
                found = pc.and_(is_open, _matches(paths, self._pattern((glob,))))
                names = pc.if_else(found, name, names)
                is_open = pc.and_not(is_open, found)
            paths = names
        return paths

    def _cased(self, paths: pa.StringArray) -> pa.StringArray:
        return pc.utf8_lower(paths) if self.ignores_case else paths

    @cached_property
    def _pattern_of_included(self) -> str:
        return self._pattern(self.include)

    @cached_property
    def _pattern_of_excluded(self) -> str:
        return self._pattern(self.exclude)

    def _pattern(self, globs: tuple[str, ...]) -> str:
        cased = [glob.lower() if self.ignores_case else glob for glob in globs]
        return f"(?s)^(?:{'|'.join(map(_as_pattern, map(_spell, cased)))})$" if globs else ""


NO_PAGE_RULES: Final = PageRules()


def _matches(paths: pa.StringArray, pattern: str) -> pa.BooleanArray:
    if not pattern:
        return pa.repeat(False, len(paths))
    return pc.fill_null(pc.match_substring_regex(paths, pattern), False)


def _spell(glob: str) -> str:
    """Return a glob with its path spelled as pages are; a key of a query may follow it: `/index.php?page=*`."""
    key = re.search(r"\?[\w.\[\]-]+=", glob)
    path = glob[: key.start()] if key else glob
    spelled: str = spell_paths(pa.array([path]))[0].as_py()
    return spelled + glob[len(path) :]


def _as_pattern(glob: str) -> str:
    """Return the regular expression of a glob."""
    if glob.endswith("/**"):
        return _as_pattern(glob[:-3]) + "(?:/.*)?"
    parts = re.split(r"(\*\*|\*|\?)", glob)
    return "".join(_WILDCARDS.get(part, re.escape(part)) for part in parts)
