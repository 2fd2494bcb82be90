"""A run prints its summary and its warnings, and nothing else, however often it is repeated."""

from __future__ import annotations

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from tests.commands import Operator, write_log

RUNS = 10
AT_A_TIME = 2
SUMMARY = re.compile(
    r"published +1  day of default to \d+\.duckdb\n"
    r"read +1  input as combined; 30 of 30 sampled lines fit\n"
    r"lines +30  read in \d+\.\d s, \d+ per second\n"
    r"= hits +30  .*\n\+ outside +0  .*\n\+ rejected +0  .*\n\+ duplicates +0  .*\n"
    r"visits +30  with 30 page views\n"
    r"folded +0  .*\n"
    r"incomplete +1  day of default, published: the logs begin after it began, and the logs end before .*\n"
    r"file +\d[\d,]*  bytes in /.*/\d+\.duckdb\n"
)
AGE_WARNING = re.compile(r"(warning: location database [\w.-]+ is \d+ days old, .*\n)?")


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """The exit status, standard output and standard error of a process."""
    out, err = process.communicate(timeout=120)
    return process.returncode, out.decode(), err.decode()


def test_a_repeated_run_prints_nothing_unexpected(operator: Operator) -> None:
    write_log(operator.folder / "access.log", 30)

    def publish(number: int) -> tuple[int, str, str]:
        return finish(operator.start("nightly", "access.log", "--db", f"{number}.duckdb"))

    # The first run after a change of a kernel compiles it, and so takes long enough to show progress.
    assert publish(RUNS)[0] == 0
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        results = list(pool.map(publish, range(RUNS)))
    for status, out, err in results:
        assert status == 0, err
        assert SUMMARY.fullmatch(out), out
        assert AGE_WARNING.fullmatch(err), err
    assert len({err for _, _, err in results}) == 1, "all runs print the same warnings"
