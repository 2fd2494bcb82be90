"""Worker processes beside the one that Beam's local engine runs in.

That engine has threads, which wait for each other wherever Python itself works, and processes that take two seconds
each to start. These are forked from a server that has imported and loaded all that they need while Beam was imported
here. Where there is no such server (macOS, Windows) each begins from nothing.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import forkserver, util
from typing import Any, Final

from transforms import run_steps
from transforms.meter import meter
from transforms.run_options import STANDARD_INPUT
from transforms.run_steps import Result, Step, run_as_worker

_HAS_SERVER: Final = sys.platform == "linux"
_AT_ONCE: Final = 2
"""Workers that begin before there is work; others follow as work is handed over, so that a small log starts few."""
_SAFE_PATH: Final = "PYTHONSAFEPATH"
_context: Final = multiprocessing.get_context("forkserver" if _HAS_SERVER else "spawn")


def will_need_workers(beam_arguments: Sequence[str], logs: Sequence[str]) -> bool:
    """Whether a run is likely to have any, before Beam is there to be asked; a wrong guess costs time only."""
    has_own = any(argument.startswith(("--runner", "--direct_running_mode")) for argument in beam_arguments)
    is_one = "--direct_num_workers=1" in beam_arguments or os.cpu_count() == 1 or STANDARD_INPUT in logs
    return not has_own and not is_one


def start_server() -> None:
    """Begin to import what workers need, in a process of its own; does not wait for it."""
    if not _HAS_SERVER:
        return
    _context.set_forkserver_preload(["pipelines.warm_up"])
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


@contextlib.contextmanager
def workers(count: int) -> Iterator[None]:
    """Let steps be run by up to `count` processes beside this one while the context is open; one is this process."""
    meter.count_here()
    if count == 1:
        yield
        return
    try:
        start_server()
        counts, lock = _context.RawArray("q", 2), _context.Lock()
        pool = ProcessPoolExecutor(
            count, mp_context=_context, initializer=_begin, initargs=(counts, lock, util.get_temp_dir())
        )
        for _ in range(min(count, _AT_ONCE)):
            pool.submit(os.getpid)  # whatever it is: a process begins with its first work
    except (OSError, ImportError, NotImplementedError):
        # A system that gives no semaphores, shared memory or sockets, as small containers do.
        yield
        return
    meter.count_in(counts, lock)

    def hand_over(step: Step, arguments: tuple[Any, ...]) -> Future[list[Result]]:
        return pool.submit(run_as_worker, step, arguments)

    run_steps.hand_over = hand_over
    try:
        yield
    except BaseException:
        # What they still do is for nobody. Waited for, so that what they share with this process is taken back.
        for worker in multiprocessing.active_children():
            worker.terminate()
        pool.shutdown(cancel_futures=True)
        raise
    finally:
        run_steps.hand_over = None
        meter.count_here()
        pool.shutdown(wait=False)


def clean_up() -> None:
    """Remove what workers were reached by, for a process that ends without Python's own tidying up."""
    util._exit_function()  # type: ignore[attr-defined]


def _begin(counts: Any, lock: Any, sockets: str) -> None:
    """What a worker does first."""
    # Libraries log what they fail on, which may come from a line.
    logging.getLogger().setLevel(logging.CRITICAL)
    gc.enable()
    gc.set_threshold(100_000, 50, 50)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    meter.count_in(counts, lock)
    # Killed or crashed, its parent tells it nothing.
    threading.Thread(target=_end_with_parent, args=(sockets,), daemon=True).start()
    # While the pipeline is built.
    threading.Thread(target=_load_rules, daemon=True).start()


def _load_rules() -> None:
    from transforms.describing.describe_agents import load_agent_rules

    load_agent_rules()


def _end_with_parent(sockets: str) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    shutil.rmtree(sockets, ignore_errors=True)
    os._exit(1)
