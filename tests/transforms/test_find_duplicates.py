"""Runs of equal lines between two inputs: which are the same content, and which are chance."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from footfall.transforms.find_duplicates import MAX_PLACES, MIN_RUN_LINES, find_duplicates, find_runs
from tests.reference.inputs import find_duplicates as reference_duplicates


def words(text: str) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Digests of lines, one letter a line."""
    return np.array([ord(letter) for letter in text], dtype=np.uint64)


RUN = "ABCDEFGHIJKLMNOP"
assert len(RUN) == MIN_RUN_LINES


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("abc", "abc", [(0, 0, 3)], id="equal inputs"),
        pytest.param("a", "a", [(0, 0, 1)], id="equal inputs of one line"),
        pytest.param("aaa", "aaa", [(0, 0, 3)], id="equal inputs of equal lines"),
        pytest.param("abcd", "cdef", [(2, 0, 2)], id="the end of one and the beginning of the other"),
        pytest.param("cdef", "abcd", [(0, 2, 2)], id="the other way round"),
        pytest.param("abcd", "defg", [], id="one line is no overlap"),
        pytest.param("abcde", "xbcdy", [], id="a short run in the middle of both"),
        pytest.param("abcde", "cd", [(2, 0, 2)], id="all of one within the other"),
        pytest.param("c", "abcde", [(0, 2, 1)], id="all of one, if it is one line only"),
        pytest.param(f"x{RUN}y", f"vw{RUN}z", [(1, 2, 16)], id="sixteen lines in the middle of both"),
        pytest.param(f"x{RUN[1:]}y", f"vw{RUN[1:]}z", [], id="fifteen lines"),
        pytest.param(
            f"{RUN}x{RUN}", f"y{RUN}z", [(0, 1, 16), (17, 1, 16)], id="a run that stands in one of them twice"
        ),
        pytest.param("abab", "xab", [(0, 1, 2)], id="an overlap, and an equal run elsewhere"),
        pytest.param("", "abc", [], id="an empty input"),
        pytest.param("abc", "def", [], id="nothing in common"),
    ],
)
def test_a_run_is_the_same_content(first: str, second: str, expected: list[tuple[int, int, int]]) -> None:
    assert sorted(find_runs(words(first), words(second))) == expected


def test_a_line_that_stands_everywhere_begins_no_run_but_may_be_part_of_one() -> None:
    blank = "_" * (MAX_PLACES + 1)
    assert find_runs(words("a" + blank), words(blank + "b")) == []
    assert find_runs(words("a" + blank + "c"), words(blank + "cd")) == [(1, 0, MAX_PLACES + 2)]


def test_a_duplicate_is_skipped_in_the_input_of_the_greater_name_by_its_bytes() -> None:
    inputs = {
        name: (words(text), np.array([*(100 * number for number in range(len(text))), 2**62]))
        for name, text in {"b.log": "cdef", "a.log": "abcd", "c.log": "efgh", "d.log": "xyz"}.items()
    }
    found = {name: ranges.tolist() for name, ranges in find_duplicates(inputs).items()}
    assert found == {"b.log": [0, 200], "c.log": [0, 200]}


def test_ranges_that_touch_or_overlap_are_one_and_the_last_one_has_no_end() -> None:
    text = {"a": "abcdef", "b": "efgh", "c": "cdefgh"}
    inputs = {name: (words(own), np.array([*(10 * n for n in range(len(own))), 2**62])) for name, own in text.items()}
    assert {name: ranges.tolist() for name, ranges in find_duplicates(inputs).items()} == {
        "b": [0, 20],
        "c": [0, 2**62],
    }


@pytest.mark.parametrize("seed", range(60))
def test_random_inputs_have_the_duplicates_of_the_definitions(seed: int) -> None:
    random = Random(seed)
    source = [random.randrange(200) for _ in range(120)]
    inputs: dict[str, list[int]] = {}
    for name in random.sample("abcdef", 3):
        lines: list[int] = []
        for _ in range(random.randrange(1, 4)):
            begin = random.randrange(len(source))
            lines += source[begin : begin + random.choice((1, 2, 5, 15, 16, 17, 60))]
            lines += [random.randrange(200) for _ in range(random.randrange(3))]
        inputs[name] = lines
    expected = reference_duplicates({name: [b"%d" % line for line in own] for name, own in inputs.items()})
    given = {
        name: (np.array(own, dtype=np.uint64), np.array([*range(len(own)), 2**62])) for name, own in inputs.items()
    }
    ranges = find_duplicates(given)
    for name, own in inputs.items():
        pairs = ranges.get(name, np.zeros(0, dtype=np.int64)).reshape(-1, 2).tolist()
        found = {line for begin, end in pairs for line in range(begin, min(end, len(own)))}
        assert found == expected[name], name
