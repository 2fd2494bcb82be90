"""Buckets of visits by length are joined until each holds k visitors, and no further."""

from __future__ import annotations

import pytest

from footfall.pipelines.publishing.make_visit_lengths import Bucket, join_buckets
from tests.commands import log_line
from tests.running import published_tables

BEGINS = (1, 2, 3, 6)
MANY: Bucket = (9, True, ())


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        pytest.param({0: MANY, 1: MANY, 2: MANY, 3: MANY}, [(1, 1, 9), (2, 2, 9), (3, 5, 9), (6, None, 9)], id="all"),
        pytest.param({0: MANY, 2: MANY}, [(1, 1, 9), (2, None, 9)], id="buckets without visits belong to the next"),
        pytest.param({0: MANY, 3: (2, False, (1, 2))}, [(1, None, 11)], id="those left over join the ones before"),
        pytest.param(
            {0: (2, False, (1, 2)), 1: (2, False, (2, 3))}, [(1, None, 4)], id="three people, two of them each"
        ),
        pytest.param({0: (5, False, (1, 2)), 1: (5, False, (1, 2)), 2: MANY}, [(1, None, 19)], id="two people often"),
        pytest.param({0: (2, False, (1, 2))}, [], id="too few altogether"),
    ],
)
def test_neighbouring_buckets_are_joined(
    buckets: dict[int, Bucket], expected: list[tuple[int, int | None, int]]
) -> None:
    assert list(join_buckets(BEGINS, buckets, 3)) == expected


def test_visits_are_told_by_length_and_all_of_them() -> None:
    """Twelve visits of one page and four of three, which last twelve minutes."""
    lines = [log_line(number) for number in range(12)]
    for number in range(12, 16):
        first = log_line(number, "/a")
        lines += [first, first.replace(":10:00:", ":10:09:"), first.replace(":10:00:", ":10:12:")]
    published = published_tables({"a.log": "".join(lines).encode()}, k=4)
    found = {(row["measure"], row["at_least"], row["at_most"]): row["visits"] for row in published["visit_lengths"]}
    assert found == {
        ("page_views", 1, 1): 12,
        ("page_views", 2, None): 4,
        ("duration_s", 0, 0): 12,
        ("duration_s", 1, None): 4,
    }
