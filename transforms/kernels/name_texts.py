"""Public texts as eight bytes: pages, places, technologies, arrivals, phrases and sites between stages.

What crosses a stage boundary about a hit is numbers only; the texts travel once each, in the table `names`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.kernels.byte_kernels import padded
from transforms.kernels.digests import FIXED_KEY, digest_spans
from transforms.vocabulary import SEPARATOR

NAMES_SCHEMA: Final = pa.schema([("id", pa.uint64()), ("text", pa.string())])


def join_parts(parts: Iterable[str]) -> str:
    """One text for a name of several columns.

    >>> join_parts(["EU", "DE"]).split(SEPARATOR)
    ['EU', 'DE']
    """
    return SEPARATOR.join(parts)


def digest_names(texts: Sequence[str]) -> NDArray[np.uint64]:
    """The fixed digest of each text, never 0: 0 stands for no name."""
    contents = [text.encode() for text in texts]
    ends = np.cumsum([len(content) for content in contents], dtype=np.int64)
    begins = np.concatenate([np.zeros(1, dtype=np.int64), ends[:-1]]) if len(ends) else ends
    digests = digest_spans(FIXED_KEY, padded(b"".join(contents)), begins, ends)
    return np.maximum(digests, np.uint64(1))


class NameBook:
    """The names that a worker has used and not yet handed on."""

    def __init__(self) -> None:
        self._handed_on: set[int] = set()
        self._new: dict[int, str] = {}

    def add(self, texts: Sequence[str]) -> NDArray[np.uint64]:
        """The digest of each text; new ones are kept for `take_new`."""
        digests = digest_names(texts)
        for digest, text in zip(digests.tolist(), texts, strict=True):
            if digest not in self._handed_on:
                self._new[digest] = text
        return digests

    def take_new(self) -> pa.Table:
        """All names since the last call, schema NAMES_SCHEMA."""
        names, self._new = self._new, {}
        # Past this many a name may travel twice, which costs little; memory stays bounded.
        if len(self._handed_on) > 2_000_000:
            self._handed_on.clear()
        self._handed_on.update(names)
        return pa.table({"id": pa.array(names.keys(), pa.uint64()), "text": pa.array(names.values(), pa.string())})
