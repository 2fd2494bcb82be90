"""Exchanges rows between steps in files by bucket, so that a shuffle moves only (share, reference).

A file has the rows of one kind, bucket by bucket and there column by column: digests, times and codes of fixed width,
no plain text.
Buckets that are processed one after the other are a share, so that a large run has no more references than needed:
one for each file and share. File names are unique, and steps read only the files in the references, so a runner may
process an element again.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import numpy as np
import pyarrow as pa

from footfall.transforms.arrays import Columns, Ints, Words
from footfall.transforms.exchange.stored_files import (
    create_file,
    is_url,
    join_path,
    open_file,
    remove_file,
    remove_files,
)
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.take_rows import take_rows
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.freed_memory import MUCH, freed_memory

_ENDING: Final = ".rows"
MAX_SHARES: Final = 256
"""More than a cluster has workers, and few enough that references are small beside what they refer to."""
_SOME_SHARES: Final = 32
"""More than a machine has cores. With more shares than that, each has several buckets,"""
_OF_SOME_SHARES: Final = 4
"""up to so many."""

Reference = tuple[int, str]
"""(share, `kind:fingerprint:begin:rows:path`): where the rows of the share's buckets begin in a file, how many each
bucket has, in hexadecimal with commas between, and the fingerprint of the key of their digests.
"""


def buckets_per_share(bucket_count: int) -> int:
    """Return how many buckets are processed one after the other.

    Each share has references to all files, in memory at once: a single machine needs fewer shares than a cluster.

    >>> [buckets_per_share(count) for count in (10, 70, 200, 1_024, 1_025)]
    [1, 2, 4, 4, 5]
    """
    return max(-(-bucket_count // MAX_SHARES), min(_OF_SOME_SHARES, max(1, bucket_count // _SOME_SHARES)))


def write_buckets(
    folder: str,
    kind: str,
    fingerprint: int,
    columns: Columns,
    keys: Words,
    bucket_count: int,
    rows: Ints | None = None,
    *,
    per_share: int | None = None,
) -> Iterator[Reference]:
    """Write rows to a new file in `folder`, by bucket of their `keys` (digests), and yield the references.

    `kind` identifies the columns of the rows, `fingerprint` the key of their digests. If `rows` is given, only these
    row numbers are written. `per_share` is the number of buckets of a share, by default `buckets_per_share`.
    """
    order, ends = deal_out(keys if rows is None else keys[rows], bucket_count)
    if len(order) == 0:
        return
    if rows is not None:
        order = rows[order]
    table = {name: take_rows(column, order) for name, column in columns.items()}
    # The kind is part of the name: the rows do not say what they are.
    path = join_path(folder, f"{uuid.uuid4().hex}.{kind}{_ENDING}")
    with create_file(path) as sink:
        # Each bucket's rows column by column: interleaved, every column would be read with the bytes of all others.
        for first, last in zip([0, *ends.tolist()], ends.tolist(), strict=False):
            for column in table.values():
                sink.write(column[first:last].view(np.uint8).data)
    per_share = per_share or buckets_per_share(bucket_count)
    counts = np.diff(ends, prepend=0)
    row_bytes = sum(column.itemsize for column in table.values())
    for share in np.unique(np.flatnonzero(counts) // per_share).tolist():
        first = share * per_share
        begin = int(ends[first] - counts[first]) * row_bytes
        sizes = ",".join(f"{count:x}" for count in counts[first : first + per_share].tolist())
        yield share, f"{kind}:{fingerprint:016x}:{begin:x}:{sizes}:{path}"


@dataclass(frozen=True)
class _Place:
    """What a reference says: where the rows of some buckets are, and how many each has."""

    kind: str
    fingerprint: int
    begin: int
    counts: tuple[int, ...]
    path: str

    @classmethod
    def of(cls, reference: str) -> _Place:
        """Read a reference."""
        kind, fingerprint, begin, counts, path = reference.split(":", 4)
        sizes = tuple(int(count, 16) for count in counts.split(","))
        return cls(kind, int(fingerprint, 16), int(begin, 16), sizes, path)

    def read(self, row_type: np.dtype[Any], first: int, last: int) -> Iterator[Columns]:
        """Yield the columns of each bucket from `first` to before `last`."""
        counts = self.counts[first:last]
        with open_file(self.path) as source:
            source.seek(self.begin + sum(self.counts[:first]) * row_type.itemsize)
            content = source.read(sum(counts) * row_type.itemsize)
        at = 0
        for count in counts:
            columns: Columns = {}
            for name in row_type.names or ():
                columns[name] = np.frombuffer(content, dtype=row_type[name], count=count, offset=at)
                at += columns[name].nbytes
            yield columns

    def read_into(self, row_type: np.dtype[Any], number: int, columns: Columns) -> None:
        """Fill columns with those of a bucket, and with 0 where its rows have none of that name."""
        count = self.counts[number]
        at = self.begin + sum(self.counts[:number]) * row_type.itemsize
        with self._open(at, count * row_type.itemsize) as (source, begin):
            for name in row_type.names or ():
                if name in columns:
                    source.seek(begin)
                    size = source.readinto(columns[name].view(np.uint8).data)
                    if size != columns[name].nbytes:
                        raise EOFError(f"a file of rows: {name} has {size} bytes, expected {columns[name].nbytes}")
                begin += count * row_type[name].itemsize
        for name in columns.keys() - set(row_type.names or ()):
            columns[name][:] = 0

    @contextmanager
    def _open(self, begin: int, size: int) -> Iterator[tuple[Any, int]]:
        """Yield a file with some bytes of this one, and where they begin in it; of one in a store they are read now."""
        with open_file(self.path) as source:
            if not is_url(self.path):
                yield source, begin
                return
            source.seek(begin)
            yield BytesIO(source.read(size)), 0


def read_bucket(references: Iterable[str], schemas: Mapping[str, pa.Schema]) -> tuple[dict[str, Columns], int]:
    """Return the rows of a share of one bucket as columns by kind, and the fingerprint of the key of their digests.

    `schemas` has the columns of each kind in the order in which they were written.

    Raises KeyChanged if the fingerprints differ.
    """
    places = [_Place.of(reference) for reference in sorted(references)]
    return _read(places, schemas, 0, None)


@dataclass(frozen=True)
class Bucket:
    """A bucket of a share: its number there, and the fingerprint of the key of its digests."""

    number: int
    key: int
    _places: Sequence[_Place]
    _schemas: Mapping[str, pa.Schema]

    def count_rows(self, kinds: Collection[str]) -> int:
        """Return how many rows of some kinds it has, without reading them."""
        return sum(place.counts[self.number] for place in self._of(kinds))

    def read(self, kinds: Collection[str] | None = None) -> dict[str, Columns]:
        """Return its rows as columns by kind; of some kinds or all."""
        return _read(self._of(kinds), self._schemas, self.number, self.number + 1)[0]

    def join(self, kinds: Iterable[str], columns: Mapping[str, Any]) -> Columns:
        """Return its rows of some kinds, one kind after the other, with these columns alone, by name and type.

        Columns that a kind lacks are 0. Nothing else is read.
        """
        places = [place for kind in kinds for place in self._of((kind,))]
        ends = np.cumsum([place.counts[self.number] for place in places]).tolist()
        joined: Columns = {name: np.empty(ends[-1] if ends else 0, dtype) for name, dtype in columns.items()}
        for place, begin, end in zip(places, [0, *ends], ends, strict=False):
            own = {name: column[begin:end] for name, column in joined.items()}
            place.read_into(_row_type(self._schemas[place.kind]), self.number, own)
        return joined

    def parts(self, kinds: Collection[str] | None = None) -> Iterator[tuple[str, Columns]]:
        """Yield kind and columns of its rows file by file, where they may be too many for memory."""
        for place in self._of(kinds):
            yield from _read([place], self._schemas, self.number, self.number + 1)[0].items()

    def _of(self, kinds: Collection[str] | None) -> list[_Place]:
        return [place for place in self._places if kinds is None or place.kind in kinds]


def open_buckets(references: Iterable[str], schemas: Mapping[str, pa.Schema]) -> Iterator[Bucket]:
    """Yield each bucket of a share that has rows; `schemas` as in `read_bucket`. Raises KeyChanged likewise."""
    places = [_Place.of(reference) for reference in sorted(references)]
    for number in range(max((len(place.counts) for place in places), default=0)):
        own = [place for place in places if number < len(place.counts) and place.counts[number]]
        if own:
            yield Bucket(number, the_one_key({place.fingerprint for place in own}), own, schemas)
            freed_memory.give_back(MUCH)


def read_buckets(
    references: Iterable[str], schemas: Mapping[str, pa.Schema]
) -> Iterator[tuple[int, dict[str, Columns], int]]:
    """Yield what `read_bucket` returns for each bucket of a share that has rows, behind its number in the share.

    Only one bucket's rows are in memory.
    """
    for bucket in open_buckets(references, schemas):
        yield bucket.number, bucket.read(), bucket.key


def _read(
    places: Iterable[_Place], schemas: Mapping[str, pa.Schema], first: int, last: int | None
) -> tuple[dict[str, Columns], int]:
    parts: dict[str, list[Columns]] = {}
    fingerprints = set()
    for place in places:
        fingerprints.add(place.fingerprint)
        own = place.read(_row_type(schemas[place.kind]), first, len(place.counts) if last is None else last)
        parts.setdefault(place.kind, []).extend(own)
    key = the_one_key(fingerprints)
    # Each column by itself, and writable: Numba would compile each kernel again for views.
    return {
        kind: {name: np.concatenate([part[name] for part in own]) for name in own[0]} for kind, own in parts.items()
    }, key


def _row_type(schema: pa.Schema) -> np.dtype[Any]:
    return np.dtype([(column.name, str(column.type)) for column in schema])


def remove_references(references: Iterable[Reference]) -> None:
    """Delete the files of references that were passed on to nobody."""
    for path in {_Place.of(reference).path for _, reference in references}:
        remove_file(path)


def remove_rows(folder: str) -> None:
    """Delete all files of rows in a folder; call it when no step needs them any more."""
    remove_files(folder, _ENDING)


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
