"""The command `footfall` as a process: how it begins, before anything slow is imported, and how it ends."""

from __future__ import annotations

import contextlib
import gc
import os
import sys

from footfall.pipelines.engine.tune_process import tune_process


def main() -> None:
    """The entry point: a process that ends when it is asked to, and says nothing that it shouldn't."""
    tune_process()
    # What is imported lives to the end: not worth searching for garbage.
    gc.disable()
    from footfall.pipelines.cli import run_as_process

    status = run_as_process()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # At once: engines leave threads behind that would hold the process.
    os._exit(status)


if __name__ == "__main__":
    main()
