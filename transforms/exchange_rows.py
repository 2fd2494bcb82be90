"""Rows between stages: written to bucket files, so that only (bucket, file) crosses a shuffle.

A file holds one record batch per bucket. Its rows are digests, times and codes: nothing in clear. Files carry unique
names, and only those whose names were passed on count, so a stage may be retried.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from transforms.kernels.compiled import kernel
from transforms.row_files import ARROW_OPTIONS, create_arrow, open_arrow
from transforms.stored_files import join_path

Reference = tuple[int, str]
"""(bucket, `file#batch`)."""


def write_buckets(
    folder: str,
    kind: str,
    columns: dict[str, NDArray[Any]],
    keys: NDArray[np.uint64],
    bucket_count: int,
    rows: NDArray[np.int64] | None = None,
) -> Iterator[Reference]:
    """Write rows to a new file of `folder`, dealt out to buckets by their keys (digests); yields the batches.

    With `rows` only these. `kind` goes before the references' file name, so that the reader tells rows of several
    shapes apart.
    """
    order, ends = deal_out(keys if rows is None else keys[rows], bucket_count)
    if len(order) == 0:
        return
    if rows is not None:
        order = rows[order]
    table = {name: column[order] for name, column in columns.items()}
    schema = pa.schema([(name, pa.from_numpy_dtype(column.dtype)) for name, column in columns.items()])
    path = join_path(folder, f"{uuid.uuid4().hex}.arrow")
    batches: list[Reference] = []
    with create_arrow(path) as sink, pa.ipc.new_file(sink, schema, options=ARROW_OPTIONS) as writer:
        begin = 0
        for bucket, end in enumerate(ends.tolist()):
            if end > begin:
                arrays = [pa.array(column[begin:end]) for column in table.values()]
                batches.append((bucket, f"{kind}:{path}#{len(batches)}"))
                writer.write_batch(pa.record_batch(arrays, schema=schema))
            begin = end
    yield from batches


def read_bucket(references: Iterable[str]) -> dict[str, dict[str, NDArray[Any]]]:
    """The rows of a bucket's batches, as columns by kind."""
    batches: dict[str, list[pa.RecordBatch]] = {}
    for reference in sorted(references):
        kind, _, place = reference.partition(":")
        path, _, batch = place.rpartition("#")
        with open_arrow(path) as source, pa.ipc.open_file(source) as reader:
            batches.setdefault(kind, []).append(reader.get_batch(int(batch)))
    return {kind: _columns(pa.Table.from_batches(own)) for kind, own in batches.items()}


def _columns(table: pa.Table) -> dict[str, NDArray[Any]]:
    """Copies, always: a view of Arrow's memory is read-only, for which numba would compile every kernel once more."""
    return {name: np.concatenate([chunk.to_numpy() for chunk in table[name].chunks]) for name in table.column_names}


@kernel
def deal_out(keys: NDArray[np.uint64], bucket_count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """An order of rows by bucket, in which each bucket's rows keep theirs, and where each bucket ends."""
    buckets = np.empty(len(keys), dtype=np.int64)
    ends = np.zeros(bucket_count, dtype=np.int64)
    for row in range(len(keys)):
        # The upper bits; tables hash by the lower ones.
        bucket = np.int64((keys[row] >> np.uint64(40)) % np.uint64(bucket_count))
        buckets[row] = bucket
        ends[bucket] += 1
    # From counts to where each bucket begins; filling it moves that to where it ends.
    ends = np.cumsum(ends) - ends
    order = np.empty(len(keys), dtype=np.int64)
    for row in range(len(keys)):
        order[ends[buckets[row]]] = row
        ends[buckets[row]] += 1
    return order, ends
