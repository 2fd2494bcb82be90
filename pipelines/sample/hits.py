"""The hits of the sample log as columns, and the responses of the site's servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from footfall.pipelines.sample.random_draws import LogNormal, RandomSource
from footfall.pipelines.sample.site import Kind, Requests
from footfall.transforms.arrays import Flags, Floats, Ints, Objects

NO_COOKIE: Final = "-"
NO_SIZE: Final = -1
"""Stands for a response size that the server logs as `-`."""


@dataclass(frozen=True)
class Hits:
    """Requests and their responses, one row each."""

    time_ms: Ints
    address: Objects
    agent: Ints
    request: Ints
    status: Ints
    size: Ints
    referrer: Ints
    """Numbers of external referrers, followed by the site's own requests as internal referrers."""
    cookie: Objects
    duration_ms: Ints

    def __len__(self) -> int:
        return len(self.time_ms)

    def take(self, rows: Ints | Flags) -> Hits:
        """The hits of the given rows."""
        return Hits(*(column[rows] for column in vars(self).values()))

    @classmethod
    def joined(cls, parts: Sequence[Hits]) -> Hits:
        """The rows of all parts, concatenated."""
        return cls(*(np.concatenate(columns) for columns in zip(*(vars(part).values() for part in parts), strict=True)))


def object_column(values: Sequence[str]) -> Objects:
    """Texts as an array that can be indexed by arrays."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


class Servers:
    """Responds to requests: mostly as the site defines, with occasional errors, and with bursts of many errors."""

    _DURATIONS: Final = {
        Kind.DOCUMENT: LogNormal.of(85, 0.8, 4, 59_000),
        Kind.API: LogNormal.of(35, 0.9, 1, 59_000),
        Kind.FORM: LogNormal.of(140, 0.7, 10, 59_000),
        Kind.FILE: LogNormal.of(900, 0.8, 40, 59_000),
        Kind.ASSET: LogNormal.of(2, 1.0, 0, 9_000),
    }
    _QUICK: Final = LogNormal.of(1, 0.8, 0, 900)

    def __init__(self, rng: RandomSource, requests: Requests, begin_ms: int, end_ms: int, hard_cases: bool) -> None:
        self._kinds = np.array(requests.kinds, dtype=np.int64)
        self._statuses = np.array(requests.statuses, dtype=np.int64)
        self._sizes = np.array(requests.sizes, dtype=np.int64)
        bursts = 1 + (end_ms - begin_ms) // (2 * 86_400_000)
        starts = begin_ms + rng.below(bursts, end_ms - begin_ms)
        self._bursts = list(
            zip(starts.tolist(), (starts + rng.between(bursts, 300_000, 1_200_000)).tolist(), strict=True)
        )
        self._no_size_share = 0.02 if hard_cases else 0.0

    def answer(self, rng: RandomSource, request: Ints, time_ms: Ints, by_people: bool) -> tuple[Ints, Ints, Ints]:
        """Status, size in bytes and duration in milliseconds of each response."""
        count = len(request)
        kind, status, size = self._kinds[request], self._statuses[request], self._sizes[request]
        document, asset = kind == Kind.DOCUMENT, kind == Kind.ASSET
        fails: Floats = np.where(document | (kind == Kind.API), 0.0008, 0.0)
        for begin, end in self._bursts:
            fails[(time_ms >= begin) & (time_ms < end) & (fails > 0)] = 0.5
        chance = rng.uniform(count)
        unchanged = (asset & (chance < (0.2 if by_people else 0.02))) | (
            document & (chance < (0.02 if by_people else 0.12))
        )
        gone = (document | asset) & (chance > 0.9985) & by_people
        failed = rng.uniform(count) < fails
        status = np.where(unchanged, 304, np.where(gone, 499, status))
        status = np.where(failed, np.where(chance < 0.5, 503, 502), status)
        varied = (size * (0.92 + 0.16 * rng.uniform(count))).astype(np.int64)
        size = np.where(document, varied, size)
        size = np.where(unchanged & (chance < self._no_size_share * 0.2), NO_SIZE, np.where(unchanged | gone, 0, size))
        size = np.where(failed, 512, size)
        duration = rng.draw(self._QUICK, count)
        for one, distribution in self._DURATIONS.items():
            rows = np.flatnonzero((kind == one) & ~unchanged)
            duration[rows] = rng.draw(distribution, len(rows))
        return status, size, duration
