"""Request times of people by what they asked for: the section "Tables of hits" of the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reference.describe import Described
from tests.reference.rounded import least_left
from tests.reference.small_hits import begun_in, ended_in, join_neighbours, visitors_by

Folder = tuple[date, str, str]


@dataclass(eq=False)
class TimedRow:
    """Requests of people for something on a day of a site, in neighbouring buckets."""

    day: date
    site: str
    name: str
    hits: Counter[int]
    """By bucket, as its upper edge."""
    shown: int

    @property
    def place(self) -> Folder:
        """What they are of."""
        return self.day, self.site, self.name

    def row(self, column: str) -> dict[str, Any]:
        """The row to publish."""
        edges = {"from_ms": bucket_begin_us(min(self.hits)) / 1000, "bucket_ms": max(self.hits) / 1000}
        return {"day": self.day, "site": self.site, column: self.name, **edges, "hits": self.shown}


def timed_rows(
    day: date, site: str, hits: Iterable[Described], name_of: Callable[[Described], str], k: int
) -> list[TimedRow]:
    """The rows of a day by what was asked for, rounded half up; what few people asked for is left out."""
    by_name: dict[str, list[Described]] = {}
    for described in hits:
        by_name.setdefault(name_of(described), []).append(described)
    rows = []
    for name, own in by_name.items():
        if len({described.client for described in own}) >= k:
            counts = Counter(bucket_of(described) for described in own)
            visitors = visitors_of_buckets(own)
            for joined in join_neighbours([(one, *visitors[one]) for one in sorted(counts)], k):
                of_row = Counter({one: counts[one] for one in joined})
                rows.append(TimedRow(day, site, name, of_row, rounded_hits(of_row.total(), k)))
    return rows


def from_the_smallest(row: TimedRow) -> tuple[Any, ...]:
    """Sort key: the hits, then what they are of, then the fastest."""
    return row.hits.total(), row.place, min(row.hits)


def leave_others(rows: list[TimedRow], everybody: Mapping[tuple[date, str, int], int], k: int) -> None:
    """Tell k less of rows that would tell, with others or alone, what they leave of their buckets.

    `everybody` has all requests of people by day, site and bucket.
    """
    for row in sorted(rows, key=from_the_smallest):
        of_day = [one for one in rows if (one.day, one.site) == (row.day, row.site)]
        parts = {one: Counter({(one.day, one.site, edge): n for edge, n in one.hits.items()}) for one in of_day}
        more = {one: 2 * (one.hits.total() - one.shown) + k for one in of_day}
        if more[row] < k and least_left(row, parts, everybody, more) < k:
            row.shown -= k


def leave_pages(rows: list[TimedRow], views: list[Mapping[Folder, Counter[Hashable]]], k: int) -> None:
    """Tell k less, or more, of folders that would tell what rows of `pages` leave.

    `views` has the page views of folders by whole, None where it is not known: first by row of `pages`.
    """
    folders = {row.place: [one for one in rows if one.place == row.place] for row in rows}
    sums = {folder: sum(row.hits.total() for row in own) for folder, own in folders.items()}
    more = {folder: sum(2 * (row.hits.total() - row.shown) + k for row in own) for folder, own in folders.items()}
    room = {folder: sum(room_of(row, k) for row in own) for folder, own in folders.items()}
    lower: set[Folder] = set()
    for by_folder in views:
        hits: Counter[Hashable] = Counter()
        for own in by_folder.values():
            hits.update(own)
        known = {
            folder: by_folder[folder]
            for folder in folders
            if folder in by_folder and None not in by_folder[folder] and by_folder[folder].total() == sums[folder]
        }
        for folder in sorted(known, key=lambda one: (sums[one], one)):
            if more[folder] < k and least_left(folder, known, hits, more) < k:
                lower.add(folder)
                more[folder] += 2 * k
    rows_of_pages = views[0]
    of_row: Counter[Hashable] = Counter()
    for own in rows_of_pages.values():
        of_row.update(own)
    for folder, own in folders.items():
        by_row = rows_of_pages.get(folder, Counter())
        few = sum(count for row, count in by_row.items() if row is None or count < of_row[row])
        smallest = min(own, key=from_the_smallest)
        if folder in lower:
            smallest.shown -= k
        elif few and 2 * few + room[folder] < k and by_row.total() == sums[folder]:
            smallest.shown += k


def room_of(row: TimedRow, k: int) -> int:
    """Twice what more than its hits a row may have, as far as it tells."""
    nearest = row.shown + (k if 2 * (row.hits.total() - row.shown) >= k else 0)
    return 2 * (nearest - row.hits.total() + (k - 1) // 2)


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
