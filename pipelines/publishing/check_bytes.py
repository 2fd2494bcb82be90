"""Looks for identifiers of the run in the bytes of the file that it publishes, whatever they belong to.

A file has more bytes than its tables show: blocks that were freed, statistics, the catalog. Here the publisher has the
run's key, which the pipeline has sealed for it, and the digests of all that the run met.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from footfall.transforms.arrays import Bytes, Ints
from footfall.transforms.describing.withhold_texts import Identifiers
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import FIXED_KEY, as_key, fingerprint
from footfall.transforms.kernels.spellings import cut_readable, find_spellings
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.sealed_key import KeyReceiver
from footfall.transforms.withhold_identifiers import read_met

BYTES_EVIDENCE: Final = "looked up every word in the file's bytes, in all spellings, among what identified visitors"
MIN_CHARACTERS: Final = 8
"""The letters and digits of the shortest identifier that is looked for: five stand beside each other by chance."""
MIN_ADDRESS: Final = 7
"""The characters of the shortest address with its dots."""
_BLOCK: Final = 8 << 20
_OVERLAP: Final = 512
_GRAM: Final = 4


@dataclass(frozen=True)
class FileBytes:
    """The new file, the same file without rows, and the identifiers of the run."""

    path: Path
    empty: Path
    met: Identifiers


def read_identifiers(partial_tables: dict[str, pa.Table], receiver: KeyReceiver) -> Identifiers:
    """Return the identifiers that the run met, by their digests under its key. Raises KeyChanged."""
    files = partial_tables["met_files"].to_pylist()
    keys = {receiver.open(row["key"]) for row in files} or {bytes(16)}
    the_one_key(fingerprint(as_key(key)) for key in keys)
    return Identifiers.of(as_key(keys.pop()), read_met(sorted({row["path"] for row in files})))


def find_in_bytes(connection: duckdb.DuckDBPyConnection, file: FileBytes) -> tuple[str, int, int]:
    """Return (place, pieces of text searched, identifiers found) of the attached database `fresh`.

    What the file's own texts explain is no finding: a name of a country, or of a column, may be somebody's cookie. So
    is each part of them, since compression cuts texts and puts others beside them.
    """
    connection.execute("CHECKPOINT fresh")
    searched, found = 0, set[str]()
    for texts, ends in _readable(file.path):
        searched += len(ends)
        places, _ = find_spellings(file.met.key, texts, ends, file.met.digests, file.met.sieve, FIXED_KEY)
        for piece, begin, end in places.tolist():
            first = int(ends[piece - 1]) if piece else 0
            found.add(texts[first + begin : first + end].tobytes().decode("utf-8", "replace").lower())
    telling = [text for text in found if _is_telling(text)]
    if telling:
        known = _known_texts(connection, file.empty)
        telling = [text for text in telling if not _is_explained(text, known)]
    return "the file's bytes", searched, len(telling)


def _is_telling(text: str) -> bool:
    if sum(map(str.isalnum, text)) >= MIN_CHARACTERS:
        return True
    return len(text) >= MIN_ADDRESS and text.count(".") == 3 and text.replace(".", "").isdigit()


def _readable(path: Path) -> Iterator[tuple[Bytes, Ints]]:
    """Yield the pieces of readable text of each block of a file, one behind the other, and their ends."""
    with path.open("rb") as file:
        before = b""
        while block := file.read(_BLOCK):
            yield cut_readable(padded(before + block), len(before) + len(block))
            before = block[-_OVERLAP:]


def _known_texts(connection: duckdb.DuckDBPyConnection, empty: Path) -> str:
    """Return all texts that the tables tell and that the file has without rows, in lower case."""
    columns = connection.execute(
        "SELECT table_name, column_name FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, table_name) "
        "WHERE database_name = 'fresh' AND data_type = 'VARCHAR'"
    ).fetchall()
    texts = [
        text
        for table, column in columns
        for (text,) in connection.execute(
            f"SELECT DISTINCT {column} FROM fresh.{table} WHERE {column} IS NOT NULL"
        ).fetchall()
    ]
    return "\0".join([*texts, empty.read_bytes().decode("latin-1")]).lower()


def _is_explained(text: str, known: str) -> bool:
    """Whether each character is one of four that stand so in the known texts."""
    places = range(len(text) - _GRAM + 1)
    explained = {place + step for place in places if text[place : place + _GRAM] in known for step in range(_GRAM)}
    return len(explained) == len(text)
