"""Request times of people by what they asked for: the section "Tables of hits" of the definitions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reference.cuts import least_cut
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
    edges_us: tuple[int, int] = (0, 0)
    """Where the row begins and ends."""

    @property
    def place(self) -> Folder:
        """What they are of."""
        return self.day, self.site, self.name

    def row(self, column: str) -> dict[str, Any]:
        """The row to publish."""
        edges = dict(zip(("from_ms", "bucket_ms"), (edge / 1000 for edge in self.edges_us), strict=True))
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


def leave_others(rows: list[TimedRow], wholes: Callable[[TimedRow], Counter[Any]], hits: Counter[Any], k: int) -> None:
    """Lower rows by k that would reveal, with others or alone, what they leave of their wholes.

    `wholes` gives what a row has of wholes that are known, `hits` has all of these.
    """
    parts = {row: own for row in rows if (own := wholes(row))}
    for row in sorted(parts, key=from_the_smallest):
        of_day = {one: own for one, own in parts.items() if (one.day, one.site) == (row.day, row.site)}
        more = {one: spare_of(one, k) for one in of_day}
        if more[row] < k and least_left(row, of_day, hits, more) < k:
            row.shown -= k


def balance(rows: Iterable[TimedRow], k: int) -> None:
    """Change a row by k where the sum of several rows of a kind or folder, known exactly, would reveal them all."""
    by_place: dict[Folder, list[TimedRow]] = {}
    for row in sorted(rows, key=lambda one: min(one.hits)):
        by_place.setdefault(row.place, []).append(row)
    for own in by_place.values():
        at_least, at_most = (sum(margin(row, k) for row in own) for margin in (spare_of, room_of))
        if len(own) > 1 and at_least < k:
            own[0].shown -= k
        if len(own) > 1 and at_most < k:
            own[-1].shown += k


def leave_pages(rows: list[TimedRow], views: list[Mapping[Folder, Counter[Hashable]]], k: int) -> None:
    """Lower or raise folders by k that would reveal what rows of `pages` leave.

    `views` has the page views of folders by whole, None where it is not known: first by row of `pages`.
    """
    folders = {row.place: [one for one in rows if one.place == row.place] for row in rows}
    sums = {folder: sum(row.hits.total() for row in own) for folder, own in folders.items()}
    more = {folder: sum(spare_of(row, k) for row in own) for folder, own in folders.items()}
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
    higher: set[Folder] = set()
    for by_folder in views:
        of_wholes: Counter[Hashable] = Counter()
        for own in by_folder.values():
            of_wholes.update(own)
        known = {folder: own for folder, own in by_folder.items() if own.total() == sums.get(folder)}
        for folder in sorted(known.keys() - lower, key=lambda one: (sums[one], one)):
            few = [count for whole, count in known[folder].items() if whole is None or count < of_wholes[whole]]
            if few and least_more(folder, known, by_folder, room) < k:
                higher.add(folder)
                room[folder] += 2 * k
    for shift, chosen in ((-k, lower), (k, higher)):
        for folder in chosen:
            min(folders[folder], key=from_the_smallest).shown += shift


def least_more(
    folder: Folder,
    known: Mapping[Folder, Counter[Hashable]],
    views: Mapping[Folder, Counter[Hashable]],
    room: Mapping[Folder, int],
) -> float:
    """Twice the least that a folder and some others have of wholes that are not all theirs, as far as is known.

    `known` are the page views, by whole, of folders with request times for all, and `views` those of all folders. A
    minimum cut: a whole is all theirs if each of its folders is one of them.
    """
    edges: dict[tuple[Any, Any], float] = {}
    for one, of_folder in views.items():
        for whole, count in of_folder.items():
            place = "whole", whole
            if one in known:
                edges[one, "end"] = max(0, room[one])
                edges[one, place] = 2 * count
                edges[place, one] = float("inf")
            if one not in known or whole is None:
                edges[place, "end"] = float("inf")
    return least_cut(edges, folder, "end")[0]


def meet(
    rows: Iterable[TimedRow],
    everybody: Mapping[tuple[date, str, int], int],
    visitors: Mapping[tuple[date, str], Mapping[int, list[int]]],
    k: int,
) -> None:
    """Let rows begin where the one before ends, and the last one end where enough requests are slower; not if k is 1.

    `everybody` has all requests of people by day, site and bucket, and `visitors` those of each bucket of a day, as
    `visitors_of_buckets` counts them.
    """
    by_place: dict[Folder, list[TimedRow]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row)
    for own in by_place.values():
        if k == 1:
            for row in own:
                row.edges_us = bucket_begin_us(min(row.hits)), max(row.hits)
            continue
        begin = 0
        for row in sorted(own, key=lambda one: min(one.hits)):
            row.edges_us = begin, max(row.hits)
            begin = max(row.hits)
        last = max(own, key=lambda one: one.edges_us)
        of_day = visitors[last.day, last.site]
        slower = [edge for edge in sorted(of_day) if edge > begin]
        of_others = [
            max(row.hits)
            for place, others in by_place.items()
            if place != last.place and place[:2] == last.place[:2]
            for row in others
        ]
        enough = [
            edge
            for number, edge in enumerate(slower, start=1)
            if 2 * sum(everybody[last.day, last.site, one] for one in slower[:number]) >= k
            for most, fast, slow in [zip(*(of_day[one] for one in slower[:number]), strict=True)]
            if max(*most, sum(fast), sum(slow)) >= k or any(end <= edge for end in of_others)
        ]
        last.edges_us = last.edges_us[0], [*enough[:1], *slower[-1:], begin][0]


def spare_of(row: TimedRow, k: int) -> int:
    """Twice the amount by which the hits of a row exceed what they are at least, as far as is known."""
    hits = row.hits.total()
    return 2 * (hits - min(row.shown, rounded_hits(hits, k))) + k


def room_of(row: TimedRow, k: int) -> int:
    """Twice the amount by which the hits of a row could be more, as far as is known."""
    hits = row.hits.total()
    return 2 * (max(row.shown, rounded_hits(hits, k)) - hits + (k - 1) // 2)


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
