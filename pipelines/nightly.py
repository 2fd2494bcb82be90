"""The nightly run as a Beam pipeline: `build` shows the path of the data, and contains no logic.

Elements passed between transforms are small and contain no personal data: sums, names of public texts, and references
to files of digests. The key of the digests is drawn inside the pipeline and is discarded with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.pvalue import AsDict, AsSingleton

from footfall.geo_data.locations import open_shared_locations
from footfall.transforms.adopt_hits import AdoptHits
from footfall.transforms.assign_visits import AssignVisits
from footfall.transforms.distribute_pieces import DistributePieces
from footfall.transforms.find_duplicates import FindDuplicates
from footfall.transforms.learn_days import LearnDays
from footfall.transforms.merge_tables import AddUpTables, MergeTables
from footfall.transforms.observe_clients import ObserveClients
from footfall.transforms.parse_hits import ParseHits
from footfall.transforms.running.run_options import Piece, Pieces, RunOptions, draw_run_key
from footfall.transforms.visits.visit_rows import (
    CLIENT_ROWS,
    HOSTS,
    IDENTIFIERS,
    KEPT,
    LEARNED,
    NAMES,
    OBSERVED,
    PARTS,
    PIECES,
    RENAMED,
    SESSION_ROWS,
)
from footfall.transforms.withhold_identifiers import HandOverIdentifiers, WithholdIdentifiers
from footfall.transforms.write_tables import WriteTables


@dataclass(frozen=True)
class NightlyPlan:
    """The pieces of the inputs and the options of one run; see `footfall.pipelines.run.plan_run`."""

    pieces: tuple[Piece, ...]
    groups: tuple[Pieces, ...]
    """The same pieces, those of small inputs together."""
    input_count: int
    options: RunOptions


def build(pipeline: beam.Pipeline, plan: NightlyPlan) -> Any:
    """Apply all transforms of a run; they write one Arrow file per table and share of days to the plan's folder."""
    options = plan.options
    run_key = AsSingleton(pipeline | "Begin" >> beam.Impulse() | "Draw run key" >> beam.Map(lambda _: draw_run_key()))
    # 16 random bytes, which are in no option and no file
    pieces = pipeline | "Distribute pieces" >> DistributePieces(plan.groups, options.folder)
    # of each (input number, path, compression, log format, site, begin, end)
    several = plan.input_count > 1
    duplicates = AsDict(pieces | "Find duplicates" >> FindDuplicates(options, run_key)) if several else {}
    # (path, byte ranges of lines that another input has too)
    hits = pieces | "Parse hits" >> ParseHits(options, open_shared_locations, run_key, duplicates)
    # partial tables; (bucket, file) of rows by client and by session; latest time and key fingerprint of each piece;
    # names of public texts; files of digests of what identifies visitors; hosts that refer
    named = hits[NAMES] | "Withhold identifiers" >> WithholdIdentifiers(options, run_key, hits[IDENTIFIERS])
    # names without identifiers; which name has become which; which names enough hits have to be published
    met = hits[IDENTIFIERS] | "Hand over identifiers" >> HandOverIdentifiers(options, run_key)
    # the files of digests of what identifies visitors, for the check before publishing
    hosts = (hits[HOSTS] | "Learn hosts" >> LearnDays(options))[LEARNED]
    own_hosts = AsDict(hosts)
    observed = hits[CLIENT_ROWS] | "Observe clients" >> ObserveClients(options, own_hosts)
    # (bucket, files), with what each client did on a day; partial tables of what sites, pages and agents are like
    learning = observed[LEARNED] | "Learn days" >> LearnDays(options)
    learned = AsDict(learning[LEARNED])
    adopted = observed[OBSERVED] | "Adopt hits" >> AdoptHits(options, learned)
    # (bucket, file) of the rows without a cookie, by the session they belong to; partial tables of visitors
    rows = (hits[SESSION_ROWS], adopted[SESSION_ROWS]) | "Gather sessions" >> beam.Flatten()
    visits = rows | "Assign visits" >> AssignVisits(
        options, hits[PIECES], named[RENAMED], named[KEPT], own_hosts, learned
    )
    # partial tables of visits, pages, locations, …
    counted = {
        "hits": hits[PARTS],
        "hosts": hosts,
        "names": named[PARTS],
        "identifiers": met[PARTS],
        "habits": learning[PARTS],
        "visitors": adopted[PARTS],
        "visits": visits,
    }
    added_up = [parts | f"Add up {name}" >> AddUpTables(options) for name, parts in counted.items()]
    parts = added_up | "Gather tables" >> beam.Flatten()
    tables = parts | "Merge tables" >> MergeTables(options, of_sums=True)
    # (table and share of days, Arrow bytes), one element per key
    return tables | "Write tables" >> WriteTables(options.folder)
