"""The first tiny job tells workers apart that can't run the steps; the engine here is Beam's own job service."""

from __future__ import annotations

from pathlib import Path

import pytest

from footfall.pipelines.engine import try_workers as tried
from footfall.pipelines.engine.choose_engine import choose_engine
from footfall.pipelines.engine.try_workers import WorkerMisfit, compare_software, describe_software, try_workers
from footfall.pipelines.errors import RunError

ENGINE = ["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"]


def test_workers_that_fit_leave_a_file_each(tmp_path: Path) -> None:
    engine = choose_engine(ENGINE)
    for _ in range(2):
        # The engine is the same for the run itself, though Beam's runners change their options.
        try_workers(engine, str(tmp_path), (), tmp_path)
    assert len(list(tmp_path.glob("*.try"))) == 2 * 16


@pytest.mark.parametrize(
    ("software", "problem"),
    [
        (("3.9", *describe_software()[1:]), "a worker has Python 3.1[1-9] and this run Python 3.9; install the same"),
        ((describe_software()[0], "9.9", ""), "a worker has Footfall 0.1.0 and this run Footfall 9.9; install"),
        ((*describe_software()[:2], "other"), "a worker has another build of Footfall 0.1.0 than this run"),
    ],
)
def test_other_software_on_a_worker_is_told(
    software: tuple[str, str, str], problem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(WorkerMisfit, match=problem):
        compare_software(software, describe_software())
    monkeypatch.setattr(tried, "compare_software", lambda given, own: compare_software(software, own))
    with pytest.raises(RunError, match=f"^{problem}.*; nothing was read, the old file is unchanged"):
        try_workers(choose_engine(ENGINE), str(tmp_path), (), tmp_path)


def test_a_folder_that_workers_do_not_share_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    make = tried.TryWorkerFn
    monkeypatch.setattr(tried, "TryWorkerFn", lambda folder, *others: make(str(elsewhere), *others))
    with pytest.raises(
        RunError, match=r"a worker can't use .*elsewhere \(FileNotFoundError\); give a folder with --temp"
    ):
        try_workers(choose_engine(ENGINE), str(tmp_path), (), tmp_path)
    monkeypatch.setattr(make, "process", lambda self, number: iter(()))
    with pytest.raises(RunError, match="this host does not see the files that workers write there"):
        try_workers(choose_engine(ENGINE), str(tmp_path), (), tmp_path)


def test_a_log_that_workers_do_not_have_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        RunError, match=r"none\.log: a worker can't open it \(FileNotFoundError\); it must be at the same"
    ):
        try_workers(choose_engine(ENGINE), str(tmp_path), (str(tmp_path / "none.log"),), tmp_path)
