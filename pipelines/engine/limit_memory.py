"""Limits the memory of a run. With less memory it works on smaller parts, which takes longer and gives the same
result."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final, Self

FULL_MIB: Final = 1_536
"""What a run works with by default, on two cores."""
LEAST_MIB: Final = 768
"""Python, the libraries and the compiled kernels alone take a third of it."""
_FIXED_MIB: Final = 400
"""Memory that does not shrink: the libraries, and the cache of texts."""
_LESS_THREADS_MIB: Final = 1_280
"""With less, one thread works: each has a block, a batch and a bucket of its own."""
_MUCH_LOG: Final = 8 * 2**30
"""Bytes of log, some thirty million lines: the sums of more days are in memory besides what is worked on."""
_PERCENT_OF_MUCH: Final = 60
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ?([KMGT]?i?B?)", re.ASCII | re.IGNORECASE)
_UNITS: Final = {"": 1, **{unit: 1024**power for power, unit in enumerate("kmgt", 1)}}


def read_mib(text: str) -> int:
    """Return the mebibytes of a size such as 1GiB, 1G or 900MiB; all units are powers of 1024. Raises ValueError.

    >>> read_mib("1.5 GiB"), read_mib("900M")
    (1536, 900)
    """
    found = _SIZE.fullmatch(text.strip())
    size = float(found[1]) * _UNITS[found[2].lower().rstrip("b").rstrip("i")] / 2**20 if found else 0
    if size < LEAST_MIB:
        raise ValueError(f"should be a size such as 1GiB, of at least {LEAST_MIB}MiB")
    return int(size)


@dataclass(frozen=True)
class MemoryPlan:
    """What a run works on at once."""

    percent: int
    """The share of the usual size of batches, flushes and buckets."""
    threads: int
    database_mib: int = 256
    """DuckDB's limit. It puts most of the rest into files, but not all of what it works on."""

    @classmethod
    def of(cls, memory: str | None, threads: int) -> Self:
        """Return the plan for a size that `read_mib` reads, None for the default, with at most so many threads."""
        if memory is None:
            return cls(100, threads)
        size = read_mib(memory)
        percent = 100 * (size - _FIXED_MIB) // (FULL_MIB - _FIXED_MIB)
        if percent > 100:
            # Larger batches are no faster; a larger database is needed for very large logs.
            return cls(100, threads, cls.database_mib + (size - FULL_MIB) // 2)
        return cls(percent, threads if size >= _LESS_THREADS_MIB else 1, max(128, cls.database_mib * percent // 100))

    def for_log(self, size: int) -> Self:
        """Return the plan for so many bytes of log, decompressed. Workers of a cluster have one thread each."""
        if self.threads == 1 or size <= _MUCH_LOG:
            return self
        return replace(self, percent=min(self.percent, _PERCENT_OF_MUCH))
