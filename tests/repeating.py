"""Runs of the nightly job in which an engine does things twice: their logs, and what must be published all the same."""

from __future__ import annotations

import contextlib
import gzip
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.running import LOG, Rows, days_of, published_tables, sample_log, sample_options

PIECE_BYTES = 60_013
FOOTFALL, COMBINED = sample_log("footfall", 2_000)[0], sample_log("combined", 1_500)[0]
INPUTS = {
    "pieces of one log with cookies": ({LOG: FOOTFALL}, "footfall"),
    "logs that share lines": (
        {"a.log": FOOTFALL[: len(FOOTFALL) // 2], "b.log": FOOTFALL, "c.log.gz": gzip.compress(FOOTFALL)},
        "footfall",
    ),
    "pieces of logs without cookies": ({"a.log": COMBINED, "b.log": COMBINED[len(COMBINED) // 3 :]}, "combined"),
}
KEPT_TABLES = ("inputs", "rejects")
"""Beside those by day."""


def figures_of(published: dict[str, Rows]) -> dict[str, Rows]:
    """What a run must publish whatever became of its elements."""
    return {**days_of(published), **{name: published[name] for name in KEPT_TABLES}}


def publish(name: str) -> dict[str, Rows]:
    """What a run on the inputs of a name publishes."""
    inputs, log_format = INPUTS[name]
    return published_tables(inputs, k=3, **sample_options(log_format))


@cache
def published_plainly(name: str) -> dict[str, Rows]:
    """The same by a run whose elements each ran once, in whole inputs; not to be changed."""
    return publish(name)


Ran = Counter[str]
"""How often elements of each step were run."""


@contextlib.contextmanager
def damaging(folder: Path | None) -> Iterator[None]:
    """Damage the files that are written meanwhile."""
    before = set(folder.iterdir()) if folder else set()
    yield
    for path in (set(folder.iterdir()) if folder else set()) - before:
        path.write_bytes(b"what a lost attempt left")
