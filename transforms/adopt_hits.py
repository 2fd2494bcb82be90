"""Adopts hits: assigns hits without a session cookie to a session of the same client, and counts visitors.

Before that, each client is judged: hits of machines are moved to the class `automated`, and parts of pages are no
longer page views. All rows of a client are in one bucket. The result is written to the buckets by session, from which
visits are built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import apache_beam as beam
import numpy as np

from footfall.transforms.arrays import Bytes, Codes, Columns, Flags, Ints
from footfall.transforms.behaviour.divide_clients import (
    ALL_DAYS,
    ClientPart,
    DividedClients,
    Window,
    read_machines,
)
from footfall.transforms.behaviour.floods import FLOOD_REASON, OF_PEOPLE, Floods, sessions_of
from footfall.transforms.behaviour.judge_clients import judge_clients, judged, read_observed
from footfall.transforms.behaviour.learned import open_learned
from footfall.transforms.behaviour.page_parts import PageParts, open_parts
from footfall.transforms.behaviour.reclassify import MACHINE_DIGESTS, move_hits, name_reasons
from footfall.transforms.behaviour.verdicts import Verdicts
from footfall.transforms.exchange.exchange_rows import Bucket, open_buckets, write_buckets
from footfall.transforms.hits.count_visitors import VisitorCounter
from footfall.transforms.hits.hit_facts import is_published, with_class, without_page_view
from footfall.transforms.hits.visitor_times import VisitorTimes
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.running.run_steps import Result, RunStepFn
from footfall.transforms.tables.partial_tables import Part, name_parts
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.adopt_sessions import adopt_hits
from footfall.transforms.visits.visit_rows import (
    ADOPTING,
    DOWNLOAD,
    FLOODED,
    JUDGED,
    MACHINE,
    PAGE_VIEW,
    PARTS,
    ROW_COLUMNS,
    ROW_SCHEMAS,
    SESSION_ROWS,
    SHORT,
    TO_ADOPT,
    VISIT_ROWS,
    WITHOUT_COOKIE,
    ObservedShare,
    types_of,
)
from footfall.transforms.vocabulary import AUTOMATED

_READ: Final = (*OF_PEOPLE, MACHINE)
"""The kinds of rows that visits and visitors come from."""
_COUNTED: Final = ("site", "time_ms", "facts", "bytes_sent", "folder")
"""The columns of human hits that are counted by client."""
_ADOPTED: Final = dict.fromkeys((*(name for name in VISIT_ROWS if name != "session"), *_COUNTED))
_ADOPTING: Final = ("client", "session", "shape", *_COUNTED)
"""The columns of hits without and with a cookie that are used."""


class AdoptHits(beam.PTransform):  # type: ignore[misc]
    """OBSERVED, and what was LEARNED from all of it → SESSION_ROWS, PARTS."""

    def __init__(self, options: RunOptions, learned: Any) -> None:
        super().__init__()
        self._options = options
        self._learned = learned

    def expand(self, buckets: beam.PCollection[ObservedShare]) -> Any:
        """Process each bucket, in which all rows of a client are together."""
        adopt = RunStepFn(AdoptBuckets, self._options, threads=self._options.threads)
        return buckets | "Adopt" >> beam.ParDo(adopt, self._learned).with_outputs(SESSION_ROWS, PARTS)


class AdoptBuckets:
    """OBSERVED, and what was LEARNED from all of it → SESSION_ROWS, PARTS."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._days = LocalDays(options.timezone)

    def process(self, element: ObservedShare, learned: Mapping[str, bytes]) -> Iterator[Result]:
        """Process the buckets of one share."""
        _, references, files = element
        observed = iter(files)
        known = open_learned(learned)
        page_parts = open_parts(known)
        for bucket in open_buckets(references, ROW_SCHEMAS):
            divided = DividedClients(bucket, self._options, self._days)
            yield from self._count_floods(divided.floods, bucket)
            for own in filter(None, next(observed, [])):
                divided.add_verdicts(judge_clients(read_observed(own), known))
            times = VisitorTimes(self._options.folder, bucket.key, divided.part_count)
            for part in divided.parts(_READ):
                yield from self._adopt(part, page_parts, times)
            for table in times.tables():
                yield PARTS, table

    def _count_floods(self, floods: Floods, bucket: Bucket) -> Iterator[Result]:
        """Count the hits of floods as those of machines, and yield the sessions that they are in."""
        for rows in floods.hits_of_people(bucket):
            counted = np.flatnonzero(is_published(rows["facts"]))
            own: Columns = {name: rows[name][counted] for name in _COUNTED if name in rows}
            reasons = np.full(len(counted), FLOOD_REASON, dtype=np.uint8)
            for part in move_hits(own, with_class(own["facts"], AUTOMATED), reasons, self._day_shares):
                yield PARTS, part
            for part in name_parts(self._options.name_shares, name_reasons(reasons)):
                yield PARTS, part
            if "session" in rows:
                yield from self._write(FLOODED, bucket.key, sessions_of(rows, self._local_days(rows)))

    def _adopt(self, part: ClientPart, page_parts: PageParts, times: VisitorTimes) -> Iterator[Result]:
        """Process a part of a bucket of clients; hits in its window may adopt cookies of hits before and after it."""
        window, key, machines = part.window, part.rows.key, read_machines(part, self._options.rows_at_once)
        to_adopt = part.rows.join((TO_ADOPT, TO_ADOPT + SHORT), types_of(_ADOPTED))
        adopting = part.rows.join((ADOPTING,), types_of(_ADOPTING))
        people = {TO_ADOPT: self._within(to_adopt, window), ADOPTING: self._within(adopting, window)}
        clients = KeyTable()
        codes = {name: clients.intern(rows["client"]) for name, rows in people.items()}
        without_count = int(codes[TO_ADOPT].max(initial=-1)) + 1
        verdicts = Verdicts(*judged(part.verdicts), clients)
        days = {name: self._local_days(rows) for name, rows in people.items()}
        reasons = {name: verdicts.reasons_of(codes[name], days[name]) for name in people}
        is_part = {name: page_parts.are_parts(days[name], rows["site"], rows["shape"]) for name, rows in people.items()}
        # Those around the window may belong to others.
        of_adopting = codes[ADOPTING] if window == ALL_DAYS else clients.intern(adopting["client"])
        adopted = adopt_hits(
            *(people[TO_ADOPT], codes[TO_ADOPT], adopting, of_adopting), *(without_count, self._options.timeout_ms)
        )
        is_short = (
            ((adopted["flags"] & (PAGE_VIEW | DOWNLOAD)) == 0) & (adopted["status"] < 400) & (adopted["goals"] == 0)
        )
        yield from self._write(WITHOUT_COOKIE, key, adopted, np.flatnonzero(~is_short))
        yield from self._write(WITHOUT_COOKIE + SHORT, key, adopted, np.flatnonzero(is_short))
        for name, sessions in ((TO_ADOPT, adopted["session"]), (ADOPTING, people[ADOPTING]["session"])):
            yield from self._write(JUDGED, key, verdicts.sessions_of(codes[name], sessions, days[name]))
        hits = {name: np.concatenate([own[name] for own in people.values()]) for name in _COUNTED}
        # Two thirds of the columns are needed no more, and counting takes as much memory as they do.
        del to_adopt, adopting, people, adopted
        for table in self._count(machines, hits, codes, reasons, is_part, clients, times):
            yield PARTS, table

    def _within(self, rows: Columns, window: Window) -> Columns:
        if window == ALL_DAYS:
            return rows
        own = np.flatnonzero(window.has(self._local_days(rows)))
        return {name: column[own] for name, column in rows.items()}

    def _local_days(self, rows: Columns) -> Ints:
        return self._days.days_of(rows["time_ms"])

    def _count(
        self,
        machines: Columns,
        hits: Columns,
        codes: Mapping[str, Codes],
        reasons: Mapping[str, Bytes],
        is_part: Mapping[str, Flags],
        clients: KeyTable,
        times: VisitorTimes,
    ) -> Iterator[Part]:
        """Yield the partial tables of visitors, and corrections of those of hits for machines and parts of pages."""
        client, reason = np.concatenate(list(codes.values())), np.concatenate(list(reasons.values()))
        is_counted = is_published(hits["facts"])
        is_machine = (reason > 0) & is_counted
        is_other = is_counted & np.concatenate(list(is_part.values())) & ~is_machine
        judged = hits["facts"].copy()
        judged[is_machine] = with_class(judged[is_machine], AUTOMATED)
        judged[is_other] = without_page_view(judged[is_other])
        human, moved, changed = (np.flatnonzero(where) for where in (~is_machine, is_machine, is_machine | is_other))
        site, time_ms, facts = hits["site"][human], hits["time_ms"][human], judged[human]
        times.add(client[human], clients.keys, site, time_ms, facts)
        yield from move_hits(
            {name: column[changed] for name, column in hits.items()},
            judged[changed],
            np.where(is_machine, reason, np.uint8(0))[changed],
            self._day_shares,
        )
        yield from name_parts(self._options.name_shares, name_reasons(reason[moved]))
        counter = VisitorCounter(
            np.concatenate([client[human], client[moved], clients.intern(machines["client"])]),
            clients.count,
            np.concatenate([hits["site"][human], hits["site"][moved], machines["site"]]),
            np.concatenate([facts, judged[moved], machines["facts"]]),
            np.concatenate([hits["bytes_sent"][human], hits["bytes_sent"][moved], machines["bytes_sent"]]),
            np.concatenate([MACHINE_DIGESTS[reason[moved]], machines["machine"]]),
            hits["folder"][human],
            self._day_shares,
        )
        yield from counter.tables()

    @property
    def _day_shares(self) -> int:
        return self._options.day_shares

    def _write(self, kind: str, key: int, rows: Columns, chosen: Ints | None = None) -> Iterator[Result]:
        own = {name: rows[name] for name in ROW_COLUMNS[kind]}
        options = self._options
        for reference in write_buckets(options.folder, kind, key, own, rows["session"], options.bucket_count, chosen):
            yield SESSION_ROWS, reference
