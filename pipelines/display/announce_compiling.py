"""Announces on standard error that kernels are being compiled: for a minute or two the first run would seem to hang."""

from __future__ import annotations

import contextlib
import sys
from typing import Final

from numba.core import event

from footfall.pipelines.display.log_events import as_log_line

_TEXT: Final = "compiling for this machine, which takes a minute or two, on the first run only"


class _Announcer(event.Listener):  # type: ignore[misc]
    """Writes one line when the first kernel is compiled, not when its machine code is loaded."""

    def __init__(self, log_json: bool) -> None:
        # While the engine runs, the standard streams are redirected.
        self._screen = sys.stdout if log_json else sys.stderr
        self._log_json = log_json
        self._is_announced = False

    def on_start(self, event: object) -> None:
        """A kernel is being compiled."""
        if not self._is_announced and self._screen is not None:
            self._is_announced = True
            with contextlib.suppress(OSError, ValueError):
                text = as_log_line("compiling", "info", _TEXT) if self._log_json else f"footfall: {_TEXT}"
                self._screen.write(f"{text}\n")
                self._screen.flush()

    def on_end(self, event: object) -> None:
        """It is compiled."""


def announce_compiling(*, log_json: bool = False) -> contextlib.AbstractContextManager[object]:
    """Announce it once while the context is open; with `log_json`, as a JSON line on standard output."""
    listening: contextlib.AbstractContextManager[object] = event.install_listener("numba:compile", _Announcer(log_json))
    return listening
