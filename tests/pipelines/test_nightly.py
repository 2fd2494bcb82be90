"""A run publishes what the slow reference computes: for the golden log, for generated and for real logs."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from footfall.pipelines.settings import Settings
from tests.coincidences import LOG_FORMAT, log_of_coincidences
from tests.reference import compute
from tests.running import (
    LOG,
    SAMPLES,
    Rows,
    counted_differences,
    days_of,
    differences,
    published_sample,
    published_tables,
    real_log,
    reference_settings,
    sample_log,
    sample_options,
)
from tests.test_reference import line

GOLDEN = Path(__file__).parents[1] / "golden"
GOLDEN_OPTIONS: dict[str, Any] = {
    "log_format": "footfall",
    "site": "shop.example",
    "timezone": "Europe/Berlin",
    "first_day": date(2026, 6, 1),
    "last_day": date(2026, 6, 2),
}


def expected_tables(inputs: Mapping[str, bytes], **options: Any) -> dict[str, Rows]:
    """The reference's tables for the same settings."""
    return compute(inputs, reference_settings(Settings(**options)))


def assert_equal(published: Mapping[str, Rows], expected: Mapping[str, Rows]) -> None:
    """Assert that the published rows of all tables in `expected` are equal; list the differences."""
    found = differences(published, expected)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("k", [1, 3])
def test_the_golden_log_is_published_as_the_reference_computes_it(k: int) -> None:
    inputs = {"footfall.log": (GOLDEN / "footfall.log").read_bytes()}
    published = published_tables(inputs, **GOLDEN_OPTIONS, k=k)
    assert_equal(published, expected_tables(inputs, **GOLDEN_OPTIONS, k=k))


def test_the_golden_log_gives_the_rows_that_were_reviewed() -> None:
    inputs = {"footfall.log": (GOLDEN / "footfall.log").read_bytes()}
    published = published_tables(inputs, **GOLDEN_OPTIONS, k=2)
    reviewed = json.loads((GOLDEN / "footfall.json").read_text())
    assert_equal(json.loads(json.dumps(published, default=str)), reviewed)


@pytest.mark.parametrize("k", [1, 10])
@pytest.mark.parametrize("log_format", SAMPLES)
def test_a_generated_log_is_published_as_the_reference_computes_it(log_format: str, k: int) -> None:
    expected = expected_tables({LOG: sample_log(log_format)[0]}, k=k, **sample_options(log_format))
    assert_equal(published_sample(log_format, k), expected)


@pytest.mark.parametrize(
    ("seed", "k", "day"),
    [
        pytest.param(0, 1, None, id="all days"),
        pytest.param(1, 3, None, id="all days, folded"),
        pytest.param(2, 1, date(2026, 6, 1), id="first day"),
        pytest.param(3, 2, date(2026, 6, 2), id="second day, folded"),
    ],
)
def test_coincidences_are_published_as_the_reference_computes_them(seed: int, k: int, day: date | None) -> None:
    inputs = {LOG: log_of_coincidences(seed)}
    options = {"log_format": LOG_FORMAT, "k": k, "first_day": day, "last_day": day}
    assert_equal(published_tables(inputs, **options), expected_tables(inputs, **options))


def test_a_visit_with_two_rare_findings_counts_once_in_the_row_to_which_they_are_folded() -> None:
    lines = []
    for number in range(12):
        client, cookie = f"192.0.2.{number}", f"c{number}"
        lines.append(line("01 10:00:00", client=client, cookie=cookie))
        if number < 6:  # the same cookie later on
            lines.append(line("01 12:00:00", client=client, cookie=cookie))
        if number < 3:  # and brought by a second client
            lines.append(line("01 12:01:00", client=f"198.51.100.{number}", cookie=cookie))
        if number >= 6:  # another one, at once by two
            lines.append(line("01 14:00:00", client=client, cookie=f"d{number}"))
            lines.append(line("01 14:01:00", client=f"198.51.100.{number}", cookie=f"d{number}"))
    published = published_tables({LOG: "\n".join(lines).encode()}, log_format="footfall", k=10)
    day = {"day": date(2026, 6, 1), "site": "default", "grain": "day"}
    # Six are reused and nine shared, three of them both.
    assert published["cookie_audit"] == [{**day, "finding": "(other)", "visits": 12}]


def test_the_search_phrase_other_is_counted_together_with_folded_phrases() -> None:
    phrases = [*["(other)"] * 12, *["jazz"] * 11, *["blues", "swing"] * 6]
    lines = [
        line(f"01 10:{number:02}:00", f"/?q={text}", client=f"192.0.2.{number}", cookie=f"c{number}")
        for number, text in enumerate(phrases)
    ]
    lines.append(line("01 10:00:01", "/?q=blues", client="192.0.2.0", cookie="c0"))
    published = published_tables({LOG: "\n".join(lines).encode()}, log_format="footfall", k=10)
    found = {row["phrase"]: (row["searches"], row["visits"]) for row in published["searches"]}
    assert found == {"(other)": (25, 24), "jazz": (11, 11)}


@pytest.mark.parametrize(
    ("name", "log_format", "timezone", "most_lines"),
    [
        pytest.param("semicomplete-2015.log.gz", "combined", "UTC", 10_000, id="semicomplete"),
        pytest.param("probes-2015.log.gz", "combined", "Europe/Amsterdam", 10_000, id="probes"),
        pytest.param("nasa-1995.log.gz", "common", "America/New_York", 15_000, id="nasa"),
    ],
)
def test_a_real_log_is_published_as_the_reference_computes_it(
    name: str, log_format: str, timezone: str, most_lines: int
) -> None:
    path = real_log(name)
    with without_content():
        with gzip.open(path) as stream:
            inputs = {LOG: b"".join(islice(stream, most_lines))}
        options = {"log_format": log_format, "timezone": timezone, "k": 3}
        found = counted_differences(published_tables(inputs, **options), expected_tables(inputs, **options))
    assert found == []


def test_real_rotated_logs_are_published_as_the_reference_computes_them() -> None:
    folder = real_log("rotated-2025")
    with without_content():
        # A week of the fortnight: the reference takes its time.
        inputs = {path.stem: gzip.decompress(path.read_bytes()) for path in folder.glob("access.log.[1-7].gz")}
        options = {"log_format": "combined", "timezone": "Asia/Kolkata", "k": 5}
        found = counted_differences(published_tables(inputs, **options), expected_tables(inputs, **options))
    assert found == []


@contextlib.contextmanager
def without_content() -> Iterator[None]:
    """Hide lines of real logs in errors: pytest prints the arguments of functions."""
    try:
        yield
    except Exception as error:  # any exception may contain a line
        kind, place = type(error).__name__, error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}, line {place.tb_lineno}" if place else "an unknown place"
        pytest.fail(f"{kind} in {where}", pytrace=False)


def days_of_sample(log_format: str) -> list[date]:
    """The three days of a generated log."""
    return [SAMPLES[log_format][0] + timedelta(days=number) for number in range(3)]


@pytest.mark.parametrize("log_format", ["footfall", "vhost_combined"])
def test_a_dated_run_is_published_as_the_reference_computes_it(log_format: str) -> None:
    _, second, third = days_of_sample(log_format)
    options = {**sample_options(log_format), "first_day": second, "last_day": third, "k": 3}
    inputs = {LOG: sample_log(log_format)[0]}
    assert_equal(published_tables(inputs, **options), expected_tables(inputs, **options))


@pytest.mark.parametrize("number", [0, 1, 2], ids=["first day", "day of the clock change", "last day"])
def test_a_day_published_alone_equals_that_day_of_a_run_over_all_days(number: int) -> None:
    day = days_of_sample("footfall")[number]
    options = {**sample_options("footfall"), "first_day": day, "last_day": day, "k": 1}
    alone = days_of(published_tables({LOG: sample_log("footfall")[0]}, **options))
    all_days = days_of(published_sample("footfall", 1))
    of_day = {name: [row for row in rows if row["day"] == day] for name, rows in all_days.items()}
    assert_equal(alone, of_day)
