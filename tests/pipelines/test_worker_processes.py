"""Worker processes do what one process does, tell what goes wrong, and never outlive the run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from pipelines import worker_server
from pipelines.warm_up import warm_up
from pipelines.worker_processes import workers
from tests.commands import ROOT, Operator, log_line, write_log
from transforms.failures import StageFailure, find_failure
from transforms.meter import meter
from transforms.run_steps import Step, run_each

TWO_WORKERS = ("--", "--direct_num_workers=2")
SHARED_MEMORY = Path("/dev/shm")

TELLS_ITS_WORKERS = """
import multiprocessing, sys, time
from pipelines.worker_processes import workers
from transforms.run_steps import Step, run_each

if __name__ == "__main__":
    with workers(2):
        print(*(result for ((_, result),) in run_each(Step("tests.pipelines.steps:TellProcess"), range(4))))
        print(*(child.pid for child in multiprocessing.active_children()), flush=True)
        time.sleep(600)
"""


@pytest.fixture
def forked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers that are forked from this process, and so have what a test has put in it."""
    monkeypatch.setattr(worker_server, "CONTEXT", get_context("fork"))
    monkeypatch.setattr(worker_server, "HAS_SERVER", False)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()


def test_the_server_can_take_every_step_before_there_is_a_worker() -> None:
    warm_up()


@pytest.mark.parametrize(
    ("imported", "never"),
    [
        pytest.param("pipelines.run", "numba", id="the process that runs Beam needs no kernels"),
        pytest.param("pipelines.warm_up", "apache_beam", id="a worker needs no Beam"),
    ],
)
def test_a_process_imports_only_what_it_needs(imported: str, never: str) -> None:
    seen = f"import sys, {imported}; sys.exit({never!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", seen], cwd=ROOT, check=False).returncode == 0


def test_elements_are_done_elsewhere_and_come_back_in_their_order() -> None:
    step = Step("tests.pipelines.steps:TellProcess")
    with workers(2):
        found = [result for ((_, result),) in run_each(step, range(8))]
    assert [number for number, _ in found] == list(range(8))
    assert os.getpid() not in {pid for _, pid in found}
    ((_, (_, pid)),) = next(run_each(step, [0]))
    assert pid == os.getpid(), "without workers this process does it"


@pytest.mark.skipif(not worker_server.HAS_SERVER, reason="without a server to fork from each loads them for itself")
def test_workers_come_with_the_rules_for_agents() -> None:
    with workers(2, first=True):
        list(run_each(Step("tests.pipelines.steps:TellProcess"), [0]))  # the first worker of all may come without
    with workers(2):
        assert [told for ((_, told),) in run_each(Step("tests.pipelines.steps:TellRules"), range(4))] == [True] * 4


def test_what_workers_read_is_counted_here() -> None:
    with workers(2):
        list(run_each(Step("tests.pipelines.steps:CountLines"), range(8)))
        assert (meter.lines, meter.stored_bytes) == (28, 56)
    assert (meter.lines, meter.stored_bytes) == (0, 0)


def test_what_fails_elsewhere_is_told_without_what_it_failed_on() -> None:
    with workers(2), pytest.raises(StageFailure) as failed:
        list(run_each(Step("tests.pipelines.steps:Fail"), ["a secret"]))
    told = f"{failed.value!r} {failed.value.__cause__} {failed.value.__context__}"
    assert "a secret" not in told
    assert re.fullmatch(
        r"ValueError in run_steps\.py, line \d+; please report it", find_failure(str(failed.value)) or ""
    )


def test_a_worker_that_is_killed_ends_the_run_with_a_line(
    operator: Operator, forked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_log(operator.folder / "a.log")
    monkeypatch.setattr("transforms.parse_hits.HitDeriver.derive_hits", lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    ended = operator.types("nightly", "a.log", *TWO_WORKERS)
    assert ended.status == 1
    assert "a worker process was ended from outside" in ended.err
    assert "--direct_num_workers=1; nothing was published" in ended.err
    assert operator.leftovers() == []


def test_workers_import_nothing_from_the_folder_of_the_logs(operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    for name in ("numpy", "multiprocessing", "json"):
        (operator.folder / f"{name}.py").write_text("open('imported', 'w').close()", "utf-8")
    command = [Path(sys.executable).with_name("footfall"), "nightly", "a.log", *TWO_WORKERS]
    ended = subprocess.run(command, cwd=operator.folder, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert not (operator.folder / "imported").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_with_a_process_that_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", TELLS_ITS_WORKERS],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert len(pids) == 2
    assert all(map(is_alive, pids))
    process.kill()
    process.wait()
    for _ in range(100):
        if not any(map(is_alive, pids)):
            assert list(tmp_path.iterdir()) == []
            return
        time.sleep(0.1)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    pytest.fail("workers are still there after ten seconds")


def test_a_run_with_workers_leaves_nothing_behind(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> None:
    write_log(operator.folder / "a.log")
    temporary = tmp_path_factory.mktemp("temporary")
    semaphores = set(SHARED_MEMORY.glob("sem.mp-*"))
    process = operator.starts("nightly", "a.log", *TWO_WORKERS, env={"TMPDIR": str(temporary)})
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert list(temporary.iterdir()) == []
    assert set(SHARED_MEMORY.glob("sem.mp-*")) <= semaphores


def _refuse(*_: object, **__: object) -> None:
    raise OSError(38, "Function not implemented")


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param("ProcessPoolExecutor", id="no semaphores"),
        pytest.param("ProcessPoolExecutor.submit", id="no sockets to the server"),
    ],
)
def test_a_system_that_cannot_have_workers_does_without(
    missing: str, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"pipelines.worker_processes.{missing}", _refuse)
    write_log(operator.folder / "a.log")
    assert operator.types("nightly", "a.log", *TWO_WORKERS).status == 0


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_who_asks_a_run_with_workers_to_end_gets_a_line_and_a_clean_folder(
    asked: signal.Signals, operator: Operator
) -> None:
    lines = "".join(log_line(number, f"/{number * 7919}") for number in range(400_000))
    (operator.folder / "a.log").write_text(lines, "utf-8")
    process = operator.starts("nightly", "a.log", "--log-format", "combined", *TWO_WORKERS, start_new_session=True)
    exchange = operator.folder / f".{operator.db.name}.work" / "rows"
    while not (exchange.exists() and any(exchange.iterdir())):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    # As a terminal does it: to the process and its workers alike.
    os.killpg(process.pid, asked)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert err == b"footfall: interrupted; the published file is whole, temporary files are removed\n"
    assert operator.leftovers() == []
