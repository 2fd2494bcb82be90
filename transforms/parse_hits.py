"""The fused stage: read, scan, derive, count, and let go of addresses and cookies (steps 1 to 5).

One worker does all of it for one piece of an input. What leaves are sums, names of public texts, and references to
files of digests.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geo_data.locations import LocationDatabase, open_locations
from transforms.count_hits import HitCounter
from transforms.derive_hits import HitDeriver, Hits
from transforms.describing.describe_hits import Descriptions
from transforms.exchange_rows import write_buckets
from transforms.kernels.digests import as_key
from transforms.meter import meter
from transforms.partial_tables import encode_table
from transforms.read_lines import LineReader, ReadLines, join_lines
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

BATCH_LINES: Final = 150_000
"""So many are described and counted at once: some 20 MB, and as much again for their hits."""
FLUSH_ROWS: Final = 400_000
"""Human hits that a worker collects before it writes them out: some 40 MB."""

_NAME_SHARES: Final = 16


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
        self._derivers: dict[str, tuple[LineReader, HitDeriver]] = {}

    def _deriver(self, site: str, key: bytes) -> tuple[LineReader, HitDeriver]:
        """The worker's own for a site."""
        if site not in self._derivers:
            options = self._options
            words = as_key(key)
            describe = Descriptions(words, site, options.own_hosts, options.search_keys)
            locations = _shared_locations.get(options.geo_db)
            self._derivers[site] = (
                LineReader(describe, words, options.cookie_name, ProxyTrust.of(options.trusted_proxies)),
                HitDeriver(describe, locations, LocalDays(options.timezone), words),
            )
        return self._derivers[site]

    def process(self, element: tuple[Piece, bytes], run_key: bytes) -> Iterator[Result]:
        """One piece of an input, with the byte ranges of it to skip: begins and ends in turn."""
        piece, duplicates = element
        index, path, compression, log_format, site, begin, end = piece
        reader, deriver = self._deriver(site, run_key)
        describe = deriver.descriptions
        collected = _Collected(self._options)
        counter = HitCounter(index, begin, self._options.day_shares)
        skipped = np.frombuffer(duplicates, dtype=np.int64)
        scanner = BlockScanner(log_format)
        batch: list[ReadLines] = []
        derived = 0
        for block in read_blocks(path, compression, begin, end):
            batch += _read_block(block, scanner, reader, counter, skipped)
            # By all lines, since the texts of those that are no hits take room as well.
            if counter.lines - derived >= BATCH_LINES:
                self._derive(batch, deriver, counter, collected)
                batch, derived = [], counter.lines
            if collected.row_count > FLUSH_ROWS:
                yield from collected.flush()
        self._derive(batch, deriver, counter, collected)
        yield from collected.flush()
        for part in counter.tables(describe.site_digests, describe.machines):
            yield PARTS, part
        names = describe.names.take_new()
        if len(names):
            yield from _names_parts(names, self._options.day_shares)
        yield LAST_HIT, counter.last_ms

    def _derive(
        self, batch: Sequence[ReadLines], deriver: HitDeriver, counter: HitCounter, collected: _Collected
    ) -> None:
        """Count the hits of some blocks; collect those in the window, and those near enough to it for visits' sake."""
        by_fields: dict[tuple[bool, bool], list[ReadLines]] = {}
        for part in batch:
            by_fields.setdefault((part.has_agent_field, part.can_have_cookie), []).append(part)
        for (_, can_have_cookie), parts in by_fields.items():
            hits = self._count(deriver.derive_hits(join_lines(parts)), counter)
            collected.add(hits, deriver.descriptions.site_digests, can_have_cookie=can_have_cookie)
        deriver.descriptions.make_room()

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


def _read_block(
    block: Block, scanner: BlockScanner, reader: LineReader, counter: HitCounter, skipped: NDArray[np.int64]
) -> list[ReadLines]:
    """Book the lines of a block; returns those that are hits, by format."""
    lines = scanner.scan(block.content, block.length)
    if len(skipped):
        # Begins and ends alternate: behind an odd number of them a line is inside a range.
        places = lines.line_begins[:-1].astype(np.int64) + block.offset
        lines.leave_out(np.searchsorted(skipped, places, side="right") % 2 == 1)
    counter.note_content(sum_line_hashes(block.content, lines.line_begins))
    read = [reader.read_lines(part) for part in lines.parts]
    counter.count_lines(lines.rejects())
    meter.add(lines=lines.line_count)
    return read


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


def _names_parts(names: pa.Table, shares: int) -> Iterator[Result]:
    """Names dealt out to tables by their digests, so that no merging worker of many holds all."""
    share = names["id"].to_numpy() % min(shares, _NAME_SHARES)
    for own in np.unique(share).tolist():
        yield PARTS, (f"names/{own}", encode_table(names.take(np.flatnonzero(share == own))))
