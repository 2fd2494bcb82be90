"""`--memory` lets a run work on less at once, with the same result."""

from __future__ import annotations

from pathlib import Path

import pytest

from footfall.pipelines.engine.limit_memory import FULL_MIB, LEAST_MIB, MemoryPlan, read_mib
from footfall.pipelines.inputs.examine_inputs import examine_inputs
from footfall.pipelines.inputs.list_inputs import list_inputs
from footfall.pipelines.run import BUCKET_BYTES, plan_run, run_nightly
from footfall.pipelines.settings import Settings
from footfall.transforms.hits.derive_hits import HitDeriver
from tests.commands import Operator, write_log
from tests.running import IN_ONE_THREAD, differences, read_published, silent


@pytest.mark.parametrize(
    ("text", "mib"),
    [("1GiB", 1_024), ("1g", 1_024), ("1.5 GB", 1_536), ("900MiB", 900), ("786432k", 768), ("805306368", 768)],
)
def test_sizes_are_read(text: str, mib: int) -> None:
    assert read_mib(text) == mib


@pytest.mark.parametrize("text", ["", "much", "700MiB", "1", "-2GiB", "1e3GiB", "1 GiB of it"])
def test_other_texts_and_too_little_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"of at least {LEAST_MIB}MiB"):
        read_mib(text)


def test_less_memory_means_less_at_once() -> None:
    plans = [MemoryPlan.of(f"{mib}MiB", 2) for mib in (LEAST_MIB, 1_000, 1_300, FULL_MIB, 4_000)]
    assert [plan.threads for plan in plans] == [1, 1, 2, 2, 2]
    percents = [plan.percent for plan in plans]
    assert percents == sorted(percents)
    assert percents[0] > 0
    assert percents[3] == percents[4] == 100
    assert plans[3] == MemoryPlan.of(None, 2)


def test_more_memory_is_for_the_database() -> None:
    plans = [MemoryPlan.of(f"{mib}MiB", 2) for mib in (LEAST_MIB, 1_000, FULL_MIB, 4_000)]
    assert [plan.database_mib for plan in plans] == [128, 133, 256, 1_488]


def test_a_long_log_is_worked_on_in_smaller_parts() -> None:
    full = MemoryPlan.of(None, 2)
    assert full.for_log(8 * 2**30) == full
    assert full.for_log(9 * 2**30) == MemoryPlan(60, 2, full.database_mib)


@pytest.mark.parametrize("plan", [MemoryPlan.of("768MiB", 2), MemoryPlan.of(None, 1), MemoryPlan(20, 2)])
def test_what_is_smaller_already_or_one_of_many_workers_stays(plan: MemoryPlan) -> None:
    assert plan.for_log(9 * 2**30) == plan


def test_buckets_are_smaller(tmp_path: Path) -> None:
    log = write_log(tmp_path / "access.log")
    with log.open("ab") as file:
        file.truncate(20 * BUCKET_BYTES)  # a hole, which takes no room on the disk
    inputs = examine_inputs(list_inputs([str(log)]), "combined", verify=False)
    full, less = (
        plan_run(Settings(logs=(str(log),), memory=memory), inputs, str(tmp_path), 2).options
        for memory in (None, "768MiB")
    )
    assert (full.bucket_count, full.threads) == (20, 2)
    assert (less.bucket_count, less.threads) == (20 * 100 // less.memory_percent, 1)


def test_a_run_with_less_memory_derives_fewer_lines_at_once_and_publishes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("footfall.transforms.parse_hits.BATCH_LINES", 1_000)
    monkeypatch.setattr("footfall.transforms.parse_hits.FLUSH_ROWS", 1_000)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.BLOCK_BYTES", 16 * 1024)
    monkeypatch.setattr("footfall.transforms.scanning.read_blocks.READ_BYTES", 8 * 1024)
    log = write_log(tmp_path / "access.log", 3_000)
    derived: list[int] = []
    derive = HitDeriver.derive_hits

    def noting(self: HitDeriver, lines: object) -> object:
        derived.append(len(lines.lines))  # type: ignore[attr-defined]
        return derive(self, lines)  # type: ignore[arg-type]

    monkeypatch.setattr(HitDeriver, "derive_hits", noting)
    published, most = [], []
    for name, memory in (("full", None), ("less", "768MiB")):
        derived.clear()
        db = tmp_path / f"{name}.duckdb"
        run_nightly(Settings(logs=(str(log),), db=db, k=1, memory=memory), IN_ONE_THREAD, silent)
        published.append(read_published(db))
        most.append(max(derived))
    assert most[1] < most[0] // 2
    assert not differences(published[0], {name: rows for name, rows in published[1].items() if name != "runs"})


def test_the_command_refuses_too_little(operator: Operator) -> None:
    write_log(operator.folder / "access.log")
    result = operator.run("nightly", "access.log", "--memory", "100MiB")
    assert result.status == 2
    assert "at least 768MiB" in result.err
