"""The server that worker processes are forked from: started first of all, since it takes longest to get ready.

Nothing is imported here but what that needs.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing import forkserver, util
from typing import Any, Final

HAS_SERVER: Final = sys.platform == "linux"
_SAFE_PATH: Final = "PYTHONSAFEPATH"
CONTEXT: Final[Any] = multiprocessing.get_context("forkserver" if HAS_SERVER else "spawn")
"""Where there is no such server, each worker begins from nothing."""


def will_need_workers(arguments: Sequence[str]) -> bool:
    """Whether a command line is likely to need any, before it is understood; a wrong guess costs time only."""
    if arguments[:1] != ["nightly"] or os.cpu_count() == 1:
        return False
    has_own = any(argument.startswith(("--runner", "--direct_running_mode")) for argument in arguments)
    # A lone dash is standard input, which is read where it is.
    return not has_own and {"-", "-h", "--help", "--direct_num_workers=1"}.isdisjoint(arguments)


def start_server() -> None:
    """Begin to import what workers need, in a process of its own; does not wait for it."""
    if not HAS_SERVER:
        return
    CONTEXT.set_forkserver_preload(["pipelines.warm_up"])
    before = os.environ.get(_SAFE_PATH)
    # It would import from the folder that it is started in first, whatever lies there.
    os.environ[_SAFE_PATH] = "1"
    try:
        with contextlib.suppress(OSError):  # whoever needs it meets that again
            forkserver.ensure_running()
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


def clean_up() -> None:
    """Remove what workers were reached by, for a process that ends without Python's own tidying up."""
    util._exit_function()  # type: ignore[attr-defined]
