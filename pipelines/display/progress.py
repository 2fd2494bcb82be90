"""Progress of reading the inputs: a bar on a terminal, lines of text elsewhere. It shows only counts."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final, TextIO

from footfall.pipelines.display.log_events import as_log_line
from footfall.pipelines.inputs.list_inputs import Input
from footfall.transforms.running.progress_counts import progress_counts

_PLAIN_EVERY_S: Final = 10.0
_BAR_EVERY_S: Final = 0.2


@dataclass(frozen=True)
class _State:
    """The progress at one moment; `lines_per_s` keeps its last value once reading has ended."""

    step: str
    stored_bytes: int
    lines: int
    lines_per_s: float


@contextlib.contextmanager
def show_progress(inputs: Sequence[Input], *, log_json: bool = False) -> Iterator[None]:
    """Show bytes, lines per second and the time left on standard error until the context ends.

    With `log_json`, they are JSON lines on standard output.
    """
    progress_counts.reset()
    total = sum(max(one.size, 0) for one in inputs)
    if len(inputs) > 1:
        # They are read twice: the first time to find duplicate lines.
        total *= 2
    done = threading.Event()
    # While the engine runs, the standard streams are redirected; progress goes to the original one.
    screen = sys.stdout if log_json else sys.stderr
    show = _log_events if log_json else _show_bar if screen and screen.isatty() else _log_lines
    thread = threading.Thread(target=show, args=(total, done, screen), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show_bar(total: int, done: threading.Event, screen: TextIO) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TextColumn("{task.fields[rate]} lines/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=screen), transient=True) as bar:
        task = bar.add_task("reading", total=total or None, rate="…")
        for now in _watch(total, done, _BAR_EVERY_S):
            bar.update(task, completed=now.stored_bytes, description=now.step, rate=f"{now.lines_per_s:,.0f}")


def _log_lines(total: int, done: threading.Event, screen: TextIO | None) -> None:
    for now in _watch(total, done, _PLAIN_EVERY_S):
        _say(_describe(now, total), screen)


def _log_events(total: int, done: threading.Event, screen: TextIO | None) -> None:
    for now in _watch(total, done, _PLAIN_EVERY_S):
        line = as_log_line("progress", "info", _describe(now, total), **asdict(now), total_bytes=total)
        _say(line, screen)


def _say(line: str, screen: TextIO | None) -> None:
    """Write a line; a stream that is closed or full does not stop the run."""
    if screen is not None:
        with contextlib.suppress(OSError):
            print(line, file=screen, flush=True)


def _describe(now: _State, total: int) -> str:
    share = f"{100 * now.stored_bytes / total:.0f}% of {total:,} bytes, " if total else ""
    return f"{now.step}: {share}{now.lines:,} lines, {now.lines_per_s:,.0f} per second"


def _name_step(total: int) -> str:
    """Return what the run is doing, as far as the counts show; `total` is the number of stored bytes to read."""
    counts = progress_counts
    if total and counts.stored_bytes >= total:
        return "building visits"
    if 0 < counts.compared < counts.to_compare:
        return f"comparing inputs ({100 * counts.compared // counts.to_compare}%)"
    return "reading"


def _watch(total: int, done: threading.Event, every_s: float) -> Iterator[_State]:
    """Yield the progress at regular intervals until `done` is set."""
    began = time.monotonic()
    lines_per_s = 0.0
    while not done.wait(every_s):
        stored_bytes, lines = progress_counts.stored_bytes, progress_counts.lines
        step = _name_step(total)
        if step == "reading":
            lines_per_s = lines / (time.monotonic() - began)
        yield _State(step, min(stored_bytes, total or stored_bytes), lines, lines_per_s)
