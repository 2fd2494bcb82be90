"""Workarounds for bugs in Beam."""

from __future__ import annotations

from apache_beam.runners.portability.fn_api_runner import worker_handlers


def disable_timed_flush() -> None:
    """Make in-process workers flush their output only by size and at the end of a bundle. May be called repeatedly.

    By default, a timer thread also flushes once a second: it copies the buffer, sends the copy and clears the buffer.
    Elements that the worker appends in between are silently lost (`TimeBasedBufferingClosableOutputStream` in Beam
    2.77; measured: 50 of 58,450 elements).
    """
    assert hasattr(worker_handlers, "DATA_BUFFER_TIME_LIMIT_MS"), "Beam has changed: check how its workers flush"
    worker_handlers.DATA_BUFFER_TIME_LIMIT_MS = 0
