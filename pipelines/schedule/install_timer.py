"""Installs the units of `footfall install-timer`: `systemd` then runs the nights as a user of its own."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, Final

import click

from footfall.pipelines.errors import RunError, UsageError
from footfall.pipelines.inputs.list_inputs import Input, list_inputs
from footfall.pipelines.schedule.timer_units import ON_FAILURE, STATE_FOLDER, TIMERS, USER, Schedule, fill_in_units
from footfall.pipelines.settings import Settings
from footfall.transforms.exchange.stored_files import is_url
from footfall.transforms.running.failures import kind_of
from footfall.transforms.running.run_options import STANDARD_INPUT

_HIDDEN: Final = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")
"""Folders that the service does not see (ProtectHome, PrivateTmp)."""
_FILE_MODE: Final = 0o644


@dataclass(frozen=True)
class LogReaders:
    """Who may read the logs: groups to be a member of, and problems that a membership does not solve."""

    groups: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def find_program() -> tuple[str, ...]:
    """Return the command that this process runs as, by absolute path. Raises UsageError where no service sees it."""
    installed = Path(sys.executable).with_name("footfall")
    program = (str(installed),) if installed.is_file() else (sys.executable, "-m", "footfall.pipelines.cli")
    for path in (program[0], str(Path(sys.executable).resolve())):
        if path.startswith(tuple(f"{folder}/" for folder in _HIDDEN)):
            raise UsageError(
                f"{path}: a service sees no homes and has temporary folders of its own; install Footfall elsewhere, "
                "such as in /opt/footfall, or name the installed program with --program"
            )
    return program


def with_absolute_paths(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags for a service, which starts in another folder. Raises UsageError for standard input."""

    def absolute(given: str | Path) -> Any:
        if str(given) == STANDARD_INPUT:
            raise UsageError("-: a timer has no standard input; give the logs by paths, globs or URLs")
        return given if is_url(str(given)) else type(given)(Path.cwd() / given)

    return {
        name: tuple(map(absolute, value))
        if name == "logs"
        else absolute(value)
        if name == "temp" or isinstance(value, Path)
        else value
        for name, value in flags.items()
    }


def as_arguments(parameters: Sequence[click.Parameter], flags: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the flags of a command as the words of its command line, the arguments first."""
    logs: list[str] = []
    words: list[str] = []
    for parameter in parameters:
        value = flags.get(str(parameter.name))
        if value is None:
            continue
        if not isinstance(parameter, click.Option):
            logs += value
        elif parameter.is_flag:
            words.append(parameter.opts[0])
        else:
            for one in value if parameter.multiple else [value]:
                words += [parameter.opts[0], str(one)]
    return (*logs, *words)


def plan_schedule(
    settings: Settings,
    options: Sequence[str],
    *,
    program: Sequence[str],
    at: str,
    groups: Sequence[str] = (),
    on_failure: str = ON_FAILURE,
) -> tuple[Schedule, tuple[str, ...]]:
    """Return what the units depend on, and problems that the operator should know. Raises UsageError.

    Relative paths of the settings are below the service's own folder, in which it starts.
    """
    if not settings.logs:
        raise UsageError('no logs given; give all rotated logs by a glob, such as "/var/log/nginx/access.log*"')
    for log in settings.logs:
        if not is_url(log) and not Path(log).is_absolute():
            raise UsageError(f"{log}: the service starts in {STATE_FOLDER}; give the logs by absolute paths")
    readers = LogReaders(tuple(groups)) if groups else _find_readers(settings.logs)
    temp = settings.temp or ""
    folders = {(STATE_FOLDER / one).parent for one in (settings.db, settings.metrics) if one is not None}
    if temp and not is_url(temp):
        folders.add(STATE_FOLDER / temp)
    schedule = Schedule(
        program,
        options,
        _read_time(at),
        settings.timezone,
        groups=readers.groups,
        write_folders=sorted(one for one in folders if not one.is_relative_to(STATE_FOLDER)),
        needs_network=any(is_url(one) for one in (*settings.logs, temp)),
        on_failure=on_failure,
    )
    return schedule, readers.problems


def _find_readers(logs: Sequence[str]) -> LogReaders:
    """Who may read the logs that are there now."""
    try:
        inputs = list_inputs([log for log in logs if not is_url(log)])
    except UsageError as error:
        return LogReaders((), (f"{error}; name the group that may read them with --log-group",))
    groups: dict[str, None] = {}
    problems = []
    for one in map(_group_of, inputs):
        if one is None:
            continue
        path, group, may_read = one
        if may_read and group != "root":
            groups[group] = None
        else:
            problems.append(
                f"{path}: no group but root's may read it; let logrotate create it for one (create 0640 root adm)"
            )
    return LogReaders(tuple(groups), tuple(problems[:1]))


def _group_of(one: Input) -> tuple[str, str, bool] | None:
    """Path, group, and whether the group may read it; None for a file that everyone may read."""
    path = Path(one.path)
    mode = path.stat().st_mode
    return None if mode & stat.S_IROTH else (one.path, path.group(), bool(mode & stat.S_IRGRP))


def write_units(schedule: Schedule, root: Path) -> Iterator[Path]:
    """Write the files below `root` and yield their paths. Raises UsageError."""
    for name, text in fill_in_units(schedule):
        path = root / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            path.chmod(_FILE_MODE)
        except OSError as error:
            raise UsageError(
                f"{path}: cannot be written ({kind_of(error)}); run this as root, or write the files elsewhere "
                "with --root, or look at them with --dry-run"
            ) from None
        yield path


def start_timers(root: Path) -> None:
    """Create the user and enable the timers; below another root, enable them for its next start. Raises RunError."""
    if root == Path("/"):
        _run("systemd-sysusers", "/etc/sysusers.d/footfall.conf")
        _run("systemctl", "daemon-reload")
        _run("systemctl", "enable", "--now", *TIMERS)
    else:
        _run("systemctl", f"--root={root}", "enable", *TIMERS)


def _run(*command: str) -> None:
    if shutil.which(command[0]) is None:
        raise RunError(f"{command[0]}: not found; this needs systemd, without it see docs/operations.md for cron")
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        raise RunError(f"{' '.join(command)}: failed ({last}); the units are written, see journalctl -xe")


def describe_next(root: Path, options: Sequence[str]) -> str:
    """What to do next, as text."""
    given = " ".join(f'"{one}"' if "*" in one else one for one in options)
    lines = [
        f"the nights run as user {USER} and publish to the folder {STATE_FOLDER}; its group may read what they publish",
        "compile the kernels before, as who installed Footfall:  footfall compile",
        f"look before the first one:  runuser -u {USER} -- footfall doctor {given}",
        "when it runs next, and what the last one said:  systemctl list-timers 'footfall*'; journalctl -u footfall",
    ]
    return "\n".join(lines if root == Path("/") else lines[:1])


def _read_time(text: str) -> time:
    try:
        return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise UsageError(f"--at: {text!r}: not a time of day; expected one such as 02:30") from None


def with_published_file(settings: Settings, options: Sequence[str]) -> tuple[str, ...]:
    """The options, with a published file in the service's own folder unless the operator has named one."""
    is_named = settings.db != Settings.model_fields["db"].default
    return tuple(options) if is_named else (*options, "--db", str(STATE_FOLDER / "traffic.duckdb"))
