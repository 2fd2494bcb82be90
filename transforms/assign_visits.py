"""Assigns visits: cuts sessions into visits, and counts the tables that need visits.

All rows of a session are in one bucket.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.pvalue import AsList

from footfall.transforms.arrays import Columns
from footfall.transforms.behaviour.floods import read_floods
from footfall.transforms.behaviour.learned import open_learned
from footfall.transforms.behaviour.own_hosts import choose_own_hosts, name_internal
from footfall.transforms.behaviour.page_parts import open_parts, without_views
from footfall.transforms.behaviour.verdicts import JudgedVisits
from footfall.transforms.exchange.exchange_rows import buckets_per_share, open_buckets
from footfall.transforms.exchange.row_files import write_rows
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.running.run_steps import Result, RunGroupStepFn
from footfall.transforms.tables.partial_tables import decode_table, name_parts, part_of
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.bucket_visits import BucketVisits, VisitWindow
from footfall.transforms.visits.count_visits import VisitCounter
from footfall.transforms.visits.cut_names import Kept, NameCutter
from footfall.transforms.visits.cut_visits import cut_visits, keep_counted
from footfall.transforms.visits.divide_sessions import divide_sessions
from footfall.transforms.visits.list_items import list_items, list_midnights, list_visits
from footfall.transforms.visits.visit_rows import PARTS, ROW_SCHEMAS
from footfall.transforms.withhold_identifiers import rename


class AssignVisits(beam.PTransform):  # type: ignore[misc]
    """References to session buckets, PIECES, RENAMED, KEPT, `own_hosts`, LEARNED of the run → tables of visits."""

    def __init__(
        self,
        options: RunOptions,
        pieces: beam.PCollection[tuple[int, int]],
        renamed: beam.PCollection[bytes],
        kept: beam.PCollection[Kept],
        own_hosts: Any,
        learned: Any,
    ) -> None:
        super().__init__()
        self._learned = learned
        self._renamed = renamed
        self._kept = kept
        self._own_hosts = own_hosts
        self._options = options
        self._pieces = pieces

    def expand(self, references: beam.PCollection[tuple[int, str]]) -> beam.PCollection[tuple[str, bytes]]:
        """Group the references by share of session buckets, so that all rows of a session are together."""
        assign = RunGroupStepFn(AssignBuckets, self._options, threads=self._options.threads)
        return (
            references
            | "Group by session bucket" >> beam.GroupByKey()
            | "Assign"
            >> beam.ParDo(
                assign,
                *(AsList(self._pieces), AsList(self._renamed), AsList(self._kept)),
                *(self._own_hosts, self._learned),
            ).with_outputs(PARTS)
        )[PARTS]


class AssignBuckets:
    """(share of session buckets, references), PIECES, RENAMED, KEPT, `own_hosts` and LEARNED of the run → PARTS."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._days = LocalDays(options.timezone)
        self._kept: tuple[Sequence[Kept], NameCutter] | None = None

    def process(
        self,
        element: tuple[int, Iterable[str]],
        pieces: Sequence[tuple[int, int]],
        renamed: Sequence[bytes],
        kept: Sequence[Kept],
        own_hosts: Mapping[str, bytes],
        learned: Mapping[str, bytes],
    ) -> Iterator[Result]:
        """Process the buckets of one share."""
        options = self._options
        first_bucket = element[0] * buckets_per_share(options.bucket_count)
        data_end_ms = min(options.end_ms, max(last_ms for last_ms, _ in pieces))
        window = VisitWindow(
            options.timezone,
            options.first_day,
            options.last_day,
            options.timeout_ms,
            data_end_ms,
            options.day_shares,
        )
        chosen = choose_own_hosts(map(decode_table, own_hosts.values()))
        cutter = self._cutter(kept)
        for names in (name_internal(), cutter.names()):
            for part in name_parts(options.name_shares, names):
                yield PARTS, part
        for opened in open_buckets(element[1], ROW_SCHEMAS):
            the_one_key([opened.key, *(own for _, own in pieces)])
            divided = divide_sessions(opened, read_floods(opened, self._days), self._days, options)
            for number, (hits, judged) in enumerate(divided):
                bucket = self._cut(hits, JudgedVisits(judged), window, cutter, renamed, chosen, learned)
                for part in VisitCounter(bucket).tables():
                    yield PARTS, part
                first_visit = (first_bucket + opened.number) << 40 | number << 32
                for files, tables in (
                    ("visit_files", [list_visits(bucket, first_visit)]),
                    ("item_files", _list_all(bucket, first_visit)),
                ):
                    yield PARTS, part_of(files, 0, path=pa.array([write_rows(options.folder, tables)]))
                # Before the next one is read.
                del bucket

    def _cut(
        self,
        hits: Columns,
        judged: JudgedVisits,
        window: VisitWindow,
        cutter: NameCutter,
        renamed: Sequence[bytes],
        own_hosts: Any,
        learned: Mapping[str, bytes],
    ) -> BucketVisits:
        """Return the visits of one bucket of sessions, or of a part of it; `hits` are freed."""
        # In place: the caller has them too, and they are most of what is in memory.
        hits |= rename(cutter.cut(hits), renamed)
        visits = cut_visits(hits, window.timeout_ms)
        parts = open_parts(open_learned(learned))
        if parts.are_there:
            hits |= without_views(hits, visits, self._days.local_hours(visits.begin_ms) // 24, parts)
            visits = cut_visits(hits, window.timeout_ms)
        rows, visits = keep_counted(hits, visits)
        hits.clear()
        return BucketVisits(rows, visits, window, judged, own_hosts)

    def _cutter(self, kept: Sequence[Kept]) -> NameCutter:
        """Return the object that cuts names; it is the same for all buckets of a run."""
        if self._kept is None or self._kept[0] != kept:
            self._kept = (kept, NameCutter(kept))
        return self._kept[1]


def _list_all(bucket: BucketVisits, first_visit: int) -> Iterator[Columns]:
    """Yield what is in a file of items, table by table."""
    for _, items in list_items(bucket, first_visit):
        yield items
    yield list_midnights(bucket)
