"""Inputs are compared part by part, with the result that they have as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from footfall.transforms import find_duplicates
from footfall.transforms.exchange.exchange_rows import read_bucket
from footfall.transforms.find_duplicates import EDGES, RUN_SCHEMAS, WINDOWS, CutInputs, SmallPiece, StoredLines
from footfall.transforms.visits.visit_rows import RANGES

KEY = 7
Lines = list[int]


def random_lines(seed: int) -> Lines:
    """Lines of which some stand there over and over, for longer than a part, too."""
    random = Random(seed)
    lines: Lines = []
    while len(lines) < 40 * (seed % 5):
        lines += [random.choice((1, 2, 3, random.randrange(1_000)))] * random.choice((1, 1, 1, 2, 15, 16, 17, 60))
    return lines


def store(folder: Path, lines: Sequence[int], pieces: int) -> list[Any]:
    """Surveys of input 1 in some pieces, as `SurveyPieces` writes them; not in order."""
    surveys = []
    for number, piece in enumerate(np.array_split(np.array(lines, dtype=np.uint64), pieces)):
        path = folder / f"{number}.digests"
        path.write_bytes(np.concatenate([piece, np.zeros(len(piece), dtype=np.uint64)]).tobytes())
        surveys.append((1, ("access.log", 1_000 * number, KEY, len(piece), 0, str(path))))
    return surveys[::-1]


def cut(folder: Path, surveys: list[Any], small: list[SmallPiece]) -> dict[str, Any]:
    """What the step yields: the edges, and the rows of windows and runs in some order."""
    found: dict[str, Any] = {WINDOWS: [], RANGES: [], EDGES: []}
    passed_on = []
    for name, (_, content) in CutInputs(str(folder), 3).process((1, surveys), small):
        if name == EDGES:
            found[EDGES].append(content)
        elif name == WINDOWS or isinstance(content, str):
            found[name].append(content)
        else:
            passed_on.append(content)
    assert passed_on == [survey for _, survey in surveys]
    return {EDGES: found[EDGES], **{name: rows_of(name, found[name]) for name in (WINDOWS, RANGES)}}


def rows_of(kind: str, references: list[str]) -> list[tuple[int, ...]]:
    """The rows in files, each once: of parts that overlap, a run may be found in both."""

    def rows() -> Iterator[tuple[int, ...]]:
        kinds, _ = read_bucket(references, RUN_SCHEMAS)
        yield from zip(*(column.tolist() for column in kinds[kind].values()), strict=True)

    return sorted(set(rows())) if references else []


@pytest.mark.parametrize("part_lines", [16, 20, 64])
@pytest.mark.parametrize("seed", range(15))
def test_parts_of_an_input_give_what_the_whole_gives(
    seed: int, part_lines: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = random_lines(seed)
    surveys = store(tmp_path, lines, 1 + seed % 3)
    # Three lines of the input are another one, which is smaller or greater.
    some = np.array(lines[30:33], dtype=np.uint64)
    small: list[SmallPiece] = [(2 * (seed % 2), 0, len(some), some.tobytes())]
    whole = cut(tmp_path, surveys, small)
    monkeypatch.setattr(find_duplicates, "_PART_LINES", part_lines)
    assert cut(tmp_path, surveys, small) == whole


def test_random_lines_have_windows_repeats_and_small_inputs_in_them(tmp_path: Path) -> None:
    found = []
    for seed in range(15):
        lines = random_lines(seed)
        some = np.array(lines[30:33], dtype=np.uint64)
        found.append(cut(tmp_path, store(tmp_path, lines, 2), [(0, 0, len(some), some.tobytes())]))
    assert any(row[2] > 20 for one in found for row in one[WINDOWS]), "repeated before"
    assert any(row[3] > 20 for one in found for row in one[WINDOWS]), "repeated after"
    assert any(one[RANGES] for one in found)
    assert any(not one[WINDOWS] for one in found)


def test_of_an_input_no_more_than_a_part_is_read_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    surveys = store(tmp_path, random_lines(4) * 5, 2)
    monkeypatch.setattr(find_duplicates, "_PART_LINES", 50)
    sizes = []
    read = StoredLines.read

    def noting(self: StoredLines, begin: int, end: int) -> Any:
        found = read(self, begin, end)
        sizes.append(len(found))
        return found

    monkeypatch.setattr(StoredLines, "read", noting)
    cut(tmp_path, surveys, [])
    assert max(sizes) == 50 + 15
