"""How much of a run's processor time goes into knowing what the run met, and into the check before publishing.

python benchmarks/check_share.py LOG [--log-format footfall] [--cold]

Runs the nightly job in this process, once to warm up unless it is cold, and adds up the processor time of the functions
that digest addresses, cookies and names, search texts for them, and look at the finished file. The check has to stay
below a tenth.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from footfall.pipelines import run
from footfall.pipelines.inputs.list_inputs import Input
from footfall.pipelines.publishing import publish
from footfall.pipelines.run import run_nightly
from footfall.pipelines.settings import Settings
from footfall.transforms import assign_visits, withhold_identifiers
from footfall.transforms.hits.met_identifiers import MetIdentifiers
from footfall.transforms.hits.read_lines import LineReader

LIMIT: Final = 0.1
TIMED: Final[dict[str, tuple[tuple[Any, str], ...]]] = {
    "what the run met": ((LineReader, "_collect"), (MetIdentifiers, "digests")),
    "search in names": (
        (withhold_identifiers, "_withhold_names"),
        (withhold_identifiers, "_open_met"),
        (run, "read_identifiers"),
    ),
    "other names": ((assign_visits, "rename"),),
    "check of the tables": ((publish, "check_file"),),
    "check of the bytes": ((publish, "check_bytes"),),
}
_ALONE: Final = ("check of the tables", "check of the bytes")
"""What nothing else runs beside, and has threads of its own: DuckDB's."""


@contextlib.contextmanager
def timed(seconds: dict[str, float]) -> Iterator[None]:
    """Add up the processor time of the functions in TIMED, each in its own thread, or in all where it runs alone."""
    before = [(owner, name, getattr(owner, name)) for places in TIMED.values() for owner, name in places]
    for label, places in TIMED.items():
        for owner, name in places:
            setattr(owner, name, _with_clock(getattr(owner, name), label, seconds))
    try:
        yield
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def _with_clock(function: Callable[..., Any], label: str, seconds: dict[str, float]) -> Callable[..., Any]:
    clock = time.process_time if label in _ALONE else time.thread_time

    def run(*arguments: Any, **options: Any) -> Any:
        begin = clock()
        try:
            return function(*arguments, **options)
        finally:
            seconds[label] = seconds.get(label, 0.0) + clock() - begin

    return run


@contextlib.contextmanager
def _silent(inputs: Sequence[Input]) -> Iterator[None]:
    yield


def print_check_share(log: Path, log_format: str = "footfall", *, is_cold: bool = False) -> None:
    """Measure and print; a cold run compiles within it what is not yet compiled."""
    whole = 0.0
    seconds: dict[str, float] = {}
    for _ in range(1 if is_cold else 2):
        seconds = {}
        with tempfile.TemporaryDirectory() as folder, timed(seconds):
            settings = Settings(logs=(str(log),), db=Path(folder) / "traffic.duckdb", log_format=log_format)
            begin = time.process_time()
            run_nightly(settings, (), _silent)
            whole = time.process_time() - begin
    share = sum(seconds.values()) / whole
    print(f"{share:.1%} of the processor time ({whole:.1f} s) is for the check; at most {LIMIT:.0%} should be")
    for label in TIMED:
        print(f"{label:>20}  {seconds.get(label, 0.0):.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("log", type=Path)
    parser.add_argument("--log-format", default="footfall")
    parser.add_argument("--cold", action="store_true")
    options = parser.parse_args()
    print_check_share(options.log, options.log_format, is_cold=options.cold)
