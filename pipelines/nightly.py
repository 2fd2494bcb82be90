"""The nightly run as a Beam pipeline: `build` is the picture of the data's path.

No logic stands here. What crosses an arrow is small, and safe to be read by anyone: sums, names of public texts, and
references to files of digests whose key is drawn inside the pipeline and ends with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsDict, AsIter, AsSingleton

from transforms.adopt_hits import VISITORS, AdoptHits
from transforms.assign_visits import AssignVisits
from transforms.find_duplicates import FindDuplicates
from transforms.kernels.digests import draw_run_key
from transforms.merge_tables import MergeTables
from transforms.parse_hits import CLIENT_ROWS, LAST_HIT, SESSION_ROWS, ParseHits, ParseOptions, Piece
from transforms.write_tables import WriteTables


@dataclass(frozen=True)
class NightlyPlan:
    """What one run reads and how; made by `pipelines.plan`."""

    pieces: tuple[Piece, ...]
    input_count: int
    options: ParseOptions
    timeout_ms: int


def build(pipeline: beam.Pipeline, plan: NightlyPlan) -> Any:
    """Wire a run; its result is one Arrow file per table and day below the plan's folder."""
    options = plan.options
    window: dict[str, Any] = {
        "timezone": options.timezone,
        "first_day": options.first_day,
        "last_day": options.last_day,
        "timeout_ms": plan.timeout_ms,
    }
    buckets: dict[str, Any] = {"folder": options.folder, "bucket_count": options.bucket_count}

    run_key = pipeline | "Begin" >> beam.Impulse() | "Draw run key" >> beam.Map(lambda _: draw_run_key())
    # 16 random bytes, on no disk and in no option
    pieces = pipeline | "List pieces" >> beam.Create(plan.pieces) | "Deal out" >> beam.Reshuffle()
    # (input, path, compression, format, site, begin, end)
    duplicates = pieces | "Find duplicates" >> FindDuplicates(options.folder, AsSingleton(run_key), plan.input_count)
    # (path, byte ranges that stand in another input too)
    hits = pieces | "Parse hits" >> ParseHits(options, AsSingleton(run_key), AsDict(duplicates))
    # partial tables; (bucket, file) of rows by client and by session; latest time of each piece
    adopted = hits[CLIENT_ROWS] | "Adopt hits" >> AdoptHits(**buckets, **window)
    # (bucket, file) of the rows without a cookie, by the session they belong to; partial tables of visitors
    rows = (hits[SESSION_ROWS], adopted.sessions) | "Gather sessions" >> beam.Flatten()
    visits = rows | "Assign visits" >> AssignVisits(
        AsIter(hits[LAST_HIT]), folder=options.folder, bound_ms=options.end_ms, **window
    )
    # partial tables of visits, pages, locations, …
    parts = (hits.parts, adopted[VISITORS], visits) | "Gather tables" >> beam.Flatten()
    tables = parts | "Merge tables" >> MergeTables()
    # (table/day, Arrow bytes), each key once
    return tables | "Write tables" >> WriteTables(options.folder)
