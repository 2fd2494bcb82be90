"""Looks up what was learned about sites, pages and agents from all clients of a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.behaviour.releases import Releases
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.tables.partial_tables import decode_table
from footfall.transforms.tables.published import PARTIAL_TABLES

_MOST_UNKNOWN: Final = 200_000


class Learned:
    """The LEARNED_TABLES of a run, from the bytes of their shares by `table/share`."""

    def __init__(self, tables: Mapping[str, bytes]) -> None:
        self._shares: dict[str, list[bytes]] = {}
        for key, content in tables.items():
            self._shares.setdefault(key.partition("/")[0], []).append(content)
        self._lookups: dict[str, _Lookup] = {}
        self._needs: _Lookup | None = None

    def find(self, table: str, *keys: NDArray[Any]) -> Columns:
        """Return the measures of a table for each row of its keys, 0 where it has none."""
        if table not in self._lookups:
            partial, content = PARTIAL_TABLES[table], self.table(table)
            keys_of = [content[name] for name in partial.keys]
            self._lookups[table] = _Lookup(keys_of, {name: content[name] for name in partial.measures})
        return self._lookups[table].find(*keys)

    def table(self, name: str) -> pa.Table:
        """Return one of the tables, empty if nothing is in it; it is long, and is decoded each time."""
        shares = [decode_table(content) for content in self._shares.get(name, [])]
        return pa.concat_tables(shares) if shares else PARTIAL_TABLES[name].schema.empty_table()

    @cached_property
    def releases(self) -> Releases:
        """How old the browsers of people are."""
        return Releases(self.table("releases"))

    def needs_of_site(self, day: Ints, site: Words) -> Columns:
        """Return the measures of `page_needs` of all pages of a site together, for each day and site."""
        if self._needs is None:
            summed = (
                self.table("page_needs")
                .group_by(["day", "site"], use_threads=False)
                .aggregate([("viewers", "sum"), ("loaders", "sum")])
            )
            measures = {"viewers": summed["viewers_sum"], "loaders": summed["loaders_sum"]}
            self._needs = _Lookup([summed["day"], summed["site"]], measures)
        return self._needs.find(day, site)

    def has_agents(self, day: Ints) -> NDArray[np.bool_]:
        """Return whether a hit of each day has an agent."""
        habits = self.table("site_habits")
        with_agent = habits["day"].to_numpy()[habits["with_agent"].to_numpy() > 0]
        return np.isin(day, with_agent)


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
        self._count = self._keys.count
        self._measures = {name: np.append(values.to_numpy(), 0) for name, values in measures.items()}

    def find(self, *keys: NDArray[Any]) -> Columns:
        """Return the measures for each row of keys, 0 where there are none."""
        found = self._keys.intern(mix_keys(*keys))
        if self._keys.count > 2 * self._count + _MOST_UNKNOWN:
            # What was looked up in vain is in the table too.
            known, self._keys = self._keys.keys[: self._count], KeyTable()
            self._keys.intern(known)
        rows = np.where(found < self._count, found, self._count)
        return {name: values[rows] for name, values in self._measures.items()}
