"""Collects hits as rows for the steps that follow, and writes them to files by client and by session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Columns, Digests, Flags, Ints
from footfall.transforms.behaviour.evidence import are_address_evidence, methods_of
from footfall.transforms.describing.describe_hits import Descriptions
from footfall.transforms.exchange.exchange_rows import write_buckets
from footfall.transforms.hits.derive_hits import Hits
from footfall.transforms.hits.hit_facts import pack_facts
from footfall.transforms.hits.used_names import UsedNames
from footfall.transforms.kernels.intern_strings import KeyTable, mix_keys
from footfall.transforms.kernels.names import NameDictionary
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.running.run_steps import Result
from footfall.transforms.tables.partial_tables import Part, name_parts, part_of
from footfall.transforms.values.read_requests import METHOD_GET
from footfall.transforms.visits.visit_rows import (
    ADOPTING,
    CAN_HAVE_COOKIE,
    CLIENT,
    CLIENT_ROWS,
    DOWNLOAD,
    DOWNLOADED,
    HAS_COOKIE,
    INTERNAL,
    MACHINE,
    NAME_COLUMNS,
    NAMES,
    PAGE_VIEW,
    ROW_COLUMNS,
    SESSION_ROWS,
    SHORT,
    TEXT_COLUMNS,
    TO_ADOPT,
    TRACE,
    WITH_COOKIE,
)
from footfall.transforms.vocabulary import ASKED_KINDS, HUMAN

_DOWNLOAD: Final = ASKED_KINDS.index("download")

_TAKEN: Final = (
    *("client", "address", "session", "time_ms", *NAME_COLUMNS),
    *("goals", "shape", "evidence", "asked", "link", "from_host", "from_page", "bytes_sent"),
)
"""Columns of `Hits` that rows have too."""
_COLLECTED: Final = {
    kind: {*ROW_COLUMNS[kind], *(name for other in others for name in ROW_COLUMNS[other]), "address"}
    for kind, others in {
        WITH_COOKIE: (TO_ADOPT,),
        WITH_COOKIE + SHORT: (TO_ADOPT + SHORT, ADOPTING),
        **dict.fromkeys((MACHINE, TRACE, CLIENT), ()),
    }.items()
}
"""The columns that are collected of rows; hits with a cookie and hits to be adopted are collected together."""


def are_downloads(hits: Hits) -> Flags:
    """Return which hits, of any class, were answered with a file or a part of it."""
    is_asked: Flags = (hits.kind == _DOWNLOAD) & (methods_of(hits.evidence) == METHOD_GET)
    is_asked[is_asked] = np.isin(hits.status[is_asked], DOWNLOADED)
    return is_asked


class CollectedRows:
    """Collects the hits for the buckets, and the digests of the names that they refer to."""

    def __init__(self, options: RunOptions, key: int) -> None:
        self._options = options
        self._key = key
        self._rows: dict[str, list[Columns]] = {kind: [] for kind in _COLLECTED}
        self._names = UsedNames()
        self._clients = KeyTable()
        self._folders: set[int] = set()
        self.row_count = 0

    def add(self, hits: Hits, describe: Descriptions, *, can_have_cookie: bool) -> None:
        """Add the hits that have a client; `can_have_cookie` is whether their log format has a field for a cookie."""
        is_download = are_downloads(hits)
        flags = (
            hits.is_page_view * np.uint8(PAGE_VIEW)
            | hits.is_internal * np.uint8(INTERNAL)
            | (hits.session > 0) * np.uint8(HAS_COOKIE)
            | np.uint8(CAN_HAVE_COOKIE if can_have_cookie else 0)
            | is_download * np.uint8(DOWNLOAD)
        )
        # Visitors who opted out make no visits; as of machines, only their number is needed.
        is_human = (hits.traffic_class == HUMAN) & ~hits.opted_out
        # Other hits are not counted by page, so they need only SHORT_COLUMNS.
        is_seen = hits.is_page_view | (hits.status >= 400) | is_download | (hits.goals > 0)
        columns: Columns = {
            **{name: getattr(hits, name) for name in _TAKEN},
            "folder": describe.folder_digests[hits.folder],
            "site": describe.site_digests[hits.site],
            "status": hits.status.astype(np.int16),
            "flags": flags.astype(np.uint8),
            "day": (hits.local_hour // 24).astype(np.int32),
            "facts": pack_facts(
                hits.local_hour,
                hits.traffic_class,
                hits.is_page_view,
                hits.status,
                hits.protocol,
                hits.kind,
                hits.latency_bucket,
                self._options.first_day,
                self._options.last_day,
            ),
        }
        for kind, is_kind in (
            (WITH_COOKIE, is_human & is_seen),
            (WITH_COOKIE + SHORT, is_human & ~is_seen),
            (MACHINE, hits.needs_clients | hits.opted_out),
            (TRACE, (hits.traffic_class != HUMAN) & are_address_evidence(hits.evidence)),
            (CLIENT, self._is_new_client(hits.client, columns["day"])),
        ):
            rows = np.flatnonzero(is_kind)
            added = {name: take_rows(columns[name], rows) for name in _COLLECTED[kind] if name in columns}
            if kind == MACHINE:
                added["machine"] = describe.machine_digests[hits.machine[rows]]
            if kind == CLIENT:
                agents = hits.agent[rows]
                added |= {"agent": describe.agents["digest"][agents], "agent_facts": describe.agents["facts"][agents]}
            self._rows[kind].append(added)
            self.row_count += len(rows)
            for name in (*NAME_COLUMNS, "machine"):
                if name in added:
                    (self._names.count if name in TEXT_COLUMNS else self._names.keep)(added[name])
        self._folders.update(np.flatnonzero(np.bincount(hits.folder)).tolist())
        self.use(np.flatnonzero(np.bincount(hits.site[is_human | (hits.client > 0)])), describe.site_digests)

    def _is_new_client(self, clients: Digests, days: Ints) -> Flags:
        """Return which hits are the first ones of a client on a day; 0 is none."""
        before = self._clients.count
        codes = self._clients.intern(mix_keys(clients, days))
        highest = np.maximum.accumulate(np.concatenate([np.array([before - 1], dtype=codes.dtype), codes]))
        return (codes > highest[:-1]) & (clients > 0)

    def use(self, sites: Ints, site_digests: Digests) -> None:
        """Add the names of these sites to the used names."""
        self.use_names(site_digests[sites])

    def use_names(self, digests: Digests) -> None:
        """Add these to the used names."""
        self._names.keep(digests)

    def folders(self, describe: Descriptions) -> Part:
        """Return the partial table `folders`, of the folders that rows refer to."""
        used = [code for code in sorted(self._folders) if code]
        texts = pa.array([describe.folders[code] for code in used], pa.string())
        return part_of("folders", 0, id=describe.folder_digests[used], text=texts)

    def flush(self, names: NameDictionary) -> Iterator[Result]:
        """Write the rows to buckets; yield the references and the used names."""
        for part in name_parts(self._options.name_shares, self._names.table(names)):
            yield NAMES, part
        self._names, self._clients = UsedNames(), KeyTable()
        if self.row_count:
            for ending in ("", SHORT):
                rows = _join(self._rows[WITH_COOKIE + ending])
                has_cookie = rows["session"] > 0
                without, own = np.flatnonzero(~has_cookie), np.flatnonzero(has_cookie)
                # By address, since hits of one client are evidence about the others of its address.
                yield from self._write(TO_ADOPT + ending, rows, without, "address", CLIENT_ROWS)
                yield from self._write(ADOPTING, rows, own, "address", CLIENT_ROWS)
                yield from self._write(WITH_COOKIE + ending, rows, own, "session", SESSION_ROWS)
            for kind in (MACHINE, TRACE, CLIENT):
                yield from self._write(kind, _join(self._rows[kind]), None, "address", CLIENT_ROWS)
        self._rows, self.row_count = {kind: [] for kind in self._rows}, 0

    def _write(self, kind: str, rows: Columns, chosen: Ints | None, by: str, output: str) -> Iterator[Result]:
        own = {name: rows[name] for name in ROW_COLUMNS[kind]}
        options = self._options
        for reference in write_buckets(options.folder, kind, self._key, own, rows[by], options.bucket_count, chosen):
            yield output, reference


def _join(parts: Sequence[Columns]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
