"""Kills runs at random moments, and lets their disk be full: afterwards the old file is whole, or the new one complete.

python -m tests.kills [--kills 200] [--full 20] [--seed 1]
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

from footfall.pipelines.publishing.check_published import check_published
from tests.commands import ROOT, log_line
from tests.running import days_of, read_published

SIGNALS: Final = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
COOKIE: Final = "c00c1e"
_AT_START: Final = 0.3
"""Of the time of a run: before that it has only imported what it needs."""


class Trial:
    """A folder with a published day, and logs with one day more, which runs publish to it."""

    def __init__(self, folder: Path, lines: int = 4_000) -> None:
        self.folder = folder
        self.db = folder / "traffic.duckdb"
        for day in (1, 2):
            text = "".join(
                f'{log_line(number, f"/{number % 50}", day=day)[:-1]} "{COOKIE}{number:06}"\n'
                for number in range(lines)
            )
            (folder / f"{day}.log").write_text(text, "utf-8")
        self.start(["1.log"]).communicate()
        self.before = self.db.read_bytes()
        began = time.monotonic()
        process = self.start()
        _, errors = process.communicate()
        assert process.returncode == 0, errors
        self.seconds = time.monotonic() - began
        self.after = days_of(read_published(self.db))

    def start(self, logs: list[str] | None = None, limit: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
        """Begin a run over the logs."""
        options = ["--quiet", "--log-format", '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{sid}C"']
        return subprocess.Popen(
            [sys.executable, "-m", "footfall.pipelines.cli", "nightly", *(logs or ["1.log", "2.log"]), *options],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=limit,
        )

    def kill(self, seconds: float, by: signal.Signals) -> str:
        """Run, and send a signal after some seconds; what became of the published file."""
        self.db.write_bytes(self.before)
        process = self.start()
        try:
            _, errors = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(by)
            _, errors = process.communicate()
        outcome = self.judge()
        # A signal that comes before the program has begun to heed it ends it as it ends any.
        told = {0: "new"} | dict.fromkeys((128 + by, -by), "old")
        assert told.get(process.returncode) == outcome or by == signal.SIGKILL, (process.returncode, outcome, errors)
        assert b"Traceback" not in errors or process.returncode == -by, errors
        return outcome

    def fill(self, size: int) -> str:
        """Run with room for files of that size only; what became of the published file."""
        import resource

        self.db.write_bytes(self.before)
        process = self.start(limit=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
        _, errors = process.communicate()
        outcome = self.judge()
        assert (process.returncode, outcome) in ((0, "new"), (1, "old")), (process.returncode, outcome, errors)
        assert b"Traceback" not in errors, errors
        assert b"unexpected" not in errors, errors
        return outcome

    def judge(self) -> str:
        """`old` if the published file is the old one, `new` if it is complete; no file names a visitor."""
        for path in self.folder.rglob("*"):
            if path.is_file() and path.suffix != ".log":
                content = path.read_bytes()
                assert COOKIE.encode() not in content, path
                assert b"2001:db8::" not in content, path
        if self.db.read_bytes() == self.before:
            return "old"
        assert not any(one.findings for one in check_published(self.db))
        published = read_published(self.db)
        assert days_of(published) == self.after
        for row in published["inputs"]:
            if row["lines"] is not None:
                assert row["lines"] == row["hits"] + row["outside_window"] + row["rejected"] + row["duplicates"]
        return "new"

    def sweep(self) -> None:
        """Run once more: it publishes, and leaves nothing of the killed ones."""
        process = self.start()
        _, errors = process.communicate()
        assert process.returncode == 0, errors
        assert self.judge() == "new"
        left = {path.name for path in self.folder.iterdir() if path.suffix != ".log"}
        assert left <= {self.db.name, f".{self.db.name}.lock", "last-run.json"}, left


def main() -> None:
    """Kill and fill, and print how often which file was there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen: Any = parser.parse_args()
    random = Random(chosen.seed)
    found: Counter[tuple[str, str]] = Counter()
    with tempfile.TemporaryDirectory() as name:
        trial = Trial(Path(name))
        for number in range(chosen.kills):
            by = random.choice(SIGNALS)
            found[by.name, trial.kill(trial.seconds * random.uniform(_AT_START, 1.05), by)] += 1
            if number % 25 == 24:
                trial.sweep()
                print(dict(found), flush=True)
        for number in range(chosen.full):
            found["full disk", trial.fill(4_096 * 2**number if number < 10 else random.randrange(2**12, 2**23))] += 1
        trial.sweep()
    for (cause, outcome), count in sorted(found.items()):
        print(f"{cause:<10} {outcome:<4} {count:>4}")


if __name__ == "__main__":
    main()
