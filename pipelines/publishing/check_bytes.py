"""Looks for identifiers of the run in the bytes of the file that it publishes, whatever they belong to.

A file has more bytes than its tables show: blocks that were freed, statistics, the catalog. Here the publisher has the
run's key, which the pipeline has sealed for it, and the digests of all that the run met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from footfall.pipelines.errors import RunError
from footfall.pipelines.publishing.run_statements import THREADS
from footfall.transforms.describing.withhold_texts import Identifiers
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.kernels.digests import as_key, fingerprint
from footfall.transforms.kernels.find_identifiers import cut_readable
from footfall.transforms.running.failures import the_one_key
from footfall.transforms.running.sealed_key import KeyReceiver
from footfall.transforms.withhold_identifiers import MetFiles

MIN_CHARACTERS: Final = 8
"""The letters and digits of the shortest identifier that is looked for: five stand beside each other by chance."""
MIN_ADDRESS: Final = 7
"""The characters of the shortest address with its dots."""
_BLOCK: Final = 1 << 20
"""Bytes of the file that a thread searches at once."""
_OVERLAP: Final = 512
_GRAM: Final = 4
_Words = tuple[str, str, str]
"""Words of the file between the characters that stand before and after them."""


def read_identifiers(partial_tables: Mapping[str, pa.Table], receiver: KeyReceiver) -> Callable[[], Identifiers]:
    """Return what reads the identifiers that the run met, by their digests under its key. Raises KeyChanged.

    They take the more memory the more visitors came, so that they are read only when they are needed.
    """
    files = partial_tables["met_files"].to_pylist()
    keys = {receiver.open(row["key"]) for row in files} or {bytes(16)}
    the_one_key(fingerprint(as_key(key)) for key in keys)
    return partial(Identifiers, as_key(keys.pop()), MetFiles(row["path"] for row in files))


def check_bytes(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    met: Callable[[], Identifiers],
    empty_file: Callable[[], bytes],
    write_anew: Callable[[], None],
) -> None:
    """Leave no identifier in the bytes of a complete file, which is not attached. Raises RunError if one stays.

    A file in which one is found is written anew from its rows (`write_anew`), and searched again. What stood in a freed
    block is gone then, and so are packed numbers that looked like one by chance: eight digits are soon somebody's.
    """
    find = partial(_find_words, connection, path, met(), cache(empty_file))
    if not find():
        return
    write_anew()
    words = find()
    if words:
        raise RunError(
            f"not published: the promise 'no identifier of the run' is broken by {len(words):,} words in the bytes of "
            "the new file (every readable word was compared with the identifiers of visitors); the old file is "
            "unchanged. Please report it, with the version but without your logs"
        )


def _find_words(
    connection: duckdb.DuckDBPyConnection, path: Path, met: Identifiers, empty_file: Callable[[], bytes]
) -> set[str]:
    """Return the identifiers in the bytes of a file. `empty_file` makes the bytes of such a file without rows.

    What the file's own texts explain is no finding: a name of a country, or of a column, may be somebody's cookie. So
    is each part of them, since texts stand side by side.
    """
    begins = range(0, path.stat().st_size, _BLOCK)
    with ThreadPoolExecutor(THREADS) as threads:
        sifted = set().union(*threads.map(partial(_sift_block, path, met), begins))
    candidates = list(sifted)
    is_met = met.are_among(np.array([digest for digest, _ in candidates], dtype=np.uint64))
    found = {candidates[row][1] for row in np.flatnonzero(is_met)}
    if not found:
        return set()
    known = _known_texts(connection, path, empty_file())
    return {one[1] for one in found if not _is_explained(*one, known)}


def _is_identifying(text: str) -> bool:
    if sum(map(str.isalnum, text)) >= MIN_CHARACTERS:
        return True
    return len(text) >= MIN_ADDRESS and text.count(".") == 3 and text.replace(".", "").isdigit()


def _sift_block(path: Path, met: Identifiers, begin: int) -> set[tuple[int, _Words]]:
    """Return what may be an identifier in the readable text of a block of a file, with its digest."""
    with path.open("rb") as file:
        file.seek(max(0, begin - _OVERLAP))
        content = file.read(_BLOCK + min(begin, _OVERLAP))
    texts, ends = cut_readable(padded(content), len(content))
    places, digests, _ = met.sift(texts, ends)
    sifted = set[tuple[int, _Words]]()
    for (piece, first, last), digest in zip(places.tolist(), digests.tolist(), strict=True):
        piece_begin, piece_end = int(ends[piece - 1]) if piece else 0, int(ends[piece])
        first, last = piece_begin + first, piece_begin + last
        spans = ((max(piece_begin, first - _GRAM + 1), first), (first, last), (last, min(piece_end, last + _GRAM - 1)))
        before, text, after = (texts[one:other].tobytes().decode("latin-1").lower() for one, other in spans)
        if _is_identifying(text):
            sifted.add((digest, (before, text, after)))
    return sifted


def _known_texts(connection: duckdb.DuckDBPyConnection, path: Path, empty: bytes) -> str:
    """Return all texts of the tables, and those that a file without rows has, in lower case."""
    connection.execute(f"ATTACH '{str(path).replace(chr(39), chr(39) * 2)}' AS fresh (READ_ONLY)")
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
    connection.execute("DETACH fresh")
    published = (text.encode().decode("latin-1") for text in texts)
    return "\0".join([*published, empty.decode("latin-1")]).lower()


def _is_explained(before: str, text: str, after: str, known: str) -> bool:
    """Whether each character is one of four that stand so in the known texts; `before` and `after` help at the ends.

    Where the catalog goes on in its next block, the last byte of a pointer stands before the text: up to 63, so that as
    a letter or digit it is a digit.
    """
    whole = f"{before}{text}{after}"
    places = range(len(whole) - _GRAM + 1)
    explained = {place + step for place in places if whole[place : place + _GRAM] in known for step in range(_GRAM)}
    begin, end = len(before), len(before) + len(text)
    return explained.issuperset(range(begin + (not before and text[0].isdigit()), end))
