"""Fixtures for tests of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import Operator


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Operator:
    """An operator in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Operator(tmp_path, capsys)
