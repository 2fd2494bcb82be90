"""Runs the command `footfall` on small logs, in this process or in a new one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from footfall.pipelines.cli import run_command

ROOT = Path(__file__).parents[1]
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
ONE_WORKER = ("--", "--direct_num_workers=1")


def log_line(number: int = 0, path: str = "/", *, day: int = 1, hour: int = 10, agent: str = BROWSER) -> str:
    """A combined line `number` seconds after a full hour in June 2026; each number has its own client."""
    client = f"2001:db8::{number:x}"
    time = f"{day:02}/Jun/2026:{hour:02}:{number // 60 % 60:02}:{number % 60:02} +0000"
    return f'{client} - - [{time}] "GET {path} HTTP/1.1" 200 100 "-" "{agent}"\n'


def write_log(path: Path, lines: int = 20, **options: Any) -> Path:
    """Write a combined log of that many visits with one page view each."""
    path.write_text("".join(log_line(number, **options) for number in range(lines)), "utf-8")
    return path


@dataclass(frozen=True)
class CommandResult:
    """The exit status, standard output and standard error of a command."""

    status: int
    out: str
    err: str


class Operator:
    """Runs commands in a folder, as an operator does; the published file there is traffic.duckdb."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.db = folder / "traffic.duckdb"
        self._capture = capture

    def run(self, *arguments: str | Path) -> CommandResult:
        """Run `footfall` with these arguments in this process."""
        self._capture.readouterr()
        status = run_command([str(argument) for argument in arguments])
        printed = self._capture.readouterr()
        return CommandResult(status, printed.out, printed.err)

    def nightly(self, *arguments: str | Path) -> CommandResult:
        """Run `footfall nightly` in this process with one worker."""
        return self.run("nightly", *arguments, *ONE_WORKER)

    def start(
        self, *arguments: str | Path, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start `footfall` in a new process, with additional environment variables."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
        command = [sys.executable, "-m", "footfall.pipelines.cli", *map(str, arguments)]
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options
        )

    def leftovers(self) -> list[str]:
        """Names of files in the folder other than logs, settings, the published file, its lock and its record."""
        ours = {self.db.name, f".{self.db.name}.lock", "last-run.json"}
        return sorted(
            entry.name
            for entry in self.folder.iterdir()
            if entry.name not in ours and not entry.name.endswith((".log", ".gz", ".toml"))
        )

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the published file."""
        with duckdb.connect(str(self.db), read_only=True) as connection:
            return connection.execute(sql).fetchall()
