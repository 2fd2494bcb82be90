"""How the time of a run grows with the number of its inputs: what finding duplicates, and each input by itself, takes.

python benchmarks/many_inputs.py [--lines 400000] [--inputs 1 28 112 448 896]

The same generated log is cut into more and more inputs, each of which also repeats the last lines of the one before, as
rotation does. The number of lines stays nearly the same: what grows is the cost of inputs alone. Times are those of the
whole program, wall and processor time, after a run that compiles what is missing.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from footfall.pipelines.sample.write_sample import write_sample

_OVERLAP_LINES: Final = 20


def cut_log(lines: list[bytes], count: int, folder: Path) -> list[Path]:
    """Write the lines as that many inputs, which overlap."""
    folder.mkdir()
    paths = []
    for number in range(count):
        begin, end = len(lines) * number // count, len(lines) * (number + 1) // count
        path = folder / f"{number:06}.log"
        path.write_bytes(b"".join(lines[max(0, begin - _OVERLAP_LINES) : end]))
        paths.append(path)
    return paths


def time_run(paths: list[Path], db: Path) -> tuple[float, float]:
    """Run over the inputs into a new file; wall and processor seconds."""
    command = [str(Path(sys.executable).with_name("footfall")), "nightly", *map(str, paths), "--db", str(db)]
    used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall_s, now = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    db.unlink()
    return wall_s, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=400_000)
    parser.add_argument("--inputs", type=int, nargs="+", default=[1, 28, 112, 448, 896])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "sample.log"
        write_sample(log, chosen.lines, seed=1, days=7)
        lines = log.read_bytes().splitlines(keepends=True)
        time_run(cut_log(lines[:2000], 2, folder / "first"), folder / "traffic.duckdb")
        print(f"{'inputs':>7} {'wall s':>7} {'cpu s':>7}")
        for count in chosen.inputs:
            wall_s, cpu_s = time_run(cut_log(lines, count, folder / str(count)), folder / "traffic.duckdb")
            print(f"{count:7} {wall_s:7.1f} {cpu_s:7.1f}", flush=True)


if __name__ == "__main__":
    main()
