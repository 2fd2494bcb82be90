"""What shells and `man` know of the commands comes from the command line's own definition."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from footfall.pipelines.cli import footfall
from footfall.pipelines.commands.complete import SHELLS, VARIABLE
from footfall.pipelines.commands.write_man_pages import write_pages
from tests.commands import ROOT, Operator

PAGES = ROOT / "docs" / "man"
ASK = """
eval "$(footfall completion bash)"
COMP_WORDS=(footfall %s) COMP_CWORD=%d
_footfall_completion footfall
printf '%%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def program(tmp_path: Path) -> dict[str, str]:
    """The environment of a shell that finds `footfall`."""
    script = tmp_path / "footfall"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m footfall.pipelines.cli "$@"\n')
    script.chmod(0o755)
    return {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("ni", ["nightly"]),
        ("geo up", ["update"]),
        ("nightly --complete", ["--complete-days"]),
        ("sample --format com", ["common", "combined"]),
    ],
)
def test_bash_completes_commands_options_and_values(words: str, completed: list[str], program: dict[str, str]) -> None:
    ask = ASK % (words, len(words.split()))
    ended = subprocess.run(["bash", "-c", ask], env=program, capture_output=True, text=True, timeout=120, check=True)
    assert ended.stdout.split() == completed


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_code_and_its_answers(shell: str, operator: Operator, program: dict[str, str]) -> None:
    ended = operator.run("completion", shell)
    assert ended.status == 0
    assert f"{VARIABLE}={shell}_complete" in ended.out
    asked = {VARIABLE: f"{shell}_complete", "COMP_WORDS": "footfall nightly acc", "COMP_CWORD": "2"}
    if shell == "fish":
        asked["COMP_CWORD"] = "acc"
    answer = subprocess.run(
        ["footfall"], env=program | asked, capture_output=True, text=True, timeout=120, check=True
    ).stdout
    assert "file" in answer, "logs are files"


def commands(command: click.Command, name: str = "footfall") -> list[str]:
    """The names of a command and of all commands below it, as their man pages have them."""
    below = command.commands.items() if isinstance(command, click.Group) else ()
    return [name, *(found for key, one in below for found in commands(one, f"{name}-{key}"))]


def test_the_man_pages_are_made_from_the_commands(tmp_path: Path) -> None:
    write_pages(tmp_path)
    made = {page.name: page.read_text("utf-8") for page in tmp_path.iterdir()}
    assert sorted(made) == sorted(f"{name}.1" for name in commands(footfall))
    assert made == {page.name: page.read_text("utf-8") for page in PAGES.iterdir()}, "run make docs"


@pytest.mark.skipif(shutil.which("man") is None, reason="needs man")
def test_man_shows_the_pages_without_a_warning() -> None:
    for page in sorted(PAGES.iterdir()):
        environment = {**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"}
        shown = subprocess.run(
            ["man", "--warnings", "-l", page], env=environment, capture_output=True, text=True, timeout=60, check=True
        )
        assert shown.stderr == "", page.name
        assert "NAME" in shown.stdout
