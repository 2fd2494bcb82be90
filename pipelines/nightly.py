"""The nightly run as a Beam pipeline: `build` is the picture of the data's path.

No logic stands here. What crosses an arrow is small, and safe to be read by anyone: sums, names of public texts, and
references to files of digests whose key is drawn inside the pipeline and ends with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsSingleton

from footfall.geo_data.locations import open_shared_locations
from footfall.transforms.adopt_hits import AdoptHits
from footfall.transforms.assign_visits import AssignVisits
from footfall.transforms.find_duplicates import FindDuplicates
from footfall.transforms.merge_tables import MergeTables
from footfall.transforms.parse_hits import ParseHits
from footfall.transforms.running.run_options import Piece, RunOptions, draw_run_key
from footfall.transforms.visits.visit_rows import CLIENT_ROWS, PARTS, PIECES, SESSION_ROWS
from footfall.transforms.write_tables import WriteTables


@dataclass(frozen=True)
class NightlyPlan:
    """What one run reads and how; made by `footfall.pipelines.plan`."""

    pieces: tuple[Piece, ...]
    input_count: int
    options: RunOptions


def build(pipeline: beam.Pipeline, plan: NightlyPlan) -> Any:
    """Wire a run; its result is one Arrow file per table and share of days below the plan's folder."""
    options = plan.options
    run_key = AsSingleton(pipeline | "Begin" >> beam.Impulse() | "Draw run key" >> beam.Map(lambda _: draw_run_key()))
    # 16 random bytes, on no disk and in no option
    pieces = pipeline | "List pieces" >> beam.Create(plan.pieces) | "Deal out" >> beam.Reshuffle()
    # (input, path, compression, format, site, begin, end)
    duplicates = pieces | "Find duplicates" >> FindDuplicates(options, run_key, plan.input_count)
    # (path, byte ranges that stand in another input too)
    hits = pieces | "Parse hits" >> ParseHits(options, open_shared_locations, run_key, duplicates)
    # partial tables; (bucket, file) of rows by client and by session; latest time and key of each piece
    adopted = hits[CLIENT_ROWS] | "Adopt hits" >> AdoptHits(options)
    # (bucket, file) of the rows without a cookie, by the session they belong to; partial tables of visitors
    rows = (hits[SESSION_ROWS], adopted[SESSION_ROWS]) | "Gather sessions" >> beam.Flatten()
    visits = rows | "Assign visits" >> AssignVisits(options, hits[PIECES])
    # partial tables of visits, pages, locations, …
    parts = (hits[PARTS], adopted[PARTS], visits) | "Gather tables" >> beam.Flatten()
    tables = parts | "Merge tables" >> MergeTables()
    # (table/share of days, Arrow bytes), each key once
    return tables | "Write tables" >> WriteTables(options.folder)
