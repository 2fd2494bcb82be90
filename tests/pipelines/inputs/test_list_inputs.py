"""Paths, globs and folders are expanded into inputs; a pattern without files is an error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from footfall.pipelines.errors import UsageError
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from tests.commands import Operator, write_log


def names_of(inputs: list[Input]) -> list[str]:
    return [Path(one.path).name for one in inputs]


def test_paths_globs_and_folders_name_each_file_once(tmp_path: Path) -> None:
    write_log(tmp_path / "a.log")
    write_log(tmp_path / "b.log")
    (tmp_path / ".b.log.swp").write_text("x")
    (tmp_path / "old").mkdir()
    write_log(tmp_path / "old" / "c.log")
    (tmp_path / "link.log").symlink_to(tmp_path / "b.log")
    given = [str(tmp_path / "a.log"), str(tmp_path / "?.log"), str(tmp_path)]
    found = list_inputs(given)
    assert names_of(found) == ["a.log", "b.log"]
    assert all(one.is_named for one in found)
    assert names_of(list_inputs([str(tmp_path / "old")])) == ["c.log"]


def test_a_glob_without_a_folder_is_of_the_working_directory(operator: Operator) -> None:
    for name in ("a.log", "a.log.1"):
        write_log(operator.folder / name)
    assert [one.path for one in list_inputs(["a.log*"])] == ["a.log", "a.log.1"]


def test_a_file_whose_name_looks_like_a_glob_is_a_file(tmp_path: Path) -> None:
    write_log(tmp_path / "access[1].log")
    assert names_of(list_inputs([str(tmp_path / "access[1].log")])) == ["access[1].log"]


@pytest.mark.parametrize("given", ["missing.log", "*.none", "empty", "nobody://bucket/access.log"])
def test_a_pattern_without_files_is_wrong_usage(given: str, operator: Operator) -> None:
    (operator.folder / "empty").mkdir()
    with pytest.raises(UsageError) as raised:
        list_inputs([given])
    place, _, problem_and_remedy = str(raised.value).partition(": ")
    assert place == given
    assert ";" in problem_and_remedy


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes that are files")
def test_a_pipe_is_told_as_such(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=r"pipe: is a pipe, socket or device; give a file, or - for standard input"):
        list_inputs([str(tmp_path / "pipe")])
