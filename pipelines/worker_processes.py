"""Worker processes beside the one that Beam's local engine runs in.

That engine has threads, which wait for each other wherever Python itself works, and processes that take two seconds
each to start. These are forked from a server that has imported and loaded all that they need while Beam was imported
here (`worker_server`). Where there is no such server (macOS, Windows) each begins from nothing.
"""

from __future__ import annotations

import contextlib
import gc
import logging
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import util
from typing import Any, Final

from pipelines import worker_server
from transforms import run_steps
from transforms.meter import meter
from transforms.run_steps import Result, Step, run_as_worker

_AHEAD: Final = 2
"""Workers that begin before there is work; others follow as work is handed over, so that a small log starts few."""


@contextlib.contextmanager
def workers(count: int, *, first: bool = False) -> Iterator[int]:
    """Let steps be run by up to `count` processes beside this one while the context is open; one is this process.

    Yields how many there can be: one where the system gives none. The `first` workers of a run find that out, before
    anything is handed over to them; those that follow begin while the caller goes on.
    """
    meter.count_here()
    if count == 1 or (first and not worker_server.HAS_SERVER):
        # Without a server the first ones would have to import for themselves what the others import again.
        yield count
        return
    try:
        worker_server.start_server()
        counts, lock = worker_server.CONTEXT.RawArray("q", 2), worker_server.CONTEXT.Lock()
        pool = ProcessPoolExecutor(
            count, mp_context=worker_server.CONTEXT, initializer=_begin, initargs=(counts, lock, util.get_temp_dir())
        )
        if first:
            pool.submit(os.getpid).result()
    except (OSError, ImportError, NotImplementedError):
        # A system that gives no semaphores, shared memory or sockets, as small containers do.
        yield 1
        return
    meter.count_in(counts, lock)

    def hand_over(step: Step, arguments: tuple[Any, ...]) -> Future[list[Result]]:
        return pool.submit(run_as_worker, step, arguments)

    run_steps.hand_over = hand_over
    if not first:
        threading.Thread(target=_begin_some, args=(pool, min(count, _AHEAD)), daemon=True).start()
    try:
        yield count
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


def _begin_some(pool: ProcessPoolExecutor, count: int) -> None:
    with contextlib.suppress(OSError, RuntimeError):  # whoever hands work over meets that again
        for _ in range(count):
            pool.submit(os.getpid)  # whatever it is: a process begins with its first work


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


def _end_with_parent(sockets: str) -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    shutil.rmtree(sockets, ignore_errors=True)
    os._exit(1)
