"""What is told of the bytes that people were sent: rounded, and nothing of sums that one visitor dominates."""

from __future__ import annotations

from functools import cache
from random import Random

import duckdb
import pytest

from footfall.pipelines.publishing.round_bytes import _round_bytes
from footfall.pipelines.settings import Settings
from tests.commands import BROWSER
from tests.reference import compute
from tests.reference.hit_tables import rounded_bytes
from tests.running import Rows, compare, published_tables, reference_settings

K = 4
LOG_FORMAT = '$remote_addr [$time_local] "$request" $status $bytes_sent "$http_user_agent"'
TABLES = ("traffic", "protocols", "kinds", "bots")
SEEDS = range(12)


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
    assert rounded_bytes({"bytes_sent": size, "hits": hits}, 10) == told
    assert by_database([(size, hits)], 10) == [told]


def test_bytes_are_rounded_as_the_reference_does() -> None:
    random = Random(1)
    cases = [(random.randrange(10 ** random.randrange(1, 18)), random.randrange(1, 2_000)) for _ in range(500)]
    for k in (1, 2, 10, 33):
        assert by_database(cases, k) == [rounded_bytes({"bytes_sent": size, "hits": hits}, k) for size, hits in cases]


def by_database(cases: list[tuple[int, int]], k: int) -> list[int]:
    """What the product tells of some bytes and hits."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(_round_bytes(k))
        connection.execute("CREATE TABLE cases (place INTEGER, size BIGINT, hits BIGINT)")
        connection.executemany("INSERT INTO cases VALUES (?, ?, ?)", [(i, *case) for i, case in enumerate(cases)])
        rows = connection.execute("SELECT round_bytes(size, hits) FROM cases ORDER BY place").fetchall()
    return [told for (told,) in rows]


@cache
def content(seed: int) -> bytes:
    """A log of a day, on which people came in two busy hours; few of them were sent much more than others."""
    random = Random(seed)
    large = random.choice((0.0, 0.02, 0.1))
    lines = []
    for address in range(60):
        agent = random.choice((BROWSER, "curl/8.0", "curl/8.0", "Wget/1.21"))
        protocol = random.choice(("HTTP/1.1", "HTTP/1.1", "HTTP/2.0", "HTTP/1.0" if address < 5 else "HTTP/1.1"))
        for _ in range(random.choice((1, 2, 5))):
            time = f"01/Jun/2026:{random.choice((10, 11))}:{random.randrange(60):02}:00 +0000"
            size = random.choice((20_000, 90_000, 4_000)) * (100 if random.random() < large else 1)
            lines.append(f'192.0.2.{address} [{time}] "GET / {protocol}" 200 {size} "{agent}"\n')
    return "".join(lines).encode()


@cache
def published(seed: int) -> dict[str, Rows]:
    """The published tables."""
    return published_tables({"a.log": content(seed)}, log_format=LOG_FORMAT, k=K)


@pytest.mark.parametrize("seed", SEEDS)
def test_bytes_are_told_as_the_definitions_say(seed: int) -> None:
    expected = compute({"a.log": content(seed)}, reference_settings(Settings(log_format=LOG_FORMAT, k=K)))
    found = compare(published(seed), {table: expected[table] for table in TABLES})
    assert found == {table: ([], []) for table in TABLES}


@pytest.mark.parametrize("table", TABLES)
def test_some_bytes_are_told_and_others_not(table: str) -> None:
    rows = [row for seed in SEEDS for row in published(seed)[table] if row["traffic_class"] in ("human", "automated")]
    assert {row["bytes_sent"] is None for row in rows} == {True, False}


def test_with_k_of_1_all_bytes_are_told() -> None:
    whole = published_tables({"a.log": content(1)}, log_format=LOG_FORMAT, k=1)
    assert all(row["bytes_sent"] is not None for table in TABLES for row in whole[table])
