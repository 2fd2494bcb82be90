"""Withholds identifiers: no published name of a page, phrase or campaign contains an identifier of the run.

The pieces list the identifiers that they met, as digests under the run's key in files. Here, the names of all pages,
phrases, referrers and campaigns are searched for them. A name that contains one is replaced before visits are counted.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from weakref import WeakValueDictionary

import apache_beam as beam
import numpy as np
import pyarrow as pa
from apache_beam.pvalue import AsList

from footfall.transforms.arrays import Columns, Digests, Flags, Ints, Words
from footfall.transforms.describing.name_links import LINK
from footfall.transforms.describing.text_rules import TextRules
from footfall.transforms.describing.withhold_texts import Identifiers, withhold, words_of_machines
from footfall.transforms.exchange.row_files import read_rows
from footfall.transforms.kernels.digests import as_key, fingerprint
from footfall.transforms.kernels.intern_strings import KeyTable
from footfall.transforms.kernels.names import digest_names
from footfall.transforms.merge_tables import MergeTables
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.run_options import RunOptions
from footfall.transforms.running.run_steps import Result, RunStepFn
from footfall.transforms.running.sealed_key import seal
from footfall.transforms.tables.partial_tables import (
    ALWAYS,
    Part,
    decode_table,
    encode_table,
    name_parts,
    part_of,
)
from footfall.transforms.tables.stored_tables import read_parts
from footfall.transforms.visits.cut_names import Kept
from footfall.transforms.visits.visit_rows import KEPT, PARTS, RENAMED, TEXT_COLUMNS
from footfall.transforms.vocabulary import REFERRER_KINDS, SEPARATOR

IdentifierFile = tuple[str, int]
"""(file of digests of identifiers, fingerprint of their key)."""
_NAMES_AT_ONCE: Final = 100_000


class WithholdIdentifiers(beam.PTransform):  # type: ignore[misc]
    """Partial tables of names, and IDENTIFIERS of the whole run → PARTS, RENAMED, KEPT."""

    def __init__(self, options: RunOptions, run_key: Any, met: beam.PCollection[IdentifierFile]) -> None:
        super().__init__()
        self._options = options
        self._run_key = run_key
        self._met = met

    def expand(self, names: beam.PCollection[Part]) -> Any:
        """Search all names of one share at once."""
        search = RunStepFn(WithholdNames, self._options, threads=self._options.threads)
        return (
            names
            | "Merge names" >> MergeTables(self._options)
            | "Search" >> beam.ParDo(search, self._run_key, AsList(self._met)).with_outputs(PARTS, RENAMED, KEPT)
        )


class HandOverIdentifiers(beam.PTransform):  # type: ignore[misc]
    """IDENTIFIERS of the whole run → parts of the table `met_files`, for the check before publishing."""

    def __init__(self, options: RunOptions, run_key: Any) -> None:
        super().__init__()
        self._options = options
        self._run_key = run_key

    def expand(self, met: beam.PCollection[IdentifierFile]) -> Any:
        """Seal the run's key for the publisher beside the path of each file."""
        return met | "Seal" >> beam.ParDo(RunStepFn(SealIdentifiers, self._options), self._run_key).with_outputs(PARTS)


class SealIdentifiers:
    """A file of IDENTIFIERS, and the run's key → a part of the table `met_files`."""

    def __init__(self, options: RunOptions) -> None:
        self._publisher = options.publisher

    def process(self, element: IdentifierFile, run_key: bytes) -> Iterator[Result]:
        """Yield the path, and the key sealed for the publisher."""
        path, own = element
        the_one_key([fingerprint(as_key(run_key)), own])
        if self._publisher:
            key = pa.array([seal(run_key, self._publisher)], pa.binary())
            yield PARTS, part_of("met_files", 0, path=pa.array([path]), key=key)


class WithholdNames:
    """(names/share, table), the run's key, and IDENTIFIERS of the whole run → PARTS, RENAMED, KEPT."""

    def __init__(self, options: RunOptions) -> None:
        self._k = options.k
        self._rules = TextRules(options.kept_texts, options.name_keys)
        self._shares = options.name_shares
        self._met: Identifiers | None = None

    def process(self, element: Part, run_key: bytes, met: Sequence[IdentifierFile]) -> Iterator[Result]:
        """Search the names of one share; yield them, the new names, and which names were replaced by which."""
        the_one_key([fingerprint(as_key(run_key)), *(own for _, own in met)])
        self._met = _open_met(run_key, [path for path, _ in met])
        uses = _Uses(self._k)
        for table in _read_names(element[1], uses):
            yield from self._search(table, self._met, uses)
        yield PARTS, element
        yield KEPT, uses.kept()
        share = np.array([int(element[0].partition("/")[2])])
        yield PARTS, part_of("rare_names", 0, share=share, names=np.array([uses.kept()[0]]))

    def _search(self, table: pa.Table, met: Identifiers, uses: _Uses) -> Iterator[Result]:
        """Search some names; yield what has changed."""
        names = table["text"].to_pylist()
        searched, tokens = _withhold_names(names, met, self._rules)
        changed = [row for row, (name, new) in enumerate(zip(names, searched, strict=True)) if name != new]
        if changed:
            new_names = [searched[row] for row in changed]
            old, new = table["id"].to_numpy()[changed], digest_names(new_names)
            uses.keep(old)
            for part in name_parts(self._shares, pa.table({"id": new, "text": pa.array(new_names, pa.string())})):
                yield PARTS, part
            yield RENAMED, encode_table(pa.table({"old": old, "new": new}))
        if tokens:
            yield (
                PARTS,
                part_of(
                    "withheld",
                    0,
                    token=np.array(list(tokens), dtype=np.uint64),
                    texts=np.array(list(tokens.values()), dtype=np.int64),
                ),
            )


class _Uses:
    """How many hits have each name of a share."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._names = KeyTable()
        self._uses: Ints = np.zeros(0, dtype=np.int64)

    def add(self, table: pa.Table) -> Flags:
        """Add names, each once, and return which were not there before."""
        before = self._names.count
        codes = self._names.intern(table["id"].to_numpy())
        self._uses = np.append(self._uses, np.zeros(self._names.count - before, dtype=np.int64))
        self._uses[codes] += table["uses"].to_numpy()
        return codes >= before

    def keep(self, names: Digests) -> None:
        """Keep names however few hits have them."""
        self._uses[self._names.intern(names)] = ALWAYS

    def kept(self) -> Kept:
        """Return the number of rare names, and the digests of the others."""
        is_rare = self._uses < self._k
        return int(np.count_nonzero(is_rare)), self._names.keys[~is_rare].tobytes()


def _read_names(content: bytes, uses: _Uses) -> Iterator[pa.Table]:
    """Yield the names of a share, each once, in batches that are short enough for lists; count their uses."""
    for table in read_parts(content):
        new = table.filter(pa.array(uses.add(table)))
        for begin in range(0, len(new), _NAMES_AT_ONCE):
            yield new.slice(begin, _NAMES_AT_ONCE)


class MetFiles:
    """The digests in files of IDENTIFIERS, a file at a time, sorted in each."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = sorted(set(paths))

    def __iter__(self) -> Iterator[Digests]:
        for path in self._paths:
            yield read_rows(path)["digest"].to_numpy()


_open: Final[WeakValueDictionary[tuple[bytes, tuple[str, ...]], Identifiers]] = WeakValueDictionary()
"""The identifiers that a step holds now."""
_opening: Final = threading.Lock()


def _open_met(run_key: bytes, paths: Sequence[str]) -> Identifiers:
    """Return the identifiers of some files. All threads share them, since their sieve grows with the visitors."""
    name = run_key, tuple(sorted(paths))
    with _opening:
        met = _open.get(name)
        if met is None:
            met = _open[name] = Identifiers(as_key(run_key), MetFiles(paths))
        return met


def _withhold_names(
    names: Sequence[str], identifiers: Identifiers, rules: TextRules
) -> tuple[list[str], dict[int, int]]:
    """Return the names without identifiers, and how many texts had each, by its fixed digest.

    The names of one text (pages, phrases), of acquisitions except their kind, and of links are searched. Those of
    places, browsers and programs come from lists. Names of machines (name, category) are searched, but stay: the
    publisher, which gets the identifiers, folds the ones that are on no list.
    """
    texts: list[str] = []
    places: list[tuple[int, int]] = []
    parts_of = [name.split(SEPARATOR) for name in names]
    for row, parts in enumerate(parts_of):
        is_acquisition = len(parts) > 2 and parts[0] in (*REFERRER_KINDS, LINK)
        for place in range(1 if is_acquisition else 0, len(parts) if is_acquisition or len(parts) == 1 else 0):
            places.append((row, place))
            texts.append(parts[place])
    searched, tokens = withhold(texts, identifiers, rules)
    of_machines = [parts[0] for parts in parts_of if len(parts) == 2 and parts[0] not in REFERRER_KINDS]
    for token in withhold([words_of_machines(name) for name in of_machines], identifiers, rules)[1]:
        tokens.setdefault(token, 0)
    for (row, place), text in zip(places, searched, strict=True):
        parts_of[row][place] = text
    return [SEPARATOR.join(parts) for parts in parts_of], tokens


def rename(rows: Columns, renamed: Sequence[bytes]) -> Columns:
    """Return rows with the new names of tables of RENAMED."""
    if not renamed:
        return rows
    table = pa.concat_tables([decode_table(content) for content in renamed])
    old: Words = table["old"].to_numpy()
    order = np.argsort(old)
    old, new = old[order], table["new"].to_numpy()[order]
    changed = dict(rows)
    for name in TEXT_COLUMNS:
        place = np.minimum(np.searchsorted(old, rows[name]), len(old) - 1)
        changed[name] = np.where(old[place] == rows[name], new[place], rows[name])
    return changed
