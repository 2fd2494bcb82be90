"""Keeps what libraries and the interpreter say by themselves off the operator's screen: it may quote a log line."""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from types import TracebackType

from footfall.transforms.running.failures import place_of


def hide_messages() -> None:
    """Silence logging and warnings, and let errors that nothing catches be told by their type and place only."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.excepthook = _tell
    threading.excepthook = _tell_of_thread
    # An error in a finalizer changes nothing of a result.
    sys.unraisablehook = lambda _: None


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    place = place_of(error) if isinstance(error, Exception) and trace is not None else "an unknown place"
    print(f"footfall: unexpected {kind.__name__} in {place}. Please report it", file=sys.stderr)


def _tell_of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None and failed.exc_type is not SystemExit:
        _tell(failed.exc_type, failed.exc_value, failed.exc_traceback)
