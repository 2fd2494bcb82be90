"""How a command ends: how errors are reported, signals that end it cleanly, and standard streams that may be closed."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from typing import BinaryIO, ClassVar, Final

import click

from footfall.pipelines.errors import RunError, UsageError
from footfall.transforms.running.failures import SafeError, kind_of, place_of

STOPPED: Final = 128
"""Together with the number of the signal that ended a run, this is its exit status, as in a shell."""
_SIGNALS: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupted(BaseException):
    """The process received a signal to end: Ctrl-C, SIGTERM, or SIGHUP of a terminal that has gone."""

    by: ClassVar[int] = 0
    """The signal, 0 before it. Engines replace an exception raised while a stage runs by one of their own; this still
    shows the cause."""


def explain_end(error: BaseException) -> tuple[int, str]:
    """Return the exit status of a command that an error ends, and its message, which holds nothing from a log."""
    if isinstance(error, Interrupted) or Interrupted.by:
        status = STOPPED + (Interrupted.by or signal.SIGINT)
        return status, "interrupted; the published file is intact, temporary files are removed"
    if isinstance(error, RunError):
        return error.status, str(error)
    if isinstance(error, SafeError):
        # An input that cannot be read to its end.
        return RunError.status, str(error)
    if _is_of_output(error):
        return RunError.status, f"standard output: cannot be written ({kind_of(error)})"
    # Only type and place: the text of any exception may quote the log.
    place = place_of(error) if isinstance(error, Exception) else "an unknown place"
    return RunError.status, f"unexpected {type(error).__name__} in {place}; nothing was published. Please report it"


def _is_of_output(error: BaseException) -> bool:
    """Whether an error of the system arose where a command prints: its output is full, or on a disk that is."""
    frames = traceback.walk_tb(error.__traceback__)
    return isinstance(error, OSError) and any(frame.f_code is click.echo.__code__ for frame, _ in frames)


def _interrupt(signum: int, frame: object) -> None:
    """Raise once: a second signal must not interrupt the clean-up."""
    ignore_signals()
    Interrupted.by = signum
    raise Interrupted


def ignore_signals() -> None:
    """Let no signal end this process from now on, where they would: while it cleans up, and when it has published."""
    for number in _SIGNALS:
        if signal.getsignal(number) is _interrupt:
            signal.signal(number, signal.SIG_IGN)


def heed_signals() -> None:
    """End this process by `Interrupted` on the signals that ask it to end."""
    for number in _SIGNALS:
        # nohup lets a program ignore the end of its terminal.
        if number == signal.SIGINT or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def open_standard_streams() -> None:
    """Open the null device in place of closed streams: a file opened there would get what is meant for them.

    What is said on standard error goes there too. `sys.stdout` stays None where it is closed, for who needs to know.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stderr is None:
        # For as long as the process lives: nothing closes it.
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def standard_output() -> BinaryIO:
    """Return standard output, to write bytes to. Raises UsageError if it is closed."""
    if sys.stdout is None:
        raise UsageError("standard output is closed; give a file with -o")
    return sys.stdout.buffer
