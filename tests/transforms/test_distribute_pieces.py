"""Pieces reach the workers as they were cut, in the job graph or, if they are many, in a file."""

from __future__ import annotations

from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to

from footfall.pipelines.engine.choose_engine import choose_engine
from footfall.transforms import distribute_pieces
from footfall.transforms.distribute_pieces import DistributePieces
from footfall.transforms.running.run_options import TO_THE_END

GROUPS = [
    (("number", number, f"/logs/ä {number}.log", "plain", "combined", "www", 0, TO_THE_END)[1:],) * (1 + number % 3)
    for number in range(20)
]


COUNT = sum(map(len, GROUPS))


@pytest.mark.parametrize("most", [COUNT - 1, COUNT])
def test_all_pieces_arrive_in_their_groups(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distribute_pieces, "MOST_IN_GRAPH", most)
    pipeline = beam.Pipeline(options=choose_engine(["--direct_num_workers=1"]).options)
    assert_that(pipeline | DistributePieces(GROUPS, str(tmp_path)), equal_to(GROUPS))
    pipeline.run().wait_until_finish()
    assert len(list(tmp_path.iterdir())) == (most < COUNT)
