"""The Containerfile names what exists, and `footfall compile` ends well and leaves no file."""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

import click
import pytest

from footfall.pipelines.cli import footfall
from tests.commands import ROOT, Operator

CONTAINERFILE = (ROOT / "packaging" / "Containerfile").read_text("utf-8")


def test_the_containerfile_runs_commands_that_exist() -> None:
    (example,) = re.findall(r"^#       (nightly .*)$", CONTAINERFILE, re.MULTILINE)
    name, *arguments = shlex.split(example)
    command = footfall.commands[name]
    assert command.make_context(name, arguments).params["strict"] is True
    for step in re.findall(r"/opt/footfall/bin/footfall (\w+)", CONTAINERFILE):
        assert isinstance(footfall.commands[step], click.Command)
    for source in re.findall(r"^COPY (\S+)", CONTAINERFILE, re.MULTILINE):
        assert (ROOT / source).is_file()


def test_compile_publishes_a_sample_and_leaves_no_file(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(operator.folder))
    ended = operator.run("compile")
    assert (ended.status, ended.err) == (0, "")
    assert re.fullmatch(r"the kernels are compiled \(\d+ s\)\n", ended.out)
    assert list(Path(operator.folder).iterdir()) == []
