"""Rows between steps: written to files by bucket, so that only (bucket, reference) crosses a shuffle.

A file holds one Arrow record batch for each bucket. Its rows are digests, times and codes: nothing in clear. Files
carry unique names, and only those that were passed on count, so an element may be repeated.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.exchange.row_files import create_arrow, open_arrow
from footfall.transforms.exchange.stored_files import join_path, remove_files
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.running.failures import the_one_key

_ENDING: Final = ".rows"

Reference = tuple[int, str]
"""(bucket, `kind:fingerprint:begin:size:path`): where the bucket's rows stand in a file, and under which key its
digests were made.
"""


def write_buckets(
    folder: str,
    kind: str,
    fingerprint: int,
    columns: Columns,
    keys: Words,
    bucket_count: int,
    rows: Ints | None = None,
) -> Iterator[Reference]:
    """Write rows to a new file of `folder`, dealt out to buckets by their keys (digests); yields the references.

    `kind` tells rows of several shapes apart, `fingerprint` the key of their digests. With `rows` only these are
    written.
    """
    order, ends = deal_out(keys if rows is None else keys[rows], bucket_count)
    if len(order) == 0:
        return
    if rows is not None:
        order = rows[order]
    table = {name: column[order] for name, column in columns.items()}
    batch = pa.record_batch(list(table.values()), names=list(table))
    path = join_path(folder, f"{uuid.uuid4().hex}{_ENDING}")
    references: list[Reference] = []
    written = begin = 0
    with create_arrow(path) as sink:
        for bucket, end in enumerate(ends.tolist()):
            if end > begin:
                content = batch.slice(begin, end - begin).serialize()
                sink.write(content)
                references.append((bucket, f"{kind}:{fingerprint:016x}:{written}:{content.size}:{path}"))
                written += content.size
            begin = end
    yield from references


def read_bucket(references: Iterable[str], schemas: Mapping[str, pa.Schema]) -> tuple[dict[str, Columns], int]:
    """The rows of a bucket as columns by kind, and the fingerprint of the key of all their digests.

    `schemas` has the columns of each kind in the order in which they were written.

    Raises KeyChanged where there are several.
    """
    batches: dict[str, list[pa.RecordBatch]] = {}
    fingerprints = set()
    for reference in sorted(references):
        kind, fingerprint, begin, size, path = reference.split(":", 4)
        fingerprints.add(int(fingerprint, 16))
        with open_arrow(path) as source:
            source.seek(int(begin))
            content = source.read(int(size))
        batches.setdefault(kind, []).append(pa.ipc.read_record_batch(content, schemas[kind]))
    return {kind: _columns(pa.Table.from_batches(own)) for kind, own in batches.items()}, the_one_key(fingerprints)


def remove_rows(folder: str) -> None:
    """Delete all files of rows of a folder, once no step needs them any more."""
    remove_files(folder, _ENDING)


def _columns(table: pa.Table) -> Columns:
    """Copies, always: a view of Arrow's memory is read-only, for which numba would compile every kernel once more."""
    return {name: np.concatenate([chunk.to_numpy() for chunk in table[name].chunks]) for name in table.column_names}


@kernel
def deal_out(keys: Words, bucket_count: int) -> tuple[Ints, Ints]:
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
