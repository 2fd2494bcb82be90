"""Spells paths in one way, so that a page that is asked for under several spellings is one page.

Two spellings are one page where servers answer both alike or send the one to the other: slashes (`//`), dots (`/./`,
`/a/../`), the name of an index file, a slash at the end, and decomposed letters. A redirect is no page view, so that of
a spelling that redirects the target alone counts. RFC 3986 would allow different pages for a folder with and without
its slash, but no server or framework does that by itself. (A page that was named by what happened on its day would have
two names within a month.) Letter case counts, unless the settings say otherwise (`letter-case`).

Sources: RFC 3986, section 6.2.2; the manuals of nginx (`index`, `merge_slashes`), Apache (mod_dir) and IIS (default
documents); Unicode Annex 15.
"""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Callable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

AFTER_PATHS: Final = r"(?s);[^/]*|[?#].*$"
"""Parameters of a decoded path's segments, and what follows a path; neither is part of a page."""
_UNRESOLVED: Final = r"//|/\.{1,2}(?:/|$)"
_INDEX_FILE: Final = r"(?i)/(?:index|default)\.(?:s?x?html?|php[3-8]?|aspx?|jspx?|cgi|pl|cfm|do)$"


def spell_paths(paths: pa.StringArray, *, keeps_index: bool = False) -> pa.StringArray:
    """Return the spelling of each path under which it counts.

    `paths` are decoded, and without parameters and query; texts that begin with no slash stay as they are, and so does
    null. With `keeps_index` the names of index files stay.

    >>> spell_paths(pa.array(["/a//b/./c/../index.html", "/b/", "/Default.asp", "*"])).to_pylist()
    ['/a/b', '/b', '/', '*']
    """
    is_path = pc.fill_null(pc.starts_with(paths, "/"), False)
    paths = _replace(paths, pc.and_(is_path, pc.match_substring_regex(paths, _UNRESOLVED)), _resolve)
    paths = _replace(paths, pc.and_(is_path, pc.invert(pc.string_is_ascii(paths))), _compose)
    if not keeps_index:
        paths = pc.replace_substring_regex(paths, _INDEX_FILE, "/")
    return pc.replace_substring_regex(paths, r"^(/.*[^/])/+$", r"\1")


def compose_letters(texts: pa.StringArray) -> pa.StringArray:
    """Return texts with letters and their accents composed (Unicode NFC)."""
    return _replace(texts, pc.invert(pc.string_is_ascii(texts)), _compose)


def _replace(paths: pa.StringArray, where: pa.BooleanArray, spell: Callable[[str], str]) -> pa.StringArray:
    where = pc.fill_null(where, False)
    if not pc.any(where).as_py():
        return paths
    return pc.replace_with_mask(paths, where, pa.array([spell(path) for path in paths.filter(where).to_pylist()]))


def _resolve(path: str) -> str:
    """Resolve dots and doubled slashes; a slash at the end stays."""
    resolved = posixpath.normpath("/" + path.lstrip("/"))
    return resolved + "/" if path.endswith("/") and resolved != "/" else resolved


def _compose(path: str) -> str:
    return unicodedata.normalize("NFC", path)
