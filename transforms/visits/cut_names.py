"""Cuts names where a run meets too many of them: names that few hits have become `(other)`.

A client can make up as many paths, phrases and referrers as it sends hits. Names of fewer than k hits are not published
by themselves, but all tables of visits would have to carry them. The rule is in docs/definitions.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from footfall.transforms import vocabulary
from footfall.transforms.arrays import Columns, Digests
from footfall.transforms.describing.name_links import LINK
from footfall.transforms.kernels.names import digest_names, join_parts
from footfall.transforms.visits.visit_rows import PAGE_VIEW, TEXT_COLUMNS

Kept = tuple[int, bytes]
"""For a share of the names: the number of those that fewer than k hits have, and the digests of the others."""
_OTHER_TEXT = vocabulary.OTHER
_OTHER_LINK = join_parts([LINK, vocabulary.OTHER, vocabulary.OTHER])
_OTHER_ARRIVAL = join_parts(["other", vocabulary.OTHER, "", "", ""])
_TEXTS = [_OTHER_TEXT, _OTHER_LINK, _OTHER_ARRIVAL]
_DIGESTS = digest_names(_TEXTS)


def has_too_many(rare_names: int) -> bool:
    """Whether a run has so many names that few hits have that these are cut."""
    return rare_names > vocabulary.MOST_RARE_NAMES


class NameCutter:
    """Cuts the names that are not kept, if there are too many of them."""

    def __init__(self, kept: Sequence[Kept]) -> None:
        self.cuts = has_too_many(sum(rare for rare, _ in kept))
        shares = [np.frombuffer(digests, dtype=np.uint64) for _, digests in kept] if self.cuts else []
        self._kept: Digests = np.sort(np.concatenate([*shares, np.zeros(1, dtype=np.uint64)]))

    def cut(self, rows: Columns) -> Columns:
        """Return VISIT_ROWS, in which names that are not kept are `(other)`; 0 stays, as it means no name."""
        if not self.cuts:
            return rows
        changed = dict(rows)
        text, link, arrival = _DIGESTS
        is_view = rows["flags"] & np.uint8(PAGE_VIEW) > 0
        for name in TEXT_COLUMNS:
            names = rows[name]
            place = np.minimum(np.searchsorted(self._kept, names), len(self._kept) - 1)
            # Of a hit that is no page view, the acquisition is the link that it followed.
            other = np.where(is_view, arrival, link) if name == "acquisition" else text
            changed[name] = np.where(self._kept[place] == names, names, other)
        return changed

    def names(self) -> pa.Table:
        """Return the name that cut names get, as a table of names."""
        return pa.table({"id": pa.array(_DIGESTS), "text": pa.array(_TEXTS, pa.string())})
