"""Scratch folders are private, removed at the end, and swept after processes that were killed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from footfall.pipelines.engine.scratch_folders import keep_temporary_files_in, make_scratch_folder

DIES = """
import os, signal, tempfile
from footfall.pipelines.engine.scratch_folders import make_scratch_folder
with make_scratch_folder() as folder:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_scratch_folder_is_private_and_removed(temporary: Path) -> None:
    with make_scratch_folder() as folder:
        assert Path(folder).parent == temporary
        assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_what_a_killed_process_left_is_swept_and_what_a_living_one_or_others_made_is_not(temporary: Path) -> None:
    subprocess.run([sys.executable, "-c", DIES], timeout=60, check=False)
    (left,) = temporary.iterdir()
    others = temporary / "footfall-scratch-of-others"
    others.mkdir()
    with make_scratch_folder() as first:
        assert not left.exists()
        with make_scratch_folder() as second:
            assert sorted(temporary.iterdir()) == sorted([Path(first), Path(second), others])


def test_temporary_files_are_made_in_the_folder_that_is_given(temporary: Path) -> None:
    with keep_temporary_files_in(temporary / "own"), tempfile.NamedTemporaryFile() as file:
        assert Path(file.name).parent == temporary / "own"
        made = subprocess.run(["mktemp", "-u"], capture_output=True, text=True, check=True).stdout
        assert Path(made).parent == temporary / "own"
    assert tempfile.gettempdir() == str(temporary)
