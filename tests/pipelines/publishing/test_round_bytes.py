"""What is told of the bytes that people were sent."""

from __future__ import annotations

from random import Random

import duckdb
import pytest

from footfall.pipelines.publishing.tell_hits import _round_bytes
from tests.reference.tables import rounded_bytes


@pytest.mark.parametrize(
    ("size", "hits", "told"),
    [
        pytest.param(0, 1, 0, id="nothing"),
        pytest.param(7, 1_000, 7, id="two digits are exact"),
        pytest.param(1_250_000, 10_000, 1_300_000, id="half is rounded up"),
        pytest.param(99_500, 10_000, 100_000, id="up to a power of ten"),
        pytest.param(65_868, 12, 100_000, id="few hits: to five mean responses"),
        pytest.param(24_000, 10, 0, id="less than half of that"),
        pytest.param(10_000_000, 500, 10_000_000, id="a hundredth of the sum is five mean responses"),
        pytest.param(10_400_000, 499, 10_000_000, id="less than that"),
    ],
)
def test_bytes_are_rounded(size: int, hits: int, told: int) -> None:
    assert rounded_bytes(size, hits, 10) == told
    assert by_database([(size, hits)], 10) == [told]


def test_bytes_are_rounded_as_the_reference_does() -> None:
    random = Random(1)
    cases = [(random.randrange(10 ** random.randrange(1, 18)), random.randrange(1, 2_000)) for _ in range(500)]
    for k in (1, 2, 10, 33):
        assert by_database(cases, k) == [rounded_bytes(size, hits, k) for size, hits in cases]


def by_database(cases: list[tuple[int, int]], k: int) -> list[int]:
    """What the product tells of some bytes and hits."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(_round_bytes(k))
        connection.execute("CREATE TABLE cases (place INTEGER, size BIGINT, hits BIGINT)")
        connection.executemany("INSERT INTO cases VALUES (?, ?, ?)", [(i, *case) for i, case in enumerate(cases)])
        rows = connection.execute("SELECT round_bytes(size, hits) FROM cases ORDER BY place").fetchall()
    return [told for (told,) in rows]
