"""Reads merged partial tables that may be too large for memory: in parts that have each key once."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from footfall.transforms.arrays import Columns
from footfall.transforms.exchange.exchange_rows import Reference, open_buckets, remove_references, write_buckets
from footfall.transforms.kernels.intern_strings import mix_keys
from footfall.transforms.tables.declaring import PartialTable
from footfall.transforms.tables.partial_tables import files_of
from footfall.transforms.tables.stored_tables import read_parts


def each_key_once(partial: PartialTable, content: bytes, folder: str) -> Iterator[pa.Table]:
    """Yield the columns of `partial`, which are numbers, in parts; each key is once in one of them.

    If the table came in several files, its rows are dealt out to files in `folder` by their keys first.
    """
    names, count = partial.schema.names, len(files_of(content))
    if count <= 1:
        yield from (table.select(names) for table in read_parts(content))
        return
    written: list[Reference] = []
    for table in read_parts(content):
        columns: Columns = {name: table[name].to_numpy() for name in names}
        keys = mix_keys(*(columns[name] for name in partial.keys))
        written += write_buckets(folder, partial.name, 0, columns, keys, count, per_share=count)
    try:
        for bucket in open_buckets((reference for _, reference in written), {partial.name: partial.schema}):
            yield partial.merge([pa.table(bucket.read()[partial.name], schema=partial.schema)])
    finally:
        remove_references(written)
