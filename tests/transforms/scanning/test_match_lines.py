"""Runs of equal lines in several inputs: which are the same content, and which are chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import pytest

from footfall.transforms.scanning.line_windows import WINDOW_LINES, count_repeats, digest_prefixes, digest_windows
from footfall.transforms.scanning.match_lines import (
    EDGE_COLUMNS,
    PLACE_BITS,
    SmallInputs,
    cut_windows,
    describe_edges,
    join_runs,
    match_edges,
    match_windows,
)
from tests.reference.inputs import find_duplicates as reference_duplicates


def words(lines: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Digests of lines; random words, as digests are."""
    return np.array([Random(line).getrandbits(64) for line in lines], dtype=np.uint64)


def find_duplicates(inputs: Mapping[str, Sequence[int]]) -> dict[str, set[int]]:
    """The duplicate lines of each input, as the steps find them."""
    names = sorted(inputs)
    lines = [words(inputs[name]) for name in names]
    small = SmallInputs({number: own for number, own in enumerate(lines) if 0 < len(own) < WINDOW_LINES})
    runs: dict[int, list[tuple[int, int]]] = {number: [] for number in range(len(names))}
    cuts = [cut_windows(number, own) for number, own in enumerate(lines)]
    # Rows arrive in any order.
    order = np.random.default_rng(1).permutation(sum(len(cut["place"]) for cut in cuts))
    windows = match_windows({name: np.concatenate([cut[name] for cut in cuts])[order] for name in cuts[0]})
    for begin, end in zip(windows["begin"].tolist(), windows["end"].tolist(), strict=True):
        base = begin >> PLACE_BITS << PLACE_BITS
        runs[begin >> PLACE_BITS].append((begin - base, end - base))
    edges = np.concatenate([describe_edges(number, [own]) for number, own in enumerate(lines)])
    # Equal digests meet, and which others are beside them does not matter.
    share = edges[:, EDGE_COLUMNS.index("digest")] % np.uint64(3)
    for number, begin, end in (run for own in range(3) for run in match_edges(edges[share == own])):
        runs[number].append((begin, end))
    for looked_in, own in enumerate(lines):
        for number, begin, end in small.find(looked_in, own):
            runs[number].append((begin, end))
    found = {}
    for number, name in enumerate(names):
        ranges = join_runs(np.array(runs[number], dtype=np.int64).reshape(-1, 2), np.arange(len(lines[number]) + 1))
        assert (np.diff(ranges) > 0).all(), "ranges that touch are not joined"
        found[name] = {line for begin, end in ranges.reshape(-1, 2).tolist() for line in range(begin, end)}
    return found


RUN = "ABCDEFGHIJKLMNOP"
MANY = "_" * 20
assert len(RUN) == WINDOW_LINES


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param("abc", "abc", "abc", id="equal inputs"),
        pytest.param("a", "a", "a", id="equal inputs of one line"),
        pytest.param(MANY, MANY, MANY, id="equal inputs of one line over and over"),
        pytest.param("abcd", "cdef", "cd", id="the end of one and the beginning of the other"),
        pytest.param("cdef", "abcd", "cd", id="the other way round"),
        pytest.param("abcd", "defg", "", id="one line is no overlap"),
        pytest.param("abcde", "xbcdy", "", id="a short run in the middle of both"),
        pytest.param("abcde", "cd", "cd", id="all of the greater within the smaller"),
        pytest.param("bc", "abcde", "bc", id="all of the smaller within the greater"),
        pytest.param("bc", "abcdebc", "bcbc", id="all of one, which stands in the other twice"),
        pytest.param("c", "abcde", "c", id="all of one, if it is one line only"),
        pytest.param(f"x{RUN}y", f"vw{RUN}z", RUN, id="sixteen lines in the middle of both"),
        pytest.param(f"x{RUN[1:]}y", f"vw{RUN[1:]}z", "", id="fifteen lines"),
        pytest.param(f"{RUN}y", f"x{RUN[1:]}y", RUN[1:] + "y", id="sixteen lines at the ends of both"),
        pytest.param(f"{RUN}x{RUN}", f"y{RUN}z", RUN, id="a run that stands in one of them twice"),
        pytest.param("xab", "yab", "", id="the end of both is no overlap"),
        pytest.param("abab", "xab", "ab", id="the beginning of one and the end of the other"),
        pytest.param("abab", "abx", "ab", id="an overlap, and an equal run elsewhere"),
        pytest.param(f"a{MANY}", f"{MANY}b", "", id="one line over and over is no overlap"),
        pytest.param(f"a{MANY}b", f"c{MANY}d", "", id="one line over and over is no run"),
        pytest.param(f"a{MANY}c", f"{MANY}cd", MANY + "c", id="one line over and over is part of a run"),
        pytest.param(f"x{MANY}c", f"y__{MANY}cd", MANY + "c", id="as far as both have it, before"),
        pytest.param(f"xa{MANY}", f"ya__{MANY}", "a" + MANY, id="as far as both have it, after"),
        pytest.param("a__", "__b", "", id="twice the same is no overlap"),
        pytest.param("__", "a__b", "", id="all of one is not enough for one line over and over"),
        pytest.param("", "abc", "", id="an empty input"),
        pytest.param("abc", "def", "", id="nothing in common"),
    ],
)
def test_a_run_is_the_same_content(first: str, second: str, expected: str) -> None:
    lines = {"a": [ord(line) for line in first], "b": [ord(line) for line in second]}
    found = find_duplicates(lines)
    assert "".join(chr(lines["b"][line]) for line in sorted(found["b"])) == expected
    assert not found["a"]
    assert found == reference_duplicates({name: [b"%d" % line for line in own] for name, own in lines.items()})


def test_a_duplicate_is_skipped_in_all_inputs_but_the_one_of_the_smallest_name() -> None:
    text = {"a": "abcdef", "b": "efgh", "c": "cdefgh", "d": "xyz"}
    found = find_duplicates({name: [ord(line) for line in own] for name, own in text.items()})
    assert found == {"a": set(), "b": {0, 1}, "c": {0, 1, 2, 3, 4, 5}, "d": set()}


@pytest.mark.parametrize("seed", range(120))
def test_random_inputs_have_the_duplicates_of_the_definitions(seed: int) -> None:
    random = Random(seed)
    source = [random.randrange(200) for _ in range(120)]
    # One line over and over, as somebody who asks for the same many times.
    source[40:40] = [7] * random.choice((0, 3, 18, 30))
    inputs: dict[str, list[int]] = {}
    for name in random.sample("abcdef", random.choice((3, 6))):
        lines: list[int] = []
        for _ in range(random.randrange(1, 4)):
            begin = random.randrange(len(source))
            lines += source[begin : begin + random.choice((1, 2, 5, 15, 16, 17, 60))]
            lines += random.choice(([], [random.randrange(200)], [7] * random.randrange(20)))
        inputs[name] = lines
    expected = reference_duplicates({name: [b"%d" % line for line in own] for name, own in inputs.items()})
    assert find_duplicates(inputs) == expected


@pytest.mark.parametrize("window_lines", [1, 3, 16])
def test_a_window_has_the_digest_of_its_lines_alone(window_lines: int) -> None:
    lines = words([Random(3).randrange(5) for _ in range(40)])
    expected = [digest_prefixes(lines[at : at + window_lines])[-1] for at in range(len(lines) - window_lines + 1)]
    assert digest_windows(lines, window_lines).tolist() == [int(own) for own in expected]
    assert not len(digest_windows(lines[: window_lines - 1], window_lines))


def test_repeats_of_a_line_are_counted_before_and_after_it() -> None:
    before, after = count_repeats(words([1, 1, 1, 2, 1, 1]))
    assert before.tolist() == [0, 1, 2, 0, 0, 1]
    assert after.tolist() == [2, 1, 0, 0, 1, 0]


def test_many_copies_of_one_input_take_no_more_than_their_lines() -> None:
    """Pairs of inputs would be 1,225, with 85 windows each."""
    lines, copies = words(range(100)), 50
    cuts = [cut_windows(number, lines) for number in range(copies)]
    runs = match_windows({name: np.concatenate([cut[name] for cut in cuts]) for name in cuts[0]})
    assert len(runs["begin"]) == (copies - 1) * len(cuts[0]["place"])
    edges = list(match_edges(np.concatenate([describe_edges(number, [lines]) for number in range(copies)])))
    assert edges == [(number, 0, 100) for number in range(1, copies)]
