"""How much of a step's time holds the interpreter's lock, and where more threads would stop helping.

python benchmarks/lock_share.py LOG [--log-format footfall]

Runs `footfall nightly` with one thread under py-spy twice: once all samples of the steps are counted, once those that
hold the lock. The rest is simulated: threads that each alternate between work without the lock and work with it, where
one holds it at a time (a closed queueing network, solved by mean value analysis).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_RATE: Final = 200
_STEP: Final = "RunStepFn._run "
_THREADS: Final = (1, 2, 4, 8, 16, 32, 64)


def count_samples(log: Path, log_format: str, folder: Path, *, locked: bool) -> int:
    """Samples inside steps; those that hold the interpreter's lock, or all."""
    samples = folder / "samples.txt"
    command = [
        str(Path(sys.executable).with_name("py-spy")),
        "record",
        *(["--gil"] if locked else []),
        *("--rate", str(_RATE), "--format", "raw", "--output", str(samples), "--"),
        str(Path(sys.executable).with_name("footfall")),
        *("nightly", str(log), "--db", str(folder / "traffic.duckdb"), "--log-format", log_format),
        *("--replace", "--", "--direct_num_workers=1"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return sum(int(line.rpartition(" ")[2]) for line in samples.read_text().splitlines() if _STEP in line)


def speedup(threads: int, share: float) -> float:
    """How many times as much as one thread so many do, of whose work a share holds the lock.

    >>> [round(speedup(threads, 0.25), 1) for threads in (1, 2, 4, 100)]
    [1.0, 1.9, 3.2, 4.0]
    """
    waiting = throughput = 0.0
    for number in range(1, threads + 1):
        with_lock = share * (1 + waiting)
        throughput = number / (1 - share + with_lock)
        waiting = throughput * with_lock
    return throughput


def print_lock_share(log: Path, log_format: str = "footfall") -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        counts = [count_samples(log, log_format, Path(folder), locked=locked) for locked in (False, True)]
    share = counts[1] / counts[0]
    print(f"{share:.0%} of the time of steps holds the interpreter's lock ({counts[1]:,} of {counts[0]:,} samples)")
    print("threads (simulated)  times the work of one")
    for threads in _THREADS:
        print(f"{threads:>19}  {speedup(threads, share):.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--log-format", default="footfall")
    options = parser.parse_args()
    print_lock_share(options.log, options.log_format)
