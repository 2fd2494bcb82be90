"""Names the links that led to nothing: the page that is missing, and where the link to it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Digests
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.names import NameDictionary, join_parts

LINK: Final = "link"
"""The first part of the name of a link; the others are the page that it leads to, and the page or host it stands on."""
MISSING: Final = (404, 410)
"""Statuses of what is not there, or not any more."""
_HALF_BITS: Final = np.uint64(32)


def name_links(
    names: NameDictionary,
    pages: Digests,
    referrers: Codes,
    sites: Codes,
    stands_on: Callable[[int, int], str],
) -> Digests:
    """Return the digest of the name of each link, 0 where no link led there, and add the names to `names`.

    `pages` are the digests of what was asked for, all in `names`; `stands_on` returns for the codes of a referrer and a
    site the page or host on which the link stands, or an empty text.
    """
    if len(pages) == 0:
        return pages
    targets, origins, links = KeyTable(), KeyTable(), KeyTable()
    target = targets.intern(pages).astype(np.uint64)
    origin = origins.intern(referrers.astype(np.uint64) << _HALF_BITS | sites.astype(np.uint64)).astype(np.uint64)
    codes = links.intern(target << _HALF_BITS | origin)
    texts = names.table(targets.keys)["text"].to_pylist()
    places = [stands_on(key >> 32, key & 0xFFFFFFFF) for key in origins.keys.tolist()]
    pairs = [(key >> 32, key & 0xFFFFFFFF) for key in links.keys.tolist()]
    named = [place for place, (_, own) in enumerate(pairs) if places[own]]
    digests = np.zeros(len(pairs), dtype=np.uint64)
    if named:
        digests[named] = names.add([join_parts((LINK, texts[pairs[i][0]], places[pairs[i][1]])) for i in named])
    return digests[codes]
