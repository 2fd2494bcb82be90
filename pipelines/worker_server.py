"""The server that worker processes are forked from: started first of all, since it takes longest to get ready.

Nothing is imported here but what that needs.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing import forkserver
from typing import Any, Final

from transforms.run_options import STANDARD_INPUT

HAS_SERVER: Final = sys.platform == "linux"
_SAFE_PATH: Final = "PYTHONSAFEPATH"
CONTEXT: Final[Any] = multiprocessing.get_context("forkserver" if HAS_SERVER else "spawn")
"""Where there is no such server, each worker begins from nothing."""


def will_need_workers(beam_arguments: Sequence[str], logs: Sequence[str]) -> bool:
    """Whether a run is likely to have any, before Beam is there to be asked; a wrong guess costs time only."""
    has_own = any(argument.startswith(("--runner", "--direct_running_mode")) for argument in beam_arguments)
    is_one = "--direct_num_workers=1" in beam_arguments or os.cpu_count() == 1 or STANDARD_INPUT in logs
    return not has_own and not is_one


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
