"""Counts the visitors and hits behind the request times of page views, by the first folder of the page."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Flags, HalfDigests, Ints, Words
from footfall.transforms.hits.hit_facts import bucket_of, is_page_view
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.group_sums import GroupMinMax, GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.latency_buckets import BUCKET_BITS, NO_LATENCY

_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)


def count_folders(
    client: Codes, group: Codes, facts: Words, folder: HalfDigests, is_wanted: Flags
) -> tuple[Ints, Columns]:
    """Return the group of each cell, a folder and a bucket of request times, and the columns of its counts.

    `folder` are halves of digests for the first rows, 0 for none. Counted are page views of wanted groups in a folder
    whose request time was logged: hits, visitors, and those of the visitors of the folder whose fastest or slowest one
    is in the cell.
    """
    rows, bucket = _timed_views(facts, folder, group, is_wanted)
    own = client[rows].astype(np.uint64)
    places, cells, visits = KeyTable(), GroupSums(1), KeyTable()
    place = places.intern(group[rows].astype(np.uint64) << _HALF_BITS | folder[rows].astype(np.uint64))
    cell = cells.add(_cell(place, bucket), None)
    visits.intern(cell.astype(np.uint64) << _HALF_BITS | own)
    visitors, speeds = KeyTable(), GroupMinMax()
    speeds.add(visitors.intern(place.astype(np.uint64) << _HALF_BITS | own), bucket)
    in_place = (visitors.keys >> _HALF_BITS).astype(np.int32)
    ends = {}
    for name, of_visitors in (("fastest", speeds.minima), ("slowest", speeds.maxima)):
        ends[name] = np.bincount(cells.codes(_cell(in_place, of_visitors)), minlength=cells.count)
    found = places.keys[(cells.keys >> np.uint64(BUCKET_BITS)).astype(np.int64)]
    return (found >> _HALF_BITS).astype(np.int64), {
        "folder": (found & _LOW_HALF).astype(np.uint32),
        "bucket": (cells.keys & np.uint64(NO_LATENCY)).astype(np.int64),
        "hits": cells.measure(0),
        "visitors": np.bincount((visits.keys >> _HALF_BITS).astype(np.int64), minlength=cells.count),
        **ends,
    }


def _cell(place: Codes, bucket: Ints) -> Words:
    packed: Words = place.astype(np.uint64) << np.uint64(BUCKET_BITS) | bucket.astype(np.uint64)
    return packed


@kernel
def _timed_views(facts: Words, folder: HalfDigests, group: Codes, is_wanted: Flags) -> tuple[Ints, Ints]:
    """Return the rows of page views of wanted groups in a folder whose request time was logged, and its bucket."""
    rows, buckets = np.empty(len(folder), dtype=np.int64), np.empty(len(folder), dtype=np.int64)
    count = 0
    for row in range(len(folder)):
        is_view = folder[row] > 0 and is_wanted[group[row]] and is_page_view(facts[row])
        if is_view and bucket_of(facts[row]) != NO_LATENCY:
            rows[count], buckets[count] = row, bucket_of(facts[row])
            count += 1
    return rows[:count], buckets[:count]
