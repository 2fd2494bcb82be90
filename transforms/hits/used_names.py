"""Counts the hits of people that refer to each name: a name with few of them is not published by itself."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Codes, Digests, Ints
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.names import NameDictionary
from footfall.transforms.tables.partial_tables import ALWAYS


class UsedNames:
    """Digests of names, and how many hits have each."""

    def __init__(self) -> None:
        self._names = KeyTable()
        self._uses: Ints = np.zeros(0, dtype=np.int64)

    def count(self, names: Digests) -> None:
        """Add the names of hits; 0 is none."""
        codes = self._codes(names)
        self._uses += np.bincount(codes, minlength=len(self._uses))

    def keep(self, names: Digests) -> None:
        """Add names that are needed however few hits have them."""
        codes = self._codes(names)
        self._uses[codes] = ALWAYS

    def _codes(self, names: Digests) -> Codes:
        """Return the code of each name."""
        codes = self._names.intern(names)
        self._uses = np.append(self._uses, np.zeros(self._names.count - len(self._uses), dtype=np.int64))
        return codes

    def table(self, dictionary: NameDictionary) -> pa.Table:
        """Return the names with their texts: `id`, `text`, `uses`. Raises KeyError for those not in the dictionary."""
        uses = self._uses[self._names.keys > 0]
        return dictionary.table(self._names.keys).append_column("uses", pa.array(uses))
