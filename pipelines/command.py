"""The command `footfall` as a process: how it begins, before anything slow is imported, and how it ends."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from pipelines.tune_process import tune_process
from pipelines.worker_server import clean_up, start_server, will_need_workers


def main() -> None:
    """The entry point: a process that ends when it is asked to, and says nothing that it shouldn't."""
    tune_process()
    # What is imported lives to the end: not worth searching for garbage.
    gc.disable()
    if will_need_workers(sys.argv[1:]):
        start_server()
    from pipelines.cli import run_as_process

    status = run_as_process()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    clean_up()
    # At once: engines leave threads behind that would hold the process.
    os._exit(status)


if __name__ == "__main__":
    main()
