"""Divides a bucket of sessions where it has too many rows for memory, and sessions that have too many themselves.

The rule for crowded sessions stands in docs/definitions.md, Visit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from footfall.transforms.arrays import Columns, Ints
from footfall.transforms.behaviour.floods import Floods
from footfall.transforms.exchange.exchange_rows import (
    Bucket,
    Reference,
    open_buckets,
    remove_references,
    write_buckets,
)
from footfall.transforms.kernels.frequent_keys import Frequent, find_frequent
from footfall.transforms.kernels.intern_strings import mix_keys
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import JUDGED, ROW_SCHEMAS, SHORT, WITH_COOKIE, WITHOUT_COOKIE
from footfall.transforms.vocabulary import CROWD_HITS

_HITS: Final = (WITHOUT_COOKIE, WITHOUT_COOKIE + SHORT, WITH_COOKIE, WITH_COOKIE + SHORT)
_WHOLE: Final = (WITHOUT_COOKIE, WITH_COOKIE)
_WHOLE_WEIGHT: Final = 3
"""A hit that may be a visit of its own takes as much as so many that only lengthen one."""
_OTHER_BITS: Final = np.uint64(24)
"""Buckets are told by the bits from 40 on, so that their parts need others."""


def divide_sessions(
    bucket: Bucket, floods: Floods, days: LocalDays, options: RunOptions
) -> Iterator[dict[str, Columns]]:
    """Yield the hits and JUDGED rows of a bucket of sessions by kind, without those of floods.

    All hits of a session are together, with what is judged of its clients. There is one part, but where there are too
    many rows: these are written to files first.
    """
    weight = bucket.count_rows((*_HITS, JUDGED)) + (_WHOLE_WEIGHT - 1) * bucket.count_rows(_WHOLE)
    if weight <= options.rows_at_once:
        parts: dict[str, list[Columns]] = {}
        for kind, rows in _rows(bucket, floods):
            parts.setdefault(kind, []).append(rows)
        kinds = {
            kind: {name: np.concatenate([rows[name] for rows in own]) for name in own[0]} for kind, own in parts.items()
        }
        crowds = _find_crowds(lambda: (kinds[kind] for kind in _HITS if kind in kinds), days)
        yield {kind: _tell_apart(rows, crowds, days) for kind, rows in kinds.items()}
        return
    crowds = _find_crowds(lambda: (rows for _, rows in floods.without(bucket, _HITS)), days)
    written: list[Reference] = []
    part_count = 2 * -(-weight // options.rows_at_once)
    for kind, rows in _rows(bucket, floods):
        own = _tell_apart(rows, crowds, days)
        keys = own["session"] << _OTHER_BITS
        written += write_buckets(options.folder, kind, bucket.key, own, keys, part_count, per_share=part_count)
    try:
        for part in open_buckets((reference for _, reference in written), ROW_SCHEMAS):
            yield part.read()
    finally:
        remove_references(written)


def _rows(bucket: Bucket, floods: Floods) -> Iterator[tuple[str, Columns]]:
    yield from floods.without(bucket, _HITS)
    yield from bucket.parts((JUDGED,))


def _find_crowds(hits: Callable[[], Iterable[Columns]], days: LocalDays) -> Frequent:
    """Return the sessions and days with more than CROWD_HITS hits; `hits` begins with them anew each time."""
    return find_frequent(hits, "session", lambda rows: _days_of(rows, days), CROWD_HITS)


def _tell_apart(rows: Columns, crowds: Frequent, days: LocalDays) -> Columns:
    """Return rows of which each client has its own session on the days on which its session is a crowd."""
    if not len(crowds.day):
        return rows
    day = _days_of(rows, days)
    is_crowd = crowds.have(rows["session"], day)
    own = mix_keys(rows["session"], rows["client"], day)
    return {**rows, "session": np.where(is_crowd, own, rows["session"])}


def _days_of(rows: Columns, days: LocalDays) -> Ints:
    """Return the days of hits, or of JUDGED rows: those on which the visits begin."""
    return rows["day"].astype(np.int64) if "day" in rows else days.days_of(rows["time_ms"])
