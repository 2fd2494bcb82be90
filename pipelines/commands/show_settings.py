"""The command `footfall settings`: the settings of a run, and where each comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import click

from footfall.pipelines.find_settings import find_config, list_places, trace_settings
from footfall.pipelines.log_options import given_flags

_OF_THE_OUTPUT: Final = ("as_json", "log_json", "quiet")


def make_settings(nightly: click.Command) -> click.Command:
    """Return the command, with all options of `nightly`."""
    taken = [one for one in nightly.params if isinstance(one, click.Option) and one.name not in _OF_THE_OUTPUT]
    as_json = click.Option(["--json", "as_json"], is_flag=True, help="Print as JSON.")
    logs = click.Argument(["logs"], nargs=-1, metavar="LOG...")
    return click.Command("settings", callback=settings, params=[logs, *taken, as_json], help=settings.__doc__)


def settings(config: Path | None, as_json: bool, **flags: Any) -> None:
    """Show the settings of a run, each with its origin: the command line, the settings file, or the default.

    Give it the arguments of the run, and call it from the same folder as the same user. The output is a settings file.
    Only one settings file is read: that of --config, else the first that exists of footfall.toml in the working
    directory, in $XDG_CONFIG_HOME (~/.config), and in /etc.
    """
    found = find_config(config)
    traced = trace_settings(found, given_flags(**flags))
    if as_json:
        searched = [str(place) for place in ([config] if config else list_places())]
        record = {
            "config": str(found) if found else None,
            "searched": searched,
            "settings": {one.name: {"value": one.value, "origin": one.origin} for one in traced},
        }
        click.echo(json.dumps(record, indent=2, default=str, ensure_ascii=False))
        return
    click.echo(f"# settings file: {found or 'none'}")
    for one in traced:
        if one.value is None:
            click.echo(f"# {one.name} is not set")
        else:
            click.echo(f"{one.name} = {as_toml(one.value)}  # {one.origin}")


def as_toml(value: Any) -> str:
    """Return a value as TOML on one line, tables inline. A string of JSON is one of TOML, once DEL is escaped."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{as_toml(key)} = {as_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, date):
        return value.isoformat()
    text = json.dumps(value if isinstance(value, bool | int) else str(value), ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")
