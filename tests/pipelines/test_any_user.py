"""Any user can run what root installed: one without a home, who can write to nothing of the installation."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import Operator, write_log

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "env", "-i", "PATH=/usr/bin:/bin")
SYSTEM_PYTHON = "/usr/bin/python3"
RUN = """
import site, sys
site.addsitedir(sys.argv.pop(1))
from footfall.pipelines.cli import main
main()
"""
IN_A_SANDBOX = """
mount --bind "$1" "$1" && mount --options remount,bind,ro / && cd "$1" && umask 0077 && shift && exec "$@"
"""
"""As `ProtectSystem=strict`: nothing can be written to but the folder of the service."""
COMPILES = """
import sys
from numba import njit
from footfall.pipelines.display.announce_compiling import announce_compiling
double = njit(lambda number: 2 * number)
with announce_compiling():
    print("before", file=sys.stderr)
    assert (double(2), double(3), double(0.5)) == (4, 6, 1)
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder of the user nobody; skips the test where that user cannot be tried."""
    packages = sysconfig.get_paths()["purelib"]
    if not hasattr(os, "getuid") or os.getuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become another user, by setpriv")
    # The interpreter of the environment may lie where others cannot read it.
    version = f"sys.version_info[:2] == {tuple(sys.version_info[:2])}"
    can_run = f"import os, sys; sys.exit(not ({version} and os.access({packages!r}, os.R_OK)))"
    if subprocess.run([*AS_NOBODY, SYSTEM_PYTHON, "-c", can_run], check=False, capture_output=True).returncode != 0:
        pytest.skip(f"another user needs {SYSTEM_PYTHON} of the same version, and an installation that it can read")
    folder = Path(tempfile.mkdtemp(prefix="footfall-nobody-"))
    # The machine's own may hold machine code that somebody compiled from another copy of these sources.
    (folder / "tmp").mkdir()
    for own in (folder, folder / "tmp"):
        os.chown(own, NOBODY, NOBODY)
    yield folder
    shutil.rmtree(folder)


def run_as_nobody(place: Path, *variables: str, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run `footfall` in the folder, with these environment variables and one for temporary files alone."""
    packages = sysconfig.get_paths()["purelib"]
    return subprocess.run(
        [*AS_NOBODY, f"TMPDIR={place / 'tmp'}", *variables, SYSTEM_PYTHON, "-S", "-c", RUN, packages, *arguments],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_a_user_without_a_home_publishes_and_does_not_compile_what_is_compiled(place: Path) -> None:
    # The kernels are compiled in the installation by now, or by this.
    write_log(place / "first.log", 30)
    own = [sys.executable, "-m", "footfall.pipelines.cli", "nightly", "first.log", "--db", "first.duckdb"]
    subprocess.run(own, cwd=place, check=True, capture_output=True, timeout=300)
    ended = run_as_nobody(place, arguments=("nightly", "first.log", "--db", "own.duckdb"))
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("published               1  day of default to own.duckdb\n")
    assert "compiling" not in ended.stderr
    assert [one.name for one in (place / "tmp").iterdir()] == [f"footfall-kernels-{NOBODY}"]


def test_the_night_of_the_unit_runs_as_systemd_runs_it(place: Path, operator: Operator) -> None:
    """Without a home and rights, in a file system that is read-only but for the folders of the service."""
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("needs the right to mount")
    write_log(place / "access.log", 30)
    units = operator.run(
        *("install-timer", "--dry-run", "--program", "/usr/bin/true", "--log-group", "adm", place / "access.log")
    ).out
    command = re.findall(r"^ExecStart=/usr/bin/true (nightly .* --date yesterday .*)$", units, re.MULTILINE)[0]
    state, cache = place / "state", place / "state" / "cache"
    cache.mkdir(parents=True)
    for folder in (state, cache):
        os.chown(folder, NOBODY, NOBODY)
    words = command.replace("/var/lib/footfall", str(state)).replace("yesterday", "2026-06-01").split()
    packages = sysconfig.get_paths()["purelib"]
    rights = ("--no-new-privs", "--bounding-set=-all", "--inh-caps=-all")
    given = (f"STATE_DIRECTORY={state}", f"CACHE_DIRECTORY={cache}", "LANG=C.UTF-8")
    ended = subprocess.run(
        [
            *("unshare", "--mount", "sh", "-c", IN_A_SANDBOX, "sh", state, AS_NOBODY[0], *rights, *AS_NOBODY[1:]),
            *(*given, SYSTEM_PYTHON, "-S", "-c", RUN, packages, *words),
        ],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    # The log holds a part of the day, which the unit's command does not publish, and tells.
    assert (ended.returncode, ended.stdout) == (4, ""), ended.stderr
    assert "not published, since it is incomplete" in ended.stderr
    assert "compiling" not in ended.stderr
    assert (state / "last-run.json").stat().st_uid == NOBODY


CLOSED = "cannot be read: this user may not look into closed"
UNREADABLE = {
    "old.log": "cannot be opened (PermissionError)",
    "closed": "cannot be listed (PermissionError)",
    "closed/a.log": CLOSED,
    "closed/*.log": CLOSED,
    "closed/deep/a.log": CLOSED,
}


def write_unreadable(place: Path) -> None:
    """Write a log for everybody, and the inputs UNREADABLE."""
    write_log(place / "access.log", 30)
    (place / "closed" / "deep").mkdir(parents=True)
    for name in ("old.log", "closed/a.log", "closed/deep/a.log"):
        write_log(place / name, 30, day=2)
    (place / "old.log").chmod(0o600)
    (place / "closed").chmod(0o700)


@pytest.mark.parametrize(("given", "problem"), UNREADABLE.items())
def test_what_this_user_may_not_read_is_an_unreadable_input(given: str, problem: str, place: Path) -> None:
    write_unreadable(place)
    ended = run_as_nobody(place, arguments=("nightly", "access.log", given, "--db", "own.duckdb"))
    assert ended.returncode == 1
    assert f"footfall: {given}: {problem}; repair it, let this user read it, or leave it out" in ended.stderr


def test_what_this_user_may_not_read_can_be_left_out(place: Path) -> None:
    write_unreadable(place)
    arguments = ("nightly", "access.log", *UNREADABLE, "--db", "own.duckdb", "--skip-damaged")
    ended = run_as_nobody(place, arguments=arguments)
    assert ended.returncode == 3
    for given, problem in UNREADABLE.items():
        assert f"warning: {given}: {problem}; left out" in ended.stderr
    assert ended.stdout.startswith("published               1  day of default to own.duckdb\n")


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "CACHE_DIRECTORY", "STATE_DIRECTORY"])
def test_machine_code_is_kept_where_the_environment_says(variable: str, place: Path) -> None:
    ended = run_as_nobody(place, f"{variable}={place / 'kept'}", arguments=("parse", "no.log"))
    assert ended.returncode == 2, ended.stderr
    assert [one.name[:8] for one in (place / "kept" / "footfall").iterdir()] == ["kernels-"]


def test_compiling_is_told_once() -> None:
    ended = subprocess.run([sys.executable, "-c", COMPILES], capture_output=True, text=True, timeout=120, check=True)
    assert ended.stderr.splitlines() == [
        "before",
        "footfall: compiling for this machine, which takes a minute or two, on the first run only",
    ]
