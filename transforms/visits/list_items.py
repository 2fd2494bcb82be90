"""Lists the visits of a bucket and the items of each, which small groups need."""

from __future__ import annotations

from collections.abc import Iterator
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
    COMPLETED,
    CUT,
    FALLBACK,
    FIRST_GOAL,
    IN_VISIT,
    LASTING,
    PARTIAL,
    PARTIAL_STATUS,
    VISIT_FACTS,
    VISIT_ITEMS,
)


def list_visits(bucket: BucketVisits, first_visit: int) -> Columns:
    """Return the visits as columns of VISIT_FACTS, numbered from `first_visit` on.

    Small groups need them: two rare countries of one visitor that are told together have one visitor.
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
        | bucket.goals_of_visits[kept] << np.uint32(FIRST_GOAL),
        **{name: visits.at_entry(name) for name in ("location", "technology", "acquisition")},
        "page_views": bucket_of("page_views", visits.page_views),
        "duration_s": bucket_of("duration_s", visits.duration_s),
    }
    return {name: columns[name].astype(dtype) for name, dtype in VISIT_FACTS.items()}


def list_items(bucket: BucketVisits, first_visit: int) -> Columns:
    """Return the pages, phrases, errors, downloads, findings and goals of each visit as columns of VISIT_ITEMS."""
    rows, _, flags = bucket.pages_of_visits
    kinds = [_items(bucket, "pages", rows, bucket.visits.visit_of[rows], bucket.rows["page"][rows], flags=flags)]
    for table, found in (("transitions", bucket.transitions), ("entry_exits", bucket.entry_exits)):
        kinds.append(_items(bucket, table, found.visit, found.visit, found.digest))
    rows, visit, of_phrases = bucket.searches_of_visits
    kinds.append(_items(bucket, "searches", rows, visit, bucket.rows["phrase"][rows], flags=of_phrases))
    status = bucket.rows["status"]
    kinds += _items_of_hits(bucket, "errors", bucket.is_error, code=status)
    kinds += _items_of_hits(bucket, "broken_links", bucket.is_broken_link, code=status, item="acquisition")
    kinds += _items_of_hits(
        bucket, "downloads", bucket.is_download, flags=(status == PARTIAL_STATUS) * np.uint8(PARTIAL)
    )
    for finding, visit in bucket.findings():
        kinds.append(_items(bucket, "cookie_audit", visit, visit, np.zeros(len(visit), np.uint64), code=finding))
    for goal, rows, visit in bucket.reached():
        once, first = np.unique(visit, return_index=True)
        kinds.append(_items(bucket, "goals", rows[first], once, np.zeros(len(once), np.uint64), code=goal))
    numbered = np.concatenate([own["visit"] for own in kinds])
    joined = {name: np.concatenate([own[name] for own in kinds]).astype(dtype) for name, dtype in VISIT_ITEMS.items()}
    joined["visit"] = np.where(numbered >= 0, numbered + first_visit, -1)
    return joined


def _items_of_hits(
    bucket: BucketVisits,
    kind: str,
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
            "kind": ITEM_TABLES.index(kind),
            "item": bucket.rows[item][chosen],
            "code": 0 if code is None else code[chosen],
        }
        yield {name: np.broadcast_to(np.asarray(values), len(chosen)) for name, values in columns.items()}


def _items(
    bucket: BucketVisits,
    kind: str,
    rows: Ints,
    visit: Ints,
    item: Digests,
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
        "kind": ITEM_TABLES.index(kind),
        "item": item,
        "code": code,
    }
    return {name: np.broadcast_to(values, len(rows)) for name, values in columns.items()}
