"""Digests of lines, and of windows: sequences of consecutive lines that are compared as a whole.

The digest of a sequence is a polynomial of the keyed digests of its lines, modulo 2^64, so that the next window's
follows from the last one's. To anyone without the run's key, the lines' digests are random words, so that nobody can
make two sequences of equal digests. Among ten million lines, two windows have the same one by chance in 3 of a million
runs, among a billion in 3 of 100.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from footfall.transforms.arrays import Bytes, Ints, Key, Offsets, Words
from footfall.transforms.kernels.compiled import kernel
from footfall.transforms.kernels.digests import digest_bytes

WINDOW_LINES: Final = 16
"""Lines of a window: as many consecutive lines in two inputs are the same content."""
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
"""Any odd number whose powers differ in many bits."""


@kernel
def digest_lines(key: Key, block: Bytes, line_begins: Offsets) -> Words:
    """Return the digest of each line of a block, without its line end; `line_begins` has one more, for the last end."""
    digests = np.empty(len(line_begins) - 1, dtype=np.uint64)
    for line in range(len(digests)):
        begin = np.int64(line_begins[line])
        end = np.int64(line_begins[line + 1]) - 1
        if end > begin and block[end - 1] == 13:
            end -= 1
        digests[line] = digest_bytes(key, np.uint64(0), False, block, begin, end)
    return digests


@kernel
def digest_prefixes(lines: Words) -> Words:
    """Return the digests of the first line, the first two lines, … all lines."""
    digests = np.empty(len(lines), dtype=np.uint64)
    digest = np.uint64(0)
    for line in range(len(lines)):
        digest = digest * _FACTOR + lines[line]
        digests[line] = digest
    return digests


def digest_suffixes(lines: Words) -> Words:
    """Return the digests of the last line, the last two lines, … all lines."""
    powers = np.full(len(lines), _FACTOR)
    powers[:1] = 1
    return np.cumsum(lines[::-1] * np.cumprod(powers, dtype=np.uint64), dtype=np.uint64)


def extend_digests(digests: Words, lines: Words) -> Words:
    """Return the digests of sequences with one more line each."""
    return digests * _FACTOR + lines


@kernel
def digest_windows(lines: Words, window_lines: int) -> Words:
    """Return the digest of each window of that many lines, by its first line."""
    count = max(0, len(lines) - window_lines + 1)
    digests = np.empty(count, dtype=np.uint64)
    leaving = np.uint64(1)
    for _ in range(window_lines):
        leaving *= _FACTOR
    digest = np.uint64(0)
    for line in range(len(lines)):
        digest = digest * _FACTOR + lines[line]
        if line >= window_lines:
            digest -= lines[line - window_lines] * leaving
        if line >= window_lines - 1:
            digests[line - window_lines + 1] = digest
    return digests


@kernel
def count_repeats(lines: Words) -> tuple[Ints, Ints]:
    """Return for each line how many lines directly before it equal it, and how many directly after it."""
    before = np.zeros(len(lines), dtype=np.int64)
    after = np.zeros(len(lines), dtype=np.int64)
    for line in range(1, len(lines)):
        if lines[line] == lines[line - 1]:
            before[line] = before[line - 1] + 1
    for line in range(len(lines) - 2, -1, -1):
        if lines[line] == lines[line + 1]:
            after[line] = after[line + 1] + 1
    return before, after
