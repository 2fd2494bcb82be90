"""However a run ends, the published file is intact, no temporary files remain, and the next run works."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.commands import ROOT, Operator, log_line, write_log

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

STOPS_BEFORE_RENAMING = """
import os, time
import footfall.pipelines.publishing.publish
from footfall.pipelines.cli import main

def stop(fresh, db):
    open("publishing.log", "w").close()
    time.sleep(600)

footfall.pipelines.publishing.publish._rename = stop
main()
"""


def wait_for(process: subprocess.Popen[bytes], path: str) -> None:
    """Wait until a path exists; fail if the process ends before that."""
    while not os.path.exists(path):
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.05)


@contextmanager
def reading(operator: Operator, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A run that has read part of its standard input and waits for more."""
    # What runs the tests may be deaf to the end of its terminal, and its children are then, too.
    process = operator.start(
        "nightly", "-", env=env, stdin=subprocess.PIPE, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL)
    )
    assert process.stdin is not None
    lines = "".join(log_line(number, f"/{number * 7919}") for number in range(120_000)).encode()
    process.stdin.write(lines)
    process.stdin.flush()
    wait_for(process, f".{operator.db.name}.work/rows")
    time.sleep(1)
    assert process.poll() is None
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def published(operator: Operator) -> Operator:
    """An operator who has published a day."""
    write_log(operator.folder / "a.log")
    assert operator.nightly("a.log").status == 0
    return operator


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_an_interrupted_run_prints_one_line_and_leaves_no_files(number: signal.Signals, published: Operator) -> None:
    before = published.db.read_bytes()
    with reading(published) as process:
        for _ in range(100):
            # An impatient operator sends the signal repeatedly, also during the clean-up.
            process.send_signal(number)
            time.sleep(0.005)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert out == b""
    assert err == b"footfall: interrupted; the published file is intact, temporary files are removed\n"
    assert published.db.read_bytes() == before
    assert published.leftovers() == []
    assert json.loads((published.folder / "last-run.json").read_text())["status"] == 128 + number


def test_the_next_run_cleans_up_after_one_killed_while_reading(published: Operator) -> None:
    before = published.db.read_bytes()
    with reading(published) as process:
        process.kill()
        process.wait()
    assert published.leftovers() == [".traffic.duckdb.work"]
    assert published.db.read_bytes() == before
    write_log(published.folder / "b.log", 30)
    assert published.nightly("b.log").status == 0
    assert published.leftovers() == []
    assert published.query("SELECT hits FROM days") == [(30,)]


def test_a_killed_run_leaves_nothing_in_the_folder_for_temporary_files(
    operator: Operator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    with reading(operator, env={"TMPDIR": str(temporary)}) as process:
        process.kill()
        process.wait()
    assert list(temporary.iterdir()) == []
    assert operator.leftovers() == [".traffic.duckdb.work"]


def test_the_next_run_cleans_up_after_one_killed_while_publishing(published: Operator) -> None:
    before = published.db.read_bytes()
    write_log(published.folder / "b.log", 30)
    process = subprocess.Popen(
        [sys.executable, "-c", STOPS_BEFORE_RENAMING, "nightly", "b.log"],
        cwd=published.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    with process:
        wait_for(process, "publishing.log")
        assert published.run("nightly", "b.log").status == 1, "the lock is held"
        process.kill()
    assert published.db.read_bytes() == before
    assert published.query("SELECT hits FROM days") == [(20,)]
    assert published.nightly("b.log").status == 0
    assert published.query("SELECT hits FROM days") == [(30,)]
    assert published.leftovers() == []


IS_STOPPED_AFTER_RENAMING = """
import os, signal
from footfall.pipelines.cli import main

replace = os.replace

def replace_and_stop(old, new):
    replace(old, new)
    if str(new).endswith(".duckdb"):
        os.kill(os.getpid(), signal.SIGTERM)

os.replace = replace_and_stop
main()
"""


def test_a_run_that_is_interrupted_once_it_has_published_says_what_it_published(published: Operator) -> None:
    write_log(published.folder / "b.log", 30)
    ended = subprocess.run(
        [sys.executable, "-c", IS_STOPPED_AFTER_RENAMING, "nightly", "b.log"],
        cwd=published.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout[:9]) == (0, b"published"), ended.stderr
    assert published.query("SELECT hits FROM days") == [(30,)]
    assert published.leftovers() == []


def test_a_run_in_its_own_process_reads_standard_input(operator: Operator) -> None:
    content = gzip.compress("".join(log_line(number) for number in range(20)).encode())
    process = operator.start("nightly", "-", "--json", stdin=subprocess.PIPE)
    out, err = process.communicate(content, timeout=120)
    assert process.returncode == 0, err
    assert b'"hits": 20,' in out
    assert operator.query("SELECT input, hits FROM inputs") == [("-", 20)]
    assert operator.leftovers() == []
