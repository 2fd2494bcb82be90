"""The fused stage: read, scan, derive, count, and let go of addresses and cookies (steps 1 to 5).

One worker does all of it for one piece of an input. What leaves are sums, names of public texts, and references to
files of digests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geo_data.locations import LocationDatabase, open_locations
from transforms.count_hits import HitCounter
from transforms.derive_hits import HitDeriver, Hits
from transforms.describing.describe_hits import Descriptions
from transforms.exchange_rows import write_buckets
from transforms.formats.slots import has_session_field
from transforms.kernels.digests import as_key
from transforms.meter import meter
from transforms.partial_tables import encode_table
from transforms.run_options import Piece, RunOptions
from transforms.run_steps import Result
from transforms.scanning.read_blocks import Block, read_blocks
from transforms.scanning.scan_blocks import BlockScanner
from transforms.scanning.scan_lines import sum_line_hashes
from transforms.values.choose_clients import ProxyTrust
from transforms.values.local_days import LocalDays
from transforms.visit_rows import (
    BARE,
    CAN_HAVE_COOKIE,
    CLIENT_ROWS,
    COOKIED,
    COOKIED_COLUMNS,
    HAS_COOKIE,
    INTERNAL,
    LAST_HIT,
    PAGE_VIEW,
    PARTS,
    SESSION_ROWS,
    VISIT_ROWS,
    Columns,
)
from transforms.vocabulary import HUMAN

FLUSH_ROWS: Final = 400_000
"""Human hits that a worker collects before it writes them out: some 40 MB."""


class _SharedLocations:
    """One open location database per process and path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str | None, LocationDatabase] = {}

    def get(self, path: str | None) -> LocationDatabase:
        with self._lock:
            if path not in self._open:
                self._open[path] = open_locations(Path(path) if path else None)
            return self._open[path]


_shared_locations = _SharedLocations()


class ParsePieces:
    """(piece, duplicates), and the run's key → PARTS, CLIENT_ROWS, SESSION_ROWS, LAST_HIT."""

    def __init__(self, options: RunOptions) -> None:
        # The engine already runs one worker per core.
        pa.set_cpu_count(1)
        self._options = options
        self._derivers: dict[str, HitDeriver] = {}

    def _deriver(self, site: str, key: bytes) -> HitDeriver:
        """The worker's deriver for a site, made anew when a run brings a new key."""
        deriver = self._derivers.get(site)
        if deriver is None:
            options = self._options
            words = as_key(key)
            deriver = self._derivers[site] = HitDeriver(
                Descriptions(words, site, options.own_hosts, options.search_keys),
                _shared_locations.get(options.geo_db),
                LocalDays(options.timezone),
                words,
                options.cookie_name,
                ProxyTrust.of(options.trusted_proxies),
            )
        return deriver

    def process(self, element: tuple[Piece, bytes], run_key: bytes) -> Iterator[Result]:
        """One piece of an input, with the byte ranges of it to skip: begins and ends in turn."""
        piece, duplicates = element
        index, path, compression, log_format, site, begin, end = piece
        deriver = self._deriver(site, run_key)
        collected = _Collected(self._options)
        counter = HitCounter(index, begin)
        skipped = np.frombuffer(duplicates, dtype=np.int64)
        scanner = BlockScanner(log_format)
        for block in read_blocks(path, compression, begin, end):
            self._parse_block(block, scanner, deriver, counter, skipped, collected)
            if collected.row_count > FLUSH_ROWS:
                yield from collected.flush()
        yield from collected.flush()
        describe = deriver.descriptions
        for part in counter.tables(describe.site_digests, describe.machines):
            yield PARTS, part
        names = describe.names.take_new()
        if len(names):
            yield from _names_parts(names)
        yield LAST_HIT, counter.last_ms

    def _parse_block(
        self,
        block: Block,
        scanner: BlockScanner,
        deriver: HitDeriver,
        counter: HitCounter,
        skipped: NDArray[np.int64],
        collected: _Collected,
    ) -> None:
        """Book the lines of a block; collect the hits in the window, and those near enough to it for visits' sake."""
        lines = scanner.scan(block.content, block.length)
        if len(skipped):
            # Begins and ends alternate: behind an odd number of them a line is inside a range.
            places = lines.line_begins[:-1].astype(np.int64) + block.offset
            lines.leave_out(np.searchsorted(skipped, places, side="right") % 2 == 1)
        counter.note_content(sum_line_hashes(block.content, lines.line_begins))
        for part in lines.parts:
            hits = self._count(deriver.derive_hits(part), counter)
            can_have_cookie = has_session_field(part.row_of.keys(), self._options.cookie_name)
            collected.add(hits, deriver.descriptions.site_digests, can_have_cookie=can_have_cookie)
        counter.count_lines(lines.rejects())
        meter.add(lines=lines.line_count)

    def _count(self, hits: Hits, counter: HitCounter) -> Hits:
        options = self._options
        counter.note_times(hits.time_ms)
        day = hits.local_hour // 24
        in_window = (day >= options.first_day) & (day <= options.last_day)
        if in_window.all():
            counter.count_hits(hits)
        else:
            counter.count_outside(len(in_window) - int(in_window.sum()))
            counter.count_hits(hits.take(in_window))
            hits = hits.take((hits.time_ms >= options.begin_ms) & (hits.time_ms < options.end_ms))
        counter.count_minutes(hits)
        return hits


class _Collected:
    """Human hits on their way to the buckets."""

    def __init__(self, options: RunOptions) -> None:
        self._options = options
        self._rows: list[Columns] = []
        self.row_count = 0

    def add(self, hits: Hits, site_digests: NDArray[np.uint64], *, can_have_cookie: bool) -> None:
        """The human hits among `hits`, as VISIT_ROWS; whether their lines have a field for a session cookie."""
        human = np.flatnonzero(hits.traffic_class == HUMAN)
        session = hits.session[human]
        flags = (
            hits.is_page_view[human] * np.uint8(PAGE_VIEW)
            | hits.is_internal[human] * np.uint8(INTERNAL)
            | (session > 0) * np.uint8(HAS_COOKIE)
            | np.uint8(CAN_HAVE_COOKIE if can_have_cookie else 0)
        )
        is_seen = hits.is_page_view[human] | (hits.status[human] >= 400)
        self._rows.append(
            {
                "client": hits.client[human],
                "session": session,
                "time_ms": hits.time_ms[human],
                "site": site_digests[hits.site[human]],
                # Pages of hits that nothing counts by page need not travel.
                "page": np.where(is_seen, hits.page[human], np.uint64(0)),
                "place": hits.place[human],
                "technology": hits.technology[human],
                "arrival": hits.arrival[human],
                "phrase": hits.phrase[human],
                "status": hits.status[human].astype(np.int16),
                "flags": flags.astype(np.uint8),
            }
        )
        self.row_count += len(human)

    def flush(self) -> Iterator[Result]:
        """Write the rows to buckets; yields the references."""
        if not self.row_count:
            return
        rows = {name: np.concatenate([own[name] for own in self._rows]) for name in VISIT_ROWS}
        self._rows, self.row_count = [], 0
        options = self._options
        has_cookie = rows["session"] > 0
        bare, cookied = np.flatnonzero(~has_cookie), np.flatnonzero(has_cookie)
        short = {name: rows[name] for name in COOKIED_COLUMNS}
        for kind, columns, own, by, output in (
            (BARE, rows, bare, "client", CLIENT_ROWS),
            (COOKIED, short, cookied, "client", CLIENT_ROWS),
            (COOKIED, rows, cookied, "session", SESSION_ROWS),
        ):
            for reference in write_buckets(options.folder, kind, columns, rows[by], options.bucket_count, own):
                yield output, reference


def _names_parts(names: Any) -> Iterator[Result]:
    """Names dealt out to sixteen tables by their digests, so that no merging worker holds all."""
    shard = names["id"].to_numpy() >> np.uint64(60)
    for own in np.unique(shard).tolist():
        yield PARTS, (f"names/{own}", encode_table(names.take(np.flatnonzero(shard == own))))
