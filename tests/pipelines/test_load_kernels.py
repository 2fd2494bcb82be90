"""Kernels loaded from the cache without numba's compiler do what they do with it, and can still be compiled with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

KERNELS = """
import numpy as np
from numba import njit

@njit(cache=True)
def add_up(values):
    if len(values) == 0:
        raise ValueError("nothing to add up")
    return np.cumsum(np.sort(values))[1:] // (values[0] + 1)

@njit(cache=True)
def add_up_twice(values):
    return add_up(values) + add_up(values[::-1].copy())

@njit(cache=True)
def name(text):
    return text.upper() + str(len(text))
"""
BEGIN = """
from pipelines.load_kernels import load_kernels_only
load_kernels_only()
import sys
import numpy as np
from kernels import add_up, add_up_twice, name
values = np.array([3, 1, 2])
"""
LOAD = """
assert add_up(values).tolist() == [0, 1], add_up(values)
assert name("abc") == "ABC3"
for kernel in (add_up, name):
    assert sum(kernel.stats.cache_hits.values()) == 1, kernel.stats
"""
FAIL = """
try:
    add_up(values[:0])
except ValueError as error:
    assert str(error) == "nothing to add up"
else:
    raise AssertionError("it does not raise")
"""
TWICE = "assert add_up_twice(values).tolist() == [1, 3], add_up_twice(values)\n"
NO_COMPILER = 'assert "numba.np.arrayobj" not in sys.modules, "all that compiling needs was imported"\n'


def runs(folder: Path, code: str) -> None:
    """Run Python in a process of its own, which finds the module `kernels` and their cache in a folder."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": f"{folder}:{root}"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with kernels, of which two are compiled."""
    folder = tmp_path_factory.mktemp("kernels")
    (folder / "kernels.py").write_text(KERNELS)
    runs(folder, "import numpy as np\nfrom kernels import add_up, name\nadd_up(np.array([3, 1, 2]))\nname('abc')")
    return folder


def test_loaded_kernels_do_what_compiled_ones_do(compiled: Path) -> None:
    runs(compiled, BEGIN + LOAD + NO_COMPILER + FAIL)


def test_what_is_not_in_the_cache_is_compiled_with_what_is(compiled: Path) -> None:
    runs(compiled, BEGIN + LOAD + TWICE + FAIL)
    runs(compiled, BEGIN + "assert add_up_twice.stats.cache_hits == {}\n" + TWICE + NO_COMPILER)
    runs(compiled, BEGIN + TWICE + "assert sum(add_up_twice.stats.cache_hits.values()) == 1\n")
