"""How far reading is: a bar on a terminal, plain lines elsewhere. Shows names of inputs and counts, nothing else."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from pipelines.inputs import Input
from transforms.meter import meter

_PLAIN_EVERY_S: Final = 10.0
_BAR_EVERY_S: Final = 0.2


@contextlib.contextmanager
def show_progress(inputs: Sequence[Input]) -> Iterator[None]:
    """Show bytes, lines a second and the time left on standard error until the context ends."""
    total = sum(max(one.size, 0) for one in inputs)
    done = threading.Event()
    show = _show_bar if sys.stderr.isatty() else _log_lines
    thread = threading.Thread(target=show, args=(total, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show_bar(total: int, done: threading.Event) -> None:
    columns = (
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.fields[rate]} lines/s"),
        TimeRemainingColumn(),
    )
    began = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=total or None, rate="…")
        while not done.wait(_BAR_EVERY_S):
            bar.update(task, completed=min(meter.stored_bytes, total or meter.stored_bytes), rate=_rate(began))


def _log_lines(total: int, done: threading.Event) -> None:
    began = time.monotonic()
    while not done.wait(_PLAIN_EVERY_S):
        share = f"{100 * min(meter.stored_bytes, total) / total:.0f}% of {total:,} bytes, " if total else ""
        print(f"reading: {share}{meter.lines:,} lines, {_rate(began)} lines/s", file=sys.stderr, flush=True)


def _rate(began: float) -> str:
    return f"{meter.lines / max(time.monotonic() - began, 0.001):,.0f}"
