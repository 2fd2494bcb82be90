"""Judges from what a request asks for what kind of thing it is: a document, a part of one, or what machines ask for.

A browser asks for the images, scripts, fonts and icons of a page by itself; a program that reads pages does so seldom.
Style sheets are a kind of their own: crawlers that look for links to images and fonts read them as well. Texts and
downloads need no parts. The kinds serve to judge behaviour, and say which hits are page views. The table is
`path_conventions`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from footfall.transforms.describing.path_conventions import (
    ADVICE,
    API,
    BACKGROUND,
    CONVENTIONS,
    DOCUMENT,
    FEED,
    FILE,
    FORM,
    ICON,
    NOTHING,
    PART,
    PATH_KINDS,
    ROBOTS,
    STYLE,
    TEXT,
)
from footfall.transforms.describing.scrub_texts import decode_percent
from footfall.transforms.describing.spell_paths import AFTER_PATHS, spell_paths

__all__ = [
    "ADVICE",
    "API",
    "BACKGROUND",
    "DOCUMENT",
    "FEED",
    "FILE",
    "FORM",
    "ICON",
    "IS_READ",
    "NOTHING",
    "PART",
    "PATH_KINDS",
    "ROBOTS",
    "STYLE",
    "TEXT",
    "judge_paths",
    "judge_urls",
]

IS_READ: Final = np.array([kind in (DOCUMENT, FORM, TEXT) for kind in range(len(PATH_KINDS))], dtype=np.bool_)
"""Whether things of a kind are documents, which people read."""

_Rules = list[tuple[int, bool, str]]


def _together(patterns: Iterable[tuple[int, bool, str]]) -> _Rules:
    """Return (kind, doubtful, pattern) with the patterns of neighbours that agree in both made one."""
    return [
        (kind, doubtful, "|".join(f"(?:{pattern})" for _, _, pattern in group))
        for (kind, doubtful), group in groupby(patterns, key=lambda one: one[:2])
    ]


_OF_PATHS: Final = _together((one.kind, one.doubtful, one.paths) for one in CONVENTIONS if one.paths)
_OF_URLS: Final = _together((one.kind, one.doubtful, one.urls) for one in CONVENTIONS if one.urls)


def judge_paths(paths: pa.StringArray) -> pa.Table:
    """Return the kind of each path, and whether its convention is doubtful.

    `paths` are percent-encoded and have no scheme, host and query; null and what begins with no slash are `nothing`.
    Pass distinct ones. Returns the columns `kind` (an index of `PATH_KINDS`) and `doubtful` (bool).

    >>> judged = judge_paths(pa.array(["/", "/a.PNG", "/robots.txt", "/login", "/api/7", "*"]))
    >>> [PATH_KINDS[kind] for kind in judged["kind"].to_pylist()]
    ['document', 'part', 'robots', 'form', 'api', 'nothing']
    """
    plain = pc.replace_substring_regex(decode_percent(pc.fill_null(paths, "")), AFTER_PATHS, "")
    lower = pc.utf8_lower(spell_paths(plain, keeps_index=True))
    kinds, doubtful = _judge(lower, _OF_PATHS, DOCUMENT)
    return pa.table({"kind": pa.array(kinds), "doubtful": pa.array(doubtful)})


def judge_urls(urls: pa.StringArray) -> pa.Int8Array:
    """Return the kind of each url by its query together with its path, `nothing` where the query says nothing.

    `urls` are what was asked for, with or without scheme and host.

    >>> [PATH_KINDS[kind] for kind in judge_urls(pa.array(["/a?_rsc=1x", "/?feed=rss2", "/a?page=2"])).to_pylist()]
    ['background', 'feed', 'nothing']
    """
    asked = pc.replace_substring_regex(pc.fill_null(urls, ""), r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*|#.*$", "")
    kinds = np.full(len(asked), NOTHING, np.int8)
    with_query = np.flatnonzero(pc.match_substring(asked, "?").to_numpy(zero_copy_only=False))
    if len(with_query):
        kinds[with_query] = _judge(pc.utf8_lower(asked.take(with_query)), _OF_URLS, NOTHING)[0]
    return pa.array(kinds)


def _judge(texts: pa.StringArray, rules: _Rules, otherwise: int) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return the kind of the first rule that each text matches, and whether it is doubtful."""
    kinds, doubtful = np.full(len(texts), otherwise, np.int8), np.zeros(len(texts), np.bool_)
    still_open = np.arange(len(texts))
    for kind, is_doubtful, pattern in rules:
        found = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
        kinds[still_open[found]] = kind
        doubtful[still_open[found]] = is_doubtful
        if found.any():
            still_open = still_open[~found]
            texts = texts.filter(pa.array(~found))
    return kinds, doubtful
