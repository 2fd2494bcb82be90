"""Parses hits: reads and scans lines, derives and counts hits, and discards addresses and cookies.

One worker does all of this for a piece of an input, or for those of several small ones at once. The outputs are counts,
public texts by digest, and references to files of digests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import apache_beam as beam
import numpy as np

from footfall.transforms.arrays import Ints
from footfall.transforms.behaviour.own_hosts import HostCounter
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.describing.goal_rules import Goal, GoalRules
from footfall.transforms.describing.page_rules import PageRules
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.exchange.row_files import write_rows
from footfall.transforms.hits.collect_rows import CollectedRows
from footfall.transforms.hits.count_hits import HitCounter, LineCounts, tables_of_line_counts
from footfall.transforms.hits.derive_hits import HitDeriver, Hits, Locations
from footfall.transforms.hits.met_identifiers import MetIdentifiers
from footfall.transforms.hits.read_lines import LineReader, ReadLines, join_lines
from footfall.transforms.kernels.digests import as_key, fingerprint
from footfall.transforms.running.progress_counts import progress_counts
from footfall.transforms.running.run_options import Pieces, RunOptions
from footfall.transforms.running.run_steps import Result, RunStepFn
from footfall.transforms.scanning.read_blocks import Block, read_blocks
from footfall.transforms.scanning.scan_blocks import BlockScanner
from footfall.transforms.values.choose_clients import ProxyTrust
from footfall.transforms.values.local_days import LocalDays
from footfall.transforms.visits.visit_rows import (
    CLIENT_ROWS,
    HOSTS,
    IDENTIFIERS,
    NAMES,
    PARTS,
    PIECES,
    SESSION_ROWS,
)

BATCH_LINES: Final = 600_000
"""The number of lines whose texts are described at once: about 60 MB.

With fewer, the patterns that describe texts are compiled more often.
"""
DERIVED_LINES: Final = 100_000
"""The number of lines whose hits are derived and counted at once: their columns fit into the processor's cache."""
FLUSH_ROWS: Final = 400_000
"""The number of hits that a worker collects before it writes them to files: about 40 MB."""

OUTPUTS: Final = (PARTS, NAMES, IDENTIFIERS, HOSTS, CLIENT_ROWS, SESSION_ROWS, PIECES)

OpenLocations = Callable[[str | None], Locations]
"""Opens a location database by path, None for the embedded one; the threads of a worker share the result."""


class ParseHits(beam.PTransform):  # type: ignore[misc]
    """Pieces of inputs, those of small ones together → OUTPUTS."""

    def __init__(
        self,
        options: RunOptions,
        open_locations: OpenLocations,
        run_key: Any,
        duplicates: Any,
    ) -> None:
        super().__init__()
        self._options = options
        self._open_locations = open_locations
        self._run_key = run_key
        self._duplicates = duplicates

    def expand(self, pieces: beam.PCollection[Pieces]) -> Any:
        """Apply the step to the pieces, together with the duplicate ranges of their inputs."""
        options = self._options
        how: dict[str, Any] = {"threads": options.threads, "counts_folder": options.counts_folder}
        parse = RunStepFn(ParsePieces, options, self._open_locations, **how)
        return (
            pieces
            | "Beside duplicates" >> beam.Map(_beside_duplicates, self._duplicates)
            | "Parse" >> beam.ParDo(parse, self._run_key).with_outputs(*OUTPUTS)
        )


def _beside_duplicates(pieces: Pieces, duplicates: Mapping[str, bytes]) -> tuple[Pieces, tuple[bytes, ...]]:
    """Return pieces, and for each the byte ranges of its input that are counted in another input."""
    return pieces, tuple(duplicates.get(path, b"") for _, path, *_ in pieces)


class ParsePieces:
    """(pieces, duplicates of each), and the run's key → OUTPUTS."""

    def __init__(self, options: RunOptions, open_locations: OpenLocations) -> None:
        self._options = options
        self._open_locations = open_locations
        self._derivers: dict[tuple[str, bytes], tuple[LineReader, HitDeriver]] = {}

    def _deriver(self, site: str, run_key: bytes) -> tuple[LineReader, HitDeriver]:
        """Return the worker's reader and deriver for a site; both are reused, as they cache descriptions of texts."""
        if (site, run_key) not in self._derivers:
            options = self._options
            key = as_key(run_key)
            rules = TextRules(options.kept_texts, options.name_keys)
            pages = PageRules(
                options.included_pages,
                options.excluded_pages,
                options.page_aliases,
                options.page_groups,
                options.ignores_letter_case,
                options.page_keys,
            )
            goals = GoalRules(tuple(Goal(*goal) for goal in options.goals), options.ignores_letter_case)
            describe = Descriptions(
                *(key, site, options.own_hosts, options.search_keys, rules, options.app_agents, pages, goals),
                options.robots,
            )
            locations = self._open_locations(options.geo_db)
            self._derivers[site, run_key] = (
                LineReader(
                    describe,
                    key,
                    options.cookie_name,
                    ProxyTrust.of(options.trusted_proxies),
                    options.request_time_unit,
                    heeds_opt_outs=options.heeds_opt_outs,
                    met=MetIdentifiers(key),
                ),
                HitDeriver(describe, locations, LocalDays(options.timezone), key),
            )
        return self._derivers[site, run_key]

    def process(self, element: tuple[Pieces, tuple[bytes, ...]], run_key: bytes) -> Iterator[Result]:
        """Process pieces of one site; `duplicates` are the byte ranges to skip in each, begins and ends alternating."""
        pieces, duplicates = element
        site = pieces[0][4]
        reader, deriver = self._deriver(site, run_key)
        key = fingerprint(as_key(run_key))
        sums = _Sums(self._options, key)
        reader.met.clear()
        counts: list[LineCounts] = []
        batch: list[tuple[LineCounts, ReadLines]] = []
        waiting, percent = 0, self._options.memory_percent
        for (index, path, compression, log_format, _, begin, end), own_duplicates in zip(
            pieces, duplicates, strict=True
        ):
            own = LineCounts(index, begin, self._options.started_ms)
            counts.append(own)
            skipped = np.frombuffer(own_duplicates, dtype=np.int64)
            scanner = BlockScanner(log_format)
            for block in read_blocks(path, compression, begin, end):
                before = own.lines
                batch += [(own, lines) for lines in _read_block(block, scanner, reader, own, skipped)]
                # Counts all lines, because the texts of lines that are no hits also use memory.
                waiting += own.lines - before
                describe = deriver.descriptions
                if waiting >= BATCH_LINES * percent // 100 or describe.has_many_new:
                    yield from self._derive(batch, deriver, sums)
                    batch, waiting = [], 0
                    if describe.has_many_lasting or sums.hosts.is_full:
                        yield from self._yield_sums(sums, reader, describe)
                        del self._derivers[site, run_key]
                        reader, deriver = self._deriver(site, run_key)
                        sums = _Sums(self._options, key)
                    elif describe.is_full:
                        yield from sums.collected.flush(describe.names)
                        describe.make_room()
        yield from self._derive(batch, deriver, sums)
        for table in tables_of_line_counts(counts):
            yield PARTS, table
        # The names of the inputs are published too.
        sums.collected.use_names(deriver.descriptions.names.add([path for _, path, *_ in pieces]))
        yield from self._yield_sums(sums, reader, deriver.descriptions)
        yield PIECES, (max(one.last_ms for one in counts), key)

    def _yield_sums(self, sums: _Sums, reader: LineReader, describe: Descriptions) -> Iterator[Result]:
        """Yield what was counted and collected since the last call, and the identifiers in these lines."""
        for table in (*sums.counter.tables(describe), sums.collected.folders(describe)):
            yield PARTS, table
        for table in sums.hosts.parts(describe.site_digests, self._options.day_shares):
            yield HOSTS, table
        sums.collected.use(sums.counter.site_codes, describe.site_digests)
        yield from sums.collected.flush(describe.names)
        describe.make_room()
        yield IDENTIFIERS, (write_rows(self._options.folder, [{"digest": reader.met.digests()}]), sums.key)

    def _derive(
        self, batch: Sequence[tuple[LineCounts, ReadLines]], deriver: HitDeriver, sums: _Sums
    ) -> Iterator[Result]:
        """Count the hits of some blocks, and collect those in the window, and those near it that its visits may need.

        Yields the collected rows when there are many.
        """
        describe, most_rows = deriver.descriptions, FLUSH_ROWS * self._options.memory_percent // 100
        by_fields: dict[tuple[bool, bool], list[tuple[LineCounts, ReadLines]]] = {}
        for counts, part in batch:
            by_fields.setdefault((part.has_agent_field, part.can_have_cookie), []).append((counts, part))
        for (_, can_have_cookie), alike in by_fields.items():
            for parts in _divide(alike):
                derived = deriver.derive_hits(join_lines([part for _, part in parts]))
                hits = self._count(derived, [(counts, len(part.time_ms)) for counts, part in parts], sums.counter)
                sums.hosts.count(hits, describe.domain_names)
                sums.collected.add(hits, describe, can_have_cookie=can_have_cookie)
                if sums.collected.row_count > most_rows:
                    yield from sums.collected.flush(describe.names)

    def _count(self, hits: Hits, pieces: Sequence[tuple[LineCounts, int]], counter: HitCounter) -> Hits:
        """Count the hits of several pieces, which follow each other; return those in the window or near it."""
        options = self._options
        day = hits.local_hour // 24
        in_window = (day >= options.first_day) & (day <= options.last_day)
        end = 0
        for counts, hit_count in pieces:
            begin, end = end, end + hit_count
            counts.count_hits(hits, in_window, slice(begin, end))
        if in_window.all():
            counter.count_hits(hits)
        else:
            counter.count_hits(hits.take(in_window))
            hits = hits.take((hits.time_ms >= options.begin_ms) & (hits.time_ms < options.end_ms))
        counter.count_around(hits)
        return hits


def _divide(parts: Sequence[tuple[LineCounts, ReadLines]]) -> Iterator[Sequence[tuple[LineCounts, ReadLines]]]:
    """Yield parts that follow each other and have about DERIVED_LINES lines together."""
    begin = lines = 0
    for end, (_, part) in enumerate(parts, start=1):
        lines += len(part.time_ms)
        if lines >= DERIVED_LINES or end == len(parts):
            yield parts[begin:end]
            begin, lines = end, 0


def _read_block(
    block: Block, scanner: BlockScanner, reader: LineReader, counts: LineCounts, skipped: Ints
) -> list[ReadLines]:
    """Count the lines of a block, and return those that are hits, by format."""
    lines = scanner.scan(block.content, block.length)
    if len(skipped):
        # Begins and ends alternate: a line that follows an odd number of them is inside a range.
        places = lines.line_begins[:-1].astype(np.int64) + block.offset
        lines.mark_duplicates(np.searchsorted(skipped, places, side="right") % 2 == 1)
    read = [reader.read_lines(part) for part in lines.parts]
    counts.count_lines(lines.rejects())
    progress_counts.add(lines=lines.line_count)
    return read


class _Sums:
    """What is counted and collected under the codes of one `Descriptions`; `key` is the fingerprint of the run's."""

    def __init__(self, options: RunOptions, key: int) -> None:
        self.key = key
        self.counter = HitCounter(options.day_shares)
        self.hosts = HostCounter()
        self.collected = CollectedRows(options, key)
