"""Footfall, GoAccess and SQL by hand over the same generated log: time, processor time and memory.

python benchmarks/nightly.py --folder FOLDER [--lines 10000000] [--rounds 3]

The log is made once and kept in the folder. Each program runs alone, after a short run over a small log (so that
nothing is compiled or loaded for the first time), with the log in the page cache: once watched for its memory, which
slows it down, then once in each round for its times, of which medians are printed. Processor time is that of the
process and all its children; memory is the largest sum of the proportional set sizes (PSS) of all of them, looked at
every 50 ms. Linux only.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from check_share import print_check_share
from lock_share import print_lock_share

from footfall.pipelines.sample.write_sample import write_sample

PROJECT: Final = Path(__file__).resolve().parents[1]
_SEED: Final = 1
_DAYS: Final = 7
_WARM_UP_LINES: Final = 20_000
_LOOK_EVERY_S: Final = 0.05
_COOKIE_AND_TIME: Final = re.compile(rb' "[^"\n]*" [0-9.]+$', re.MULTILINE)
_PSS: Final = re.compile(rb"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True)
class Logs:
    """One generated log, and the same cut to the fields of `combined` for programs that read no more."""

    footfall: Path
    combined: Path
    lines: int


@dataclass(frozen=True)
class Contender:
    """A program to measure; `missing` says what to do where it is not there."""

    name: str
    argv: list[str]
    output: Path
    missing: str = ""


@dataclass(frozen=True)
class Measurement:
    """What a run cost."""

    wall_s: float
    processor_s: float
    peak_bytes: int


def contenders(logs: Logs, folder: Path) -> list[Contender]:
    """The programs and how they are called for one log; nothing is shared between them but the log."""
    footfall = Path(sys.executable).with_name("footfall")
    traffic, by_hand, goaccess = folder / "traffic.duckdb", folder / "by-hand.duckdb", folder / "goaccess.json"
    nightly = [str(footfall), "nightly", str(logs.footfall), "--log-format", "footfall", "--site", "www.example.org"]
    workers = ["--", "--direct_num_workers=2"]
    missing = "" if footfall.exists() else f"no command {footfall.name}: install the project (pip install -e .)"
    unjudged = folder / "unjudged.duckdb"
    return [
        Contender("footfall nightly, 2 threads", [*nightly, "--db", str(traffic), *workers], traffic, missing),
        Contender(
            "the same without judging clients",
            [*nightly, "--db", str(unjudged), "--no-behaviour", *workers],
            unjudged,
            missing,
        ),
        Contender(
            "SQL by hand in DuckDB, 2 threads",
            [sys.executable, str(PROJECT / "benchmarks" / "by_hand.py"), str(logs.footfall), str(by_hand)],
            by_hand,
        ),
        Contender(
            "GoAccess, combined fields",
            [
                "goaccess",
                str(logs.combined),
                "--log-format=COMBINED",
                "--no-global-config",
                "--no-progress",
                "-o",
                str(goaccess),
            ],
            goaccess,
            ""
            if shutil.which("goaccess")
            else "goaccess is not installed: apt-get install goaccess, or see goaccess.io",
        ),
    ]


def prepare(folder: Path, lines: int) -> Logs:
    """Makes the logs, or takes those that an earlier run has left, and reads them once into the page cache."""
    logs = Logs(folder / f"access-{lines}.log", folder / f"combined-{lines}.log", lines)
    if not logs.footfall.exists():
        unfinished = logs.footfall.with_suffix(".unfinished")
        truth = write_sample(unfinished, lines, _SEED, _DAYS)
        logs.footfall.with_suffix(".truth.json").write_text(truth.to_json(), encoding="utf-8")
        unfinished.replace(logs.footfall)
    if not logs.combined.exists():
        unfinished = logs.combined.with_suffix(".unfinished")
        with logs.footfall.open("rb") as source, unfinished.open("wb") as target:
            while block := source.readlines(1 << 24):
                target.write(_COOKIE_AND_TIME.sub(b"", b"".join(block)))
        unfinished.replace(logs.combined)
    for path in (logs.footfall, logs.combined):
        with path.open("rb") as stream:
            while stream.read(1 << 24):
                pass
    return logs


def run(contender: Contender, folder: Path, memory: Callable[[int], int] | None = None) -> Measurement:
    """Runs a program, with `memory` watched. Raises RuntimeError with where its messages are if it fails."""
    messages = folder / f"{re.sub('[^a-z]+', '-', contender.name.lower())}.txt"
    contender.output.unlink(missing_ok=True)
    with messages.open("wb") as stream:
        begin = time.perf_counter()
        process = subprocess.Popen(contender.argv, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, cwd=PROJECT)
        peak = 0
        processor_s: dict[int, float] = {}
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            alive = _tree(process.pid)
            if memory is not None:
                peak = max(peak, sum(map(memory, alive)))
            # As last seen: nothing else reports the usage of a process that nobody waits for.
            processor_s |= {one: _processor_s(one) for one in alive if one != process.pid}
            time.sleep(_LOOK_EVERY_S)
        wall_s = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode or not contender.output.exists():
        raise RuntimeError(
            f"{contender.name}: exit status {process.returncode}, expected 0 and a result; see {messages}"
        )
    return Measurement(wall_s, usage.ru_utime + usage.ru_stime + sum(processor_s.values()), peak)


def _tree(pid: int) -> list[int]:
    """A process and its descendants that are alive."""
    children: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    except OSError:
        return []
    return [pid, *(descendant for child in children for descendant in _tree(child))]


def _processor_s(pid: int) -> float:
    """What a process has used itself so far; 0 if it has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory(pid: int) -> int:
    """The proportional set size of a process in bytes; 0 if it has just ended."""
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_bytes())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def main() -> int:
    """Measures and prints the table; 1 if a program was missing or failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the logs and results are kept")
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="how often each program is timed")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    if not sys.platform.startswith("linux"):
        raise SystemExit("benchmarks/nightly.py: memory is read from /proc, which only Linux has. Run it there.")

    small, logs = prepare(options.folder, _WARM_UP_LINES), prepare(options.folder, options.lines)
    runnable: list[Contender] = []
    watched: list[Measurement] = []
    complaints: list[str] = []
    for warm_up, contender in zip(contenders(small, options.folder), contenders(logs, options.folder), strict=True):
        if contender.missing:
            complaints.append(contender.missing)
            continue
        try:
            run(warm_up, options.folder)
            watched.append(run(contender, options.folder, _memory))
            runnable.append(contender)
        except RuntimeError as error:
            complaints.append(str(error))
    rounds = [[run(contender, options.folder) for contender in runnable] for _ in range(options.rounds)]
    results = [
        (
            contender.name,
            Measurement(median(one.wall_s for one in timed), median(one.processor_s for one in timed), peak.peak_bytes),
        )
        for contender, peak, timed in zip(runnable, watched, zip(*rounds, strict=True), strict=True)
    ]

    print(f"{logs.lines:,} lines, {logs.footfall.stat().st_size / 1e6:,.0f} MB, {os.cpu_count()} processors")
    print(f"{'':34}{'wall s':>9}{'processor s':>13}{'peak MB':>9}{'lines/s':>12}{'x first':>9}")
    for name, cost in results:
        ratio = cost.wall_s / results[0][1].wall_s
        rate = logs.lines / cost.wall_s
        print(
            f"{name:34}{cost.wall_s:9.2f}{cost.processor_s:13.2f}{cost.peak_bytes / 1e6:9.0f}{rate:12,.0f}{ratio:9.2f}"
        )
    print_check_share(logs.footfall)
    if not complaints:
        print_lock_share(logs.footfall)
    for complaint in complaints:
        print(f"left out: {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
