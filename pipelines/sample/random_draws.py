"""Random numbers for the sample log that are the same on every platform and NumPy version.

Only `Generator.random` is used, whose stream is the most stable; all distributions are looked up in tables. Zipf
weights are plain divisions and the quantiles of log-normal distributions whole numbers, so that rounding differences
between mathematical libraries do not change the log.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Floats, Ints

_QUANTILES = 4096


@dataclass(frozen=True)
class WeightedChoice:
    """Values (int64) and their cumulative probabilities, which end with 1."""

    values: Ints
    cumulative: Floats

    @classmethod
    def of(cls, values: Sequence[int] | Ints, weights: Sequence[float] | Floats) -> WeightedChoice:
        """A choice with the given weights, which need not add up to 1."""
        cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
        return cls(np.asarray(values, dtype=np.int64), cumulative / cumulative[-1])

    @classmethod
    def zipf(cls, values: Sequence[int] | Ints, offset: int = 3) -> WeightedChoice:
        """A Zipf-like choice: the weight of the value with rank r is 1 / (r + offset)."""
        return cls.of(values, [1.0 / (rank + offset) for rank in range(len(values))])

    @classmethod
    def uniform(cls, values: Sequence[int] | Ints) -> WeightedChoice:
        """A choice among equally likely values."""
        return cls.of(values, np.ones(len(values)))


@dataclass(frozen=True)
class LogNormal:
    """A log-normal distribution of whole numbers, as a table of its quantiles."""

    quantiles: Ints

    @classmethod
    def of(cls, median: float, sigma: float, low: int, high: int) -> LogNormal:
        """The distribution with this median, clipped to `low` … `high`; `sigma` is that of the logarithm."""
        normal = NormalDist()
        steps = ((i + 0.5) / _QUANTILES for i in range(_QUANTILES))
        values = (round(median * math.exp(sigma * normal.inv_cdf(step))) for step in steps)
        return cls(np.array([min(max(value, low), high) for value in values], dtype=np.int64))


class RandomSource:
    """A reproducible random number generator."""

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def uniform(self, count: int) -> Floats:
        """`count` numbers in [0, 1)."""
        return self._generator.random(count)

    def chance(self, count: int, probability: float | Floats) -> NDArray[np.bool_]:
        """True with the given probability."""
        result: NDArray[np.bool_] = self._generator.random(count) < probability
        return result

    def below(self, count: int, limit: int | Ints) -> Ints:
        """Whole numbers from 0 to `limit` - 1."""
        return (self._generator.random(count) * limit).astype(np.int64)

    def between(self, count: int, low: int, high: int) -> Ints:
        """Whole numbers from `low` to `high` - 1."""
        return self.below(count, high - low) + low

    def pick(self, choice: WeightedChoice, count: int) -> Ints:
        """`count` values of a weighted choice."""
        place = np.searchsorted(choice.cumulative, self._generator.random(count), side="right")
        return choice.values[np.minimum(place, len(choice.values) - 1)]

    def draw(self, distribution: LogNormal, count: int) -> Ints:
        """`count` values of a log-normal distribution."""
        return distribution.quantiles[self.below(count, _QUANTILES)]

    def shuffled(self, count: int) -> Ints:
        """The numbers from 0 to `count` - 1 in random order."""
        return np.argsort(self._generator.random(count), kind="stable").astype(np.int64)

    def hex_texts(self, count: int, digits: int) -> list[str]:
        """Random hexadecimal texts with this many digits each, drawn in groups of at most 12."""
        parts = [self.below(count, 16 ** min(12, digits - start)) for start in range(0, digits, 12)]
        widths = [min(12, digits - start) for start in range(0, digits, 12)]
        columns = [[f"{value:0{width}x}" for value in part.tolist()] for part, width in zip(parts, widths, strict=True)]
        return ["".join(pieces) for pieces in zip(*columns, strict=True)]
