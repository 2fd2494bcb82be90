"""Packs the values by which tables count a hit into one word, which goes with the hit to its client's bucket.

There, the visitors behind the cells of these tables are counted: see `count_visitors`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Columns, Flags, Ints, Words
from footfall.transforms.kernels.compiled import inlined_kernel, inner_kernel
from footfall.transforms.kernels.latency_buckets import BUCKET_BITS, NO_LATENCY

PROTOCOL_BITS: Final = 3
_HUNDRED_AT: Final = BUCKET_BITS + PROTOCOL_BITS
_PAGE_VIEW_AT: Final = _HUNDRED_AT + 3
_HOUR_AT: Final = _PAGE_VIEW_AT + 1
_KIND_AT: Final = _HOUR_AT + 5
KIND_BITS: Final = 3
GROUP_AT: Final = _KIND_AT + KIND_BITS
"""The bits from here on are the traffic class (3 bits) and the day, within which visitors are counted."""
CLASS_BITS: Final = 3
NOT_PUBLISHED: Final = 7
"""The traffic class of hits that are not on a published day; only their status is used, for incidents."""


def pack_facts(
    local_hours: Ints,
    classes: Bytes,
    is_page_view: Flags,
    statuses: Ints,
    protocols: Bytes,
    kinds: Bytes,
    buckets: Ints,
    first_day: int,
    last_day: int,
) -> Words:
    """Return a word for each hit: its day and hour, traffic class and so on.

    `kinds` are indices of ASKED_KINDS, `buckets` those of request times. Only hits of the days from `first_day` to
    `last_day` (since 1970-01-01) are published.
    """
    facts = np.empty(len(local_hours), dtype=np.uint64)
    _pack(local_hours, classes, is_page_view, statuses, protocols, kinds, buckets, first_day, last_day, facts)
    return facts


@inner_kernel
def _pack(
    local_hours: Ints,
    classes: Bytes,
    is_page_view: Flags,
    statuses: Ints,
    protocols: Bytes,
    kinds: Bytes,
    buckets: Ints,
    first_day: int,
    last_day: int,
    facts: Words,
) -> None:
    for row in range(len(local_hours)):
        day = local_hours[row] // 24
        hour = local_hours[row] - day * 24
        traffic_class = np.int64(classes[row])
        if day < first_day or day > last_day:
            day, traffic_class = np.int64(0), np.int64(NOT_PUBLISHED)
        hundred = statuses[row] // 100
        if hundred < 2 or hundred > 5:
            hundred = 0
        facts[row] = np.uint64(
            day << (GROUP_AT + CLASS_BITS)
            | traffic_class << GROUP_AT
            | np.int64(kinds[row]) << _KIND_AT
            | hour << _HOUR_AT
            | np.int64(is_page_view[row]) << _PAGE_VIEW_AT
            | hundred << _HUNDRED_AT
            | np.int64(protocols[row]) << BUCKET_BITS
            | buckets[row]
        )


def unpack_facts(facts: Words) -> Columns:
    """Return columns of `Hits` for hits of published days; a `status` is the first of its hundred, 0 for rare ones."""
    hours, in_hundred = _bits(facts, _HOUR_AT, 5), _bits(facts, _HUNDRED_AT, 3)
    return {
        "local_hour": (facts >> np.uint64(GROUP_AT + CLASS_BITS)).astype(np.int64) * 24 + hours,
        "traffic_class": _bits(facts, GROUP_AT, CLASS_BITS).astype(np.uint8),
        "is_page_view": _bits(facts, _PAGE_VIEW_AT, 1) > 0,
        "status": in_hundred * 100,
        "kind": _bits(facts, _KIND_AT, KIND_BITS).astype(np.uint8),
        "protocol": _bits(facts, BUCKET_BITS, PROTOCOL_BITS).astype(np.uint8),
        "latency_bucket": _bits(facts, 0, BUCKET_BITS),
    }


def is_published(facts: Words) -> Flags:
    """Return which hits are of a published day."""
    return _bits(facts, GROUP_AT, CLASS_BITS) != NOT_PUBLISHED


def _bits(facts: Words, begin: int, count: int) -> Ints:
    return (facts >> np.uint64(begin) & np.uint64((1 << count) - 1)).astype(np.int64)


def with_class(facts: Words, traffic_class: int) -> Words:
    """Return the facts of hits that become a machine's: with this class, and no page views, which only people have."""
    cleared = facts & ~np.uint64(((1 << CLASS_BITS) - 1) << GROUP_AT | 1 << _PAGE_VIEW_AT)
    changed: Words = cleared | np.uint64(traffic_class << GROUP_AT)
    return changed


def without_page_view(facts: Words) -> Words:
    """Return the facts of hits that turned out to be no page views."""
    return facts & ~np.uint64(1 << _PAGE_VIEW_AT)


@inlined_kernel
def hour_of(facts: np.uint64) -> np.int64:
    """Return the hour of the day, 0 to 23."""
    return np.int64(facts >> np.uint64(_HOUR_AT)) & 31


@inlined_kernel
def is_page_view(facts: np.uint64) -> np.bool_:
    """Return whether the hit is a page view."""
    return np.int64(facts >> np.uint64(_PAGE_VIEW_AT)) & 1 == 1


@inlined_kernel
def hundred_of(facts: np.uint64) -> np.int64:
    """Return 2 to 5 for a status from 200 to 599, else 0."""
    return np.int64(facts >> np.uint64(_HUNDRED_AT)) & 7


@inlined_kernel
def kind_of(facts: np.uint64) -> np.int64:
    """Return what was asked for, an index of ASKED_KINDS."""
    return np.int64(facts >> np.uint64(_KIND_AT)) & 7


@inlined_kernel
def protocol_of(facts: np.uint64) -> np.int64:
    """Return the code of the protocol."""
    return np.int64(facts >> np.uint64(BUCKET_BITS)) & 7


@inlined_kernel
def bucket_of(facts: np.uint64) -> np.int64:
    """Return the bucket of the request time, NO_LATENCY if it was not logged."""
    return np.int64(facts) & NO_LATENCY
