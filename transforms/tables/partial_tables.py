"""Partial tables: what each published count is grouped by, and how parts of it travel.

A partial table travels as (key, Arrow IPC bytes) under the key `table/share`; equal rows are added up. Only bytes and
strings cross a stage boundary, which every runner mode carries safely.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.acero  # else imported by the first merge, when everybody waits for it
from numpy.typing import NDArray

Part = tuple[str, bytes]
"""(table/share, one Arrow IPC stream)."""


@dataclass(frozen=True)
class TableSpec:
    """How a partial table is merged: rows with equal `keys` become one, each measure by its function."""

    keys: dict[str, pa.DataType]
    measures: dict[str, str]

    @property
    def schema(self) -> pa.Schema:
        """Keys, then measures; measures are int64."""
        return pa.schema([*self.keys.items(), *((name, pa.int64()) for name in self.measures)])

    def merge(self, tables: Iterable[pa.Table]) -> pa.Table:
        """One table with each key once, in the order of the keys."""
        table = pa.concat_tables(tables)
        if not self.measures:
            merged = table.group_by(list(self.keys), use_threads=False).aggregate([])
        else:
            merged = table.group_by(list(self.keys), use_threads=False).aggregate(list(self.measures.items()))
            merged = merged.rename_columns([*self.keys, *self.measures])
        return merged.select(self.schema.names).cast(self.schema)


def _sums(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "sum")


_DAY_SITE: Final = {"day": pa.int32(), "site": pa.uint64()}

# Names of sites, pages and so on are digests (`names`); days count from 1970-01-01, hours too.
PARTIAL_TABLES: Final[dict[str, TableSpec]] = {
    "names": TableSpec({"id": pa.uint64(), "text": pa.string()}, {}),
    "item_files": TableSpec({"path": pa.string()}, {}),
    "days": TableSpec(_DAY_SITE, {"first_ms": "min", "last_ms": "max", "hits": "sum"}),
    "traffic": TableSpec(
        {"local_hour": pa.int32(), "site": pa.uint64(), "traffic_class": pa.uint8()},
        _sums("hits", "page_views", "bytes_sent", "hits_2xx", "hits_3xx", "hits_4xx", "hits_5xx"),
    ),
    "latency": TableSpec(
        {"local_hour": pa.int32(), "site": pa.uint64(), "traffic_class": pa.uint8(), "bucket": pa.uint16()},
        _sums("hits"),
    ),
    "machines": TableSpec(
        {**_DAY_SITE, "traffic_class": pa.uint8(), "name": pa.string(), "category": pa.string()},
        _sums("hits", "bytes_sent"),
    ),
    "machine_errors": TableSpec({**_DAY_SITE, "status": pa.int16()}, _sums("hits")),
    "minutes": TableSpec({"site": pa.uint64(), "minute": pa.int64()}, _sums("hits", "hits_5xx")),
    # By eight bits of digests of addresses and of clients: see `footfall.pipelines.inputs.detect_proxies`.
    "address_spread": TableSpec({"input": pa.int32(), "bucket": pa.int16()}, _sums("address_hits", "client_hits")),
    "line_counts": TableSpec(
        {"input": pa.int32(), "begin": pa.int64()},
        {
            **_sums("lines", "hits", "outside_window", "rejected", "duplicates", "digest_low", "digest_high"),
            "first_ms": "min",
            "last_ms": "max",
        },
    ),
    "rejects": TableSpec(
        {"input": pa.int32(), "begin": pa.int64(), "reason": pa.uint8()}, {"lines": "sum", "first_line": "min"}
    ),
    "visits": TableSpec(
        _DAY_SITE, _sums("visits", "page_views", "bounces", "duration_s", "fallback_visits", "cut_visits")
    ),
    "visitors": TableSpec(_DAY_SITE, _sums("visitors")),
    "pages": TableSpec(
        {**_DAY_SITE, "page": pa.uint64()}, _sums("page_views", "visits", "entries", "exits", "bounces")
    ),
    "locations": TableSpec({**_DAY_SITE, "location": pa.uint64()}, _sums("visits", "page_views")),
    "technology": TableSpec({**_DAY_SITE, "technology": pa.uint64()}, _sums("visits", "page_views")),
    "acquisitions": TableSpec({**_DAY_SITE, "acquisition": pa.uint64()}, _sums("visits", "page_views")),
    "searches": TableSpec({**_DAY_SITE, "phrase": pa.uint64()}, _sums("searches", "visits")),
    "human_errors": TableSpec(
        {**_DAY_SITE, "status": pa.int16(), "page": pa.uint64()}, _sums("hits", "hits_without_visit", "visits")
    ),
    "cookie_audit": TableSpec({**_DAY_SITE, "finding": pa.uint8()}, _sums("visits")),
}


# Small counts and few days and sites: a fifth of the size, of which engines hold several copies.
_COMPRESSED: Final = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_MIN_COMPRESSED_ROWS: Final = 100


def encode_table(table: pa.Table) -> bytes:
    """A table as one Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    options = _COMPRESSED if len(table) >= _MIN_COMPRESSED_ROWS else None
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def decode_table(content: bytes) -> pa.Table:
    """The table of an Arrow IPC stream."""
    with pa.ipc.open_stream(content) as reader:
        return reader.read_all()


def part_of(table: str, share: int, /, **columns: NDArray[Any] | pa.Array) -> Part:
    """Columns of a partial table as what travels."""
    schema = PARTIAL_TABLES[table].schema
    arrays = {name: pa.array(columns[name]).cast(schema.field(name).type) for name in schema.names}
    return f"{table}/{share}", encode_table(pa.table(arrays, schema=schema))


def parts_by_day(table: str, shares: int, days: NDArray[Any], /, **columns: NDArray[Any] | pa.Array) -> Iterator[Part]:
    """Columns of a partial table, its days dealt out to a number of shares: `days` has one day per row."""
    share_of = np.asarray(days).astype(np.int64) % shares
    for share in np.unique(share_of).tolist():
        rows = np.flatnonzero(share_of == share)
        own = {
            name: column.take(pa.array(rows)) if isinstance(column, pa.Array) else column[rows]
            for name, column in columns.items()
        }
        yield part_of(table, share, **own)
