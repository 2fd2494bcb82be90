"""Divides a bucket of sessions where it has too many rows for memory, and sessions that have too many themselves.

The rule for crowded sessions stands in docs/definitions.md, Visit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np

from footfall.transforms.arrays import Columns, Ints
from footfall.transforms.behaviour.floods import Floods, take
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
from footfall.transforms.visits.visit_rows import (
    JUDGED,
    ROW_COLUMNS,
    ROW_SCHEMAS,
    SHORT,
    VISIT_ROWS,
    WITH_COOKIE,
    WITHOUT_COOKIE,
    types_of,
)
from footfall.transforms.vocabulary import CROWD_HITS

_HITS: Final = (WITH_COOKIE, WITH_COOKIE + SHORT, WITHOUT_COOKIE, WITHOUT_COOKIE + SHORT)
_WHOLE: Final = (WITHOUT_COOKIE, WITH_COOKIE)
_WHOLE_WEIGHT: Final = 3
"""The memory of a hit that may be a visit of its own, counted in hits that only lengthen a visit."""
_OTHER_BITS: Final = np.uint64(24)
"""The bits from 40 on are those of the bucket, so its parts are chosen by other bits."""


def divide_sessions(
    bucket: Bucket, floods: Floods, days: LocalDays, options: RunOptions
) -> Iterator[tuple[Columns, Columns]]:
    """Yield the hits (VISIT_ROWS) and the JUDGED rows of a bucket of sessions, without those of floods.

    All hits of a session are in one part, with the JUDGED rows of its clients. There are several parts only if there
    are too many rows; these are written to files first.
    """
    weight = bucket.count_rows((*_HITS, JUDGED)) + (_WHOLE_WEIGHT - 1) * bucket.count_rows(_WHOLE)
    if weight <= options.rows_at_once:
        hits, judged = _read(bucket, floods)
        crowds = _find_crowds(lambda: (hits,), days)
        yield _separate_crowds(hits, crowds, days), _separate_crowds(judged, crowds, days)
        return
    crowds = _find_crowds(lambda: (rows for _, rows in floods.without(bucket, _HITS)), days)
    written: list[Reference] = []
    part_count = 2 * -(-weight // options.rows_at_once)
    for kind, rows in _rows(bucket, floods):
        own = _separate_crowds(rows, crowds, days)
        keys = own["session"] << _OTHER_BITS
        written += write_buckets(options.folder, kind, bucket.key, own, keys, part_count, per_share=part_count)
    try:
        for part in open_buckets((reference for _, reference in written), ROW_SCHEMAS):
            yield part.join(_HITS, VISIT_ROWS), part.join((JUDGED,), types_of(ROW_COLUMNS[JUDGED]))
    finally:
        remove_references(written)


def _read(bucket: Bucket, floods: Floods) -> tuple[Columns, Columns]:
    """Return hits and JUDGED rows, of a bucket with few of them."""
    hits = bucket.join(_HITS, VISIT_ROWS)
    if len(floods):
        hits = take(hits, np.flatnonzero(~floods.have(hits)))
    return hits, bucket.join((JUDGED,), types_of(ROW_COLUMNS[JUDGED]))


def _rows(bucket: Bucket, floods: Floods) -> Iterator[tuple[str, Columns]]:
    yield from floods.without(bucket, _HITS)
    yield from bucket.parts((JUDGED,))


def _find_crowds(hits: Callable[[], Iterable[Columns]], days: LocalDays) -> Frequent:
    """Return the sessions and days with more than CROWD_HITS hits; `hits` begins with them anew each time."""
    return find_frequent(hits, "session", lambda rows: _days_of(rows, days), CROWD_HITS)


def _separate_crowds(rows: Columns, crowds: Frequent, days: LocalDays) -> Columns:
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
