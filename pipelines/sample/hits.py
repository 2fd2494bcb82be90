"""The hits of the sample log as columns, and how the site's servers answer them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from footfall.pipelines.sample.random_draws import Dice, Floats, LogNormal
from footfall.pipelines.sample.site import Kind, Requests
from footfall.transforms.arrays import Ints

Bools = NDArray[np.bool_]
Objects = NDArray[np.object_]

NO_COOKIE: Final = "-"
NO_SIZE: Final = -1
"""A size that the server logs as `-`."""


@dataclass(frozen=True)
class Hits:
    """Requests and their answers, a row each."""

    time_ms: Ints
    address: Objects
    agent: Ints
    request: Ints
    status: Ints
    size: Ints
    referrer: Ints
    """External referrers by number, and after them every request of the site as an internal one."""
    cookie: Objects
    duration_ms: Ints

    def __len__(self) -> int:
        return len(self.time_ms)

    def take(self, rows: Ints | Bools) -> Hits:
        """Some of the rows."""
        return Hits(*(column[rows] for column in vars(self).values()))

    @classmethod
    def joined(cls, parts: Sequence[Hits]) -> Hits:
        """The rows of all parts, one after another."""
        return cls(*(np.concatenate(columns) for columns in zip(*(vars(part).values() for part in parts), strict=True)))


def object_column(values: Sequence[str]) -> Objects:
    """Texts as a column that can be indexed by numbers."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


class Servers:
    """Answers requests: mostly as the site says, now and then with errors, and in bursts with many."""

    _DURATIONS: Final = {
        Kind.DOCUMENT: LogNormal.of(85, 0.8, 4, 59_000),
        Kind.API: LogNormal.of(35, 0.9, 1, 59_000),
        Kind.FORM: LogNormal.of(140, 0.7, 10, 59_000),
        Kind.ASSET: LogNormal.of(2, 1.0, 0, 9_000),
    }
    _QUICK: Final = LogNormal.of(1, 0.8, 0, 900)

    def __init__(self, dice: Dice, requests: Requests, begin_ms: int, end_ms: int, hard_cases: bool) -> None:
        self._kinds = np.array(requests.kinds, dtype=np.int64)
        self._statuses = np.array(requests.statuses, dtype=np.int64)
        self._sizes = np.array(requests.sizes, dtype=np.int64)
        bursts = 1 + (end_ms - begin_ms) // (2 * 86_400_000)
        starts = begin_ms + dice.below(bursts, end_ms - begin_ms)
        self._bursts = list(
            zip(starts.tolist(), (starts + dice.between(bursts, 300_000, 1_200_000)).tolist(), strict=True)
        )
        self._no_size_share = 0.02 if hard_cases else 0.0

    def answer(self, dice: Dice, request: Ints, time_ms: Ints, by_people: bool) -> tuple[Ints, Ints, Ints]:
        """Status, size in bytes and duration in milliseconds of every answer."""
        count = len(request)
        kind, status, size = self._kinds[request], self._statuses[request], self._sizes[request]
        document, asset = kind == Kind.DOCUMENT, kind == Kind.ASSET
        fails: Floats = np.where(document | (kind == Kind.API), 0.0008, 0.0)
        for begin, end in self._bursts:
            fails[(time_ms >= begin) & (time_ms < end) & (fails > 0)] = 0.5
        chance = dice.uniform(count)
        unchanged = (asset & (chance < (0.2 if by_people else 0.02))) | (
            document & (chance < (0.02 if by_people else 0.12))
        )
        gone = (document | asset) & (chance > 0.9985) & by_people
        failed = dice.uniform(count) < fails
        status = np.where(unchanged, 304, np.where(gone, 499, status))
        status = np.where(failed, np.where(chance < 0.5, 503, 502), status)
        varied = (size * (0.92 + 0.16 * dice.uniform(count))).astype(np.int64)
        size = np.where(document, varied, size)
        size = np.where(unchanged & (chance < self._no_size_share * 0.2), NO_SIZE, np.where(unchanged | gone, 0, size))
        size = np.where(failed, 512, size)
        duration = dice.draw(self._QUICK, count)
        for one, distribution in self._DURATIONS.items():
            rows = np.flatnonzero((kind == one) & ~unchanged)
            duration[rows] = dice.draw(distribution, len(rows))
        return status, size, duration
