"""An uncompressed input is cut into pieces without gaps; large pieces come first, small ones last."""

from __future__ import annotations

from itertools import pairwise

import pytest

from footfall.pipelines.inputs.cut_inputs import (
    LAST_PIECES,
    LONE_PIECES,
    PIECE_BYTES,
    cut_bytes,
    cut_input,
    group_pieces,
)
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import Recognition
from footfall.transforms.running.run_options import TO_THE_END, Piece

MIB = 2**20


@pytest.mark.parametrize(
    ("size_mib", "begins_mib"),
    [
        (0, []),
        (1, [0]),
        (40, [0, 32]),
        (300, [0, 128, 160, 192, 224, 256, 288]),
        (512, [0, 128, 256, 384, 416, 448, 480]),
    ],
)
def test_small_pieces_come_last(size_mib: int, begins_mib: list[int]) -> None:
    assert [begin / MIB for begin in cut_bytes(size_mib * MIB)] == begins_mib


@pytest.mark.parametrize("size", [10**8, 10**9, 12_345_678_901])
def test_pieces_have_one_of_two_sizes(size: int) -> None:
    sizes = [end - begin for begin, end in pairwise([*cut_bytes(size), size])]
    assert set(sizes[:-1]) <= {PIECE_BYTES, 4 * PIECE_BYTES}
    assert max(sizes[-LAST_PIECES:]) <= PIECE_BYTES


def test_pieces_cover_the_whole_input() -> None:
    one = Input("a.log", 300 * MIB, recognition=Recognition("combined", 1, 1))
    ranges = [(begin, end) for *_, begin, end in cut_input(0, one, "default")]
    assert (ranges[0][0], ranges[-1][1]) == (0, one.size)
    assert all(end == begin for (_, end), (begin, _) in pairwise(ranges))


@pytest.mark.parametrize(("compression", "log_format"), [("gzip", "combined"), ("plain", "journal+combined")])
def test_inputs_that_must_be_read_from_their_beginning_are_one_piece(compression: str, log_format: str) -> None:
    one = Input("a.log", 300 * MIB, compression, Recognition(log_format, 1, 1))
    assert [(begin, end) for *_, begin, end in cut_input(0, one, "default")] == [(0, TO_THE_END)]


def groups(sizes: list[int], sites: str = "") -> list[list[int]]:
    """The numbers of the inputs whose pieces are parsed together."""
    pieces: list[Piece] = [
        (number, f"{number}.log", "plain", "combined", sites[number : number + 1], 0, TO_THE_END)
        for number in range(len(sizes))
    ]
    return [[number for number, *_ in group] for group in group_pieces(pieces, sizes)]


def test_few_small_inputs_are_parsed_each_by_itself() -> None:
    assert groups([1] * LONE_PIECES) == [[number] for number in range(LONE_PIECES)]


def test_many_small_inputs_are_parsed_together_in_their_order() -> None:
    found = groups([1_000] * 5_000)
    assert len(found) <= LONE_PIECES
    assert [number for group in found for number in group] == list(range(5_000))


def test_together_they_are_no_more_than_a_piece_and_of_one_site() -> None:
    assert max(map(len, groups([PIECE_BYTES // 3] * 500))) == 3
    found = groups([1_000] * 500, "a" * 250 + "b" * 250)
    assert any(group[-1] == 249 for group in found)
    assert sum(map(len, found)) == 500


def test_large_inputs_and_those_of_unknown_size_are_parsed_by_themselves() -> None:
    sizes = [1_000] * 300
    sizes[100], sizes[200] = PIECE_BYTES, -1
    found = groups(sizes)
    assert [100] in found
    assert [200] in found
    assert sum(map(len, found)) == 300
