"""The units that `footfall install-timer` writes: systemd takes them, they are a sandbox, and they run the nights."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.commands import Operator, write_log

UNITS = Path("etc/systemd/system")
SERVICES = ("footfall.service", "footfall-weekly.service", "footfall-failed@.service")
MAX_EXPOSURE = 10
"""In tenths: 1.0 of 10, below which systemd calls a service safe. Version 252 gives 0.8, and 9.6 without a sandbox."""
PROGRAM = "/usr/bin/true"

needs_systemd = pytest.mark.skipif(
    # Where servers are asked for, it must be there: a test that is skipped unseen checks nothing.
    shutil.which("systemd-analyze") is None and not os.environ.get("FOOTFALL_SERVERS"),
    reason="needs systemd: tests/servers/install",
)


@pytest.fixture
def install(operator: Operator) -> Callable[..., Path]:
    """Installs the units below a folder, which it returns, for a log of this folder and further options."""
    write_log(operator.folder / "access.log")

    def below(*options: str) -> Path:
        root = operator.folder / "root"
        given = ("--program", PROGRAM, "--log-group", "adm", "--root", root)
        ended = operator.run("install-timer", f"{operator.folder}/access.log*", *given, *options)
        assert (ended.status, ended.err) == (0, "")
        return root

    return below


def analyze(*arguments: str | Path) -> str:
    """Run `systemd-analyze` and return what it prints; it must end with status 0."""
    ended = subprocess.run(
        ["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def command_of(root: Path, service: str) -> list[str]:
    """The words of the service's command."""
    (found,) = re.findall(r"^ExecStart=(.*)$", (root / UNITS / service).read_text(), re.MULTILINE)
    return shlex.split(found.replace("%%", "%").replace("$$", "$"))


@needs_systemd
def test_systemd_finds_no_fault_in_the_units(install: Callable[..., Path]) -> None:
    root = install("--timezone", "Europe/Berlin", "--session-cookie", 'a%b$c "d"', "--db", "/srv/traffic.duckdb")
    paths = sorted((root / UNITS).glob("footfall*.*"))
    assert len(paths) == 5
    assert analyze("verify", *paths) == ""


@needs_systemd
@pytest.mark.parametrize("service", SERVICES)
def test_the_services_are_sandboxes(service: str, install: Callable[..., Path]) -> None:
    path = install() / UNITS / service
    analyze("security", "--offline=true", f"--threshold={MAX_EXPOSURE}", path)


@needs_systemd
def test_the_timers_start_at_the_time_in_the_zone_of_the_days(install: Callable[..., Path]) -> None:
    root = install("--at", "23:15", "--timezone", "Asia/Tokyo")
    for timer, event in (("footfall", "*-*-* 23:15 Asia/Tokyo"), ("footfall-weekly", "Tue 02:15 Asia/Tokyo")):
        text = (root / UNITS / f"{timer}.timer").read_text()
        assert f"\nOnCalendar={event}\n" in text
        assert "\nPersistent=yes\n" in text
        assert "Next elapse" in analyze("calendar", event)
        # Enabled for when the image starts.
        assert os.readlink(root / UNITS / "timers.target.wants" / f"{timer}.timer").endswith(f"{timer}.timer")


def test_the_nights_get_the_options_as_they_were_given(operator: Operator, install: Callable[..., Path]) -> None:
    own = ("--k", "12", "--session-cookie", 'a%b$c "d"', "--no-behaviour", "--host", "a.example", "--host", "b.example")
    root = install(*own)
    words = command_of(root, "footfall.service")
    assert words[:3] == [PROGRAM, "nightly", f"{operator.folder}/access.log*"]
    assert sorted(words[3:]) == sorted(
        (*own, *shlex.split("--db /var/lib/footfall/traffic.duckdb --date yesterday --complete-days --strict --quiet"))
    )
    assert command_of(root, "footfall-weekly.service")[-2:] == ["--complete-days", "--quiet"]
    # What the units run is a night.
    command = [word.replace("/var/lib/footfall/traffic.duckdb", str(operator.db)) for word in words[1:]]
    assert operator.run(*(word.replace("yesterday", "2026-06-01") for word in command)).status == 4
    assert operator.db.is_file()


def test_the_settings_file_of_the_folder_is_named_to_the_nights(operator: Operator, tmp_path: Path) -> None:
    write_log(operator.folder / "a.log")
    (operator.folder / "footfall.toml").write_text(f'logs = ["{operator.folder}/a.log"]\ndb = "/srv/shop/t.duckdb"\n')
    ended = operator.run("install-timer", "--dry-run", "--program", PROGRAM)
    assert ended.status == 0
    assert f"{PROGRAM} nightly --config {operator.folder}/footfall.toml --date yesterday " in ended.out
    assert "\nReadWritePaths=/srv/shop\n" in ended.out
    assert not (operator.folder / "root").exists()


def test_a_log_in_an_object_store_gives_the_service_a_network(operator: Operator) -> None:
    for log, has_network in (("/var/log/nginx/access.log*", False), ("s3://logs/access*", True)):
        ended = operator.run("install-timer", log, "--log-group", "adm", "--dry-run", "--program", PROGRAM)
        assert ended.status == 0
        service = ended.out.partition("# /etc/systemd/system/footfall-failed@.service\n")[0]
        assert ("AF_INET" in service, "PrivateNetwork=yes" in service) == (has_network, not has_network)


@pytest.mark.parametrize(("mode", "says"), [(0o600, "no group but root's may read it"), (0o644, "")])
def test_the_group_of_the_logs_is_that_of_the_user(mode: int, says: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log").chmod(mode)
    ended = operator.run("install-timer", "a.log", "--dry-run", "--program", PROGRAM)
    assert ended.status == 0
    assert (says in ended.err, bool(ended.err)) == (True, bool(says))
    assert "\nm footfall" not in ended.out
    if os.getuid() == 0:
        (operator.folder / "a.log").chmod(0o640)
        shutil.chown(operator.folder / "a.log", group="adm")
        ended = operator.run("install-timer", "a.log", "--dry-run", "--program", PROGRAM)
        assert "\nm footfall adm\n" in ended.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "no logs given; give all rotated logs by a glob"),
        (("-",), "-: a timer has no standard input"),
        (("a.log", "--at", "25:00"), "--at: '25:00': not a time of day; expected one such as 02:30"),
        (("a.log", "--k", "0"), "--k: 0: should be"),
        (("a.log", "--root", "a.log"), "cannot be written (NotADirectoryError)"),
    ],
)
def test_what_is_wrong_is_told_before_the_night(arguments: tuple[str, ...], says: str, operator: Operator) -> None:
    write_log(operator.folder / "a.log")
    ended = operator.run("install-timer", *arguments, "--program", PROGRAM)
    assert ended.status == 2
    assert says in ended.err


def test_a_program_that_the_service_does_not_see_is_refused(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/home/somebody/footfall/bin/python")
    ended = operator.run("install-timer", "/var/log/a.log", "--dry-run")
    assert ended.status == 2
    assert "/home/somebody/footfall/bin/python: a service sees no homes" in ended.err
