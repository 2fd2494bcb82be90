"""Machine code is kept for the sources that it was made from, and for no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from footfall.transforms.kernels import machine_code
from footfall.transforms.kernels.machine_code import find_folder


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "transforms"
    (folder / "kernels").mkdir(parents=True)
    (folder / "kernels" / "search.py").write_text("@inner_kernel\ndef find(): ...\n")
    (folder / "scan.py").write_text("from kernels.search import find\n@kernel\ndef scan(): find()\n")
    (folder / "describe.py").write_text("WORDS = []\n")
    return folder


def test_machine_code_lasts_as_long_as_its_sources(sources: Path) -> None:
    folder = find_folder(sources)
    (folder / "scan.nbc").touch()
    (sources / "describe.py").write_text("WORDS = ['bot']\n")
    assert find_folder(sources) == folder
    assert (folder / "scan.nbc").exists()


def test_a_kernel_that_others_call_makes_all_of_them_anew(sources: Path) -> None:
    before = find_folder(sources)
    (sources / "kernels" / "search.py").write_text("@inner_kernel\ndef find(): pass\n")
    after = find_folder(sources)
    assert after != before
    assert [one.name for one in after.parent.iterdir()] == [after.name]


def test_where_others_own_the_sources_it_is_kept_in_the_users_cache(
    sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    folder = find_folder(sources)
    assert tmp_path in folder.parents
    assert sources not in folder.parents


def test_numba_is_told_unless_it_was_told_by_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for given, kept in (("", str(find_folder(machine_code._SOURCES))), ("/elsewhere", "/elsewhere")):
        monkeypatch.setattr(machine_code.config, "CACHE_DIR", given)
        machine_code.keep_machine_code()
        assert kept == machine_code.config.CACHE_DIR
