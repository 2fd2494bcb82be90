"""Numbers, sizes, statuses and request times are parsed as defined."""

from __future__ import annotations

import numpy as np
import pytest

from footfall.transforms.arrays import Offsets
from footfall.transforms.kernels.byte_kernels import padded
from footfall.transforms.values.read_numbers import BAD_NUMBER, NO_NUMBER, read_counts, read_scaled, read_statuses


def places(text: str) -> tuple[Offsets, Offsets]:
    return np.array([0, -1], np.int32), np.array([len(text.encode()), -1], np.int32)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0.010", 10_000),
        ("12", 12_000_000),
        ("0.0000019", 1),
        ("0.010, 0.020 : 0.030", 60_000),
        ("0.010 0.020 -1", 30_000),
        ("-", NO_NUMBER),
        ("-, 0.5", 500_000),
        ("-0.001", NO_NUMBER),
        ("-, -", NO_NUMBER),
        ("1000000000000", 10**18),
        ("1000000000001", BAD_NUMBER),
        ("600000000000, 600000000000", BAD_NUMBER),
        ("9" * 30, BAD_NUMBER),
        # Exponents and units of time.
        ("1e3", 10**9),
        ("9.2e-05", 92),
        ("2.5E+1", 25_000_000),
        ("1e-9", 0),
        ("-1e3", NO_NUMBER),
        ("1e13", BAD_NUMBER),
        ("1e9999", BAD_NUMBER),
        ("0.123s", 123_000),
        ("12ms", 12_000),
        ("2.701µs", 2),
        ("7us", 7),
        # A space before the unit, and the Greek letter, as tower-http writes them.
        ("231 ms", 231_000),
        ("231 \u03bcs", 231),
        ("0.5 s", 500_000),
        ("3\u03bcs", 3),
        ("1999ns", 1),
        *((text, BAD_NUMBER) for text in ("1e3s", "1m", "1min", "s", "1e+", "1.5e3, 1", "1h2m")),
        *((text, BAD_NUMBER) for text in ("1 m", "1  s", "1 2 s")),
        *((text, BAD_NUMBER) for text in ("0,020", "0.1,0.2", "0.1 : x", "1e", "5.", ".5", "0x1", "0.1, ,", "1.2.3")),
    ],
)
def test_a_duration_is_the_sum_of_its_list(text: str, number: int) -> None:
    assert read_scaled(padded(text.encode()), *places(text), 1_000_000, True).tolist() == [number, NO_NUMBER]


def test_a_time_is_no_list() -> None:
    assert read_scaled(padded(b"1, 2"), *places("1, 2"), 1, False)[0] == BAD_NUMBER


@pytest.mark.parametrize(
    ("text", "count", "status"),
    [
        ("200", 200, 200),
        ("000", 0, 0),
        ("0", 0, 0),
        ("20", 20, BAD_NUMBER),
        ("-1", BAD_NUMBER, 0),
        ("2x0", BAD_NUMBER, BAD_NUMBER),
        ("9" * 18, 10**18 - 1, BAD_NUMBER),
        ("9" * 19, BAD_NUMBER, BAD_NUMBER),
    ],
)
def test_counts_and_statuses(text: str, count: int, status: int) -> None:
    block = padded(text.encode())
    assert read_counts(block, *places(text)).tolist() == [count, NO_NUMBER]
    assert read_statuses(block, *places(text)).tolist() == [status, 0]
