"""A run locks the published file, and its temporary folders are empty at its start and removed at its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from footfall.pipelines.engine.work_folders import lock_published_file, make_exchange_folder, make_work_folder
from footfall.pipelines.errors import RunError, UsageError


def test_a_second_run_on_the_same_file_is_an_error(tmp_path: Path) -> None:
    db = tmp_path / "traffic.duckdb"
    with lock_published_file(db):
        with (
            pytest.raises(RunError, match=r"traffic\.duckdb: another run is publishing to it; wait"),
            lock_published_file(db),
        ):
            pass
        with lock_published_file(tmp_path / "other.duckdb"):
            pass
    with lock_published_file(db):
        pass


def test_a_work_folder_is_private_and_removed_even_after_an_error(tmp_path: Path) -> None:
    db = tmp_path / "traffic.duckdb"
    left_by_killed_run = tmp_path / ".traffic.duckdb.work"
    left_by_killed_run.mkdir()
    (left_by_killed_run / "rows").touch()
    with pytest.raises(KeyError), make_work_folder(db) as work:
        assert work == left_by_killed_run
        assert work.stat().st_mode & 0o777 == 0o700
        assert list(work.iterdir()) == []
        (work / "fresh.duckdb").touch()
        raise KeyError
    assert list(tmp_path.iterdir()) == []


def test_rows_are_exchanged_in_the_work_folder_by_default(tmp_path: Path) -> None:
    with make_exchange_folder(None, tmp_path / "traffic.duckdb", tmp_path) as exchange:
        assert Path(exchange).parent == tmp_path
        assert Path(exchange).is_dir()


def test_a_folder_below_temp_is_specific_to_the_published_file_and_removed(tmp_path: Path) -> None:
    temp = tmp_path / "shared"
    temp.mkdir()
    for name in ("traffic.duckdb", "other.duckdb"):
        (tmp_path / name).touch()
    with make_exchange_folder(str(temp), tmp_path / "traffic.duckdb", tmp_path) as first:
        (Path(first) / "rows").touch()
        with make_exchange_folder(str(temp), tmp_path / "other.duckdb", tmp_path) as second:
            assert second != first
        assert (Path(first) / "rows").exists()
    assert not Path(first).exists()


def test_a_folder_below_temp_that_a_killed_run_left_is_emptied(tmp_path: Path) -> None:
    db = tmp_path / "traffic.duckdb"
    with make_exchange_folder(str(tmp_path), db, tmp_path) as exchange:
        (Path(exchange) / "rows").touch()
        with make_exchange_folder(str(tmp_path), db, tmp_path) as again:
            # Workers of the killed run that still write do not write here.
            assert again != exchange
            assert list(Path(again).iterdir()) == []
            assert not Path(exchange).exists()
            for folder in (Path(again), Path(again).parent):
                assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_a_temp_that_is_missing_is_wrong_usage(tmp_path: Path) -> None:
    for temp in (tmp_path / "none", tmp_path / "file"):
        with (
            pytest.raises(UsageError, match=rf"{temp.name}: no such folder; create it, or give .* --temp"),
            make_exchange_folder(str(temp), tmp_path / "traffic.duckdb", tmp_path),
        ):
            pass
        (tmp_path / "file").touch()
    assert not (tmp_path / "none").exists()
