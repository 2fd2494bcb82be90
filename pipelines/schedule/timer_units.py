"""Fills in the units of systemd: services that run the nights in a sandbox, and timers that start them.

Sources: systemd.service(5), systemd.exec(5), systemd.timer(5), sysusers.d(5).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

STATE_FOLDER: Final = Path("/var/lib/footfall")
USER: Final = "footfall"
ON_FAILURE: Final = "footfall-failed@%n.service"
"""The unit that systemd starts when a night has failed."""
_UNITS: Final = "etc/systemd/system"
_NO_NETWORK: Final = "PrivateNetwork=yes\nIPAddressDeny=any\nRestrictAddressFamilies=AF_UNIX"
_NETWORK: Final = "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"


@dataclass(frozen=True)
class Schedule:
    """What the units depend on.

    `program` is the command as it is started, with what stands before its options; `options` are those of `footfall
    nightly` for all nights; `groups` may read the logs; `write_folders` are those to write to beside the own one.
    """

    program: Sequence[str]
    options: Sequence[str]
    at: time
    timezone: str
    """The zone of days, and of `at`."""
    groups: Sequence[str] = ()
    write_folders: Sequence[Path] = ()
    needs_network: bool = False
    on_failure: str = ON_FAILURE


@dataclass(frozen=True)
class _Night:
    name: str
    description: str
    options: tuple[str, ...]
    days: str
    """The days in a calendar event of systemd."""
    delay_hours: int = 0
    after: str = ""


_NIGHTS: Final = (
    _Night(
        "footfall",
        "Publish yesterday's figures from web logs",
        ("--date", "yesterday", "--complete-days", "--strict", "--quiet"),
        "*-*-*",
    ),
    _Night(
        "footfall-weekly",
        "Publish the days that nights have missed",
        ("--complete-days", "--quiet"),
        "Tue",
        delay_hours=3,
        # If the machine slept through both, they would start at the same time, and one would find the other's lock.
        after="After=footfall.service\n",
    ),
)
TIMERS: Final = tuple(f"{night.name}.timer" for night in _NIGHTS)


def fill_in_units(schedule: Schedule) -> Iterator[tuple[str, str]]:
    """Yield path (relative to `/`) and text of each file."""
    network = _NETWORK if schedule.needs_network else _NO_NETWORK
    folders = "".join(f"ReadWritePaths={_quote(str(folder))}\n" for folder in schedule.write_folders)
    for night in _NIGHTS:
        at = schedule.at.replace(hour=(schedule.at.hour + night.delay_hours) % 24)
        command = " ".join(
            [*map(_quote, schedule.program), "nightly", *map(_quote, schedule.options), *night.options],
        )
        yield (
            f"{_UNITS}/{night.name}.service",
            _template("footfall.service").substitute(
                description=night.description,
                command=command,
                user=USER,
                on_failure=schedule.on_failure,
                after=night.after,
                extra_folders=folders,
                network=network,
            ),
        )
        yield (
            f"{_UNITS}/{night.name}.timer",
            _template("footfall.timer").substitute(
                description=night.description,
                calendar=f"{night.days} {at:%H:%M} {schedule.timezone}",
            ),
        )
    yield f"{_UNITS}/footfall-failed@.service", _template("footfall-failed@.service").template
    members = "".join(f"m {USER} {group}\n" for group in schedule.groups)
    yield "etc/sysusers.d/footfall.conf", f'u {USER} - "Web-log analytics" {STATE_FOLDER}\n{members}'


def _template(name: str) -> Template:
    return Template((files("footfall.pipelines.schedule") / "units" / name).read_text("utf-8"))


def _quote(word: str) -> str:
    """A word of a command line as systemd reads it: no specifier (%), no variable ($), one word."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    is_plain = word and all(character.isalnum() or character in "-_./:=,+@%" for character in word)
    return escaped if is_plain else f'"{escaped}"'
