"""Machine code is cached for the sources that it was compiled from, and for no others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from footfall.transforms.kernels import machine_code
from footfall.transforms.kernels.machine_code import cache_folder, temporary_folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "footfall"
    (folder / "transforms" / "kernels").mkdir(parents=True)
    (folder / "geo_data").mkdir()
    (folder / "tests").mkdir()
    (folder / "transforms" / "kernels" / "search.py").write_text("@inner_kernel\ndef find(): ...\n")
    (folder / "transforms" / "scan.py").write_text("from kernels.search import find\n@kernel\ndef scan(): find()\n")
    (folder / "transforms" / "vocabulary.py").write_text("MAX_LINE_BYTES = 65_536\n")
    (folder / "transforms" / "describe.py").write_text("WORDS = []\n")
    (folder / "geo_data" / "tree.py").write_text("@kernel\ndef walk(): ...\n")
    (folder / "tests" / "test_scan.py").write_text("@kernel\ndef call_scan(): ...\n")
    return folder


@pytest.mark.parametrize("other", ["transforms/describe.py", "tests/test_scan.py"])
def test_cache_stays_when_other_files_change(package: Path, other: str) -> None:
    folder = cache_folder(package)
    (folder / "scan.nbc").touch()
    with (package / other).open("a") as file:
        file.write("WORDS = ['bot']\n")
    assert cache_folder(package) == folder
    assert (folder / "scan.nbc").exists()


def test_others_may_copy_from_the_cache_of_the_package(package: Path) -> None:
    assert cache_folder(package).stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("changed", ["transforms/kernels/search.py", "transforms/vocabulary.py", "geo_data/tree.py"])
def test_cache_is_replaced_when_a_kernel_changes(package: Path, changed: str) -> None:
    before = cache_folder(package)
    with (package / changed).open("a") as file:
        file.write("# changed\n")
    after = cache_folder(package)
    assert after != before
    assert [folder.name for folder in after.parent.iterdir()] == [after.name]


def test_cache_is_in_the_users_folder_if_the_package_is_not_writable(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: False)
    folder = cache_folder(package)
    assert tmp_path in folder.parents
    assert package not in folder.parents


def test_numba_caches_there_unless_the_user_chose_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    for given, expected in (("", str(cache_folder(machine_code._PACKAGE))), ("/elsewhere", "/elsewhere")):
        monkeypatch.setattr(machine_code.config, "CACHE_DIR", given)
        machine_code.set_cache_folder()
        assert expected == machine_code.config.CACHE_DIR


def test_a_temporary_folder_is_this_users_alone_and_found_again(tmp_path: Path) -> None:
    folder = temporary_folder(tmp_path)
    assert temporary_folder(tmp_path) == folder
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o770, 0o707])
def test_a_temporary_folder_that_others_may_write_to_is_not_used(tmp_path: Path, mode: int) -> None:
    temporary_folder(tmp_path).chmod(mode)
    folder = temporary_folder(tmp_path)
    assert folder.stat().st_mode & 0o077 == 0
    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_in_place_of_the_temporary_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / f"footfall-kernels-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    assert not temporary_folder(tmp_path).is_symlink()
