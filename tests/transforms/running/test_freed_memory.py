"""What the process has freed is returned where that is much."""

from __future__ import annotations

import ctypes
import gc
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from footfall.transforms.running import freed_memory as module
from footfall.transforms.running.freed_memory import FreedMemory


@pytest.fixture
def returns(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """What was returned, in place of returning it."""
    returned: list[int] = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=returned.append))
    return returned


def test_little_is_kept_and_much_is_returned(returns: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([100, 60, 109, 110, 70, 60, 110, 80, 50, 50])
    monkeypatch.setattr(module, "_own_bytes", lambda: next(sizes))
    freed = FreedMemory()
    counted = []
    for least in (50, 50, 50, 50, 50, 0):
        freed.give_back(least)
        counted.append(len(returns))
    # 60 are left after the first time, 70 after the second one, and 60 some time later.
    assert counted == [1, 1, 2, 2, 3, 4]


def test_what_is_left_for_a_moment_is_not_the_measure(returns: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([100, 60, 200, 190, 120, 65])
    monkeypatch.setattr(module, "_own_bytes", lambda: next(sizes))
    freed = FreedMemory()
    counted = []
    for _ in range(3):
        freed.give_back(40)
        counted.append(len(returns))
    # 190 were left the second time, but it counts from 60 + 40 / 4 on.
    assert counted == [1, 2, 3]


def test_a_quarter_is_much_where_plenty_is_in_memory(returns: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLENTY", 100)
    sizes = iter([130, 120, 129, 131, 90, 101, 90])
    monkeypatch.setattr(module, "_own_bytes", lambda: next(sizes))
    freed = FreedMemory()
    counted = []
    for _ in range(4):
        freed.give_back(40)
        counted.append(len(returns))
    assert counted == [1, 1, 2, 3]


def test_where_nothing_tells_the_size_nothing_is_returned(
    returns: list[int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "_OF_PROCESS", tmp_path / "statm")
    FreedMemory().give_back()
    assert returns == []


def test_cycles_are_freed_before_memory_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    class Step:
        own: Step

    step = Step()
    step.own = step
    kept = weakref.ref(step)
    left = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(malloc_trim=lambda _: left.append(kept())))
    gc.disable()
    try:
        del step
        FreedMemory().give_back()
    finally:
        gc.enable()
    assert left == [None]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the bytes of a process in /proc")
def test_the_bytes_are_those_of_the_process() -> None:
    before = module._own_bytes()
    block = np.ones(64 * 2**20, dtype=np.uint8)
    assert module._own_bytes() - before > len(block) // 2
