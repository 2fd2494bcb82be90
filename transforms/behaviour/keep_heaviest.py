"""Keeps the learned rows of a day that can decide about clients, at most a fixed number, however much clients send.

What only one client did is known where that client is judged, so it is not kept. Where a day has more agents, pages,
links or sites than real sites have, those of the fewest clients are left out: see docs/definitions.md, People and
machines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from footfall.transforms import vocabulary
from footfall.transforms.arrays import Columns, Flags, Ints
from footfall.transforms.behaviour.judge_clients import FEW_PEOPLE
from footfall.transforms.behaviour.own_hosts import keep_own_hosts
from footfall.transforms.behaviour.whole_tables import each_key_once
from footfall.transforms.tables.partial_tables import encode_table
from footfall.transforms.tables.published import PARTIAL_TABLES


class _Keeping(NamedTuple):
    """By what the rows of a table are kept."""

    weight: Sequence[str]
    """The measures whose sum is the weight of a row."""
    can_decide: Callable[[Columns], Flags] = lambda columns: np.ones(len(columns["day"]), dtype=np.bool_)
    """Which rows can decide about a client."""


_KEPT_BY: Final[Mapping[str, _Keeping]] = {
    "site_habits": _Keeping(("answered",)),
    "releases": _Keeping(("loaders",)),
    "page_needs": _Keeping(("viewers", "people"), lambda c: (c["viewers"] > 0) | (c["people"] >= FEW_PEOPLE)),
    "agent_habits": _Keeping(("clients",), lambda c: c["clients"] >= 2),
    "shape_habits": _Keeping(("addresses",)),
    "shape_follows": _Keeping(("clients",)),
    # What a link checker opened, and one or two others: at least one of them reads on.
    "openings": _Keeping(
        ("clients",), lambda c: (c["clients"] >= 2) & (c["clients"] <= 3) & (c["addresses"] >= 2) & (c["readers"] > 0)
    ),
}


class Kept(NamedTuple):
    """The rows of a learned table that are kept, and the number of those left out because there were too many."""

    rows: pa.Table
    left_out: int


def keep_heaviest(name: str, content: bytes, folder: str) -> Kept:
    """Return the kept rows of a share of one of the LEARNED_TABLES, which has whole days; `content` is an element's.

    A day keeps at most MOST_LEARNED rows: the heaviest, but of equally heavy rows all or none.
    Rows that exceed memory are in files in `folder` meanwhile.
    """
    if name == "own_hosts":
        return Kept(keep_own_hosts(content, folder), 0)
    keeping, rows, left_out = _KEPT_BY[name], PARTIAL_TABLES[name].schema.empty_table(), 0
    for part in each_key_once(PARTIAL_TABLES[name], content, folder):
        columns = {column: part[column].to_numpy() for column in part.column_names}
        found = part.filter(pa.array(keeping.can_decide(columns)))
        both = pa.concat_tables([rows, found])
        weight = np.sum([both[measure].to_numpy() for measure in keeping.weight], axis=0)
        # Each key is in one part, so that a row that is too light cannot become heavier.
        rows = both.filter(pa.array(_are_heaviest(both["day"].to_numpy(), weight, vocabulary.MOST_LEARNED)))
        left_out += len(both) - len(rows)
    return Kept(rows.combine_chunks(), left_out)


def keep_tables(tables: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """Return the kept rows of whole LEARNED_TABLES, by `table/share`."""
    return {
        key: encode_table(keep_heaviest(key.partition("/")[0], content, folder).rows) for key, content in tables.items()
    }


def _are_heaviest(day: Ints, weight: Ints, most: int) -> Flags:
    """Return which rows are kept of each day: at most so many, and all or none of equal weight."""
    kept = np.ones(len(day), dtype=np.bool_)
    for own in np.unique(day).tolist():
        rows = np.flatnonzero(day == own)
        if len(rows) > most:
            weights = weight[rows]
            kept[rows] = weights > np.partition(weights, len(rows) - most - 1)[len(rows) - most - 1]
    return kept
