"""Figures depend only on the lines: not on files, names, order, compression, workers, engines or earlier runs."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.coincidences import LOG_FORMAT, log_of_coincidences
from tests.layouts import some_cut, some_layout
from tests.running import (
    LOG,
    SAMPLES,
    Rows,
    books_of,
    days_of,
    differences,
    publish_logs,
    published_tables,
    read_published,
    sample_log,
    sample_options,
)

LINES = 3_000
FIRST_DAY = SAMPLES["footfall"][0]


def log_and_options(name: str) -> tuple[bytes, dict[str, Any]]:
    """A generated log of three days, or the log of coincidences, and the settings to read it."""
    if name == "coincidences":
        return log_of_coincidences(4, sites=12), {"log_format": LOG_FORMAT, "k": 2}
    return sample_log("footfall", LINES)[0], {**sample_options("footfall"), "k": 3}


@cache
def published_whole(name: str) -> dict[str, Rows]:
    """The tables that a run on the log in one file publishes."""
    content, options = log_and_options(name)
    return published_tables({LOG: content}, **options)


def assert_same_figures(published: dict[str, Rows], expected: dict[str, Rows]) -> None:
    """Assert equal tables by day and equal line counts."""
    found = differences(published, days_of(expected))
    assert not found, "\n".join(found)
    assert books_of(published) == books_of(expected)


@pytest.mark.parametrize(
    ("name", "seed"), [*(("sample", seed) for seed in range(6)), *(("coincidences", seed) for seed in range(6, 9))]
)
def test_neither_layout_nor_cut_changes_a_figure(name: str, seed: int) -> None:
    content, options = log_and_options(name)
    layout, cut = some_layout(seed), some_cut(seed)
    with cut.applied():
        beam = [f"--direct_num_workers={cut.workers}"]
        published = published_tables(layout.lay_out(content), beam=beam, **options)
    assert_same_figures(published, published_whole(name))


def test_the_line_number_of_a_reject_does_not_depend_on_the_pieces() -> None:
    content, options = log_and_options("sample")
    with some_cut(1).applied():
        published = published_tables({LOG: content}, **options)
    assert published["rejects"] == published_whole("sample")["rejects"]


@pytest.mark.parametrize(
    "beam",
    [
        pytest.param(["--direct_running_mode=in_memory"], id="in memory"),
        pytest.param(["--direct_running_mode=multi_threading", "--direct_num_workers=3"], id="threads"),
        pytest.param(
            ["--direct_running_mode=multi_processing", "--direct_num_workers=2"], id="processes", marks=pytest.mark.slow
        ),
        pytest.param(
            ["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"],
            id="portable, worker in this process",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            [
                *("--runner=PortableRunner", "--job_endpoint=embed"),
                "--environment_type=beam:env:harness_subprocess_python:v1",
                f"--environment_config={sys.executable} -m apache_beam.runners.worker.sdk_worker_main",
            ],
            id="portable, worker in a process of its own",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_every_engine_publishes_the_same_figures(beam: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    content, options = log_and_options("sample")
    layout = some_layout(1)
    monkeypatch.setattr("footfall.pipelines.inputs.cut_inputs.PIECE_BYTES", 200_003)
    published = published_tables(layout.lay_out(content), beam=beam, **options)
    assert_same_figures(published, published_whole("sample"))


def test_a_second_run_only_adds_its_own_rows(tmp_path: Path) -> None:
    content, options = log_and_options("sample")
    db = tmp_path / "traffic.duckdb"
    first = publish_logs(tmp_path, {LOG: content}, **options)
    before = read_published(db)
    second = publish_logs(tmp_path, {LOG: content}, **options)
    after = read_published(db)
    assert second.books.days.published == []
    assert second.books.days.unchanged == first.books.days.published
    assert days_of(after) == days_of(before)
    own = read_published(db, of_run=first.record.run_id)
    assert (own["inputs"], own["rejects"]) == (before["inputs"], before["rejects"])
    # The second run published no day, so that its books tell no hits.
    own = read_published(db, of_run=second.record.run_id)
    untold = dict.fromkeys(("lines", "hits", "outside_window", "duplicates"))
    assert own["inputs"] == [{**row, **untold} for row in before["inputs"]]
    assert own["rejects"] == [{**row, "first_line_number": None} for row in before["rejects"]]
    assert [len(rows["runs"]) for rows in (before, after)] == [1, 2]


def test_nights_whose_logs_overlap_add_up_to_one_run_over_all_of_them(tmp_path: Path) -> None:
    """Each night reads the lines of a day and some around it, and publishes that day; then all days are published."""
    content, options = log_and_options("sample")
    lines = content.splitlines(keepends=True)
    db = tmp_path / "traffic.duckdb"
    for number in range(3):
        night = b"".join(lines[max(0, (number - 1) * LINES // 3) : (number + 2) * LINES // 3])
        day = FIRST_DAY + timedelta(days=number)
        publish_logs(tmp_path, {f"night-{number}.log": night}, first_day=day, last_day=day, **options)
    nightly = read_published(db)
    assert {row["day"] for row in nightly["days"]} == {FIRST_DAY + timedelta(days=number) for number in range(3)}
    whole = days_of(published_whole("sample"))
    # A night does not know whether its logs cover the day before.
    found = differences(nightly, {name: rows for name, rows in whole.items() if name != "days"})
    assert not found, "\n".join(found)
    publish_logs(tmp_path, {LOG: content}, replace=True, **options)
    found = differences(read_published(db), whole)
    assert not found, "\n".join(found)


def test_a_run_with_more_files_replaces_its_days_whole_and_keeps_the_others(tmp_path: Path) -> None:
    content, options = log_and_options("sample")
    lines = content.splitlines(keepends=True)
    db = tmp_path / "traffic.duckdb"
    half = {"a.log": b"".join(lines[: LINES // 2])}
    both = {**half, "b.log": b"".join(lines[LINES // 2 :])}
    publish_logs(tmp_path, half, **options)
    partial = read_published(db)
    last = max(row["day"] for row in partial["days"])
    publish_logs(tmp_path, both, **options)
    found = differences(read_published(db), days_of(published_whole("sample")))
    assert not found, "\n".join(found)
    # Days that are not in the logs are kept; a day is replaced by fewer hits only with `replace`.
    publish_logs(tmp_path, half, replace=True, **options)
    replaced = days_of(read_published(db))
    assert_days(replaced, partial, [day for day in days_in(partial) if day <= last])
    assert_days(replaced, published_whole("sample"), [day for day in days_in(replaced) if day > last])


def days_in(published: dict[str, Rows]) -> list[date]:
    """The published days."""
    return [row["day"] for row in published["days"]]


def assert_days(published: dict[str, Rows], expected: dict[str, Rows], days: list[date]) -> None:
    """Assert that the rows of some days are equal."""
    assert days
    for name, rows in days_of(expected).items():
        own = [row for row in published[name] if row["day"] in days]
        assert own == [row for row in rows if row["day"] in days], name
