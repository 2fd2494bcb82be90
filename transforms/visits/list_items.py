"""Lists the visits of a bucket and the items of each, which small groups need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from footfall.transforms.arrays import Bytes, Columns, Digests, Flags, Ints
from footfall.transforms.tables.published import ITEM_TABLES
from footfall.transforms.visits.bucket_visits import BucketVisits
from footfall.transforms.visits.visit_lengths import bucket_of
from footfall.transforms.visits.visit_rows import (
    ASIDE,
    BOUNCE,
    COMING,
    COMPLETED,
    CUT,
    FALLBACK,
    FALLBACK_UNFOUND,
    FIRST_GOAL,
    GOING,
    IN_VISIT,
    ISSUED,
    LASTING,
    NOT_MISUSED,
    NOT_MISUSED_IN_MONTH,
    NOT_MISUSED_IN_WEEK,
    PAGE_VIEW,
    PARTIAL,
    PARTIAL_STATUS,
    UNFOUND,
    UNFOUND_IN_MONTH,
    UNFOUND_IN_WEEK,
    VISIT_FACTS,
    VISIT_ITEMS,
)


def list_visits(bucket: BucketVisits, first_visit: int) -> Columns:
    """Return the visits as columns of VISIT_FACTS, numbered from `first_visit` on.

    The rules for small groups need them: a row of two rare countries may have one visitor, who is in both.
    """
    visits, kept = bucket.columns(), bucket.kept
    day, site = bucket.unpack(bucket.day_site_code[kept])
    columns = {
        "day": day,
        "site": site,
        "visit": kept + first_visit,
        "client": visits.at_entry("client"),
        "flags": visits.is_bounce * np.uint8(BOUNCE)
        | visits.is_fallback * np.uint8(FALLBACK)
        | visits.is_cut * np.uint8(CUT)
        | (visits.duration_s > 0) * np.uint8(LASTING)
        | visits.is_completed * np.uint8(COMPLETED)
        | ~visits.is_never_issued * np.uint32(ISSUED)
        | ~visits.is_misused * np.uint32(NOT_MISUSED)
        | visits.is_unfound * np.uint32(UNFOUND)
        | (visits.is_unfound & visits.is_fallback) * np.uint32(FALLBACK_UNFOUND)
        | ~visits.is_misused_in_week * np.uint32(NOT_MISUSED_IN_WEEK)
        | ~visits.is_misused_in_month * np.uint32(NOT_MISUSED_IN_MONTH)
        | ~(visits.is_never_issued | visits.is_misused_in_week) * np.uint32(UNFOUND_IN_WEEK)
        | ~(visits.is_never_issued | visits.is_misused_in_month) * np.uint32(UNFOUND_IN_MONTH)
        | bucket.goals_of_visits[kept] << np.uint32(FIRST_GOAL),
        **{name: visits.at_entry(name) for name in ("location", "technology", "acquisition")},
        "page_views": bucket_of("page_views", visits.page_views),
        "duration_s": bucket_of("duration_s", visits.duration_s),
    }
    return {name: columns[name].astype(dtype) for name, dtype in VISIT_FACTS.items()}


def list_items(bucket: BucketVisits, first_visit: int) -> Iterator[tuple[str, Columns]]:
    """Yield the pages, pairs, phrases, errors, … of each visit by table of ITEM_TABLES, as columns of VISIT_ITEMS.

    All of them together would take as much memory as the bucket.
    """
    for table in ITEM_TABLES:
        yield table, _join(_parts_of(bucket, table), first_visit)


def _parts_of(bucket: BucketVisits, table: str) -> Iterator[Columns]:
    match table:
        case "pages":
            rows, _, flags = bucket.pages_of_visits
            yield _items(bucket, rows, bucket.visits.visit_of[rows], bucket.rows["page"][rows], flags=flags)
        case "transitions" | "entry_exits":
            pairs = bucket.transitions if table == "transitions" else bucket.entry_exits
            yield _items(bucket, pairs.visit, pairs.visit, pairs.digest)
        case "searches":
            rows, visit, of_phrases = bucket.searches_of_visits
            yield _items(bucket, rows, visit, bucket.rows["phrase"][rows], flags=of_phrases)
        case "errors":
            yield from _items_of_hits(bucket, bucket.is_error, code=bucket.rows["status"])
        case "broken_links":
            is_broken, status = bucket.is_broken_link, bucket.rows["status"]
            yield from _items_of_hits(bucket, is_broken, code=status, item="acquisition")
        case "downloads":
            is_partial = (bucket.rows["status"] == PARTIAL_STATUS) * np.uint8(PARTIAL)
            yield from _items_of_hits(bucket, bucket.is_download, flags=is_partial)
        case "cookie_audit":
            for finding, visit in bucket.findings():
                yield _items(bucket, visit, visit, code=finding)
        case "goals":
            none = np.zeros(0, dtype=np.int64)
            yield _items(bucket, none, none)
            for goal, rows, visit in bucket.reached():
                once, first = np.unique(visit, return_index=True)
                yield _items(bucket, rows[first], once, code=goal)
        case _:
            raise ValueError(f"{table} has no items of visits")


def list_midnights(bucket: BucketVisits) -> Columns:
    """Return visitors with page views on a later day than their visit began, by both days, as columns of VISIT_ITEMS.

    `code` is COMING on the day of the page view, GOING on the day on which the visit began, in the window or not.
    Visits of machines are included: a hit is judged by its own day.
    """
    visits = bucket.visits
    rows = np.flatnonzero((bucket.rows["flags"] & PAGE_VIEW > 0) & (visits.visit_of >= 0))
    begun = bucket.visit_day[visits.visit_of[rows]]
    is_later = bucket.row_day[rows] > begun
    rows, begun = rows[is_later], begun[is_later]
    visit = visits.visit_of[rows]
    columns = {
        "day": np.concatenate([bucket.row_day[rows], begun]),
        "site": np.tile(bucket.rows["site"][visits.entry[visit]], 2),
        "visit": np.tile(visit, 2),
        "client": np.tile(bucket.rows["client"][visits.entry[visit]], 2),
        "flags": np.zeros(2 * len(rows)),
        "item": np.zeros(2 * len(rows)),
        "code": np.repeat([COMING, GOING], len(rows)),
    }
    return {name: columns[name].astype(dtype) for name, dtype in VISIT_ITEMS.items()}


def _join(parts: Iterable[Columns], first_visit: int) -> Columns:
    """Join items of one table, and number their visits from `first_visit` on."""
    parts = list(parts)
    joined = {name: np.concatenate([own[name] for own in parts]).astype(dtype) for name, dtype in VISIT_ITEMS.items()}
    joined["visit"] = np.where(joined["visit"] >= 0, joined["visit"] + first_visit, -1)
    return joined


def _items_of_hits(
    bucket: BucketVisits,
    wanted: Flags,
    *,
    code: Ints | None = None,
    flags: Bytes | None = None,
    item: str = "page",
) -> Iterator[Columns]:
    """Yield hits by their own clients, in a visit or not, and those in visits by the visits' clients.

    `code` and `flags` have a value for each row; the latter are about the hits' own clients.
    """
    rows, visit = bucket.rows_of_people(wanted)
    in_visit = np.flatnonzero(visit >= 0)
    clients = bucket.rows["client"]
    for own, client, bits in (
        (np.arange(len(rows)), clients[rows], 0 if flags is None else flags[rows]),
        (in_visit, clients[bucket.visits.entry[visit[in_visit]]], ASIDE | IN_VISIT),
    ):
        chosen = rows[own]
        columns = {
            "day": bucket.row_day[chosen],
            "site": bucket.rows["site"][chosen],
            "visit": visit[own],
            "client": client,
            "flags": bits,
            "item": bucket.rows[item][chosen],
            "code": 0 if code is None else code[chosen],
        }
        yield {name: np.broadcast_to(np.asarray(values), len(chosen)) for name, values in columns.items()}


def _items(
    bucket: BucketVisits,
    rows: Ints,
    visit: Ints,
    item: Digests | int = 0,
    *,
    code: NDArray[Any] | int = 0,
    flags: NDArray[Any] | int = 0,
) -> Columns:
    """Return items of visits; visits are numbered as in the bucket."""
    day, site = bucket.unpack(bucket.day_site_code[visit])
    columns = {
        "day": day,
        "site": site,
        "visit": visit,
        "client": bucket.rows["client"][bucket.visits.entry[visit]],
        "flags": flags,
        "item": item,
        "code": code,
    }
    return {name: np.broadcast_to(values, len(rows)) for name, values in columns.items()}
