"""Workarounds for faults of Beam."""

from __future__ import annotations

from typing import Final

from apache_beam.runners.portability.fn_api_runner import worker_handlers
from apache_beam.runners.worker.statesampler import DEFAULT_SAMPLING_PERIOD_MS, StateSampler

SAMPLING_PERIOD_MS: Final = 5


def disable_timed_flush() -> None:
    """Make in-process workers flush their output only by size and at the end of a bundle. May be called repeatedly.

    By default, a timer thread also flushes once a second: it copies the buffer, sends the copy and clears the buffer.
    Elements that the worker appends in between are silently lost (`TimeBasedBufferingClosableOutputStream` in Beam
    2.77; measured: 50 of 58,450 elements).
    """
    assert hasattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS"), "Beam has changed: check how its workers flush"
    worker_handlers.DATA_BUFFER_TIME_LIMIT_MS = 0


def end_stages_at_once() -> None:
    """Make workers of this process wait SAMPLING_PERIOD_MS at most when a stage has ended. May be called repeatedly.

    A thread looks what a stage is doing, for figures that nobody asks for, and sleeps between two looks. The end of the
    stage waits until it wakes up: 200 ms by default, so that half a second of a run of five long stages passed idly
    (`StateSampler.stop` in Beam 2.77).
    """
    assert StateSampler.__init__.__defaults__ in ((DEFAULT_SAMPLING_PERIOD_MS,), (SAMPLING_PERIOD_MS,)), (
        "Beam has changed: check how its stages end"
    )
    StateSampler.__init__.__defaults__ = (SAMPLING_PERIOD_MS,)
