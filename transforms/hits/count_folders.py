"""Counts the visitors and hits behind the request times of page views, by the first folder of the page."""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Codes, Columns, Flags, HalfDigests, Ints, Words
from footfall.transforms.hits.hit_facts import bucket_of, is_page_view
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.group_sums import GroupSums
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.latency_buckets import BUCKET_BITS, NO_LATENCY
from footfall.transforms.kernels.take_rows import take_rows

_HALF_BITS: Final = np.uint64(32)
_LOW_HALF: Final = np.uint64(0xFFFFFFFF)


def count_folders(
    client: Codes, group: Codes, facts: Words, folder: HalfDigests, is_wanted: Flags
) -> tuple[Ints, Columns]:
    """Return the group of each cell, which is a folder and a bucket of request times, and the columns of its counts.

    Hits are sorted by client within each group; `folder` are half digests, 0 for none. Only page views of wanted groups
    with a folder and a request time are counted: hits, visitors, and the visitors whose fastest or slowest page view in
    the folder is in the cell.
    """
    rows, bucket = _timed_views(facts, folder, group, is_wanted)
    places, cells = KeyTable(), GroupSums(1)
    place = places.intern(group[rows].astype(np.uint64) << _HALF_BITS | folder[rows].astype(np.uint64))
    cell = cells.add(_cell(place, bucket), None)
    visitors, fastest, slowest = _count_visitors(
        take_rows(client, rows), place, places.count, cell, cells.count, bucket
    )
    found = places.keys[(cells.keys >> np.uint64(BUCKET_BITS)).astype(np.int64)]
    return (found >> _HALF_BITS).astype(np.int64), {
        "folder": (found & _LOW_HALF).astype(np.uint32),
        "bucket": (cells.keys & np.uint64(NO_LATENCY)).astype(np.int64),
        "hits": cells.measure(0),
        "visitors": visitors,
        "fastest": fastest,
        "slowest": slowest,
    }


@kernel
def _count_visitors(
    client: Codes, place: Codes, place_count: int, cell: Codes, cell_count: int, bucket: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return the visitors of each cell, and for how many it has the fastest and the slowest page view of the place.

    The hits of a client in a place are neighbours.
    """
    counts = np.zeros((3, cell_count), dtype=np.int64)
    last_of_cell = np.full(cell_count, -1, dtype=np.int32)
    # Of each place: the last client, and its fastest and slowest hit.
    last = np.full(place_count, -1, dtype=np.int32)
    ends = np.empty((2, place_count), dtype=np.int64)
    for row in range(len(client)):
        if last_of_cell[cell[row]] != client[row]:
            last_of_cell[cell[row]] = client[row]
            counts[0, cell[row]] += 1
        at = place[row]
        if last[at] != client[row]:
            if last[at] >= 0:
                counts[1, cell[ends[0, at]]] += 1
                counts[2, cell[ends[1, at]]] += 1
            last[at], ends[0, at], ends[1, at] = client[row], row, row
        elif bucket[row] < bucket[ends[0, at]]:
            ends[0, at] = row
        elif bucket[row] > bucket[ends[1, at]]:
            ends[1, at] = row
    for at in range(place_count):
        counts[1, cell[ends[0, at]]] += 1
        counts[2, cell[ends[1, at]]] += 1
    return counts[0], counts[1], counts[2]


def _cell(place: Codes, bucket: Ints) -> Words:
    packed: Words = place.astype(np.uint64) << np.uint64(BUCKET_BITS) | bucket.astype(np.uint64)
    return packed


@kernel
def _timed_views(facts: Words, folder: HalfDigests, group: Codes, is_wanted: Flags) -> tuple[Ints, Ints]:
    """Return the page views of wanted groups that have a folder and a request time: their rows and buckets."""
    rows, buckets = np.empty(len(folder), dtype=np.int64), np.empty(len(folder), dtype=np.int64)
    count = 0
    for row in range(len(folder)):
        is_view = folder[row] > 0 and is_wanted[group[row]] and is_page_view(facts[row])
        if is_view and bucket_of(facts[row]) != NO_LATENCY:
            rows[count], buckets[count] = row, bucket_of(facts[row])
            count += 1
    return rows[:count], buckets[:count]
