"""Keeps what libraries and the interpreter say by themselves off the operator's screen: it may quote a log line."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from types import TracebackType

from footfall.transforms.running.failures import place_of


def hide_messages() -> None:
    """Silence logging and warnings, and report uncaught errors by their type and place only."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.excepthook = _report_error
    threading.excepthook = _report_thread_error
    # An error in a finalizer changes nothing of a result.
    sys.unraisablehook = lambda _: None


def _report_error(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    place = place_of(error) if isinstance(error, Exception) and trace is not None else "an unknown place"
    print(f"footfall: unexpected {kind.__name__} in {place}. Please report it", file=sys.stderr)


def _report_thread_error(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        _report_error(failed.exc_type, failed.exc_value, failed.exc_traceback)
