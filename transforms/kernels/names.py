"""Public texts (pages, sites, locations) as eight-byte digests, so that each text is sent between steps only once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Digests, HalfDigests
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import FIXED_KEY, digest_spans
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.vocabulary import SEPARATOR

MAX_NAMES: Final = 500_000
MAX_NAME_BYTES: Final = 32 * 2**20
"""Limits of a NameDictionary."""


def join_parts(parts: Iterable[str]) -> str:
    """Join the values of several columns to one name.

    >>> join_parts(["EU", "DE"]).split(SEPARATOR)
    ['EU', 'DE']
    """
    return SEPARATOR.join(parts)


def digest_names(texts: Sequence[str]) -> Digests:
    """Return the digest of each text under the fixed key; never 0, which means no name."""
    return _digest_strings(pa.array(texts, pa.string()))


def half_digests(texts: Sequence[str]) -> HalfDigests:
    """The lower half of the digest of each text, 0 of an empty one."""
    return np.where([bool(text) for text in texts], digest_names(texts), np.uint64(0)).astype(np.uint32)


def texts_by_code(texts: Sequence[str], codes: NDArray[Any]) -> pa.StringArray:
    """Return the text of each code; only texts that occur are encoded, and each once.

    >>> texts_by_code(["a", "b", "c"], np.array([2, 0, 2])).to_pylist()
    ['c', 'a', 'c']
    """
    distinct, places = np.unique(codes, return_inverse=True)
    return pa.array([texts[code] for code in distinct.tolist()], pa.string()).take(pa.array(places))


def _digest_strings(strings: pa.StringArray) -> Digests:
    """Return the digest of each string of an array that is not a slice of another one."""
    _, offsets, content = strings.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[: len(strings) + 1].astype(np.int64)
    digests = digest_spans(FIXED_KEY, padded(content or b""), ends[:-1], ends[1:])
    return np.maximum(digests, np.uint64(1))


class NameDictionary:
    """Maps the digests that a worker has issued back to their texts."""

    def __init__(self) -> None:
        self._kept: dict[str, None] = {}
        self._codes = KeyTable()
        self._texts: list[pa.StringArray] = []
        self.clear()

    def add(self, texts: Sequence[str], *, keep: bool = False) -> Digests:
        """Remember texts and return their digests. Texts added with `keep` survive `clear`."""
        strings = pa.array(texts, pa.string())
        digests = _digest_strings(strings)
        before = self._codes.count
        codes = self._codes.intern(digests)
        first = np.unique(codes, return_index=True)[1]
        # `_texts` is indexed by code, so new texts are appended in the order of their codes.
        new = strings.take(pa.array(first[codes[first] >= before]))
        self._texts.append(new)
        self._bytes += new.nbytes
        if keep:
            self._kept.update(dict.fromkeys(texts))
        return digests

    def table(self, digests: Digests) -> pa.Table:
        """Return a table of the names of digests, except 0: `id` (uint64), `text`. Raises KeyError for unknown ones."""
        ids = digests[digests > 0]
        self._texts = [pa.concat_arrays(self._texts)]
        count = self._codes.count
        codes = self._codes.intern(ids)
        if self._codes.count > count:
            raise KeyError("names: a digest is unknown, expected one issued since the last clear: add its text again")
        return pa.table({"id": pa.array(ids, pa.uint64()), "text": self._texts[0].take(pa.array(codes))})

    @property
    def is_full(self) -> bool:
        """Whether there are more than MAX_NAMES names, or longer ones than MAX_NAME_BYTES, so that `clear` is due."""
        return self._codes.count > MAX_NAMES or self._bytes > MAX_NAME_BYTES

    def clear(self) -> None:
        """Remove all names that are not kept. Their digests become unknown."""
        self._codes = KeyTable()
        self._texts = [pa.array([], pa.string())]
        self._bytes = 0
        self.add(list(self._kept), keep=True)
