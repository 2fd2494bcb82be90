"""Tables of the distinct strings of one kind, with columns that describe them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Codes, Columns, Digests, Key, Offsets
from footfall.transforms.kernels.digests import digest_spans
from footfall.transforms.kernels.intern_strings import StringTable
from footfall.transforms.values.decode_texts import decode_texts


class DescribedStrings:
    """Distinct strings and columns that describe them, with one row per code; row 0 is the absent string.

    `absent` names the columns and gives the values of row 0.
    """

    def __init__(self, **absent: np.generic) -> None:
        self.strings = StringTable()
        self._absent = absent
        self.columns: Columns = {name: np.array([value]) for name, value in absent.items()}

    def clear(self) -> None:
        """Forget all strings and their descriptions."""
        self.strings.clear()
        self.columns = {name: np.array([value]) for name, value in self._absent.items()}

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def intern(self, block: Bytes, begins: Offsets, ends: Offsets) -> Codes:
        """The code of each string. It is a row of the columns once the string has been described."""
        return self.strings.intern(block, begins, ends)

    @property
    def described(self) -> int:
        """The number of strings with a description, the absent one among them."""
        return len(next(iter(self.columns.values())))

    def new_texts(self) -> pa.StringArray | None:
        """The strings without a description, decoded; None if there are none."""
        raw = self._new_bytes()
        return None if raw is None else decode_texts(raw)

    def new_digests(self, key: Key) -> Digests:
        """The keyed digests of the strings without a description."""
        raw = self._new_bytes()
        if raw is None:
            return np.zeros(0, dtype=np.uint64)
        offsets = np.frombuffer(raw.buffers()[1], dtype=np.int64)
        content = np.zeros(len(raw.buffers()[2]) + 16, dtype=np.uint8)
        content[:-16] = np.frombuffer(raw.buffers()[2], dtype=np.uint8)
        return digest_spans(key, content, offsets[:-1], offsets[1:])

    def _new_bytes(self) -> pa.LargeBinaryArray | None:
        return None if self.described == self.strings.count else self.strings.bytes_since(self.described)

    def append(self, **values: NDArray[np.generic]) -> None:
        """Add the descriptions of the strings that `new_texts` returned: one array per column."""
        for name, column in values.items():
            self.columns[name] = np.concatenate([self.columns[name], column.astype(self.columns[name].dtype)])
