"""Looks up what was learned about sites, pages and agents from all clients of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.behaviour.releases import Releases
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.tables.published import PARTIAL_TABLES


class Learned:
    """The LEARNED_TABLES of a run, from the bytes of their shares by `table/share`; all threads may look up at once."""

    def __init__(self, tables: Mapping[str, bytes]) -> None:
        self._shares: dict[str, list[bytes]] = {}
        for key, content in tables.items():
            self._shares.setdefault(key.partition("/")[0], []).append(content)
        self._lookups: dict[str, _Lookup] = {}
        self._decoding = Lock()

    def find(self, table: str, *keys: NDArray[Any]) -> Columns:
        """Return the measures of a table for each row of its keys, 0 where it has none."""
        with self._decoding:
            if table not in self._lookups:
                partial, content = PARTIAL_TABLES[table], self.table(table)
                keys_of = [content[name] for name in partial.keys]
                self._lookups[table] = _Lookup(keys_of, {name: content[name] for name in partial.measures})
        return self._lookups[table].find(*keys)

    def table(self, name: str) -> pa.Table:
        """Return one of the tables, empty if nothing is in it; it may be long, and is decoded each time."""
        shares = [decode_table(content) for content in self._shares.get(name, [])]
        return pa.concat_tables(shares) if shares else PARTIAL_TABLES[name].schema.empty_table()

    @cached_property
    def releases(self) -> Releases:
        """How old the browsers of people are."""
        return Releases(self.table("releases"))

    def has_agents(self, day: Ints) -> NDArray[np.bool_]:
        """Return whether a hit of each day has an agent."""
        habits = self.table("site_habits")
        with_agent = habits["day"].to_numpy()[habits["with_agent"].to_numpy() > 0]
        return np.isin(day, with_agent)


_opened: list[tuple[Mapping[str, bytes], Learned]] = []
_opening = Lock()


def open_learned(tables: Mapping[str, bytes]) -> Learned:
    """Return what was learned in a run; the threads of a process share it, as it is the same for all buckets."""
    with _opening:
        if not _opened or _opened[0][0] != tables:
            _opened[:] = [(tables, Learned(tables))]
        return _opened[0][1]


class DaysAndSites:
    """The distinct pairs of a day and a site among rows, which are few."""

    def __init__(self, day: Ints, site: Words) -> None:
        table = KeyTable()
        self._codes = table.intern(mix_keys(day, site))
        row_of = np.zeros(table.count, dtype=np.int64)
        row_of[self._codes] = np.arange(len(day))
        self.keys = list(zip(day[row_of].tolist(), site[row_of].tolist(), strict=True))
        """(day, digest of the site) of each pair."""

    def spread(self, values: Sequence[int], dtype: type[np.generic]) -> NDArray[Any]:
        """Return the value of each row's pair; there is one of each of `keys`."""
        return np.array(values, dtype=dtype)[self._codes]


class _Lookup:
    """The measures of a table by its keys."""

    def __init__(self, keys: Sequence[pa.ChunkedArray], measures: Mapping[str, pa.ChunkedArray]) -> None:
        self._keys = KeyTable()
        self._keys.intern(mix_keys(*(key.to_numpy() for key in keys)))
        self._measures = {name: np.append(values.to_numpy(), 0) for name, values in measures.items()}

    def find(self, *keys: NDArray[Any]) -> Columns:
        """Return the measures for each row of keys, 0 where there are none."""
        # What is not there is the last row, of zeros.
        found = self._keys.find(mix_keys(*keys))
        found[found < 0] = self._keys.count
        return {name: take_rows(values, found) for name, values in self._measures.items()}
