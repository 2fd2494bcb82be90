"""Names in eight bytes: public texts (pages, sites, places) travel as fixed digests, and once each as texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Digests
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import FIXED_KEY, digest_spans
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.vocabulary import SEPARATOR

MAX_NAMES: Final = 500_000
"""Some hundred megabytes."""


def join_parts(parts: Iterable[str]) -> str:
    """One text for a name of several columns.

    >>> join_parts(["EU", "DE"]).split(SEPARATOR)
    ['EU', 'DE']
    """
    return SEPARATOR.join(parts)


def digest_names(texts: Sequence[str]) -> Digests:
    """The fixed digest of each text, never 0: 0 stands for no name."""
    contents = [text.encode() for text in texts]
    ends = np.cumsum([len(content) for content in contents], dtype=np.int64)
    begins = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]]) if len(ends) else ends
    digests = digest_spans(FIXED_KEY, padded(b"".join(contents)), begins, ends)
    return np.maximum(digests, np.uint64(1))


class NameDictionary:
    """The texts behind the digests that a worker has given out."""

    def __init__(self) -> None:
        self._kept: dict[str, None] = {}
        self._codes = KeyTable()
        self._texts: list[pa.StringArray] = []
        self.clear()

    def add(self, texts: Sequence[str], *, keep: bool = False) -> Digests:
        """The digest of each text, which is remembered; with `keep` for good."""
        digests = digest_names(texts)
        before = self._codes.count
        codes = self._codes.intern(digests)
        first = np.unique(codes, return_index=True)[1]
        # In the order of their codes.
        new = [texts[row] for row in first[codes[first] >= before].tolist()]
        self._texts.append(pa.array(new, pa.string()))
        if keep:
            self._kept.update(dict.fromkeys(texts))
        return digests

    def table(self, digests: Digests) -> pa.Table:
        """The names of these digests: `id` (uint64), `text`; 0 has none. Raises KeyError for one that is unknown."""
        ids = digests[digests > 0]
        self._texts = [pa.concat_arrays(self._texts)]
        known = self._codes.count
        codes = self._codes.intern(ids)
        if self._codes.count > known:
            raise KeyError("a digest was given out before the names were cleared")
        return pa.table({"id": pa.array(ids, pa.uint64()), "text": self._texts[0].take(pa.array(codes))})

    @property
    def is_full(self) -> bool:
        """Whether it is time to `clear`."""
        return self._codes.count > MAX_NAMES

    def clear(self) -> None:
        """Forget the names that are not kept; digests of theirs that were given out before mean nothing then."""
        self._codes = KeyTable()
        self._texts = [pa.array([], pa.string())]
        self.add(list(self._kept), keep=True)
