"""The sections "The same content under two names" of the definitions, and the line counts of every input."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping


def find_duplicates(inputs: Mapping[str, list[bytes]]) -> dict[str, set[int]]:
    """Positions of the lines of each input that are counted in an input of smaller name."""
    names = sorted(inputs)
    duplicates: dict[str, set[int]] = {name: set() for name in names}
    for i, name in enumerate(names):
        for smaller in names[:i]:
            first, second = inputs[smaller], inputs[name]
            for start_first, start_second, length in common_runs(first, second):
                end_first, end_second = start_first + length, start_second + length
                is_all_of_one = length in (len(first), len(second))
                is_overlap = length >= 2 and (
                    (end_first == len(first) and start_second == 0) or (end_second == len(second) and start_first == 0)
                )
                is_repeated = length >= 2 and len(set(second[start_second:end_second])) == 1
                if (is_all_of_one or is_overlap or length >= 16) and (not is_repeated or first == second):
                    duplicates[name].update(range(start_second, end_second))
    return duplicates


def common_runs(first: list[bytes], second: list[bytes]) -> Iterator[tuple[int, int, int]]:
    """Every run of equal lines that can't be made longer: where it starts in either, and its length."""
    places: dict[bytes, list[int]] = defaultdict(list)
    for i, line in enumerate(first):
        places[line].append(i)
    for j, line in enumerate(second):
        for i in places.get(line, ()):
            if i > 0 and j > 0 and first[i - 1] == second[j - 1]:
                continue  # part of a run that began before
            length = 1
            while i + length < len(first) and j + length < len(second) and first[i + length] == second[j + length]:
                length += 1
            yield i, j, length
