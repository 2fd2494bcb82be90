"""Request times of people by what they asked for: the section "Tables of hits" of the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from tests.reference.describe import Described
from tests.reference.small_hits import begun_in, ended_in, join_neighbours, visitors_by


def tell_times(
    hits: Iterable[Described], cell_of: Callable[[Described], Hashable], k: int
) -> Mapping[Any, list[tuple[float, float, int]]]:
    """Lower and upper edge in milliseconds and rounded hits of each row, by cell; cells of few people are left out."""
    by_cell: dict[Any, list[Described]] = {}
    for described in hits:
        by_cell.setdefault(cell_of(described), []).append(described)
    told = {}
    for cell, own in by_cell.items():
        if len({described.client for described in own}) >= k:
            counts = Counter(bucket_of(described) for described in own)
            visitors = visitors_of_buckets(own)
            joined = join_neighbours([(one, *visitors[one]) for one in sorted(counts)], k)
            told[cell] = [
                (bucket_begin_us(row[0]) / 1000, row[-1] / 1000, rounded_hits(sum(counts[one] for one in row), k))
                for row in joined
            ]
    return told


def rounded_hits(hits: int, k: int) -> int:
    """Hits as a multiple of k, half of it rounded up."""
    return (2 * hits + k) // (2 * k) * k


def visitors_of_buckets(hits: list[Described]) -> dict[int, list[int]]:
    """Of each bucket: its visitors, and those whose fastest and whose slowest hit is in it."""
    cells = visitors_by(hits, bucket_of)
    begun, ended = begun_in(cells), ended_in(cells)
    return {bucket: [len(cells[bucket]), begun[bucket], ended[bucket]] for bucket in cells}


def bucket_of(described: Described) -> int:
    """The bucket of a hit's request time, as its upper edge."""
    assert described.hit.request_us is not None
    return bucket_edge_us(described.hit.request_us)


def bucket_begin_us(edge_us: int) -> int:
    """The lower edge of the bucket with an upper edge."""
    shift = max(0, (edge_us - 1).bit_length() - 5)
    return (edge_us - 1) >> shift << shift


def bucket_edge_us(request_us: int) -> int:
    """The upper edge of the bucket of a request time."""
    shift = max(0, request_us.bit_length() - 5)
    return ((request_us >> shift) + 1) << shift
