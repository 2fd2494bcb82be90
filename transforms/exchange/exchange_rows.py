"""Exchanges rows between steps in files by bucket, so that a shuffle moves only (bucket, reference).

A file contains one Arrow record batch for each bucket. Its rows are digests, times and codes, no plain text. File names
are unique, and steps read only the files in the references, so a runner may process an element again.
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
"""(bucket, `kind:fingerprint:begin:size:path`): the place of the bucket's rows in a file, and the fingerprint of the
key of their digests.
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
    """Write rows to a new file in `folder`, by bucket of their `keys` (digests), and yield the references.

    `kind` identifies the columns of the rows, `fingerprint` the key of their digests. If `rows` is given, only these
    row numbers are written.
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
    """Return the rows of a bucket as columns by kind, and the fingerprint of the key of their digests.

    `schemas` has the columns of each kind in the order in which they were written.

    Raises KeyChanged if the fingerprints differ.
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
    """Delete all files of rows in a folder; call it when no step needs them any more."""
    remove_files(folder, _ENDING)


def _columns(table: pa.Table) -> Columns:
    """Copy the columns: views of Arrow memory are read-only, and Numba would compile each kernel again for those."""
    return {name: np.concatenate([chunk.to_numpy() for chunk in table[name].chunks]) for name in table.column_names}


@kernel
def deal_out(keys: Words, bucket_count: int) -> tuple[Ints, Ints]:
    """Return the row numbers sorted by bucket (a stable order), and the end of each bucket among them."""
    buckets = np.empty(len(keys), dtype=np.int64)
    ends = np.zeros(bucket_count, dtype=np.int64)
    for row in range(len(keys)):
        # Uses the upper bits, because hash tables use the lower ones.
        bucket = np.int64((keys[row] >> np.uint64(40)) % np.uint64(bucket_count))
        buckets[row] = bucket
        ends[bucket] += 1
    # `ends` are the begins of the buckets first; each row that is added increases them, up to the ends.
    ends = np.cumsum(ends) - ends
    order = np.empty(len(keys), dtype=np.int64)
    for row in range(len(keys)):
        order[ends[buckets[row]]] = row
        ends[buckets[row]] += 1
    return order, ends
