"""Runs the command `footfall`, in this process or in one of its own, on small logs, for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from footfall.pipelines.cli import run

ROOT = Path(__file__).parents[1]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ONE_WORKER = ("--", "--direct_num_workers=1")


def log_line(number: int = 0, path: str = "/", *, day: int = 1, hour: int = 10, agent: str = BROWSER) -> str:
    """A combined line of a client of its own, `number` seconds into the hour of a day of June 2026."""
    client = f"2001:db8::{number:x}"
    time = f"{day:02}/Jun/2026:{hour:02}:{number // 60 % 60:02}:{number % 60:02} +0000"
    return f'{client} - - [{time}] "GET {path} HTTP/1.1" 200 100 "-" "{agent}"\n'


def write_log(path: Path, lines: int = 20, **options: Any) -> Path:
    """A combined log of that many visits of one page view."""
    path.write_text("".join(log_line(number, **options) for number in range(lines)), "utf-8")
    return path


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str


class Operator:
    """Somebody who types commands in a folder; the published file is traffic.duckdb there."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.db = folder / "traffic.duckdb"
        self._capture = capture

    def types(self, *arguments: str | Path) -> Ended:
        """Run `footfall` with these arguments in this process."""
        self._capture.readouterr()
        status = run([str(argument) for argument in arguments])
        said = self._capture.readouterr()
        return Ended(status, said.out, said.err)

    def nightly(self, *arguments: str | Path) -> Ended:
        """Run `footfall nightly` in this process with one worker."""
        return self.types("nightly", *arguments, *ONE_WORKER)

    def starts(
        self, *arguments: str | Path, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Begin `footfall` in a process of its own, with some variables of its environment."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        command = [sys.executable, "-m", "footfall.pipelines.command", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        )

    def leftovers(self) -> list[str]:
        """What is in the folder beside logs, the published file and the lock."""
        ours = {self.db.name, f".{self.db.name}.lock"}
        return sorted(
            entry.name
            for entry in self.folder.iterdir()
            if entry.name not in ours and not entry.name.endswith((".log", ".gz", ".toml"))
        )

    def asks(self, query: str) -> list[tuple[Any, ...]]:
        """Query the published file."""
        with duckdb.connect(str(self.db), read_only=True) as connection:
            return connection.execute(query).fetchall()
