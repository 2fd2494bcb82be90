"""Says on standard error that kernels are compiled, which takes a minute or two: the first run would seem to hang."""

from __future__ import annotations

import contextlib
import sys
from typing import Final

from numba.core import event

_TEXT: Final = "footfall: compiling for this machine, which takes a minute or two: only the first run does\n"


class _Teller(event.Listener):  # type: ignore[misc]
    """Writes one line when the first kernel is compiled, not when its machine code is loaded."""

    def __init__(self) -> None:
        # While the engine runs, sys.stderr is redirected.
        self._screen = sys.stderr
        self._has_told = False

    def on_start(self, event: object) -> None:
        """A kernel is being compiled."""
        if not self._has_told and self._screen is not None:
            self._has_told = True
            with contextlib.suppress(OSError, ValueError):
                self._screen.write(_TEXT)
                self._screen.flush()

    def on_end(self, event: object) -> None:
        """It is compiled."""


def tell_compiling() -> contextlib.AbstractContextManager[object]:
    """Say it while the context is open, once."""
    told: contextlib.AbstractContextManager[object] = event.install_listener("numba:compile", _Teller())
    return told
