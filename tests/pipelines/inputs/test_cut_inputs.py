"""An uncompressed input is cut into pieces without gaps; large pieces come first, small ones last."""

from __future__ import annotations

from itertools import pairwise

import pytest

from footfall.pipelines.inputs.cut_inputs import LAST_PIECES, PIECE_BYTES, cut_bytes, cut_input
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.inputs.recognition import Recognition
from footfall.transforms.running.run_options import TO_THE_END

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
