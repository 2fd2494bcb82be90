"""Finds the settings file, and says where each setting comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE_NAME: Final = "footfall.toml"
SYSTEM_FOLDER: Final = Path("/etc")
FLAG: Final = "command line"
DEFAULT: Final = "default"


@dataclass(frozen=True)
class TracedSetting:
    """A setting under its name in the file, and its value there, None if it is not set.

    Its origin is FLAG, the path of the file, or DEFAULT.
    """

    name: str
    value: Any
    origin: str


def list_places() -> Iterator[Path]:
    """Yield where a settings file is looked for, if none is given: the first one that is there counts, alone.

    The user's folder is as in the XDG Base Directory Specification, which has relative paths ignored.
    """
    yield Path(FILE_NAME)
    own = Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser()
    if own.is_absolute():
        yield own / FILE_NAME
    yield SYSTEM_FOLDER / FILE_NAME


def find_config(given: Path | None) -> Path | None:
    """Return the settings file that was given, else the first one that is there, if any."""
    return given or next((place for place in list_places() if os.path.isfile(place)), None)


def trace_settings(config: Path | None, flags: Mapping[str, Any]) -> list[TracedSetting]:
    """Return each setting of a run with these flags and this settings file, checked as by a run. Raises UsageError."""
    from footfall.pipelines.settings import DAY_OPTIONS, OPTIONS, load_settings, read_config

    settings = load_settings(config, dict(flags)).model_dump(mode="json", by_alias=True)
    in_file = read_config(config) if config is not None else {}
    if not flags.keys().isdisjoint(DAY_OPTIONS):
        in_file = {name: value for name, value in in_file.items() if name not in DAY_OPTIONS}
    given = in_file | dict(flags)
    return [
        TracedSetting(
            name.replace("_", "-"),
            # A format is shown as it was given, not as the run joins several.
            settings[name] if name in settings and not (name == "log_format" and name in given) else given.get(name),
            FLAG if name in flags else str(config) if name in in_file else DEFAULT,
        )
        for name in OPTIONS
    ]
